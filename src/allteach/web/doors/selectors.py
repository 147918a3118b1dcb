"""Reading doors. A person sees those of the places they may send data for, or all when they look after doors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from allteach.errors import Refused
from allteach.web.doors import policies
from allteach.web.doors.models import Door, Fetch
from allteach.web.people.permissions import may_somewhere, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network

SHOWN_FETCHES = 12
LONGEST = timedelta(minutes=20)


def may_see_doors(*, user: Any, network: Network) -> bool:
    """Return whether the person has anything to do with doors here."""
    return may_somewhere(user, Permission.DATA_SUBMIT, network=network) or policies.may_change(user, network)


def doors_of(*, user: Any, network: Network) -> QuerySet[Door]:
    """Return the doors that a person may fetch through or change, each with what it last came to.

    Raises:
        Refused: ``AT-P-042`` when the person has nothing to do with data here.
    """
    require(user, Permission.NETWORK_VIEW, network=network)
    if not may_see_doors(user=user, network=network):
        raise Refused(
            "AT-P-042",
            "Doors are for those who send data.",
            do="Ask the network's lead if you need something from them.",
        )
    latest = Fetch.objects.filter(door=OuterRef("pk")).order_by("-pk")
    found = Door.objects.filter(network=network).select_related("site", "network")
    found = found.annotate(
        last_state=Subquery(latest.values("state")[:1]),
        last_at=Subquery(latest.values("at")[:1]),
        last_rows=Subquery(latest.values("rows")[:1]),
        last_number=Subquery(latest.values("submission__number")[:1]),
    )
    if policies.may_change(user, network):
        return found
    sites = site_ids_where(user, Permission.DATA_SUBMIT, network=network)
    return found if sites is None else found.filter(Q(site__in=sites))


def door_for(*, user: Any, network: Network, number: int) -> Door:
    """Return one door.

    Raises:
        Http404: there is none of this number that the person may see.
        Refused: ``AT-P-042``.
    """
    door = doors_of(user=user, network=network).select_related("made_by", "sender").filter(number=number).first()
    if door is None:
        raise Http404
    return door


def at_work(fetch: Fetch) -> bool:
    """Return whether a fetch is under way; one that has not ended for long was killed with its process."""
    return fetch.state in (Fetch.State.QUEUED, Fetch.State.RUNNING) and timezone.now() - fetch.at < LONGEST


def fetches_of(door: Door) -> list[Fetch]:
    """Return the last times that a door was asked, newest first."""
    return list(door.fetches.select_related("by", "submission", "door")[:SHOWN_FETCHES])
