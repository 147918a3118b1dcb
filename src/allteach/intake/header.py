"""Finds the row that names the columns."""

from __future__ import annotations

import re
from collections import Counter

from allteach.errors import IntakeError
from allteach.intake.dates import STYLES, read_date
from allteach.intake.findings import Finding, Severity, about_file

KEPT = ("_row", "_site", "_text")  # columns that are added to stored rows
_NUMBER = re.compile(r"[-+]?[0-9][0-9., ]*")


def find_header(rows: list[list[str]]) -> int:
    """Return the position of the header among the first rows: the first that is as wide as the rows usually are.

    Raises:
        IntakeError: ``AT-I-005`` when that row looks like data.
    """
    widths = [sum(bool(cell.strip()) for cell in row) for row in rows]
    usual = Counter(width for width in widths if width).most_common(1)[0][0]
    at = next((i for i, width in enumerate(widths) if width >= max(1, usual / 2)), 0)
    cells = [cell.strip() for cell in rows[at] if cell.strip()]
    data = sum(looks_like_data(cell) for cell in cells)
    if 2 * data > len(cells):
        days = sum(_is_date(cell) for cell in cells)
        wide = days > 1 and not looks_like_data(cells[0])
        raise IntakeError(
            "AT-I-005",
            "The months stand side by side as columns."
            if wide
            else "The first row holds data, not the names of columns.",
            where=f"Row {at + 1}",
            expected="One row per site and month, with a column for the month."
            if wide
            else "The first row has to name the columns.",
            do="Turn the table so that months run downwards." if wide else "Add a row with a name for each column.",
        )
    return at


def looks_like_data(cell: str) -> bool:
    """Return whether a cell of the header is a number or a date rather than a name."""
    return bool(_NUMBER.fullmatch(cell)) or _is_date(cell)


def _is_date(cell: str) -> bool:
    return any(read_date(cell, style) for name, style in STYLES.items() if name != "YYYY")


def name_columns(cells: list[str]) -> tuple[list[str], list[Finding]]:
    """Return clean column names ("" where a column has none) and what is wrong with them.

    Raises:
        IntakeError: ``AT-I-009`` when two columns have the same name, or one has a name that checks keep.
    """
    names = [re.sub(r"\s+", " ", cell.replace("\ufeff", "").replace("\0", "")).strip() for cell in cells]
    counted = Counter(name.casefold() for name in names if name)
    if twice := sorted(name for name, count in counted.items() if count > 1):
        shown = next(name for name in names if name.casefold() == twice[0])
        raise IntakeError(
            "AT-I-009", f'Two columns are called "{shown}".', where="Header", do="Give each column a name of its own."
        )
    if kept := sorted(name for name in counted if name in KEPT):
        raise IntakeError(
            "AT-I-009",
            f'A column is called "{kept[0]}", a name that allteach keeps for itself.',
            where="Header",
            do="Give the column another name.",
        )
    return names, []


def skipped(rows: int) -> Finding:
    """Return the note that rows above the header were left out."""
    return about_file(
        "AT-I-013",
        Severity.WARN,
        f"{rows} row{'s' if rows > 1 else ''} above the header {'were' if rows > 1 else 'was'} left out.",
        "Nothing needs to be done if these are a title or notes.",
    )
