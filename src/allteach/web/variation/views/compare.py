"""Sites compared: funnel, shrunken estimates, where variation comes from, bright spots. Never a league table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from allteach.charts.spec import ChartSpec
from allteach.charts.svg import draw
from allteach.errors import NotEstimable
from allteach.measures.patients import one_by_one
from allteach.units import Direction
from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import measures_of
from allteach.web.variation.addresses import chart_url, compare_url
from allteach.web.variation.comparing import (
    WINDOWS,
    Comparison,
    caterpillar_spec,
    comparison_of,
    estimates_of,
    funnel_spec,
    stretch,
)
from allteach.web.variation.insights import (
    bright_of,
    bright_rows,
    place_words,
    power_words,
    practice_of,
    reliability_words,
    sources_of,
    spread_words,
)
from allteach.web.variation.policies import may_export
from allteach.web.variation.presenting import sentence
from allteach.web.variation.selectors.charts import Charted, charted
from allteach.web.variation.views.chart import charts_of, filled_columns


def _pages(charts: Charted) -> list[tuple[str, str]]:
    """Return the pages that this measure has."""
    card = charts.found.card
    pages = [("compare", _("Funnel")), ("estimates", _("Estimates")), ("variance", _("Where variation comes from"))]
    if card.direction is not Direction.NEITHER:
        pages.append(("bright", _("Bright spots")))
    if card.strata:
        pages.append(("groups", _("Groups of patients")))
    if one_by_one(card):
        pages.append(("monitor", _("Against what was expected")))
    return pages


def comparison_page(request: Any, measure: str, page: str) -> tuple[Charted, Comparison, dict[str, Any]]:
    """Return the charts, the comparison asked for, and what every page of it shows."""
    charts = charts_of(request, measure)
    found = comparison_of(charts, request.GET)
    window = request.GET.get("window", "") or str(found.window)
    context: dict[str, Any] = {
        "charts": charts,
        "measure": charts.measure,
        "found": found,
        "tabs": [(key, label, compare_url(charts, key, window)) for key, label in _pages(charts)],
        "tab": page,
        "windows": [
            (_("%(n)s periods") % {"n": n}, compare_url(charts, page, str(n)), found.window == n) for n in WINDOWS
        ]
        + [(_("All"), compare_url(charts, page, "all"), found.window == 0)],
        "stretch": stretch(found, charts.found.card.grain),
        "naming_notice": charts.naming.notice,
        "exports": may_export(request.user, request.network),
    }
    if found.closed:
        context["closed"] = charts.openness.reason
    elif isinstance(found.result, NotEstimable):
        context["why"] = found.result.reason
    return charts, found, context


def _picture(spec: ChartSpec | None) -> dict[str, Any]:
    if spec is None:
        return {}
    heads, body = filled_columns(spec)
    return {
        "spec": spec,
        "picture": draw(spec, "page"),
        "narrow": draw(spec, "narrow"),
        "heads": heads,
        "rows": sorted(body, key=lambda row: row[0][0].casefold()),
        "sentence": sentence(spec),
    }


def funnel_page(request: Any, network: str, measure: str) -> HttpResponse:
    """Show the funnel of a measure over a stretch of time."""
    charts, found, context = comparison_page(request, measure, "compare")
    context |= _picture(funnel_spec(charts, found))
    if "spec" in context and not isinstance(found.result, NotEstimable):
        context |= {
            "said": [*context["spec"].sentences, *spread_words(found.result)],
            "power": power_words(charts, found),
            "files": {
                form: compare_url(charts, "funnel_file", request.GET.get("window", ""), form=form)
                for form in ("pptx", "pdf", "png", "svg", "csv", "txt")
            },
        }
    return render(request, "variation/compare.html", context)


def estimates(request: Any, network: str, measure: str) -> HttpResponse:
    """Show each site's estimate, pulled towards the network's by as much as its size deserves."""
    charts, found, context = comparison_page(request, measure, "estimates")
    model = estimates_of(found)
    context |= _picture(caterpillar_spec(charts, found, model))
    if "spec" in context:
        context |= {"said": reliability_words(model), "places": place_words(charts, found, model)}
    elif isinstance(model, NotEstimable) and not found.closed:
        context["why"] = model.reason
    return render(request, "variation/compare.html", context)


def variance(request: Any, network: str, measure: str) -> HttpResponse:
    """Show where variation comes from, and how a practice goes with the outcome."""
    charts, found, context = comparison_page(request, measure, "variance")
    if not found.closed:
        sources = sources_of(found)
        if isinstance(sources, NotEstimable):
            context["why"] = sources.reason
        else:
            context |= {"sources": sources[0], "largest": sources[1]}
        context |= _practice(request, charts, found)
    return render(request, "variation/variance.html", context)


def _practice(request: Any, charts: Charted, found: Comparison) -> dict[str, Any]:
    """Return how a process measure of each site goes with this measure."""
    others = [
        other
        for other in measures_of(user=request.user, network=request.network)
        if other.kind == Measure.Kind.PROCESS and other.pk != charts.measure.pk
    ]
    chosen = next((other for other in others if other.slug == request.GET.get("practice")), None)
    context: dict[str, Any] = {"practices": others, "practice": chosen}
    if chosen is None:
        return context
    beside = charted(user=request.user, network=request.network, measure=chosen, asked=charts.question.asked)
    if beside is None or not beside.openness.whole:
        return context | {"practice_why": _("The numbers of that measure are withheld.")}
    other = comparison_of(beside, request.GET)
    use = other.numerator / np.where(other.denominator > 0, other.denominator, np.nan)
    line = {site.pk: i for i, site in enumerate(beside.found.sites)}
    aligned = np.array([use[line[site.pk]] if site.pk in line else np.nan for site in charts.found.sites])
    result = practice_of(aligned, found)
    if isinstance(result, NotEstimable):
        return context | {"practice_why": result.reason}
    form, own = charts.found.card.format, beside.found.card.format
    scale = np.exp if found.log and found.kind == "mean" else (lambda value: value)
    return context | {
        "practice_said": _(
            "Where %(practice)s is at %(low)s, this measure is expected at %(first)s; where it is at %(high)s, at "
            "%(second)s. It goes with %(share)s of the differences between sites (%(sites)s sites)."
        )
        % {
            "practice": chosen.title,
            "low": own.text(result.low),
            "high": own.text(result.high),
            "first": form.text(float(scale(result.outcome_low))),
            "second": form.text(float(scale(result.outcome_high))),
            "share": f"{max(result.explained, 0.0) * 100:.0f} %" if np.isfinite(result.explained) else "?",
            "sites": result.sites,
        },
        "cautions": [caution.reason for caution in result.cautions],
    }


def bright(request: Any, network: str, measure: str) -> HttpResponse:
    """Show sites that are probably and steadily better, with what it may have cost beside them."""
    charts, found, context = comparison_page(request, measure, "bright")
    if found.closed or not found.kind:
        return render(request, "variation/bright.html", context)
    balancing = balancing_of(request.user, charts, request.GET)
    spots = bright_of(found, charts.found.card.direction, balancing[1] if balancing else None)
    if isinstance(spots, NotEstimable):
        return render(request, "variation/bright.html", context | {"why": spots.reason})
    listed = [row | {"url": chart_url(charts, row["site"])} for row in bright_rows(charts, found, spots)]
    context |= {
        "listed": listed,
        "bright": [row for row in listed if row["bright"]],
        "balancing": balancing[0] if balancing else None,
        "criteria": spots.criteria,
        "probability": f"{spots.criteria.probability * 100:.0f} %",
        "each_window": f"{spots.criteria.each_window * 100:.0f} %",
    }
    return render(request, "variation/bright.html", context)


def balancing_of(user: Any, charts: Charted, query: Mapping[str, Any]) -> Any:
    """Return the balancing measure beside this one: the one asked for, or the network's first that has counts."""
    others = [
        other
        for other in measures_of(user=user, network=charts.network)
        if other.kind == Measure.Kind.BALANCING and other.pk != charts.measure.pk
    ]
    others.sort(key=lambda other: other.slug != query.get("balancing"))
    for other in others:
        beside = charted(user=user, network=charts.network, measure=other, asked=charts.question.asked)
        if beside is None or not beside.openness.whole:
            continue
        compared = comparison_of(beside, query)
        same = [site.pk for site in beside.found.sites] == [site.pk for site in charts.found.sites]
        if compared.kind and same and str(beside.found.card.direction) != "neither":
            return other, (compared, beside.found.card.direction)
    return None
