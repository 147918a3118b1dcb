"""Reads and checks a file. What is good is stored aside; nothing of it counts before somebody accepts it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import IntakeError, StateError
from allteach.intake.findings import Finding as Found
from allteach.intake.findings import Severity, about_file
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.submissions import manifest, policies, summaries
from allteach.web.submissions.examining import examine
from allteach.web.submissions.models import Finding, Submission
from allteach.web.submissions.services.progress import _note

Status = Submission.Status
SHOWN_ROWS = 1000


@dataclass(slots=True)
class _Outcome:
    """What a check came to, before it is written down."""

    findings: tuple[Found, ...]
    scope: dict[str, Any]
    read: int = 0
    kept: int = 0

    @property
    def stopped(self) -> bool:
        return any(finding.severity is Severity.REJECT for finding in self.findings)


def check(*, by: Person, submission: Submission) -> Submission:
    """Check a file against its table and return the submission with findings and what it speaks for.

    The long work is done outside the transaction, so that others can write meanwhile.

    Raises:
        Refused: ``AT-P-020``.
        StateError: ``AT-T-033`` when the file is decided, ``AT-T-037`` when its columns have no names yet.
    """
    policies.require_send(by, submission.network, submission.site)
    if submission.status not in (Status.RECEIVED, Status.CHECKED):
        raise StateError(
            "AT-T-033",
            _("A file that is decided is not checked again."),
            where=_("submission %(number)d") % {"number": submission.number},
            do=_("Send the file again."),
        )
    if submission.table is None:
        raise StateError("AT-T-037", _("The columns of this file have no names yet."), do=_("Name its columns first."))
    _note(submission, "read")
    outcome = _examine(submission)
    with transaction.atomic():
        _write_down(by, submission, outcome)
        record(
            by=by,
            action="submission.checked",
            network=submission.network,
            site=submission.site,
            about=f"submission {submission.number}",
            rows=outcome.read,
            kept=outcome.kept,
            stopped=outcome.stopped,
            codes=sorted({finding.code for finding in outcome.findings}),
        )
    return submission


def _examine(submission: Submission) -> _Outcome:
    """Read, check and store the good rows aside."""
    try:
        found = examine(submission, note=lambda step: _note(submission, step))
    except IntakeError as error:
        return _Outcome((_as_finding(error),), {})
    checked = found.checked
    outcome = _Outcome(checked.findings, {"fhir": dict(found.fhir)} if found.fhir else {}, read=checked.rows_read)
    if outcome.stopped:
        return outcome
    _note(submission, "keep")
    good = found.good()
    outcome.kept = good.num_rows
    outcome.scope |= {
        "sites": summaries.summary(good, found.dictionary),
        "held": summaries.held_days(checked, found.codes),
        "broken": summaries.broken_rows(checked, found.codes),
        "unknown_sites": [asdict(site) for site in found.unknown],
    }
    if outcome.kept:
        outcome.scope["file"] = manifest.stage(submission, good, found.dictionary)
    return outcome


def _as_finding(error: IntakeError) -> Found:
    """Return a file that cannot be read as a finding about it."""
    message = " ".join(part for part in (error.what, error.expected) if part)
    return about_file(error.code, Severity.REJECT, message, error.do)


def _write_down(by: Person, submission: Submission, outcome: _Outcome) -> None:
    """Replace the findings and move the file on; a file that stops is rejected, unless its columns can be renamed."""
    status = Status.REJECTED if outcome.stopped and not submission.plan.get("named_here") else Status.CHECKED
    closed = status == Status.REJECTED
    first = next((finding for finding in outcome.findings if finding.severity is Severity.REJECT), None)
    moved = Submission.objects.filter(pk=submission.pk, status__in=[Status.RECEIVED, Status.CHECKED]).update(
        status=status,
        scope=outcome.scope,
        rows_read=outcome.read,
        rows_kept=outcome.kept,
        rows_held=max(0, outcome.read - outcome.kept) if not outcome.stopped else 0,
        decided_by=by if closed else None,
        decided_at=timezone.now() if closed else None,
        decision_note=_("Stopped by the check: %(why)s") % {"why": first.message} if closed and first else "",
        facts={},
        step="",
    )
    if not moved:
        raise StateError("AT-T-033", _("The file was decided while it was being checked."))
    submission.findings.all().delete()
    Finding.objects.bulk_create(
        Finding(
            submission=submission,
            code=found.code,
            severity=found.severity.value,
            column=found.column[:200],
            rows=found.first_rows(SHOWN_ROWS),
            count=found.count,
            message=found.message,
            fix=found.fix,
        )
        for found in outcome.findings
    )
    submission.refresh_from_db()
