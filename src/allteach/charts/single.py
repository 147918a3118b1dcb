"""One series out of many, as plain lists: what words and pictures of one chart are made from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from allteach.errors import NotEstimable

if TYPE_CHECKING:
    from allteach.stats.reading import Reading
    from allteach.stats.results import Limits, Signals
    from allteach.stats.series import Panel

Numbers = list[float | None]


@dataclass(frozen=True, slots=True)
class Single:
    """One chart over time.

    Attributes:
        kind, log: Chart kind, and whether means are geometric.
        value, centre, lower, upper: One entry a period; None where there is none.
        numerator, denominator: Counts where the measure has them (for means: None, and the patients behind each).
        total: Sums behind means, on the scale of the logarithm when `log`.
        used: Points that shaped the limits.
        phase: Phase number of each period.
        hits: rule key -> side at each period where it marks the point (0 without direction), None elsewhere.
        whole: Rules that mark the chart as a whole.
        variation, side, since, rule, assurance: The reading.
        trial: Few points shaped the limits.
        problem: Why there are no limits.
        unjudged: Points that are not complete yet.
        phase_points: Points of the latest phase, which a verdict needs enough of.
        runs: useful, longest, longest_allowed, crossings, crossings_needed.
    """

    kind: str
    log: bool
    value: Numbers
    centre: Numbers
    lower: Numbers
    upper: Numbers
    numerator: Numbers
    denominator: Numbers
    total: Numbers
    used: list[bool]
    phase: list[int]
    centre_kind: str
    rule_set: str
    hits: dict[str, list[int | None]]
    whole: tuple[str, ...]
    variation: str
    side: int
    since: int
    rule: str
    assurance: str
    trial: bool
    problem: NotEstimable | None
    runs: dict[str, int]
    unjudged: frozenset[int] = frozenset()
    phase_points: int = 0

    @property
    def points(self) -> int:
        """How many points there are."""
        return sum(value is not None for value in self.value)

    @property
    def last(self) -> int:
        """Position of the latest point that is complete, or -1."""
        shown = (at for at, value in enumerate(self.value) if value is not None and at not in self.unjudged)
        return max(shown, default=-1)

    def rules_at(self, at: int) -> list[str]:
        """Return the rules that mark the point, in the order of the rule set."""
        return [rule for rule, sides in self.hits.items() if sides[at] is not None]

    def side_at(self, at: int) -> int:
        """Return the side the point is marked on; the first rule with a direction decides."""
        return next((side for sides in self.hits.values() if (side := sides[at])), 0)

    def level(self, first: int, last: int) -> float | None:
        """Return the level over some periods: pooled where there are counts, else the mean of the points."""
        span = [at for at in range(first, last + 1) if self.value[at] is not None]
        if not span:
            return None
        above = self.total if any(self.total[at] is not None for at in span) else self.numerator
        pairs = [(above[at], self.denominator[at]) for at in span]
        if all(a is not None and b is not None and b > 0 for a, b in pairs):
            pooled = sum(a for a, _ in pairs if a is not None) / sum(b for _, b in pairs if b is not None)
            return math.exp(pooled) if self.log else pooled
        return sum(value for at in span if (value := self.value[at]) is not None) / len(span)


def single(
    panel: Panel,
    limits: Limits,
    signals: Signals,
    reading: Reading,
    at: tuple[int, ...] = (),
    unjudged: frozenset[int] = frozenset(),
) -> Single:
    """Return one series as plain lists.

    Args:
        panel: The data, shape ``(..., T)``.
        limits: Its limits.
        signals: What the rules mark.
        reading: What it comes to.
        at: Position of the series; empty when there is only one.
        unjudged: Points that no rule may mark, because they are not complete yet.
    """
    place: Any = (slice(None), *at)
    hits = {
        rule: [
            side if hit and step not in unjudged else None
            for step, (hit, side) in enumerate(zip(marks, sides, strict=True))
        ]
        for rule, marks, sides in zip(
            signals.rules,
            signals.hits[place].tolist(),
            signals.side[place].tolist(),
            strict=True,
        )
        if any(marks)
    }
    means = panel.total is not None
    return Single(
        kind=limits.kind,
        log=bool(panel.log),
        value=_numbers(limits.value[at]),
        centre=_numbers(limits.centre[at]),
        lower=_numbers(limits.lower[at]),
        upper=_numbers(limits.upper[at]),
        numerator=_field(None if means else panel.numerator, limits.value, at),
        denominator=_field(panel.n if means else panel.denominator, limits.value, at),
        total=_field(panel.total, limits.value, at),
        used=[bool(flag) for flag in limits.used[at]],
        phase=[int(number) for number in limits.phase],
        centre_kind=limits.centre_kind,
        rule_set=signals.rule_set,
        hits=hits,
        whole=tuple(rule for rule, flag in zip(signals.rules, signals.whole[place], strict=True) if flag),
        variation=str(_one(reading.variation, at)),
        side=int(_one(reading.side, at)),
        since=int(_one(reading.since, at)),
        rule=str(_one(reading.rule, at)),
        assurance=str(_one(reading.assurance, at)),
        trial=bool(_one(limits.trial, at)),
        problem=limits.problems.get(at),
        runs={
            name: int(_one(getattr(signals.runs, name), at))
            for name in ("useful", "longest", "longest_allowed", "crossings", "crossings_needed")
        },
        unjudged=unjudged,
        phase_points=int(_one(reading.points, at)),
    )


def _numbers(array: Any) -> Numbers:
    return [value if math.isfinite(value) else None for value in np.asarray(array, dtype=float).tolist()]


def _field(array: Any, like: Any, at: tuple[int, ...]) -> Numbers:
    if array is None:
        return [None] * like.shape[-1]
    return _numbers(np.broadcast_to(array, like.shape)[at])


def _one(array: Any, at: tuple[int, ...]) -> Any:
    return np.asarray(array)[at] if np.ndim(array) else np.asarray(array)[()]
