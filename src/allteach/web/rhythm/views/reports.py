"""Pages of monthly reports."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.rhythm import forms, selectors
from allteach.web.rhythm.models import Report
from allteach.web.rhythm.services import reports
from allteach.web.sites.models import Network
from allteach.web.sites.naming import naming_for


def index(request: HttpRequest, network: str) -> HttpResponse:
    """Show what is due, what waits for a score, and what came before."""
    place: Network = request.network
    found = list(selectors.reports_of(user=request.user, network=place)[:300])
    naming = naming_for(user=request.user, network=place)
    today = timezone.localdate()
    for report in found:
        report.where = naming.name(report.site)
        report.late = report.status in reports.WRITABLE and report.due < today
    context = {
        "due": [r for r in found if r.status in (Report.Status.DUE, Report.Status.DRAFT)],
        "arrived": [r for r in found if r.status in (Report.Status.SUBMITTED, Report.Status.REVIEWED)],
        "before": [r for r in found if r.status in (Report.Status.ANSWERED, Report.Status.MISSED)],
        "may_ask": may(request.user, Permission.PROJECT_CHANGE, network=place),
        "any": bool(found),
    }
    return render(request, "rhythm/reports.html", context)


@require_POST
def ask(request: HttpRequest, network: str) -> HttpResponse:
    """Ask every site in a running project for the months that are over."""
    place: Network = request.network
    require(request.user, Permission.PROJECT_CHANGE, network=place)
    reports.reports_ask(by=request.user, network=place, today=timezone.localdate())
    return redirect("rhythm:reports", network=place.slug)


def report(request: HttpRequest, network: str, pk: int) -> HttpResponse:
    """Show a report; its site writes it here."""
    place: Network = request.network
    found = selectors.report_for(user=request.user, network=place, pk=pk)
    writable = found.status in reports.WRITABLE and may(
        request.user, Permission.TEST_WRITE, network=place, site=found.site
    )
    form = forms.ReportForm(request.POST or None, instance=found) if writable else None
    if request.method == "POST":
        require(request.user, Permission.TEST_WRITE, network=place, site=found.site)
        if form is None or form.is_valid():
            fresh = Report.objects.get(pk=pk)
            said = form.cleaned_data if form else {}
            reports.report_write(by=request.user, report=fresh, submit="submit" in request.POST, **said)
            return redirect("rhythm:report", network=place.slug, pk=pk)
    return render(
        request, "rhythm/report.html", _context(request, found, form), status=422 if request.method == "POST" else 200
    )


@require_POST
def judge(request: HttpRequest, network: str, pk: int, step: str) -> HttpResponse:
    """Score a report, or answer it."""
    place: Network = request.network
    found = selectors.report_for(user=request.user, network=place, pk=pk)
    require(request.user, Permission.PROJECT_CHANGE, network=place)
    form: Any = forms.ScoreForm(request.POST) if step == "score" else forms.AnswerForm(request.POST)
    if not form.is_valid():
        context = _context(request, found, None) | {step: form}
        return render(request, "rhythm/report.html", context, status=422)
    service = reports.report_score if step == "score" else reports.report_answer
    service(by=request.user, report=found, **form.cleaned_data)
    return redirect("rhythm:report", network=place.slug, pk=pk)


def _context(request: HttpRequest, found: Report, form: Any) -> dict[str, Any]:
    place = found.project.network
    staff = may(request.user, Permission.PROJECT_CHANGE, network=place)
    scores = selectors.scores_seen(user=request.user, report=found)
    open_to_score = found.status in (Report.Status.SUBMITTED, Report.Status.REVIEWED)
    return {
        "report": found,
        "where": naming_for(user=request.user, network=place).name(found.site),
        "form": form,
        "scores": scores,
        "waiting": staff and found.status == Report.Status.SUBMITTED and found.scores.exists(),
        "score": forms.ScoreForm() if staff and open_to_score else None,
        "answer": forms.AnswerForm(initial={"score": found.score})
        if staff and found.status == Report.Status.REVIEWED
        else None,
    }
