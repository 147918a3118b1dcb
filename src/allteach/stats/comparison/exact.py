"""Exact binomial and Poisson limits, tail areas and intervals, whole arrays at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from allteach.stats import special
from allteach.stats.results import Floats

# Beyond this spread in counts the steps of the distribution are too fine to matter.
SMOOTH = 1e5


def cdf(k: Floats, size: Floats, target: Floats, kind: str) -> Floats:
    """Return P(X <= k) for X ~ Binomial(size, target), or Poisson(size * target) for rates; 0 for k < 0."""
    inside = np.maximum(k, 0.0)
    if kind == "proportion":
        area = special.betainc(np.maximum(size - inside, 1e-300), inside + 1.0, 1.0 - target)
        area = np.where(inside >= size, 1.0, area)
    else:
        area = special.gammaincc(inside + 1.0, size * target)
    return np.where(k < 0, 0.0, area)


def interpolated_limit(size: ArrayLike, target: ArrayLike, area: float, kind: str) -> Floats:
    """Return the exact limit, as a value, below which a site's result falls with probability `area`.

    Let r be the smallest count with F(r) >= area; the limit lies a share (F(r) - area) / (F(r) - F(r-1)) below r.
    It may lie below 0 for small sizes: clip to draw, not to compute.

    Args:
        size: Denominators or exposures, above 0; NaN gives NaN.
        target: The proportion, strictly between 0 and 1, or the rate above 0.
        area: Probability, strictly between 0 and 1.
        kind: ``proportion`` (binomial), or ``rate`` or ``ratio`` (Poisson).

    Source:
        spiegelhalter2005funnel, appendix on exact limits.

    Example:
        >>> interpolated_limit([10.0, 100.0], 0.5, 0.975, "proportion").round(4)
        array([0.7676, 0.5932])
    """
    n, p = np.broadcast_arrays(np.asarray(size, float), np.asarray(target, float))
    limit = np.full(n.shape, np.nan)
    known = np.isfinite(n) & np.isfinite(p) & (n > 0)
    n, p = n[known], p[known]
    if p.size and p.min() == p.max():  # many sites, few sizes: each size once
        sizes, back = np.unique(n, return_inverse=True)
        limit[known] = _limit(sizes, np.full(sizes.shape, p[0]), area, kind)[back]
    else:
        limit[known] = _limit(n, p, area, kind)
    return limit


def _limit(n: Floats, p: Floats, area: float, kind: str) -> Floats:
    """Return the interpolated limit: a Cornish-Fisher guess of the count, then exact steps."""
    binomial = kind == "proportion"
    mean = n * p
    sd = np.sqrt(mean * (1.0 - p)) if binomial else np.sqrt(mean)
    z = float(special.ndtri(area))
    skew = (1.0 - 2.0 * p) if binomial else np.ones_like(p)
    if sd.size and sd.max() > SMOOTH:
        large = sd > SMOOTH
        limit = (mean + z * sd + skew * (z * z - 1.0) / 6.0 - 0.5) / n
        limit[~large] = _limit(n[~large], p[~large], area, kind)
        return limit
    r = np.clip(np.ceil(mean + z * sd + skew * (z * z - 1.0) / 6.0 - 0.5), 0.0, n if binomial else np.inf)
    here, below = cdf(r, n, p, kind), cdf(r - 1.0, n, p, kind)
    short = np.flatnonzero(here < area)
    while short.size:
        r[short] += 1.0
        below[short] = here[short]
        here[short] = cdf(r[short], n[short], p[short], kind)
        short = short[here[short] < area]
    long = np.flatnonzero((r > 0) & (below >= area))
    while long.size:
        r[long] -= 1.0
        here[long] = below[long]
        below[long] = cdf(r[long] - 1.0, n[long], p[long], kind)
        long = long[(r[long] > 0) & (below[long] >= area)]
    step = here - below
    share = np.divide(here - area, step, out=np.zeros_like(step), where=step > 0)
    return (r - share) / n


def mid_p_score(count: Floats, size: Floats, target: ArrayLike, kind: str) -> Floats:
    """Return the normal score of the mid-p tail area: negative below the target, positive above; NaN if missing.

    Each tail is computed on its own side, so that areas as small as 1e-300 keep their score.
    """
    target = np.broadcast_to(np.asarray(target, float), count.shape)
    score = np.full(count.shape, np.nan)
    known = np.isfinite(count) & np.isfinite(size) & (size > 0)
    low = known & (count <= np.where(known, size, 1.0) * target)
    high = known & ~low
    k, n, t = count[low], size[low], target[low]
    score[low] = special.ndtri(np.clip((cdf(k, n, t, kind) + cdf(k - 1.0, n, t, kind)) / 2.0, 1e-300, 1.0))
    k, n, t = count[high], size[high], target[high]
    area = (_above(k, n, t, kind) + _above(k + 1.0, n, t, kind)) / 2.0
    score[high] = -special.ndtri(np.clip(area, 1e-300, 1.0))
    return score


def _above(k: Floats, n: Floats, t: Floats, kind: str) -> Floats:
    """Return P(X >= k) for k >= 1."""
    if kind != "proportion":
        return special.gammainc(k, n * t)
    area = special.betainc(k, np.maximum(n - k + 1.0, 1e-300), t)
    return np.where(k > n, 0.0, area)


def two_sided(score: Floats) -> Floats:
    """Return the two-sided probability of a normal score as extreme as this or more."""
    return np.minimum(2.0 * special.ndtr(-np.abs(score)), 1.0)


def poisson_interval(count: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the exact (Garwood) interval for a Poisson mean; the lower end at 0 events is 0.

    Source:
        garwood1936.

    Example:
        >>> [round(float(end), 3) for end in poisson_interval(10)]
        [4.795, 18.39]
    """
    k = np.asarray(count, float)
    tail = (1.0 - level) / 2.0
    lower = np.where(k > 0, special.gammaincinv(np.maximum(k, 1e-300), tail), 0.0 * k)
    return np.where(np.isnan(k), np.nan, lower), special.gammaincinv(k + 1.0, 1.0 - tail)


def byar_interval(count: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return Byar's approximate interval for a Poisson mean; the lower end at 0 events is 0.

    Source:
        breslowday1987, Byar's approximation.

    Example:
        >>> [round(float(end), 3) for end in byar_interval(10)]
        [4.787, 18.391]
    """
    k = np.asarray(count, float)
    z = float(special.ndtri(0.5 + level / 2.0))
    safe = np.maximum(k, 1.0)
    lower = np.where(k > 0, k * np.maximum(1.0 - 1.0 / (9.0 * safe) - z / (3.0 * np.sqrt(safe)), 0.0) ** 3, 0.0 * k)
    up = k + 1.0
    return np.where(np.isnan(k), np.nan, lower), up * (1.0 - 1.0 / (9.0 * up) + z / (3.0 * np.sqrt(up))) ** 3


def binomial_interval(count: ArrayLike, size: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the exact (Clopper-Pearson) interval for a proportion; NaN where the size is 0 or missing.

    Source:
        clopperpearson1934.
    """
    k, n = np.broadcast_arrays(np.asarray(count, float), np.asarray(size, float))
    k, n = np.where(n > 0, k, np.nan), np.where(n > 0, n, np.nan)
    tail = (1.0 - level) / 2.0
    lower = np.where(k > 0, special.betaincinv(np.maximum(k, 1e-300), n - k + 1.0, tail), 0.0 * k)
    upper = np.where(k < n, special.betaincinv(k + 1.0, np.maximum(n - k, 1e-300), 1.0 - tail), 1.0 + 0.0 * k)
    return lower, np.where(np.isnan(k), np.nan, upper)


def wilson_interval(count: ArrayLike, size: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return Wilson's score interval for a proportion; NaN where the size is 0 or missing.

    Source:
        wilson1927.
    """
    k, n = np.broadcast_arrays(np.asarray(count, float), np.asarray(size, float))
    n = np.where(n > 0, n, np.nan)
    z = float(special.ndtri(0.5 + level / 2.0))
    p = k / n
    centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n)
    half = z * np.sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n)) / (1.0 + z * z / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
