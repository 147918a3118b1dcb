"""The frame of every page in a real browser: keyboard, small screens, paper, no JavaScript, right to left."""

from __future__ import annotations

import re

import pytest

from tests.browser import Open, Server

pytestmark = pytest.mark.e2e
N = "/n/little-hearts/"


def sideways(page: object) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")  # type: ignore[attr-defined]


def test_a_chart_is_read_by_keyboard(visit: Open) -> None:
    page = visit("ada", N + "results/")
    page.goto(page.eval_on_selector("table.lines a", "a => a.href") + "all/")
    chart = page.locator("svg[tabindex='0']:visible").first
    chart.focus()
    say = page.locator(".chart-say:visible").first
    assert "Arrow keys" in say.inner_text()
    page.keyboard.press("ArrowRight")
    first = say.inner_text()
    page.keyboard.press("ArrowRight")
    assert re.search(r"20\d\d: ", first)
    assert say.inner_text() != first
    page.keyboard.press("Home")
    assert say.inner_text() == first
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_the_first_tab_leads_to_the_content(visit: Open) -> None:
    page = visit("ada", N)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(N)
    page.locator(".menu a").first.focus()
    page.keyboard.press("Tab")
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert width == "3px"


def test_the_menu_has_its_words_in_order(visit: Open) -> None:
    page = visit("ada", N)
    words = page.locator(".menu a").all_inner_texts()
    order = ["Data", "Results", "Projects", "Tests", "Practices", "Network"]
    assert words == [word for word in order if word in words]
    assert {"Data", "Results", "Network"} <= set(words)
    page.goto(N + "results/")
    assert page.locator(".menu a[aria-current]").all_inner_texts() == ["Results"]


@pytest.mark.parametrize("path", ["", "results/", "data/", "people/", "sites/", "network/settings/"])
def test_narrow_and_enlarged_pages_do_not_scroll_sideways(visit: Open, path: str) -> None:
    page = visit("ada", N + path)
    for width in (320, 390, 700):  # 320 px is also what 1280 px leaves at 400 % zoom
        page.set_viewport_size({"width": width, "height": 640})
        assert sideways(page) <= 1, width


def test_targets_are_large_enough(visit: Open) -> None:
    page = visit("ada", N + "people/")
    small = page.eval_on_selector_all(
        "button, .menu a, .button, summary, input, select",
        """all => all.filter(e => e.offsetParent && e.type !== 'hidden').filter(e => {
            const box = e.getBoundingClientRect(); return box.height < 24 || box.width < 24;
        }).map(e => e.outerHTML.slice(0, 90))""",
    )
    assert small == []


def test_reading_and_sending_work_without_javascript(visit: Open) -> None:
    page = visit("ben", N, script=False)
    assert page.locator("h1").inner_text()
    page.goto(N + "results/")
    page.locator("table.lines a").first.click()
    assert page.locator("svg").count() > 1
    page.goto("/profile/")
    page.fill("input[name=display_name]", "Ben Silva")
    page.click("form.card button")
    assert "Your profile is stored" in page.inner_text("main")


def test_paper_has_no_menus_and_says_when(visit: Open) -> None:
    page = visit("eve", N)
    page.emulate_media(media="print")
    assert not page.locator(".head").is_visible()
    assert "Printed" in page.inner_text("main")
    assert page.locator(".demo-banner").is_visible()
    assert "shown as letters" in page.inner_text("main")


def test_right_to_left(visit: Open) -> None:
    page = visit("ada", N)
    page.evaluate("document.documentElement.dir = 'rtl'")
    brand = page.locator(".brand").bounding_box()
    who = page.locator(".who").bounding_box()
    assert brand is not None
    assert who is not None
    assert brand["x"] > who["x"]
    assert sideways(page) <= 1


def test_every_page_of_the_demonstration_says_so(visit: Open) -> None:
    for path in ("", "results/", "data/", "network/", "people/"):
        page = visit("eve", N + path)
        assert "All people, sites and numbers are made up" in page.inner_text("body")


def test_refused_says_whom_to_ask(visit: Open) -> None:
    page = visit("eve", N + "network/settings/")
    assert "Ask Ada Okafor" in page.inner_text("main")
    page.goto(N + "nothing/here/")
    assert "nothing at this address" in page.inner_text("main")


def test_signing_in_with_one_click(visit: Open, server: Server) -> None:
    page = visit("", "/")
    page.locator("button.person", has_text="Dee").click()
    assert page.url.endswith(N)
    page.locator(".who summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/accounts/login/"))
