"""Charts of proportions with binomial limits."""

from __future__ import annotations

from typing import Any

import numpy as np

from allteach.stats.charts.exact import exact_lines
from allteach.stats.charts.frame import clean_ratio, in_sigmas, mostly_one_value, open_frame, quiet, report, shaping
from allteach.stats.results import ALL_POINTS, Limits, Plan


@quiet
def p_chart(numerator: Any, denominator: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return a p chart: proportions with limits by each denominator.

    The centre is the sum of numerators over the sum of denominators, never the mean of proportions. A period without
    numerator or with an empty denominator has no point and stays out of both sums. Limits are clipped to 0-1.

    Args:
        numerator: ``(..., T)`` cases with the event, NaN where missing.
        denominator: ``(..., T)`` cases, NaN where missing.
        plan: Phases, baseline and excluded points.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Assumes: cases are independent and of equal risk; with huge or clustered denominators use `pprime_chart`.

    Source: Montgomery, Introduction to Statistical Quality Control, section on the control chart for fraction
    nonconforming.

    Example:
        >>> chart = p_chart([12, 15, 8], [50, 50, 50])
        >>> float(chart.centre[0].round(4)), float(chart.upper[0].round(4))
        (0.2333, 0.4128)
    """
    frame, (y, n) = open_frame("p", plan, numerator=numerator, denominator=denominator)
    there = clean_ratio(frame, y, n, whole=True)
    used = shaping(frame, there)
    (above, below) = frame.sums(used, y, n)
    centres = [a / b for a, b in zip(above, below, strict=True)]
    report(frame, [(c <= 0) | (c >= 1) for c in centres], "AT-S-018")
    centre = frame.spread(centres)
    spread = centre * (1 - centre)
    sigma = np.sqrt(np.where(spread > 0, spread, np.nan) / n)
    value = y / n
    upper = np.minimum(centre + 3 * sigma, 1)
    lower = np.maximum(centre - 3 * sigma, 0)
    withheld = mostly_one_value(frame, value, used)
    z = in_sigmas(value, centre, sigma)
    if plan.limits == "exact":
        lower, upper, z = exact_lines(y, n, centre, binomial=True)
    return frame.limits(value, centre, (lower, upper), z, used, withheld=withheld, numerator=y, denominator=n)
