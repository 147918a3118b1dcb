"""A newcomer loads a spreadsheet, names its columns, and has honest charts, a funnel and a slide."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pptx import Presentation

from tests.browser import Open

pytestmark = pytest.mark.e2e
SITES = ("Ash House", "Beech Lodge", "Cherry Court", "Damson Hall", "Elder Place", "Fir Grove")


def falls(path: Path) -> Path:
    """Write 24 months of falls at six care homes; one of them has twice as many."""
    draw, lines = random.Random(4), ["Care home;Month;Falls;Resident days"]
    for site in SITES:
        for at in range(24):
            days = draw.randint(900, 1500)
            rate = 0.014 if site == "Damson Hall" else 0.007
            count = sum(draw.random() < rate for _ in range(days))
            lines.append(f"{site};{2024 + at // 12}-{at % 12 + 1:02};{count};{days}")
    path.write_text("\n".join([*lines, "Ash House;2025-13;4;1000", ""]), encoding="utf-8")
    return path


def start(page: Page, name: str, file: Path) -> None:
    """Open a network from a file, up to the page on which its columns are named."""
    page.goto("/start/")
    page.get_by_label("Name of the network").fill(name)
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Name your columns")


def accept(page: Page) -> None:
    """Check the file as named, add its sites, accept it."""
    box = page.locator("#add-sites")
    if box.count():
        box.check()
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url(re.compile(r"/data/files/\d+/(progress/)?$"))
    button = page.get_by_role("button", name=re.compile("^Accept"))
    expect(button.first).to_be_visible(timeout=60_000)
    button.first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("rows are in|row is in"), timeout=60_000)


def test_from_spreadsheet_to_slide(visit: Open, tmp_path: Path) -> None:
    page = visit("ada", "/")
    start(page, "Falls in six homes", falls(tmp_path / "falls.csv"))
    page.locator("select.role").first.select_option("site")
    expect(page.locator("ul.sites-new li")).to_have_count(len(SITES))
    chosen = page.locator("select.role").evaluate_all("all => all.map(s => s.value)")
    assert chosen == ["site", "period", "numerator", "denominator"]
    page.locator("#add-sites").check()
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("main")).to_contain_text("held")
    expect(page.locator("main")).to_contain_text("Month")
    page.get_by_role("button", name=re.compile("^Accept")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("144 rows are in")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Results").click()
    page.locator("main table.lines a").first.click()
    expect(page.locator("figure svg:visible").first).to_be_visible()
    assert page.locator("ul.smalls > li").count() == len(SITES)

    page.get_by_role("link", name="Sites compared").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Damson Hall")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="To slide", exact=True).click()
    slide = Presentation(io.BytesIO(Path(waiting.value.path()).read_bytes())).slides[0]
    assert any("Damson Hall" in shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


@pytest.mark.parametrize(
    ("file", "sites"), [("qicharts2_hospital_infections.csv", 6), ("nhsr_ae_attendances.csv", 274)]
)
def test_real_files_become_networks(visit: Open, shared_data: Callable[[str], Path], file: str, sites: int) -> None:
    page = visit("ada", "/")
    start(page, f"Real file {file[:8]}", shared_data(file))
    accept(page)
    network = page.url.split("/data/")[0]
    page.goto(f"{network}/results/")
    assert page.locator("main table.lines tbody tr").count() >= 1
    page.goto(f"{network}/sites/")
    expect(page.locator("main")).to_contain_text(str(sites))
