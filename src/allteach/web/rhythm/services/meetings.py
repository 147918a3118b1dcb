"""Meetings: called, held, with who was there and what was agreed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from allteach.errors import StateError
from allteach.web.ledger import moment
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.rhythm.models import Action, Attendance, Meeting
from allteach.web.sites.models import Network


@transaction.atomic
def meeting_call(*, by: Person, network: Network, **fields: Any) -> Meeting:
    """Return a new meeting. `fields` are those of `Meeting`."""
    meeting = Meeting(network=network, called_by=by, **fields)
    return _keep(meeting, by, "meeting.called")


@transaction.atomic
def meeting_change(*, by: Person, meeting: Meeting, **fields: Any) -> Meeting:
    """Return the changed meeting: time, place, agenda, notes, or cancelled."""
    for name, value in fields.items():
        setattr(meeting, name, value)
    return _keep(meeting, by, "meeting.cancelled" if fields.get("cancelled") else "meeting.changed")


@transaction.atomic
def attendance_set(*, by: Person, meeting: Meeting, people: list[Person]) -> int:
    """Return how many were there; the list replaces the one before."""
    wanted = {person.pk for person in people}
    meeting.attendance.exclude(person_id__in=wanted).delete()
    there = set(meeting.attendance.values_list("person_id", flat=True))
    Attendance.objects.bulk_create(Attendance(meeting=meeting, person_id=pk) for pk in wanted - there)
    record(by=by, action="meeting.attended", network=meeting.network, about=str(meeting), count=len(wanted))
    return len(wanted)


@transaction.atomic
def action_agree(*, by: Person, meeting: Meeting, text: str, owner: Person, due: date) -> Action:
    """Return an action that somebody took on."""
    action = Action(meeting=meeting, text=text, owner=owner, due=due)
    action.full_clean()
    action.save()
    record(by=by, action="action.agreed", network=meeting.network, about=text[:120], owner=owner.username)
    return action


@transaction.atomic
def action_finish(*, by: Person, action: Action) -> Action:
    """Return the finished action.

    Raises:
        StateError: ``AT-T-210`` when it was finished before.
    """
    if action.done_at is not None:
        raise StateError("AT-T-210", "This action is done already.", where=action.text)
    action.done_at = moment.now()
    action.save()
    record(by=by, action="action.finished", network=action.meeting.network, about=action.text[:120])
    return action


def _keep(meeting: Meeting, by: Person, action: str) -> Meeting:
    meeting.full_clean()
    meeting.save()
    record(by=by, action=action, network=meeting.network, site=meeting.site, about=str(meeting))
    return meeting
