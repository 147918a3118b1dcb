"""Work that takes longer than a person should wait for: checking and accepting large files."""

from __future__ import annotations

import logging

from django_tasks import task

from allteach.errors import AllteachError
from allteach.web.people.models import Person
from allteach.web.sites.models import Network
from allteach.web.submissions import store
from allteach.web.submissions.models import Submission
from allteach.web.submissions.services import accept, check, fail, queue

log = logging.getLogger(__name__)


@task()
def check_job(submission_id: int, person_id: int) -> None:
    """Check one file."""
    submission = Submission.objects.select_related("network", "table", "site").get(pk=submission_id)
    by = Person.objects.get(pk=person_id)
    try:
        check(by=by, submission=submission)
    except AllteachError as error:
        fail(by=by, submission=submission, error=error)


@task()
def accept_job(submission_id: int, person_id: int, note: str) -> None:
    """Accept one file."""
    submission = Submission.objects.select_related("network", "table", "site").get(pk=submission_id)
    by = Person.objects.get(pk=person_id)
    try:
        accept(by=by, submission=submission, note=note)
    except AllteachError as error:
        fail(by=by, submission=submission, error=error)


def check_now_or_later(*, by: Person, submission: Submission) -> Submission:
    """Check a small file at once and a large one in a job; return the submission as it then stands."""
    if store.is_small(submission.file_name, submission.size):
        return check(by=by, submission=submission)
    queue(by=by, submission=submission, step="check")
    check_job.enqueue(submission.pk, by.pk)
    submission.refresh_from_db()
    return submission


def accept_now_or_later(*, by: Person, submission: Submission, note: str = "") -> Submission:
    """Accept a small file at once and a large one in a job; return the submission as it then stands.

    Where Spark works measures out, always in a job: it takes ten seconds to start, and its memory once.
    """
    if store.is_small(submission.file_name, submission.size) and submission.network.engine == Network.Engine.DUCKDB:
        return accept(by=by, submission=submission, note=note)
    queue(by=by, submission=submission, step="accept")
    accept_job.enqueue(submission.pk, by.pk, note)
    submission.refresh_from_db()
    return submission
