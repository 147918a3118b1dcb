"""Every kind of page of the demonstration answers within 300 ms of server time and weighs at most 100 KiB."""

from __future__ import annotations

import gzip
import re
import time
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from allteach.web.people.models import Person
from allteach.web.sites.models import Network
from tests.crawl import NEVER, kind_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demonstration")]
SECONDS, WEIGHT = 0.3, 100 * 1024


def spent(client: Client, path: str) -> tuple[float, bytes]:
    """Return the least processor time of three answers, which a busy machine does not change much, and the body."""
    least, body = float("inf"), b""
    for _ in range(3):
        began = time.process_time()
        body = client.get(path).content
        least = min(least, time.process_time() - began)
    return least, body


def test_every_kind_of_page(demonstration: Network) -> None:
    client = Client()
    client.force_login(Person.objects.get(username="ada"))
    waiting, kinds = [f"/n/{demonstration.slug}/"], {"n/<slug:network>/"}
    slow, heavy = {}, {}
    while waiting:
        path = waiting.pop(0)
        if "html" not in client.get(path).headers.get("Content-Type", ""):
            continue
        seconds, body = spent(client, path)
        weight = len(gzip.compress(body, 6))
        if seconds > SECONDS:
            slow[path] = round(seconds, 3)
        if weight > WEIGHT:
            heavy[path] = weight
        for href in re.findall(r'<a[^>]+href="([^"]+)"', body.decode()):
            target = urlsplit(urljoin(path, href.replace("&amp;", "&")))
            if target.netloc or NEVER.search(target.path) or (kind := kind_of(target.path)) in kinds:
                continue
            kinds.add(kind)
            waiting.append(target.path)
    assert len(kinds) > 30
    assert heavy == {}
    assert slow == {}
