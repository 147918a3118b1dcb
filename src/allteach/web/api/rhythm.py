"""The monthly clock over the API: reports with their scores, and meetings."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ninja import Router, Schema, Status

from allteach.web.api.problems import PROBLEMS
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.projects.selectors import project_for
from allteach.web.rhythm import selectors
from allteach.web.rhythm.models import Meeting, Report
from allteach.web.rhythm.services import meetings as calls
from allteach.web.rhythm.services import reports as services
from allteach.web.sites.selectors import network_for, site_for

router = Router()


class ReportOut(Schema):
    """A site's report on a project for one month. Scores of the staff are for them alone."""

    id: int
    project: int
    site: str
    month: date
    due: date
    status: str
    wins: str
    barriers: str
    help_wanted: str
    plan: str
    self_score: Decimal | None
    score: Decimal | None
    feedback: str


class ReportBody(Schema):
    """A month in a few sentences; `submit` sends it, otherwise it stays a draft."""

    wins: str = ""
    barriers: str = ""
    help_wanted: str = ""
    plan: str = ""
    self_score: Decimal | None = None
    submit: bool = False


class ScoreIn(Schema):
    """One's own score, 0.5 to 5 in half steps, and why."""

    score: Decimal
    reason: str


class AnswerBody(Schema):
    """The score both stand by, and words for the site."""

    score: Decimal
    feedback: str


class MeetingOut(Schema):
    """A meeting."""

    id: int
    kind: str
    title: str
    starts: datetime
    ends: datetime
    place: str
    agenda: str
    notes: str
    project: int | None
    cancelled: bool


class MeetingIn(Schema):
    """A meeting to call; `site` for a coaching hour."""

    kind: str
    title: str
    starts: datetime
    ends: datetime
    place: str = ""
    agenda: str = ""
    project: int | None = None
    site: str = ""


def _out(report: Report) -> dict[str, Any]:
    answered = report.status == Report.Status.ANSWERED
    names = ("month", "due", "status", "wins", "barriers", "help_wanted", "plan", "self_score", "feedback")
    return {name: getattr(report, name) for name in names} | {
        "id": report.pk,
        "project": report.project.number,
        "site": report.site.code,
        "score": report.score if answered else None,
    }


def _meeting(meeting: Meeting) -> dict[str, Any]:
    names = ("kind", "title", "starts", "ends", "place", "agenda", "notes", "cancelled")
    project = meeting.project.number if meeting.project else None
    return {name: getattr(meeting, name) for name in names} | {"id": meeting.pk, "project": project}


@router.get("/n/{slug}/reports", response={200: list[ReportOut]} | PROBLEMS)
def reports(request: Any, slug: str, status: str = "") -> Any:
    """Return the reports that the asking person may read, newest month first."""
    found = selectors.reports_of(user=request.user, network=network_for(user=request.user, slug=slug))
    return [_out(report) for report in (found.filter(status=status) if status else found)[:1000]]


@router.get("/n/{slug}/reports/{int:pk}", response={200: ReportOut} | PROBLEMS)
def report(request: Any, slug: str, pk: int) -> Any:
    """Return one report."""
    network = network_for(user=request.user, slug=slug)
    return _out(selectors.report_for(user=request.user, network=network, pk=pk))


@router.put("/n/{slug}/reports/{int:pk}", response={200: ReportOut} | PROBLEMS)
def write_report(request: Any, slug: str, pk: int, said: ReportBody) -> Any:
    """Write a report of one's own site."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.report_for(user=request.user, network=network, pk=pk)
    require(request.user, Permission.TEST_WRITE, network=network, site=found.site)
    return _out(services.report_write(by=request.user, report=found, **said.dict()))


@router.post("/n/{slug}/reports/{int:pk}/score", response={200: ReportOut} | PROBLEMS)
def score_report(request: Any, slug: str, pk: int, said: ScoreIn) -> Any:
    """Give one's own score; nobody sees another's before two are in."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.report_for(user=request.user, network=network, pk=pk)
    require(request.user, Permission.PROJECT_CHANGE, network=network)
    services.report_score(by=request.user, report=found, score=said.score, reason=said.reason)
    return _out(selectors.report_for(user=request.user, network=network, pk=pk))


@router.post("/n/{slug}/reports/{int:pk}/answer", response={200: ReportOut} | PROBLEMS)
def answer_report(request: Any, slug: str, pk: int, said: AnswerBody) -> Any:
    """Answer a report that two people have scored."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.report_for(user=request.user, network=network, pk=pk)
    require(request.user, Permission.PROJECT_CHANGE, network=network)
    return _out(services.report_answer(by=request.user, report=found, score=said.score, feedback=said.feedback))


@router.get("/n/{slug}/meetings", response={200: list[MeetingOut]} | PROBLEMS)
def meetings(request: Any, slug: str) -> Any:
    """Return the meetings that the asking person may see, earliest first."""
    network = network_for(user=request.user, slug=slug)
    return [_meeting(one) for one in selectors.meetings_of(user=request.user, network=network)]


@router.post("/n/{slug}/meetings", response={201: MeetingOut} | PROBLEMS)
def call_meeting(request: Any, slug: str, said: MeetingIn) -> Any:
    """Call a meeting."""
    network = network_for(user=request.user, slug=slug)
    require(request.user, Permission.PROJECT_CHANGE, network=network)
    words = said.dict()
    number, code = words.pop("project"), words.pop("site")
    words["project"] = project_for(user=request.user, network=network, number=number) if number is not None else None
    words["site"] = site_for(user=request.user, network=network, code=code) if code else None
    return Status(201, _meeting(calls.meeting_call(by=request.user, network=network, **words)))
