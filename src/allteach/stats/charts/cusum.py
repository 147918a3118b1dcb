"""Tabular cumulative sums: charts that find small lasting changes soonest."""

from __future__ import annotations

from typing import Any

import numpy as np

from allteach.errors import StatsError
from allteach.stats.charts.frame import clean_values, mostly_one_value, open_frame, quiet, shaping
from allteach.stats.charts.individuals import known_sigma, means
from allteach.stats.results import ALL_POINTS, Floats, Limits, Plan


def sum_above_zero(steps: Floats) -> Floats:
    """Return ``c[t] = max(0, c[t-1] + steps[t])`` along the last axis, starting from zero, without a loop.

    Example:
        >>> sum_above_zero(np.array([1.0, -3.0, 2.0]))
        array([1., 0., 2.])
    """
    total = np.cumsum(steps, axis=-1)
    return np.asarray(total - np.minimum(np.minimum.accumulate(total, axis=-1), 0.0))


@quiet
def cusum_chart(
    value: Any,
    *,
    slack: float = 0.5,
    decision: float = 5.0,
    target: float | None = None,
    sigma: float | None = None,
    plan: Plan = ALL_POINTS,
) -> Limits:
    """Return a two-sided tabular cusum of single values, in the unit of the values.

    `value` holds the upper sum and `second` the lower sum as a negative number; limits are plus and minus `decision`
    sigmas around zero. Sums run on after a signal and start anew with each phase. The stored value is the sum itself:
    nothing is reset, so the crossing value is kept.

    Args:
        value: ``(..., T)`` one number a period.
        slack: Deviation in sigmas that is let pass (k), half of the shift to be found.
        decision: Limit in sigmas (h).
        target: The aim; None takes the mean of the points that shape the limits.
        sigma: Standard deviation of one value where it is known; None takes it from the moving ranges.
        plan: As for `i_chart`.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005`` slack, decision or sigma, ``AT-S-006``.

    Source: Montgomery, Introduction to Statistical Quality Control, section on the tabular cusum.

    Example:
        >>> chart = cusum_chart([10.0, 12, 11, 13, 12, 15, 16], target=10)
        >>> chart.value.round(2)[-1]
        np.float64(14.57)
    """
    if slack < 0 or not decision > 0:
        raise StatsError("AT-S-005", "A cusum chart needs a slack of at least 0 and a decision limit above 0.")
    frame, (points,) = open_frame("cusum", plan, value=value)
    there = clean_values(frame, points)
    used = shaping(frame, there)
    centre = means(frame, points, used) if target is None else np.full((frame.series, 1), float(target))
    spread_of_one = np.where(
        mostly_one_value(frame, points, used), np.nan, known_sigma(sigma, frame, points, there, used)
    )
    deviation = points - centre
    upper = np.where(there, deviation - slack * spread_of_one, 0.0)
    lower = np.where(there, -deviation - slack * spread_of_one, 0.0)
    for part in frame.phases:
        upper[:, part] = sum_above_zero(upper[:, part])
        lower[:, part] = sum_above_zero(lower[:, part])
    upper[~there] = np.nan
    lower[~there] = np.nan
    limit = decision * spread_of_one
    worst = np.where(upper >= lower, upper, -lower)
    zero = np.where(np.isfinite(limit), 0.0, np.nan)
    return frame.limits(upper, zero, (-limit, limit), worst / limit * 3, used, second=-lower)
