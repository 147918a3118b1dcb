"""Sites compared over the API: estimates, sources of variation, bright spots, patients against their risk."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from django.http import Http404
from ninja import Query, Router, Schema

from allteach.charts.spec import ChartSpec
from allteach.errors import NotEstimable
from allteach.stats.comparison import RiskModel
from allteach.web.api.problems import PROBLEMS
from allteach.web.api.variation import PointOut, View, charts_for, points_of
from allteach.web.measuring.models import Measure
from allteach.web.people.permissions import may
from allteach.web.people.roles import Permission
from allteach.web.variation.comparing import caterpillar_spec, comparison_of, estimates_of, stretch
from allteach.web.variation.insights import bright_of, bright_rows, place_words, reliability_words, sources_of
from allteach.web.variation.models import CaseMix
from allteach.web.variation.monitoring import may_open, span_of, specs_of, stands_of
from allteach.web.variation.risk import risks_of, site_risk
from allteach.web.variation.views.compare import balancing_of

router = Router()


class PlaceOut(Schema):
    """Where a site could stand if sites had to be put in an order: as unsure as it is."""

    site: str
    place: str
    best: str


class EstimatesOut(Schema):
    """Shrunken estimates with intervals, by name."""

    measure: str
    title: str
    period: str
    network: float
    sentences: list[str]
    notices: list[str]
    sites: list[PointOut]
    places: list[PlaceOut]


class SourceOut(Schema):
    """One source of variation and its share of the whole."""

    name: str
    share: float
    text: str


class VarianceOut(Schema):
    """Where the variation of a measure comes from."""

    measure: str
    period: str
    sentence: str
    sources: list[SourceOut]


class BrightOut(Schema):
    """One site and how probably it is better. Words as on the page."""

    site: str
    name: str
    value: str
    probability: str
    stability: str
    worse: str
    bright: bool
    set_aside: bool


class BrightSpotsOut(Schema):
    """Sites that are probably and steadily better, with the balancing measure beside them."""

    measure: str
    period: str
    balancing: str | None
    sites: list[BrightOut]


class StandOut(Schema):
    """One site against what was expected of its own patients. Null where it is withheld."""

    site: str
    name: str
    sees: str
    cases: float | None
    observed: float | None
    expected: float | None
    ratio: float | None
    exact: tuple[float, float] | None
    byar: tuple[float, float] | None
    side: int
    signal: date | None
    signal_side: int


class MonitorOut(Schema):
    """Every site against what was expected. `side` allows for looking at all sites at once."""

    measure: str
    period: str
    model: int | None
    limit_up: float
    limit_down: float
    run_length: float
    sites: list[StandOut]


class RunningOut(Schema):
    """One of a site's four charts: rising, falling, vlad, ewma."""

    kind: str
    name: str
    title: str
    sentences: list[str]
    points: list[PointOut]


class TermOut(Schema):
    """One term of a case-mix model; the level is empty for numbers."""

    column: str
    level: str
    compared_with: str
    odds_ratio: float
    lower: float
    upper: float


class CaseMixOut(Schema):
    """One version of a case-mix model. Counts of patients are null where they are withheld."""

    number: int
    columns: list[str]
    first: date
    last: date
    card: int
    c_statistic: float
    brier: float
    calibration_slope: float | None
    calibration_intercept: float | None
    cases: int | None
    events: int | None
    run_length: float
    limit_up: float
    limit_down: float
    terms: list[TermOut]


@router.get("/n/{slug}/results/{measure}/estimates", response={200: EstimatesOut} | PROBLEMS)
def estimates(request: Any, slug: str, measure: str, view: Query[View]) -> Any:
    """Return shrunken site estimates with intervals, by name, and how unsure a ranking would be."""
    charts = charts_for(request, slug, measure, view)
    found = comparison_of(charts, view.dict())
    model = estimates_of(found)
    spec = caterpillar_spec(charts, found, model)
    if spec is None:
        raise Http404
    scale = np.exp if found.log and found.kind == "mean" else np.asarray
    return {
        "measure": charts.measure.slug,
        "title": spec.title,
        "period": stretch(found, charts.found.card.grain),
        "network": float(scale(model.network)),
        "sentences": [*spec.sentences, *reliability_words(model)],
        "notices": list(spec.notices),
        "sites": sorted(points_of(spec), key=lambda point: point["label"].casefold()),
        "places": place_words(charts, found, model),
    }


@router.get("/n/{slug}/results/{measure}/variance", response={200: VarianceOut} | PROBLEMS)
def variance(request: Any, slug: str, measure: str, view: Query[View]) -> Any:
    """Return where variation comes from: between sites, over time, chance."""
    charts = charts_for(request, slug, measure, view)
    found = comparison_of(charts, view.dict())
    sources = None if found.closed else sources_of(found)
    if sources is None or isinstance(sources, NotEstimable):
        raise Http404
    return {
        "measure": charts.measure.slug,
        "period": stretch(found, charts.found.card.grain),
        "sentence": sources[1],
        "sources": [{"name": one.name, "share": one.share, "text": one.text} for one in sources[0]],
    }


@router.get("/n/{slug}/results/{measure}/bright", response={200: BrightSpotsOut} | PROBLEMS)
def bright(request: Any, slug: str, measure: str, view: Query[View], balancing: str = "") -> Any:
    """Return sites that are probably and steadily better, by name, with what it may have cost."""
    charts = charts_for(request, slug, measure, view)
    found = comparison_of(charts, view.dict())
    if found.closed or not found.kind:
        raise Http404
    beside = balancing_of(request.user, charts, view.dict() | {"balancing": balancing})
    spots = bright_of(found, charts.found.card.direction, beside[1] if beside else None)
    if isinstance(spots, NotEstimable):
        raise Http404
    rows = bright_rows(charts, found, spots)
    return {
        "measure": charts.measure.slug,
        "period": stretch(found, charts.found.card.grain),
        "balancing": _slug(beside[0]) if beside else None,
        "sites": [row | {"site": charts.naming.key(row["site"])} for row in rows],
    }


def _slug(measure: Measure) -> str:
    return measure.slug


@router.get("/n/{slug}/results/{measure}/monitor", response={200: MonitorOut} | PROBLEMS)
def monitor(request: Any, slug: str, measure: str, view: Query[View]) -> Any:
    """Return every site against what was expected of its own patients."""
    charts = charts_for(request, slug, measure, view)
    found = comparison_of(charts, view.dict())
    risks = risks_of(charts)
    stands = risks if isinstance(risks, NotEstimable) else stands_of(request.user, charts, found, risks)
    if isinstance(risks, NotEstimable) or isinstance(stands, NotEstimable):
        raise Http404
    numbers = ("cases", "observed", "expected", "ratio", "exact", "byar", "side", "signal_side")
    return {
        "measure": charts.measure.slug,
        "period": stretch(found, charts.found.card.grain),
        "model": risks.model.number if risks.model is not None else None,
        "limit_up": risks.limit_up,
        "limit_down": risks.limit_down,
        "run_length": risks.run_length,
        "sites": [
            {name: getattr(stand, name) for name in numbers}
            | {
                "site": charts.naming.key(stand.site),
                "name": charts.naming.name(stand.site),
                "sees": stand.sees,
                "signal": stand.signal.start if stand.signal is not None else None,
            }
            for stand in sorted(stands, key=lambda stand: charts.naming.name(stand.site).casefold())
        ],
    }


@router.get("/n/{slug}/results/{measure}/monitor/{site}", response={200: list[RunningOut]} | PROBLEMS)
def monitor_site(request: Any, slug: str, measure: str, site: str, view: Query[View], each: bool = False) -> Any:
    """Return one site's four charts by period; `each` gives the latest 200 patients to those who may see its rows."""
    charts = charts_for(request, slug, measure, view)
    found = comparison_of(charts, view.dict())
    whose, risks = charts.site_of(site), risks_of(charts)
    if isinstance(risks, NotEstimable):
        raise Http404
    start, end = span_of(charts, found)
    one = site_risk(request.user, charts, risks, whose, end=end)
    if isinstance(one, NotEstimable) or not may_open(charts, found, one):
        raise Http404
    specs = specs_of(charts, risks, one, start, each=each and one.sees == "rows")
    return [_running(kind, spec) for kind, spec in specs.items()]


def _running(kind: str, spec: ChartSpec) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": spec.kind_name,
        "title": spec.title,
        "sentences": list(spec.sentences),
        "points": points_of(spec),
    }


@router.get("/n/{slug}/results/{measure}/case-mix", response={200: list[CaseMixOut]} | PROBLEMS)
def case_mixes(request: Any, slug: str, measure: str) -> Any:
    """Return every version of the measure's case-mix model, the one in force first."""
    charts = charts_for(request, slug, measure, View())
    counts = charts.naming.counted is None or may(request.user, Permission.RESULT_UNSUPPRESSED, network=charts.network)
    return [_case_mix(made, counts) for made in CaseMix.objects.filter(measure=charts.measure)]


def _case_mix(made: CaseMix, counts: bool) -> dict[str, Any]:
    model = RiskModel.from_plain(made.fitted)
    judged = model.calibration
    plain = ("number", "columns", "first", "last", "card", "run_length", "limit_up", "limit_down")
    return {name: getattr(made, name) for name in plain} | {
        "c_statistic": model.c_statistic,
        "brier": model.brier,
        "calibration_slope": judged.slope if judged is not None else None,
        "calibration_intercept": judged.intercept if judged is not None else None,
        "cases": model.cases if counts else None,
        "events": model.events if counts else None,
        "terms": [
            {
                "column": term.column,
                "level": term.level,
                "compared_with": model.usual.get(term.column, ""),
                "odds_ratio": term.odds[0],
                "lower": term.odds[1],
                "upper": term.odds[2],
            }
            for term in model.terms
        ],
    }
