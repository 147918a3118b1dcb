"""The portfolio and one project's story."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from allteach.web.ideas.selectors import idea_for, suggestion
from allteach.web.people.permissions import may, may_somewhere, require
from allteach.web.people.roles import Permission
from allteach.web.projects import forms, selectors, services
from allteach.web.projects.diagram import changes, rows
from allteach.web.projects.evidence import measure_readings
from allteach.web.projects.models import Aim
from allteach.web.projects.policy import WORK_PHASES, Gate, Pathway, Phase
from allteach.web.projects.progress import progress
from allteach.web.projects.wording import (
    APPROVAL_NAMES,
    ATTRIBUTE_NAMES,
    GATE_NAMES,
    PARTICIPANTS,
    PHASE_NAMES,
    decision_name,
)
from allteach.web.sites.models import Network
from allteach.web.sites.naming import naming_for


def index(request: HttpRequest, network: str) -> HttpResponse:
    """Show the portfolio: which project is where on its pathway, and what waits for a decision."""
    place: Network = request.network
    phase, text = request.GET.get("phase", ""), request.GET.get("q", "")
    names = {p.key: p.name for p in selectors.pathways_of(user=request.user, network=place)}
    projects = list(selectors.projects_of(user=request.user, network=place, phase=phase, text=text))
    for project in projects:
        project.pathway_name = names.get(project.pathway, project.pathway)
        project.phase_name = PHASE_NAMES[Phase(project.phase)]
    waiting = selectors.waiting_gates(user=request.user, network=place)
    for review in waiting:
        review.name = GATE_NAMES[Gate(review.gate)]
    context = {
        "aims": _with_progress(request.user, selectors.aims_of(user=request.user, network=place)),
        "may_aim": may(request.user, Permission.NETWORK_CHANGE, network=place),
        "projects": projects,
        "waiting": waiting,
        "phases": [(p.value, PHASE_NAMES[p]) for p in Phase],
        "phase": phase,
        "q": text,
        "may_change": may(request.user, Permission.PROJECT_CHANGE, network=place),
        "may_submit": may(request.user, Permission.IDEA_SUBMIT, network=place),
    }
    return render(request, "projects/index.html", context)


def new(request: HttpRequest, network: str) -> HttpResponse:
    """Start a project, from an idea or afresh."""
    place: Network = request.network
    require(request.user, Permission.PROJECT_CHANGE, network=place)
    number = request.GET.get("idea", "")
    idea = idea_for(user=request.user, network=place, number=int(number)) if number.isdigit() else None
    found = selectors.pathways_of(user=request.user, network=place)
    choices = [(p.key, f"{p.name}: {p.scope}") for p in found]
    suggested, reasons = suggestion(idea=idea, staffed=True) if idea else ("", ())
    begin = {"title": idea.title, "problem": idea.problem, "pathway": suggested} if idea else {}
    form = forms.StartForm(request.POST or None, pathways=choices, initial=begin)
    if request.method == "POST" and form.is_valid():
        project = services.project_start(by=request.user, network=place, idea=idea, **form.cleaned_data)
        return redirect("projects:project", network=place.slug, number=project.number)
    context = {
        "form": form,
        "idea": idea,
        "suggested": next((p.name for p in found if p.key == suggested), ""),
        "reasons": reasons,
    }
    return render(request, "projects/new.html", context, status=422 if request.method == "POST" else 200)


def project(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show a project as one story: aim, measures, ideas, tests, evidence, decision."""
    place: Network = request.network
    found = selectors.project_for(user=request.user, network=place, number=number)
    return render(request, "projects/project.html", story(request, found))


def story(request: HttpRequest, found: Any) -> dict[str, Any]:
    """Return what the project's page shows."""
    place, user = found.network, request.user
    pathway = services.pathway_of(found)
    diagram = selectors.diagram_of(user=user, project=found)
    naming = naming_for(user=user, network=place)
    cohorts = selectors.cohorts_of(user=user, project=found)
    for cohort in cohorts:
        cohort.members = list(cohort.sites.all())
        for member in cohort.members:
            member.name = naming.name(member.site)
    line = (Phase.DRAFT, *pathway.phases, Phase.CLOSED)
    at = line.index(Phase(found.phase)) if Phase(found.phase) in line else -1
    reviews = list(found.reviews.select_related("decided_by", "opened_by"))
    for review in reviews:
        review.name = GATE_NAMES[review.gate]
        review.words = decision_name(review.decision)
    return {
        "project": found,
        "pathway": pathway,
        "line": [(PHASE_NAMES[p], "done" if i < at else "now" if i == at else "later") for i, p in enumerate(line)],
        "phase_name": PHASE_NAMES[Phase(found.phase)],
        "ended": found.phase in services.ENDED,
        "working": Phase(found.phase) in WORK_PHASES,
        "step": selectors.next_step(found),
        "aims": _with_progress(user, selectors.aims_of(user=user, network=place, project=found)),
        "readings": measure_readings(user=user, project=found),
        "diagram": diagram,
        "drawn": rows(diagram.nodes) if diagram else [],
        "bundle": selectors.bundle_of(user=user, project=found),
        "cohorts": cohorts,
        "people": found.people.select_related("person"),
        "tests": found.cycles.select_related("site")[:8],
        "reviews": reviews,
        "promotions": [p for p in selectors.pathways_of(user=user, network=place) if p.key in pathway.may_become],
        "may_change": may(user, Permission.PROJECT_CHANGE, network=place),
        "may_site_aim": found.phase not in services.ENDED and may_somewhere(user, Permission.TEST_WRITE, network=place),
        "may_decide": may(user, Permission.GATE_DECIDE, network=place),
    }


def diagram(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show a driver diagram in any of its versions, with what changed since the one before."""
    place: Network = request.network
    found = selectors.project_for(user=request.user, network=place, number=number)
    wanted = request.GET.get("version", "")
    shown = selectors.diagram_of(user=request.user, project=found, version=int(wanted) if wanted.isdigit() else None)
    before = found.diagrams.filter(version__lt=shown.version).first() if shown else None
    context = {
        "project": found,
        "diagram": shown,
        "drawn": rows(shown.nodes) if shown else [],
        "versions": list(found.diagrams.all()),
        "changes": changes(before.nodes, shown.nodes) if before and shown else [],
        "before": before,
        "has_draft": found.diagrams.filter(status="draft").exists(),
        "may_change": may(request.user, Permission.PROJECT_CHANGE, network=place) and found.phase not in services.ENDED,
    }
    return render(request, "projects/diagram.html", context)


def pathways(request: HttpRequest, network: str) -> HttpResponse:
    """Show the pathways of the network, attribute by attribute, and change them."""
    place: Network = request.network
    found = selectors.pathways_of(user=request.user, network=place)
    may_change = may(request.user, Permission.PATHWAY_CHANGE, network=place)
    policies = selectors.policies_of(user=request.user, network=place)
    text = policies[0].text if policies else services.shipped_text()
    form = forms.PolicyForm(request.POST or None, initial={"text": text})
    if request.method == "POST":
        require(request.user, Permission.PATHWAY_CHANGE, network=place)
        if form.is_valid():
            services.policy_change(by=request.user, network=place, **form.cleaned_data)
            return redirect("projects:pathways", network=place.slug)
    context = {
        "pathways": [_described(pathway) for pathway in found],
        "policies": policies,
        "form": form,
        "may_change": may_change,
    }
    return render(request, "projects/pathways.html", context, status=422 if request.method == "POST" else 200)


def _described(pathway: Pathway) -> dict[str, Any]:
    people = []
    for phase, roles in pathway.participants.items():
        spans = [(PARTICIPANTS[role], span) for role, span in roles.items() if role in PARTICIPANTS]
        people.append((PHASE_NAMES[Phase(phase)], spans))
    return {
        "pathway": pathway,
        "approval": APPROVAL_NAMES[pathway.approval],
        "inferred": [ATTRIBUTE_NAMES.get(name, name) for name in pathway.inferred],
        "phases": [PHASE_NAMES[phase] for phase in pathway.phases],
        "people": [(phase, spans) for phase, spans in people if spans],
    }


def _with_progress(user: Any, aims: list[Aim]) -> list[Aim]:
    for aim in aims:
        aim.progress = progress(user=user, aim=aim)
    return aims
