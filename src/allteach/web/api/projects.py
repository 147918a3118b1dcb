"""Projects over the API: the portfolio, one project's story, its steps, aims, diagram and gates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Count
from ninja import Router, Schema, Status

from allteach.errors import StateError
from allteach.web.api.problems import PROBLEMS
from allteach.web.ideas.selectors import idea_for
from allteach.web.measuring.selectors import measure_for
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.projects import gates, selectors, services, theory
from allteach.web.projects.diagram import to_outline
from allteach.web.projects.evidence import measure_readings
from allteach.web.projects.models import Aim, Project, Review
from allteach.web.projects.packet import packet
from allteach.web.projects.progress import progress
from allteach.web.sites.models import Network
from allteach.web.sites.naming import naming_for
from allteach.web.sites.selectors import network_for

router = Router()
STEPS = ("advance", "hold", "resume", "stop", "close", "promote")


class PathwayOut(Schema):
    """A pathway as the network has it."""

    key: str
    name: str
    scope: str
    approval: str
    phases: list[str]
    quorum: int
    may_become: list[str]
    publication: str


class ProjectOut(Schema):
    """A project in the portfolio."""

    number: int
    title: str
    pathway: str
    policy: int
    phase: str
    phase_since: datetime
    on_hold: bool
    parent: int | None
    sites: int
    tests: int
    gate_open: bool


class AimOut(Schema):
    """An aim, where it stands, and where it is heading. Numbers are null where they cannot be said or are withheld."""

    text: str
    population: str
    measure: str | None
    site: str | None
    start: float | None
    target: float | None
    due: date
    now: float | None
    to_go: float | None
    ahead: float | None
    ahead_low: float | None
    ahead_high: float | None


class AimIn(Schema):
    """How much, for whom, by when. Numbers as in all of the API: proportions 0-1, rates for one unit."""

    text: str
    population: str
    due: date
    measure: str = ""
    start: float | None = None
    target: float | None = None


class ReadingOut(Schema):
    """What a measure says at the sites that take part, together."""

    measure: str
    kind: str
    variation: str
    since: date | None
    shown: str
    effect: str


class GateOut(Schema):
    """One meeting with a gate."""

    id: int
    gate: str
    due: date
    proposed: str
    decision: str
    sentence: str
    conditions: str
    votes: int
    packet: dict[str, Any]


class StoryOut(ProjectOut):
    """One project: aim, measures, sites, decisions, what was learned."""

    problem: str
    resources: str
    lesson: str
    aims: list[AimOut]
    readings: list[ReadingOut]
    sites_now: list[str]
    next_phase: str
    next_gate: str
    gates: list[GateOut]


class ProjectBody(Schema):
    """A project to start; `idea` is a number."""

    title: str
    pathway: str
    problem: str = ""
    idea: int | None = None


class ProjectStepIn(Schema):
    """A sentence, where the step needs one; `pathway` for promote."""

    sentence: str = ""
    pathway: str = ""


class OutlineIn(Schema):
    """A driver diagram as an outline; `publish` makes it the one in force."""

    outline: str
    publish: bool = False


class OutlineOut(Schema):
    """A driver diagram."""

    version: int
    status: str
    outline: str
    nodes: list[dict[str, Any]]


class OpenBody(Schema):
    """When to decide, and why to go on where a range is not met."""

    due: date
    reason: str = ""


class ChoiceIn(Schema):
    """A vote or a decision, with its sentence."""

    choice: str
    sentence: str
    conditions: str = ""


def _out(project: Any) -> dict[str, Any]:
    names = ("number", "title", "pathway", "phase", "phase_since", "on_hold")
    return {name: getattr(project, name) for name in names} | {
        "policy": project.policy.version,
        "parent": project.parent.number if project.parent else None,
        "sites": project.site_count,
        "tests": project.test_count,
        "gate_open": bool(project.open_reviews),
    }


def _aim(request: Any, aim: Aim, naming: Any) -> dict[str, Any]:
    found = progress(user=request.user, aim=aim)
    ahead = found.ahead if found else None
    names = ("text", "population", "start", "target", "due")
    return {name: getattr(aim, name) for name in names} | {
        "measure": aim.measure.slug if aim.measure else None,
        "site": naming.key(aim.site) if aim.site else None,
        "now": found.now if found else None,
        "to_go": found.to_go if found else None,
        "ahead": ahead.value if ahead else None,
        "ahead_low": ahead.low if ahead else None,
        "ahead_high": ahead.high if ahead else None,
    }


def _gate(review: Review) -> dict[str, Any]:
    names = ("gate", "due", "proposed", "decision", "sentence", "conditions", "packet")
    cast = review.cast if hasattr(review, "cast") else review.votes.count()
    return {name: getattr(review, name) for name in names} | {"id": review.pk, "votes": cast}


def _story(request: Any, network: Network, number: int) -> dict[str, Any]:
    user = request.user
    project = selectors.project_for(user=user, network=network, number=number)
    naming, step = naming_for(user=user, network=network), selectors.next_step(project)
    readings = [
        {
            "measure": one.measure.slug,
            "kind": one.measure.kind,
            "variation": one.variation,
            "since": one.since,
            "shown": one.shown,
            "effect": one.effect_text,
        }
        for one in measure_readings(user=user, project=project)
    ]
    aims = selectors.aims_of(user=user, network=network, project=project)
    return _out(project) | {
        "problem": project.problem,
        "resources": project.resources,
        "lesson": project.lesson,
        "aims": [_aim(request, aim, naming) for aim in aims],
        "readings": readings,
        "sites_now": [naming.key(site) for site in selectors.sites_now(project)],
        "next_phase": step.phase or "",
        "next_gate": step.gate or "",
        "gates": [_gate(review) for review in project.reviews.annotate(cast=Count("votes"))],
    }


def _changing(request: Any, slug: str, number: int) -> tuple[Network, Project]:
    network = network_for(user=request.user, slug=slug)
    project = selectors.project_for(user=request.user, network=network, number=number)
    require(request.user, Permission.PROJECT_CHANGE, network=network)
    return network, project


@router.get("/n/{slug}/pathways", response={200: list[PathwayOut]} | PROBLEMS)
def pathways(request: Any, slug: str) -> Any:
    """Return the pathways in force."""
    network = network_for(user=request.user, slug=slug)
    return list(selectors.pathways_of(user=request.user, network=network))


@router.get("/n/{slug}/aims", response={200: list[AimOut]} | PROBLEMS)
def aims(request: Any, slug: str) -> Any:
    """Return the aims of the network itself."""
    network = network_for(user=request.user, slug=slug)
    naming = naming_for(user=request.user, network=network)
    return [_aim(request, aim, naming) for aim in selectors.aims_of(user=request.user, network=network)]


@router.get("/n/{slug}/projects", response={200: list[ProjectOut]} | PROBLEMS)
def projects(request: Any, slug: str, phase: str = "", text: str = "") -> Any:
    """Return the portfolio, newest first."""
    network = network_for(user=request.user, slug=slug)
    return [_out(one) for one in selectors.projects_of(user=request.user, network=network, phase=phase, text=text)]


@router.post("/n/{slug}/projects", response={201: StoryOut} | PROBLEMS)
def start_project(request: Any, slug: str, said: ProjectBody) -> Any:
    """Start a project on a pathway."""
    network = network_for(user=request.user, slug=slug)
    require(request.user, Permission.PROJECT_CHANGE, network=network)
    words = said.dict()
    number = words.pop("idea")
    idea = idea_for(user=request.user, network=network, number=number) if number is not None else None
    project = services.project_start(by=request.user, network=network, idea=idea, **words)
    return Status(201, _story(request, network, project.number))


@router.get("/n/{slug}/projects/{int:number}", response={200: StoryOut} | PROBLEMS)
def project(request: Any, slug: str, number: int) -> Any:
    """Return one project's story."""
    return _story(request, network_for(user=request.user, slug=slug), number)


@router.post("/n/{slug}/projects/{int:number}/steps/{step}", response={200: StoryOut} | PROBLEMS)
def project_step(request: Any, slug: str, number: int, step: str, said: ProjectStepIn) -> Any:
    """Move a project where no gate stands: `advance`, `hold`, `resume`, `stop`, `close` or `promote`."""
    network, found = _changing(request, slug, number)
    by, why = request.user, said.sentence
    steps = {
        "advance": lambda: services.project_advance(by=by, project=found),
        "hold": lambda: services.project_hold(by=by, project=found, reason=why),
        "resume": lambda: services.project_resume(by=by, project=found),
        "stop": lambda: services.project_stop(by=by, project=found, reason=why),
        "close": lambda: services.project_close(by=by, project=found, lesson=why),
        "promote": lambda: services.project_promote(by=by, project=found, pathway=said.pathway, reason=why),
    }
    if step not in steps:
        raise StateError("AT-T-039", "There is no such step.", expected=f"One of: {', '.join(STEPS)}.")
    return _story(request, network, steps[step]().number)


@router.post("/n/{slug}/projects/{int:number}/aims", response={201: StoryOut} | PROBLEMS)
def set_aim(request: Any, slug: str, number: int, said: AimIn) -> Any:
    """Set an aim of a project."""
    network, found = _changing(request, slug, number)
    words = said.dict()
    measure = words.pop("measure")
    words["measure"] = measure_for(user=request.user, network=network, slug=measure) if measure else None
    services.aim_set(by=request.user, network=network, project=found, **words)
    return Status(201, _story(request, network, number))


@router.get("/n/{slug}/projects/{int:number}/diagram", response={200: OutlineOut | None} | PROBLEMS)
def diagram(request: Any, slug: str, number: int, version: int | None = None) -> Any:
    """Return the driver diagram: the version asked for, else the published one, else the draft; null without any."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.project_for(user=request.user, network=network, number=number)
    shown = selectors.diagram_of(user=request.user, project=found, version=version)
    if shown is None:
        return None
    return {
        "version": shown.version,
        "status": shown.status,
        "outline": to_outline(shown.nodes),
        "nodes": shown.nodes,
    }


@router.put("/n/{slug}/projects/{int:number}/diagram", response={200: OutlineOut} | PROBLEMS)
def write_diagram(request: Any, slug: str, number: int, said: OutlineIn) -> Any:
    """Write the draft of the driver diagram, and publish it if asked."""
    _network, found = _changing(request, slug, number)
    kept = theory.diagram_write(by=request.user, project=found, outline=said.outline)
    if said.publish:
        kept = theory.diagram_publish(by=request.user, project=found)
    return {"version": kept.version, "status": kept.status, "outline": to_outline(kept.nodes), "nodes": kept.nodes}


@router.post("/n/{slug}/projects/{int:number}/gates", response={201: GateOut} | PROBLEMS)
def open_gate(request: Any, slug: str, number: int, said: OpenBody) -> Any:
    """Open the gate before the next phase with its evidence as it stands."""
    _network, found = _changing(request, slug, number)
    step = selectors.next_step(found)
    evidence = packet(user=request.user, project=found, gate=step.gate) if step.gate else {}
    review = gates.review_open(
        by=request.user, project=found, due=said.due, reason=said.reason, warnings=step.warnings, packet=evidence
    )
    return Status(201, _gate(review))


@router.post("/n/{slug}/projects/{int:number}/gates/{int:pk}/vote", response={200: GateOut} | PROBLEMS)
def vote(request: Any, slug: str, number: int, pk: int, said: ChoiceIn) -> Any:
    """Vote at an open gate; voting again replaces the vote. `recuse` stands aside."""
    review = _review(request, slug, number, pk, Permission.GATE_VOTE)
    gates.vote_cast(by=request.user, review=review, choice=said.choice, sentence=said.sentence)
    return _gate(review)


@router.post("/n/{slug}/projects/{int:number}/gates/{int:pk}/decide", response={200: GateOut} | PROBLEMS)
def decide_gate(request: Any, slug: str, number: int, pk: int, said: ChoiceIn) -> Any:
    """Decide a gate; the project moves as decided."""
    review = _review(request, slug, number, pk, Permission.GATE_DECIDE)
    decided = gates.review_decide(
        by=request.user, review=review, decision=said.choice, sentence=said.sentence, conditions=said.conditions
    )
    return _gate(decided)


def _review(request: Any, slug: str, number: int, pk: int, permission: Permission) -> Review:
    network = network_for(user=request.user, slug=slug)
    found = selectors.project_for(user=request.user, network=network, number=number)
    require(request.user, permission, network=network)
    return selectors.review_for(user=request.user, project=found, pk=pk)
