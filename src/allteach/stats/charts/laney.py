"""Laney's p' and u' charts: binomial or Poisson limits widened or narrowed by the variation between periods."""

from __future__ import annotations

from typing import Any

import numpy as np

from allteach.stats.charts.frame import clean_ratio, mostly_one_value, open_frame, quiet, report, shaping
from allteach.stats.charts.ranges import mean_ranges, moving_ranges, mr_constant
from allteach.stats.results import ALL_POINTS, Limits, Plan


@quiet
def pprime_chart(numerator: Any, denominator: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return a p' chart: a p chart whose sigmas are multiplied by the sigma of its z values.

    The factor is used also when it is below one. Where every case had the same outcome z is 0/0: no limits, a reason.

    Args:
        numerator: ``(..., T)`` cases with the event.
        denominator: ``(..., T)`` cases.
        plan: As for `i_chart`; screening is of the moving ranges of z.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Laney 2002, Qual Eng 14:531.

    Example:
        >>> chart = pprime_chart([520, 480, 530, 470], [1000, 1000, 1000, 1000])
        >>> float(chart.centre[0])
        0.5
    """
    return _laney("pprime", plan, numerator=numerator, denominator=denominator)


@quiet
def uprime_chart(events: Any, exposure: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return a u' chart: a u chart whose sigmas are multiplied by the sigma of its z values.

    Args:
        events: ``(..., T)`` counts.
        exposure: ``(..., T)`` exposure in one unit.
        plan: As for `i_chart`; screening is of the moving ranges of z.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Laney 2002, Qual Eng 14:531.

    Example:
        >>> chart = uprime_chart([520, 480, 530, 470], [1000, 1000, 1000, 1000])
        >>> float(chart.centre[0])
        0.5
    """
    return _laney("uprime", plan, events=events, exposure=exposure)


def _laney(kind: str, plan: Plan, **given: Any) -> Limits:
    frame, (y, n) = open_frame(kind, plan, **given)
    proportion = kind == "pprime"
    there = clean_ratio(frame, y, n, whole=proportion)
    used = shaping(frame, there)
    (above, below) = frame.sums(used, y, n)
    centres = [a / b for a, b in zip(above, below, strict=True)]
    report(frame, [(c <= 0) | (proportion & (c >= 1)) for c in centres], "AT-S-018")
    centre = frame.spread(centres)
    unit = centre * (1 - centre) if proportion else centre
    sigma = np.sqrt(np.where(unit > 0, unit, np.nan) / n)
    value = y / n
    z = (value - centre) / sigma
    ranges, _ = moving_ranges(frame, z, there)
    # z is in sigmas, so a mean range this small is rounding.
    factor = frame.spread(mean_ranges(frame, ranges, used, 1e-9)) / mr_constant(plan.mr_constant)
    withheld = mostly_one_value(frame, value, used)
    factor = np.where(withheld, np.nan, factor)
    z /= factor
    sigma *= 3 * factor
    upper, lower = centre + sigma, np.maximum(centre - sigma, 0)
    if proportion:
        np.minimum(upper, 1, out=upper)
    extra: dict[str, Any] = {"withheld": withheld, "numerator": y, "denominator": n}
    return frame.limits(value, centre, (lower, upper), z, used, **extra)
