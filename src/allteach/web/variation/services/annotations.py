"""Notes pinned to the time axis of charts."""

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
from allteach.web.sites.models import Network, Site
from allteach.web.variation.models import Annotation

LONGEST_NOTE = 300


@transaction.atomic
def annotation_add(
    *,
    by: Person,
    network: Network,
    on: date,
    kind: str,
    text: str,
    measure: Measure | None = None,
    site: Site | None = None,
) -> Annotation:
    """Return the new note on the charts of one site (of every site, when empty) and one measure (or every measure).

    Raises:
        Refused: ``AT-P-002`` without the right to mark charts there.
        StateError: ``AT-T-301`` when the note has no text, is too long or of no known kind.
    """
    require(by, Permission.CHART_ANNOTATE, network=network, site=site)
    text = " ".join(text.split())
    if not 0 < len(text) <= LONGEST_NOTE or kind not in Annotation.Kind.values:
        raise StateError(
            "AT-T-301",
            _("The note cannot be kept."),
            expected=_("A note has one of the listed kinds and 1 to %(most)s characters.") % {"most": LONGEST_NOTE},
        )
    note = Annotation.objects.create(
        network=network,
        measure=measure,
        site=site,
        on=on,
        kind=kind,
        text=text,
        written_by=by,
        written_at=timezone.now(),
    )
    record(
        by=by,
        action="chart.annotated",
        network=network,
        site=site,
        about=measure.slug if measure else "",
        note=note.pk,
        on=on.isoformat(),
        kind=kind,
    )
    return note


@transaction.atomic
def annotation_withdraw(*, by: Person, annotation: Annotation) -> Annotation:
    """Return the note taken off the charts; it is kept, with the day on which it was withdrawn.

    Raises:
        Refused: ``AT-P-002`` unless it is the person's own note or they may decide phases there.
        StateError: ``AT-T-302`` when it was withdrawn before.
    """
    note = (
        Annotation.objects.select_for_update(of=("self",))
        .select_related("network", "site", "measure")
        .get(pk=annotation.pk)
    )
    right = Permission.CHART_ANNOTATE if note.written_by_id == by.pk else Permission.PHASE_DECIDE
    require(by, right, network=note.network, site=note.site)
    if note.withdrawn_at is not None:
        raise StateError("AT-T-302", _("This note was withdrawn before."))
    note.withdrawn_at = timezone.now()
    note.save(update_fields=["withdrawn_at"])
    record(
        by=by,
        action="annotation.withdrawn",
        network=note.network,
        site=note.site,
        about=note.measure.slug if note.measure else "",
        note=note.pk,
    )
    return note
