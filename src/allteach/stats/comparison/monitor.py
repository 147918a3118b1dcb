"""Everything a site's patients say against their risk, patient by patient and gathered by period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison.risk_cusum import checked, path, weights
from allteach.stats.comparison.risk_lines import RiskEwma, risk_adjusted_ewma
from allteach.stats.results import Bools, Floats


@dataclass(frozen=True, slots=True, eq=False)
class RiskMonitor:
    """A site's patients in order against their risks.

    Attributes:
        outcome, risk: ``(N,)`` of the patients that count.
        at: ``(N,)`` position of each patient's period.
        rising, falling: ``(N,)`` the two CUSUM charts, 0 or more and 0 or less; at a signal the value before the reset.
        up, down: ``(N,)`` True at signals.
        vlad: ``(N,)`` expected less observed events so far.
        ewma: Running averages with limits.
        left_out: Patients without outcome or risk.
    """

    outcome: Floats
    risk: Floats
    at: NDArray[np.int64]
    rising: Floats
    falling: Floats
    up: Bools
    down: Bools
    vlad: Floats
    ewma: RiskEwma
    left_out: int


@dataclass(frozen=True, slots=True, eq=False)
class PeriodMonitor:
    """The same by period, ``(T,)`` each: counts within it and the charts as they stood at its last patient.

    Attributes:
        cases, observed, expected, variance: Within the period; 0 where it has no patient.
        rising, falling: CUSUM charts; in a period with a signal the value that crossed last. NaN without patients.
        up, down: True where the period holds a signal.
        vlad: Expected less observed so far.
        average, usual, lower, upper: Running average, that of the risks, and its limits.
        outside: -1, 0 or +1: the running average lies below or above its limits.
    """

    cases: Floats
    observed: Floats
    expected: Floats
    variance: Floats
    rising: Floats
    falling: Floats
    up: Bools
    down: Bools
    vlad: Floats
    average: Floats
    usual: Floats
    lower: Floats
    upper: Floats
    outside: NDArray[np.int8]


def risk_monitor(
    outcome: ArrayLike,
    risk: ArrayLike,
    at: ArrayLike,
    *,
    limit_up: float,
    limit_down: float,
    odds_up: float = 2.0,
    odds_down: float = 0.5,
    ewma_weight: float = 0.02,
) -> RiskMonitor | NotEstimable:
    """Return the charts of one site's patients.

    Args:
        outcome: ``(N,)`` 0 or 1 in order of time.
        risk: ``(N,)`` risks strictly between 0 and 1; patients without one are left out and counted.
        at: ``(N,)`` position of each patient's period, never falling.
        limit_up: Limit of the rising chart, above 0 (`limit_for_run_length`).
        limit_down: Limit of the falling chart, as a number above 0.
        odds_up: Odds ratio that the rising chart looks for.
        odds_down: The same of the falling chart.
        ewma_weight: Of the newest patient in the running average.

    Returns:
        A RiskMonitor, or NotEstimable ``AT-S-110`` without any patient.

    Raises:
        StatsError: as `risk_adjusted_cusum`; ``AT-S-101`` when periods do not fit or fall back.

    Source:
        steiner2000, lovegrove1997, cook2008.
    """
    y, p = checked(outcome, risk)
    place = np.asarray(at, dtype=np.int64)
    if place.shape != y.shape or (np.diff(place) < 0).any():
        raise StatsError("AT-S-101", "There is not one period for each patient, in order of time.")
    if not (limit_up > 0 and limit_down > 0 and odds_up > 1.0 and 0.0 < odds_down < 1.0):
        raise StatsError("AT-S-134", "Limits are above 0; the rising odds ratio is above 1, the falling one below.")
    known = np.isfinite(y) & np.isfinite(p)
    if not known.any():
        return NotEstimable("AT-S-110", "No patient has an outcome and a risk.")
    y, p, place = y[known], p[known], place[known]
    average = risk_adjusted_ewma(y, p, weight=ewma_weight)
    assert not isinstance(average, NotEstimable)
    rising, up = path(weights(y, p, odds_up), limit_up)
    falling, down = path(weights(y, p, odds_down), limit_down)
    return RiskMonitor(
        y, p, place, rising, -falling, _true_at(up, y.size), _true_at(down, y.size), np.cumsum(p - y), average,
        int(known.size - known.sum()),
    )  # fmt: skip


def _true_at(places: NDArray[np.int64], size: int) -> Bools:
    flags = np.zeros(size, dtype=bool)
    flags[places] = True
    return flags


def by_period(found: RiskMonitor, periods: int) -> PeriodMonitor:
    """Return a monitor gathered by period.

    Args:
        found: The patients.
        periods: How many periods there are.
    """
    at = found.at

    def total(values: Floats) -> Floats:
        return np.bincount(at, weights=values, minlength=periods).astype(np.float64)

    there = np.bincount(at, minlength=periods) > 0
    last = np.full(periods, -1)
    last[at] = np.arange(at.size)

    def final(values: Floats) -> Floats:
        return np.where(there, values[last], np.nan)

    def crossing(values: Floats, signals: Bools) -> tuple[Floats, Bools]:
        where = np.flatnonzero(signals)
        out, flags = final(values), np.zeros(periods, dtype=bool)
        out[at[where]], flags[at[where]] = values[where], True
        return out, flags

    rising, up = crossing(found.rising, found.up)
    falling, down = crossing(found.falling, found.down)
    average, usual, lower, upper = (
        final(part) for part in (found.ewma.observed, found.ewma.expected, found.ewma.lower, found.ewma.upper)
    )
    z = final(found.ewma.z)
    return PeriodMonitor(
        total(np.ones(at.size)), total(found.outcome), total(found.risk), total(found.risk * (1.0 - found.risk)),
        rising, falling, up, down, final(found.vlad), average, usual, lower, upper,
        np.where(np.abs(np.nan_to_num(z)) > found.ewma.width, np.sign(np.nan_to_num(z)), 0).astype(np.int8),
    )  # fmt: skip
