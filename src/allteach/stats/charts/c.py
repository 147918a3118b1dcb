"""Charts of counts from an equal area of opportunity."""

from __future__ import annotations

from typing import Any

import numpy as np

from allteach.stats.charts.exact import exact_lines
from allteach.stats.charts.frame import clean_values, in_sigmas, mostly_one_value, open_frame, quiet, report, shaping
from allteach.stats.results import ALL_POINTS, Limits, Plan


@quiet
def c_chart(count: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return a c chart: counts with Poisson limits. A missing month is no zero.

    Args:
        count: ``(..., T)`` events in periods of equal exposure, NaN where missing.
        plan: Phases, baseline and excluded points.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Assumes: every period has the same exposure; if not, use `u_chart`.

    Source: Montgomery, Introduction to Statistical Quality Control, section on control charts for nonconformities.

    Example:
        >>> chart = c_chart([4, 6, 2, 8, 5])
        >>> float(chart.centre[0]), round(float(chart.upper[0]), 3)
        (5.0, 11.708)
    """
    frame, (y,) = open_frame("c", plan, count=count)
    there = clean_values(frame, y, floor=0.0)
    used = shaping(frame, there)
    (above,) = frame.sums(used, y)
    centres = [a / k for a, k in zip(above, frame.counts(used), strict=True)]
    report(frame, [c <= 0 for c in centres], "AT-S-018")
    centre = frame.spread(centres)
    sigma = np.sqrt(np.where(centre > 0, centre, np.nan))
    withheld = mostly_one_value(frame, y, used)
    bounds = [np.maximum(centre - 3 * sigma, 0), centre + 3 * sigma]
    z = in_sigmas(y, centre, sigma)
    if plan.limits == "exact":
        *bounds, z = exact_lines(y, np.ones_like(y), centre, binomial=False)
    return frame.limits(y, centre, bounds, z, used, withheld=withheld)
