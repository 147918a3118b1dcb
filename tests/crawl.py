"""Finds one page of every kind by following links, as a curious person would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Error, Page

NEVER = re.compile(r"/logout|/accounts/oidc|\.(csv|png|svg|pdf|pptx|xlsx|json|ndjson|yaml|zip)$|/download")
MOST = 400


def kind_of(path: str) -> str:
    """Return the address with its changing parts replaced, so that pages of one kind fall together."""
    from django.urls import Resolver404, resolve

    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return path
    return match.route


def crawl(page: Page, start: str = "/") -> Iterator[str]:
    """Yield one address of every kind of page that can be reached from `start`, after opening it.

    Links are followed once for each kind, breadth first, so that a network of many sites is not walked in full.
    """
    host = urlsplit(page.url).netloc
    waiting, kinds, opened = [start], {kind_of(start)}, 0
    while waiting and opened < MOST:
        path = waiting.pop(0)
        opened += 1
        try:
            response = page.goto(path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            continue
        if response is None or "text/html" not in response.headers.get("content-type", ""):
            continue
        yield path
        for href in page.eval_on_selector_all("a[href]", "links => links.map(a => a.getAttribute('href'))"):
            target = urlsplit(urljoin(page.url, href))
            if target.netloc != host or target.scheme != "http" or NEVER.search(target.path):
                continue
            kind = kind_of(target.path)
            if kind not in kinds:
                kinds.add(kind)
                waiting.append(target.path + (f"?{target.query}" if target.query else ""))
