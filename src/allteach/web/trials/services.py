"""Every change to tests of change (PDSA cycles). The prediction locks when the test starts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from allteach.errors import StateError
from allteach.web.ledger import moment
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.sites.models import Network, Site
from allteach.web.sites.numbering import next_number
from allteach.web.trials.models import Cycle
from allteach.web.variation.models import Annotation
from allteach.web.variation.services.annotations import annotation_add

LOCKED_AT_START = (
    "question",
    "predicted",
    "predicted_low",
    "predicted_high",
    "belief",
    "measure",
    "scale",
    "title",
    "site",
)
COPIED = (
    "title",
    "question",
    "plan",
    "cost",
    "scale",
    "driver",
    "measure",
    "predicted",
    "predicted_low",
    "predicted_high",
    "belief",
)


@transaction.atomic
def cycle_plan(*, by: Person, network: Network, site: Site, **fields: Any) -> Cycle:
    """Return the new planned test. `fields` are those of `Cycle` that a plan may hold."""
    number = next_number(Cycle, network)
    cycle = Cycle(network=network, number=number, site=site, written_by=by, written_at=moment.now(), **fields)
    _check_range(cycle)
    return _keep(cycle, by, "test.planned")


@transaction.atomic
def cycle_change(*, by: Person, cycle: Cycle, **fields: Any) -> Cycle:
    """Return the changed test.

    Raises:
        StateError: ``AT-T-131`` when a locked part of a test that has started would change.
    """
    cycle = _locked(cycle)
    for name, value in fields.items():
        if cycle.status != Cycle.Status.PLANNED and name in LOCKED_AT_START and getattr(cycle, name) != value:
            raise StateError(
                "AT-T-131",
                "The prediction was locked when the test started.",
                where=str(cycle),
                do="Write what you think now under 'What surprised you?', or plan the next test.",
            )
        setattr(cycle, name, value)
    _check_range(cycle)
    return _keep(cycle, by, "test.changed", fields=sorted(fields))


@transaction.atomic
def cycle_start(*, by: Person, cycle: Cycle, on: date | None = None) -> Cycle:
    """Return the running test; from here on its prediction cannot change."""
    cycle = _in(cycle, Cycle.Status.PLANNED, "start")
    cycle.status, cycle.started_at = Cycle.Status.RUNNING, moment.now()
    cycle.starts = on or cycle.starts or moment.today()
    _mark(cycle, by, on=cycle.starts, kind=Annotation.Kind.TEST, text=str(cycle))
    return _keep(cycle, by, "test.started")


@transaction.atomic
def cycle_study(*, by: Person, cycle: Cycle, observed: str, compared: str, **fields: Any) -> Cycle:
    """Return the studied test: what happened, and how that compares with the prediction.

    Raises:
        StateError: ``AT-T-132`` without what happened or without the comparison.
    """
    cycle = _in(cycle, Cycle.Status.RUNNING, "study")
    if not observed.strip() or not compared.strip():
        raise StateError(
            "AT-T-132",
            "The study needs what happened and how that compares with the prediction.",
            where=str(cycle),
            do="Write one sentence for each.",
        )
    cycle.status, cycle.observed, cycle.compared = Cycle.Status.STUDIED, observed.strip(), compared.strip()
    for name, value in fields.items():
        setattr(cycle, name, value)
    cycle.ends = cycle.ends or moment.today()
    return _keep(cycle, by, "test.studied")


@transaction.atomic
def cycle_act(
    *, by: Person, cycle: Cycle, decision: str, next_step: str = "", belief_after: int | None = None
) -> Cycle:
    """Return the closed test with the decision: adopt, adapt, abandon or expand."""
    cycle = _in(cycle, Cycle.Status.STUDIED, "decide")
    cycle.status, cycle.decision, cycle.next_step = Cycle.Status.CLOSED, decision, next_step.strip()
    cycle.belief_after = belief_after if belief_after is not None else cycle.belief_after
    cycle.closed_at = moment.now()
    if decision == Cycle.Decision.ADOPT:
        _mark(cycle, by, on=moment.today(), kind=Annotation.Kind.CHANGE, text=f"{cycle} · adopted")
    return _keep(cycle, by, "test.decided", decision=decision)


@transaction.atomic
def cycle_copy(*, by: Person, cycle: Cycle, site: Site) -> Cycle:
    """Return a planned test at a site that starts from another test, with its lineage."""
    fields = {name: getattr(cycle, name) for name in COPIED}
    number = next_number(Cycle, cycle.network)
    copy = Cycle(
        network=cycle.network,
        number=number,
        site=site,
        copied_from=cycle,
        idea=cycle.idea,
        written_by=by,
        written_at=moment.now(),
        **fields,
    )
    return _keep(copy, by, "test.copied", copied_from=str(cycle))


def _mark(cycle: Cycle, by: Person, *, on: date, kind: str, text: str) -> None:
    """Pin the test to the charts of the measure that it should move, at its own site."""
    if cycle.measure is not None:
        annotation_add(
            by=by, network=cycle.network, measure=cycle.measure, site=cycle.site, on=on, kind=kind, text=text[:300]
        )


def _check_range(cycle: Cycle) -> None:
    low, high = cycle.predicted_low, cycle.predicted_high
    if low is not None and high is not None and low > high:
        raise StateError(
            "AT-T-133",
            "The predicted range ends before it begins.",
            where=str(cycle),
            do="Give the lower number first.",
        )


def _locked(cycle: Cycle) -> Cycle:
    return Cycle.objects.select_for_update().get(pk=cycle.pk)


def _in(cycle: Cycle, status: str, step: str) -> Cycle:
    cycle = _locked(cycle)
    if cycle.status != status:
        raise StateError(
            "AT-T-130",
            f"A test that is {cycle.get_status_display().lower()} cannot take the step '{step}'.",
            where=str(cycle),
            expected=f"It must be {Cycle.Status(status).label.lower()}.",
        )
    return cycle


def _keep(cycle: Cycle, by: Person, action: str, **detail: Any) -> Cycle:
    cycle.full_clean()
    cycle.save()
    record(by=by, action=action, network=cycle.network, site=cycle.site, about=str(cycle), **detail)
    return cycle
