"""The API: one router per room, the same services, selectors and permissions as the pages."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ValidationError as Refusal
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.security import SessionAuth

from allteach import __version__
from allteach.errors import AllteachError, Refused, StateError
from allteach.web.api.problems import Problem
from allteach.web.api.security import KeyAuth


class Session(SessionAuth):
    """The session of a signed-in browser."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Return the signed-in person, or None."""
        return request.user if request.user.is_authenticated else None


# docs_url None: the stock pages load scripts from elsewhere; ours is at /help/api/.
api = NinjaAPI(
    title="allteach",
    version=__version__,
    description="Proportions are 0-1, rates per one unit, dates ISO 8601. Blinding and small counts as on the pages.",
    docs_url=None,
    openapi_url="openapi.json",
    auth=[KeyAuth(), Session()],
    urls_namespace="api",
)


def _status(error: AllteachError) -> int:
    return 403 if isinstance(error, Refused) else 409 if isinstance(error, StateError) else 422


def problem(request: HttpRequest, status: int, code: str, what: str, **more: str) -> HttpResponse:
    """Return a problem as JSON."""
    return api.create_response(request, Problem(code=code, what=what, **more).dict(), status=status)


@api.exception_handler(AllteachError)
def _told(request: HttpRequest, error: AllteachError) -> HttpResponse:
    more = {"where": error.where, "expected": error.expected, "do": error.do}
    return problem(request, _status(error), error.code, error.what, **more)


@api.exception_handler(Http404)
def _nothing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(request, 404, "AT-P-010", "There is nothing at this address.", do="See /help/api/ for addresses.")


@api.exception_handler(ValidationError)
def _unusable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    # Names of what was wrong, never what was sent: it may hold patients' values.
    places = sorted({".".join(str(part) for part in found.get("loc", ())) for found in error.errors})
    return problem(request, 422, "AT-P-011", "What was sent cannot be used.", where=", ".join(places))


@api.exception_handler(Refusal)
def _unfit(request: HttpRequest, error: Refusal) -> HttpResponse:
    places = sorted(error.message_dict) if hasattr(error, "error_dict") else []
    return problem(request, 422, "AT-P-011", "What was sent cannot be used.", where=", ".join(places))


ROUTERS = (
    "people", "sites", "submissions", "doors", "measuring", "quality", "variation", "comparing", "phases", "ideas",
    "projects", "trials", "rhythm", "health",
)  # fmt: skip
for _room in ROUTERS:
    _name = f"allteach.web.api.{_room}"
    if find_spec(_name) is not None:
        api.add_router("/", import_module(_name).router, tags=[_room])
