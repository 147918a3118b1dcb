"""Reading measures and what they came to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Prefetch, QuerySet
from django.http import Http404

from allteach.errors import MeasureError
from allteach.intake.contract import Privacy, TableDictionary
from allteach.measures.binding import check_card, kinds_of_table
from allteach.measures.fhir import measure_resource
from allteach.web.measuring import engine
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.engine import end_of
from allteach.web.measuring.models import SHOWN, Measure, MeasureVersion, Observation
from allteach.web.measuring.panels import COLUMNS, MeasurePanel, Row, build, pooled
from allteach.web.measuring.versions import Stretch, breaks_of, chain, numbered, on_charts
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.sites.selectors import reporting_sites


def measures_of(*, user: Any, network: Network, retired: bool = False) -> QuerySet[Measure]:
    """Return the measures of a network that are on charts, in the network's order."""
    require(user, Permission.RESULT_VIEW, network=network)
    found = Measure.objects.filter(network=network)
    if not retired:
        found = found.filter(versions__status__in=SHOWN).distinct()
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
    """Return the newest version that charts show; without a query where versions were prefetched."""
    return on_charts(measure.versions.all())


def resource_of(*, user: Any, measure: Measure, number: int | None = None) -> dict[str, Any]:
    """Return a version of a measure as a FHIR Measure; the one that charts show when no number is given.

    Raises:
        Http404: the measure has no such version.
        MeasureError: ``AT-M-014`` for sequences of single events.
    """
    require(user, Permission.RESULT_VIEW, network=measure.network)
    versions = measure.versions.order_by("-number")
    version = current_version(measure) if number is None else versions.filter(number=number).first()
    version = version or (versions.first() if number is None else None)
    if version is None:
        raise Http404
    return measure_resource(
        card_of(version),
        network=measure.network.slug,
        measure=measure.slug,
        version=version.number,
        released=version.status in SHOWN,
    )


def panel(
    *,
    user: Any,
    measure: Measure,
    sites: Iterable[Site] | None = None,
    as_of: date | datetime | None = None,
    stratum: str = "",
    joined: bool = False,
    number: int | None = None,
) -> MeasurePanel | None:
    """Return a measure's statistics for sites x periods, read with one query; None when no version is released.

    Args:
        user: Who asks.
        measure: Which measure.
        sites: The rows wanted, in this order; None means every site that reports, by name.
        as_of: Show what was known then: files that were current, and the version that was on charts.
        stratum: Only this part, such as ``type=1``; empty for the whole.
        joined: Count each period by the version in force then, with breaks between, as charts do; else all periods by
            one version, as comparisons need.
        number: The version wanted; None for the one on charts.
    """
    require(user, Permission.RESULT_VIEW, network=measure.network)
    versions = list(measure.versions.all())
    moment = None if as_of is None else end_of(as_of)
    version = on_charts(versions, moment) if number is None else _asked(user, measure, versions, number)
    if version is None:
        return None
    chosen = list(reporting_sites(user=user, network=measure.network) if sites is None else sites)
    stretches = chain(versions, version) if joined and number is None else (Stretch(version),)
    rows = _stored(stretches, stratum) if moment is None else _known_then(measure, stretches, moment, stratum)
    found = build(measure, version, card_of(version), rows, chosen)
    return replace(found, breaks=breaks_of(stretches)) if len(stretches) > 1 else found


def _asked(user: Any, measure: Measure, versions: list[MeasureVersion], number: int) -> MeasureVersion | None:
    """Return the version that somebody asks for by number; a pilot is for those who write measures."""
    found = numbered(versions, number)
    if found is not None and found.status == MeasureVersion.Status.PILOTED:
        require(user, Permission.MEASURE_CHANGE, network=measure.network)
    return found


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


def _stored(stretches: Sequence[Stretch], stratum: str) -> list[Row]:
    by_version = {stretch.version.pk: stretch for stretch in stretches}
    found = Observation.objects.filter(version__in=list(by_version), stratum=stratum)
    rows = found.values_list("version_id", *COLUMNS)
    if len(stretches) == 1 and stretches[0].first is None:
        return [row[1:] for row in rows]
    return [row[1:] for row in rows if by_version[row[0]].holds(row[2])]


def _known_then(measure: Measure, stretches: Sequence[Stretch], moment: datetime, stratum: str) -> list[Row]:
    rows: list[Row] = []
    for stretch in stretches:
        known = engine.rows_as_of(network=measure.network, card=card_of(stretch.version), as_of=moment)
        rows += [row for row in known if row[3] == stratum and stretch.holds(row[1])]
    return rows


def newest_period(*, user: Any, network: Network) -> dict[int, date]:
    """Return measure id -> first day of the newest period with data."""
    require(user, Permission.RESULT_VIEW, network=network)
    found = Observation.objects.filter(version__measure__network=network, version__status__in=SHOWN, stratum="")
    return dict(found.values_list("version__measure").annotate(newest=Max("period")).order_by())


def cannot_read(*, network: Network, dictionary: TableDictionary) -> list[str]:
    """Return the measures that could not be worked out under a version of their table, and why."""
    kinds = kinds_of_table(dictionary)
    for field in dictionary.fields:
        if field.privacy is Privacy.DIRECT:  # checked but not stored, so no measure can read it
            kinds.pop(field.name)
    out = []
    in_use = (*SHOWN, MeasureVersion.Status.PILOTED)
    found = MeasureVersion.objects.filter(measure__network=network, status__in=in_use).select_related("measure")
    for version in found.order_by("measure__order", "measure_id", "number"):
        card = card_of(version)
        if card.table != dictionary.name:
            continue
        try:
            check_card(card, kinds)
        except MeasureError as error:
            out.append(f"{version.measure.title}: {error.what}")
    return out
