"""What a chart says now: is it changing, and will it meet its target? Data only; words come last, elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allteach.errors import StatsError
from allteach.stats.results import Bools, Limits, Signals
from allteach.stats.rules import ON_LINE
from allteach.stats.signals import RULE_SETS, phase_slices
from allteach.units import Direction

VARIATIONS = ("improving", "concerning", "changed", "common", "too_few", "unjudged", "none")
ASSURANCES = ("meets", "misses", "varies", "no_target", "too_few")
# Charts of spread or of sums: their limits say nothing of a target for the values.
WITHOUT_TARGET = ("mr", "s", "r", "ewma", "cusum")
LASTING = 6  # points that a signal must have held for before they, not the old limits, answer for the target
GOOD = {Direction.HIGHER: 1, Direction.LOWER: -1, Direction.NEITHER: 0}


@dataclass(frozen=True, slots=True)
class Reading:
    """The standing of each series, every array of the shape ``(...)`` of the series.

    Attributes:
        variation: improving, concerning, changed (no good direction, or signals both ways), common, too_few,
            unjudged (points, but no limits and no runs to judge them by: see the chart's problems), or none (no
            points).
        side: +1 the signal is high or rising, -1 low or falling, 0 no side.
        since: Position of the first point of the signal that holds at the latest point; -1 where there is none.
        rule: Key of the rule to name; empty where there is none. Of several, the one that has held longest.
        assurance: meets, misses, varies, no_target or too_few; after a lasting signal by the points since it began.
        latest: Position of the latest point judged; -1 where there is none.
        points: Points of the latest phase.
        both_ways: Signals at the latest point go both ways.
    """

    variation: NDArray[np.str_]
    side: NDArray[np.int8]
    since: NDArray[np.int64]
    rule: NDArray[np.str_]
    assurance: NDArray[np.str_]
    latest: NDArray[np.int64]
    points: NDArray[np.int64]
    both_ways: Bools


def read(
    limits: Limits,
    signals: Signals,
    *,
    direction: Direction,
    target: float | None = None,
    min_points: int = 12,
    skip: Any = None,
    both: str | None = None,
) -> Reading:
    """Return what each chart says at its latest point. A signal counts only if it still holds there.

    Args:
        limits: From a chart function.
        signals: From `signals.evaluate` on the same limits.
        direction: Which way is good.
        target: The aim in the unit of the values; None for no target.
        min_points: Points the latest phase needs before anything is said.
        skip: Bool array that broadcasts to ``(..., T)``: points to leave out, such as an incomplete last month. Give
            the same to `evaluate`.
        both: What to call signals that go both ways, ``changed`` or ``improving``; None follows the rule set.

    Raises:
        StatsError: ``AT-S-002`` when `skip` does not fit, ``AT-S-005`` for an unknown `both`.

    Example:
        >>> from allteach.stats.charts import i_chart
        >>> from allteach.stats.signals import evaluate
        >>> chart = i_chart([5.0, 6, 5, 7, 6, 5, 6, 7, 6, 5, 7, 30])
        >>> said = read(chart, evaluate(chart, "nhs"), direction=Direction.LOWER, target=4)
        >>> str(said.variation), str(said.rule), str(said.assurance)
        ('concerning', 'beyond_limits', 'varies')
    """
    both = both or RULE_SETS[signals.rule_set].both
    if both not in ("changed", "improving"):
        raise StatsError("AT-S-005", f"Signals both ways cannot be called {both!r}.", expected="changed or improving")
    lead, periods = limits.value.shape[:-1], limits.value.shape[-1]
    there = np.isfinite(limits.value)
    if skip is not None:
        try:
            there = there & ~np.broadcast_to(np.asarray(skip, bool), limits.value.shape)
        except ValueError:
            raise StatsError("AT-S-002", "The points to skip do not fit the series.") from None
    there = there.reshape(-1, periods)
    part = phase_slices(limits.phase)[-1]
    points = np.count_nonzero(there[:, part], axis=-1)
    latest = np.where(points > 0, periods - 1 - np.argmax(there[:, ::-1], axis=-1), -1)
    found = _standing_signals(limits, signals, there, part, latest)
    variation, side, since, rule, ways = _choose(found, signals, GOOD[Direction(direction)], both)
    judged = _can_judge(limits, there, part)
    quiet = (points < min_points) | ~judged
    variation = np.where(points < min_points, "too_few", np.where(judged, variation, "unjudged"))
    variation = np.where(points == 0, "none", variation)
    good = GOOD[Direction(direction)]
    began = np.full_like(since, -1) if RULE_SETS[signals.rule_set].old_limits_answer else since
    assurance = _assurance(limits, there, _Now(part, latest, began), target, good, points >= min_points)
    return Reading(
        variation=variation.reshape(lead),
        side=np.where(quiet, 0, side).astype(np.int8).reshape(lead),
        since=np.where(quiet, -1, since).reshape(lead),
        rule=np.where(quiet, "", rule).reshape(lead),
        assurance=assurance.reshape(lead),
        latest=latest.reshape(lead),
        points=points.reshape(lead),
        both_ways=(ways & ~quiet).reshape(lead),
    )


def _can_judge(limits: Limits, there: Bools, part: slice) -> Bools:
    """Series with something to judge by: runs around a median, or sigmas."""
    size, periods = there.shape
    runs = ~np.broadcast_to(limits.runs_withheld, limits.value.shape[:-1]).reshape(size)
    sigmas = np.isfinite(limits.z.reshape(size, periods)[:, part]).any(axis=-1)
    return sigmas | (runs & (limits.centre_kind == "median"))


def _standing_signals(
    limits: Limits, signals: Signals, there: Bools, part: slice, latest: NDArray[np.int64]
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Return, by rule and series, the side of the signal that holds at the latest point (2 for none) and its start."""
    size, periods = there.shape
    count = len(signals.rules)
    hits = signals.hits.reshape(count, size, periods)
    sides = signals.side.reshape(count, size, periods)
    value, centre = (a.reshape(size, periods)[:, part] for a in (limits.value, limits.centre))
    on_line = np.abs(value - centre) <= np.abs(centre) * ON_LINE
    rows = np.arange(size)
    side = np.full((count, size), 2, np.int8)
    since = np.full((count, size), -1, np.int64)
    position = np.arange(part.start, periods)
    for number in range(count):
        holds = (latest >= 0) & hits[number, rows, latest]
        look = np.flatnonzero(holds)
        if look.size:
            at = sides[number, look, latest[look]]
            same = hits[number, look, part] & (sides[number, look, part] == at[:, None])
            # Missing points and points on the line neither end nor begin a signal.
            ends = there[look, part] & ~same & ~on_line[look]
            before = np.where(ends & (position <= latest[look, None]), position, part.start - 1).max(axis=-1)
            begun = same & (position > before[:, None])
            side[number, look] = at
            since[number, look] = part.start + np.argmax(begun, axis=-1)
        alone = signals.whole.reshape(count, size)[number] & (latest >= 0) & ~holds
        if alone.any():
            side[number, alone] = 0
            since[number, alone] = part.start + np.argmax(there[alone, part], axis=-1)
    return side, since


def _choose(
    found: tuple[NDArray[np.int8], NDArray[np.int64]], signals: Signals, good: int, both: str
) -> tuple[NDArray[np.str_], NDArray[np.int8], NDArray[np.int64], NDArray[np.str_], Bools]:
    """Return variation, side, start and rule of each series from the signals that hold at its latest point."""
    side, since = found
    high, low = (side == 1).any(axis=0), (side == -1).any(axis=0)
    neutral = (side == 0).any(axis=0)
    ways = high & low
    up = good if good else 1
    chosen = np.where(high & ~low, 1, np.where(low & ~high, -1, 0))
    if both == "improving" and good:
        chosen = np.where(ways, up, chosen)
    variation = np.where(high | low | neutral, "changed", "common")
    if good:
        variation = np.where(chosen == good, "improving", np.where(chosen == -good, "concerning", variation))
    # Of the rules that tell this story, name the one that has held longest; a rule with a side before one without.
    wanted = np.where(ways & (chosen == 0), np.abs(side) == 1, side == chosen)
    rank = np.where(wanted, since, np.iinfo(np.int64).max)
    first = np.argmin(rank, axis=0)
    some = wanted.any(axis=0)
    rows = np.arange(side.shape[1])
    rule = np.where(some, np.array(signals.rules)[first], "")
    return variation, chosen.astype(np.int8), np.where(some, since[first, rows], -1), rule, ways


@dataclass(frozen=True, slots=True)
class _Now:
    """Where each chart stands: its latest phase, its latest point, and the start of the signal that holds there."""

    part: slice
    latest: NDArray[np.int64]
    since: NDArray[np.int64]


def _assurance(
    limits: Limits, there: Bools, now: _Now, target: float | None, good: int, enough: Bools
) -> NDArray[np.str_]:
    """Return whether the latest phase's limits lie wholly on one side of the target at the latest point.

    Charts without limits, and series whose values are all equal, are judged by their points: all of the latest phase
    on the good side, or none. So are charts with a lasting signal, by the points since it began: limits of the old
    level say nothing of the new one.
    """
    size, periods = there.shape
    if target is None or not np.isfinite(target) or good == 0 or limits.kind in WITHOUT_TARGET:
        return np.full(size, "no_target")
    rows, at = np.arange(size), np.maximum(now.latest, 0)
    lower, upper = (a.reshape(size, periods)[rows, at] for a in (limits.lower, limits.upper))
    worst, best = (lower, upper) if good > 0 else (upper, lower)
    meets, misses = good * (worst - target) > 0, good * (best - target) < 0
    first = np.where(now.since >= 0, now.since, now.part.start)
    seen = there & (np.arange(periods) >= first[:, None])
    lasting = (now.since >= 0) & (np.count_nonzero(seen, axis=-1) >= LASTING)
    by_points = ~(np.isfinite(lower) & np.isfinite(upper)) | lasting
    if by_points.any():
        seen = np.where(lasting[:, None], seen, there & (np.arange(periods) >= now.part.start))
        reached = good * (limits.value.reshape(size, periods) - target) >= 0
        meets = np.where(by_points, (reached | ~seen).all(axis=-1), meets)
        misses = np.where(by_points, (~reached | ~seen).all(axis=-1), misses)
    answer = np.where(meets, "meets", np.where(misses, "misses", "varies"))
    return np.where(enough, answer, "too_few")
