"""The network over time: pooled and mean-of-sites lines, the sites behind them, and what joining and leaving did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison.inputs import counts, numbers, ratio
from allteach.stats.results import Bools, Floats


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """Two lines that answer two questions.

    Attributes:
        pooled: ``(T,)`` sum of numerators over sum of denominators: what the average patient met.
        mean_of_sites: ``(T,)`` plain mean of site values: what the average site did.
        numerator, denominator: ``(T,)`` sums.
        reporting: ``(T,)`` sites with data.
        lower_quarter, upper_quarter: ``(T,)`` quartiles of site values; NaN below 4 sites.
        joined, left: ``(S, T)`` sites that report now and not in the period with data before, and the reverse.
    """

    pooled: Floats
    mean_of_sites: Floats
    numerator: Floats
    denominator: Floats
    reporting: NDArray[np.int64]
    lower_quarter: Floats
    upper_quarter: Floats
    joined: Bools
    left: Bools

    @property
    def composition_changed(self) -> Bools:
        """``(T,)`` True where the sites behind the line are not those of the period before."""
        return np.asarray(self.joined.any(axis=0) | self.left.any(axis=0))


def network_line(
    numerator: ArrayLike, denominator: ArrayLike, *, kind: str = "proportion"
) -> NetworkLine | NotEstimable:
    """Return pooled and mean-of-sites lines, with the number of sites reporting beside both.

    Args:
        numerator: ``(S, T)`` counts, or totals for ``mean``; NaN is missing and takes its denominator with it.
        denominator: ``(S, T)`` cases, exposure, expected counts or numbers of values; 0 is missing.
        kind: ``proportion``, ``rate``, ``ratio`` or ``mean``.

    Returns:
        A NetworkLine, or NotEstimable ``AT-S-110`` without data.

    Raises:
        StatsError: ``AT-S-100`` to ``AT-S-105``.

    Example:
        >>> line = network_line([[1, 2], [9, 0]], [[10, 10], [30, 0]])
        >>> line.pooled.tolist(), line.mean_of_sites.tolist(), line.reporting.tolist()
        ([0.25, 0.2], [0.2, 0.2], [2, 1])
    """
    y, n = _cells(numerator, denominator, kind)
    known = np.isfinite(y)
    if not known.any():
        return NotEstimable("AT-S-110", "No site has data for this measure.")
    top, bottom = np.where(known, y, 0.0).sum(axis=0), np.where(known, n, 0.0).sum(axis=0)
    reporting = known.sum(axis=0)
    value = ratio(y, n)
    mean = ratio(np.where(known, value, 0.0).sum(axis=0), reporting.astype(float))
    lower, upper = np.full(reporting.shape, np.nan), np.full(reporting.shape, np.nan)
    wide = reporting >= 4
    if wide.any():
        lower[wide], upper[wide] = np.nanquantile(value[:, wide], [0.25, 0.75], axis=0)
    joined, left = _changes(known)
    pooled = ratio(top, np.where(reporting > 0, bottom, np.nan))
    return NetworkLine(pooled, mean, top, bottom, reporting, lower, upper, joined, left)


def _cells(numerator: ArrayLike, denominator: ArrayLike, kind: str) -> tuple[Floats, Floats]:
    if kind != "mean":
        return counts(numerator, denominator, kind, ndim=2)
    y, n = numbers("totals", numerator, ndim=2, negative=True), numbers("sizes", denominator, ndim=2)
    if y.shape != n.shape:
        raise StatsError("AT-S-101", f"Totals have shape {y.shape}, sizes {n.shape}.")
    known = np.isfinite(y) & (n > 0)
    return np.where(known, y, np.nan), np.where(known, n, np.nan)


def _changes(known: Bools) -> tuple[Bools, Bools]:
    """Return who joined and who left, each period against the last one that had any data."""
    joined, left = np.zeros(known.shape, bool), np.zeros(known.shape, bool)
    live = np.flatnonzero(known.any(axis=0))
    before, now = known[:, live[:-1]], known[:, live[1:]]
    joined[:, live[1:]], left[:, live[1:]] = now & ~before, before & ~now
    return joined, left


@dataclass(frozen=True, slots=True)
class Composition:
    """Each period's change in the pooled line, split; the four parts add up to the change.

    Attributes:
        change: ``(T,)`` pooled now minus pooled in the last period with data; NaN for the first.
        within: ``(T,)`` part from sites in both periods changing their own value.
        mix: ``(T,)`` part from those sites' shares of the patients shifting.
        joined: ``(T,)`` part from sites that joined.
        left: ``(T,)`` part from sites that left.
    """

    change: Floats
    within: Floats
    mix: Floats
    joined: Floats
    left: Floats

    @property
    def composition(self) -> Floats:
        """``(T,)`` everything but sites changing their own value."""
        return self.mix + self.joined + self.left


def composition(
    numerator: ArrayLike, denominator: ArrayLike, *, kind: str = "proportion"
) -> Composition | NotEstimable:
    """Return how much of each change in the pooled line is care changing, and how much is who reports.

    Sites in both periods: mean share times change in value (within), mean value times change in share (mix). What
    joining and leaving sites add is the pooled value with them minus that without them.

    Args:
        numerator: ``(S, T)`` as in `network_line`.
        denominator: ``(S, T)``.
        kind: ``proportion``, ``rate``, ``ratio`` or ``mean``.

    Returns:
        Composition, or NotEstimable ``AT-S-118`` with fewer than two periods with data. Where no site is in both
        periods the split is NaN and the change stands alone.

    Raises:
        StatsError: ``AT-S-100`` to ``AT-S-105``.

    Source:
        kitagawa1955.
    """
    y, n = _cells(numerator, denominator, kind)
    known = np.isfinite(y)
    live = np.flatnonzero(known.any(axis=0))
    if live.size < 2:
        return NotEstimable("AT-S-118", "A change needs at least two periods with data.")
    parts = np.full((5, y.shape[1]), np.nan)
    y, n = np.where(known, y, 0.0), np.where(known, n, 0.0)
    old, new = live[:-1], live[1:]
    both = known[:, old] & known[:, new]
    pooled_old, pooled_new = y[:, old].sum(0) / n[:, old].sum(0), y[:, new].sum(0) / n[:, new].sum(0)
    n0, n1 = np.where(both, n[:, old], 0.0), np.where(both, n[:, new], 0.0)
    y0, y1 = np.where(both, y[:, old], 0.0), np.where(both, y[:, new], 0.0)
    stay_old, stay_new = ratio(y0.sum(0), n0.sum(0)), ratio(y1.sum(0), n1.sum(0))
    with_stayers = np.where(both.any(axis=0), 1.0, np.nan)
    share0, share1 = n0 / np.maximum(n0.sum(0), 1e-300), n1 / np.maximum(n1.sum(0), 1e-300)
    value0, value1 = np.nan_to_num(ratio(y0, n0)), np.nan_to_num(ratio(y1, n1))
    parts[0, new] = pooled_new - pooled_old
    parts[1, new] = (0.5 * (share0 + share1) * (value1 - value0)).sum(0) * with_stayers
    parts[2, new] = (0.5 * (value0 + value1) * (share1 - share0)).sum(0) * with_stayers
    parts[3, new], parts[4, new] = pooled_new - stay_new, stay_old - pooled_old
    return Composition(*parts)
