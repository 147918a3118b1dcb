"""Results over the API: the matrix, one chart with limits and signals, the funnel. Names and counts as on the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404
from ninja import Query, Router, Schema

from allteach.charts.spec import ChartSpec
from allteach.errors import NotEstimable
from allteach.web.api.problems import PROBLEMS
from allteach.web.measuring.provenance import corrections_of
from allteach.web.measuring.selectors import measure_for
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.selectors import network_for
from allteach.web.variation.asked import asked_of
from allteach.web.variation.comparing import comparison_of, funnel_spec, stretch
from allteach.web.variation.peering import full_spec
from allteach.web.variation.presenting import computed_on
from allteach.web.variation.selectors.charts import Charted, annotations_for, charted
from allteach.web.variation.selectors.matrix import Row, matrix
from allteach.web.variation.sources import sources_of

router = Router()


class StandingOut(Schema):
    """What one chart says now. Numbers are null where they are withheld."""

    measure: str
    site: str | None
    site_name: str | None
    variation: str
    side: int
    since: date | None = None
    assurance: str | None = None
    period: date | None = None
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None


class MatrixOut(Schema):
    """Every measure and site of a network."""

    until: date | None
    sites: int
    sites_late: int
    false_signals_expected: float
    lines: list[StandingOut]
    cells: list[StandingOut]


class PointOut(Schema):
    """One point with its limits: a period from its first day on, or a site. `mark` repeats the shape of the point."""

    label: str
    start: date | None = None
    value: float | None
    numerator: float | None
    denominator: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    phase: int
    mark: str
    side: int
    rules: list[str]
    note: str


class FlagOut(Schema):
    """A note on the time axis."""

    number: int
    label: str
    text: str


class BreakOut(Schema):
    """A changed definition: points on its two sides are never judged together."""

    start: date
    version: int
    before: int
    reason: str


class SeriesOut(Schema):
    """What another version comes to, one value for each point; asked for with `version=both`."""

    name: str
    values: list[float | None]


class ChartOut(Schema):
    """One chart, complete."""

    measure: str
    site: str | None
    title: str
    subtitle: str
    kind: str
    variation: str
    assurance: str
    sentences: list[str]
    notices: list[str]
    source: str
    target: float | None
    peers: float | None
    points: list[PointOut]
    flags: list[FlagOut]
    breaks: list[BreakOut]
    beside: list[SeriesOut]


class FunnelOut(Schema):
    """Sites against chance."""

    measure: str
    title: str
    period: str
    target: float
    phi: float
    method: str
    sentences: list[str]
    notices: list[str]
    sites: list[PointOut]


class View(Schema):
    """How a chart is wanted; empty parts mean what the network agreed on."""

    rules: str = ""
    until: str = ""
    baseline: str = ""
    phases: str = ""
    kind: str = ""
    stratum: str = ""
    as_known: str = ""
    version: str = ""
    window: str = ""


@router.get("/n/{slug}/results", response={200: MatrixOut} | PROBLEMS)
def results(request: Any, slug: str, kind: str = "", changed: bool = False, as_known: date | None = None) -> Any:
    """Return where every measure stands, on the network line and at every site, now or as known on a day."""
    network = network_for(user=request.user, slug=slug)
    found = matrix(user=request.user, network=network, kind=kind, changed=changed, as_known=as_known)
    cells = []
    for grid in found.grids:
        for site in sorted(grid.sites, key=lambda site: grid.naming.name(site)):
            for row in grid.rows:
                cell = grid.cells.get((site.pk, row.measure.pk))
                if cell is not None:
                    cells.append(
                        {
                            "measure": row.measure.slug,
                            "site": grid.naming.key(site),
                            "site_name": grid.naming.name(site),
                            "variation": cell[0],
                            "side": cell[1],
                        }
                    )
    return {
        "until": found.until,
        "sites": found.sites,
        "sites_late": found.late,
        "false_signals_expected": found.false_signals,
        "lines": [_line(row) for row in found.rows if row.line is not None],
        "cells": cells,
    }


def _line(row: Row) -> dict[str, Any]:
    line = row.line
    assert line is not None
    numbers = ("value", "numerator", "denominator") if row.open else ()
    return {
        "measure": row.measure.slug,
        "site": None,
        "site_name": None,
        "variation": line.variation,
        "side": line.side,
        "since": line.since,
        "assurance": line.assurance,
        "period": line.period,
        **{name: getattr(line, name) for name in numbers},
    }


@router.get("/n/{slug}/results/{measure}/all", response={200: ChartOut} | PROBLEMS)
def network_series(request: Any, slug: str, measure: str, view: Query[View]) -> Any:
    """Return the network line of a measure with limits and signals."""
    return _series(request, slug, measure, None, view)


@router.get("/n/{slug}/results/{measure}/sites/{site}", response={200: ChartOut} | PROBLEMS)
def site_series(request: Any, slug: str, measure: str, site: str, view: Query[View]) -> Any:
    """Return one site's chart with limits and signals."""
    return _series(request, slug, measure, site, view)


def charts_for(request: Any, slug: str, measure: str, view: View) -> Charted:
    """Return the charts that an address asks for, to those who may take results away."""
    network = network_for(user=request.user, slug=slug)
    require(request.user, Permission.RESULT_EXPORT, network=network)
    found = measure_for(user=request.user, network=network, slug=measure)
    charts = charted(user=request.user, network=network, measure=found, asked=asked_of(view.dict()))
    if charts is None:
        raise Http404
    return charts


def _series(request: Any, slug: str, measure: str, key: str | None, view: View) -> Any:
    charts = charts_for(request, slug, measure, view)
    site = charts.site_of(key) if key is not None else None
    line = charts.line(site)
    if line is None or not charts.openness.shows(site):
        raise Http404
    notes = annotations_for(measure=charts.measure, site=site, as_known=charts.question.asked.as_known)
    spec = full_spec(charts, line, notes=notes, computed=computed_on(charts, site))
    return {
        "measure": charts.measure.slug,
        "site": charts.naming.key(site) if site is not None else None,
        "title": spec.title,
        "subtitle": spec.subtitle,
        "kind": spec.kind,
        "variation": line.variation,
        "assurance": str(line.reading.assurance[line.at]),
        "sentences": list(spec.sentences),
        "notices": list(spec.notices),
        "source": spec.source,
        "target": spec.target.value if spec.target is not None else None,
        "peers": spec.peers.value if spec.peers is not None else None,
        "points": [
            point | {"start": period.start} for point, period in zip(points_of(spec), line.periods, strict=True)
        ],
        "flags": [{"number": flag.number, "label": flag.label, "text": flag.text} for flag in spec.flags],
        "breaks": [
            {"start": item.start, "version": item.number, "before": item.before, "reason": item.reason}
            for item in charts.found.breaks
        ],
        "beside": [{"name": ghost.name, "values": list(ghost.values)} for ghost in spec.ghosts],
    }


def points_of(spec: ChartSpec) -> list[dict[str, Any]]:
    """Return the points of a chart as plain values."""
    return [
        {
            "label": point.label,
            "value": point.value,
            "numerator": point.numerator,
            "denominator": point.denominator,
            "centre": point.centre,
            "lower": point.lower,
            "upper": point.upper,
            "phase": point.phase,
            "mark": str(point.shape),
            "side": point.side,
            "rules": list(point.rules),
            "note": point.note,
        }
        for point in spec.points
    ]


class SubmissionRef(Schema):
    """A submission that numbers rest on."""

    number: int
    hash: str
    accepted: datetime | None


class CorrectionOut(Schema):
    """A published point that a later file moved."""

    site: str
    period: date
    was: str
    until: datetime


class SourcesOut(Schema):
    """What the numbers of a chart rest on."""

    measure: str
    version: int
    content_hash: str
    dictionary: int | None
    dictionary_hash: str | None
    manifest: str | None
    engine: str | None
    code: str | None
    computed_at: datetime | None
    submissions: list[SubmissionRef]
    corrections: list[CorrectionOut]


@router.get("/n/{slug}/results/{measure}/sources", response={200: SourcesOut} | PROBLEMS)
def sources(request: Any, slug: str, measure: str, view: Query[View], site: str = "") -> Any:
    """Return what the numbers of the network line, or of one site, rest on, and what was corrected since."""
    charts = charts_for(request, slug, measure, view)
    whose = charts.site_of(site) if site else None
    found = sources_of(request.user, charts, whose)
    basis, version = found["rests"], charts.found.version
    corrected = corrections_of(
        user=request.user, measure=charts.measure, version=version, naming=charts.naming, site=whose
    )
    parts = ("dictionary", "dictionary_hash", "manifest", "engine", "code")
    return {
        "measure": charts.measure.slug,
        "version": version.number,
        "content_hash": version.content_hash,
        **{name: getattr(basis, name, None) for name in parts},
        "computed_at": basis.at if basis is not None else None,
        "submissions": [
            {"number": item.number, "hash": item.file_hash, "accepted": item.decided_at}
            for item in found["submissions"]
        ],
        "corrections": [
            {"site": charts.naming.key(item.site), "period": item.period, "was": item.was, "until": item.until}
            for item in corrected
        ],
    }


@router.get("/n/{slug}/results/{measure}/funnel", response={200: FunnelOut} | PROBLEMS)
def funnel(request: Any, slug: str, measure: str, view: Query[View]) -> Any:
    """Return every site against the network over a stretch of time, by name."""
    charts = charts_for(request, slug, measure, view)
    found = comparison_of(charts, view.dict())
    spec = funnel_spec(charts, found)
    if spec is None or isinstance(found.result, NotEstimable):
        raise Http404
    sites = sorted(points_of(spec), key=lambda point: point["label"].casefold())
    return {
        "measure": charts.measure.slug,
        "title": spec.title,
        "period": stretch(found, charts.found.card.grain),
        "target": found.result.target,
        "phi": found.result.overdispersion.phi,
        "method": found.result.overdispersion.method,
        "sentences": list(spec.sentences),
        "notices": list(spec.notices),
        "sites": sites,
    }
