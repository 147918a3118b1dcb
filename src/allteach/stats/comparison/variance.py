"""Where variation comes from: between sites, common to all over time, within sites over time, and chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.inputs import counts, numbers, ratio
from allteach.stats.comparison.mixed import MixedModel
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """Variances of site-period values on the natural scale (proportions 0-1), by moments.

    Attributes:
        between_sites: Lasting differences between sites.
        common: Movement over time that all sites share.
        within_sites: Movement of a site over time of its own, beyond chance.
        chance: What counts of this size give by chance alone, on average.
        shares: ``(4,)`` of the sum, in this order, after components below 0 are set to 0.
        below_zero: Names of components that came out below 0, which happens when they are small.
        mean: The weighted mean value.
        sites, periods, cells: Data that these rest on.
    """

    between_sites: float
    common: float
    within_sites: float
    chance: float
    shares: Floats
    below_zero: tuple[str, ...]
    mean: float
    sites: int
    periods: int
    cells: int


def variance_components(
    numerator: ArrayLike, denominator: ArrayLike, total_sq: ArrayLike | None = None, *, kind: str = "proportion"
) -> VarianceComponents | NotEstimable:
    """Return how much of the spread of site-period values each source accounts for.

    Products of deviations of the same site at different periods estimate the between-site variance, those of different
    sites at the same period the common movement, squares less the expected chance variance the rest. Cells weigh by
    their denominators, so empty months do no harm.

    Args:
        numerator: ``(S, T)`` counts (totals for ``mean``); NaN is missing.
        denominator: ``(S, T)`` cases, exposure, expected counts, or numbers of values.
        total_sq: ``(S, T)`` sums of squares, for ``mean`` only.
        kind: ``proportion``, ``rate``, ``ratio`` or ``mean``.

    Returns:
        VarianceComponents, or NotEstimable: ``AT-S-110`` no data, ``AT-S-111`` fewer than 2 sites, ``AT-S-118`` fewer
        than 2 periods, ``AT-S-113`` values that are all the same.

    Raises:
        StatsError: ``AT-S-100`` to ``AT-S-105``.

    Source:
        searle1992 for estimation by moments.
    """
    n, value, chance = _cells(numerator, denominator, total_sq, kind)
    known = np.isfinite(value) & np.isfinite(chance)
    sites, periods = int(known.any(axis=1).sum()), int(known.any(axis=0).sum())
    blocked = _blocked(known, sites, periods)
    if blocked is not None:
        return blocked
    w = np.where(known, n, 0.0)
    w = w / w.sum()
    mean = float((w * np.where(known, value, 0.0)).sum())
    d = np.where(known, value - mean, 0.0)
    same_site, same_period, apart = _products(w, d)
    square = float((w * w * d * d).sum() / (w * w).sum())
    noise = float((w * w * np.where(known, chance, 0.0)).sum() / (w * w).sum())
    if square == 0:
        return NotEstimable("AT-S-113", "All values are the same, so there is no variation to divide.")
    found = {
        "between_sites": same_site - apart,
        "common": same_period - apart,
        "within_sites": square - noise - same_site - same_period + apart,
    }
    kept = np.array([*(max(part, 0.0) for part in found.values()), noise])
    below = tuple(name for name, part in found.items() if part < 0)
    shares = kept / kept.sum() if kept.sum() > 0 else np.full(4, np.nan)
    lasting, shared, own, noise = (float(part) for part in kept)
    return VarianceComponents(lasting, shared, own, noise, shares, below, mean, sites, periods, int(known.sum()))


def _cells(
    numerator: ArrayLike, denominator: ArrayLike, total_sq: ArrayLike | None, kind: str
) -> tuple[Floats, Floats, Floats]:
    """Return denominators, values and an unbiased chance variance of each cell."""
    if kind != "mean":
        y, n = counts(numerator, denominator, kind, ndim=2)
        value = ratio(y, n)
        if kind == "proportion":  # a cell of one case cannot tell its own chance
            chance = np.divide(value * (1.0 - value), n - 1.0, out=np.full(n.shape, np.nan), where=n > 1)
        else:
            chance = y / n**2
        return n, value, chance
    y, n = numbers("totals", numerator, ndim=2, negative=True), numbers("sizes", denominator, ndim=2)
    if total_sq is None or not y.shape == n.shape == np.shape(total_sq):
        raise StatsError("AT-S-101", "Means need totals, sizes and totals of squares of one shape.")
    squares = numbers("totals of squares", total_sq, ndim=2)
    n = np.where((n > 0) & np.isfinite(y) & np.isfinite(squares), n, np.nan)
    inside = np.maximum(squares - y * y / n, 0.0)
    return n, y / n, np.divide(inside, n * (n - 1.0), out=np.full(n.shape, np.nan), where=n > 1)


def _blocked(known: np.ndarray, sites: int, periods: int) -> NotEstimable | None:
    if not known.any():
        return NotEstimable("AT-S-110", "No site has data for this measure.")
    if sites < 2:
        return NotEstimable("AT-S-111", "Only one site has data: there is nothing to compare it with.")
    if periods < 2 or not (known.sum(axis=1) > 1).any():
        return NotEstimable("AT-S-118", "Lasting differences need at least two periods with data at a site.")
    return None


def _products(w: Floats, d: Floats) -> tuple[float, float, float]:
    """Return weighted means of products of deviations: same site, same period, neither."""
    wd, ww = w * d, w * w
    own, own_weight = float((wd * wd).sum()), float(ww.sum())
    site, site_weight = float((wd.sum(axis=1) ** 2).sum()) - own, float((w.sum(axis=1) ** 2).sum()) - own_weight
    time, time_weight = float((wd.sum(axis=0) ** 2).sum()) - own, float((w.sum(axis=0) ** 2).sum()) - own_weight
    rest = float(wd.sum() ** 2) - own - site - time
    rest_weight = float(w.sum() ** 2) - own_weight - site_weight - time_weight
    return (
        site / site_weight if site_weight > 1e-15 else 0.0,
        time / time_weight if time_weight > 1e-15 else 0.0,
        rest / rest_weight if rest_weight > 1e-15 else 0.0,
    )


def median_odds_ratio(model: MixedModel) -> float:
    """Return the median odds (or rate) ratio between two sites drawn at random, the higher over the lower.

    Source:
        larsen2005.
    """
    return float(np.exp(np.sqrt(2.0) * model.between_sd[0] * special.ndtri(0.75)))
