"""A newcomer opens the page, signs in as somebody, sees the state of the network, and what stands out and why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import Open

pytestmark = pytest.mark.e2e
CHART = "/n/little-hearts/results/m/unplanned-extubations/s/northquay/"


def test_newcomer_finds_what_stands_out_and_why(visit: Open) -> None:
    page = visit("", "/")
    expect(page.get_by_text("Demonstration", exact=False).first).to_be_visible()
    page.get_by_role("button", name=re.compile("Ada Okafor")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chest tube duration is down")
    expect(page.locator(".demo-banner")).to_be_visible()

    first = page.get_by_role("link", name=re.compile("Unplanned extubation rate")).first
    expect(page.get_by_text("Worse since Jan 2026").first).to_be_visible()
    first.click()
    page.wait_for_load_state()
    assert page.url.endswith(CHART)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Northquay")
    expect(heading).to_contain_text("since Jan 2026, which is worse")
    expect(page.locator("ol.flags:visible")).to_contain_text("New tape for fixing breathing tubes")

    page.get_by_role("link", name="Table", exact=True).click()
    table = page.get_by_role("table").first
    expect(table.locator("caption")).to_have_count(1)
    expect(table).to_contain_text("Jan 2026")
    page.get_by_role("link", name=re.compile("Sources")).click()
    expect(page.locator("main")).to_contain_text("Eight in a row")


def test_cohorts_are_shown_apart(visit: Open) -> None:
    page = visit("ada", "/n/little-hearts/results/m/chest-tube-hours/")
    expect(page.get_by_role("heading", name=re.compile("Pioneer")).first).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Spread")).first).to_be_visible()


def test_every_role_has_a_home(visit: Open) -> None:
    for person in ("ada", "ben", "chi", "dee", "eve", "fay", "gus", "hal"):
        page = visit(person, "/")
        expect(page.get_by_role("heading", level=1)).not_to_be_empty()
        menu = page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts()
        assert menu == [w for w in ("Data", "Results", "Projects", "Tests", "Practices", "Network") if w in menu]
        assert {"Data", "Results", "Network"} <= set(menu)


def test_reads_without_scripts(visit: Open) -> None:
    """Everything that reads or submits works without JavaScript: signing in, the matrix, a chart and its table."""
    page = visit("ada", "/n/little-hearts/results/", script=False)
    assert page.locator("main a[href*='/s/']").count() > 50
    page.goto(CHART)
    assert page.locator("main figure svg").count() >= 1
    page.goto(CHART + "table/")
    assert page.locator("main table tbody tr").count() >= 40


def test_chart_is_read_by_keyboard(visit: Open) -> None:
    page = visit("ada", CHART)
    chart = page.locator("figure svg[tabindex='0']").first
    chart.focus()
    said = page.locator(".chart-say").first
    expect(said).not_to_be_empty()
    page.keyboard.press("End")
    expect(said).to_contain_text("Oct 2026")
    last = said.inner_text()
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("Sep 2026")
    assert said.inner_text() != last
    page.keyboard.press("Escape")
    assert not chart.evaluate("chart => chart === document.activeElement")


def test_tab_reaches_the_content_first(visit: Open) -> None:
    page = visit("ada", "/n/little-hearts/results/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_phone_shows_the_same_finding(visit: Open) -> None:
    page = visit("ben", CHART, phone=True)
    expect(page.get_by_role("heading", level=1)).to_contain_text("which is worse")
    small = page.evaluate(
        """() => [...document.querySelectorAll('main button, main .actions a, nav a')]
            .map(e => [e.innerText, e.getBoundingClientRect()])
            .filter(([t, r]) => r.width && (r.height < 24 || r.width < 24)).map(([t]) => t)"""
    )
    assert small == []
