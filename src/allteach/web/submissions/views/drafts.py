"""Writing a data dictionary: begin, columns, rules, look, release."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allteach.errors import AllteachError, StateError
from allteach.intake.contract import TableDictionary
from allteach.web.submissions import drafting, policies, selectors, services, store
from allteach.web.submissions.drafting import Writing, columns_in_words
from allteach.web.submissions.forms.cases import CaseForm, can_be_filled
from allteach.web.submissions.forms.columns import table_title
from allteach.web.submissions.forms.drafting import AboutForm, ColumnForm, ReasonForm, RuleForm, StartForm
from allteach.web.submissions.forms.send import FileForm
from allteach.web.submissions.forms.typed import NumbersForm, can_be_typed
from allteach.web.submissions.models import TableDraft


def _found(request: Any, pk: int) -> Writing:
    return drafting.writing_for(user=request.user, network=request.network, pk=pk)


def _open(draft: TableDraft) -> HttpResponse:
    return redirect("submissions:draft", network=draft.network.slug, pk=draft.pk)


def _begin(request: Any, dictionary: TableDictionary) -> HttpResponse:
    return _open(services.draft_begin(by=request.user, network=request.network, dictionary=dictionary))


# The check against forged forms reads the whole body; it must run after our own upload handler is in place.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, network: str) -> HttpResponse:
    """Offer three ways to begin a table: nothing, something shipped, a file's own columns."""
    request.upload_handlers = [store.LandingHandler(request)]
    try:
        return _start(request)
    finally:
        for landed in request.FILES.values():
            landed.incoming.path.unlink(missing_ok=True)


@csrf_protect
def _start(request: Any) -> HttpResponse:
    policies.require_naming(request.user, request.network)
    way = request.POST.get("way", "")
    blank = StartForm(request.POST if way == "blank" else None)
    sheet = FileForm(request.POST if way == "file" else None, request.FILES if way == "file" else None)
    problem: AllteachError | None = None
    try:
        if way == "blank" and blank.is_valid():
            return _begin(request, blank.dictionary())
        if way == "file":
            problem = request.upload_handlers[0].error
            if problem is None and sheet.is_valid():
                incoming = request.FILES["file"].incoming
                return _begin(request, drafting.from_columns(incoming, table_title(incoming.name)))
    except AllteachError as error:
        problem = error
    context = {"blank": blank, "sheet": sheet, "problem": problem, "shelves": drafting.shelves()}
    wrong = problem or blank.errors or sheet.errors
    return render(request, "submissions/new_table.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
def shipped(request: Any, network: str, shelf: str, name: str) -> HttpResponse:
    """Show a shipped dictionary, and begin a draft from it."""
    policies.require_naming(request.user, request.network)
    said = drafting.shipped(shelf, name)
    if request.method == "POST":
        return _begin(request, replace(said, version=1))
    return render(request, "submissions/shipped.html", {"said": said, "columns": columns_in_words(said)})


@require_POST
def change(request: Any, network: str, slug: str) -> HttpResponse:
    """Begin a draft of the next version of a table, or open the one that is begun."""
    table = selectors.table_for(user=request.user, network=request.network, slug=slug)
    said = selectors.read(table)
    draft = services.draft_begin(by=request.user, network=request.network, dictionary=said, based_on=table)
    return _open(draft)


@require_safe
def draft(request: Any, network: str, pk: int) -> HttpResponse:
    """Show a draft: columns, rules, what is still wrong."""
    writing = _found(request, pk)
    context = {"writing": writing, "draft": writing.draft, "said": writing.dictionary}
    context |= {"columns": columns_in_words(writing.dictionary)}
    return render(request, "submissions/draft.html", context)


@require_http_methods(["GET", "POST"])
def about(request: Any, network: str, pk: int) -> HttpResponse:
    """Change the table itself: name, what a row stands for, periods, key, sources."""
    writing = _found(request, pk)
    form = AboutForm(request.POST or None, dictionary=writing.dictionary)
    if request.method == "POST" and form.is_valid():
        return _store(request, writing, form.dictionary())
    return _part(request, writing, form, "submissions/draft_about.html")


@require_http_methods(["GET", "POST"])
def column(request: Any, network: str, pk: int, at: int) -> HttpResponse:
    """Change a column; the place after the last one adds one."""
    writing = _found(request, pk)
    before = _at(writing.dictionary.fields, at)
    form = ColumnForm(request.POST or None, dictionary=writing.dictionary, column=before)
    if request.method == "POST":
        _same(request, before.name if before else "")
        if form.is_valid():
            return _store(request, writing, form.with_column(form.column()), again=at + 1 if before is None else None)
    context = {"column": before, "at": at}
    return _part(request, writing, form, "submissions/draft_column.html", context)


@require_http_methods(["GET", "POST"])
def rule(request: Any, network: str, pk: int, at: int) -> HttpResponse:
    """Change a rule; the place after the last one adds one."""
    writing = _found(request, pk)
    before = _at(writing.dictionary.rules, at)
    form = RuleForm(request.POST or None, dictionary=writing.dictionary, rule=before)
    if request.method == "POST":
        _same(request, before.id if before else "")
        if form.is_valid():
            return _store(request, writing, form.with_rule())
    return _part(request, writing, form, "submissions/draft_rule.html", {"rule": before, "at": at})


@require_POST
def act(request: Any, network: str, pk: int) -> HttpResponse:
    """Move a column up or down, or take a column or a rule out."""
    writing, said = _found(request, pk), request.POST
    table, name = writing.dictionary, said.get("name", "")
    fields = list(table.fields)
    places = {field.name: at for at, field in enumerate(fields)}
    step = said.get("step", "")
    if step in ("up", "down") and name in places:
        to = min(max(places[name] + (1 if step == "down" else -1), 0), len(fields) - 1)
        fields.insert(to, fields.pop(places[name]))
        return _store(request, writing, replace(table, fields=tuple(fields)))
    if step == "remove" and name in places:
        del fields[places[name]]
        key = tuple(part for part in table.key if part != name)
        return _store(request, writing, replace(table, fields=tuple(fields), key=key))
    if step == "remove_rule":
        return _store(request, writing, replace(table, rules=tuple(r for r in table.rules if r.id != name)))
    raise Http404


@require_safe
def preview(request: Any, network: str, pk: int) -> HttpResponse:
    """Show what the draft would make: form, template, changes, and what becomes of the rows that are here."""
    writing = _found(request, pk)
    said = writing.dictionary
    whole = not writing.mending
    context: dict[str, Any] = {
        "writing": writing, "draft": writing.draft, "said": said, "reason": ReasonForm(),
        "effect": drafting.effect_of(user=request.user, writing=writing),
    }  # fmt: skip
    if whole and can_be_typed(said):
        context["numbers"] = NumbersForm(dictionary=said, known={}, prefix="shown")
    elif whole and can_be_filled(said):
        context["case"] = CaseForm(dictionary=said, prefix="shown")
    return render(request, "submissions/draft_preview.html", context)


@require_POST
def release(request: Any, network: str, pk: int) -> HttpResponse:
    """Make the draft the newest version of its table."""
    writing = _found(request, pk)
    table = services.draft_release(by=request.user, draft=writing.draft, reason=request.POST.get("reason", ""))
    said = _("Version %(number)d of %(table)s is released.") % {"number": table.version, "table": table.name}
    messages.success(request, said)
    return redirect("submissions:table", network=network, slug=table.slug)


@require_POST
def discard(request: Any, network: str, pk: int) -> HttpResponse:
    """Throw the draft away."""
    services.draft_discard(by=request.user, draft=_found(request, pk).draft)
    messages.success(request, _("The draft is thrown away. Versions that were released stay as they are."))
    return redirect("submissions:tables", network=network)


def _at(items: tuple[Any, ...], at: int) -> Any:
    if at > len(items):
        raise Http404
    return items[at] if at < len(items) else None


def _same(request: Any, name: str) -> None:
    """Refuse when somebody moved or changed the part that this page was opened for."""
    if request.POST.get("opened", "") != name:
        raise StateError(
            "AT-T-068",
            _("The draft was changed by somebody since you opened the page."),
            do=_("Open the draft again and make your change there."),
        )


def _store(request: Any, writing: Writing, dictionary: TableDictionary, again: int | None = None) -> HttpResponse:
    draft = services.draft_change(by=request.user, draft=writing.draft, dictionary=dictionary)
    if again is not None and "again" in request.POST:
        return redirect("submissions:draft_column", network=draft.network.slug, pk=draft.pk, at=again)
    return _open(draft)


def _part(request: Any, writing: Writing, form: Any, page: str, more: dict[str, Any] | None = None) -> HttpResponse:
    context = {"writing": writing, "draft": writing.draft, "said": writing.dictionary, "form": form} | (more or {})
    return render(request, page, context, status=422 if form.errors else 200)
