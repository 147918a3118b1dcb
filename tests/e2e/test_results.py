"""Results in a real browser: on a phone, without JavaScript, and as files."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import Open

pytestmark = pytest.mark.e2e
N = "/n/little-hearts/results/"
M = N + "m/chest-tube-hours/"
PAGES = (
    N,
    N + "signals/",
    N + "phases/",
    N + "build/",
    M,
    M + "all/",
    M + "all/table/",
    M + "all/method/",
    M + "compare/",
    M + "compare/estimates/",
    M + "compare/variance/",
    M + "compare/bright/",
)


def test_no_page_scrolls_sideways_on_a_phone(visit: Open) -> None:
    page = visit("ada", N, phone=True)
    for address in PAGES:
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, address


def test_a_new_average_is_decided_without_javascript(visit: Open) -> None:
    page = visit("ada", N + "phases/", script=False)
    page.get_by_role("link", name=re.compile("^Review")).first.click()
    expect(page.get_by_role("heading", name="With the new average")).to_be_visible()
    page.get_by_label("Keep the old average").check()
    page.get_by_label(re.compile("Your reason")).fill("The cause is not known yet.")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("The cause is not known yet.").first).to_be_visible()


def test_a_note_is_pinned_on_a_phone(visit: Open) -> None:
    page = visit("ada", N + "m/unplanned-extubations/s/northquay/", phone=True)
    page.get_by_text("Mark something that happened").click()
    page.get_by_label("Day").fill("2026-03-04")
    page.get_by_label(re.compile("What happened")).fill("Tape changed back")
    page.get_by_role("button", name="Put it on the chart").click()
    expect(page.locator("ol.flags")).to_contain_text("Tape changed back")


def test_a_slide_is_one_click_away(visit: Open) -> None:
    page = visit("ada", M + "all/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="To slide").click()
    assert waiting.value.suggested_filename == "little-hearts-chest-tube-hours-all-sites.pptx"


def test_each_small_chart_leads_to_its_large_one(visit: Open) -> None:
    page = visit("ben", M)
    first = page.locator(".smalls a").first
    name = first.locator("b").inner_text()
    first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
