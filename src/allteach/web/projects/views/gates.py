"""Pages of gates: open with the evidence, vote, decide."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from allteach.errors import StateError
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.projects import forms, gates, selectors
from allteach.web.projects.models import Project, Review
from allteach.web.projects.packet import packet
from allteach.web.projects.policy import Decision, Gate
from allteach.web.projects.services import pathway_of
from allteach.web.projects.wording import DECISION_NAMES, GATE_NAMES, GATE_QUESTIONS, GRADE_NAMES, decision_name
from allteach.web.sites.models import Network

TIME_TO_DECIDE = timedelta(days=14)


def open_gate(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show what a gate would look at, and open it."""
    place: Network = request.network
    project = selectors.project_for(user=request.user, network=place, number=number)
    require(request.user, Permission.PROJECT_CHANGE, network=place)
    step = selectors.next_step(project)
    if step.gate is None:
        raise StateError("AT-T-140", "No gate stands before the next phase.", where=str(project), do="Go on to it.")
    if step.review:
        return redirect("projects:gate", network=place.slug, number=number, pk=step.review.pk)
    form = forms.OpenForm(request.POST or None, initial={"due": timezone.localdate() + TIME_TO_DECIDE})
    found = packet(user=request.user, project=project, gate=step.gate)
    if request.method == "POST" and form.is_valid():
        if step.warnings and not form.cleaned_data["reason"]:
            form.add_error("reason", " ".join(step.warnings))
        else:
            review = gates.review_open(
                by=request.user, project=project, packet=found, warnings=step.warnings, **form.cleaned_data
            )
            return redirect("projects:gate", network=place.slug, number=number, pk=review.pk)
    context = {
        "project": project,
        "step": step,
        "form": form,
        "packet": found,
        "question": GATE_QUESTIONS[step.gate],
        "proposed": _proposed(found),
        "grade": _grade(found),
    }
    return render(request, "projects/open_gate.html", context, status=422 if request.method == "POST" else 200)


def gate(request: HttpRequest, network: str, number: int, pk: int) -> HttpResponse:
    """Show a gate: the evidence as it stood, the votes, the decision."""
    project, review = _found(request, number, pk)
    return render(request, "projects/gate.html", _context(request, project, review))


@require_POST
def vote(request: HttpRequest, network: str, number: int, pk: int) -> HttpResponse:
    """Cast a vote."""
    project, review = _found(request, number, pk)
    require(request.user, Permission.GATE_VOTE, network=project.network)
    form = forms.VoteForm(request.POST, gate=review.gate)
    if not form.is_valid():
        context = _context(request, project, review) | {"vote_form": form}
        return render(request, "projects/gate.html", context, status=422)
    gates.vote_cast(by=request.user, review=review, **form.cleaned_data)
    return redirect("projects:gate", network=project.network.slug, number=number, pk=pk)


@require_POST
def decide(request: HttpRequest, network: str, number: int, pk: int) -> HttpResponse:
    """Decide; the project moves as decided."""
    project, review = _found(request, number, pk)
    require(request.user, Permission.GATE_DECIDE, network=project.network)
    form = forms.DecideForm(request.POST, gate=review.gate)
    if not form.is_valid():
        context = _context(request, project, review) | {"decide_form": form}
        return render(request, "projects/gate.html", context, status=422)
    gates.review_decide(by=request.user, review=review, **form.cleaned_data)
    return redirect("projects:project", network=project.network.slug, number=number)


def _found(request: HttpRequest, number: int, pk: int) -> tuple[Project, Review]:
    place: Network = request.network
    project = selectors.project_for(user=request.user, network=place, number=number)
    return project, selectors.review_for(user=request.user, project=project, pk=pk)


def _proposed(found: dict[str, object]) -> str:
    said = found.get("proposal")
    return str(DECISION_NAMES[Decision(said["decision"])]) if isinstance(said, dict) else ""


def _grade(found: dict[str, object]) -> str:
    said = found.get("proposal")
    return str(GRADE_NAMES.get(said.get("design_grade", ""), "")) if isinstance(said, dict) else ""


def _context(request: HttpRequest, project: Project, review: Review) -> dict[str, object]:
    votes = list(review.votes.select_related("person"))
    for one in votes:
        one.words = decision_name(one.choice)
    own = next((one for one in votes if one.person_id == request.user.pk), None)
    begin = {"choice": own.choice, "sentence": own.sentence} if own else {}
    is_open = not review.decision
    return {
        "project": project,
        "review": review,
        "name": GATE_NAMES[Gate(review.gate)],
        "question": GATE_QUESTIONS[Gate(review.gate)],
        "packet": review.packet,
        "proposed": _proposed(review.packet),
        "grade": _grade(review.packet),
        "decided": decision_name(review.decision),
        "votes": votes,
        "quorum": pathway_of(project).quorum,
        "vote_form": forms.VoteForm(gate=review.gate, initial=begin)
        if is_open and may(request.user, Permission.GATE_VOTE, network=project.network)
        else None,
        "decide_form": forms.DecideForm(gate=review.gate, initial={"decision": review.proposed})
        if is_open and may(request.user, Permission.GATE_DECIDE, network=project.network)
        else None,
    }
