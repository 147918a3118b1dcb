"""Fetching takes longer than a person should wait for; and the clock fetches what is due."""

from __future__ import annotations

from datetime import date

from django_tasks import task

from allteach.errors import AllteachError
from allteach.web.doors.models import Door, Fetch
from allteach.web.doors.schedule import is_due
from allteach.web.doors.services import fetch_queue, fetch_run
from allteach.web.people.models import Person
from allteach.web.sites.models import Network


@task()
def fetch_job(fetch_id: int, person_id: int) -> None:
    """Fetch through one door."""
    fetch = Fetch.objects.select_related("door__network", "door__site").get(pk=fetch_id)
    fetch_run(by=Person.objects.get(pk=person_id), fetch=fetch)


def fetch_later(*, by: Person, door: Door, by_clock: bool = False) -> Fetch:
    """Have a door fetched in a job; return the fetch as it then stands."""
    fetch = fetch_queue(by=by, door=door, by_clock=by_clock)
    fetch_job.enqueue(fetch.pk, by.pk)
    fetch.refresh_from_db()
    return fetch


def fetch_due(*, network: Network, today: date) -> tuple[list[Fetch], list[str]]:
    """Have every door fetched whose day has come. Safe to run again on the same day.

    Returns:
        The fetches, and what kept others from being fetched, in words.
    """
    fetched, kept_back = [], []
    doors = Door.objects.filter(network=network, is_open=True).exclude(every="")
    for door in doors.select_related("network", "site", "sender").prefetch_related("fetches"):
        last = max((one.at.date() for one in door.fetches.all() if one.by_clock), default=None)
        if is_due(door.every, last, today):
            try:
                fetched.append(fetch_later(by=door.sender, door=door, by_clock=True))
            except AllteachError as error:
                kept_back.append(f"{door.name}: {error}")
    return fetched, kept_back
