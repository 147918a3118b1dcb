"""Moving ranges and the constants that turn ranges and standard deviations into sigmas."""

from __future__ import annotations

import math

import numpy as np

from allteach.errors import StatsError
from allteach.stats import special
from allteach.stats.charts.frame import Frame, report
from allteach.stats.results import Bools, Floats

# Mean of a moving range of two normal values, in sigmas, by convention.
MR_CONSTANTS = {"table": 1.128, "exact": 2 / math.sqrt(math.pi), "nhs": 3 / 2.66}
# A moving range of this many mean ranges or more is screened out (Nelson 1982); also the limit of an MR chart.
MR_LIMIT = 3.267

# Mean and standard deviation of the range of n normal values, in sigmas, n = 2..25 (Montgomery, appendix table VI).
D2: tuple[float, ...] = (1.128, 1.693, 2.059, 2.326, 2.534, 2.704, 2.847, 2.970, 3.078, 3.173, 3.258, 3.336)
D2 += (3.407, 3.472, 3.532, 3.588, 3.640, 3.689, 3.735, 3.778, 3.819, 3.858, 3.895, 3.931)
D3: tuple[float, ...] = (0.853, 0.888, 0.880, 0.864, 0.848, 0.833, 0.820, 0.808, 0.797, 0.787, 0.778, 0.770)
D3 += (0.763, 0.756, 0.750, 0.744, 0.739, 0.734, 0.729, 0.724, 0.720, 0.716, 0.712, 0.708)


def mr_constant(name: str) -> float:
    """Return the divisor of the mean moving range.

    Raises:
        StatsError: ``AT-S-005`` when there is no such convention.
    """
    if name not in MR_CONSTANTS:
        raise StatsError("AT-S-005", f"There is no moving range constant {name!r}.", expected=", ".join(MR_CONSTANTS))
    return MR_CONSTANTS[name]


def c4(n: Floats) -> Floats:
    """Return the mean of the sample standard deviation of n normal values, in sigmas; NaN below two.

    Example:
        >>> round(float(c4(np.array(5.0))), 4)
        0.94
    """
    size = np.where(n >= 2, n, np.nan)
    return np.asarray(np.sqrt(2 / (size - 1)) * np.exp(special.gammaln(size / 2) - special.gammaln((size - 1) / 2)))


def moving_ranges(frame: Frame, value: Floats, there: Bools) -> tuple[Floats, np.ndarray | None]:
    """Return ``(S, T)`` distance of each point from its neighbour before, and that neighbour's position when not t-1.

    There is no range across a missing point nor across the start of a phase. A point kept off the limits is stepped
    over: its neighbours are joined.
    """
    ranges = np.empty_like(value)
    previous = None
    if frame.exclude is None:
        np.subtract(value[:, 1:], value[:, :-1], out=ranges[:, 1:])
    else:
        step_over = frame.exclude & there
        position = np.where(step_over, 0, np.arange(frame.periods))
        previous = np.zeros((frame.series, frame.periods), np.int64)
        previous[:, 1:] = np.maximum.accumulate(position, axis=-1)[:, :-1]
        before = np.take_along_axis(value, previous, axis=-1)
        # Position 0 stands for "nothing before" when it is itself stepped over.
        before[(previous == 0) & step_over[:, :1]] = np.nan
        np.subtract(value, before, out=ranges)
        ranges[step_over] = np.nan
        for part in frame.phases[1:]:
            ranges[:, part][previous[:, part] < part.start] = np.nan
    np.abs(ranges, out=ranges)
    for part in frame.phases:
        ranges[:, part.start] = np.nan
    return ranges, previous


def mean_ranges(frame: Frame, ranges: Floats, used: Bools, noise: Floats | float = 0.0) -> list[Floats]:
    """Return per-phase mean moving ranges over the points used, screened once when the plan says so.

    A mean of zero is returned as NaN and named: limits on the centre line would mark every other point.

    Args:
        frame: The chart's frame.
        ranges: From `moving_ranges`.
        used: Points that shape the limits.
        noise: Means up to this are rounding error of equal values, ``(S,)`` or a number.
    """
    means, none, flat, sparse = [], [], [], []
    for part in frame.phases:
        part_ranges = ranges[:, part]
        among = used[:, part] & np.isfinite(part_ranges)
        first, count = _mean(part_ranges, among)
        mean = first
        if frame.plan.screen_ranges:
            mean, _ = _mean(part_ranges, among & (part_ranges < MR_LIMIT * first[:, None]))
        none.append((count == 0) & (np.count_nonzero(used[:, part], axis=-1) > 1))
        flat.append((count > 0) & ~(first > noise))
        sparse.append((first > noise) & ~(mean > noise))
        means.append(np.where(mean > noise, mean, np.nan))
    report(frame, none, "AT-S-020")
    report(frame, flat, "AT-S-016")
    report(frame, sparse, "AT-S-017")
    return means


def size_of(value: Floats) -> Floats:
    """``(S,)`` largest absolute value, times what rounding may do to it."""
    most, least = np.fmax.reduce(value, axis=-1, initial=0.0), np.fmin.reduce(value, axis=-1, initial=0.0)
    return np.asarray(np.maximum(most, -least) * 1e-13)


def _mean(values: Floats, among: Bools) -> tuple[Floats, np.ndarray]:
    count = np.count_nonzero(among, axis=-1)
    width = among.shape[-1]
    if width > 1 and count.min(initial=width) == width - 1 and not among[:, 0].any():
        # The usual case: every range but the first, which has no neighbour. No copy is made.
        return values[:, 1:].sum(axis=-1) / count, count
    total = np.where(among, values, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan), count
