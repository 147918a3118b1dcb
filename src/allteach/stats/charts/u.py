"""Charts of event rates per exposure with Poisson limits."""

from __future__ import annotations

from typing import Any

import numpy as np

from allteach.stats.charts.exact import exact_lines
from allteach.stats.charts.frame import clean_ratio, in_sigmas, mostly_one_value, open_frame, quiet, report, shaping
from allteach.stats.results import ALL_POINTS, Limits, Plan


@quiet
def u_chart(events: Any, exposure: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return a u chart: events per unit of exposure with limits by each exposure.

    The centre is the sum of events over the sum of exposure. The lower limit is never below zero.

    Args:
        events: ``(..., T)`` counts, NaN where missing (a missing month is no zero).
        exposure: ``(..., T)`` days, devices or other exposure in one unit.
        plan: Phases, baseline and excluded points.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Assumes: events are independent with one rate; with huge exposure use `uprime_chart`.

    Source: Montgomery, Introduction to Statistical Quality Control, section on control charts for nonconformities.

    Example:
        >>> chart = u_chart([4, 6, 2, 8], [1000, 1200, 900, 1100])
        >>> round(float(chart.centre[0]) * 1000, 3)
        4.762
    """
    frame, (y, n) = open_frame("u", plan, events=events, exposure=exposure)
    there = clean_ratio(frame, y, n, whole=False)
    used = shaping(frame, there)
    (above, below) = frame.sums(used, y, n)
    centres = [a / b for a, b in zip(above, below, strict=True)]
    report(frame, [c <= 0 for c in centres], "AT-S-018")
    centre = frame.spread(centres)
    sigma = np.sqrt(np.where(centre > 0, centre, np.nan) / n)
    value = y / n
    upper = centre + 3 * sigma
    lower = np.maximum(centre - 3 * sigma, 0)
    withheld = mostly_one_value(frame, value, used)
    z = in_sigmas(value, centre, sigma)
    if plan.limits == "exact":
        lower, upper, z = exact_lines(y, n, centre, binomial=False)
    return frame.limits(value, centre, (lower, upper), z, used, withheld=withheld, numerator=y, denominator=n)
