"""Every kind of page, in several roles, on laptop and phone: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from collections import defaultdict

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import Open
from tests.crawl import crawl

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def faults(page: Page, axe: Axe) -> list[str]:
    """Return what axe says about the open page, and whether it scrolls sideways."""
    found = [
        f"{v['id']}: {v['help']} ({v['nodes'][0]['html'][:160]}; {len(v['nodes'])} places)"
        for v in axe.run(page, options=RULES).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 1:
        found.append(f"scrolls sideways by {wide} px")
    return found


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("person", "phone"), [("ada", False), ("ada", True), ("ben", True), ("eve", False), ("", False)]
)
def test_every_kind_of_page(visit: Open, person: str, phone: bool) -> None:
    page, axe = visit(person, "/", phone=phone), Axe()
    wrong: dict[str, list[str]] = defaultdict(list)
    seen = 0
    for path in crawl(page):
        seen += 1
        for fault in faults(page, axe):
            wrong[fault].append(path)
    assert seen >= (3 if not person else 10)
    assert not wrong, "\n".join(f"{fault}\n  on {len(on)} pages, such as {on[0]}" for fault, on in wrong.items())
