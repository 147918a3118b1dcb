"""One file: its findings, what it would change, and the decision."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allteach.errors import StateError
from allteach.web.submissions import answers, jobs, policies, previewing, selectors, services
from allteach.web.submissions.models import Submission

Status = Submission.Status


def _found(request: Any, number: int) -> Submission:
    return selectors.submission_for(user=request.user, network=request.network, number=number)


def _back(submission: Submission) -> HttpResponse:
    return redirect("submissions:file", network=submission.network.slug, number=submission.number)


@require_safe
def file(request: Any, network: str, number: int) -> HttpResponse:
    """Show one file in the state it is in."""
    submission = _found(request, number)
    if submission.status == Status.RECEIVED:
        return _received(request, submission)
    findings = selectors.findings_of(user=request.user, submission=submission)
    decide = policies.may_decide(request.user, submission)
    context = {
        "submission": submission,
        "item": submission,
        "findings": findings,
        "held": [finding for finding in findings if finding.severity == "hold"],
        "may_decide": decide,
        "may_name": policies.may_name_columns(request.user, submission.network),
        "unknown_sites": submission.scope.get("unknown_sites", []),
        "may_add_sites": policies.may_add_sites(request.user, submission.network),
        "span": selectors.span_of(submission),
        "seen": selectors.state_token(submission),
    }
    if submission.status == Status.CHECKED:
        context |= {
            "preview": previewing.preview(user=request.user, submission=submission),
            "at_work": bool(submission.step),
        }
    return render(request, "submissions/file.html", context)


def _received(request: Any, submission: Submission) -> HttpResponse:
    """Lead to naming the columns, or show how far the check is."""
    if submission.table is None:
        if policies.may_name_columns(request.user, submission.network):
            return redirect("submissions:columns", network=submission.network.slug, number=submission.number)
        return render(request, "submissions/unnamed.html", {"submission": submission, "item": submission})
    return render(request, "submissions/progress.html", _progress(submission))


def _progress(submission: Submission) -> dict[str, Any]:
    return {
        "submission": submission,
        "stopped": selectors.is_stopped(submission),
        "problem": submission.facts.get("problem"),
        "waits_long": selectors.waits_long(submission),
    }


@require_safe
def progress(request: Any, network: str, number: int) -> HttpResponse:
    """Return how far a file is, for a page that asks every second."""
    submission = _found(request, number)
    if not submission.step and (submission.status != Status.RECEIVED):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = _back(submission)["Location"]
        return answer
    return render(request, "submissions/_progress.html", _progress(submission))


@require_POST
def check(request: Any, network: str, number: int) -> HttpResponse:
    """Check a file again, after a stop or after sites were added."""
    submission = _found(request, number)
    policies.require_send(request.user, submission.network, submission.site)
    jobs.check_now_or_later(by=request.user, submission=submission)
    return _back(submission)


@require_POST
def add_sites(request: Any, network: str, number: int) -> HttpResponse:
    """Say that the sites the file names and the network does not know are to be added when it is accepted."""
    submission = services.plan_new_sites(by=request.user, submission=_found(request, number))
    jobs.check_now_or_later(by=request.user, submission=submission)
    return _back(submission)


@require_POST
def declare(request: Any, network: str, number: int) -> HttpResponse:
    """Say whether a file holds everything of its sites and periods, or only additions and corrections."""
    submission = _found(request, number)
    return _back(services.declare(by=request.user, submission=submission, holds=request.POST.get("holds", "")))


@require_POST
def accept(request: Any, network: str, number: int) -> HttpResponse:
    """Accept a file."""
    submission = _found(request, number)
    if request.POST.get("seen") and request.POST["seen"] != selectors.state_token(submission):
        raise StateError(
            "AT-T-036",
            _("The file or what it would change has moved on since you opened the page."),
            where=_("submission %(number)d") % {"number": submission.number},
            do=_("Open the file's page again and look at what would change now."),
        )
    submission = jobs.accept_now_or_later(by=request.user, submission=submission, note=request.POST.get("note", ""))
    return _back(submission)


@require_POST
def reject(request: Any, network: str, number: int) -> HttpResponse:
    """Reject a file, with a reason."""
    submission = services.reject(by=request.user, submission=_found(request, number), note=request.POST.get("note", ""))
    messages.success(request, _("The file is rejected. Nothing was taken from it."))
    return _back(submission)


@require_POST
def withdraw(request: Any, network: str, number: int) -> HttpResponse:
    """Take an accepted file back, with a reason."""
    submission = services.withdraw(
        by=request.user, submission=_found(request, number), note=request.POST.get("note", "")
    )
    messages.success(request, _("The file is withdrawn. Its rows no longer count."))
    return _back(submission)


@require_safe
def answer_file(request: HttpRequest, network: str, number: int) -> FileResponse:
    """Send the file back with one more column that says what was found in each row."""
    submission = _found(request, number)
    if submission.table is None or not submission.rows_read:
        raise Http404
    name, body = answers.with_messages(submission)
    return FileResponse(BytesIO(body), as_attachment=True, filename=name)
