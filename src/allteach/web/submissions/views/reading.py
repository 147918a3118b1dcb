"""How FHIR resources become rows: the views of a table, and of a file whose columns have no names yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allteach.errors import IntakeError, StateError
from allteach.intake import contract, reader
from allteach.intake.contract import TableDictionary
from allteach.intake.fhir import shipped
from allteach.intake.fhir.views import View as Said
from allteach.intake.fhir.views import load
from allteach.intake.raw import RawTable
from allteach.web.submissions import naming, policies, reading, selectors, services
from allteach.web.submissions.forms.reading import ViewForm
from allteach.web.submissions.models import Submission

SHOWN_ROWS = 5
Status = Submission.Status


@dataclass(frozen=True, slots=True)
class Filled:
    """A column of a table and where a view finds it.

    Args:
        name: The column.
        path: Its path; empty where the view does not give it.
        needed: Whether rows without it are of no use.
    """

    name: str
    path: str
    needed: bool


def filled(view: Said, said: TableDictionary | None) -> list[Filled]:
    """Return the columns of the table as far as the view fills them, then what the table does not have."""
    paths = {column.name: column.path for column in view.columns}
    if said is None:
        return [Filled(name, path, False) for name, path in paths.items()]
    needed = {field.name for field in (*said.fields,) if field.required or field in (said.site, said.time)} | set(
        said.key
    )
    return [Filled(field.name, paths.get(field.name, ""), field.name in needed) for field in said.fields]


@require_http_methods(["GET", "POST"])
def table_view(request: Any, network: str, slug: str) -> HttpResponse:
    """Show how a table reads FHIR resources, and take a view of one's own."""
    found = selectors.table_for(user=request.user, network=request.network, slug=slug)
    said = contract.load(found.dictionary)
    current = selectors.views_of(user=request.user, table=found)
    may_change = policies.may_name_columns(request.user, request.network)
    form = ViewForm(request.POST or None, initial={"text": _begun(request, current)})
    if request.method == "POST":
        policies.require_naming(request.user, request.network)
        if form.is_valid() and request.POST.get("action") == "store":
            view = services.save_view(by=request.user, table=found, text=form.cleaned_data["text"])
            messages.success(
                request,
                _("Files of %(resource)s are read by version %(number)d from now on.")
                % {"resource": view.resource, "number": view.number},
            )
            return redirect("submissions:table_view", network=network, slug=slug)
    context = _shown(form, said) | {
        "table": found,
        "current": [(view, filled(load(view.text), said)) for view in current],
        "offered": [(name, view) for name, view in shipped.views().items() if _fits(name, slug)],
        "may_change": may_change,
    }
    return render(request, "submissions/table_view.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def file_view(request: Any, network: str, number: int) -> HttpResponse:
    """Say by which view a file is read whose columns have no names yet."""
    submission = selectors.submission_for(user=request.user, network=request.network, number=number)
    policies.require_naming(request.user, submission.network)
    if submission.status not in (Status.RECEIVED, Status.CHECKED):
        raise StateError("AT-T-033", _("A file that is decided is not read again."), do=_("Send the file again."))
    now = reading.view_of(submission)
    begin = request.GET.get("start", "")
    text = shipped.views()[begin].source if begin in shipped.views() else now.source if now else ""
    form = ViewForm(request.POST or None, initial={"text": text}, with_sample=False)
    if request.method == "POST" and form.is_valid() and request.POST.get("action") == "store":
        services.read_by(by=request.user, submission=submission, text=form.cleaned_data["text"])
        return redirect("submissions:columns", network=network, number=number)
    types = reading.types_of(submission)
    offered = [(name, view) for name, view in shipped.views().items() if view.resource in types]
    context = _shown(form, None) | {"submission": submission, "offered": offered}
    if not form.errors:
        view = form.view or (load(text) if text else None)
        try:
            context |= _rows(reading.read_with(submission, view, limit=naming.FIRST_LOOK))
        except IntakeError as error:
            context["problem"] = error
    return render(request, "submissions/file_view.html", context, status=422 if form.errors else 200)


def _begun(request: Any, current: list[Any]) -> str:
    """Return the view that the form begins with: the one asked for, else the table's own."""
    begin = shipped.views().get(request.GET.get("start", ""))
    if begin is not None:
        return begin.source
    return str(current[0].text) if current else ""


def _fits(name: str, slug: str) -> bool:
    table, point, _resource = name.rpartition(".")
    return not point or table == slug


def _shown(form: ViewForm, said: TableDictionary | None) -> dict[str, Any]:
    """Return what a page says of the view in the form, and of the resources to try it on."""
    context: dict[str, Any] = {"form": form, "problem": form.problem}
    if form.view is None:
        return context
    context["filled"] = filled(form.view, said)
    context["beyond"] = [c.name for c in form.view.columns if said and c.name not in {f.name for f in said.fields}]
    sample = form.cleaned_data.get("sample", "").strip()
    if sample and not form.errors:
        try:
            context |= _rows(reader.read(sample.encode(), name=_("the sample"), view=form.view))
        except IntakeError as error:
            context["problem"] = error
    return context


def _rows(raw: RawTable) -> dict[str, Any]:
    rows = [list(row.values()) for row in raw.table.slice(0, SHOWN_ROWS).to_pylist()]
    return {"raw": raw, "rows": rows, "found": [raw.in_file(finding) for finding in raw.findings]}
