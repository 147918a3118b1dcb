"""Loads the demonstration's monthly clock, meetings, ratings and plans by the services that any click uses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from allteach.simulate.rhythm import Told, told
from allteach.web.demo.portfolio import Stage
from allteach.web.health.selectors import grid_of
from allteach.web.health.services import plan_write, rating_give
from allteach.web.ledger.moment import told_on
from allteach.web.people.models import Person
from allteach.web.projects.models import Project
from allteach.web.rhythm.models import Report
from allteach.web.rhythm.services import lists, meetings, reports


def load_rhythm(stage: Stage) -> None:
    """Tell expectations, meetings, reports, checklists, ratings and plans; call it after the portfolio."""
    found = told()
    _expectations(stage, found)
    for meeting in found.meetings:
        _meeting(stage, meeting)
    _reports(stage, found)
    _ratings(stage, found)
    joining = lists.checklist_begin(by=stage.people["ada"], site=stage.sites[found.joining], kind="joining")
    for task, state in zip(joining, found.joining_states, strict=False):
        lists.task_move(by=stage.people["ada"], task=task, state=state)
    for plan in found.plans:
        words = dict(plan)
        projects = [stage.projects[key] for key in words.pop("projects")]
        plan_write(by=stage.people["ada"], network=stage.network, projects=projects, **words)


def _expectations(stage: Stage, found: Told) -> None:
    dee = stage.people["dee"]
    for phase, text, days in found.expectations:
        for project in Project.objects.filter(network=stage.network).exclude(phase__in=("closed", "stopped")):
            lists.expectation_add(by=dee, project=project, phase=phase, text=text, days=days)
    for key, text, site in found.met:
        expectation = stage.projects[key].expectations.get(text=text)
        lists.expectation_meet(by=dee, expectation=expectation, site=stage.sites[site])


def _meeting(stage: Stage, one: dict[str, Any]) -> None:
    dee, words = stage.people["dee"], dict(one)
    there, agreed = words.pop("there", ()), words.pop("agreed", ())
    starts = datetime.combine(words.pop("day"), datetime.min.time(), UTC) + timedelta(hours=14)
    words["project"] = stage.projects.get(words.get("project", ""))
    words["site"] = stage.sites.get(words.get("site", ""))
    with told_on(starts.date()):
        ends = starts + timedelta(hours=words.pop("hours", 1))
        meeting = meetings.meeting_call(by=dee, network=stage.network, starts=starts, ends=ends, **words)
        if there:
            meetings.attendance_set(by=dee, meeting=meeting, people=[_person(stage, name) for name in there])
        for text, owner, due, done in agreed:
            action = meetings.action_agree(by=dee, meeting=meeting, text=text, owner=_person(stage, owner), due=due)
            if done:
                meetings.action_finish(by=_person(stage, owner), action=action)


def _person(stage: Stage, name: str) -> Person:
    return stage.people[name] if name in stage.people else stage.people["ben"]


def _reports(stage: Stage, found: Told) -> None:
    """Ask on two days, so that some months are answered, some wait and some are due; then write what is told."""
    for day in found.asked_on:
        reports.reports_ask(by=None, network=stage.network, today=day)
    for one in found.reports:
        report = Report.objects.get(
            project=stage.projects[one["project"]], site=stage.sites[one["site"]], month=one["month"]
        )
        with told_on(report.due - timedelta(days=2)):
            _report(stage, report, one)
    keys = {project.pk: key for key, project in stage.projects.items()}
    late = []
    for report in Report.objects.filter(project__network=stage.network, status="due").select_related("site"):
        usual = found.report(keys[report.project_id], report.site.code, report.month)
        if usual is not None:
            with told_on(report.due - timedelta(days=1)):
                _report(stage, report, usual)
        elif report.due <= found.missed_before:
            late.append(report)
    reports.reports_close(by=None, network=stage.network, reports=late)


def _report(stage: Stage, report: Report, one: dict[str, Any]) -> None:
    by = stage.people.get(f"lead-{one['site']}", stage.people["ben"])
    words = {name: one[name] for name in ("wins", "barriers", "help_wanted", "plan") if name in one}
    own = Decimal(str(one["own"])) if "own" in one else None
    report = reports.report_write(by=by, report=report, submit=one.get("send", True), self_score=own, **words)
    for name, score, reason in one.get("scores", ()):
        reports.report_score(by=stage.people[name], report=report, score=Decimal(str(score)), reason=reason)
    if "answer" in one:
        score, words_back = one["answer"]
        fresh = Report.objects.get(pk=report.pk)
        reports.report_answer(by=stage.people["dee"], report=fresh, score=Decimal(str(score)), feedback=words_back)


def _ratings(stage: Stage, found: Told) -> None:
    grid = grid_of(user=stage.people["ada"], network=stage.network)
    keys = [component.key for component in grid.components]
    for year, name, levels in found.ratings:
        with told_on(date(year, 3, 2)):
            given = dict(zip(keys, levels, strict=True))
            rating_give(by=stage.people[name], network=stage.network, year=year, levels=given)
