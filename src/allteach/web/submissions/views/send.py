"""Sending a file, and starting a network from one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from allteach.errors import AllteachError, Refused
from allteach.web.people.permissions import may_create_network
from allteach.web.submissions import jobs, policies, selectors, services, store
from allteach.web.submissions.forms.send import SendForm, StartForm
from allteach.web.submissions.models import Submission
from allteach.web.submissions.opening import start_network


# The check against forged forms reads the whole body; it must run after our own upload handler is in place.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, network: str) -> HttpResponse:
    """Take a file for a table of the network."""
    request.upload_handlers = [store.LandingHandler(request)]
    try:
        return _send(request)
    finally:
        _drop_unclaimed(request)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Start a network from a file."""
    request.upload_handlers = [store.LandingHandler(request)]
    try:
        return _start(request)
    finally:
        _drop_unclaimed(request)


def _drop_unclaimed(request: Any) -> None:
    """Remove an uploaded file that became nobody's submission."""
    for landed in request.FILES.values():
        landed.incoming.path.unlink(missing_ok=True)


@csrf_protect
def _send(request: Any) -> HttpResponse:
    network, user = request.network, request.user
    sites, whole = selectors.sites_to_send_for(user=user, network=network)
    may_name = whole and policies.may_name_columns(user, network)
    tables = selectors.tables_of(user=user, network=network)
    if not sites and not whole:
        policies.require_send(user, network, None)
    form = SendForm(
        request.POST or None, request.FILES or None, tables=tables, sites=sites, whole=whole, may_name=may_name
    )
    problem = None
    if request.method == "POST":
        problem = _upload_problem(request, form)
        if problem is None and form.is_valid():
            try:
                receipt = services.receive(
                    by=user,
                    network=network,
                    incoming=request.FILES["file"].incoming,
                    table=form.chosen_table(),
                    site=form.chosen_site(),
                )
                return _onward(request, receipt)
            except AllteachError as error:
                problem = error
    context = {"form": form, "problem": problem, "nothing_to_send": not tables and not may_name, "may_name": may_name}
    return render(request, "submissions/send.html", context, status=422 if problem or form.errors else 200)


@csrf_protect
def _start(request: Any) -> HttpResponse:
    if not may_create_network(request.user):
        raise Refused(
            "AT-P-024",
            _("You cannot start a network on this server."),
            do=_("Ask whoever looks after this server, or someone who leads a network here."),
        )
    form = StartForm(request.POST or None, request.FILES or None)
    problem = None
    if request.method == "POST":
        problem = _upload_problem(request, form)
        if problem is None and form.is_valid():
            try:
                incoming = request.FILES["file"].incoming
                submission = start_network(by=request.user, name=form.cleaned_data["name"], incoming=incoming)
                return redirect("submissions:columns", network=submission.network.slug, number=submission.number)
            except AllteachError as error:
                problem = error
    return render(
        request,
        "submissions/start.html",
        {"form": form, "problem": problem},
        status=422 if problem or form.errors else 200,
    )


def _upload_problem(request: Any, form: Any) -> AllteachError | None:
    """Return what the upload handler found wrong, with the form's own complaint about a missing file taken back."""
    problem: AllteachError | None = request.upload_handlers[0].error
    if problem is not None:
        form.is_valid()
        form.errors.pop("file", None)
    return problem


def _onward(request: Any, receipt: services.Receipt) -> HttpResponse:
    """Lead to the next page: naming columns, progress, or findings."""
    submission = receipt.submission
    address: dict[str, Any] = {"network": submission.network.slug, "number": submission.number}
    if receipt.again:
        return redirect("submissions:same", **address)
    if submission.table is None:
        return redirect("submissions:columns", **address)
    if submission.status == Submission.Status.RECEIVED:
        jobs.check_now_or_later(by=request.user, submission=submission)
    return redirect("submissions:file", **address)


@require_http_methods(["GET"])
def same(request: Any, network: str, number: int) -> HttpResponse:
    """Say that these bytes are here already."""
    submission = selectors.submission_for(user=request.user, network=request.network, number=number)
    return render(request, "submissions/same.html", {"submission": submission})
