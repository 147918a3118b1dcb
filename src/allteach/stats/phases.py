"""Proposals of new phases: the software says where a level seems to have moved for good; people decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats.change import Change, Interval, compare
from allteach.stats.charts import compute
from allteach.stats.dependence import Dependence, dependence
from allteach.stats.results import ALL_POINTS, Bools, Floats, Limits, Plan
from allteach.stats.rules import Packing, sides, stretches
from allteach.stats.series import Panel

__all__ = [
    "STABLE_SHIFT",
    "Change",
    "Dependence",
    "Interval",
    "Proposal",
    "ShiftSettings",
    "compare",
    "dependence",
    "propose",
    "proposed_by_chance",
]

COVERAGE = 0.95
# Share of series without any change for which the usual settings propose one: points -> share
# (`benchmarks/shift_proposals.py`, independent normal values; docs/statistics/new_phases.md).
BY_CHANCE = ((19, 0.0), (24, 0.03), (36, 0.05), (60, 0.08))
WITHOUT_LEVEL = ("mr", "s", "ewma", "cusum")


@dataclass(frozen=True, slots=True)
class ShiftSettings:
    """When a new phase is proposed.

    Args:
        run: Points in a row on one side of the centre that make a shift.
        period: Points that set the limits of a phase.
        confirm: Points needed from the first of the shift on; fewer than `period` makes a provisional proposal.
        extremes: Points beyond the limits that may be left out of limits, found one by one.
        overhang: Points of a run back towards the old level, unfinished at the end of the data, that hold a proposal.
        coverage: The interval of this coverage around the difference between all points before and all after must not
            hold zero. It makes proposals by chance three times rarer and costs hardly a real one. None to go without.
    """

    run: int = 8
    period: int = 12
    confirm: int = 8
    extremes: int = 3
    overhang: int = 4
    coverage: float | None = 0.95

    def __post_init__(self) -> None:
        if self.run < 2 or self.period < 2 or not self.run <= self.confirm or self.extremes < 0 or self.overhang < 1:
            raise StatsError("AT-S-005", "A run and a period need two points, and a shift all the points of its run.")


# The published settings of the Stable Shift Algorithm: a shift counts once there are 21 points to set its limits.
STABLE_SHIFT = ShiftSettings(run=8, period=21, confirm=21, extremes=3, overhang=1, coverage=None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new phase to be decided upon by a person.

    Attributes:
        series: Position of the series; ``()`` for a single one.
        start: Position of its first point.
        side: +1 the level rose, -1 it fell.
        run: Points in a row on that side of the old centre, from `start`.
        points: Points from `start` to the end.
        before, after: Centre lines of the old and of the proposed phase, as the chart would show them if accepted.
        provisional: Fewer points than set the limits of a phase.
        excluded: Positions left out of the proposed limits as extreme.
        change: How far the level moved, with intervals.
    """

    series: tuple[int, ...]
    start: int
    side: int
    run: int
    points: int
    before: float
    after: float
    provisional: bool
    excluded: tuple[int, ...]
    change: Change | NotEstimable


@dataclass(slots=True)
class _Work:
    """One series under search."""

    kind: str
    panel: Panel
    plan: Plan
    settings: ShiftSettings
    at: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


def proposed_by_chance(points: ArrayLike) -> Floats:
    """Return the share of charts of this many points for which chance alone brings a proposal, as measured.

    Beyond 60 points the share is taken to stay; below 20 there can be none.

    Example:
        >>> proposed_by_chance([12, 36, 48]).round(3).tolist()
        [0.0, 0.05, 0.065]
    """
    return np.interp(np.asarray(points, dtype=np.float64), *np.transpose(BY_CHANCE))


def propose(
    kind: str,
    panel: Panel,
    *,
    plan: Plan = ALL_POINTS,
    settings: ShiftSettings = ShiftSettings(),
) -> tuple[Proposal, ...]:
    """Return the new phases that the latest phase of each series seems to hold, in order. Nothing is refitted.

    Limits are set from the first points of the phase and extended. At a run on one side, limits are set from the
    points of the run on: the shift is proposed unless a run back begins among those points, or may be under way at the
    end.
    Then the search goes on from there. With `STABLE_SHIFT` the newest shift is left alone until 21 points confirm it.

    Args:
        kind: Chart kind; spread and cumulative charts have no level and give no proposals.
        panel: ``(..., T)`` series.
        plan: The phases already accepted and the points excluded; a baseline takes the place of `period` for the
            phase in force.
        settings: Lengths of run, period and confirmation.

    Raises:
        StatsError: As `charts.compute`.

    Source: the Stable Shift Algorithm as documented by the R package autospc.

    Example:
        >>> old, new = [10.0, 12, 11, 9, 10, 11, 12, 10, 9, 11, 10, 12], [18.0, 17, 19, 18, 20, 18, 17, 19]
        >>> months = Panel(numerator=old + new)
        >>> [(found.start, found.side, found.provisional) for found in propose("i", months)]
        [(12, 1, True)]
    """
    if kind in WITHOUT_LEVEL:
        return ()
    lead, periods = panel.shape[:-1], panel.periods
    start = max((int(s) for s in plan.phase_starts), default=0)
    size = int(np.prod(lead, dtype=np.int64))
    flat = Panel(**{k: v.reshape(size, periods) for k, v in panel.fields.items()}, log=panel.log)
    exclude = np.zeros((size, periods), bool)
    if plan.exclude is not None:
        exclude |= np.broadcast_to(plan.exclude, panel.shape).reshape(size, periods)
    plan = replace(plan, phase_starts=())
    there = np.isfinite(compute(kind, flat, replace(plan, baseline=None)).value) & (np.arange(periods) >= start)
    period = settings.period if plan.baseline is None else plan.baseline
    order = np.cumsum(there, axis=-1)
    first = there & (order <= period)
    limits, _ = _set_limits(kind, flat, plan, first, exclude, settings.extremes)
    found: list[Proposal] = []
    for row in np.flatnonzero(_has_run(limits, there & ~first, settings.run)).tolist():
        work = _Work(kind, flat.take(row), plan, settings, np.flatnonzero(there[row]))
        series = tuple(int(i) for i in np.unravel_index(row, lead)) if lead else ()
        found += [replace(proposal, series=series) for proposal in _search(work, exclude[row], period)]
    return tuple(found)


def _set_limits(
    kind: str, panel: Panel, plan: Plan, inside: Bools, exclude: Bools, extremes: int
) -> tuple[Limits, Bools]:
    """Return limits from the points inside, extended over all, leaving out extremes one by one; and those left out."""
    out = np.zeros(inside.shape, bool)
    for _ in range(extremes + 1):
        limits = compute(kind, panel, replace(plan, baseline=None, exclude=~inside | exclude | out))
        distance = np.where(limits.used & np.isfinite(limits.z), np.abs(limits.z), 0.0)
        worst = np.argmax(distance, axis=-1)[..., None]
        beyond = np.take_along_axis(distance, worst, axis=-1) > 3
        if not beyond.any() or np.count_nonzero(out, axis=-1).max(initial=0) == extremes:
            break
        np.put_along_axis(out, worst, beyond | np.take_along_axis(out, worst, axis=-1), axis=-1)
    return limits, out


def _has_run(limits: Limits, later: Bools, run: int) -> Bools:
    """``(S,)`` series with a run long enough among the later points; points on the line are skipped."""
    side = np.where(later, sides(limits.value, limits.centre), 0)
    packing = Packing(side != 0)
    packed = packing.pack(side, 0)
    found = stretches(packed == 1, run).any(axis=-1) | stretches(packed == -1, run).any(axis=-1)
    return np.asarray(found & ~limits.runs_withheld)


def _search(work: _Work, exclude: Bools, period: int) -> Iterator[Proposal]:
    settings, at = work.settings, work.at
    begun, length = 0, period
    while True:
        old, _ = _limits_from(work, at[begun : begun + length], exclude)
        side = sides(old.value, old.centre)[at]
        step = _next_shift(work, side, (begun, begun + length), exclude)
        if step is None:
            return
        begin, way, change = step
        length = min(settings.period, len(at) - begin)
        _, out = _limits_from(work, at[begin : begin + length], exclude)
        start = int(at[begin])
        before, after = _levels(work, int(at[begun]), start, exclude | out)
        ends = np.flatnonzero(side[begin:] == -way)
        yield Proposal(
            series=(),
            start=start,
            side=way,
            run=int(np.count_nonzero(side[begin : begin + int(ends[0]) if ends.size else None] == way)),
            points=len(at) - begin,
            before=before,
            after=after,
            provisional=len(at) - begin < settings.period,
            excluded=tuple(np.flatnonzero(out).tolist()),
            change=change,
        )
        begun = begin


def _levels(work: _Work, begun: int, start: int, exclude: Bools) -> tuple[float, float]:
    """Return the centre lines on both sides of a new phase, as the chart would show them once it is accepted."""
    starts = tuple(position for position in (begun, start) if position)
    shown = compute(work.kind, work.panel, replace(work.plan, phase_starts=starts, exclude=exclude))
    return float(shown.centre[start - 1]), float(shown.centre[start])


def _next_shift(
    work: _Work, side: np.ndarray, phase: tuple[int, int], exclude: Bools
) -> tuple[int, int, Change | NotEstimable] | None:
    """Return where the next shift that is not a passing one begins, counted in points, its side and its size."""
    settings, at = work.settings, work.at
    begun, first = phase
    off = np.flatnonzero(side[first:]) + first
    for number in range(len(off) - settings.run + 1):
        begin, way = int(off[number]), int(side[off[number]])
        if len(at) - begin < settings.confirm:
            return None
        if (side[off[number : number + settings.run]] != way).any():
            continue
        period = at[begin : begin + settings.period]
        new, out = _limits_from(work, period, exclude)
        # A first point that is extreme for the new level belongs to the old one: the shift begins later.
        if out[at[begin]] or not np.isfinite(new.centre[at[begin]]) or _turns_back(work, new, begin, len(period), way):
            continue
        before, after = slice(int(at[begun]), int(at[begin])), slice(int(at[begin]), int(at[-1]) + 1)
        change = compare(
            work.kind, work.panel, before, after, exclude=exclude | out, level=settings.coverage or COVERAGE
        )
        if settings.coverage is None or _beyond_chance(change, way):
            return begin, way, change
    return None


def _beyond_chance(change: Change | NotEstimable, way: int) -> bool:
    if isinstance(change, NotEstimable):
        return False
    return change.difference.low > 0 if way > 0 else change.difference.high < 0


def _turns_back(work: _Work, new: Limits, begin: int, length: int, way: int) -> bool:
    """Whether a run back begins among the points that set the new limits, or may be under way at the end."""
    side = sides(new.value, new.centre)[work.at[begin:]]
    off = np.flatnonzero(side)
    run_start, run = -1, 0
    for position in off.tolist():
        if side[position] != -way:
            run = 0
            continue
        if run == 0:
            run_start = position
        run += 1
        if run >= work.settings.run and run_start < length:
            return True
    return work.settings.overhang <= run and run_start < length


def _limits_from(work: _Work, positions: np.ndarray, exclude: Bools) -> tuple[Limits, Bools]:
    inside = np.zeros(work.panel.periods, bool)
    inside[positions] = True
    return _set_limits(work.kind, work.panel, work.plan, inside, exclude, work.settings.extremes)
