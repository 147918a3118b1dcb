"""The data page: what is here, what waits, what is missing."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from allteach.intake.contract import load
from allteach.web.people.permissions import may_somewhere
from allteach.web.people.roles import Permission
from allteach.web.submissions import policies, selectors
from allteach.web.submissions.calendars import calendar_of
from allteach.web.submissions.forms.cases import can_be_filled
from allteach.web.submissions.forms.typed import can_be_typed
from allteach.web.submissions.models import Submission

PER_PAGE = 25
RECENT = 8


@require_safe
def index(request: Any, network: str) -> HttpResponse:
    """Show the calendar of months by site, files that wait, and the latest files."""
    place, user = request.network, request.user
    sees_rows = selectors.may_see_data(user=user, network=place)
    sites, whole = selectors.sites_to_send_for(user=user, network=place)
    calendar = calendar_of(user=user, network=place)
    tables = [load(table.dictionary) for table in selectors.tables_of(user=user, network=place)]
    context = {
        "calendar": calendar,
        "waiting": selectors.waiting(user=user, network=place),
        "recent": list(selectors.submissions_of(user=user, network=place)[:RECENT]) if sees_rows else [],
        "to_decide": list(selectors.submissions_of(user=user, network=place, status=Submission.Status.CHECKED)[:RECENT])
        if sees_rows
        else [],
        "sees_rows": sees_rows,
        "sees_quality": may_somewhere(user, Permission.QUALITY_VIEW, network=place),
        "may_send": bool(sites) or whole,
        "may_name": policies.may_name_columns(user, place),
        "may_type": any(map(can_be_typed, tables)),
        "by_case": any(map(can_be_filled, tables)),
    }
    return render(request, "submissions/index.html", context)


@require_safe
def files(request: HttpRequest, network: str) -> HttpResponse:
    """List every file that the person may see, newest first."""
    place: Any = request.network
    status = request.GET.get("status", "")
    status = status if status in Submission.Status.values else ""
    found = selectors.submissions_of(user=request.user, network=place, status=status)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "status": status, "statuses": Submission.Status.choices}
    return render(request, "submissions/files.html", context)
