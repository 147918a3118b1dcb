"""Groups of patients side by side, and sites against what was expected of their own patients."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from allteach.charts.svg import spark
from allteach.errors import NotEstimable
from allteach.measures.card import MeasureKind
from allteach.web.variation.equity import groups_of
from allteach.web.variation.insights import against_expected
from allteach.web.variation.views.compare import comparison_page


def groups(request: Any, network: str, measure: str) -> HttpResponse:
    """Show each group of patients with its count, interval and gap to the largest group."""
    charts, found, context = comparison_page(request, measure, "groups")
    if not charts.found.card.strata:
        raise Http404
    context.pop("why", None)
    if not found.closed:
        seen = groups_of(user=request.user, charts=charts, found=found, by=request.GET.get("by", ""))
        context |= {"why": seen.reason} if isinstance(seen, NotEstimable) else {"groups": seen}
    return render(request, "variation/groups.html", context)


def monitor(request: Any, network: str, measure: str) -> HttpResponse:
    """Show observed against expected events at each site, and how the difference grew."""
    charts, found, context = comparison_page(request, measure, "monitor")
    if charts.found.card.kind is not MeasureKind.OBSERVED_EXPECTED:
        raise Http404
    context.pop("why", None)
    if not found.closed:
        seen = against_expected(charts, found)
        if isinstance(seen, NotEstimable):
            context["why"] = seen.reason
        else:
            # The line is made of numbers only.
            context |= {"rows": [(row, mark_safe(spark(row.path, 0.0))) for row in seen[0]], "cautions": seen[1]}
    return render(request, "variation/monitor.html", context)
