"""Individuals and moving range charts (XmR), and Taylor's I' chart for values with unequal denominators."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from allteach.errors import StatsError
from allteach.stats.charts.frame import (
    Frame,
    clean_ratio,
    clean_values,
    in_sigmas,
    mostly_one_value,
    open_frame,
    quiet,
    shaping,
)
from allteach.stats.charts.ranges import MR_LIMIT, mean_ranges, moving_ranges, mr_constant, size_of
from allteach.stats.results import ALL_POINTS, Bools, Floats, Limits, Plan


def means(frame: Frame, value: Floats, used: Bools) -> Floats:
    """Return per-phase means over the points used, spread over the periods."""
    (above,) = frame.sums(used, value)
    return frame.spread([a / k for a, k in zip(above, frame.counts(used), strict=True)])


def range_sigma(frame: Frame, value: Floats, there: Bools, used: Bools) -> Floats:
    """Return per-phase sigma from the mean moving range; NaN, with the reason recorded, where there is none."""
    ranges, _ = moving_ranges(frame, value, there)
    constant = mr_constant(frame.plan.mr_constant)
    return frame.spread(mean_ranges(frame, ranges, used, size_of(value))) / constant


def known_sigma(sigma: float | None, frame: Frame, value: Floats, there: Bools, used: Bools) -> Floats:
    """Return the sigma given, or that of the moving ranges."""
    if sigma is None:
        return range_sigma(frame, value, there, used)
    if not 0 < sigma < math.inf:
        raise StatsError("AT-S-005", "A known standard deviation must be above zero.")
    return np.full((frame.series, 1), float(sigma))


@quiet
def i_chart(value: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return an individuals chart: mean and three sigmas, sigma from the mean moving range.

    No range is taken across a missing period or a new phase; ranges are joined across an excluded point, which is
    still judged. Values that are all equal or mostly one value get no limits rather than limits on the centre line.

    Args:
        value: ``(..., T)`` one number a period, NaN where missing.
        plan: Phases, baseline, excluded points, `screen_ranges` and `mr_constant`.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Assumes: values without strong season or lag-1 correlation (see `phases.dependence`).

    Source: Montgomery, Introduction to Statistical Quality Control, section on the Shewhart chart for individual
    measurements; screening: Nelson 1982, J Qual Technol.

    Example:
        >>> chart = i_chart([10.0, 12, 11, 13, 12])
        >>> round(float(chart.upper[0]), 3)
        15.589
    """
    frame, (points,) = open_frame("i", plan, value=value)
    there = clean_values(frame, points)
    used = shaping(frame, there)
    centre = means(frame, points, used)
    sigma = range_sigma(frame, points, there, used)
    withheld = mostly_one_value(frame, points, used)
    sigma = np.where(withheld, np.nan, sigma)
    bounds = (centre - 3 * sigma, centre + 3 * sigma)
    return frame.limits(points, centre, bounds, in_sigmas(points, centre, sigma), used, withheld=withheld)


@quiet
def mr_chart(value: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return the moving range chart that goes with `i_chart`: an upper limit of 3.267 mean ranges.

    Neighbouring ranges share a point, so only the upper limit is judged, never runs.

    Args:
        value: ``(..., T)`` the values themselves, not their ranges.
        plan: As for `i_chart`.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Montgomery, Introduction to Statistical Quality Control, section on individual measurements.

    Example:
        >>> round(float(mr_chart([10.0, 12, 11, 13, 12]).upper[1]), 4)
        4.9005
    """
    frame, (points,) = open_frame("mr", plan, value=value)
    there = clean_values(frame, points)
    used = shaping(frame, there)
    ranges, _ = moving_ranges(frame, points, there)
    centre = frame.spread(mean_ranges(frame, ranges, used, size_of(points)))
    upper = MR_LIMIT * centre
    z = (ranges - centre) / (upper - centre) * 3
    return frame.limits(ranges, centre, (np.where(centre > 0, 0.0, np.nan), upper), z, used & np.isfinite(ranges))


@quiet
def iprime_chart(numerator: Any, denominator: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return Taylor's I' chart: ratios whose spread falls with the root of the denominator, without a binomial claim.

    Sigma of one unit of denominator comes from normalised moving ranges, ``abs(x_i - x_j) / sqrt(1/n_i + 1/n_j)``, from
    the baseline alone when there is one.

    Args:
        numerator: ``(..., T)`` sums or counts (the numerator, not the ratio).
        denominator: ``(..., T)`` sizes above zero.
        plan: As for `i_chart`.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Taylor, Normalized Individuals (I-N) Chart, variation.com.

    Example:
        >>> chart = iprime_chart([10.0, 24, 11, 13, 12], [1, 2, 1, 1, 1])
        >>> round(float(chart.centre[0]), 4)
        11.6667
    """
    frame, (y, n) = open_frame("iprime", plan, numerator=numerator, denominator=denominator)
    there = clean_ratio(frame, y, n, whole=False, signed=True)
    used = shaping(frame, there)
    value = y / n
    (above, below) = frame.sums(used, y, n)
    centre = frame.spread([a / b for a, b in zip(above, below, strict=True)])
    ranges, previous = moving_ranges(frame, value, there)
    if previous is None:
        ranges[:, 1:] /= np.sqrt(1 / n[:, 1:] + 1 / n[:, :-1])
    else:
        ranges /= np.sqrt(1 / n + 1 / np.take_along_axis(n, previous, axis=-1))
    noise = size_of(value) * np.sqrt(np.fmax.reduce(n, axis=-1, initial=0.0))
    unit = frame.spread(mean_ranges(frame, ranges, used, noise)) * math.sqrt(2) / mr_constant(plan.mr_constant)
    withheld = mostly_one_value(frame, value, used)
    sigma = np.where(withheld, np.nan, unit) / np.sqrt(n)
    bounds = (centre - 3 * sigma, centre + 3 * sigma)
    extra: dict[str, Any] = {"withheld": withheld, "numerator": y, "denominator": n}
    return frame.limits(value, centre, bounds, in_sigmas(value, centre, sigma), used, **extra)
