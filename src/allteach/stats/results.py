"""What statistics return: frozen arrays with their meaning. Shapes: ``...`` series, ``T`` periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from allteach.errors import NotEstimable

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plan:
    """How limits are to be computed.

    Args:
        baseline: Limits come from the first `baseline` points with data of each phase and are extended; None uses all.
        phase_starts: Positions at which a new phase begins (0 is implied).
        exclude: Bool array that broadcasts to ``(..., T)``: points kept off the limits but still judged.
        screen_ranges: Drop moving ranges of 3.267 times their mean or more, once (Nelson 1982).
        mr_constant: ``"table"`` for 1.128, ``"exact"`` for 2 / sqrt(pi), ``"nhs"`` for limits of 2.66 mean ranges.
        limits: ``"sigma"`` for three sigmas; ``"exact"`` for binomial or Poisson probabilities (p, u and c charts).
    """

    baseline: int | None = None
    phase_starts: tuple[int, ...] = ()
    exclude: Bools | None = None
    screen_ranges: bool = False
    mr_constant: str = "table"
    limits: str = "sigma"


ALL_POINTS = Plan()


@dataclass(frozen=True, slots=True)
class Limits:
    """Points, centre line and limits of many series at once.

    Attributes:
        kind: Chart kind: run, p, u, c, i, mr, xbar, s, g, t, pprime, uprime, iprime, ewma, cusum.
        value: ``(..., T)``; NaN where there is no point.
        centre, lower, upper: ``(..., T)``; NaN where there is none. Clipped to what is possible.
        z: ``(..., T)`` distance from centre in sigmas on the scale the chart works on, unclipped; NaN where unknown.
        used: ``(..., T)`` points that shaped the limits.
        phase: ``(T,)`` phase number of each period, from 0.
        centre_kind: ``mean`` or ``median`` (runs are counted around it).
        trial: ``(...)`` True where fewer than 12 points shaped the limits of the latest phase: call them trial limits.
        problems: Series position -> why its limits or its run rules are withheld, in the latest phase. The key is
            ``()`` for one series.
        notes: Series position -> what was left out of a chart that stands, such as events without a denominator.
        runs_withheld: ``(...)`` True where runs around the centre mean nothing (over half of the points are one value).
        runs_withheld_at: ``(..., T)`` the same by phase, for the points of earlier phases; None for nowhere.
        numerator, denominator: ``(..., T)`` what a ratio chart was drawn from; None for other charts.
        second: ``(..., T)`` the lower sum of a cusum chart (zero or negative); None for other charts.
    """

    kind: str
    value: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    z: Floats
    used: Bools
    phase: NDArray[np.int64]
    centre_kind: str = "mean"
    trial: Bools = field(default_factory=lambda: np.zeros((), bool))
    problems: Mapping[tuple[int, ...], NotEstimable] = field(default_factory=dict)
    notes: Mapping[tuple[int, ...], NotEstimable] = field(default_factory=dict)
    runs_withheld: Bools = field(default_factory=lambda: np.zeros((), bool))
    runs_withheld_at: Bools | None = None
    numerator: Floats | None = None
    denominator: Floats | None = None
    second: Floats | None = None


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs analysis around the centre line of the latest phase, by series: each array has shape ``(...)``."""

    useful: NDArray[np.int64]
    longest: NDArray[np.int64]
    longest_allowed: NDArray[np.int64]
    crossings: NDArray[np.int64]
    crossings_needed: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Signals:
    """Which points which rules mark.

    Attributes:
        rule_set: Name of the rule set.
        rules: Keys of its R rules.
        hits: ``(R, ..., T)`` True where the rule marks the point.
        side: ``(R, ..., T)`` int8: +1 marked as high or rising, -1 low or falling, 0 not marked or without direction.
        runs: The runs analysis that run-based rules rest on.
        whole: ``(R, ...)`` True where a rule marks the latest phase as a whole, no point (such as too few crossings).
    """

    rule_set: str
    rules: tuple[str, ...]
    hits: Bools
    side: NDArray[np.int8]
    runs: Runs
    whole: Bools

    @property
    def any(self) -> Bools:
        """``(..., T)`` True where any rule marks the point."""
        return np.asarray(self.hits.any(axis=0))
