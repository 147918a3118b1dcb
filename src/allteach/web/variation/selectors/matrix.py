"""The matrix of measures x sites, from what was kept at the last refresh: a fixed number of queries for any size."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from allteach.units import Direction, Grain, ValueFormat
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import current_version, measures_of
from allteach.web.people.permissions import site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import Naming, naming_for
from allteach.web.sites.selectors import reporting_sites
from allteach.web.variation.budget import expected_false_signals
from allteach.web.variation.models import Phase, Standing
from allteach.web.variation.standing import standings_of
from allteach.web.variation.wording import CHANGED, settled

# What a cell needs; site rows are read as plain tuples because there may be many thousands.
CELL = ("measure_id", "site_id", "variation", "side", "points", "period", "why")
Cell = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One measure with its network line.

    Attributes:
        measure: The measure.
        format: How its values are written.
        grain: Length of its periods.
        naming: Who is named for this measure.
        line: The network line's standing; None before anything was computed.
        tally: How many sites stand where: variation -> number; ``better`` and ``worse`` count those that are steady in
            an agreed phase at a better or worse level than before.
        direction: Which way is good.
        open: Whether the network line's numbers may be shown to this person.
    """

    measure: Measure
    format: ValueFormat
    grain: Grain
    naming: Naming
    line: Standing | None
    tally: Counter[str]
    open: bool
    direction: Direction

    @property
    def settled(self) -> str:
        """``better`` or ``worse`` where the network line is steady in an agreed phase; empty elsewhere."""
        return settled(self.line.variation, self.line.side, self.direction) if self.line is not None else ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Sites x measures under one way of naming.

    Attributes:
        rows: The measures, one a column of the page.
        sites: The sites in order of the names shown.
        naming: The naming of this grid.
        cells: (site id, measure id) -> (variation, side).
    """

    rows: tuple[Row, ...]
    sites: tuple[Site, ...]
    naming: Naming
    cells: dict[tuple[int, int], Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Everything the home of Results shows.

    Attributes:
        rows: The measures asked for.
        grids: One, or two where some measures are blinded and others not.
        sites: Number of sites.
        until: Latest period with data.
        grain: Grain of that period.
        late: Sites whose data end earlier than the others'.
        false_signals: Signals that chance alone would show on this page.
        waiting: Proposed phases that wait for a decision.
        kinds: Kinds of measures that the network has.
        rule_sets: Rule sets in use.
        unjudged: Charts of sites that cannot be judged: measure, why, how many. Never whose.
    """

    rows: tuple[Row, ...]
    grids: tuple[Grid, ...]
    sites: int
    until: date | None
    grain: Grain
    late: int
    false_signals: float
    waiting: int
    kinds: tuple[str, ...]
    rule_sets: tuple[str, ...]
    unjudged: tuple[tuple[str, str, int], ...]


def matrix(
    *, user: Any, network: Network, kind: str = "", changed: bool = False, as_known: date | None = None
) -> Matrix:
    """Return where every measure stands at every site.

    Args:
        user: Who asks.
        network: The network.
        kind: Only measures of this kind (``outcome``, ``process``, ``balancing``); empty for all.
        changed: Only measures that have changed on the network line or at a site.
        as_known: As known at the end of this day, worked out from the files of then; None for now.
    """
    everything = list(measures_of(user=user, network=network))
    measures = [measure for measure in everything if not kind or measure.kind == kind]
    sites = list(reporting_sites(user=user, network=network))
    known = {site.pk for site in sites}
    lines, cells = _standings(measures) if as_known is None else _standings_then(user, network, measures, as_known)
    found = [row for row in cells if row[1] in known]
    tallies: dict[int, Counter[str]] = {measure.pk: Counter() for measure in measures}
    rows = [_row(user, network, measure, lines.get(measure.pk), tallies[measure.pk]) for measure in measures]
    if as_known is not None:  # set against today's, an earlier number may give a small count away
        rows = [replace(row, open=row.open and row.naming.counted is None) for row in rows]
    directions = {row.measure.pk: row.direction for row in rows}
    reasons: Counter[tuple[int, str]] = Counter()
    for measure_id, _site, variation, side, _points, _period, why in found:
        if why:
            reasons[measure_id, why] += 1
        tallies[measure_id][settled(variation, side, directions[measure_id]) or variation] += 1
    if changed:
        rows = [row for row in rows if _has_changed(row)]
    shown = {row.measure.pk for row in rows}
    found = [row for row in found if row[0] in shown]
    grain = _usual_grain(rows)
    until, late = _freshness(found, {row.measure.pk for row in rows if row.grain is grain})
    return Matrix(
        rows=tuple(rows),
        grids=_grids(rows, sites, {(site, measure): (v, side) for measure, site, v, side, _, _, _ in found}),
        sites=len(sites),
        until=until,
        grain=grain,
        late=late,
        false_signals=_budget(network, rows, found),
        waiting=proposals_waiting(user=user, network=network),
        kinds=tuple(k for k in Measure.Kind.values if any(measure.kind == k for measure in everything)),
        rule_sets=tuple(sorted({measure.rule_set or network.rule_set for measure in measures})),
        unjudged=tuple(
            (row.measure.title, why, number)
            for row in rows
            for (measure_id, why), number in sorted(reasons.items())
            if measure_id == row.measure.pk
        ),
    )


def _standings(measures: list[Measure]) -> tuple[dict[int, Standing], list[Any]]:
    """Return the standings of network lines by measure, and those of sites as tuples, as kept at the last refresh."""
    lines = {s.measure_id: s for s in Standing.objects.filter(measure__in=measures, site__isnull=True)}
    return lines, list(Standing.objects.filter(measure__in=measures, site__isnull=False).values_list(*CELL))


def _standings_then(
    user: Any, network: Network, measures: list[Measure], day: date
) -> tuple[dict[int, Standing], list[Any]]:
    """Return the same as known at the end of a day. Nothing is kept of it."""
    made = [standing for measure in measures for standing in standings_of(user, network, measure, as_of=day)]
    lines = {standing.measure_id: standing for standing in made if standing.site_id is None}
    return lines, [tuple(getattr(s, name) for name in CELL) for s in made if s.site_id is not None]


def proposals_waiting(*, user: Any, network: Network) -> int:
    """Return how many proposed phases wait for this person's decision."""
    return may_decide(user, network).count()


def may_decide(user: Any, network: Network) -> Any:
    """Return the proposed phases that this person may decide."""
    waiting = Phase.objects.filter(measure__network=network, status=Phase.Status.PROPOSED)
    sites = site_ids_where(user, Permission.PHASE_DECIDE, network=network)
    return waiting if sites is None else waiting.filter(site__in=sites)


def _row(user: Any, network: Network, measure: Measure, line: Standing | None, tally: Counter[str]) -> Row:
    version = current_version(measure)
    card = card_of(version) if version is not None else None
    naming = naming_for(user=user, network=network, measure=measure)
    return Row(
        measure=measure,
        format=card.format if card else ValueFormat(),
        grain=card.grain if card else Grain.MONTH,
        naming=naming,
        line=line,
        tally=tally,
        open=naming.counted is None or line is None or not line.small,
        direction=card.direction if card else Direction.NEITHER,
    )


def _has_changed(row: Row) -> bool:
    on_line = row.line is not None and row.line.variation in CHANGED
    return on_line or any(row.tally[word] for word in CHANGED)


def _usual_grain(rows: list[Row]) -> Grain:
    """Return the grain that most measures share; days of single events say nothing about how fresh the data are."""
    grains = Counter(row.grain for row in rows if row.grain is not Grain.EVENT)
    return grains.most_common(1)[0][0] if grains else Grain.EVENT


def _freshness(found: list[Any], measures: set[int]) -> tuple[date | None, int]:
    """Return the latest period with data of these measures, and how many sites have none there."""
    latest: dict[int, date] = {}
    for measure, site, _variation, _side, _points, period, _why in found:
        if measure in measures and period is not None and (site not in latest or period > latest[site]):
            latest[site] = period
    until = max(latest.values(), default=None)
    return until, sum(1 for day in latest.values() if day != until)


def _budget(network: Network, rows: list[Row], found: list[Any]) -> float:
    rules = {row.measure.pk: row.measure.rule_set or network.rule_set for row in rows}
    charts = Counter((rules[measure], points) for measure, _site, _v, _s, points, _p, _why in found)
    charts.update((rules[row.measure.pk], row.line.points) for row in rows if row.line is not None)
    return expected_false_signals(charts)


def _grids(rows: list[Row], sites: list[Site], cells: dict[tuple[int, int], Cell]) -> tuple[Grid, ...]:
    """Return one grid for each way of naming: a blinded measure in a named row would tell which letter is whose."""
    grids = []
    for blinded in (False, True):
        here = [row for row in rows if (row.naming.blinded and row.naming.named is not None) == blinded]
        if here:
            naming = here[0].naming
            ordered = sorted(sites, key=lambda site: (site.pk not in naming.own, naming.name(site).casefold()))
            grids.append(Grid(tuple(here), tuple(ordered), naming, cells))
    return tuple(grids)
