"""Pages of networks and sites."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allteach.web.sites.selectors import networks_for


def networks(request: HttpRequest) -> HttpResponse:
    """Show the networks a person belongs to."""
    return render(request, "sites/networks.html", {"networks": list(networks_for(user=request.user))})


def network(request: HttpRequest, network: str) -> HttpResponse:
    """Show a network: sites, people, settings."""
    return render(request, "sites/network.html")
