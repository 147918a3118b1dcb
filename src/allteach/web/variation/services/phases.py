"""New phases of charts: proposed by the software or a person, decided by a person. Nothing is re-fitted silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from allteach.web.variation.models import Annotation, Phase
from allteach.web.variation.services.standings import standings_write


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides about a proposed phase.

    Args:
        accept: True starts a new phase; False keeps the old limits.
        cause: One of `Phase.Cause`.
        reason: In the person's own words; never empty.
        linked: The note on the chart that tells of the cause, if there is one.
    """

    accept: bool
    cause: str
    reason: str
    linked: Annotation | None = None


@transaction.atomic
def phase_propose(*, by: Person, measure: Measure, start: date, site: Site | None = None, note: str = "") -> Phase:
    """Return a proposal that a new phase begins in the period that starts on this day.

    Raises:
        Refused: ``AT-P-002`` without the right to propose phases there.
        StateError: ``AT-T-306`` when this start was proposed or decided before.
    """
    require(by, Permission.PHASE_PROPOSE, network=measure.network, site=site)
    if Phase.objects.filter(measure=measure, site=site, start=start).exists():
        raise StateError(
            "AT-T-306",
            _("A new phase from this period was proposed before."),
            do=_("Find it in the list of proposals."),
        )
    phase = Phase.objects.create(
        measure=measure,
        site=site,
        start=start,
        proposal={"note": " ".join(note.split())[:1000]},
        proposed_by=by,
        proposed_at=timezone.now(),
    )
    record(
        by=by,
        action="phase.proposed",
        network=measure.network,
        site=site,
        about=measure.slug,
        start=start.isoformat(),
    )
    return phase


@transaction.atomic
def phase_decide(*, by: Person, phase: Phase, decision: Decision) -> Phase:
    """Return the decided phase; a decision taken before is kept in its history.

    Raises:
        Refused: ``AT-P-002`` without the right to decide phases there.
        StateError: ``AT-T-307`` without a cause and a reason, ``AT-T-308`` when it is decided just so already,
            ``AT-T-309`` when the linked note is of another chart.
    """
    phase = _decided(by, phase, decision)
    standings_write(phase.measure.network, [phase.measure], by=by)
    _record(by, phase, decision)
    return phase


@transaction.atomic
def phases_decide(*, by: Person, phases: Sequence[Phase], decision: Decision) -> list[Phase]:
    """Return several phases, decided alike with one cause and one reason; all of them or none.

    Each keeps the reason and has a ledger entry of its own.

    Raises:
        Refused: ``AT-P-002`` without the right to decide one of them.
        StateError: ``AT-T-307`` to ``AT-T-309`` as for one; ``AT-T-311`` when none was chosen.
    """
    if not phases:
        raise StateError(
            "AT-T-311", _("No chart was chosen."), do=_("Tick the charts that you decide on, or choose all of them.")
        )
    done = [_decided(by, phase, decision) for phase in sorted(phases, key=lambda phase: phase.pk)]
    measures = {phase.measure_id: phase.measure for phase in done}
    standings_write(done[0].measure.network, list(measures.values()), by=by)
    for phase in done:
        _record(by, phase, decision)
    return done


def _decided(by: Person, phase: Phase, decision: Decision) -> Phase:
    """Return the phase with the decision kept; standings and ledger are the caller's."""
    found = Phase.objects.select_for_update(of=("self",)).select_related("measure__network", "site", "decided_by")
    phase = found.get(pk=phase.pk)
    network = phase.measure.network
    require(by, Permission.PHASE_DECIDE, network=network, site=phase.site)
    reason = " ".join(decision.reason.split())
    if not reason or decision.cause not in Phase.Cause.values:
        raise StateError("AT-T-307", _("A decision about a phase needs a cause and a reason in your own words."))
    status = Phase.Status.ACCEPTED if decision.accept else Phase.Status.REJECTED
    if phase.status == status:
        raise StateError("AT-T-308", _("This phase was decided like this before."))
    _check_link(phase, decision.linked)
    if phase.decided_at is not None and phase.decided_by is not None:
        phase.history = [
            *phase.history,
            {
                "status": phase.status,
                "cause": phase.cause,
                "reason": phase.reason,
                "by": phase.decided_by.pk,
                "at": phase.decided_at.isoformat(),
            },
        ]
    phase.status, phase.cause, phase.reason, phase.linked = status, decision.cause, reason, decision.linked
    phase.decided_by, phase.decided_at = by, timezone.now()
    phase.save()
    return phase


def _record(by: Person, phase: Phase, decision: Decision) -> None:
    record(
        by=by,
        action="phase.accepted" if decision.accept else "phase.rejected",
        network=phase.measure.network,
        site=phase.site,
        about=phase.measure.slug,
        start=phase.start.isoformat(),
        cause=decision.cause,
        reason=phase.reason,
    )


def _check_link(phase: Phase, linked: Annotation | None) -> None:
    if linked is None:
        return
    same_measure = linked.measure_id in (None, phase.measure_id)
    same_site = linked.site_id in (None, phase.site_id)
    if linked.network_id != phase.measure.network_id or not same_measure or not same_site:
        raise StateError("AT-T-309", _("The linked note belongs to another chart."))
