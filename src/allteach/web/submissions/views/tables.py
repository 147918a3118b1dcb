"""What a network collects: tables, their columns and templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from allteach.intake import contract, template
from allteach.intake.contract import Field
from allteach.web.submissions import selectors, wording

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Column:
    """A column in words."""

    field: Field
    type: Any
    role: Any
    allowed: str


@require_safe
def tables(request: Any, network: str) -> HttpResponse:
    """List the tables of the network."""
    found = selectors.tables_of(user=request.user, network=request.network)
    return render(request, "submissions/tables.html", {"tables": found})


@require_safe
def table(request: Any, network: str, slug: str) -> HttpResponse:
    """Show what each column of a table means."""
    found = selectors.table_for(user=request.user, network=request.network, slug=slug)
    said = contract.load(found.dictionary)
    columns = [Column(f, wording.TYPES[f.type], wording.ROLES[f.role], wording.allowed(f)) for f in said.fields]
    context = {"table": found, "said": said, "columns": columns, "grain": wording.GRAINS[said.grain]}
    return render(request, "submissions/table.html", context)


@require_safe
def dictionary(request: Any, network: str, slug: str) -> HttpResponse:
    """Send the description of a table as YAML."""
    found = selectors.table_for(user=request.user, network=request.network, slug=slug)
    return _download(found.dictionary.encode(), f"{slug}-v{found.version}.yaml", "application/yaml; charset=utf-8")


@require_safe
def template_file(request: Any, network: str, slug: str, kind: str) -> HttpResponse:
    """Send an empty file with the right columns."""
    found = selectors.table_for(user=request.user, network=request.network, slug=slug)
    said = contract.load(found.dictionary)
    if kind == "csv":
        return _download(template.csv(said), f"{slug}.csv", "text/csv; charset=utf-8")
    if kind == "xlsx":
        return _download(template.xlsx(said), f"{slug}.xlsx", XLSX)
    raise Http404


def _download(body: bytes | str, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
