"""The sender's own file back, with one more column that says what to correct in each row."""

from __future__ import annotations

from pathlib import Path

from allteach.intake.annotate import annotate
from allteach.web.submissions import store
from allteach.web.submissions.examining import examine
from allteach.web.submissions.models import Submission


def with_messages(submission: Submission) -> tuple[str, bytes]:
    """Return a name for the file and its bytes.

    The check is run again, because only the first rows of a finding are kept.

    Raises:
        IntakeError: ``AT-I`` when no table can be made of the file.
    """
    found = examine(submission)
    original = store.original(submission.network.slug, submission.file_hash)
    body, ending = annotate(found.raw, found.checked.findings, original)
    return f"{Path(submission.file_name).stem[:80]}-with-messages.{ending}", body
