"""Who may check whose card."""

from __future__ import annotations

from typing import Any

from allteach.web.measuring.models import MeasureVersion
from allteach.web.people.models import Membership
from allteach.web.people.permissions import may
from allteach.web.people.roles import ROLES, Permission
from allteach.web.people.selectors import in_force

_ROLES = tuple(key for key, role in ROLES.items() if Permission.MEASURE_CHANGE in role.permissions)


def may_check(user: Any, version: MeasureVersion) -> bool:
    """Return whether this person may check a card: whoever may write measures, but not its author."""
    return user.pk != version.written_by_id and may(user, Permission.MEASURE_CHANGE, network=version.measure.network)


def needs_check(version: MeasureVersion) -> bool:
    """Return whether a card waits for a second person; it does not where the network has nobody but its author."""
    if version.checked_at is not None:
        return False
    able = Membership.objects.filter(
        in_force(), network=version.measure.network_id, role__in=_ROLES, person__is_active=True
    )
    return able.exclude(person=version.written_by_id).exists()
