"""New averages and the signals of a person over the API: what waits, decisions, and the chart helper."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404
from ninja import Router, Schema

from allteach.charts.words import kind_name
from allteach.web.api.problems import PROBLEMS
from allteach.web.measuring.selectors import measure_for
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.naming import naming_for
from allteach.web.sites.selectors import network_for, sites_for
from allteach.web.variation import services
from allteach.web.variation.advising import advice_for, advice_words
from allteach.web.variation.models import Phase
from allteach.web.variation.presenting import voice
from allteach.web.variation.selectors.charts import charted
from allteach.web.variation.selectors.digest import digest
from allteach.web.variation.selectors.queue import evidence_of, phase_for, phases_of, require_decider, strength
from allteach.web.variation.texts import Blackout

router = Router()


class PhaseOut(Schema):
    """A new average: waiting, or decided. `strong` means more than chance over every chart of the network."""

    number: int
    measure: str
    site: str | None
    site_name: str | None
    start: date
    status: str
    proposed_by: str | None
    strong: bool | None
    cause: str
    reason: str
    decided_by: str
    decided_at: datetime | None


class QueueOut(Schema):
    """What waits, strongest evidence first, and the latest decisions."""

    charts: int
    proposals_by_chance: float
    waiting: list[PhaseOut]
    decided: list[PhaseOut]


class DecisionIn(Schema):
    """A decision about one new average, or several of the network alike."""

    numbers: list[int] = []
    accept: bool = False
    cause: str = ""
    reason: str = ""


class SignalOut(Schema):
    """One chart that says something; `also` counts other sites whose chart of this measure says the same."""

    measure: str
    site: str | None
    site_name: str | None
    variation: str
    side: int
    since: date | None
    rule: str
    also: int


class DigestOut(Schema):
    """The few signals that one person should look at first."""

    charts: int
    false_signals_expected: float
    more: int
    own: bool
    signals: list[SignalOut]


class AdviceOut(Schema):
    """What the chart helper advises for a measure's data, and why."""

    measure: str
    kind: str
    name: str
    words: dict[str, Any]


@router.get("/n/{slug}/phases", response={200: QueueOut} | PROBLEMS)
def queue(request: Any, slug: str) -> Any:
    """Return the new averages that wait, in order of evidence, and the latest decisions."""
    network = network_for(user=request.user, slug=slug)
    require(request.user, Permission.RESULT_EXPORT, network=network)
    waiting, before = phases_of(user=request.user, network=network)
    seen = evidence_of(waiting, network=network)
    tell = _teller(request.user, network)
    waiting.sort(key=lambda phase: (phase.pk not in seen.strong, phase.site_id is not None, -strength(phase)))
    return {
        "charts": seen.charts,
        "proposals_by_chance": seen.by_chance,
        "waiting": [tell(phase) | {"strong": phase.pk in seen.strong} for phase in waiting],
        "decided": [tell(phase) for phase in before],
    }


def _teller(user: Any, network: Any) -> Any:
    """Return what tells a phase as this person may read it: names and texts follow the network's agreement."""
    sites = list(sites_for(user=user, network=network))
    eyes: dict[int, Blackout] = {}

    def tell(phase: Phase) -> dict[str, Any]:
        if phase.measure_id not in eyes:
            eyes[phase.measure_id] = Blackout(naming_for(user=user, network=network, measure=phase.measure), sites)
        blackout = eyes[phase.measure_id]
        by = phase.proposed_by
        return {
            "number": phase.pk,
            "measure": phase.measure.slug,
            "site": blackout.naming.key(phase.site) if phase.site is not None else None,
            "site_name": blackout.naming.name(phase.site) if phase.site is not None else None,
            "start": phase.start,
            "status": phase.status,
            "proposed_by": blackout.person(str(by), phase.site) if by is not None else None,
            "strong": None,
            "cause": phase.cause,
            "reason": blackout.text(phase.reason, phase.site),
            "decided_by": blackout.person(str(phase.decided_by), phase.site) if phase.decided_by is not None else "",
            "decided_at": phase.decided_at,
        }

    return tell


@router.post("/n/{slug}/phases/decisions", response={200: list[PhaseOut]} | PROBLEMS)
def decide_phases(request: Any, slug: str, said: DecisionIn) -> Any:
    """Decide on one or several new averages with one cause and one reason; all of them or none."""
    network = network_for(user=request.user, slug=slug)
    require_decider(user=request.user, network=network)
    chosen = [phase_for(user=request.user, network=network, number=number) for number in dict.fromkeys(said.numbers)]
    decision = services.Decision(said.accept, said.cause, said.reason)
    done = services.phases_decide(by=request.user, phases=chosen, decision=decision)
    tell = _teller(request.user, network)
    return [tell(phase) for phase in done]


@router.get("/n/{slug}/signals", response={200: DigestOut} | PROBLEMS)
def signals(request: Any, slug: str) -> Any:
    """Return the few signals that the asking person should look at first."""
    network = network_for(user=request.user, slug=slug)
    require(request.user, Permission.RESULT_EXPORT, network=network)
    found = digest(user=request.user, network=network)
    return {
        "charts": found.charts,
        "false_signals_expected": found.false_signals,
        "more": found.more,
        "own": found.own,
        "signals": [
            {
                "measure": one.measure.slug,
                "site": one.naming.key(one.site) if one.site is not None else None,
                "site_name": one.naming.name(one.site) if one.site is not None else None,
                "variation": one.standing.variation,
                "side": one.standing.side,
                "since": one.standing.since,
                "rule": one.standing.rule,
                "also": one.also,
            }
            for one in found.signals
        ],
    }


@router.get("/n/{slug}/results/{measure}/advice", response={200: AdviceOut} | PROBLEMS)
def advice(request: Any, slug: str, measure: str) -> Any:
    """Return which kind of chart suits a measure's data, and why."""
    network = network_for(user=request.user, slug=slug)
    require(request.user, Permission.RESULT_EXPORT, network=network)
    charts = charted(
        user=request.user, network=network, measure=measure_for(user=request.user, network=network, slug=measure)
    )
    found = advice_for(charts.found.card, charts.found.panel) if charts is not None and charts.found.periods else None
    if charts is None or found is None:
        raise Http404
    return {
        "measure": charts.measure.slug,
        "kind": found.kind,
        "name": kind_name(found.kind, voice=voice()),
        "words": advice_words(found),
    }
