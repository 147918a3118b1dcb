"""Charts of subgroup means and spreads: x-bar with s or R, s, and R; on a log scale for skewed times."""

from __future__ import annotations

from typing import Any

import numpy as np

from allteach.errors import StatsError
from allteach.stats.charts.frame import (
    Frame,
    clean_values,
    in_sigmas,
    mostly_one_value,
    open_frame,
    quiet,
    report,
    shaping,
)
from allteach.stats.charts.ranges import D2, D3, c4
from allteach.stats.results import ALL_POINTS, Bools, Floats, Limits, Plan

POOLINGS = ("auto", "pooled", "mean")


def _subgroups(frame: Frame, n: Floats, total: Floats, total_sq: Floats) -> tuple[Bools, Floats, Floats]:
    """Return where there is a subgroup, its mean and its standard deviation (NaN for a subgroup of one)."""
    for array in (n, total, total_sq):
        frame.refuse(np.isinf(array).any(axis=-1), "AT-S-012", n)
    frame.refuse((n < 0).any(axis=-1), "AT-S-013", n)
    there = np.isfinite(n) & np.isfinite(total) & (n > 0)
    n[~there] = np.nan
    mean = total / n
    squares = total_sq - n * mean**2
    # Rounding may leave a tiny negative sum of squares; a large one means the sums do not belong together.
    slack = 1e-9 * np.maximum(total_sq, n * mean**2)
    frame.refuse((squares < -slack).any(axis=-1), "AT-S-023", n, mean)
    there &= np.isfinite(n)
    s = np.sqrt(np.where(squares > slack * 1e-3, squares, 0.0) / np.where(n > 1, n - 1, np.nan))
    s[~(there & np.isfinite(total_sq))] = np.nan
    return there, mean, s


def _within(frame: Frame, n: Floats, s: Floats, used: Bools, pooling: str) -> Floats:
    """Return per-phase spread within subgroups, as the s-bar that A3, B3 and B4 multiply."""
    if pooling not in POOLINGS:
        raise StatsError("AT-S-005", f"There is no way {pooling!r} to join spreads.", expected=", ".join(POOLINGS))
    useful = used & np.isfinite(s)
    above, below, plain, count = frame.sums(useful, (n - 1) * s**2, n - 1, s, np.ones_like(s))
    pooled = [np.sqrt(a / b) for a, b in zip(above, below, strict=True)]
    mean = [a / b for a, b in zip(plain, count, strict=True)]
    equal = [_plain_mean(n[:, part], useful[:, part], pooling) for part in frame.phases]
    values = [np.where(e, m, p) for e, m, p in zip(equal, mean, pooled, strict=True)]
    some = [count > 0 for count in frame.counts(used)]
    none = [count == 0 for count in frame.counts(useful)]
    report(frame, [a & b for a, b in zip(some, none, strict=True)], "AT-S-021")
    report(frame, [v <= 0 for v in values], "AT-S-016")
    return frame.spread([np.where(v > 0, v, np.nan) for v in values])


def _plain_mean(n: Floats, useful: Bools, pooling: str) -> Bools:
    """``(S,)`` True where the plain mean of s is to be taken."""
    if pooling != "auto":
        return np.full(len(n), pooling == "mean")
    smallest = np.min(n, axis=-1, initial=np.inf, where=useful)
    return np.asarray(smallest == np.max(n, axis=-1, initial=-np.inf, where=useful))


@quiet
def xbar_chart(
    n: Any, total: Any, total_sq: Any, *, log: bool = False, pooling: str = "auto", plan: Plan = ALL_POINTS
) -> Limits:
    """Return a chart of subgroup means with limits from the spread within subgroups (x-bar with s).

    With `log` the sums are of logarithms: everything is computed on that scale and drawn as geometric means.

    Args:
        n: ``(..., T)`` cases in each subgroup.
        total: ``(..., T)`` sum of their values (or logarithms).
        total_sq: ``(..., T)`` sum of their squared values (or logarithms).
        log: The sums are of natural logarithms.
        pooling: ``"pooled"`` for the root of the pooled variance, ``"mean"`` for the plain mean of s, ``"auto"`` for
            the mean where all subgroups are of one size and pooled where they are not, as Montgomery has it.
        plan: Phases, baseline and excluded points.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Montgomery, Introduction to Statistical Quality Control, sections on x-bar and s charts (A3, equation 6.31).

    Example:
        >>> chart = xbar_chart([5, 5, 5], [50, 55, 45], [510, 620, 415])
        >>> float(chart.centre[0])
        10.0
    """
    frame, (size, sums, squares) = open_frame("xbar", plan, n=n, total=total, total_sq=total_sq)
    there, mean, s = _subgroups(frame, size, sums, squares)
    used = shaping(frame, there)
    above, below = frame.sums(used, mean * size, size)
    centre = frame.spread([a / b for a, b in zip(above, below, strict=True)])
    # A subgroup of one has a mean and a limit; c4 is taken at two, its smallest.
    sigma = _within(frame, size, s, used, pooling) / (c4(np.maximum(size, 2)) * np.sqrt(size))
    withheld = mostly_one_value(frame, mean, used)
    z = in_sigmas(mean, centre, sigma)
    lines = (mean, centre, centre - 3 * sigma, centre + 3 * sigma)
    value, middle, lower, upper = (np.exp(line) for line in lines) if log else lines
    return frame.limits(value, middle, (lower, upper), z, used, withheld=withheld)


@quiet
def s_chart(n: Any, total: Any, total_sq: Any, *, pooling: str = "auto", plan: Plan = ALL_POINTS) -> Limits:
    """Return a chart of standard deviations within subgroups; a subgroup of one has no point.

    Args:
        n: ``(..., T)`` cases in each subgroup.
        total: ``(..., T)`` sum of their values.
        total_sq: ``(..., T)`` sum of their squared values.
        pooling: As for `xbar_chart`.
        plan: Phases, baseline and excluded points.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Montgomery, Introduction to Statistical Quality Control, sections on x-bar and s charts (B3, B4).

    Example:
        >>> chart = s_chart([5, 5, 5], [50, 55, 45], [510, 620, 415])
        >>> round(float(chart.centre[0]), 3)
        1.7
    """
    frame, (size, sums, squares) = open_frame("s", plan, n=n, total=total, total_sq=total_sq)
    there, _, s = _subgroups(frame, size, sums, squares)
    single = there.any(axis=-1) & ~np.isfinite(s).any(axis=-1)
    frame.problem(np.asarray(single), "AT-S-021")
    used = shaping(frame, there & np.isfinite(s), least=1)
    centre = _within(frame, size, s, used, pooling)
    constant = c4(size)
    withheld = mostly_one_value(frame, s, used)
    sigma = np.where(withheld, np.nan, centre * np.sqrt(1 - constant**2) / constant)
    bounds = (np.maximum(centre - 3 * sigma, 0), centre + 3 * sigma)
    return frame.limits(s, centre, bounds, in_sigmas(s, centre, sigma), used, withheld=withheld)


def _table(values: tuple[float, ...], n: Floats) -> Floats:
    known = np.where((n >= 2) & (n <= len(values) + 1), n, 2).astype(np.int64)
    return np.where((n >= 2) & (n <= len(values) + 1), np.asarray(values)[known - 2], np.nan)


def _range_spread(frame: Frame, n: Floats, spread: Floats, used: Bools) -> Floats:
    """Return per-phase sigma from subgroup ranges, each divided by d2 of its own size."""
    useful = used & np.isfinite(spread / _table(D2, n))
    above, below = frame.sums(useful, spread / _table(D2, n), np.ones_like(n))
    values = [a / b for a, b in zip(above, below, strict=True)]
    some, none = [c > 0 for c in frame.counts(used)], [c == 0 for c in frame.counts(useful)]
    report(frame, [a & b for a, b in zip(some, none, strict=True)], "AT-S-021")
    report(frame, [v <= 0 for v in values], "AT-S-016")
    return frame.spread([np.where(v > 0, v, np.nan) for v in values])


@quiet
def xbar_r_chart(n: Any, mean: Any, spread: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return a chart of subgroup means with limits from subgroup ranges (x-bar with R), for subgroups of 2 to 25.

    Args:
        n: ``(..., T)`` cases in each subgroup.
        mean: ``(..., T)`` their mean.
        spread: ``(..., T)`` their range, largest less smallest.
        plan: Phases, baseline and excluded points.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Montgomery, Introduction to Statistical Quality Control, section on x-bar and R charts.

    Example:
        >>> chart = xbar_r_chart(5, [10.0, 11, 9], [3.0, 4, 2])
        >>> round(float(chart.upper[0]), 2)
        11.73
    """
    frame, (size, points, ranges) = open_frame("xbar", plan, n=n, mean=mean, spread=spread)
    clean_values(frame, size, floor=0.0)
    clean_values(frame, ranges, floor=0.0)
    there = clean_values(frame, points) & (size > 0)
    used = shaping(frame, there)
    above, below = frame.sums(used, points * size, size)
    centre = frame.spread([a / b for a, b in zip(above, below, strict=True)])
    sigma = _range_spread(frame, size, ranges, used) / np.sqrt(size)
    withheld = mostly_one_value(frame, points, used)
    bounds = (centre - 3 * sigma, centre + 3 * sigma)
    return frame.limits(points, centre, bounds, in_sigmas(points, centre, sigma), used, withheld=withheld)


@quiet
def r_chart(n: Any, spread: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return a chart of subgroup ranges, for subgroups of 2 to 25.

    Args:
        n: ``(..., T)`` cases in each subgroup.
        spread: ``(..., T)`` their range.
        plan: Phases, baseline and excluded points.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Montgomery, Introduction to Statistical Quality Control, section on x-bar and R charts (D3, D4).

    Example:
        >>> chart = r_chart(5, [3.0, 4, 2])
        >>> round(float(chart.centre[0]), 2), round(float(chart.upper[0]), 2)
        (3.0, 6.34)
    """
    frame, (size, ranges) = open_frame("r", plan, n=n, spread=spread)
    clean_values(frame, size, floor=0.0)
    there = clean_values(frame, ranges, floor=0.0) & np.isfinite(_table(D2, size))
    ranges[~there] = np.nan
    used = shaping(frame, there, least=1)
    unit = _range_spread(frame, size, ranges, used)
    withheld = mostly_one_value(frame, ranges, used)
    centre, sigma = unit * _table(D2, size), np.where(withheld, np.nan, unit * _table(D3, size))
    bounds = (np.maximum(centre - 3 * sigma, 0), centre + 3 * sigma)
    return frame.limits(ranges, centre, bounds, in_sigmas(ranges, centre, sigma), used, withheld=withheld)
