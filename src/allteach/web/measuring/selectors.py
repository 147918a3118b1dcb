"""Reading measures and what they came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db.models import Max, Prefetch, QuerySet
from django.http import Http404

from allteach.measures.card import Card
from allteach.units import Period
from allteach.web.measuring import engine
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.completeness import of_files
from allteach.web.measuring.models import Measure, MeasureVersion, Observation
from allteach.web.measuring.panels import COLUMNS, MeasurePanel, Row, build, build_line, point_text, pooled
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.sites.selectors import reporting_sites
from allteach.web.submissions import manifest


def measures_of(*, user: Any, network: Network, retired: bool = False) -> QuerySet[Measure]:
    """Return the measures of a network that have a released version, in the network's order."""
    require(user, Permission.RESULT_VIEW, network=network)
    found = Measure.objects.filter(network=network)
    if not retired:
        found = found.filter(versions__status="released").distinct()
    return found.prefetch_related(Prefetch("versions", queryset=MeasureVersion.objects.order_by("-number")))


def measure_for(*, user: Any, network: Network, slug: str) -> Measure:
    """Return one measure of a network.

    Raises:
        Http404: the network has no such measure.
    """
    require(user, Permission.RESULT_VIEW, network=network)
    measure = Measure.objects.filter(network=network, slug=slug).first()
    if measure is None:
        raise Http404
    return measure


def current_version(measure: Measure) -> MeasureVersion | None:
    """Return the newest released version, the one that charts show; without a query where versions were prefetched."""
    versions = sorted(measure.versions.all(), key=lambda version: -version.number)
    return next((version for version in versions if version.status == "released"), None)


def panel(
    *,
    user: Any,
    measure: Measure,
    sites: Iterable[Site] | None = None,
    as_of: date | datetime | None = None,
    stratum: str = "",
) -> MeasurePanel | None:
    """Return a measure's statistics for sites x periods, read with one query; None when no version is released.

    Args:
        user: Who asks.
        measure: Which measure.
        sites: The rows wanted, in this order; None means every site that reports, by name.
        as_of: Show what was known then, from the files that were current on that day.
        stratum: Only this part, such as ``type=1``; empty for the whole.
    """
    require(user, Permission.RESULT_VIEW, network=measure.network)
    version = current_version(measure)
    if version is None:
        return None
    chosen = list(reporting_sites(user=user, network=measure.network) if sites is None else sites)
    card = card_of(version)
    rows = _stored(version, stratum) if as_of is None else _known_then(measure, card, as_of, stratum)
    return build(measure, version, card, rows, chosen)


def network_panel(
    *, user: Any, measure: Measure, as_of: date | datetime | None = None, stratum: str = ""
) -> MeasurePanel | None:
    """Return the network line of a measure: every reporting site added up. None when no version is released."""
    found = panel(user=user, measure=measure, as_of=as_of, stratum=stratum)
    return None if found is None else pooled(found)


def strata_of(*, user: Any, measure: Measure) -> list[str]:
    """Return the parts that a measure can be split into, as found in its data, such as ``type=1``."""
    require(user, Permission.RESULT_VIEW, network=measure.network)
    version = current_version(measure)
    found = Observation.objects.filter(version=version).exclude(stratum="").values_list("stratum", flat=True)
    return sorted(found.distinct())


def _stored(version: MeasureVersion, stratum: str) -> list[Row]:
    return list(Observation.objects.filter(version=version, stratum=stratum).values_list(*COLUMNS))


def _known_then(measure: Measure, card: Card, as_of: date | datetime, stratum: str) -> list[Row]:
    return [row for row in engine.rows_as_of(network=measure.network, card=card, as_of=as_of) if row[3] == stratum]


@dataclass(frozen=True, slots=True)
class Trial:
    """A card tried on the rows that are current, before anybody sees it on a chart.

    Args:
        sites: Sites with a point.
        points: Points by site and period.
        first: First period with a point.
        last: Last period with a point.
        latest: The network's newest points, oldest first: period and value in words.
    """

    sites: int
    points: int
    first: Period
    last: Period
    latest: tuple[tuple[str, str], ...]


def trial(*, user: Any, network: Network, card: Card, shown: int = 6) -> Trial | None:
    """Return what a card comes to on the rows that are current, or None when there is nothing to count.

    Raises:
        Refused: ``AT-P-002`` when the person may not change measures.
        MeasureError: ``AT-M`` when the card does not fit the rows.
    """
    require(user, Permission.MEASURE_CHANGE, network=network)
    files = engine.current_files(network, card.table)
    if not files:
        return None
    ids = dict(Site.objects.filter(network=network).values_list("code", "pk"))
    with engine.attached(network, files=manifest.paths(network, files)) as found:
        sums = engine.compute(card, found)
    rows = [row for row in engine.as_rows(sums, ids, of_files(files, card.grain)) if not row[3]]
    line = build_line(card, rows)
    if line is None:
        return None
    line_panel, periods = line
    there = np.flatnonzero(np.isfinite(line_panel.value))
    return Trial(
        sites=len({row[0] for row in rows}),
        points=len(rows),
        first=periods[0],
        last=periods[-1],
        latest=tuple((periods[at].label, point_text(card, line_panel, int(at))) for at in there[-shown:]),
    )


def newest_period(*, user: Any, network: Network) -> dict[int, date]:
    """Return measure id -> first day of the newest period with data."""
    require(user, Permission.RESULT_VIEW, network=network)
    found = Observation.objects.filter(version__measure__network=network, version__status="released", stratum="")
    return dict(found.values_list("version__measure").annotate(newest=Max("period")).order_by())
