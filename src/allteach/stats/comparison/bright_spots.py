"""Bright spots: sites that are probably, lastingly better, with what it may have cost beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison.mixed import MixedModel, mixed_model
from allteach.stats.results import Bools, Floats
from allteach.units import Direction


@dataclass(frozen=True, slots=True)
class Criteria:
    """When a site is called a bright spot.

    Args:
        gap: How much better than the network it must be, in the measure's own unit (0.02 is two per cent points).
        probability: How sure of that over all periods.
        windows: Stretches of equal length into which the time is cut.
        each_window: Least probability of being better at all in every stretch.
        balancing_gap: How much worse a balancing measure may be.
        balancing_probability: A site is set aside when it is worse on the balancing measure with this probability.
    """

    gap: float = 0.0
    probability: float = 0.9
    windows: int = 3
    each_window: float = 0.6
    balancing_gap: float = 0.0
    balancing_probability: float = 0.8

    def __post_init__(self) -> None:
        shares = (self.probability, self.each_window, self.balancing_probability)
        if self.windows < 1 or min(self.gap, self.balancing_gap) < 0 or not all(0 < s <= 1 for s in shares):
            raise StatsError(
                "AT-S-106", "Criteria need at least one window, gaps of 0 or more, probabilities of 0 to 1."
            )


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts of one measure by site and period, and which way is good."""

    numerator: ArrayLike
    denominator: ArrayLike
    kind: str = "proportion"
    direction: Direction = Direction.LOWER


@dataclass(frozen=True, slots=True)
class BrightSpots:
    """Sites by probability, stability and balancing measure; NaN for sites without data.

    Attributes:
        probability: ``(S,)`` of being better than the network by the gap, over all periods.
        by_window: ``(W, S)`` probability of being better at all, in each stretch of time alone.
        stability: ``(S,)`` the lowest of those over stretches with data.
        value, lower, upper: ``(S,)`` shrunken value and interval.
        balancing_worse: ``(S,)`` probability of being worse on the balancing measure by its gap; NaN without one.
        balancing_value: ``(S,)`` shrunken balancing value.
        bright: ``(S,)`` True where all criteria are met.
        set_aside: ``(S,)`` True where only the balancing measure stands in the way.
        criteria: As used.
        network: The network's value.
    """

    probability: Floats
    by_window: Floats
    stability: Floats
    value: Floats
    lower: Floats
    upper: Floats
    balancing_worse: Floats
    balancing_value: Floats
    bright: Bools
    set_aside: Bools
    criteria: Criteria
    network: float


def bright_spots(
    measure: Measured, *, balancing: Measured | None = None, criteria: Criteria | None = None
) -> BrightSpots | NotEstimable:
    """Return bright spots with a probability, how steady it is, and the balancing measure beside it.

    Args:
        measure: ``(S, T)`` counts with the direction of good.
        balancing: A second measure of the same sites that must not get worse.
        criteria: When a site counts as bright.

    Returns:
        BrightSpots, or NotEstimable as `mixed_model`, and ``AT-S-118`` with fewer periods than windows.

    Raises:
        StatsError: as `mixed_model`; ``AT-S-138`` for a measure without a direction of good.

    Assumes:
        Site levels are normal on the link scale; the spread is integrated over (nested Laplace).
    """
    rules = criteria or Criteria()
    if measure.direction is Direction.NEITHER:
        raise StatsError("AT-S-138", "Bright spots need a measure with a direction of good.")
    y, n = np.asarray(measure.numerator, float), np.asarray(measure.denominator, float)
    if y.ndim != 2 or y.shape != n.shape:
        raise StatsError("AT-S-101", f"Sites by periods are needed; shapes are {y.shape} and {n.shape}.")
    if y.shape[1] < rules.windows:
        return NotEstimable("AT-S-118", f"{rules.windows} stretches of time need at least as many periods.")
    whole = _fit(y, n, measure.kind)
    if isinstance(whole, NotEstimable):
        return whole
    by_window = np.full((rules.windows, y.shape[0]), np.nan)
    for k, part in enumerate(np.array_split(np.arange(y.shape[1]), rules.windows)):
        fit = _fit(y[:, part], n[:, part], measure.kind)
        if not isinstance(fit, NotEstimable):
            by_window[k] = _better(fit, measure.direction, 0.0)
    seen = np.isfinite(by_window).sum(axis=0)
    stability = np.where(seen > 0, np.where(np.isnan(by_window), np.inf, by_window).min(axis=0), np.nan)
    probability = _better(whole, measure.direction, rules.gap)
    good = (probability >= rules.probability) & (stability >= rules.each_window) & (seen == rules.windows)
    worse, other = _balance(balancing, y.shape[0], rules.balancing_gap)
    held_back = np.nan_to_num(worse) >= rules.balancing_probability
    return BrightSpots(
        probability, by_window, stability, whole.value, whole.lower, whole.upper, worse, other, good & ~held_back,
        good & held_back, rules, whole.network,
    )  # fmt: skip


def _fit(y: Floats, n: Floats, kind: str) -> MixedModel | NotEstimable:
    return mixed_model(y, n, kind=kind, method="laplace" if kind == "mean" else "nested")


def _better(model: MixedModel, direction: Direction, gap: float) -> Floats:
    return model.probability_above(gap) if direction is Direction.HIGHER else model.probability_below(gap)


def _balance(balancing: Measured | None, sites: int, gap: float) -> tuple[Floats, Floats]:
    """Return the probability of being worse on the balancing measure, and its shrunken values."""
    none = np.full(sites, np.nan)
    if balancing is None:
        return none, none
    if balancing.direction is Direction.NEITHER:
        raise StatsError("AT-S-138", "A balancing measure needs a direction of good.")
    y, n = np.asarray(balancing.numerator, float), np.asarray(balancing.denominator, float)
    if y.ndim != 2 or y.shape[0] != sites:
        raise StatsError("AT-S-101", f"The balancing measure has shape {y.shape} for {sites} sites.")
    model = _fit(y, n, balancing.kind)
    if isinstance(model, NotEstimable):
        return none, none
    away = Direction.LOWER if balancing.direction is Direction.HIGHER else Direction.HIGHER
    return _better(model, away, gap), model.value
