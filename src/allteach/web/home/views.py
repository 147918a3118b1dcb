"""Home, by role."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest, network: str) -> HttpResponse:
    """Show what this person's role asks for first."""
    return render(request, "home/home.html")
