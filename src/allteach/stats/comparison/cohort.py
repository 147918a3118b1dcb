"""Who is in: membership in time, and inclusion rules with the reason for every cell left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import StatsError
from allteach.stats.comparison.inputs import numbers
from allteach.stats.results import Bools, Floats

REASONS = ("included", "not_member", "no_data", "first_periods", "low_capture", "few_periods")


@dataclass(frozen=True, slots=True)
class InclusionRules:
    """Rules agreed before the results are seen.

    Args:
        min_capture: Least share of eligible patients that a site must have entered; a period below it is left out.
        min_periods: Periods that a site must still have after the other rules; else all of the site is left out.
        drop_first: Periods dropped after a site's first one with data, while it learns to report.

    Source:
        crandall2012 used capture of 75 % and dropped the first six months.
    """

    min_capture: float = 0.0
    min_periods: int = 0
    drop_first: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.min_capture <= 1 or min(self.min_periods, self.drop_first) < 0:
            raise StatsError("AT-S-106", "Capture lies between 0 and 1, numbers of periods are 0 or more.")


@dataclass(frozen=True, slots=True)
class Cohort:
    """Which site-periods count.

    Attributes:
        included: ``(S, T)``.
        reason: ``(S, T)`` position in `REASONS`.
        sites: ``(S,)`` True for sites with at least one period included.
        rules: As used.
    """

    included: Bools
    reason: NDArray[np.int8]
    sites: Bools
    rules: InclusionRules

    def keep(self, values: ArrayLike) -> Floats:
        """Return ``(S, T)`` values with NaN where a cell is left out."""
        return np.where(self.included, np.asarray(values, float), np.nan)

    def count(self, reason: str) -> int:
        """Return how many site-periods have this reason."""
        return int((self.reason == REASONS.index(reason)).sum())


def membership(first: ArrayLike, last: ArrayLike, periods: int) -> Bools:
    """Return ``(S, T)`` True while a site is a member.

    Args:
        first: ``(S,)`` position of its first period; NaN for a site that never joined.
        last: ``(S,)`` position of its last; NaN for a site that has not left.
        periods: T.

    Raises:
        StatsError: ``AT-S-101`` when the two differ in length, ``AT-S-139`` when a site leaves before it joins.

    Example:
        >>> membership([0, 2], [float("nan"), 2], 4).astype(int).tolist()
        [[1, 1, 1, 1], [0, 0, 1, 0]]
    """
    start, end = np.asarray(first, float), np.asarray(last, float)
    if start.shape != end.shape or start.ndim != 1:
        raise StatsError("AT-S-101", f"First periods have shape {start.shape}, last ones {end.shape}.")
    if (end < start).any():
        raise StatsError("AT-S-139", "A site leaves before it joins.")
    t = np.arange(periods)
    return (t >= np.where(np.isnan(start), np.inf, start)[:, None]) & (
        t <= np.where(np.isnan(end), np.inf, end)[:, None]
    )


def cohort(
    denominator: ArrayLike,
    *,
    rules: InclusionRules | None = None,
    capture: ArrayLike | None = None,
    member: ArrayLike | None = None,
) -> Cohort:
    """Return which site-periods count under the rules, with the first reason that leaves each other one out.

    Args:
        denominator: ``(S, T)``; NaN or 0 is no data.
        rules: Inclusion rules; none by default.
        capture: ``(S,)`` or ``(S, T)`` share of eligible patients entered; NaN counts as below any minimum.
        member: ``(S, T)`` from `membership`.

    Raises:
        StatsError: ``AT-S-101`` to ``AT-S-103`` for unusable arrays, ``AT-S-140`` when a minimum capture is asked for
            and no capture is given.
    """
    used = rules or InclusionRules()
    n = numbers("denominators", denominator, ndim=2)
    has = np.isfinite(n) & (n > 0)
    reason = np.zeros(n.shape, np.int8)
    steps = [(~_same_shape("members", member, n, bool), "not_member")] if member is not None else []
    steps += [(~has, "no_data"), (_first_periods(has, used.drop_first), "first_periods")]
    if used.min_capture > 0:
        if capture is None:
            raise StatsError("AT-S-140", "A least capture is asked for, and no capture is given.")
        share = np.asarray(capture, float)
        share = _same_shape("captures", share[:, None] if share.ndim == 1 else share, n, float)
        steps.append((~(share >= used.min_capture), "low_capture"))
    for mask, name in steps:
        reason[(reason == 0) & mask] = REASONS.index(name)
    few = (reason == 0).sum(axis=1) < used.min_periods
    reason[few[:, None] & (reason == 0)] = REASONS.index("few_periods")
    return Cohort(reason == 0, reason, (reason == 0).any(axis=1), used)


def _same_shape(name: str, values: ArrayLike, n: Floats, dtype: type) -> np.ndarray:
    try:
        return np.broadcast_to(np.asarray(values, dtype), n.shape)
    except ValueError as error:
        raise StatsError("AT-S-101", f"The {name} do not fit {n.shape[0]} sites and {n.shape[1]} periods.") from error


def _first_periods(has: Bools, drop: int) -> Bools:
    """Return True for the first `drop` periods from a site's first one with data."""
    first = np.where(has.any(axis=1), has.argmax(axis=1), has.shape[1])
    t = np.arange(has.shape[1])
    return (t >= first[:, None]) & (t < first[:, None] + drop)
