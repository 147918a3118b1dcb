"""Points kept off the limits for a stated reason. They stay on the chart and are still judged."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.web.ledger.services import record
from allteach.web.measuring.models import Measure
from allteach.web.people.models import Person
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Site
from allteach.web.variation.models import PointExclusion
from allteach.web.variation.services.standings import standings_write


@transaction.atomic
def point_exclude(
    *, by: Person, measure: Measure, period: date, reason: str, site: Site | None = None
) -> PointExclusion:
    """Return the exclusion of one point from the limits of one chart.

    Raises:
        Refused: ``AT-P-002`` without the right to decide phases there.
        StateError: ``AT-T-303`` without a reason, ``AT-T-304`` when the point is already left out.
    """
    require(by, Permission.PHASE_DECIDE, network=measure.network, site=site)
    reason = " ".join(reason.split())
    if not reason:
        raise StateError("AT-T-303", _("A point is left out of the limits only with a reason."))
    if PointExclusion.objects.filter(measure=measure, site=site, period=period, included_at__isnull=True).exists():
        raise StateError("AT-T-304", _("This point is already left out of the limits."))
    exclusion = PointExclusion.objects.create(
        measure=measure, site=site, period=period, reason=reason, excluded_by=by, excluded_at=timezone.now()
    )
    standings_write(measure.network, [measure], by=by)
    record(
        by=by,
        action="point.excluded",
        network=measure.network,
        site=site,
        about=measure.slug,
        period=period.isoformat(),
        reason=reason,
    )
    return exclusion


@transaction.atomic
def point_include(*, by: Person, exclusion: PointExclusion) -> PointExclusion:
    """Return the exclusion, ended: the point shapes the limits again.

    Raises:
        Refused: ``AT-P-002`` without the right to decide phases there.
        StateError: ``AT-T-305`` when the exclusion had ended before.
    """
    found = (
        PointExclusion.objects.select_for_update(of=("self",))
        .select_related("measure__network", "site")
        .get(pk=exclusion.pk)
    )
    require(by, Permission.PHASE_DECIDE, network=found.measure.network, site=found.site)
    if found.included_at is not None:
        raise StateError("AT-T-305", _("This point already shapes the limits again."))
    found.included_by, found.included_at = by, timezone.now()
    found.save(update_fields=["included_by", "included_at"])
    standings_write(found.measure.network, [found.measure], by=by)
    record(
        by=by,
        action="point.included",
        network=found.measure.network,
        site=found.site,
        about=found.measure.slug,
        period=found.period.isoformat(),
    )
    return found
