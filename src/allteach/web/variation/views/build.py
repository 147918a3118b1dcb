"""The chart builder: choose a measure, a site, a kind of chart and rules; the address carries the choice."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from allteach.charts.svg import draw
from allteach.charts.words import kind_name
from allteach.errors import AllteachError
from allteach.measures.card import CHARTS
from allteach.web.measuring.selectors import measures_of, strata_of
from allteach.web.sites.models import Site
from allteach.web.variation.addresses import chart_url
from allteach.web.variation.advising import advice_for, advice_words
from allteach.web.variation.asked import asked_of
from allteach.web.variation.forms import BuildForm
from allteach.web.variation.peering import full_spec
from allteach.web.variation.policies import may_export
from allteach.web.variation.presenting import computed_on, sentence, voice
from allteach.web.variation.selectors.charts import Charted, annotations_for, charted


def build(request: Any, network: str) -> HttpResponse:
    """Show the form and the chart that it asks for."""
    measures = {measure.slug: measure for measure in measures_of(user=request.user, network=request.network)}
    choices = [(slug, measure.title) for slug, measure in measures.items()]
    measure = measures.get(request.GET.get("measure", "")) or next(iter(measures.values()), None)
    if measure is None:
        return render(request, "variation/build.html", {"form": None})
    asked = asked_of(request.GET)
    context: dict[str, Any] = {"measure": measure}
    problem = ""
    try:
        charts = charted(user=request.user, network=request.network, measure=measure, asked=asked)
    except AllteachError as error:
        charts, problem = charted(user=request.user, network=request.network, measure=measure), error.what
    if charts is not None:
        context |= _shown(request, charts)
    context |= {"form": _form(request, charts, measure.slug, choices), "problem": problem}
    return render(request, "variation/build.html", context)


def _form(request: Any, charts: Charted | None, slug: str, measures: list[tuple[str, str]]) -> BuildForm:
    if charts is None:
        return BuildForm(request.GET or {"measure": slug}, measures=measures)
    sites = sorted(
        ((charts.naming.key(site), charts.naming.name(site)) for site in charts.found.sites),
        key=lambda choice: choice[1].casefold(),
    )
    kinds = [(kind, kind_name(kind, voice=voice())) for kind in CHARTS[charts.found.card.kind]]
    strata = strata_of(user=request.user, measure=charts.measure) if charts.found.card.strata else []
    data = request.GET.copy()
    data.setdefault("measure", slug)
    return BuildForm(data, measures=measures, sites=sites, kinds=kinds, periods=charts.found.periods, strata=strata)


def _whose(request: Any, charts: Charted) -> Site | None:
    key = request.GET.get("site", "")
    if key:
        found = charts.naming.find(charts.found.sites, key)
        if found is not None:
            return found
    return None


def _shown(request: Any, charts: Charted) -> dict[str, Any]:
    """Return the chart asked for, its addresses and the helper's advice."""
    whose = _whose(request, charts)
    line = charts.line(whose)
    context: dict[str, Any] = {
        "advice": _advice(charts),
        "naming_notice": charts.naming.notice,
        "subject": charts.naming.name(whose) if whose is not None else _("All sites together"),
    }
    if line is None or line.latest < 0:
        return context | {"empty": True}
    if not charts.openness.shows(whose):
        return context | {"withheld": charts.openness.reason}
    notes = annotations_for(measure=charts.measure, site=whose)
    spec = full_spec(charts, line, notes=notes, computed=computed_on(charts, whose))
    forms = ("pptx", "pdf", "png", "svg", "csv", "txt")
    return context | {
        "spec": spec,
        "sentence": sentence(spec),
        "picture": draw(spec, "page"),
        "narrow": draw(spec, "narrow"),
        "page_url": chart_url(charts, whose),
        "files": {form: chart_url(charts, whose, "file", form=form) for form in forms},
        "exports": may_export(request.user, request.network),
    }


def _advice(charts: Charted) -> dict[str, Any] | None:
    """Return the helper's advice; it speaks of all sites together, so small sites give nothing away."""
    if not charts.found.periods:
        return None
    found = advice_for(charts.found.card, charts.found.panel)
    return advice_words(found) if found is not None else None
