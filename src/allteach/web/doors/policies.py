"""Who may make doors, fetch through them, and see what they would bring."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from allteach.errors import Refused
from allteach.web.doors.models import Door
from allteach.web.people.permissions import may
from allteach.web.people.roles import Permission


def may_change(user: Any, network: Any) -> bool:
    """Return whether the person may make and change doors of the network."""
    return may(user, Permission.DOOR_CHANGE, network=network)


def may_fetch(user: Any, door: Door) -> bool:
    """Return whether the person may send what comes through a door."""
    return may(user, Permission.DATA_SUBMIT, network=door.network, site=door.site_id)


def may_see_rows(user: Any, door: Door) -> bool:
    """Return whether the person may see rows that come through a door."""
    return may(user, Permission.ROW_VIEW, network=door.network, site=door.site_id)


def require_change(user: Any, network: Any) -> None:
    """Let the person make doors, or refuse.

    Raises:
        Refused: ``AT-P-041``.
    """
    if not may_change(user, network):
        raise Refused(
            "AT-P-041",
            _("You cannot make or change doors of this network."),
            where=network.name,
            do=_("Ask the network's lead or data analyst."),
        )


def require_fetch(user: Any, door: Door) -> None:
    """Let the person fetch through a door, or refuse.

    Raises:
        Refused: ``AT-P-040``.
    """
    if not may_fetch(user, door):
        raise Refused(
            "AT-P-040",
            _("You cannot send data for the place of this door."),
            where=door.site.name if door.site else door.network.name,
            do=_("Ask your network's lead for the role of site member or data analyst."),
        )
