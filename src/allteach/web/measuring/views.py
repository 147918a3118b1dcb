"""Pages of measures."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from allteach.web.measuring import selectors


@require_safe
def measures(request: Any, network: str) -> HttpResponse:
    """List the measures of the network."""
    found = list(selectors.measures_of(user=request.user, network=request.network))
    return render(request, "measuring/list.html", {"measures": found})
