"""Counts what is in the columns of a file: how many values, of which kind, how large."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from allteach.intake.dates import STYLES, read_date, recognise
from allteach.intake.raw import RawTable

MAX_CODES = 20
_MISSING = ("", "NA", "N/A", "NULL", "null", "#N/A", "nan", "NaN")
_FLAGS = ({"0", "1"}, {"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"})
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_COMMA = r"^[+-]?[0-9]+(,[0-9]+)?$"
_ENOUGH = 0.98
_SPACES = "[ \u00a0\u202f]"


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is in one column.

    Attributes:
        name: The column.
        distinct: Different values, missing ones aside.
        missing: Empty cells.
        unique: Every row has a value of its own.
        repeats: Values come back, at least three times each on average.
        values: The different values where there are at most 20, sorted.
        is_date, is_period, is_integer, is_number, is_decimal, is_flag: What nearly all values are.
        grain: For periods, ``day``, ``week``, ``month``, ``quarter`` or ``year``.
        style: Date style; empty when in doubt.
        twins: Two date styles that cannot be told apart here.
        decimal: Decimal sign.
        thousands: Sign between thousands, where there is no doubt.
        grouped: Sign between thousands, also where it may be a decimal sign.
        low, mean: Of the numbers.
        span: From the lowest to the highest number, or from the first to the last day.
        counts_up: The numbers are just 1, 2, 3 and so on.
    """

    name: str
    distinct: int
    missing: int
    unique: bool
    repeats: bool
    values: tuple[str, ...]
    is_date: bool = False
    is_period: bool = False
    is_integer: bool = False
    is_number: bool = False
    is_decimal: bool = False
    is_flag: bool = False
    grain: str = "month"
    style: str = ""
    twins: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    grouped: str = ""
    low: float = 0.0
    mean: float = 0.0
    span: float = 0.0
    counts_up: bool = False


def gather(raw: RawTable) -> list[ColumnFacts]:
    """Return the facts of every column."""
    return [_column(name, raw.table[name]) for name in raw.columns]


def _column(name: str, texts: pa.ChunkedArray) -> ColumnFacts:
    clean = pc.utf8_trim_whitespace(texts)
    known = clean.filter(pc.invert(pc.is_in(clean, pa.array(_MISSING))))
    counted = known.value_counts() if len(known) else []
    counts = {str(item["values"]): item["counts"].as_py() for item in counted}
    total = len(known)
    few = len(counts) <= MAX_CODES
    base = ColumnFacts(
        name,
        len(counts),
        len(clean) - total,
        unique=total > 1 and len(counts) == total,
        repeats=bool(counts) and total >= 3 * len(counts),
        values=tuple(sorted(counts)) if few else (),
    )
    if not total:
        return base
    return _dated(base, counts, total) or _numeric(base, known, total)


def _dated(base: ColumnFacts, counts: dict[str, int], total: int) -> ColumnFacts | None:
    sample = list(counts.items())[:50]
    if not recognise(sample).matched:
        return None
    written = recognise(counts.items())
    if written.matched < _ENOUGH * total or (written.style and written.style.name == "YYYY" and base.distinct > 60):
        return None
    read = STYLES[written.style.name if written.style else written.twins[0]]
    days = sorted(day for text in counts if (day := read_date(text, read)))
    grain, whole = _grain(days)
    span = float((days[-1] - days[0]).days)
    style = written.style.name if written.style else ""
    return replace(base, is_date=True, is_period=whole, grain=grain, style=style, twins=written.twins, span=span)


def _grain(days: list[date]) -> tuple[str, bool]:
    """Return the length of the periods that days begin, and whether all of them begin one."""
    if any(day.day != 1 for day in days):
        mondays = len(days) > 5 and len({day.weekday() for day in days}) == 1 and days[0].weekday() == 0
        return ("week", True) if mondays else ("month", False)
    if all(day.month == 1 for day in days):
        return "year", True
    return ("quarter" if len(days) > 2 and all(day.month in (1, 4, 7, 10) for day in days) else "month"), True


def _numeric(base: ColumnFacts, known: pa.ChunkedArray, total: int) -> ColumnFacts:
    flag = {value.casefold() for value in base.values} in _FLAGS
    point, comma = _share(known, _NUMBER), _share(known, _COMMA)
    for sign, decimal in ((",", "."), (".", ","), (" ", "."), (" ", ",")):
        group = f"{_SPACES if sign == ' ' else f'[{sign}]'}[0-9]{{3}}"
        fraction = f"[{decimal}][0-9]+"
        doubtless = f"^[+-]?[0-9]{{1,3}}(({group}){{2,}}({fraction})?|({group})+{fraction})$"
        if sign == " ":
            doubtless = f"[0-9]{group}"
        fits = f"^[+-]?([0-9]+|[0-9]{{1,3}}({group})+)({fraction})?$"
        if _share(known, doubtless) and _share(known, fits) >= _ENOUGH:
            return _numbers(replace(base, decimal=decimal, thousands=sign, grouped=sign), known, total)
    if _share(known, ",") and _share(known, "^[+-]?[0-9]{1,3}(,[0-9]{3})?$") >= _ENOUGH:
        # "1,234" may be a thousand or a little over one: the check asks, and so does the profile.
        found = _numbers(replace(base, thousands=","), known, total)
        return replace(found, thousands="", grouped=",")
    if max(point, comma) < _ENOUGH:
        return replace(base, is_flag=flag)
    decimal = "," if comma > point else "."
    return _numbers(replace(base, decimal=decimal, is_flag=flag), known, total)


def _share(texts: pa.ChunkedArray, pattern: str) -> float:
    return (pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0) / len(texts)


def _numbers(base: ColumnFacts, known: pa.ChunkedArray, total: int) -> ColumnFacts:
    """Return the facts of a column whose decimal sign and thousands are known."""
    if base.thousands:
        sign = _SPACES if base.thousands == " " else f"[{base.thousands}]"
        known = pc.replace_substring_regex(known, sign, "")
    decimal = base.decimal
    bare = pc.replace_substring(known, ",", ".") if decimal == "," else known
    good = bare.filter(pc.match_substring_regex(bare, _NUMBER))
    if not len(good):
        return base
    numbers = good.cast(pa.float64())
    whole = bool(pc.all(pc.equal(numbers, pc.floor(numbers))).as_py())
    low = pc.min(numbers).as_py()
    return replace(
        base,
        is_number=True,
        is_integer=whole,
        is_decimal=not whole,
        low=low,
        mean=pc.mean(numbers).as_py(),
        span=pc.max(numbers).as_py() - low,
        counts_up=base.unique and whole and low in (0, 1) and pc.max(numbers).as_py() - low == total - 1 > 1,
    )


def is_unique(raw: RawTable, columns: list[str]) -> bool:
    """Return whether no two rows share the values of these columns."""
    return raw.table.select(columns).group_by(columns).aggregate([]).num_rows == raw.table.num_rows


def never_above(raw: RawTable, part: str, whole: str) -> bool:
    """Return whether one column of numbers never exceeds another."""
    connection = duckdb.connect(":memory:")
    try:
        connection.register("sent", raw.table)
        a, b = ('"' + name.replace('"', '""') + '"' for name in (part, whole))
        above = f"TRY_CAST({a} AS DOUBLE) > TRY_CAST({b} AS DOUBLE)"
        rows = connection.execute(f"SELECT count(*) FILTER (WHERE {above}) FROM sent").fetchall()
        return bool(rows[0][0] == 0)
    finally:
        connection.close()
