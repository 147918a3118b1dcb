"""What a network collects: tables, their columns, versions and the files that are made from a dictionary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from allteach.intake import contract, describe, schema, template
from allteach.intake.contract import TableDictionary
from allteach.intake.difference import differences
from allteach.web.submissions import drafting, policies, selectors, wording
from allteach.web.submissions.drafting import columns_in_words
from allteach.web.submissions.forms.cases import can_be_filled
from allteach.web.submissions.forms.typed import can_be_typed

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

# what is made from a dictionary: name in the address -> end of the file's name, content type, maker
MADE: dict[str, tuple[str, str, Callable[[TableDictionary], bytes]]] = {
    "template.csv": (".csv", CSV, template.csv),
    "template.xlsx": (".xlsx", XLSX, template.xlsx),
    "example.csv": ("-example.csv", CSV, lambda said: template.csv(said, examples=True)),
    "example.xlsx": ("-example.xlsx", XLSX, lambda said: template.xlsx(said, examples=True)),
    "columns.md": ("-columns.md", "text/markdown; charset=utf-8", lambda said: describe.markdown(said).encode()),
    "schema.json": ("-schema.json", "application/json", lambda said: schema.dumps(said).encode()),
    "dictionary.yaml": (".yaml", "application/yaml; charset=utf-8", lambda said: contract.dump(said).encode()),
}


@require_safe
def tables(request: Any, network: str) -> HttpResponse:
    """List the tables of the network, and drafts for those who write them."""
    found = selectors.tables_of(user=request.user, network=request.network)
    context = {
        "tables": found,
        "drafts": drafting.drafts_of(user=request.user, network=request.network),
        "may_name": policies.may_name_columns(request.user, request.network),
    }
    return render(request, "submissions/tables.html", context)


@require_safe
def table(request: Any, network: str, slug: str) -> HttpResponse:
    """Show what each column of a table means."""
    return _version(request, slug, None)


@require_safe
def version(request: Any, network: str, slug: str, number: int) -> HttpResponse:
    """Show an earlier version of a table, and what it changed."""
    return _version(request, slug, number)


def _version(request: Any, slug: str, number: int | None) -> HttpResponse:
    versions = drafting.versions_of(user=request.user, network=request.network, slug=slug)
    found = versions[0] if number is None else next((v for v in versions if v.version == number), None)
    if found is None:
        raise Http404
    said = selectors.read(found)
    before = next((v for v in versions if v.version < found.version), None)
    context = {
        "table": found,
        "newest": versions[0],
        "versions": versions,
        "before": before,
        "changes": differences(selectors.read(before), said) if before else (),
        "said": said,
        "columns": columns_in_words(said),
        "grain": wording.GRAINS[said.grain],
        "may_name": policies.may_name_columns(request.user, request.network),
        "by_case": can_be_filled(said),
        "by_number": can_be_typed(said),
    }
    return render(request, "submissions/table.html", context)


@require_safe
def made(request: Any, network: str, slug: str, kind: str) -> HttpResponse:
    """Send what is made from the newest dictionary of a table: template, example, documentation, schema."""
    found = selectors.table_for(user=request.user, network=request.network, slug=slug)
    return made_from(selectors.read(found), kind)


@require_safe
def made_from_version(request: Any, network: str, slug: str, number: int, kind: str) -> HttpResponse:
    """Send what is made from an earlier version."""
    versions = drafting.versions_of(user=request.user, network=request.network, slug=slug)
    found = next((v for v in versions if v.version == number), None)
    if found is None:
        raise Http404
    return made_from(selectors.read(found), kind)


@require_safe
def made_from_draft(request: Any, network: str, pk: int, kind: str) -> HttpResponse:
    """Send what would be made from a draft."""
    return made_from(drafting.writing_for(user=request.user, network=request.network, pk=pk).dictionary, kind)


@require_safe
def made_from_shipped(request: Any, network: str, shelf: str, name: str, kind: str) -> HttpResponse:
    """Send what would be made from a shipped dictionary."""
    policies.require_naming(request.user, request.network)
    return made_from(drafting.shipped(shelf, name), kind)


def made_from(said: TableDictionary, kind: str) -> HttpResponse:
    """Return a download made from a dictionary.

    Raises:
        Http404: nothing of this kind is made.
    """
    if kind not in MADE:
        raise Http404
    ending, content_type, make = MADE[kind]
    return _download(make(said), f"{said.name}-v{said.version}{ending}", content_type)


def _download(body: bytes | str, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
