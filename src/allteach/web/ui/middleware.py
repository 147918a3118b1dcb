"""Finds the network of an address, and turns errors that a person can act on into pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import AllteachError, Refused, StateError
from allteach.web.sites.selectors import network_for


def error_status(error: AllteachError) -> int:
    """Return the HTTP status of an error: 403 refused, 409 not in this state, 422 unusable."""
    return 403 if isinstance(error, Refused) else 409 if isinstance(error, StateError) else 422


def error_response(request: HttpRequest, error: AllteachError) -> HttpResponse:
    """Return the page (or JSON under ``/api/``) that says what happened and what to do."""
    status = error_status(error)
    if request.path_info.startswith("/api/"):
        said = {
            "code": error.code,
            "what": error.what,
            "where": error.where,
            "expected": error.expected,
            "do": error.do,
        }
        return JsonResponse(said, status=status)
    return render(request, "ui/error.html", {"error": error, "status": status}, status=status)


class NetworkMiddleware:
    """Sets ``request.network`` and its time zone under ``/n/<network>/``; answers for every `AllteachError`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with no network."""
        request.network = None  # type: ignore[attr-defined]
        timezone.deactivate()
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        """Find the network once the address is known."""
        slug = kwargs.get("network")
        if not slug or not request.user.is_authenticated:
            return None
        try:
            request.network = network_for(user=request.user, slug=slug)
        except AllteachError as error:
            return error_response(request, error)
        timezone.activate(ZoneInfo(request.network.timezone))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for errors that say what to do; leave the others to Django."""
        if isinstance(exception, ValidationError):
            exception = AllteachError(
                "AT-P-011", _("What was sent cannot be used."), expected=" ".join(exception.messages)
            )
        return error_response(request, exception) if isinstance(exception, AllteachError) else None
