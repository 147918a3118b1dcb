"""Groups of patients side by side."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from allteach.errors import NotEstimable
from allteach.web.variation.equity import groups_of
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
