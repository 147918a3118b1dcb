"""The API's reference page, made from its own OpenAPI description; the stock one loads scripts from elsewhere."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allteach.web.api.root import api


@cache  # the description takes a third of a second to make, and never changes while the server runs
def operations() -> dict[str, list[dict[str, str]]]:
    """Return room -> its operations: method, address, what it returns."""
    groups: dict[str, list[dict[str, str]]] = {}
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, said in methods.items():
            words = said.get("description") or said.get("summary", "")
            room = (said.get("tags") or ["all"])[0]
            groups.setdefault(room, []).append({"method": method.upper(), "path": path, "says": words})
    return groups


def api_reference(request: HttpRequest) -> HttpResponse:
    """Show what the API offers."""
    return render(request, "ui/api_reference.html", {"groups": list(operations().items())})
