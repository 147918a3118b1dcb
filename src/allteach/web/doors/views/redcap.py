"""Making a table of a REDCap data dictionary."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allteach.errors import AllteachError
from allteach.intake import redcap, redcap_table
from allteach.intake.contract import TableDictionary
from allteach.web.doors.forms import RedcapTableForm, SelectionForm
from allteach.web.submissions import policies, services, wording
from allteach.web.submissions.selectors import tables_of

LARGEST = 2_000_000


@require_http_methods(["GET", "POST"])
def table(request: Any, network: str) -> HttpResponse:
    """Take a data dictionary, ask what of it becomes a table, show the table, and begin a draft of it."""
    policies.require_naming(request.user, request.network)
    if request.method == "GET":
        return render(request, "doors/redcap_file.html", {"form": RedcapTableForm()})
    try:
        return _asked(request)
    except AllteachError as error:
        context = {"form": RedcapTableForm(), "problem": error}
        return render(request, "doors/redcap_file.html", context, status=422)


def _asked(request: Any) -> HttpResponse:
    sent = request.FILES.get("file")
    text = request.POST.get("dictionary", "")
    if sent is not None:
        text = _text(sent.read(LARGEST))
    questions = redcap.read(text.encode())
    if sent is not None:
        start = {"dictionary": text, "title": _title(sent.name)}
        form = SelectionForm(initial=start, questions=questions)
        return render(request, "doors/redcap_choose.html", {"form": form, "questions": len(questions)})
    form = SelectionForm(request.POST, questions=questions)
    context: dict[str, Any] = {"form": form, "questions": len(questions)}
    if form.is_valid():
        made = redcap_table.table(questions, form.selection())
        if request.POST.get("action") == "draft":
            return _begun(request, made.dictionary)
        context |= {"made": made, "columns": _columns(made.dictionary)}
    return render(request, "doors/redcap_choose.html", context, status=422 if form.errors else 200)


def _begun(request: Any, dictionary: TableDictionary) -> HttpResponse:
    """Lead to a draft of the table; of one that the network has already, a draft of its next version."""
    found = [table for table in tables_of(user=request.user, network=request.network) if table.slug == dictionary.name]
    about = {"by": request.user, "network": request.network, "dictionary": dictionary}
    draft = services.draft_begin(**about, based_on=found[0] if found else None)
    if found:  # a draft that was begun before takes over what REDCap says now
        draft = services.draft_change(by=request.user, draft=draft, dictionary=dictionary)
    messages.success(request, _("This is a draft. Look through it and release it; then a door can fill it."))
    return redirect("submissions:draft", network=request.network.slug, pk=draft.pk)


def _columns(dictionary: Any) -> list[tuple[Any, ...]]:
    return [(f, wording.TYPES[f.type], wording.ROLES[f.role], wording.allowed(f)) for f in dictionary.fields]


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _title(name: str) -> str:
    stem = name.rsplit(".", 1)[0].split("_DataDictionary")[0].replace("_", " ").strip()
    return stem[:120]
