"""Typing in the numbers of one site and period, which then go the road of a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from allteach.errors import AllteachError
from allteach.intake import checks, contract
from allteach.intake.typed import of_rows
from allteach.units import Grain, Period
from allteach.web.sites.models import Site
from allteach.web.submissions import jobs, policies, selectors, services, store
from allteach.web.submissions.forms.typed import NumbersForm, PlaceForm, can_be_typed
from allteach.web.submissions.models import Submission, Table


def _tables(request: Any) -> list[Table]:
    found = selectors.tables_of(user=request.user, network=request.network)
    return [table for table in found if can_be_typed(contract.load(table.dictionary))]


def _own_places(request: Any) -> list[Site]:
    """Return the sites that the person may send for, or refuse where there is none."""
    sites, whole = selectors.sites_to_send_for(user=request.user, network=request.network)
    if not sites and not whole:
        policies.require_send(request.user, request.network, None)
    return sites


@require_safe
def choose(request: Any, network: str) -> HttpResponse:
    """Ask for table, site and period."""
    sites = _own_places(request)
    tables = _tables(request)
    form = PlaceForm(tables=tables, sites=sites)
    return render(request, "submissions/type.html", {"form": form, "tables": tables})


@require_http_methods(["GET", "POST"])
def numbers(request: Any, network: str) -> HttpResponse:
    """Show a form for the numbers, filled with what is accepted now, and send it."""
    sites = _own_places(request)
    tables = _tables(request)
    place = PlaceForm(request.GET, tables=tables, sites=sites)
    if not place.is_valid():
        return render(request, "submissions/type.html", {"form": place, "tables": tables}, status=422)
    table = next(table for table in tables if table.slug == place.cleaned_data["table"])
    site = next(site for site in sites if site.code == place.cleaned_data["site"])
    policies.require_send(request.user, request.network, site)
    said = contract.load(table.dictionary)
    period = Period.of(place.cleaned_data["day"], Grain(said.grain))
    known = selectors.rows_of_period(user=request.user, table=table, site=site, period=period)
    form = NumbersForm(request.POST or None, dictionary=said, known=known)
    problem: AllteachError | None = None
    if request.method == "POST" and form.is_valid():
        raw = of_rows(form.header(), form.rows(site, period))
        today = timezone.localdate()
        form.take(checks.check(raw, said, sent_on=today, sites=[site.code], site=site.code).findings)
    if request.method == "POST" and not form.errors:
        try:
            name = f"{table.slug}-{site.code}-{period.start:%Y-%m-%d}.csv"
            incoming = store.land(name, [form.as_file(site, period)])
            receipt = services.receive(
                by=request.user, network=request.network, incoming=incoming, table=table, site=site
            )
            if receipt.again:
                return redirect("submissions:same", network=network, number=receipt.submission.number)
            submission: Submission = jobs.check_now_or_later(by=request.user, submission=receipt.submission)
            return redirect("submissions:file", network=network, number=submission.number)
        except AllteachError as error:
            problem = error
    context = {"form": form, "table": table, "site": site, "period": period, "known": known, "problem": problem}
    return render(request, "submissions/type_numbers.html", context, status=422 if problem or form.errors else 200)
