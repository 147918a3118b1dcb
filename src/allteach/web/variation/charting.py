"""A measure's panel, the phases people agreed on and the points they left out -> limits, signals and readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from allteach.charts.single import Single, single
from allteach.measures.card import Card
from allteach.stats.charts import compute
from allteach.stats.reading import Reading, read
from allteach.stats.results import Bools, Floats, Limits, Plan, Signals
from allteach.stats.series import Panel
from allteach.stats.signals import evaluate
from allteach.units import Grain, Period
from allteach.web.measuring.models import Measure
from allteach.web.measuring.panels import MeasurePanel, pool
from allteach.web.sites.models import Site
from allteach.web.variation.asked import Asked
from allteach.web.variation.models import Phase, PointExclusion


@dataclass(frozen=True, slots=True)
class Agreed:
    """What people decided about the charts of one measure, by site id (None for the network line)."""

    phases: Mapping[int | None, tuple[Phase, ...]] = field(default_factory=dict)
    exclusions: Mapping[int | None, tuple[PointExclusion, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What is computed: a measure by its card, the rules it is judged by, and what people agreed on."""

    measure: Measure
    card: Card
    rule_set: str
    agreed: Agreed = field(default_factory=Agreed)
    asked: Asked = field(default_factory=Asked)

    @property
    def kind(self) -> str:
        """The chart kind asked for, or the card's."""
        return self.asked.kind or self.card.chart_kind


@dataclass(frozen=True, slots=True)
class Block:
    """Series that share one axis of periods: arrays of shape (S, T)."""

    sites: tuple[Site | None, ...]
    periods: tuple[Period, ...]
    panel: Panel
    incomplete: Bools
    held: NDArray[np.int64]

    def take(self, rows: Sequence[int]) -> Block:
        """Return some of the series."""
        at = list(rows)
        return Block(
            tuple(self.sites[i] for i in at), self.periods, self.panel.take(at), self.incomplete[at], self.held[at]
        )

    def until(self, day: date | None) -> Block:
        """Return the periods that begin on this day or before."""
        if day is None:
            return self
        end = sum(1 for period in self.periods if period.start <= day)
        cut = (slice(None), slice(0, end))
        return Block(self.sites, self.periods[:end], self.panel.take(cut), self.incomplete[cut], self.held[cut])


@dataclass(frozen=True, slots=True)
class Line:
    """One chart, computed; `block`, `limits`, `signals` and `reading` hold it at position `at` among its like.

    Attributes:
        site: Whose; None for the network line.
        phases: Accepted phases in force.
        exclusions: Points left out of the limits, with reasons.
        breaks: Positions at which a changed definition begins.
    """

    site: Site | None
    block: Block
    limits: Limits
    signals: Signals
    reading: Reading
    plan: Plan
    at: int
    phases: tuple[Phase, ...]
    exclusions: tuple[PointExclusion, ...]
    breaks: tuple[int, ...] = ()

    @property
    def periods(self) -> tuple[Period, ...]:
        """One for each point."""
        return self.block.periods

    @property
    def value(self) -> Floats:
        """``(T,)`` the points."""
        return np.asarray(self.limits.value[self.at])

    @property
    def incomplete(self) -> Bools:
        """``(T,)`` points that may still grow: drawn, kept off the limits and not judged."""
        return np.asarray(self.block.incomplete[self.at])

    @property
    def latest(self) -> int:
        """Position of the last point with data, -1 for none."""
        there = np.flatnonzero(np.isfinite(self.value))
        return int(there[-1]) if there.size else -1

    @property
    def points(self) -> int:
        """Number of complete points."""
        return int((np.isfinite(self.value) & ~self.incomplete).sum())

    @property
    def variation(self) -> str:
        """The answer to "is it changing?"."""
        return str(self.reading.variation[self.at])

    @property
    def side(self) -> int:
        """+1 higher, -1 lower, 0 neither; of the signal, or of the latest agreed phase where there is none."""
        if self.settled is not None:
            before, after = self.levels()
            return 0 if before is None or after is None else (after > before) - (after < before)
        return int(self.reading.side[self.at])

    @property
    def since(self) -> Period | None:
        """The period in which the signal began."""
        at = int(self.reading.since[self.at])
        return self.periods[at] if 0 <= at < len(self.periods) and self.variation in _CHANGED else None

    @property
    def settled(self) -> Period | None:
        """The period from which a new, agreed phase has been steady; None where there is none."""
        if self.variation != "common":
            return None
        phase = self.limits.phase
        first = int(np.argmax(phase == phase[-1]))
        # Behind a changed definition there is nothing to be better or worse than.
        return self.periods[first] if first and first not in self.breaks else None

    @property
    def size(self) -> float:
        """Patients, exposure or points behind the chart."""
        panel = self.block.panel
        below = panel.n if panel.total is not None else panel.denominator
        return float(np.nansum(below[self.at])) if below is not None else float(self.points)

    @property
    def alone(self) -> Single:
        """The same as plain lists, as words and pictures take it."""
        return single(self.block.panel, self.limits, self.signals, self.reading, (self.at,))

    def levels(self) -> tuple[float | None, float | None]:
        """Return the level before and after the change: of a signal, or of the latest agreed phase."""
        alone = self.alone
        if alone.last < 0:
            return None, None
        if self.settled is not None:
            first = self.periods.index(self.settled)
            return alone.centre[first - 1], alone.centre[alone.last]
        if self.since is None:
            return alone.centre[alone.last], None
        return alone.centre[alone.since], alone.level(alone.since, alone.last)


_CHANGED = ("improving", "concerning", "changed")


def blocks_of(found: MeasurePanel) -> list[Block]:
    """Return the network line and the sites on their shared axis; for sequences of events one block a site.

    Events of different sites share no calendar; the network line takes the events of all sites in order.
    """
    if not found.periods or not found.sites:
        return []
    pooled = pool(found.card, found.panel, found.periods)
    whole = Block(
        sites=(None,),
        periods=found.periods,
        panel=Panel(**{name: array[None] for name, array in pooled.fields.items()}, log=pooled.log),
        incomplete=(found.incomplete.any(axis=0) | (late_sites(found) > 0))[None],
        held=found.held.sum(axis=0)[None],
    )
    if found.card.grain is Grain.EVENT:
        return [whole, *(_own_events(found, i) for i in range(len(found.sites)))]
    sites = Block(found.sites, found.periods, found.panel, found.incomplete, found.held)
    return [_joined(whole, sites)] if pooled.fields.keys() == found.panel.fields.keys() else [whole, sites]


def late_sites(found: MeasurePanel) -> NDArray[np.int64]:
    """Return, by period, how many sites are late: in the last period only, those that reported in the one before.

    Until they report, the network line would move although no site has changed.
    """
    late = np.zeros(len(found.periods), dtype=np.int64)
    if found.card.grain is not Grain.EVENT and len(found.periods) > 1:
        known = found.panel.known
        late[-1] = int((known[:, -2] & ~known[:, -1]).sum())
    return late


def _joined(first: Block, second: Block) -> Block:
    """Return two blocks as one, so that all lines are computed together."""
    parts = {name: np.concatenate([getattr(first.panel, name), array]) for name, array in second.panel.fields.items()}
    return Block(
        sites=(*first.sites, *second.sites),
        periods=second.periods,
        panel=Panel(**parts, log=second.panel.log),
        incomplete=np.concatenate([first.incomplete, second.incomplete]),
        held=np.concatenate([first.held, second.held]),
    )


def _own_events(found: MeasurePanel, row: int) -> Block:
    there = np.flatnonzero(found.panel.known[row])
    at = (slice(row, row + 1), there)
    return Block(
        sites=(found.sites[row],),
        periods=tuple(found.periods[i] for i in there),
        panel=found.panel.take(at),
        incomplete=found.incomplete[at],
        held=found.held[at],
    )


def lines_of(found: MeasurePanel, question: Question) -> list[Line]:
    """Return the network line (where there is one) and every site's line, in the panel's order, computed together."""
    lines: list[Line] = []
    for whole in blocks_of(found):
        block = whole.until(question.asked.until)
        if not block.periods:
            continue
        groups: dict[tuple[int, ...], list[int]] = {}
        breaks = _breaks(found, block.periods)
        for i, site in enumerate(block.sites):
            starts = {*_starts(block.periods, _key(site), question), *breaks}
            groups.setdefault(tuple(sorted(starts)), []).append(i)
        placed: dict[int, Line] = {}
        for edges, rows in groups.items():
            for i, line in zip(rows, _computed(block.take(rows), edges, question, breaks), strict=True):
                placed[i] = line
        lines += [placed[i] for i in range(len(block.sites))]
    return lines


def _key(site: Site | None) -> int | None:
    return site.pk if site is not None else None


def _breaks(found: MeasurePanel, periods: Sequence[Period]) -> tuple[int, ...]:
    """Return the positions at which a changed definition begins: limits and runs always end there."""
    days = [item.start for item in found.breaks]
    at = {next((i for i, period in enumerate(periods) if period.start >= day), 0) for day in days}
    return tuple(sorted(at - {0}))


def _starts(periods: Sequence[Period], key: int | None, question: Question) -> tuple[int, ...]:
    """Return the positions at which new phases begin on one chart."""
    if not question.asked.phases:
        return ()
    days = [phase.start for phase in question.agreed.phases.get(key, ())]
    if question.asked.start is not None:
        days.append(question.asked.start)
    found = {next((j for j, period in enumerate(periods) if period.start >= day), 0) for day in days}
    return tuple(sorted(found - {0}))


def _computed(block: Block, starts: tuple[int, ...], question: Question, breaks: tuple[int, ...] = ()) -> list[Line]:
    agreed = question.agreed
    left_out = np.zeros(block.panel.shape, dtype=bool)
    for row, site in enumerate(block.sites):
        days = {found.period for found in agreed.exclusions.get(_key(site), ())}
        if days:
            left_out[row] = [period.start in days for period in block.periods]
    plan = Plan(
        baseline=question.asked.baseline or question.measure.baseline,
        phase_starts=starts,
        exclude=left_out | block.incomplete,
    )
    limits = compute(question.kind, block.panel, plan=plan)
    signals = evaluate(limits, question.rule_set, skip=block.incomplete)
    reading = read(
        limits, signals, direction=question.card.direction, target=question.measure.target, skip=block.incomplete
    )
    return [
        Line(
            site=site,
            block=block,
            limits=limits,
            signals=signals,
            reading=reading,
            plan=plan,
            at=row,
            phases=agreed.phases.get(_key(site), ()) if question.asked.phases else (),
            exclusions=agreed.exclusions.get(_key(site), ()),
            breaks=breaks,
        )
        for row, site in enumerate(block.sites)
    ]


def cohort_lines(found: MeasurePanel, question: Question) -> dict[str, Line]:
    """Return one pooled line for each cohort of sites; empty where sites have fewer than two cohorts."""
    groups: dict[str, list[int]] = {}
    for i, site in enumerate(found.sites):
        groups.setdefault(site.cohort, []).append(i)
    if len(groups) < 2 or found.card.grain is Grain.EVENT or not found.periods:
        return {}
    cohorts = sorted(groups, key=lambda name: (not name, name))
    pooled = [pool(found.card, found.panel.take(groups[name]), found.periods) for name in cohorts]
    parts = {name: np.stack([getattr(panel, name) for panel in pooled]) for name in pooled[0].fields}
    block = Block(
        sites=(None,) * len(cohorts),
        periods=found.periods,
        panel=Panel(**parts, log=found.panel.log),
        incomplete=np.stack([found.incomplete[groups[name]].any(axis=0) for name in cohorts]),
        held=np.stack([found.held[groups[name]].sum(axis=0) for name in cohorts]),
    ).until(question.asked.until)
    if not block.periods:
        return {}
    alone = Question(question.measure, question.card, question.rule_set, Agreed(), question.asked)
    breaks = _breaks(found, block.periods)
    return dict(zip(cohorts, _computed(block, breaks, alone, breaks), strict=True))
