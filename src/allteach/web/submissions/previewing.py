"""What accepting a file would change: rows, the files it replaces, and each measure."""

from __future__ import annotations

from dataclasses import dataclass

from allteach.intake.contract import load
from allteach.registry.diff import Diff
from allteach.web.people.models import Person
from allteach.web.submissions import hooks, manifest
from allteach.web.submissions.hooks import Change
from allteach.web.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class Preview:
    """What accepting a file would change.

    Args:
        rows: Rows added, removed, changed and the same.
        replaces: Submissions of which rows would be replaced.
        changes: What each measure would change to.
        holds: ``whole`` or ``part``: what the file was said to hold.
        can_correct: Whether its rows have a key, so that a part can add and correct.
    """

    rows: Diff
    replaces: tuple[Submission, ...]
    changes: tuple[Change, ...]
    holds: str
    can_correct: bool


def preview(*, user: Person, submission: Submission) -> Preview | None:
    """Return what accepting would change, or None where there is nothing to accept."""
    if not submission.rows_kept:
        return None
    assert submission.table is not None
    changes: list[Change] = []
    for hook in hooks.previews:
        changes += hook(submission=submission, user=user)
    return Preview(
        rows=manifest.difference(submission),
        replaces=manifest.touched(submission),
        changes=tuple(changes),
        holds=submission.plan.get("holds", manifest.WHOLE),
        can_correct=bool(load(submission.table.dictionary).key),
    )
