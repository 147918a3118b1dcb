"""Every change in this room."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from allteach.errors import StateError
from allteach.web.health.grid import HIGHEST, LOWEST, parse, shipped_text
from allteach.web.health.models import GridText, Rating, YearPlan
from allteach.web.ledger import moment
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.projects.models import Project
from allteach.web.sites.models import Network


@transaction.atomic
def grid_write(*, by: Person | None, network: Network, text: str) -> GridText:
    """Return the network's new grid; ratings keep the version they were given on.

    Raises:
        StateError: ``AT-T-220`` when the text is no grid.
    """
    parse(text)
    last = GridText.objects.filter(network=network).aggregate(last=Max("version"))["last"] or 0
    grid = GridText.objects.create(network=network, version=last + 1, text=text, written_by=by, written_at=moment.now())
    record(by=by, action="grid.written", network=network, about=f"Maturity grid v{grid.version}")
    return grid


@transaction.atomic
def rating_give(*, by: Person, network: Network, year: int, levels: dict[str, int], comment: str = "") -> Rating:
    """Return the person's rating of the network for a year; giving it again replaces it.

    Raises:
        StateError: ``AT-T-221`` for a component or level that the grid does not have.
    """
    grid = GridText.objects.filter(network=network).first() or grid_write(by=None, network=network, text=shipped_text())
    known = {component.key for component in parse(grid.text).components}
    if not levels or set(levels) - known or any(not LOWEST <= level <= HIGHEST for level in levels.values()):
        raise StateError("AT-T-221", "The rating does not fit the grid.", expected="A level from 1 to 5 for its lines.")
    rating, _ = Rating.objects.update_or_create(
        grid=grid, year=year, person=by, defaults={"levels": levels, "comment": comment, "given_at": moment.now()}
    )
    record(by=by, action="grid.rated", network=network, about=f"{year}")
    return rating


@transaction.atomic
def plan_write(
    *,
    by: Person,
    network: Network,
    year: int,
    priorities: str,
    reviewed: str = "",
    projects: Iterable[Project] = (),
) -> YearPlan:
    """Return the plan of a year with the projects that serve it, and what became of it once that is known."""
    plan = YearPlan.objects.filter(network=network, year=year).first() or YearPlan(network=network, year=year)
    plan.priorities, plan.reviewed, plan.written_by, plan.written_at = priorities, reviewed, by, moment.now()
    plan.full_clean()
    plan.save()
    plan.projects.set(projects)
    record(by=by, action="plan.written", network=network, about=f"Plan {year}")
    return plan
