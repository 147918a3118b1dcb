"""Monthly reports: asked for, written, scored by two people independently, reconciled, answered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from allteach.errors import StateError
from allteach.web.ledger import moment
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.projects.models import CohortSite, Project
from allteach.web.projects.policy import Phase
from allteach.web.rhythm.clock import months_to_ask, report_due, scores_agree
from allteach.web.rhythm.models import Report, Score
from allteach.web.sites.models import Network

REPORTING = (Phase.TEST_LEARN, Phase.SHARE_SPREAD, Phase.SUSTAIN)
WRITABLE = (Report.Status.DUE, Report.Status.DRAFT, Report.Status.MISSED)
SCORES_WANTED = 2


@transaction.atomic
def reports_ask(*, by: Person | None, network: Network, today: date, back: int = 2) -> list[Report]:
    """Return the reports newly asked for: each site in a project that tests or spreads, each month that is over.

    Args:
        by: Who asks; None when the clock does.
        network: Where.
        today: The day.
        back: So many months back at most, so that old projects are not flooded.
    """
    projects = Project.objects.filter(network=network, phase__in=REPORTING, on_hold=False)
    members = CohortSite.objects.filter(cohort__project__in=projects, left__isnull=True, site__status="active")
    members = members.exclude(cohort__kind="comparison").select_related("cohort__project", "site")
    known = set(Report.objects.filter(project__in=projects).values_list("project_id", "site_id", "month"))
    new: dict[tuple[int, int, date], Report] = {}
    for member in members:
        project = member.cohort.project
        for month in months_to_ask(max(member.joined, member.cohort.starts), today)[-back:]:
            key = (project.pk, member.site_id, month)
            if key not in known:
                new[key] = Report(project=project, site=member.site, month=month, due=report_due(month))
    made = Report.objects.bulk_create(list(new.values()))
    if made:
        record(by=by, action="reports.asked", network=network, count=len(made))
    return made


@transaction.atomic
def report_write(*, by: Person, report: Report, submit: bool, **fields: Any) -> Report:
    """Return the report as a draft, or submitted.

    Raises:
        StateError: ``AT-T-201`` when it is already in, ``AT-T-202`` when it says nothing.
    """
    report = _locked(report)
    if report.status not in WRITABLE:
        raise StateError("AT-T-201", "This report is already in.", where=str(report), do="Ask your coach to change it.")
    for name, value in fields.items():
        setattr(report, name, value)
    if submit and not any((report.wins, report.barriers, report.help_wanted, report.plan)):
        raise StateError("AT-T-202", "The report says nothing yet.", where=str(report), do="One sentence is enough.")
    report.status = Report.Status.SUBMITTED if submit else Report.Status.DRAFT
    if submit:
        report.submitted_by, report.submitted_at = by, moment.now()
    return _keep(report, by, "report.submitted" if submit else "report.drafted")


@transaction.atomic
def report_score(*, by: Person, report: Report, score: Decimal, reason: str) -> Score:
    """Return one person's own score; with the second one the report counts as scored.

    Two scores half a step apart or less are reconciled to their mean at once; others wait for `report_answer`.

    Raises:
        StateError: ``AT-T-203`` when the report is not in or answered already, ``AT-T-204`` without a reason.
    """
    report = _locked(report)
    if report.status not in (Report.Status.SUBMITTED, Report.Status.REVIEWED):
        raise StateError("AT-T-203", "Only a submitted report is scored, until it is answered.", where=str(report))
    if not reason.strip():
        raise StateError("AT-T-204", "A score needs its reason.", where=str(report), do="Write one sentence.")
    given, _ = Score.objects.update_or_create(
        report=report, person=by, defaults={"score": score, "reason": reason.strip(), "given_at": moment.now()}
    )
    given.full_clean()
    scores = list(report.scores.order_by("given_at").values_list("score", flat=True))
    if len(scores) >= SCORES_WANTED:
        report.status = Report.Status.REVIEWED
        agree = scores_agree(float(min(scores)), float(max(scores)))
        report.score = _to_half(sum(scores, Decimal(0)) / len(scores)) if agree else None
    _keep(report, by, "report.scored")
    return given


@transaction.atomic
def report_answer(*, by: Person, report: Report, score: Decimal, feedback: str) -> Report:
    """Return the answered report, with the score that both stand by and words for the site.

    Raises:
        StateError: ``AT-T-205`` before two people have scored it, ``AT-T-206`` without words.
    """
    report = _locked(report)
    if report.status != Report.Status.REVIEWED:
        raise StateError("AT-T-205", "Two people score a report on their own before it is answered.", where=str(report))
    if not feedback.strip():
        raise StateError("AT-T-206", "The site is owed words, not only a number.", where=str(report))
    report.score, report.feedback, report.status = score, feedback.strip(), Report.Status.ANSWERED
    report.answered_by, report.answered_at = by, moment.now()
    return _keep(report, by, "report.answered", score=str(score))


@transaction.atomic
def reports_close(*, by: Person | None, network: Network, reports: list[Report]) -> int:
    """Return how many reports were marked as missed; they can still be sent."""
    for report in reports:
        report.status = Report.Status.MISSED
        report.save(update_fields=["status"])
    if reports:
        record(by=by, action="reports.missed", network=network, count=len(reports))
    return len(reports)


def _to_half(score: Decimal) -> Decimal:
    return (score * 2).quantize(Decimal("1")) / 2


def _locked(report: Report) -> Report:
    return Report.objects.select_for_update(of=("self",)).select_related("project__network", "site").get(pk=report.pk)


def _keep(report: Report, by: Person, action: str, **detail: Any) -> Report:
    report.full_clean()
    report.save()
    record(by=by, action=action, network=report.project.network, site=report.site, about=str(report), **detail)
    return report
