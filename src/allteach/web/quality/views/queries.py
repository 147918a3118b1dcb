"""Queries: the inbox, asking, one query and its steps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from allteach.intake import contract
from allteach.intake.contract import Privacy
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.quality import selectors, services
from allteach.web.quality.forms import AgainForm, AskForm, WordsForm
from allteach.web.quality.models import Query
from allteach.web.quality.services.queries import About, may_answer
from allteach.web.sites.models import Network
from allteach.web.sites.selectors import reporting_sites
from allteach.web.submissions.models import Table
from allteach.web.submissions.selectors import submissions_of, tables_of

PER_PAGE = 25
USUAL = timedelta(days=14)


@require_safe
def index(request: HttpRequest, network: str) -> HttpResponse:
    """List queries: what waits first."""
    place: Network = request.network
    page = Paginator(selectors.queries_of(user=request.user, network=place), PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    labels = _labels(request)
    context = {
        "page": page,
        "rows": [(query, _about(query, labels), query.status != "closed" and query.due < today) for query in page],
        "asks": may(request.user, Permission.QUERY_ASK, network=place),
        "waiting": selectors.waiting(user=request.user, network=place),
    }
    return render(request, "quality/queries.html", context)


def _labels(request: Any) -> dict[str, tuple[Table, dict[str, str]]]:
    """Return table -> itself, and column -> its words."""
    return {
        table.slug: (table, {f.name: f.label for f in contract.load(table.dictionary).fields})
        for table in tables_of(user=request.user, network=request.network)
    }


def _about(query: Query, labels: dict[str, tuple[Table, dict[str, str]]]) -> str:
    table, columns = labels.get(query.table_slug, (None, {}))
    return ", ".join(
        part for part in (table.name if table else query.table_slug, columns.get(query.column, query.column)) if part
    )


def ask(request: HttpRequest, network: str) -> HttpResponse:
    """Ask a site about a table, column, month or row."""
    place: Network = request.network
    require(request.user, Permission.QUERY_ASK, network=place)
    sites = reporting_sites(user=request.user, network=place)
    choices = []
    for slug, (table, columns) in _labels(request).items():
        stored = {f.name for f in contract.load(table.dictionary).fields if f.privacy is not Privacy.DIRECT}
        inside = [(f"{slug}|{name}", label) for name, label in columns.items() if name in stored]
        choices.append((table.name, [(f"{slug}|", _("The whole table")), *inside]))
    number = request.GET.get("issue", "")
    wanted = int(number) if number.isdecimal() and len(number) < 9 else 0
    issue = selectors.issues_of(user=request.user, network=place).filter(number=wanted).first()
    initial: dict[str, Any] = {"due": timezone.localdate() + USUAL}
    if issue is not None:
        initial |= {"site": issue.site_id, "about": f"{issue.table_slug}|{issue.column}"}
        if issue.months:
            initial["month"] = date.fromisoformat(f"{max(issue.months)}-01")
    form = AskForm(request.POST if request.method == "POST" else None, sites=sites, about=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        query = _ask(request, form.cleaned_data, issue)
        if query is not None:
            messages.success(request, _("The question is with the site."))
            return redirect("quality:query", network=place.slug, number=query.number)
        form.add_error("number", _("There is no file of this number."))
    context = {"form": form, "issue": issue}
    return render(request, "quality/ask.html", context, status=422 if form.errors else 200)


def _ask(request: Any, given: dict[str, Any], issue: Any) -> Query | None:
    """Return the query asked; None when there is no such file."""
    slug, column = given["about"].split("|", 1)
    submission = None
    if given["number"]:
        found = submissions_of(user=request.user, network=request.network)
        submission = found.filter(number=given["number"], table__slug=slug).first()
        if submission is None:
            return None
    about = About(slug, column, given["month"], submission, given["row"], issue)
    return services.query_ask(
        by=request.user, network=request.network, site=given["site"], about=about, text=given["text"], due=given["due"]
    )


@require_safe
def query(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show one query and what was said."""
    return _page(request, selectors.query_for(user=request.user, network=request.network, number=number))


def _page(request: Any, found: Query, forms: dict[str, Any] | None = None) -> HttpResponse:
    place: Network = request.network
    asks = may(request.user, Permission.QUERY_ASK, network=place)
    answers = may_answer(request.user, found) and found.status != Query.Status.CLOSED
    again = asks and found.status != Query.Status.ASKED
    context: dict[str, Any] = {
        "query": found,
        "about": _about(found, _labels(request)),
        "said": list(found.messages.select_related("by")),
        "overdue": found.status != Query.Status.CLOSED and found.due < timezone.localdate(),
        "own": may_answer(request.user, found),
        "value": selectors.row_value(user=request.user, query=found),
        "answer": WordsForm(prefix="answer") if answers else None,
        "close": WordsForm(prefix="close") if asks and found.status != Query.Status.CLOSED else None,
        "again": AgainForm(prefix="again", initial={"due": timezone.localdate() + USUAL}) if again else None,
    }
    return render(request, "quality/query.html", context | (forms or {}), status=422 if forms else 200)


_DONE = {
    "answer": gettext_lazy("Your answer is with the network."),
    "close": gettext_lazy("The query is closed."),
    "again": gettext_lazy("The site is asked again."),
}
_SERVICES: dict[str, Any] = {
    "answer": services.query_answer,
    "close": services.query_close,
    "again": services.query_reopen,
}


@require_POST
def act(request: HttpRequest, network: str, number: int, step: str) -> HttpResponse:
    """Take a step with a query; a form with faults comes back as sent."""
    place: Network = request.network
    found = selectors.query_for(user=request.user, network=place, number=number)
    if step != "answer":
        require(request.user, Permission.QUERY_ASK, network=place)
    kind = AgainForm if step == "again" else WordsForm
    form: Any = kind(request.POST, prefix=step)
    if not form.is_valid():
        return _page(request, found, {step: form})
    _SERVICES[step](by=request.user, query=found, **form.cleaned_data)
    messages.success(request, _DONE[step])
    return redirect("quality:query", network=place.slug, number=number)
