"""How far a file is. A person looks at this every second; a killed process leaves it behind, which shows."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from allteach.errors import AllteachError
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.submissions.models import Submission


@transaction.atomic
def queue(*, by: Person, submission: Submission, step: str) -> Submission:
    """Say that a job will check or accept this file, and return it."""
    _note(submission, "queue")
    record(
        by=by,
        action="submission.queued",
        network=submission.network,
        site=submission.site,
        about=f"submission {submission.number}",
        step=step,
    )
    return submission


@transaction.atomic
def fail(*, by: Person, submission: Submission, error: AllteachError) -> Submission:
    """Say that a job could not do its work and why, and return the file, unchanged otherwise."""
    submission.refresh_from_db()
    submission.facts = submission.facts | {
        "problem": {"code": error.code, "what": error.what, "expected": error.expected, "do": error.do}
    }
    submission.step = ""
    submission.save(update_fields=["facts", "step"])
    record(
        by=by,
        action="submission.work_failed",
        network=submission.network,
        site=submission.site,
        about=f"submission {submission.number}",
        code=error.code,
    )
    return submission


def _note(submission: Submission, step: str) -> None:
    """Write down the step, outside any long transaction, so that others see it at once."""
    submission.step, submission.step_at = step, timezone.now()
    submission.save(update_fields=["step", "step_at"])
