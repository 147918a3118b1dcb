"""Measures and what they came to over the API. Names of sites and small counts follow the network's agreements."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Router, Schema

from allteach.measures.fhir import bundle
from allteach.web.api.problems import PROBLEMS
from allteach.web.measuring import selectors
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure, MeasureVersion
from allteach.web.sites.selectors import network_for
from allteach.web.variation.selectors.points import Point, points_of, reports_of

router = Router()


class MeasureOut(Schema):
    """A measure. Targets are on the inside scale: proportions 0-1, rates per one unit."""

    slug: str
    title: str
    kind: str
    counts: str
    direction: str
    target: float | None
    version: int
    content_hash: str


class MeasureDetail(MeasureOut):
    """A measure with its card (YAML)."""

    card: str


class ObservationOut(Schema):
    """One site and period. Numbers are null where they are withheld; `withheld` says so."""

    site: str
    site_name: str
    period: date
    numerator: float | None
    denominator: float | None
    n: float | None
    value: float | None
    complete: bool
    held: int
    withheld: bool


def _out(measure: Measure, version: MeasureVersion) -> dict[str, Any]:
    card = card_of(version)
    return {
        "slug": measure.slug,
        "title": measure.title,
        "kind": measure.kind,
        "counts": card.kind.value,
        "direction": card.direction.value,
        "target": measure.target,
        "version": version.number,
        "content_hash": version.content_hash,
        "card": version.card,
    }


@router.get("/n/{slug}/measures", response={200: list[MeasureOut]} | PROBLEMS)
def measures(request: Any, slug: str) -> Any:
    """Return the measures of a network."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.measures_of(user=request.user, network=network)
    versions = [(measure, selectors.current_version(measure)) for measure in found]
    return [_out(measure, version) for measure, version in versions if version is not None]


@router.get("/n/{slug}/measures/{measure}", response={200: MeasureDetail} | PROBLEMS)
def measure(request: Any, slug: str, measure: str) -> Any:
    """Return one measure with its card."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.measure_for(user=request.user, network=network, slug=measure)
    version = selectors.current_version(found) or found.versions.order_by("-number")[0]
    return _out(found, version)


@router.get("/n/{slug}/measures/{measure}/observations", response={200: list[ObservationOut]} | PROBLEMS)
def observations(request: Any, slug: str, measure: str, as_of: date | None = None, stratum: str = "") -> Any:
    """Return what a measure came to for each site and period, now or as known on a day."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.measure_for(user=request.user, network=network, slug=measure)
    return [_point(point) for point in points_of(user=request.user, measure=found, as_of=as_of, stratum=stratum)]


def _point(point: Point) -> ObservationOut:
    said = point.reported
    return ObservationOut(
        site=said.site,
        site_name=said.site_name,
        period=said.period.start,
        numerator=said.numerator,
        denominator=said.denominator,
        n=said.n,
        value=said.value,
        complete=said.complete,
        held=point.held,
        withheld=said.withheld,
    )


@router.get("/n/{slug}/measures/{measure}/fhir", response={200: dict[str, Any]} | PROBLEMS)
def measure_as_fhir(request: Any, slug: str, measure: str) -> Any:
    """Return a measure as a FHIR R4 Measure: words, populations, and conditions in the language of cards."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.measure_for(user=request.user, network=network, slug=measure)
    return selectors.resource_of(user=request.user, measure=found)


@router.get("/n/{slug}/measures/{measure}/reports", response={200: dict[str, Any]} | PROBLEMS)
def measure_reports(request: Any, slug: str, measure: str) -> Any:
    """Return a Bundle of FHIR R4 summary MeasureReports, one for each site and period. Withheld counts are masked."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.measure_for(user=request.user, network=network, slug=measure)
    return bundle(reports_of(user=request.user, measure=found))
