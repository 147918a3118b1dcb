"""Charts for rare events: g (cases between events) and t (time between events)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from allteach.errors import StatsError
from allteach.stats.charts.frame import (
    clean_values,
    in_sigmas,
    medians,
    mostly_one_value,
    open_frame,
    quiet,
    report,
    shaping,
)
from allteach.stats.charts.individuals import means, range_sigma
from allteach.stats.results import ALL_POINTS, Limits, Plan

# y ** (1/3.6) makes exponential gaps close to normal (Nelson 1994, quoted by Montgomery).
T_POWER = 3.6


@quiet
def g_chart(gap: Any, *, centre: str = "median", plan: Plan = ALL_POINTS) -> Limits:
    """Return a g chart: opportunities between events with geometric limits around the mean.

    Limits are mean ± 3 sqrt(mean (mean + 1)), never below zero. Gaps are skewed, so the line that runs are counted
    around is a middle value, not the mean.

    Args:
        gap: ``(..., T)`` cases between one event and the next; zero when two events follow each other.
        centre: ``"median"`` of the gaps; ``"theory"`` for 0.693 x mean; ``"mean"``.
        plan: Phases, baseline and excluded points.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005`` unknown centre, ``AT-S-006``.

    Source: Benneyan 2001 (number-between g-type charts); Provost & Murray, The Health Care Data Guide.

    Example:
        >>> chart = g_chart([10, 25, 4, 61, 30])
        >>> float(chart.centre[0]), round(float(chart.upper[0]), 2)
        (25.0, 105.49)
    """
    if centre not in ("median", "theory", "mean"):
        raise StatsError("AT-S-005", f"There is no centre {centre!r}.", expected="median, theory or mean")
    frame, (y,) = open_frame("g", plan, gap=gap)
    there = clean_values(frame, y, floor=0.0)
    used = shaping(frame, there)
    (above,) = frame.sums(used, y)
    averages = [a / k for a, k in zip(above, frame.counts(used), strict=True)]
    report(frame, [a <= 0 for a in averages], "AT-S-016")
    mean = frame.spread(averages)
    sigma = np.sqrt(np.where(mean > 0, mean * (mean + 1), np.nan))
    if centre == "median":
        line = frame.spread([medians(y[:, part], used[:, part]) for part in frame.phases])
    else:
        line = mean * (math.log(2) if centre == "theory" else 1.0)
    withheld = mostly_one_value(frame, y, used)
    bounds = (np.maximum(mean - 3 * sigma, 0), mean + 3 * sigma)
    kind = "mean" if centre == "mean" else "median"
    return frame.limits(y, line, bounds, in_sigmas(y, mean, sigma), used, centre_kind=kind, withheld=withheld)


@quiet
def t_chart(gap_days: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return a t chart: time between events, drawn in time, with limits from an individuals chart of y^(1/3.6).

    A lower limit that is negative on the transformed scale is zero. Times must be above zero: for events on one day
    give hours, or count cases and use `g_chart`.

    Args:
        gap_days: ``(..., T)`` time since the event before.
        plan: As for `i_chart`.

    Raises:
        StatsError: ``AT-S-001``, ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Montgomery, Introduction to Statistical Quality Control, section on low-defect processes.

    Example:
        >>> chart = t_chart([10.0, 25, 4, 61, 30])
        >>> round(float(chart.centre[0]), 2)
        20.15
    """
    frame, (y,) = open_frame("t", plan, gap_days=gap_days)
    if (y <= 0).any():
        frame.refuse((y <= 0).any(axis=-1), "AT-S-019", y)
    there = clean_values(frame, y)
    used = shaping(frame, there)
    bent = y ** (1 / T_POWER)
    middle = means(frame, bent, used)
    sigma = range_sigma(frame, bent, there, used)
    withheld = mostly_one_value(frame, y, used)
    sigma = np.where(withheld, np.nan, sigma)
    bounds = (np.maximum(middle - 3 * sigma, 0) ** T_POWER, (middle + 3 * sigma) ** T_POWER)
    return frame.limits(y, middle**T_POWER, bounds, in_sigmas(bent, middle, sigma), used, withheld=withheld)
