"""The same newcomer loads a spreadsheet of several sites and months, names its columns and has charts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Open

pytestmark = pytest.mark.e2e

MONTHS = [f"{year}-{month:02}-01" for year in (2023, 2024) for month in range(1, 13)]
ROWS = [
    f"{unit};{month};{2 + (7 * at + 3 * unit_at) % 5};{30 * (9 + unit_at)}"
    for unit_at, unit in enumerate(("North Ward", "South Ward", "Østerbro"))
    for at, month in enumerate(MONTHS)
]
# separated by semicolons, in Windows' encoding, with a month that does not exist: as files come
SHEET = ("unit;month;falls;bed_days\n" + "\n".join(ROWS) + "\nNorth Ward;2024-13-01;1;270\n").encode("cp1252")


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    file = tmp_path / "falls.csv"
    file.write_bytes(SHEET)
    return file


def from_file_to_results(page: Page, sheet: Path, name: str) -> None:
    """Start a network from the file, name its columns, accept it, and open the results."""
    page.get_by_label("Name of the network").fill(name)
    page.get_by_label("File", exact=True).set_input_files(sheet)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Name your columns")
    expect(page.locator("main")).to_contain_text("separated by semicolons")
    assert page.get_by_label("Use of unit").input_value() == "site"
    assert page.get_by_label("Use of bed_days").input_value() == "denominator"
    expect(page.locator("main")).to_contain_text("Østerbro")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("held back")
    finding = page.locator(".finding").filter(has_text="Row")
    expect(finding.first).to_be_visible()
    expect(page.get_by_role("table", name="Measures before and after")).to_contain_text("begins with this file")
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("rows are in")
    page.get_by_role("link", name="Data", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Data to Dec 2024")


def test_own_data_from_spreadsheet_to_charts(visit: Open, sheet: Path) -> None:
    page = visit("ada", "/start/")
    from_file_to_results(page, sheet, "Falls in three wards")
    page.get_by_role("link", name="Results", exact=True).click()
    expect(page.locator("main")).to_contain_text(re.compile("falls", re.IGNORECASE))


def test_a_changed_column_brings_new_measures_without_a_reload(visit: Open, sheet: Path) -> None:
    page = visit("ada", "/start/")
    page.get_by_label("Name of the network").fill("Falls, once more")
    page.get_by_label("File", exact=True).set_input_files(sheet)
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("fieldset.measure")).to_have_count(1)
    expect(page.locator("fieldset.measure")).to_contain_text("at risk")
    page.wait_for_load_state()  # a change before the page listens would be lost
    page.get_by_label("Use of bed_days").select_option("other")
    expect(page.locator("fieldset.measure")).to_contain_text("no column says out of how many")
    assert page.url.endswith("/columns/")


def test_own_data_without_scripts_on_a_phone(visit: Open, sheet: Path) -> None:
    page = visit("ada", "/start/", phone=True, script=False)
    from_file_to_results(page, sheet, "Falls on a phone")
