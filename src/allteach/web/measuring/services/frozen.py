"""Freezing the numbers of a network."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.measures import frozen
from allteach.web.ledger.services import record
from allteach.web.measuring.engine import end_of
from allteach.web.measuring.freezing import manifest_of, work_out
from allteach.web.measuring.models import FrozenReport
from allteach.web.people.models import Person
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network


@transaction.atomic
def freeze(*, by: Person, network: Network, title: str, as_known: date | None = None) -> FrozenReport:
    """Return the numbers of every measure on charts, frozen with what they rest on.

    Args:
        by: The person.
        network: Where.
        title: What it is for, such as ``Annual report 2026``.
        as_known: As known at the end of this day; now when None.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-071`` when nothing was on charts then.
    """
    require(by, Permission.MEASURE_CHANGE, network=network)
    Network.objects.select_for_update().get(pk=network.pk)
    moment = timezone.now() if as_known is None else min(end_of(as_known), timezone.now())
    manifest = manifest_of(network, moment, title.strip())
    if not manifest["measures"]:
        raise StateError(
            "AT-T-071", _("No measure was on charts then, so there is nothing to freeze."), do=_("Choose a later day.")
        )
    content = work_out(network, manifest)
    last = FrozenReport.objects.filter(network=network).aggregate(last=Max("number"))["last"] or 0
    report = FrozenReport.objects.create(
        network=network,
        number=last + 1,
        title=title.strip()[:120],
        moment=moment,
        manifest=manifest,
        manifest_id=frozen.manifest_id(manifest),
        digest=frozen.digest(content),
        frozen_by=by,
        frozen_at=timezone.now(),
    )
    record(
        by=by,
        action="report.frozen",
        network=network,
        about=f"frozen report {report.number}",
        manifest=report.manifest_id,
        digest=report.digest,
    )
    return report
