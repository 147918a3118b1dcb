"""A curious member of one site tries every page, export and address, and learns nothing that was not agreed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import APIResponse, Page

from allteach.simulate import cast
from tests.browser import Open
from tests.crawl import crawl

pytestmark = pytest.mark.e2e
OWN = "northquay"
NETWORK = "/n/little-hearts"
FORMS = ("svg", "csv", "txt", "pptx", "pptx?editable=1", "pdf", "png")
# Shown by name, because the members agreed: the one measure, the list of who takes part, and what people wrote there.
AGREED = re.compile(
    r"/results/build/$|/results/phases/$|/results/m/chest-tube-hours/|/results/$|/results/signals/|/sites/|/people/|/network|/projects|/ideas|/tests"
)


def names() -> list[str]:
    """Return what would give another site away, in words and in codes."""
    others = [s for s in cast.SITES if s.code != OWN]
    return [s.name for s in others] + [s.code for s in others]


def told(response: APIResponse) -> str:
    """Return every text inside a response, unpacked where it is packed."""
    body = response.body()
    if body[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(body))
        return " ".join(archive.read(n).decode("utf-8", "ignore") for n in archive.namelist())
    if body[:4] == b"%PDF":
        from pypdf import PdfReader

        reader = PdfReader(io.BytesIO(body))
        return " ".join([*(page.extract_text() for page in reader.pages), str(reader.metadata)])
    return body.decode("utf-8", "ignore")


def blinded_addresses(page: Page) -> Iterator[str]:
    """Yield every address on a blinded measure that its pages link to, with every form it can be had in."""
    start = f"{NETWORK}/results/m/line-infections/"
    seen, waiting = {start}, [start]
    while waiting:
        path = waiting.pop(0)
        yield path
        response = page.goto(path)
        if response is None or "html" not in response.headers.get("content-type", ""):
            continue
        for href in page.eval_on_selector_all("a[href]", "x => x.map(a => new URL(a.href).pathname)"):
            if href.startswith(start) and href not in seen and not re.search(r"\.\w+$", href):
                seen.add(href)
                waiting.append(href)


def test_blinded_measure_gives_no_site_away(visit: Open) -> None:
    page = visit("ben", "/")
    tried = 0
    for path in blinded_addresses(page):
        asked = [path]
        if re.search(r"/(all|s/[\w-]+)/$", path):
            asked += [f"{path}chart.{form}" for form in FORMS]
        if path.endswith("/m/line-infections/"):
            asked += [f"{NETWORK}/results/build/?measure=line-infections"]
            asked += [
                f"{NETWORK}/results/build/?measure=line-infections&site={code}" for code in ("larkmead", "marrowick")
            ]
        if path.endswith("/compare/"):
            asked += [f"{path}funnel.{form}" for form in FORMS]
        for address in asked:
            response = page.request.get(address)
            assert response.status < 500, address
            text = told(response)
            leaked = [name for name in names() if name in text and name not in address]  # a page may repeat its address
            assert leaked == [], address
            tried += 1
    assert tried > 60


def test_other_sites_addresses_are_closed(visit: Open) -> None:
    """A site's code does not open its blinded chart; the answer is the same as for a site that is not there."""
    page = visit("ben", "/")
    for form in ("", "table/", "method/", "chart.csv", "chart.svg", "chart.pptx"):
        real = page.request.get(f"{NETWORK}/results/m/line-infections/s/larkmead/{form}")
        unreal = page.request.get(f"{NETWORK}/results/m/line-infections/s/no-such-site/{form}")
        assert real.status == unreal.status
        assert real.status in (403, 404), form
        assert "Larkmead" not in told(real)


def test_rows_and_findings_of_other_sites_are_closed(visit: Open) -> None:
    page = visit("ben", "/")
    answers = {n: page.request.get(f"{NETWORK}/data/files/{n}/").status for n in range(1, 12)}
    seen = {n for n, status in answers.items() if status == 200}
    for number in seen:
        assert OWN in told(page.request.get(f"{NETWORK}/data/files/{number}/"))
    assert len(seen) <= 1


def test_stranger_learns_nothing_at_all(visit: Open) -> None:
    page = visit("zed", "/")
    assert "Little Hearts" not in page.content()
    for path in ("", "results/", "data/", "people/", "sites/", "projects/", "results/m/line-infections/all/chart.csv"):
        response = page.request.get(f"{NETWORK}/{path}")
        assert response.status in (403, 404), path
        text = told(response)
        assert not any(word in text for word in ("Little Hearts", "Northquay", "Ada", "Line infection")), path


def test_nobody_is_let_in_without_signing_in(visit: Open) -> None:
    page = visit("", "/")
    for path in (f"{NETWORK}/", f"{NETWORK}/results/", f"{NETWORK}/data/", "/profile/"):
        response = page.request.get(path, max_redirects=0)
        assert response.status in (302, 404), path


def test_every_page_that_ben_can_reach_is_agreed(visit: Open) -> None:
    """Pages outside the list of agreed ones name no other site."""
    page = visit("ben", "/")
    leaks = {}
    for path in crawl(page):
        if not AGREED.search(path) and (
            found := [s.name for s in cast.SITES if s.code != OWN and s.name in page.content()]
        ):
            leaks[path] = found
    assert sorted(leaks) == [], leaks
