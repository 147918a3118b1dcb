"""What a table of rows speaks for: its sites, their first and last day, and rows by month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from allteach.intake.checks import SITE, Checked
from allteach.intake.contract import TableDictionary
from allteach.units import Grain, Period


def site_column(dictionary: TableDictionary) -> str:
    """Return the column that holds the site's code in stored rows."""
    return dictionary.site.name if dictionary.site else SITE


def quoted(name: str) -> str:
    """Return a column name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def summary(rows: pa.Table, dictionary: TableDictionary) -> dict[str, dict[str, Any]]:
    """Return site code -> first and last day, oldest and newest row, rows and rows by month.

    First and last are those of whole periods: a file with one day of March speaks for March when months are counted.

    Args:
        rows: Stored rows.
        dictionary: Their dictionary; it has a column that says when.
    """
    assert dictionary.time is not None
    site, day = quoted(site_column(dictionary)), quoted(dictionary.time.name)
    with duckdb.connect(":memory:") as db:
        db.register("given", rows)
        found = db.execute(
            f"SELECT {site}, strftime(date_trunc('month', {day}), '%Y-%m') AS month, count(*), min({day}), max({day})"
            " FROM given GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
    grain = Grain(dictionary.grain)
    out: dict[str, dict[str, Any]] = {}
    for code, month, count, first, last in found:
        start = Period.of(first, grain).start.isoformat()
        end = Period.of(last, grain).end.isoformat()
        said = out.setdefault(
            code,
            {
                "first": start,
                "last": end,
                "oldest": first.isoformat(),
                "newest": last.isoformat(),
                "rows": 0,
                "months": {},
            },
        )
        said["first"], said["last"] = min(said["first"], start), max(said["last"], end)
        said["oldest"], said["newest"] = min(said["oldest"], first.isoformat()), max(said["newest"], last.isoformat())
        said["rows"] += count
        said["months"][month] = count
    return out


def held_days(checked: Checked, matched: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return site code -> day -> rows in quarantine, as far as the rows say where they belong."""
    out: dict[str, dict[str, int]] = {}
    for held in checked.held_by:
        code = matched.get(held.site, "")
        if code and held.day is not None:
            days = out.setdefault(code, {})
            days[held.day.isoformat()] = days.get(held.day.isoformat(), 0) + held.rows
    return out


def broken_rows(checked: Checked, matched: Mapping[str, str]) -> list[list[Any]]:
    """Return code, column, site code, month and rows of what was broken, as far as the rows say where they belong."""
    sums: dict[tuple[str, str, str, str], int] = {}
    for broken in checked.broken_by:
        if code := matched.get(broken.site, ""):
            key = (broken.code, broken.column, code, broken.month)
            sums[key] = sums.get(key, 0) + broken.rows
    return [[*key, rows] for key, rows in sorted(sums.items())]
