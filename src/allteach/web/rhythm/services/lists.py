"""Checklists of sites that join or leave, and what a project's phase expects of its sites."""

from __future__ import annotations

from django.db import transaction

from allteach.errors import StateError
from allteach.web.ledger import moment
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.projects.models import Project
from allteach.web.rhythm.models import Expectation, Met, Task
from allteach.web.rhythm.words import JOINING, LEAVING
from allteach.web.sites.models import Site


@transaction.atomic
def checklist_begin(*, by: Person, site: Site, kind: str) -> list[Task]:
    """Return the site's joining or leaving checklist, begun if it was not there.

    Raises:
        StateError: ``AT-T-211`` for a kind that is neither joining nor leaving.
    """
    lines = {"joining": JOINING, "leaving": LEAVING}.get(kind)
    if lines is None:
        raise StateError("AT-T-211", "There is no such checklist.", expected="joining or leaving")
    if not site.tasks.filter(list=kind).exists():
        new = [Task(site=site, list=kind, order=order, text=str(text)) for order, text in enumerate(lines)]
        Task.objects.bulk_create(new)
        record(by=by, action=f"checklist.{kind}_begun", network=site.network, site=site)
    return list(site.tasks.filter(list=kind))


@transaction.atomic
def task_move(*, by: Person, task: Task, state: str) -> Task:
    """Return the task in a new state: open, doing, network or done."""
    task.state, task.changed_by, task.changed_at = state, by, moment.now()
    task.full_clean()
    task.save()
    record(
        by=by, action="checklist.moved", network=task.site.network, site=task.site, about=task.text[:120], state=state
    )
    return task


@transaction.atomic
def expectation_add(*, by: Person, project: Project, phase: str, text: str, days: int) -> Expectation:
    """Return what the phase expects of every site that takes part, due so many days after it joined."""
    expectation = Expectation(project=project, phase=phase, text=text, days=days)
    expectation.full_clean()
    expectation.save()
    record(by=by, action="expectation.added", network=project.network, about=text[:120], phase=phase)
    return expectation


@transaction.atomic
def expectation_meet(*, by: Person, expectation: Expectation, site: Site) -> Met:
    """Return the note that a site has met an expectation."""
    met, _ = Met.objects.get_or_create(
        expectation=expectation, site=site, defaults={"said_by": by, "said_at": moment.now()}
    )
    record(by=by, action="expectation.met", network=site.network, site=site, about=expectation.text[:120])
    return met
