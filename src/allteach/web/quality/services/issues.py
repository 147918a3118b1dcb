"""What people do with an issue: take it, talk about it, mend it, or live with it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as day_text
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.web.ledger.services import record
from allteach.web.people.models import Membership, Person
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.people.selectors import in_force
from allteach.web.quality.models import Event, Issue

Status = Issue.Status


def owners_of(issue: Issue) -> list[Person]:
    """Return who can own an issue: the people of its site, and those who look after the network's data."""
    held = Membership.objects.filter(in_force(), network=issue.network, person__is_active=True).select_related("person")
    site = held.filter(site=issue.site, role__in=("site_lead", "site_member"))
    staff = held.filter(role__in=("network_lead", "data_analyst"))
    people = {member.person_id: member.person for member in (*site, *staff)}
    return sorted(people.values(), key=lambda person: str(person))


@transaction.atomic
def issue_assign(*, by: Person, issue: Issue, owner: Person | None, due: date | None, text: str = "") -> Issue:
    """Return the issue with its owner and due date.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-240`` when it is closed, ``AT-T-241`` when the owner cannot see it.
    """
    issue = _locked(by, issue, Permission.QUALITY_WORK)
    _need_open(issue)
    if owner is None or owner.pk not in {person.pk for person in owners_of(issue)}:
        raise StateError(
            "AT-T-241",
            _("This person cannot look after the issue."),
            where=str(issue),
            expected=_("Somebody of the site's team, or of those who look after the network's data."),
            do=_("Choose one of them."),
        )
    issue.owner, issue.due, issue.status = owner, due, Status.ASSIGNED
    said = str(owner)
    if due:
        said = _("%(owner)s, until %(due)s") % {"owner": owner, "due": day_text(due, "j M Y")}
    return _keep(by, issue, Event.Kind.ASSIGNED, "\n".join(part for part in (said, text.strip()) if part))


@transaction.atomic
def issue_comment(*, by: Person, issue: Issue, text: str) -> Issue:
    """Return the issue with one more comment.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-242`` without words.
    """
    issue = _locked(by, issue, Permission.QUALITY_WORK)
    return _keep(by, issue, Event.Kind.COMMENT, _words(text, issue))


@transaction.atomic
def issue_fix(*, by: Person, issue: Issue, text: str) -> Issue:
    """Return the issue as fixed; the next check opens it again when that is not so.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-240`` when it is closed, ``AT-T-242`` without words.
    """
    issue = _locked(by, issue, Permission.QUALITY_WORK)
    _need_open(issue)
    issue.status, issue.closed_at = Status.FIXED, timezone.now()
    return _keep(by, issue, Event.Kind.FIXED, _words(text, issue))


@transaction.atomic
def issue_accept(*, by: Person, issue: Issue, text: str) -> Issue:
    """Return the issue as accepted for what it is, with the reason; it opens again when it gets worse.

    Raises:
        Refused: ``AT-P-002``: only who may accept the site's files.
        StateError: ``AT-T-240`` when it is closed, ``AT-T-242`` without a reason.
    """
    issue = _locked(by, issue, Permission.DATA_ACCEPT)
    _need_open(issue)
    issue.reason = _words(text, issue)
    issue.status, issue.closed_at = Status.ACCEPTED, timezone.now()
    return _keep(by, issue, Event.Kind.ACCEPTED, issue.reason)


@transaction.atomic
def issue_reopen(*, by: Person, issue: Issue, text: str) -> Issue:
    """Return the issue as open again.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-240`` when it is open, ``AT-T-242`` without words.
    """
    issue = _locked(by, issue, Permission.QUALITY_WORK)
    if issue.is_open:
        raise StateError("AT-T-240", _("This issue is open already."), where=str(issue))
    said = _words(text, issue)
    issue.status = Status.ASSIGNED if issue.owner_id else Status.OPEN
    issue.closed_at, issue.reason = None, ""
    return _keep(by, issue, Event.Kind.REOPENED, said)


def _locked(by: Person, issue: Issue, permission: Permission) -> Issue:
    require(by, permission, network=issue.network, site=issue.site_id)
    return Issue.objects.select_for_update(of=("self",)).select_related("network", "site", "owner").get(pk=issue.pk)


def _need_open(issue: Issue) -> None:
    if not issue.is_open:
        raise StateError(
            "AT-T-240",
            _("This issue is closed: %(state)s.") % {"state": str(issue.get_status_display()).lower()},
            where=str(issue),
            do=_("Open it again first."),
        )


def _words(text: str, issue: Issue) -> str:
    if not text.strip():
        raise StateError("AT-T-242", _("A few words are needed."), where=str(issue), do=_("Write one sentence."))
    return text.strip()


def _keep(by: Person, issue: Issue, kind: Event.Kind, text: str, **detail: Any) -> Issue:
    issue.save()
    Event.objects.create(issue=issue, at=timezone.now(), by=by, kind=kind, text=text)
    record(
        by=by, action=f"issue.{kind.value}", network=issue.network, site=issue.site,
        about=f"issue {issue.number}", check=issue.check_name, column=issue.column, **detail,
    )  # fmt: skip
    return issue
