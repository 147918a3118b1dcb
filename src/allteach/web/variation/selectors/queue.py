"""Phases that wait for a decision, and those decided before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404

from allteach.web.people.permissions import may, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network
from allteach.web.variation.models import Annotation, Phase

SHOWN_BEFORE = 50


def phases_of(*, user: Any, network: Network) -> tuple[list[Phase], list[Phase]]:
    """Return the phases that wait, those this person may decide first, and the latest decisions."""
    require(user, Permission.RESULT_VIEW, network=network)
    found = Phase.objects.filter(measure__network=network).select_related(
        "measure__network", "site", "proposed_by", "decided_by", "linked"
    )
    waiting = list(found.filter(status=Phase.Status.PROPOSED).order_by("-start", "measure__order", "pk"))
    sites = site_ids_where(user, Permission.PHASE_DECIDE, network=network)
    waiting.sort(key=lambda phase: not (sites is None or phase.site_id in sites))
    return waiting, list(found.exclude(status=Phase.Status.PROPOSED).order_by("-decided_at")[:SHOWN_BEFORE])


def phase_for(*, user: Any, network: Network, number: int) -> Phase:
    """Return one phase that this person may decide.

    Raises:
        Http404: the network has none of this number.
        Refused: ``AT-P-002`` without the right to decide it.
    """
    found = Phase.objects.filter(measure__network=network, pk=number)
    phase = found.select_related("measure__network", "site", "proposed_by", "decided_by", "linked").first()
    if phase is None:
        raise Http404
    require(user, Permission.PHASE_DECIDE, network=network, site=phase.site)
    return phase


def notes_near(phase: Phase) -> Iterable[Annotation]:
    """Return the notes on the phase's chart, nearest to its start first."""
    notes = Annotation.objects.filter(network=phase.measure.network_id, withdrawn_at__isnull=True)
    mine = [
        note for note in notes if note.measure_id in (None, phase.measure_id) and note.site_id in (None, phase.site_id)
    ]
    return sorted(mine, key=lambda note: abs((note.on - phase.start).days))


def may_propose(user: Any, network: Network, site: Any) -> bool:
    """Return whether this person may propose phases on this chart."""
    return may(user, Permission.PHASE_PROPOSE, network=network, site=site)
