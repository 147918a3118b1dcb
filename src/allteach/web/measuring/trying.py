"""A card tried on the rows that are here, by site and period, before anybody sees it on a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from allteach.measures.card import EVENT_KINDS, Card, MeasureKind, MissingPolicy, quantity
from allteach.units import Period
from allteach.web.measuring import engine
from allteach.web.measuring.completeness import of_files
from allteach.web.measuring.panels import Row, build_line, point_text
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import Naming, naming_for
from allteach.web.submissions import manifest

_PERIODS = 6  # newest periods that the table shows
_SITES = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """What a card came to at one site in one period.

    Attributes:
        label: The period.
        value: In words; empty where there is no point.
        counts: Numerator and denominator in words.
        excluded: Rows that the exclusion took out.
        excepted: Rows that the exception took out.
        withheld: A small count that this person may not read.
    """

    label: str
    value: str = ""
    counts: str = ""
    excluded: int = 0
    excepted: int = 0
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site's cells, oldest first."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a card came to.

    Attributes:
        sites: Sites with a point.
        points: Points by site and period.
        first, last: Span of the points.
        latest: The network's newest points, oldest first: period and value in words.
        labels: Heads of the columns of `rows`.
        rows: The newest periods of each site.
        more: Sites beyond those in `rows`.
        excluded, excepted: Rows taken out in all.
    """

    sites: int
    points: int
    first: Period
    last: Period
    latest: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    rows: tuple[SiteRow, ...]
    more: int
    excluded: int
    excepted: int


def trial(*, user: Any, network: Network, card: Card) -> Trial | None:
    """Return what a card comes to on the rows that are current, or None when there is nothing to count.

    Raises:
        Refused: ``AT-P-002`` when the person may not change measures.
        MeasureError: ``AT-M`` when the card does not fit the rows.
    """
    require(user, Permission.MEASURE_CHANGE, network=network)
    files = engine.current_files(network, card.table)
    if not files:
        return None
    paths = manifest.paths(network, files)
    sites = {site.code: site for site in Site.objects.filter(network=network)}
    ids = {code: site.pk for code, site in sites.items()}
    with engine.attached(network, files=paths) as attached:
        sums = engine.compute(replace(card, strata=()), attached)
        excluded, excepted = (
            _by_site(engine.compute(other, attached), ids) if other else {} for other in _taken_out(card)
        )
    rows = [row for row in engine.as_rows(sums, ids, of_files(files, card.grain)) if not row[3]]
    line = build_line(card, rows)
    if line is None:
        return None
    panel, periods = line
    there = np.flatnonzero(np.isfinite(panel.value))
    newest = [periods[int(at)] for at in there[-_PERIODS:]]
    naming = naming_for(user=user, network=network)
    table = _rows(card, rows, [sites[c] for c in sorted(sites)], newest, naming, excluded, excepted)
    return Trial(
        sites=len({row[0] for row in rows}),
        points=len(rows),
        first=periods[0],
        last=periods[-1],
        latest=tuple((periods[at].label, point_text(card, panel, int(at))) for at in there[-_PERIODS:]),
        labels=tuple(period.label for period in newest),
        rows=table[:_SITES],
        more=max(0, len(table) - _SITES),
        excluded=sum(excluded.values()),
        excepted=sum(excepted.values()),
    )


Taken = Mapping[tuple[int, date], int]


def _taken_out(card: Card) -> tuple[Card | None, Card | None]:
    """Return cards that count the rows which the exclusion and the exception take out; None where there are none."""
    if card.kind in EVENT_KINDS:
        return None, None
    bare = Card(
        id=card.id, title=card.title, kind=MeasureKind.COUNT, table=card.table, site=card.site, date=card.date,
        grain=card.grain, where=card.where,
    )  # fmt: skip
    excluded = replace(bare, numerator=card.exclusion) if card.exclusion else None
    if not card.exception:
        return excluded, None
    top, bottom = quantity(card.numerator, "numerator"), quantity(card.denominator, "denominator")
    not_met = f"not ({card.numerator})"  # a missing answer leaves, or is not met
    if card.missing is MissingPolicy.NOT_MET:
        not_met = f"not coalesce({card.numerator}, false)"
    parts = [f"({card.exception})", not_met]
    if top is None or top.summed or (bottom is not None and bottom.summed):
        return excluded, None
    if bottom is not None:
        parts.append(f"({card.denominator})")
    return excluded, replace(bare, numerator=" and ".join(parts), exclusion=card.exclusion)


def _by_site(sums: Sequence[engine.Sums], ids: Mapping[str, int]) -> Taken:
    return {(ids[s.site], s.period): int(s.numerator or 0) for s in sums if s.site in ids and not s.stratum}


def _rows(
    card: Card,
    rows: Sequence[Row],
    sites: Sequence[Site],
    newest: Sequence[Period],
    naming: Naming,
    *taken: Taken,
) -> tuple[SiteRow, ...]:
    """Return the newest periods site by site, as this person may read them; sites without any row are left out."""
    found = {(row[0], row[1]): row for row in rows}
    seen = {row[0] for row in rows} | {site for counts in taken for site, _period in counts}
    return tuple(
        SiteRow(naming.name(site), tuple(_cell(card, site, period, found, naming, *taken) for period in newest))
        for site in sorted(sites, key=lambda site: naming.name(site).casefold())
        if site.pk in seen
    )


def _cell(
    card: Card, site: Site, period: Period, found: Mapping[tuple[int, date], Row], naming: Naming, *taken: Taken
) -> Cell:
    excluded, excepted = (counts.get((site.pk, period.start), 0) for counts in taken)
    row = found.get((site.pk, period.start))
    numbers = [value for value in row[4:7] if value is not None] if row is not None else []
    counts = [*numbers, excluded, excepted]
    if row is not None and row[4] is not None and row[5] is not None and card.kind is MeasureKind.PROPORTION:
        counts.append(row[5] - row[4])
    if not all(naming.shows_count(site, value) for value in counts):
        return Cell(period.label, withheld=True)
    if row is None:
        return Cell(period.label, excluded=excluded, excepted=excepted)
    line = build_line(card, [row])
    value = card.format.text(float(line[0].value[0])) if line is not None and np.isfinite(line[0].value[0]) else ""
    return Cell(period.label, value, _counts(row), excluded, excepted)


def _counts(row: Row) -> str:
    above, below, n = row[4], row[5], row[6]
    if above is not None and below is not None:
        return f"{above:,.0f} / {below:,.0f}"
    return f"n = {n:,.0f}" if n is not None else ""
