"""Ideas over the API: read, propose, triage, say interest. The same rules as on the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router, Schema, Status

from allteach.errors import StateError
from allteach.web.api.problems import PROBLEMS
from allteach.web.ideas import selectors, services
from allteach.web.ideas.models import Idea
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network
from allteach.web.sites.selectors import network_for, site_for

router = Router()
STEPS = ("ask", "answer", "park", "decline", "merge")


class IdeaOut(Schema):
    """An idea and what became of it."""

    number: int
    title: str
    problem: str
    change: str
    population: str
    equity: str
    source: str
    link: str
    status: str
    proposed_by: str
    proposed_at: datetime
    site: str | None
    interested: list[str]
    pathway_reasons: list[str]
    question: str
    answer: str
    decision_note: str
    merged_into: int | None


class IdeaIn(Schema):
    """An idea to propose: title and problem are enough."""

    title: str
    problem: str
    change: str = ""
    population: str = ""
    equity: str = ""
    source: str = Idea.Source.FRONT_LINE
    link: str = ""
    site: str = ""


class IdeaStepIn(Schema):
    """A sentence, and for `merge` the number of the other idea."""

    sentence: str
    into: int | None = None


class InterestBody(Schema):
    """A site of one's own that would take part."""

    site: str
    text: str = ""


def _out(idea: Idea) -> dict[str, Any]:
    names = ("number", "title", "problem", "change", "population", "equity", "source", "link", "status",
             "proposed_at", "pathway_reasons", "question", "answer", "decision_note")  # fmt: skip
    return {name: getattr(idea, name) for name in names} | {
        "proposed_by": str(idea.proposed_by),
        "site": idea.site.code if idea.site else None,
        "interested": sorted(interest.site.code for interest in idea.interests.all()),
        "merged_into": idea.merged_into.number if idea.merged_into else None,
    }


def _one(request: Any, network: Network, number: int) -> dict[str, Any]:
    return _out(selectors.idea_for(user=request.user, network=network, number=number))


@router.get("/n/{slug}/ideas", response={200: list[IdeaOut]} | PROBLEMS)
def ideas(request: Any, slug: str, status: str = "", text: str = "") -> Any:
    """Return the ideas of a network, newest first."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.ideas_of(user=request.user, network=network, status=status, text=text)
    return [_out(idea) for idea in found.prefetch_related("interests__site")]


@router.post("/n/{slug}/ideas", response={201: IdeaOut} | PROBLEMS)
def propose(request: Any, slug: str, said: IdeaIn) -> Any:
    """Propose an idea. Look first whether the network has it: `GET ideas?text=`."""
    network = network_for(user=request.user, slug=slug)
    require(request.user, Permission.IDEA_SUBMIT, network=network)
    words = said.dict()
    code = words.pop("site")
    site = site_for(user=request.user, network=network, code=code) if code else None
    if site is not None:
        require(request.user, Permission.IDEA_SUBMIT, network=network, site=site)
    idea = services.idea_submit(by=request.user, network=network, site=site, **words)
    return Status(201, _out(idea))


@router.get("/n/{slug}/ideas/{int:number}", response={200: IdeaOut} | PROBLEMS)
def idea(request: Any, slug: str, number: int) -> Any:
    """Return one idea."""
    return _one(request, network_for(user=request.user, slug=slug), number)


@router.post("/n/{slug}/ideas/{int:number}/interest", response={200: IdeaOut} | PROBLEMS)
def interest(request: Any, slug: str, number: int, said: InterestBody) -> Any:
    """Say that a site of one's own would take part."""
    network = network_for(user=request.user, slug=slug)
    site = site_for(user=request.user, network=network, code=said.site)
    require(request.user, Permission.TEST_WRITE, network=network, site=site)
    found = selectors.idea_for(user=request.user, network=network, number=number)
    services.interest_say(by=request.user, idea=found, site=site, text=said.text[:300])
    return _one(request, network, number)


@router.post("/n/{slug}/ideas/{int:number}/steps/{step}", response={200: IdeaOut} | PROBLEMS)
def idea_step(request: Any, slug: str, number: int, step: str, said: IdeaStepIn) -> Any:
    """Take a step with an idea: `ask`, `answer`, `park`, `decline` or `merge`. Each needs a sentence."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.idea_for(user=request.user, network=network, number=number)
    if step != "answer" or found.proposed_by_id != request.user.pk:
        require(request.user, Permission.IDEA_TRIAGE, network=network)
    if step not in STEPS:
        raise StateError("AT-T-039", "There is no such step.", expected=f"One of: {', '.join(STEPS)}.")
    if step == "ask":
        services.idea_ask(by=request.user, idea=found, question=said.sentence)
    elif step == "answer":
        services.idea_answer(by=request.user, idea=found, answer=said.sentence)
    else:
        status = {"park": Idea.Status.PARKED, "decline": Idea.Status.DECLINED, "merge": Idea.Status.MERGED}[step]
        into = None
        if step == "merge" and said.into is not None:
            into = selectors.idea_for(user=request.user, network=network, number=said.into)
        services.idea_decide(by=request.user, idea=found, status=status, note=said.sentence, into=into)
    return _one(request, network, number)
