"""Who may check whose card."""

from __future__ import annotations

from datetime import date
from typing import Any

from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import SHOWN, MeasureVersion
from allteach.web.people.models import Membership
from allteach.web.people.permissions import may
from allteach.web.people.roles import ROLES, Permission
from allteach.web.people.selectors import in_force
from allteach.web.sites.models import Network

_OPEN = (MeasureVersion.Status.DRAFT, MeasureVersion.Status.PILOTED)
_ROLES = tuple(key for key, role in ROLES.items() if Permission.MEASURE_CHANGE in role.permissions)


def may_check(user: Any, version: MeasureVersion) -> bool:
    """Return whether this person may check a card: whoever may write measures, but not its author."""
    return user.pk != version.written_by_id and may(user, Permission.MEASURE_CHANGE, network=version.measure.network)


def to_check(*, user: Any, network: Network) -> int:
    """Return how many cards wait for this person to check them: none for those who may not write measures."""
    if not may(user, Permission.MEASURE_CHANGE, network=network):
        return 0
    waiting = MeasureVersion.objects.filter(measure__network=network, status__in=_OPEN, checked_at__isnull=True)
    return waiting.exclude(written_by=user.pk).count()


def due_for_review(network: Network, today: date) -> list[MeasureVersion]:
    """Return the versions on charts whose cards have to be looked at again."""
    shown = MeasureVersion.objects.filter(measure__network=network, status__in=SHOWN).select_related("measure")
    return [version for version in shown if (day := card_of(version).review_by) is not None and day <= today]


def needs_check(version: MeasureVersion) -> bool:
    """Return whether a card waits for a second person; it does not where the network has nobody but its author."""
    if version.checked_at is not None:
        return False
    able = Membership.objects.filter(
        in_force(), network=version.measure.network_id, role__in=_ROLES, person__is_active=True
    )
    return able.exclude(person=version.written_by_id).exists()
