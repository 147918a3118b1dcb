"""Every page: strict security policy, nothing inline, nothing from elsewhere, queries that do not grow."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from allteach.web.sites.models import Network, Site
from tests.contract.addresses import addresses, filled, walk

pytest_plugins = ["tests.contract.world"]
pytestmark = pytest.mark.django_db
KEPT = Path(__file__).with_name("query_counts.json")
INLINE = {
    "script inside the page": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", re.I),
    "style sheet inside the page": re.compile(r"<style\b", re.I),
    "style on an element": re.compile(r"<[^>]+\sstyle\s*=", re.I),
    "script on an element": re.compile(r"<[^>]+\son[a-z]+\s*=\s*[\"']", re.I),
    "address of a script": re.compile(r"(href|src|action)\s*=\s*[\"']?\s*javascript:", re.I),
    "something from elsewhere": re.compile(
        r"<(?:script|link|img|iframe|source|use|image)[^>]+(?:src|href)=[\"']?(?:https?:)?//", re.I
    ),
}


def pages(client: Client, world: Any) -> dict[str, str]:
    """Return address -> text of every page that opens for this client."""
    found = {}
    for address in addresses():
        path = filled(address, world)[0]
        answer = client.get(path)
        if answer.status_code == 200 and "text/html" in answer.get("Content-Type", ""):
            check_policy(answer, address.name)
            found[address.name] = answer.content.decode()
    return found


def check_policy(answer: Any, name: str) -> None:
    """Assert the strict security policy of one answer."""
    said = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if " " in part.strip()
    )
    assert said["default-src"] == "'none'", name
    assert said["script-src"] == said["style-src"] == said["font-src"] == said["form-action"] == "'self'", name
    assert said["frame-ancestors"] == said["base-uri"] == "'none'", name
    assert "unsafe" not in answer["Content-Security-Policy"], name
    assert answer["X-Content-Type-Options"] == "nosniff", name


def signed_in(person: Any) -> Client:
    """Return a client that this person has signed in with."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def inline(name: str, text: str) -> list[str]:
    """Return what a page holds that the security policy would drop, or that comes from elsewhere."""
    found = ((what, pattern.search(text)) for what, pattern in INLINE.items())
    return [f"{name}: {what}: {match.group(0)[:120]}" for what, match in found if match]


def shape(name: str, text: str) -> list[str]:
    """Return what a page lacks: title, one heading of the first rank, language, heads and captions of tables."""
    title = re.search(r"<title>\s*(.*?)\s*</title>", text, re.S)
    headings = len(re.findall(r"<h1\b", text))
    faults = {
        "no title": title is None or title.group(1).startswith("·"),
        f"{headings} headings of the first rank": headings != 1,
        "no language": not re.search(r'<html lang="[a-z-]+" dir="(ltr|rtl)"', text),
        "a head of a table without scope": re.search(r"<th(?![^>]*\bscope)[ >]", text),
        "a table without caption": text.count("<table") > text.count("<caption"),
    }
    return [f"{name}: {fault}" for fault, there in faults.items() if there]


def elsewhere(name: str, text: str) -> list[str]:
    """Return what a page tells of the other network."""
    return [f"{name}: {word}" for word in ("Lungs", "Fir Hospital") if word in text]


def test_every_page_of_the_lead_is_strict_and_well_formed(people: Any, world: Any) -> None:
    found = pages(signed_in(people.ada), world)
    assert len(found) > 40
    wrong = [w for name, text in found.items() for w in inline(name, text) + shape(name, text) + elsewhere(name, text)]
    assert wrong == []


def test_every_page_of_a_site_lead_stays_in_the_network(people: Any, world: Any) -> None:
    found = pages(signed_in(people.ben), world)
    assert [w for name, text in found.items() for w in inline(name, text) + elsewhere(name, text)] == []


def test_the_pages_of_strangers_are_strict_too(client: Client) -> None:
    for path in ("/accounts/login/", "/help/", "/nothing/here/", "/accounts/password/reset/"):
        check_policy(client.get(path), path)


def test_pages_of_signing_in_are_in_our_hand(people: Any, client: Client) -> None:
    """Every page of allauth that needs no argument: ours to look at, nothing inline, never broken."""
    inside = signed_in(people.ada)
    seen = 0
    for address in walk(get_resolver(), (), ""):
        if address.name.startswith(("account_", "mfa_", "socialaccount_")) and not address.parts:
            for asks in (inside, client):
                answer = asks.get(reverse(address.name), follow=True)
                assert answer.status_code < 500, address.name
                if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
                    seen += 1
                    text = answer.content.decode()
                    assert 'class="brand"' in text, address.name
                    assert inline(address.name, text) == []
    assert seen > 15


def counted(client: Client, world: Any, *, warm: bool = False) -> dict[str, int]:
    """Return address -> number of queries, for pages of a network; what is read once per process is not counted."""
    found = {}
    for address in addresses():
        path = filled(address, world)[0]
        if not path.startswith("/n/") and not path.startswith("/api/n/"):
            continue
        if warm:
            client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            answer = client.get(path)
        if answer.status_code == 200:
            found[address.name] = len(seen)
    return found


def grow(network: Network) -> None:
    """Give the network nine more sites with the results of the first."""
    from allteach.web.measuring.models import Observation
    from allteach.web.variation.models import Standing

    first = Site.objects.filter(network=network).order_by("pk").first()
    for n in range(9):
        site = Site.objects.create(network=network, code=f"more{n}", name=f"More {n}", letter=f"Z{n}")
        for model in (Observation, Standing):
            copies = list(model.objects.filter(site=first))
            for copy in copies:
                copy.pk, copy.site = None, site
            model.objects.bulk_create(copies)


def test_query_counts_are_frozen_and_do_not_grow_with_sites(people: Any, world: Any, network: Network) -> None:
    """After a wanted change: ``ALLTEACH_WRITE=1 pytest tests/contract/test_pages.py -k query``."""
    client = signed_in(people.ada)
    few = counted(client, world, warm=True)
    grow(network)
    many = counted(client, world)
    grown = {name: (few[name], many[name]) for name in few if many.get(name, 0) > few[name]}
    assert grown == {}, "queries grow with the number of sites"
    if os.environ.get("ALLTEACH_WRITE"):
        KEPT.write_text(json.dumps(few, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    more = {name: (kept.get(name), n) for name, n in few.items() if n > kept.get(name, 0)}
    assert more == {}, "more queries than are kept"


# Lists and what they are about: each must greet an empty network with what will appear and the one next step.
LISTS = (
    "home:home", "submissions:index", "submissions:files", "submissions:tables", "measuring:list", "variation:index",
    "variation:signals", "variation:phases", "ideas:index", "projects:index", "trials:index", "sites:sites",
)  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_place_says_what_will_appear(name: str, people: Any, network: Network) -> None:
    Site.objects.filter(network=network).exclude(memberships__isnull=False).delete()
    if name == "sites:sites":
        from allteach.web.people.models import Membership

        Membership.objects.filter(site__isnull=False).delete()
        Site.objects.all().delete()
    text = signed_in(people.ada).get(reverse(name, kwargs={"network": "hearts"})).content.decode()
    assert 'class="empty' in text or 'class="tiles steps"' in text, "no empty state"


def test_blinded_names_are_in_no_byte(people: Any, world: Any) -> None:
    """Eve reads results without names: no page of Results holds another site's code or name."""
    from tests.contract.addresses import filled as paths_of

    client = signed_in(people.eve)
    for address in addresses():
        if address.name.startswith(("variation:", "api:results", "api:network_series", "api:site_series", "home:")):
            for path in paths_of(address, world):
                text = client.get(path).content.decode(errors="ignore")
                asked = {word for word in ("alder", "birch", "cedar") if f"/{word}/" in path}
                for word in {"alder", "birch", "cedar"} - asked:
                    assert word not in text.lower(), f"{path} names {word}"
