"""A chart helper: which chart fits these data, with reasons as data and what speaks against the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from allteach.errors import StatsError
from allteach.stats.charts import i_chart, pprime_chart, uprime_chart
from allteach.stats.charts.frame import TRIAL_POINTS
from allteach.stats.dependence import dependence
from allteach.stats.results import Limits
from allteach.stats.series import Panel

NATURES = ("proportion", "rate", "count", "value", "mean", "gap_cases", "gap_time")

# Expected events in a period below which most periods would be empty (a Poisson zero is then likelier than not).
RARE = 0.7
# Expected events in a period below which limits of counts are crude.
FEW = 2.0
# A Laney factor beyond these says that periods vary more, or less, than cases alone explain.
WIDE, NARROW = 1.3, 0.75
# Mean over median above which values have a long tail.
SKEWED = 1.5


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, as data: a stable key for words and the numbers it rests on.

    Keys: ``few_points``, ``proportion``, ``rate``, ``count``, ``value``, ``mean``, ``gap_cases``, ``gap_time``,
    ``rare_events``, ``few_events``, ``more_variation``, ``less_variation``, ``equal_denominators``, ``skewed``,
    ``no_spread``, ``zero_gaps``, ``season``, ``alike_neighbours``, ``one_value``.
    """

    key: str
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommended chart.

    Attributes:
        kind: Kind of chart to draw now.
        then: Kind to draw once there are enough points, or another way to look at rare events; empty if none.
        reasons: Why, the deciding one first.
        warnings: What to keep in mind with this chart.
    """

    kind: str
    then: str
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]


def recommend(panel: Panel, *, nature: str, log: bool = False, season: int = 12) -> Advice:
    """Return the chart that suits the data, with the reasons as data.

    Several series are judged together: one measure should have one kind of chart at every site.

    Args:
        panel: ``(..., T)`` the measure's series.
        nature: What is measured: ``proportion`` of cases, ``rate`` of events per exposure, ``count`` of events from
            equal exposure, one ``value`` a period, ``mean`` of cases in a period, ``gap_cases`` or ``gap_time``
            between events.
        log: The sums are of logarithms already.
        season: Periods in a year, for the warning about seasons.

    Raises:
        StatsError: ``AT-S-001`` no denominators where the nature needs them, ``AT-S-003`` unknown nature.

    Example:
        >>> months = Panel(numerator=[30.0] * 6, denominator=[100.0] * 6)
        >>> advice = recommend(months, nature="proportion")
        >>> advice.kind, advice.then, advice.reasons[0].key
        ('run', 'p', 'few_points')
    """
    if nature not in NATURES:
        raise StatsError("AT-S-003", f"There is no kind of data {nature!r}.", expected=f"One of {', '.join(NATURES)}.")
    if nature in ("proportion", "rate") and panel.denominator is None:
        raise StatsError("AT-S-001", f"A {nature} needs a denominator.")
    with np.errstate(all="ignore"):
        kind, then, reasons, warnings = _by_nature(panel, nature, log)
        points = float(np.median(np.count_nonzero(panel.known, axis=-1)))
        warnings += _time_warnings(panel, season)
    if points < TRIAL_POINTS and kind not in ("g", "t"):
        few = Reason("few_points", {"points": points, "needed": TRIAL_POINTS})
        return Advice("run", kind, (few, *reasons), tuple(warnings))
    return Advice(kind, then, tuple(reasons), tuple(warnings))


_Found = tuple[str, str, list[Reason], list[Reason]]


def _by_nature(panel: Panel, nature: str, log: bool) -> _Found:
    if nature == "proportion":
        return _ratio(panel, "p", "pprime")
    if nature == "rate":
        return _ratio(panel, "u", "uprime")
    if nature == "count":
        return _count(panel)
    if nature == "mean":
        return _mean(panel, log)
    if nature == "gap_cases":
        return "g", "", [Reason("gap_cases", {})], []
    if nature == "gap_time":
        zeros = float(np.count_nonzero(panel.value <= 0))
        if zeros:
            return "g", "t", [Reason("zero_gaps", {"zeros": zeros})], []
        return "t", "", [Reason("gap_time", {})], []
    return _value(panel)


def _ratio(panel: Panel, plain: str, prime: str) -> _Found:
    known = panel.known
    y, n = (np.where(known, array, 0.0).sum(axis=-1) for array in (panel.numerator, panel.denominator))
    count = np.count_nonzero(known, axis=-1)
    per_period = float(np.nanmedian(np.where(count > 0, y / count, np.nan))) if (count > 0).any() else 0.0
    other = float(np.nanmedian((n - y) / count)) if plain == "p" and (count > 0).any() else np.inf
    nature = Reason("proportion" if plain == "p" else "rate", {})
    numbers = {"events_per_period": per_period}
    if min(per_period, other) < RARE:
        rare = Reason("rare_events", numbers)
        return ("t" if plain == "u" else "g"), plain, [rare, nature], []
    warnings = [Reason("few_events", numbers)] if min(per_period, other) < FEW else []
    chart = (pprime_chart if plain == "p" else uprime_chart)(panel.numerator, panel.denominator)
    factor = laney_factor(chart, panel)
    if factor > WIDE:
        return prime, plain, [Reason("more_variation", {"factor": factor}), nature], warnings
    if factor < NARROW:
        warnings.append(Reason("less_variation", {"factor": factor}))
    return plain, "", [nature], warnings


def laney_factor(chart: Limits, panel: Panel) -> float:
    """Return the median over series of the factor by which a p' or u' chart widens plain limits; 1 where unknown."""
    centre = chart.centre
    unit = centre * (1 - centre) if chart.kind == "pprime" else centre
    away = (chart.value - centre) / np.sqrt(unit / np.asarray(panel.denominator))
    factor = np.where(np.abs(chart.z) > 0, away / chart.z, np.nan)
    known = factor[np.isfinite(factor)]
    return float(np.median(known)) if known.size else 1.0


def _count(panel: Panel) -> _Found:
    y = panel.numerator if panel.numerator is not None else panel.total
    per_period = float(np.median(y[np.isfinite(y)])) if np.isfinite(y).any() else 0.0
    mean = float(np.mean(y[np.isfinite(y)])) if np.isfinite(y).any() else 0.0
    numbers = {"events_per_period": mean, "median": per_period}
    if mean < RARE:
        return "t", "c", [Reason("rare_events", numbers), Reason("count", {})], []
    if panel.denominator is not None:
        size = np.asarray(panel.denominator)
        size = size[np.isfinite(size) & (size > 0)]
        if size.size and size.max() > 1.25 * size.min():
            return "u", "c", [Reason("rate", {"smallest": float(size.min()), "largest": float(size.max())})], []
    warnings = [Reason("few_events", numbers)] if mean < FEW else []
    return "c", "", [Reason("count", {}), Reason("equal_denominators", {})], warnings


def _mean(panel: Panel, log: bool) -> _Found:
    if panel.total is None or panel.total_sq is None or not (np.asarray(panel.n) > 1).any():
        kind, then, reasons, warnings = _value(panel)
        return kind, "xbar" if kind == "i" else then, [Reason("no_spread", {}), *reasons], warnings
    if not (log or panel.log):
        known = panel.known & (panel.n > 1)
        total, squares, n = (np.where(known, a, 0.0).sum() for a in (panel.total, panel.total_sq, panel.n))
        mean = float(total / n)
        spread = float(np.sqrt(max(squares / n - mean**2, 0.0)))
        # A spread above the mean of values that cannot be negative means a long tail.
        if mean > 0 and spread > mean:
            tail = Reason("skewed", {"mean": mean, "standard_deviation": spread})
            return "xbar", "", [Reason("mean", {})], [tail]
    return "xbar", "", [Reason("mean", {})], []


def _value(panel: Panel) -> _Found:
    value = panel.value
    seen = value[np.isfinite(value)]
    warnings: list[Any] = []
    if seen.size:
        middle = float(np.median(seen))
        share = float(np.mean(seen == middle))
        if share > 0.5:
            return "run", "g" if middle == 0 else "", [Reason("one_value", {"value": middle, "share": share})], []
        if seen.min() >= 0 and seen.mean() > SKEWED * middle:
            warnings.append(Reason("skewed", {"mean": float(seen.mean()), "median": middle}))
    return "i", "", [Reason("value", {})], warnings


def time_warnings(limits: Limits, *, at: tuple[int, ...] = (), season: int = 12) -> tuple[Reason, ...]:
    """Return what makes ordinary periods of one chart look unusual: ``season`` and ``alike_neighbours``.

    Args:
        limits: From a chart function.
        at: Position of the series; ``()`` for a single one.
        season: Periods in a year; below 2 for none.
    """
    found = dependence(limits, season=season)
    warnings = []
    if found.warn_season[at]:
        warnings.append(Reason("season", {"share": float(found.season_share[at])}))
    if found.warn_lag1[at]:
        warnings.append(Reason("alike_neighbours", {"correlation": float(found.lag1[at])}))
    return tuple(warnings)


def _time_warnings(panel: Panel, season: int) -> list[Reason]:
    """Return the warnings for the network line of many sites, or for a single series."""
    if len(panel.shape) == 1:
        return list(time_warnings(i_chart(panel.value), season=season))
    flat = Panel(**{k: v.reshape(-1, panel.periods) for k, v in panel.fields.items()}, log=panel.log)
    return list(time_warnings(i_chart(flat.pool().value), season=season))
