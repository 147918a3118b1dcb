"""People decide on checked files. Each step is one transaction; a file that is gone from its state is not moved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import IntakeError, StateError
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.sites.models import Network
from allteach.web.sites.services import add_sites
from allteach.web.submissions import hooks, manifest, policies
from allteach.web.submissions.models import Finding, Submission

Status = Submission.Status


@transaction.atomic
def accept(*, by: Person, submission: Submission, note: str = "") -> Submission:
    """Make the rows of a checked file current and return the submission with what that changed.

    Raises:
        Refused: ``AT-P-021`` when the person may not decide.
        StateError: ``AT-T-033`` when the file is not waiting for a decision, ``AT-T-034`` when it has no rows to keep.
    """
    policies.require_decide(by, submission)
    Network.objects.select_for_update().get(pk=submission.network_id)
    if not submission.rows_kept:
        raise StateError(
            "AT-T-034",
            _("None of the rows can be kept, so there is nothing to accept."),
            where=_("submission %(number)d") % {"number": submission.number},
            do=_("Correct the file and send it again."),
        )
    now = timezone.now()
    _move(submission, Status.CHECKED, Status.ACCEPTED, by=by, at=now, note=note)
    added = _add_new_sites(by, submission)
    changed = manifest.make_current(submission, at=now)
    for old in changed.emptied:
        _move(
            old,
            Status.ACCEPTED,
            Status.SUPERSEDED,
            by=old.decided_by,
            at=old.decided_at,
            note=old.decision_note,
            replaced_by=submission,
        )
    facts: dict[str, Any] = {"rows_added": changed.added, "rows_removed": changed.removed, "new_sites": added}
    for hook in hooks.accepted:
        facts |= hook(submission=submission, by=by) or {}
    submission.facts = facts
    submission.save(update_fields=["facts"])
    record(
        by=by,
        action="submission.accepted",
        network=submission.network,
        site=submission.site,
        about=f"submission {submission.number}",
        rows=submission.rows_kept,
        held=submission.rows_held,
        replaces=[old.number for old in changed.emptied],
        hash=submission.file_hash,
        note=note,
    )
    return submission


@transaction.atomic
def reject(*, by: Person, submission: Submission, note: str) -> Submission:
    """Close a file without taking anything from it, and return it. The note tells the sender why.

    Raises:
        Refused: ``AT-P-021``.
        StateError: ``AT-T-033`` when it is decided already, ``AT-T-035`` without a note.
    """
    policies.require_decide(by, submission)
    if not note.strip():
        raise StateError("AT-T-035", _("A rejected file needs a reason."), do=_("Write one sentence for the sender."))
    _move(submission, submission.status, Status.REJECTED, by=by, at=timezone.now(), note=note.strip())
    record(
        by=by,
        action="submission.rejected",
        network=submission.network,
        site=submission.site,
        about=f"submission {submission.number}",
        note=note.strip(),
    )
    return submission


@transaction.atomic
def refuse(*, by: Person, submission: Submission, error: IntakeError) -> Submission:
    """Close a file that no table can be made of, with what was wrong as its finding, and return it.

    Raises:
        Refused: ``AT-P-020``.
        StateError: ``AT-T-033`` when it is decided already.
    """
    policies.require_send(by, submission.network, submission.site)
    why = " ".join(part for part in (error.what, error.expected) if part)
    note = _("Stopped by the check: %(why)s") % {"why": error.what}
    _move(submission, Status.RECEIVED, Status.REJECTED, by=by, at=timezone.now(), note=note)
    Finding.objects.create(submission=submission, code=error.code, severity="reject", message=why, fix=error.do)
    record(
        by=by,
        action="submission.refused",
        network=submission.network,
        site=submission.site,
        about=f"submission {submission.number}",
        code=error.code,
    )
    return submission


@transaction.atomic
def withdraw(*, by: Person, submission: Submission, note: str) -> Submission:
    """Take an accepted file's rows out of the results and return it; what it had replaced counts again.

    Raises:
        Refused: ``AT-P-021``.
        StateError: ``AT-T-033`` when it is not accepted, ``AT-T-035`` without a note.
    """
    policies.require_decide(by, submission)
    if not note.strip():
        raise StateError("AT-T-035", _("A withdrawn file needs a reason."), do=_("Write one sentence for the record."))
    Network.objects.select_for_update().get(pk=submission.network_id)
    now = timezone.now()
    _move(submission, Status.ACCEPTED, Status.WITHDRAWN, by=by, at=now, note=note.strip())
    changed = manifest.take_back(submission, at=now)
    for old in changed.revived:
        _move(old, Status.SUPERSEDED, Status.ACCEPTED, by=old.decided_by, at=old.decided_at, note=old.decision_note)
    facts: dict[str, Any] = {"rows_removed": changed.removed, "rows_back": changed.added}
    for hook in hooks.accepted:
        facts |= hook(submission=submission, by=by) or {}
    submission.facts = facts
    submission.save(update_fields=["facts"])
    record(
        by=by,
        action="submission.withdrawn",
        network=submission.network,
        site=submission.site,
        about=f"submission {submission.number}",
        rows=changed.removed,
        back=[old.number for old in changed.revived],
        note=note.strip(),
    )
    return submission


_ALLOWED = {
    (Status.CHECKED, Status.ACCEPTED),
    (Status.RECEIVED, Status.REJECTED),
    (Status.CHECKED, Status.REJECTED),
    (Status.ACCEPTED, Status.SUPERSEDED),
    (Status.ACCEPTED, Status.WITHDRAWN),
    (Status.SUPERSEDED, Status.ACCEPTED),  # when what replaced it is withdrawn
}


def _move(
    submission: Submission,
    old: str,
    new: Status,
    *,
    by: Person | None,
    at: datetime | None,
    note: str,
    replaced_by: Submission | None = None,
) -> None:
    """Move a submission if it still is where the caller believes, so that two people cannot both decide."""
    moved = 0
    if (old, new) in _ALLOWED:
        moved = Submission.objects.filter(pk=submission.pk, status=old).update(
            status=new, decided_by=by, decided_at=at, decision_note=note, replaced_by=replaced_by, step=""
        )
    if not moved:
        now = Submission.objects.get(pk=submission.pk)
        raise StateError(
            "AT-T-033",
            _("This step is not possible: the file is “%(status)s”.") % {"status": now.get_status_display().lower()},
            where=_("submission %(number)d") % {"number": submission.number},
            do=_("Open the file's page again to see what can be done now."),
        )
    submission.refresh_from_db()


def _add_new_sites(by: Person, submission: Submission) -> int:
    """Add the sites that the sender confirmed, and return how many."""
    new = submission.plan.get("new_sites", [])
    if new:
        add_sites(by=by, network=submission.network, sites=[(site["code"], site["name"]) for site in new])
    return len(new)
