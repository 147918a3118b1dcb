"""Rows gathered into series: one for each site, one entry for each period, nothing where there were no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from allteach.charts.study.columns import Columns
from allteach.charts.voice import Step
from allteach.errors import ChartError
from allteach.stats.series import Panel
from allteach.units import Grain, Period

_MOST_PERIODS = 20_000
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Series of sites.

    Attributes:
        sites: Names in order; one empty name where the data name no site.
        periods: The time axis.
        panel: ``(S, T)``.
        nature: proportion, rate, count, value, mean or gap_time, for the choice of chart.
        columns: The rows it came from.
    """

    sites: tuple[str, ...]
    periods: tuple[Period, ...] | tuple[Step, ...]
    panel: Panel
    nature: str
    columns: Columns


def gather(columns: Columns, *, grain: str = "", log: bool = False, kind: str = "auto") -> Gathered:
    """Return the rows as series.

    Args:
        columns: The rows.
        grain: Length of a period; empty finds it out from the days.
        log: Sums are of logarithms (values must be above zero).
        kind: ``t`` takes bare days as events and counts the days between them.

    Raises:
        ChartError: ``AT-C-012`` nothing was counted, ``AT-C-017`` days too far apart, ``AT-C-018`` logarithms of
            values that are not above zero.
    """
    names, site = _sites(columns)
    if columns.numerator is None and columns.value is None:
        if kind == "auto" and _one_a_period(columns, site):
            raise ChartError(
                "AT-C-012",
                "The dates follow each other evenly, one a period, and no column holds counts or values.",
                do="Name the column of counts with numerator, or of values with value.",
            )
        return _gaps(columns, site, names) if kind in ("t", "auto") else _counts(columns, site, names, grain)
    at, periods = _periods(columns, site, len(names), grain)
    size = (len(names), len(periods))
    flat = site * len(periods) + at
    if columns.value is not None:
        panel, nature = _means(columns, flat, size, log)
    else:
        panel, nature = _ratios(columns, flat, size)
    return Gathered(names, periods, panel, nature, columns)


def _sites(columns: Columns) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    if columns.site is None:
        return ("",), np.zeros(columns.rows, np.int64)
    found, index = np.unique(columns.site, return_inverse=True)
    order = sorted(range(len(found)), key=lambda place: natural(str(found[place])))
    place = np.empty(len(found), np.int64)
    place[order] = np.arange(len(found))
    return tuple(str(found[entry]) for entry in order), place[index]


def natural(name: str) -> tuple[tuple[str, int], ...]:
    """Return a sort key by which Site 2 comes before Site 10."""
    parts: list[tuple[str, int]] = []
    digits = ""
    for char in name.lower() + "\0":
        if char.isdigit():
            digits += char
            continue
        if digits:
            parts.append(("", int(digits)))
            digits = ""
        parts.append((char, 0))
    return tuple(parts)


def _periods(
    columns: Columns, site: NDArray[np.int64], sites: int, grain: str
) -> tuple[NDArray[np.int64], tuple[Period, ...] | tuple[Step, ...]]:
    if columns.day is None:
        return _in_order(site, sites)
    days = columns.day
    if np.isnat(days).any():
        raise ChartError("AT-C-014", "Some rows have no date.", do="Leave these rows out, or give their dates.")
    length = Grain(grain or columns.grain or grain_of(days))
    number = _ordinal(days, length)
    first = int(number.min())
    count = int(number.max()) - first + 1
    if count > _MOST_PERIODS:
        raise ChartError(
            "AT-C-017",
            f"The dates span {count:,} periods.",
            do="Check the earliest and the latest date, or give a longer period with grain.",
        )
    start = Period.of(days.min().astype(date), length)
    periods = [start]
    while len(periods) < count:
        periods.append(periods[-1].next())
    return number - first, tuple(periods)


def _in_order(site: NDArray[np.int64], sites: int) -> tuple[NDArray[np.int64], tuple[Step, ...]]:
    """Number the rows of each site in their order."""
    at = np.zeros(len(site), np.int64)
    for number in range(sites):
        rows = np.flatnonzero(site == number)
        at[rows] = np.arange(len(rows))
    return at, tuple(Step(number) for number in range(1, int(at.max()) + 2))


def grain_of(days: Days) -> str:
    """Return the length of periods that the days speak of.

    Example:
        >>> grain_of(np.array(["2024-01-01", "2024-02-01", "2024-04-01"], "datetime64[D]"))
        'month'
    """
    distinct = np.unique(days)
    months = distinct.astype("datetime64[M]")
    if (months.astype("datetime64[D]") == distinct).all() and len(distinct) > 1:
        number = months.astype(int)
        if (number % 12 == 0).all():
            return "year"
        return "quarter" if (number % 3 == 0).all() and len(distinct) > 2 else "month"
    if len(distinct) > 2 and (np.diff(distinct.astype(int)) % 7 == 0).all():
        return "week"
    span = int((distinct[-1] - distinct[0]).astype(int))
    return "day" if span < 60 else "week" if span < 400 else "month"


def _ordinal(days: Days, grain: Grain) -> NDArray[np.int64]:
    """Return the number of the period that holds each day, in step with `Period`."""
    if grain in (Grain.DAY, Grain.EVENT):
        return days.astype(np.int64)
    if grain is Grain.WEEK:
        # Day 0, 1 January 1970, was a Thursday; weeks begin on Monday.
        return np.asarray((days.astype(np.int64) + 3) // 7)
    months = days.astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[grain])


def _sum(values: NDArray[np.float64], flat: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float64]:
    summed = np.bincount(flat, weights=values, minlength=size[0] * size[1]).astype(np.float64)
    return summed.reshape(size)


def _ratios(columns: Columns, flat: NDArray[np.int64], size: tuple[int, int]) -> tuple[Panel, str]:
    above, below = columns.numerator, columns.denominator
    assert above is not None
    known = np.isfinite(above) if below is None else np.isfinite(above) & np.isfinite(below)
    there = _sum(known.astype(float), flat, size) > 0
    numerator = np.where(there, _sum(np.where(known, above, 0.0), flat, size), np.nan)
    if below is None:
        return Panel(numerator=numerator), "count" if _whole(above) else "value"
    denominator = np.where(there, _sum(np.where(known, below, 0.0), flat, size), np.nan)
    cases = _whole(above) and _whole(below) and bool((above[known] <= below[known]).all()) and not columns.exposure
    return Panel(numerator=numerator, denominator=denominator), "proportion" if cases else "rate"


def _whole(values: NDArray[np.float64]) -> bool:
    seen = values[np.isfinite(values)]
    return bool((seen == np.round(seen)).all() and (seen >= 0).all())


def _means(columns: Columns, flat: NDArray[np.int64], size: tuple[int, int], log: bool) -> tuple[Panel, str]:
    values = columns.value
    assert values is not None
    known = np.isfinite(values)
    if log and (values[known] <= 0).any():
        raise ChartError("AT-C-018", "Geometric means need values above zero.", do="Leave log out, or mend the values.")
    scaled = np.log(np.where(known, values, 1.0)) if log else np.where(known, values, 0.0)
    n = _sum(known.astype(float), flat, size)
    there = n > 0
    n, total, square = (
        np.where(there, part, np.nan)
        for part in (
            n,
            _sum(np.where(known, scaled, 0.0), flat, size),
            _sum(np.where(known, scaled**2, 0.0), flat, size),
        )
    )
    if np.nanmax(n, initial=0) <= 1 and not log:
        return Panel(numerator=total), "value"
    return Panel(n=n, total=total, total_sq=square, log=log), "mean"


def _one_a_period(columns: Columns, site: NDArray[np.int64]) -> bool:
    """Return True when days are first days of months or longer, each once at a site: periods, not events."""
    assert columns.day is not None
    once = len(np.unique(np.stack([site, columns.day.astype(np.int64)]), axis=1).T) == columns.rows
    return once and grain_of(columns.day) in ("month", "quarter", "year") and _firsts(columns.day)


def _firsts(days: Days) -> bool:
    return bool((days.astype("datetime64[M]").astype("datetime64[D]") == days).all())


def _counts(columns: Columns, site: NDArray[np.int64], names: Sequence[str], grain: str) -> Gathered:
    """Count rows by period, where rows are events and nothing else is known."""
    at, periods = _periods(columns, site, len(names), grain)
    size = (len(names), len(periods))
    counted = _sum(np.ones(columns.rows), site * len(periods) + at, size)
    return Gathered(tuple(names), periods, Panel(numerator=counted), "count", columns)


def _gaps(columns: Columns, site: NDArray[np.int64], names: Sequence[str]) -> Gathered:
    """Return days between events, one series of events for each site."""
    assert columns.day is not None
    each = [np.sort(columns.day[site == number]) for number in range(len(names))]
    longest = max(len(days) for days in each) - 1
    if longest < 1:
        raise ChartError("AT-C-012", "One event gives no time between events.", expected="Two events or more.")
    gaps = np.full((len(names), longest), np.nan)
    for number, days in enumerate(each):
        gaps[number, : len(days) - 1] = np.diff(days).astype(float)
    periods: tuple[Period, ...] | tuple[Step, ...] = tuple(Step(number) for number in range(1, longest + 1))
    if len(names) == 1:
        periods = tuple(Period(day.astype(date), Grain.EVENT) for day in each[0][1:])
    return Gathered(tuple(names), periods, Panel(numerator=gaps), "gap_time", columns)
