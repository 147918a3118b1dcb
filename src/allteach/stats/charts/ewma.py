"""Exponentially weighted moving averages: charts that find small lasting changes."""

from __future__ import annotations

from typing import Any

import numpy as np

from allteach.errors import StatsError
from allteach.stats.charts.frame import clean_values, mostly_one_value, open_frame, quiet, shaping
from allteach.stats.charts.individuals import known_sigma, means
from allteach.stats.results import ALL_POINTS, Floats, Limits, Plan


def decay_sum(values: Floats, keep: float) -> Floats:
    """Return ``y[t] = keep * y[t-1] + values[t]`` along the last axis, by doubling: log2 passes, no loop over points.

    Example:
        >>> decay_sum(np.array([1.0, 0.0, 0.0]), 0.5)
        array([1.  , 0.5 , 0.25])
    """
    out = np.array(values, dtype=np.float64)
    step, weight = 1, keep
    while step < out.shape[-1] and weight > 1e-18:
        out[..., step:] += weight * out[..., :-step]
        step, weight = 2 * step, weight * weight
    return out


@quiet
def ewma_chart(
    value: Any,
    *,
    weight: float = 0.2,
    width: float = 3.0,
    target: float | None = None,
    sigma: float | None = None,
    plan: Plan = ALL_POINTS,
) -> Limits:
    """Return an EWMA chart of single values with exact limits that widen from the start of each phase.

    A missing period has no point and no weight. The average starts at the centre in each phase. Neighbouring points
    share data: only points beyond the limits are judged, never runs.

    Args:
        value: ``(..., T)`` one number a period.
        weight: Weight of the newest value, above 0 up to 1.
        width: Limits in sigmas of the average.
        target: Centre; None takes the mean of the points that shape the limits.
        sigma: Standard deviation of one value where it is known; None takes it from the moving ranges.
        plan: As for `i_chart`.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005`` weight, width or sigma, ``AT-S-006``.

    Source: Montgomery, Introduction to Statistical Quality Control, section on the EWMA chart.

    Example:
        >>> chart = ewma_chart([10.0, 12, 11, 13, 12], weight=0.5)
        >>> chart.value.round(3)
        array([10.8 , 11.4 , 11.2 , 12.1 , 12.05])
    """
    if not 0 < weight <= 1 or not width > 0:
        raise StatsError("AT-S-005", "An EWMA chart needs a weight above 0 up to 1 and a width above 0.")
    frame, (points,) = open_frame("ewma", plan, value=value)
    there = clean_values(frame, points)
    used = shaping(frame, there)
    centre = means(frame, points, used) if target is None else np.full((frame.series, 1), float(target))
    spread_of_one = np.where(
        mostly_one_value(frame, points, used), np.nan, known_sigma(sigma, frame, points, there, used)
    )
    average, spread = np.empty_like(points), np.empty_like(points)
    middle = np.broadcast_to(centre, points.shape)
    for part in frame.phases:
        seen = np.cumsum(there[:, part], axis=-1)
        average[:, part] = _smooth(points[:, part] - middle[:, part], there[:, part], seen, weight)
        spread[:, part] = np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2.0 * seen)))
    step = np.where(spread > 0, spread, np.nan) * spread_of_one
    average[~there] = np.nan
    bounds = (centre - width * step, centre + width * step)
    return frame.limits(centre + average, centre, bounds, average / step * (3 / width), used)


def _smooth(deviation: Floats, there: np.ndarray, seen: np.ndarray, weight: float) -> Floats:
    """Return the weighted average of the deviations seen so far; missing points are stepped over."""
    if there.all():
        return decay_sum(weight * deviation, 1 - weight)
    packed = np.zeros_like(deviation)
    rows = np.nonzero(there)[0]
    packed[rows, seen[there] - 1] = deviation[there]
    smooth = decay_sum(weight * packed, 1 - weight)
    return np.take_along_axis(smooth, np.maximum(seen - 1, 0), axis=-1)
