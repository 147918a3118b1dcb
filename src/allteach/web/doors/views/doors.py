"""Doors: the list, one door, making and changing it, testing it, fetching through it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allteach.errors import AllteachError
from allteach.intake import omop
from allteach.web.doors import hosts, jobs, policies, selectors, services, trying
from allteach.web.doors.forms import FORMS
from allteach.web.doors.models import Door
from allteach.web.doors.wording import KINDS, facts
from allteach.web.sites.selectors import sites_for
from allteach.web.submissions.selectors import tables_of


def _found(request: Any, number: int) -> Door:
    return selectors.door_for(user=request.user, network=request.network, number=number)


def _back(door: Door) -> HttpResponse:
    return redirect("doors:door", network=door.network.slug, number=door.number)


@require_safe
def index(request: Any, network: str) -> HttpResponse:
    """List the doors, or say how to switch them on."""
    here, user = request.network, request.user
    context = {
        "doors": selectors.doors_of(user=user, network=here),
        "on": hosts.are_on(),
        "hosts": hosts.listed(),
        "may_change": policies.may_change(user, here),
        "kinds": KINDS,
        "has_tables": bool(tables_of(user=user, network=here)),
    }
    return render(request, "doors/index.html", context)


@require_safe
def door(request: Any, network: str, number: int) -> HttpResponse:
    """Show one door: what it is, what it last brought, and what can be done."""
    return _page(request, _found(request, number))


def _page(request: Any, found: Door, trial: Any = None, problem: AllteachError | None = None) -> HttpResponse:
    fetches = selectors.fetches_of(found)
    context = {
        "door": found,
        "fetches": fetches,
        "latest": fetches[0] if fetches else None,
        "at_work": bool(fetches) and selectors.at_work(fetches[0]),
        "facts": facts(found),
        "may_change": policies.may_change(request.user, request.network),
        "may_fetch": policies.may_fetch(request.user, found),
        "on": hosts.are_on(),
        "trial": trial,
        "problem": problem,
    }
    return render(request, "doors/door.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def make(request: Any, network: str, kind: str) -> HttpResponse:
    """Make a door of one kind."""
    policies.require_change(request.user, request.network)
    if kind not in FORMS:
        raise Http404
    return _form(request, kind, None)


@require_http_methods(["GET", "POST"])
def change(request: Any, network: str, number: int) -> HttpResponse:
    """Change a door."""
    found = _found(request, number)
    policies.require_change(request.user, request.network)
    return _form(request, found.kind, found)


def _form(request: Any, kind: str, found: Door | None) -> HttpResponse:
    here, user = request.network, request.user
    given = {"tables": tables_of(user=user, network=here), "sites": list(sites_for(user=user, network=here))}
    initial = FORMS[kind].start(found) if found else {"table": request.GET.get("table", "")}
    form = FORMS[kind](request.POST or None, door=found, initial=initial, **given)
    problem = None
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["secret"]
        try:
            if found is None:
                made = services.door_make(by=user, network=here, wish=form.wish(), token=token)
                messages.success(request, _("The door is made. Test it before you fetch."))
                return _back(made)
            return _back(services.door_change(by=user, door=found, wish=form.wish(), token=token))
        except AllteachError as error:
            problem = error
    context = {
        "form": form,
        "door": found,
        "kind": kind,
        "word": KINDS[kind],
        "problem": problem,
        "on": hosts.are_on(),
        "hosts": hosts.listed(),
        "tables": given["tables"],
        "mappings": omop.mappings().values() if kind == "omop" else (),
    }
    return render(request, "doors/form.html", context, status=422 if problem or form.errors else 200)


@require_POST
def attempt(request: Any, network: str, number: int) -> HttpResponse:
    """Show what a door would bring; nothing is kept."""
    found = _found(request, number)
    policies.require_fetch(request.user, found)
    try:
        return _page(request, found, trial=trying.attempt(user=request.user, door=found))
    except AllteachError as error:
        return _page(request, found, problem=error)


@require_POST
def fetch(request: Any, network: str, number: int) -> HttpResponse:
    """Fetch through a door now."""
    found = _found(request, number)
    policies.require_fetch(request.user, found)
    try:
        jobs.fetch_later(by=request.user, door=found)
    except AllteachError as error:
        return _page(request, found, problem=error)
    return _back(found)


@require_safe
def progress(request: Any, network: str, number: int) -> HttpResponse:
    """Return how far the latest fetch is, for a page that asks every second."""
    found = _found(request, number)
    fetches = selectors.fetches_of(found)
    if not fetches or not selectors.at_work(fetches[0]):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = _back(found)["Location"]
        return answer
    return render(request, "doors/_progress.html", {"door": found, "latest": fetches[0]})


@require_POST
def switch(request: Any, network: str, number: int) -> HttpResponse:
    """Open or close a door."""
    found = _found(request, number)
    return _back(services.door_switch(by=request.user, door=found, is_open=request.POST.get("open") == "1"))
