"""Tests of change over the API: search the network's memory, plan, start, study, decide, copy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404
from ninja import Query, Router, Schema, Status

from allteach.errors import StateError
from allteach.web.api.problems import PROBLEMS
from allteach.web.ideas.selectors import idea_for
from allteach.web.measuring.selectors import measure_for
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.projects.selectors import project_for
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import naming_for
from allteach.web.sites.selectors import network_for, site_for
from allteach.web.trials import memory, selectors, services
from allteach.web.trials.models import Cycle

router = Router()
STEPS = ("start", "study", "act", "copy")


class TestOut(Schema):
    """A test of change. `site` is a letter where the site is blinded."""

    number: int
    title: str
    site: str
    site_name: str
    project: int | None
    idea: int | None
    driver: str
    context: str
    question: str
    plan: str
    scale: str
    measure: str | None
    predicted: str
    predicted_low: float | None
    predicted_high: float | None
    belief: int
    status: str
    starts: date | None
    started_at: datetime | None
    observed: str
    result: float | None
    compared: str
    surprise: str
    belief_after: int | None
    decision: str
    next_step: str


class TestBody(Schema):
    """A test to plan: title, site, question, prediction and belief are enough."""

    title: str
    site: str
    question: str
    predicted: str
    belief: int
    scale: str = Cycle.Scale.ONE_PATIENT
    cost: str = Cycle.Cost.LOW
    readiness: str = Cycle.Readiness.UNSURE
    predicted_low: float | None = None
    predicted_high: float | None = None
    measure: str = ""
    project: int | None = None
    idea: int | None = None
    ramp: int | None = None
    driver: str = ""
    context: str = ""
    plan: str = ""


class TestStepIn(Schema):
    """What a step needs: study takes observed, compared, result, surprise; act takes decision; copy takes a site."""

    observed: str = ""
    compared: str = ""
    result: float | None = None
    surprise: str = ""
    decision: str = ""
    next_step: str = ""
    belief_after: int | None = None
    site: str = ""


class CellOut(Schema):
    """What one site has tried of one change idea."""

    driver: str
    site: str
    tests: int
    said: str
    scale: str
    belief: int


class SearchBody(Schema):
    """What to look for; empty fields match all."""

    text: str = ""
    status: str = ""
    decision: str = ""
    site: str = ""
    project: str = ""
    driver: str = ""
    idea: str = ""
    scale: str = ""
    context: str = ""


def _out(test: Cycle, naming: Any) -> dict[str, Any]:
    names = [name for name in TestOut.model_fields if name not in ("site", "site_name", "project", "idea", "measure")]
    return {name: getattr(test, name) for name in names} | {
        "site": naming.key(test.site),
        "site_name": naming.name(test.site),
        "project": test.project.number if test.project else None,
        "idea": test.idea.number if test.idea else None,
        "measure": test.measure.slug if test.measure else None,
    }


def _one(request: Any, network: Network, number: int) -> dict[str, Any]:
    found = selectors.cycle_for(user=request.user, network=network, number=number)
    return _out(found, naming_for(user=request.user, network=network))


@router.get("/n/{slug}/tests", response={200: list[TestOut]} | PROBLEMS)
def cycles(request: Any, slug: str, search: Query[SearchBody], limit: int = 100) -> Any:
    """Return the tests of a network, newest first, those that did not work like any other."""
    network = network_for(user=request.user, slug=slug)
    asked = selectors.Search(**search.dict())
    found = selectors.cycles_of(user=request.user, network=network, search=asked)[: max(1, min(limit, 1000))]
    naming = naming_for(user=request.user, network=network)
    return [_out(test, naming) for test in found]


@router.post("/n/{slug}/tests", response={201: TestOut} | PROBLEMS)
def plan_test(request: Any, slug: str, said: TestBody) -> Any:
    """Plan a test at a site of one's own."""
    network = network_for(user=request.user, slug=slug)
    words = said.dict()
    site = _own_site(request, network, words.pop("site"))
    user = request.user
    if slug_of := words.pop("measure"):
        words["measure"] = measure_for(user=user, network=network, slug=slug_of)
    finders = {"project": project_for, "idea": idea_for, "ramp": selectors.cycle_for}
    for name, find in finders.items():
        number = words.pop(name)
        if number is not None:
            words[name] = find(user=user, network=network, number=number)
    test = services.cycle_plan(by=user, network=network, site=site, **words)
    return Status(201, _one(request, network, test.number))


@router.get("/n/{slug}/tests/matrix", response={200: list[CellOut]} | PROBLEMS)
def learning_matrix(request: Any, slug: str, project: str = "") -> Any:
    """Return which site has tried which change idea, and what became of it."""
    network = network_for(user=request.user, slug=slug)
    found = memory.learning_matrix(user=request.user, network=network, project=project)
    return [
        {name: getattr(cell, name) for name in ("site", "tests", "belief")}
        | {"driver": line.driver, "said": str(cell.said), "scale": str(cell.scale)}
        for line in found.lines
        for cell in line.cells
        if cell
    ]


@router.get("/n/{slug}/tests/{int:number}", response={200: TestOut} | PROBLEMS)
def test(request: Any, slug: str, number: int) -> Any:
    """Return one test."""
    return _one(request, network_for(user=request.user, slug=slug), number)


@router.post("/n/{slug}/tests/{int:number}/steps/{step}", response={200: TestOut} | PROBLEMS)
def take_step(request: Any, slug: str, number: int, step: str, said: TestStepIn) -> Any:
    """Take the next step of a test: `start`, `study`, `act`; or `copy` it to a site of one's own."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.cycle_for(user=request.user, network=network, number=number)
    if step not in STEPS:
        raise StateError("AT-T-039", "There is no such step.", expected=f"One of: {', '.join(STEPS)}.")
    if step == "copy":
        copy = services.cycle_copy(by=request.user, cycle=found, site=_own_site(request, network, said.site))
        return _one(request, network, copy.number)
    require(request.user, Permission.TEST_WRITE, network=network, site=found.site)
    if step == "start":
        services.cycle_start(by=request.user, cycle=found)
    elif step == "study":
        words = {name: getattr(said, name) for name in ("observed", "compared", "result", "surprise")}
        services.cycle_study(by=request.user, cycle=found, **words)
    else:
        words = {name: getattr(said, name) for name in ("decision", "next_step", "belief_after")}
        services.cycle_act(by=request.user, cycle=found, **words)
    return _one(request, network, number)


def _own_site(request: Any, network: Network, code: str) -> Site:
    if not code:
        raise Http404
    site = site_for(user=request.user, network=network, code=code)
    require(request.user, Permission.TEST_WRITE, network=network, site=site)
    return site
