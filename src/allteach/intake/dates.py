"""The ways of writing dates that are understood, and the ones that are easily mistaken for each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DateStyle:
    """One way of writing a date.

    Args:
        name: As named in a data dictionary, such as ``DD/MM/YYYY``.
        pattern: Regular expression that the whole text has to match (understood by DuckDB and Python).
        code: ``strptime`` code; empty for quarters, which have none.
        month_only: True when the text names a month, quarter or year rather than a day.
    """

    name: str
    pattern: str
    code: str
    month_only: bool = False


_TIME = r"([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_MONTH = "[A-Za-z]{3}"

STYLES: dict[str, DateStyle] = {
    style.name: style
    for style in (
        DateStyle("YYYY-MM-DD", r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}" + _TIME, "%Y-%m-%d"),
        DateStyle("YYYY/MM/DD", r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}" + _TIME, "%Y/%m/%d"),
        DateStyle("DD/MM/YYYY", r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}" + _TIME, "%d/%m/%Y"),
        DateStyle("MM/DD/YYYY", r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}" + _TIME, "%m/%d/%Y"),
        DateStyle("DD.MM.YYYY", r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}" + _TIME, "%d.%m.%Y"),
        DateStyle("DD-MM-YYYY", r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}" + _TIME, "%d-%m-%Y"),
        DateStyle("MM-DD-YYYY", r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}" + _TIME, "%m-%d-%Y"),
        DateStyle("DD Mon YYYY", f"[0-9]{{1,2}}[ -]{_MONTH}[ -][0-9]{{4}}", "%d %b %Y"),
        DateStyle("YYYYMMDD", r"(19|20)[0-9]{6}", "%Y%m%d"),
        DateStyle("YYYY-MM", r"[0-9]{4}-[0-9]{1,2}", "%Y-%m", month_only=True),
        DateStyle("MM/YYYY", r"[0-9]{1,2}/[0-9]{4}", "%m/%Y", month_only=True),
        DateStyle("Mon YYYY", f"{_MONTH}[ -][0-9]{{4}}", "%b %Y", month_only=True),
        DateStyle("YYYY-Qn", r"[0-9]{4}[- ]?[Qq][1-4]", "", month_only=True),
        DateStyle("YYYY", r"(19|20)[0-9]{2}", "%Y", month_only=True),
    )
}
# Two-digit years are left out on purpose: a birth in "16" and a visit in "16" differ by a century.

TWINS = (frozenset({"DD/MM/YYYY", "MM/DD/YYYY"}), frozenset({"DD-MM-YYYY", "MM-DD-YYYY"}))
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_RANGE = (20000, 80000)


def read_date(text: str, style: DateStyle) -> date | None:
    """Return the date that a text gives in a style, or None when it is not written so.

    Example:
        >>> read_date("2024-Q3", STYLES["YYYY-Qn"])
        datetime.date(2024, 7, 1)
        >>> read_date("31/02/2024", STYLES["DD/MM/YYYY"]) is None
        True
    """
    if not re.fullmatch(style.pattern, text, re.ASCII):
        return None
    if not style.code:
        return date(int(text[:4]), 3 * int(text[-1]) - 2, 1)
    bare = _without_time(text, style)
    try:
        return datetime.strptime(bare, style.code).date()
    except ValueError:
        return None


def sql_date(column: str, style: DateStyle) -> str:
    """Return DuckDB SQL that reads a text column in a style; null where it is not written so."""
    matched = f"regexp_full_match({column}, '{style.pattern}')"
    if not style.code:
        quarter = f"make_date(left({column}, 4)::INT, 3 * right({column}, 1)::INT - 2, 1)"
        return f"CASE WHEN {matched} THEN {quarter} END"
    bare = f"regexp_replace({column}, '[ T][0-9]{{1,2}}:.*$', '')"
    if " " in style.code:
        bare = f"replace({column}, '-', ' ')"
    # Written in full, most dates need no pattern; the pattern is slow.
    usual = ""
    if style.name == "YYYY-MM-DD":
        shaped = f"length({column}) = 10 AND substr({column}, 5, 1) = '-' AND substr({column}, 8, 1) = '-'"
        usual = f"WHEN {shaped} THEN TRY_CAST({column} AS DATE) "
    return f"CASE {usual}WHEN {matched} THEN CAST(try_strptime({bare}, '{style.code}') AS DATE) END"


def _without_time(text: str, style: DateStyle) -> str:
    if " " in style.code:
        return text.replace("-", " ")
    return re.sub(r"[ T][0-9]{1,2}:.*$", "", text)


@dataclass(frozen=True, slots=True)
class Written:
    """How the dates of a column are written.

    Attributes:
        style: The one style that reads most values without doubt; None when none does or two contradict each other.
        matched: How many values the style reads.
        total: How many values there are.
        twins: Two styles that both read values of the column but mean different days.
        others: Further styles seen among the values that `style` does not read.
    """

    style: DateStyle | None
    matched: int
    total: int
    twins: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def recognise(values: Iterable[tuple[str, int]]) -> Written:
    """Return how the dates among distinct values (each with its count) are written; never decides between twins.

    Example:
        >>> recognise([("03/04/2024", 2), ("05/06/2024", 1)]).twins
        ('DD/MM/YYYY', 'MM/DD/YYYY')
        >>> recognise([("03/04/2024", 2), ("25/06/2024", 1)]).style.name
        'DD/MM/YYYY'
    """
    counted = list(values)
    total = sum(count for _, count in counted)
    reads = {name: sum(c for text, c in counted if read_date(text, style)) for name, style in STYLES.items()}
    best = max(reads, key=lambda name: reads[name])
    if not reads[best]:
        return Written(None, 0, total)
    others = {
        name
        for text, _ in counted
        if not read_date(text, STYLES[best])
        for name, style in STYLES.items()
        if name != best and read_date(text, style)
    }
    for pair in TWINS:
        if best in pair and (len({reads[name] for name in pair}) == 1 or others & pair):
            return Written(None, reads[best], total, tuple(sorted(pair)), tuple(sorted(others - pair)))
    return Written(STYLES[best], reads[best], total, (), tuple(sorted(others)))
