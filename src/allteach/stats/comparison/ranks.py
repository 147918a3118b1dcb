"""What can be said of ranks: an expected rank with an interval, never a league table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.empirical_bayes import Shrunken
from allteach.stats.comparison.mixed import MixedModel
from allteach.stats.comparison.posterior import Mixture
from allteach.stats.results import Floats
from allteach.units import Direction


@dataclass(frozen=True, slots=True)
class ExpectedRanks:
    """Ranks 1 to S, 1 the best by the direction given.

    Attributes:
        expected: ``(S,)`` posterior mean of the rank; NaN for sites without data.
        lower, upper: ``(S,)`` interval of the rank.
        best_quarter: ``(S,)`` probability of being among the best quarter of sites.
        draws: Simulated sets of true values behind the interval.
    """

    expected: Floats
    lower: Floats
    upper: Floats
    best_quarter: Floats
    draws: int


def expected_ranks(
    model: Shrunken | MixedModel | NotEstimable,
    *,
    direction: Direction = Direction.LOWER,
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 1,
) -> ExpectedRanks | NotEstimable:
    """Return expected ranks with intervals from the posterior of a shrinkage model.

    Args:
        model: From `shrink` or `mixed_model`; a NotEstimable passes through.
        direction: Which way is good; ``NEITHER`` counts from the lowest.
        level: Coverage of the interval.
        draws: Simulations, at least 100.
        seed: Of the simulation: the same seed gives the same answer.

    Raises:
        StatsError: ``AT-S-106`` for impossible levels or draws.

    Source:
        lin2006.
    """
    if isinstance(model, NotEstimable):
        return model
    if not 0 < level < 1 or draws < 100:
        raise StatsError("AT-S-106", "The level must lie between 0 and 1, with 100 draws or more.")
    rng = np.random.default_rng(seed)
    posterior = model.effects if isinstance(model, MixedModel) else model
    known = np.isfinite(model.raw)
    sample = posterior.draws(draws, rng)[:, known]
    if direction is Direction.HIGHER:
        sample = -sample
    order = np.argsort(sample, axis=1)
    ranks = np.empty(sample.shape)
    np.put_along_axis(ranks, order, np.arange(1.0, sample.shape[1] + 1.0)[None, :], axis=1)
    tail = (1.0 - level) / 2.0
    quarter = max(1, int(np.ceil(sample.shape[1] / 4)))
    return ExpectedRanks(
        _place(known, _closed(posterior, known, direction, ranks)),
        _place(known, np.quantile(ranks, tail, axis=0, method="inverted_cdf")),
        _place(known, np.quantile(ranks, 1.0 - tail, axis=0, method="inverted_cdf")),
        _place(known, (ranks <= quarter).mean(axis=0)),
        draws,
    )


def _closed(posterior: Mixture | Shrunken, known: np.ndarray, direction: Direction, ranks: Floats) -> Floats:
    """Return expected ranks: 1 + the sum of probabilities that another site lies better; exact for one normal."""
    if not isinstance(posterior, Mixture) or posterior.weight.size > 1:
        return ranks.mean(axis=0)
    mean, variance = posterior.mean[0][known], posterior.sd[0][known] ** 2
    gap = mean[:, None] - mean[None, :]
    sd = np.sqrt(variance[:, None] + variance[None, :])
    z = np.divide(gap, sd, out=np.zeros_like(gap), where=sd > 0)
    beaten = special.ndtr(-z if direction is Direction.HIGHER else z)
    return 1.0 + beaten.sum(axis=1) - 0.5


def _place(known: np.ndarray, values: Floats) -> Floats:
    full = np.full(known.shape, np.nan)
    full[known] = values
    return full
