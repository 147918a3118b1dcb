"""Issues: the list, one issue, and what people do with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from allteach.web.people.models import Person
from allteach.web.people.permissions import may, may_somewhere, require
from allteach.web.people.roles import Permission
from allteach.web.quality import selectors, services
from allteach.web.quality.forms import AssignForm, WordsForm
from allteach.web.quality.models import Issue
from allteach.web.quality.services.issues import owners_of
from allteach.web.quality.wording import CONTEXTS, FULL, extent
from allteach.web.sites.models import Network

PER_PAGE = 25
SHOWS = ("open", "mine", "accepted", "fixed")


@require_safe
def index(request: HttpRequest, network: str) -> HttpResponse:
    """List issues: open ones, one's own, accepted or fixed ones."""
    place: Network = request.network
    show = request.GET.get("show", "open")
    show = show if show in SHOWS else "open"
    found = selectors.issues_of(user=request.user, network=place, only_open=show in ("open", "mine"))
    if show == "mine":
        found = found.filter(owner_id=request.user.pk)
    elif show != "open":
        found = found.filter(status=show)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    labels = ((_("Open")), _("Mine"), _("Accepted as they are"), _("Fixed"))
    context = {
        "page": page,
        "rows": [(issue, extent(issue)) for issue in page],
        "show": show,
        "shows": list(zip(SHOWS, labels, strict=True)),
        "works": may_somewhere(request.user, Permission.QUALITY_WORK, network=place),
    }
    return render(request, "quality/issues.html", context)


@require_safe
def issue(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show one issue with its history."""
    found = selectors.issue_for(user=request.user, network=request.network, number=number)
    return _page(request, found)


def _page(request: Any, found: Issue, forms: dict[str, Any] | None = None) -> HttpResponse:
    place: Network = request.network
    works = may(request.user, Permission.QUALITY_WORK, network=place, site=found.site)
    accepts = may(request.user, Permission.DATA_ACCEPT, network=place, site=found.site)
    owners = _people(owners_of(found) if works else [])
    context: dict[str, Any] = {
        "issue": found,
        "kind": found.check_kind,
        "extent": extent(found),
        "aspect": FULL[found.check_kind.aspect],
        "context": CONTEXTS[found.check_kind.context],
        "months": sorted(found.months.items()),
        "events": selectors.events_of(user=request.user, issue=found),
        "queries": list(found.queries.all()) if works else [],
        "asks": may(request.user, Permission.QUERY_ASK, network=place),
        "works": works,
        "accepts": accepts,
    }
    if works:
        context |= {
            "assign": AssignForm(owners=owners, initial={"owner": found.owner_id or request.user.pk, "due": found.due}),
            "comment": WordsForm(prefix="comment"),
            "fix": WordsForm(prefix="fix"),
            "accept": WordsForm(prefix="accept") if accepts else None,
            "reopen": WordsForm(prefix="reopen"),
        }
    return render(request, "quality/issue.html", context | (forms or {}), status=422 if forms else 200)


def _people(chosen: list[Person]) -> QuerySet[Person]:
    return Person.objects.filter(pk__in=[person.pk for person in chosen]).order_by("display_name")


_DONE = {
    "assign": gettext_lazy("It has an owner now."),
    "comment": gettext_lazy("The comment is in the history."),
    "fix": gettext_lazy("Said to be fixed. The next check tells."),
    "accept": gettext_lazy("Accepted as it is. It opens again if it gets worse."),
    "reopen": gettext_lazy("The issue is open again."),
}
_SERVICES = {
    "comment": services.issue_comment,
    "fix": services.issue_fix,
    "accept": services.issue_accept,
    "reopen": services.issue_reopen,
}


@require_POST
def act(request: HttpRequest, network: str, number: int, step: str) -> HttpResponse:
    """Take a step with an issue; a form with faults comes back as sent."""
    place: Network = request.network
    found = selectors.issue_for(user=request.user, network=place, number=number)
    right = Permission.DATA_ACCEPT if step == "accept" else Permission.QUALITY_WORK
    require(request.user, right, network=place, site=found.site)
    if step == "assign":
        form: Any = AssignForm(request.POST, owners=_people(owners_of(found)))
    else:
        form = WordsForm(request.POST, prefix=step)
    if not form.is_valid():
        return _page(request, found, {step: form})
    if step == "assign":
        services.issue_assign(by=request.user, issue=found, **form.cleaned_data)
    else:
        _SERVICES[step](by=request.user, issue=found, **form.cleaned_data)
    messages.success(request, _DONE[step])
    return redirect("quality:issue", network=place.slug, number=number)
