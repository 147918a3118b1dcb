"""The framework by clicking: from a bright spot to sustained practice, and a test of change on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Open

pytestmark = pytest.mark.e2e
N = "/n/little-hearts/"


def _read(page: Page, words: str) -> None:
    expect(page.locator("main")).to_contain_text(words)


def test_from_a_model_centre_to_sustained_practice(visit: Open) -> None:
    page = visit("dee", N + "ideas/")
    page.get_by_role("link", name="Do as Larkmead does with chest tubes").click()
    _read(page, "A difference between sites in our data")
    page.get_by_role("link", name="Project 1: Chest tubes out in time").click()
    expect(page.locator("[aria-current=step]")).to_have_text("Sustain")
    _read(page, "From idea")
    cohorts = page.locator(".split .stack").nth(1)
    pioneers = cohorts.locator("ul", has_text="Larkmead").locator("li")
    spread = cohorts.locator("ul", has_text="Cedar Sound").locator("li")
    assert (pioneers.count(), spread.count()) == (9, 8)
    measures = page.locator("table:has(#measures-caption)")
    expect(measures).to_contain_text("Pioneer: ")
    expect(measures).to_contain_text("Spread: ")
    page.get_by_role("link", name="A card with the criteria at one bed").click()
    _read(page, "How sure, along the ramp")
    _read(page, "60 %")
    page.go_back()
    for gate, sentence in (
        ("Network approval", "nobody is harmed where tubes go early"),
        ("Ready to test", "Nine sites have signed"),
        ("Evaluation", "reliably and without harm"),
        ("Start to sustain", "Both cohorts hold what they gained"),
    ):
        page.get_by_role("link", name=gate, exact=True).click()
        _read(page, sentence)
        page.go_back()
    page.get_by_role("link", name="Evaluation", exact=True).click()
    _read(page, "What the rule proposes")
    _read(page, "C: before and after, with a stable baseline")
    page.go_back()
    page.get_by_role("link", name="Chest tube duration").first.click()
    _read(page, "Improving")


def test_a_test_of_change_is_planned_started_and_finished_on_a_phone(visit: Open) -> None:
    """Three fields to start, two to finish; everything else has a sensible beginning."""
    page = visit("hal", N, phone=True)
    taps = fields = 0

    def tap(name: str, role: str = "button") -> None:
        nonlocal taps
        page.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]
        taps += 1

    def write(label: str, words: str) -> None:
        nonlocal fields
        page.get_by_label(label).fill(words)
        fields += 1

    tap("Log a test of a change", "link")
    write("What will you try?", "Ask about the tube at the evening round")
    write("What do you want to find out?", "Does anyone have time?")
    write("What do you think will happen?", "Asked on four evenings of five")
    tap("Keep it and start now")
    _read(page, "Locked when the test started")
    write("What happened?", "Asked on three of five.")
    write("How does that compare with your prediction?", "One fewer.")
    expect(page.get_by_label("What surprised you?")).to_be_visible()
    tap("Keep what happened")
    page.get_by_label("Adapt").check()
    taps += 1
    tap("Close the test")
    expect(page.locator("main")).to_contain_text("Adapt.")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert (taps, fields) == (5, 5)
