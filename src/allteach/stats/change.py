"""How far the level moved between two stretches of a series, with an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.results import Floats
from allteach.stats.series import Panel

PROPORTIONS = ("p", "pprime")
RATES = ("u", "uprime", "c")
GAPS = ("g", "t")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the interval around it."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Change:
    """How far a level moved.

    Attributes:
        before, after: Levels, in the unit of the values.
        difference: After less before.
        ratio: After over before, or why there is none.
        points: Points before and after.
        method: What the intervals rest on, in a few words.
    """

    before: float
    after: float
    difference: Interval
    ratio: Interval | NotEstimable
    points: tuple[int, int]
    method: str

    @property
    def percent(self) -> Interval | NotEstimable:
        """The change in per cent of the level before."""
        if isinstance(self.ratio, NotEstimable):
            return self.ratio
        return Interval(*(100 * (x - 1) for x in (self.ratio.estimate, self.ratio.low, self.ratio.high)))


@dataclass(frozen=True, slots=True)
class _Level:
    """One stretch: its level, the interval around it and the standard error of its logarithm."""

    level: float
    low: float
    high: float
    log_error: float
    points: int
    freedom: float = math.inf


NO_RATIO = NotEstimable("AT-S-026", "A ratio cannot be given because a level is at, near or below zero.")
# A ratio known to no better than this many times either way says nothing (as a logarithm).
WIDEST = math.log(1000.0)


def compare(
    kind: str,
    panel: Panel,
    before: slice,
    after: slice,
    *,
    exclude: Any = None,
    level: float = 0.95,
) -> Change | NotEstimable:
    """Return the change of one series between two stretches of periods.

    Variation between periods counts: binomial and Poisson intervals are widened where the periods of a stretch vary
    more than chance (never narrowed). Differences join the two intervals by squares (Newcombe's method 10 for
    proportions); ratios are made on the log scale; gaps are taken as exponential; a run chart compares by ranks.

    Args:
        kind: Kind of chart the series is drawn on.
        panel: One series, ``(T,)``.
        before: Periods of the first stretch.
        after: Periods of the second.
        exclude: ``(T,)`` True for points left out.
        level: Coverage of the intervals.

    Raises:
        StatsError: ``AT-S-002`` when the panel holds more than one series, ``AT-S-005`` level.

    Source: Newcombe 1998, Stat Med 17:873 (differences of proportions); Hodges & Lehmann 1963 (ranks).

    Example:
        >>> months = Panel(numerator=[10.0] * 6 + [20.0] * 6, denominator=[100.0] * 12)
        >>> moved = compare("p", months, slice(0, 6), slice(6, 12))
        >>> round(moved.difference.estimate, 3), round(moved.ratio.estimate, 3)
        (0.1, 2.0)
    """
    if len(panel.shape) != 1:
        raise StatsError("AT-S-002", "A change is computed for one series at a time.")
    if not 0 < level < 1:
        raise StatsError("AT-S-005", "The coverage of an interval lies between 0 and 1.")
    known = panel.known & np.isfinite(panel.value)
    if exclude is not None:
        known = known & ~np.asarray(exclude, bool)
    parts = [np.flatnonzero(known[part]) + (part.start or 0) for part in (before, after)]
    if min(len(part) for part in parts) < 2:
        return NotEstimable("AT-S-011", "Each stretch needs at least two points.")
    if kind == "run":
        return _by_ranks(panel.value[parts[0]], panel.value[parts[1]], level)
    first, second = (_level(kind, panel, part, level) for part in parts)
    method = "widened binomial" if kind in PROPORTIONS else "widened Poisson" if kind in RATES else "exponential gaps"
    if kind not in PROPORTIONS + RATES + GAPS:
        method = "variation between periods"
    ratio = _ratio(kind, first, second, level)
    return Change(first.level, second.level, _difference(first, second), ratio, (first.points, second.points), method)


def _level(kind: str, panel: Panel, at: np.ndarray, level: float) -> _Level:
    if kind in GAPS:
        return _gap_level(panel.value[at], level)
    if kind == "c":
        counts = panel.numerator if panel.numerator is not None else panel.total
        return _rate_level(counts[at], np.ones(len(at)), level)
    above, below = (panel.total, panel.n) if panel.total is not None else (panel.numerator, panel.denominator)
    if kind in PROPORTIONS:
        return _proportion_level(above[at], below[at], level)
    if kind in RATES:
        return _rate_level(above[at], below[at], level)
    size = np.ones(len(at)) if below is None else below[at]
    return _mean_level(above[at] / size if below is not None else above[at], size, level, log=panel.log)


def _dispersion(residual_sq: Floats) -> float:
    """How much more than chance the periods vary: Pearson's statistic per degree of freedom, at least one."""
    return max(1.0, float(residual_sq.sum()) / max(len(residual_sq) - 1, 1))


def _proportion_level(y: Floats, n: Floats, level: float) -> _Level:
    total = float(n.sum())
    p = float(y.sum()) / total
    unit = p * (1 - p)
    wide = _dispersion((y - p * n) ** 2 / (n * unit)) if unit > 0 else 1.0
    size, z = total / wide, float(special.ndtri(0.5 + level / 2))
    middle, spread = p + z * z / (2 * size), z * math.sqrt(unit / size + z * z / (4 * size * size))
    error = math.sqrt((1 - p) / (p * size)) if p > 0 else math.inf
    scale = 1 + z * z / size
    return _Level(p, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale), error, len(y))


def _rate_level(y: Floats, exposure: Floats, level: float) -> _Level:
    events, size = float(y.sum()), float(exposure.sum())
    rate = events / size
    wide = _dispersion((y - rate * exposure) ** 2 / (rate * exposure)) if rate > 0 else 1.0
    counted, tail = events / wide, (1 - level) / 2
    low = float(special.chdtri(2 * counted, 1 - tail)) / 2 if counted > 0 else 0.0
    high = float(special.chdtri(2 * counted + 2, tail)) / 2
    error = math.sqrt(1 / counted) if counted > 0 else math.inf
    return _Level(rate, low * wide / size, high * wide / size, error, len(y))


def _gap_level(gap: Floats, level: float) -> _Level:
    total, count, tail = float(gap.sum()), len(gap), (1 - level) / 2
    low, high = (
        2 * total / float(special.chdtri(2 * count, tail)),
        2 * total / float(special.chdtri(2 * count, 1 - tail)),
    )
    return _Level(total / count, low, high, math.sqrt(1 / count), count)


def _mean_level(value: Floats, size: Floats, level: float, *, log: bool) -> _Level:
    count, weight = len(value), size / size.sum()
    mean = float((weight * value).sum())
    error = math.sqrt(float((weight**2 * (value - mean) ** 2).sum()) * count / (count - 1))
    reach = float(special.stdtrit(count - 1, 0.5 + level / 2)) * error
    if log:
        return _Level(math.exp(mean), math.exp(mean - reach), math.exp(mean + reach), error, count, count - 1)
    relative = error / mean if mean > 0 else math.inf
    return _Level(mean, mean - reach, mean + reach, relative, count, count - 1)


def _difference(first: _Level, second: _Level) -> Interval:
    gap = second.level - first.level
    low = math.hypot(second.level - second.low, first.high - first.level)
    high = math.hypot(second.high - second.level, first.level - first.low)
    return Interval(gap, gap - low, gap + high)


def _ratio(kind: str, first: _Level, second: _Level, level: float) -> Interval | NotEstimable:
    if first.level <= 0 or second.level <= 0:
        return NO_RATIO
    ratio, tail = second.level / first.level, (1 - level) / 2
    if kind in GAPS:
        m, n = 2 * second.points, 2 * first.points
        return Interval(ratio, ratio / float(special.fdtri(m, n, 1 - tail)), ratio / float(special.fdtri(m, n, tail)))
    error = math.hypot(first.log_error, second.log_error)
    reach = float(special.ndtri(1 - tail))
    if math.isfinite(first.freedom) and error > 0:
        parts = sum(part.log_error**4 / part.freedom for part in (first, second))
        reach = float(special.stdtrit(error**4 / parts, 1 - tail))
    if reach * error > WIDEST:
        return NO_RATIO
    return Interval(ratio, ratio * math.exp(-reach * error), ratio * math.exp(reach * error))


def _by_ranks(first: Floats, second: Floats, level: float) -> Change:
    """Compare medians by all differences between a value after and a value before (Hodges and Lehmann)."""
    m, n = len(first), len(second)
    depth = math.floor(m * n / 2 - float(special.ndtri(0.5 + level / 2)) * math.sqrt(m * n * (m + n + 1) / 12))

    def shift(x: Floats, y: Floats) -> Interval:
        gaps = np.sort((y[:, None] - x[None, :]).ravel())
        low, high = (gaps[depth - 1], gaps[-depth]) if depth >= 1 else (-math.inf, math.inf)
        return Interval(float(np.median(gaps)), float(low), float(high))

    ratio: Interval | NotEstimable = NO_RATIO
    if min(first.min(), second.min()) > 0:
        logs = shift(np.log(first), np.log(second))
        if max(abs(logs.low - logs.estimate), abs(logs.high - logs.estimate)) <= WIDEST:
            ratio = Interval(math.exp(logs.estimate), math.exp(logs.low), math.exp(logs.high))
    return Change(float(np.median(first)), float(np.median(second)), shift(first, second), ratio, (m, n), "ranks")
