"""Season and likeness of neighbouring periods: both make charts mark ordinary months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allteach.errors import StatsError
from allteach.stats import special
from allteach.stats.results import Bools, Floats, Limits

LEAST_POINTS = 20
# Below these a chart is hardly misled, whatever the p-value.
LAG1_WORTH_A_WARNING = 0.3
SEASON_WORTH_A_WARNING = 0.25
SEASON_P = 0.01


@dataclass(frozen=True, slots=True)
class Dependence:
    """Season and lag-1 correlation of each series, arrays of the shape ``(...)``; NaN where points are too few.

    Attributes:
        points: Points behind the numbers.
        lag1: Correlation of neighbouring points around the centre of their phase.
        lag1_rest: The same once the season is taken out.
        season_share: Share of the variation that the time of year explains, adjusted for chance; may be below zero.
        season_p: Probability of as much season by chance.
        warn_lag1: Neighbours are alike enough to mislead the rules.
        warn_season: Season is strong enough to mislead the rules.
    """

    points: NDArray[np.int64]
    lag1: Floats
    lag1_rest: Floats
    season_share: Floats
    season_p: Floats
    warn_lag1: Bools
    warn_season: Bools


def dependence(limits: Limits, *, season: int = 12) -> Dependence:
    """Return how much of each chart's variation is season or likeness of neighbours, and whether to warn.

    Deviations are taken from the centre line of each point's own phase, in sigmas where the chart has them, so that an
    accepted new phase is not mistaken for correlation. Missing periods break pairs of neighbours.

    Args:
        limits: From a chart function.
        season: Periods in a year (12 for months, 4 for quarters, 52 for weeks); below 2 for none.

    Raises:
        StatsError: ``AT-S-005`` when the season is not a whole number of periods.

    Assumes: the periods are evenly spaced.

    Example:
        >>> from allteach.stats.charts import i_chart
        >>> wave = i_chart(10 + np.sin(np.arange(48) * np.pi / 6))
        >>> found = dependence(wave)
        >>> bool(found.warn_season), bool(found.warn_lag1)
        (True, True)
    """
    if int(season) != season:
        raise StatsError("AT-S-005", "A season is a whole number of periods.")
    lead, periods = limits.value.shape[:-1], limits.value.shape[-1]
    with np.errstate(all="ignore"):
        scaled = np.isfinite(limits.z).any(axis=-1, keepdims=True)
        away = np.where(scaled, limits.z, limits.value - limits.centre).reshape(-1, periods)
        there = np.isfinite(away)
        count = np.count_nonzero(there, axis=-1)
        away = np.where(there, away - (np.where(there, away, 0).sum(-1) / np.maximum(count, 1))[:, None], 0.0)
        lag1 = _lag1(away, there)
        share, p, rest = _season(away, there, count, season)
        lag1_rest = _lag1(rest, there)
        enough = count >= LEAST_POINTS
        lag1 = np.where(enough, lag1, np.nan)
        warn_lag1 = enough & (lag1 > np.maximum(2 / np.sqrt(np.maximum(count, 1)), LAG1_WORTH_A_WARNING))
        warn_season = enough & (share > SEASON_WORTH_A_WARNING) & (p < SEASON_P)
    return Dependence(
        points=count.reshape(lead),
        lag1=lag1.reshape(lead),
        lag1_rest=np.where(enough, lag1_rest, np.nan).reshape(lead),
        season_share=share.reshape(lead),
        season_p=p.reshape(lead),
        warn_lag1=warn_lag1.reshape(lead),
        warn_season=warn_season.reshape(lead),
    )


def _lag1(away: Floats, there: Bools) -> Floats:
    pairs = np.count_nonzero(there[:, 1:] & there[:, :-1], axis=-1)
    count = np.count_nonzero(there, axis=-1)
    total = (away**2).sum(axis=-1)
    # Missing points hold zero; the count of pairs makes up for those a gap took away.
    scale = np.maximum(count - 1, 1) / np.maximum(pairs, 1)
    value = (away[:, 1:] * away[:, :-1]).sum(axis=-1) * scale / total
    return np.where((total > 0) & (pairs > 0), np.clip(value, -1, 1), np.nan)


def _season(away: Floats, there: Bools, count: np.ndarray, season: int) -> tuple[Floats, Floats, Floats]:
    """Return adjusted share, p-value and what is left when the mean of each time of year is taken out."""
    size, periods = away.shape
    unknown = np.full(size, np.nan)
    if season < 2 or periods < 2 * season:
        return unknown, unknown, away
    between, rest = np.zeros(size), away.copy()
    groups = np.zeros(size, np.int64)
    for month in range(season):
        seen = there[:, month::season]
        held = np.count_nonzero(seen, axis=-1)
        mean = away[:, month::season].sum(axis=-1) / np.maximum(held, 1)
        between += held * mean**2
        groups += held > 0
        rest[:, month::season] -= np.where(seen, mean[:, None], 0.0)
    total = (away**2).sum(axis=-1)
    top, bottom = groups - 1, count - groups
    within = np.maximum(total - between, 0.0)
    usable = (top > 0) & (bottom > 0) & (total > 0) & (count >= 2 * season)
    share = np.where(usable, 1 - (within / bottom) / (total / (count - 1)), np.nan)
    ratio = (between / top) / np.where(within > 0, within / bottom, np.finfo(float).tiny)
    p = np.where(usable, special.fdtrc(np.maximum(top, 1), np.maximum(bottom, 1), ratio), np.nan)
    return share, p, rest
