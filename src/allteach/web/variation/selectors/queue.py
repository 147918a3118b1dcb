"""Phases that wait for a decision, and those decided before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.http import Http404

from allteach.errors import NotEstimable
from allteach.stats import special
from allteach.stats.comparison import false_discovery
from allteach.stats.phases import proposed_by_chance
from allteach.web.measuring.models import Measure
from allteach.web.people.permissions import may, may_somewhere, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network
from allteach.web.variation.models import Annotation, Phase, Standing
from allteach.web.variation.selectors.matrix import may_decide

SHOWN_BEFORE = 50
FALSE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the proposals that wait stand against chance, over every chart of the network.

    Attributes:
        charts: Charts that could have had a proposal.
        by_chance: Proposals that chance alone would bring among them.
        strong: Ids of proposals that stand out: at most one in twenty of them is expected to be chance.
    """

    charts: int
    by_chance: float
    strong: frozenset[int]


def evidence_of(waiting: Sequence[Phase], *, network: Network) -> Evidence:
    """Return how proposals stand against chance; a person's own proposal always counts as strong.

    The size of a change is known to be more than chance only after allowing for looking at every chart of the network.
    """
    points = list(Standing.objects.filter(measure__network=network, points__gt=0).values_list("points", flat=True))
    asked = {phase.pk for phase in waiting if phase.proposed_by_id is not None}
    software = [phase for phase in waiting if phase.pk not in asked]
    p = 2.0 * special.ndtr(-np.array([strength(phase) for phase in software], dtype=np.float64))
    quiet = np.ones(max(0, len(points) - len(software)))
    found = false_discovery(np.concatenate([p, quiet]), rate=FALSE_SHARE)
    strong = set(asked)
    if not isinstance(found, NotEstimable):
        strong |= {phase.pk for phase, seen in zip(software, found.found, strict=False) if seen}
    return Evidence(len(points), float(proposed_by_chance(points).sum()), frozenset(strong))


def strength(phase: Phase) -> float:
    """Return by how many standard errors the level moved, as the software saw it; 0 where unknown."""
    return float(phase.proposal.get("z") or 0.0)


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


def require_decider(*, user: Any, network: Network) -> None:
    """Refuse (``AT-P-002``) whoever may not decide on any chart of the network."""
    if not may_somewhere(user, Permission.PHASE_DECIDE, network=network):
        require(user, Permission.PHASE_DECIDE, network=network)


def phases_among(*, user: Any, network: Network, measure: Measure, numbers: Iterable[int] | None) -> list[Phase]:
    """Return the waiting phases of a measure that this person may decide: those of these numbers, or all of them."""
    waiting = may_decide(user, network).filter(measure=measure).select_related("measure__network", "site")
    return list(waiting if numbers is None else waiting.filter(pk__in=list(numbers)))


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
