"""Run charts: points around their median."""

from __future__ import annotations

from typing import Any

import numpy as np

from allteach.stats.charts.frame import clean_values, medians, mostly_one_value, open_frame, quiet, shaping
from allteach.stats.results import ALL_POINTS, Limits, Plan


@quiet
def run_chart(value: Any, *, plan: Plan = ALL_POINTS) -> Limits:
    """Return points around the median of each phase; a run chart has no limits.

    Args:
        value: ``(..., T)`` any number, NaN where missing.
        plan: Phases, baseline and excluded points.

    Raises:
        StatsError: ``AT-S-002``, ``AT-S-005``, ``AT-S-006``.

    Source: Perla, Provost & Murray 2011, BMJ Qual Saf 20:46.

    Example:
        >>> run_chart([3.0, 5, 4, 6, 2]).centre[0]
        np.float64(4.0)
    """
    frame, (points,) = open_frame("run", plan, value=value)
    there = clean_values(frame, points)
    used = shaping(frame, there, least=1)
    middle = frame.spread([medians(points[:, part], used[:, part]) for part in frame.phases])
    withheld = mostly_one_value(frame, points, used)
    nothing = np.full((1, 1), np.nan)
    return frame.limits(points, middle, (nothing, nothing), nothing, used, centre_kind="median", withheld=withheld)
