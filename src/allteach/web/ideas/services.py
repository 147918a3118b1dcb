"""Every change to ideas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from allteach.errors import StateError
from allteach.web.ideas.models import Idea, Interest
from allteach.web.ledger import moment
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.sites.models import Network, Site
from allteach.web.sites.numbering import next_number

OPEN = (Idea.Status.SUBMITTED, Idea.Status.NEEDS_INFO, Idea.Status.TRIAGED, Idea.Status.PARKED)


@transaction.atomic
def idea_submit(*, by: Person, network: Network, site: Site | None = None, **fields: Any) -> Idea:
    """Return the new idea. `fields`: title, problem, change, population, source, link, equity."""
    number = next_number(Idea, network)
    idea = Idea(network=network, number=number, site=site, proposed_by=by, proposed_at=moment.now(), **fields)
    idea.full_clean()
    idea.save()
    record(by=by, action="idea.submitted", network=network, site=site, about=str(idea))
    return idea


@transaction.atomic
def idea_ask(*, by: Person, idea: Idea, question: str) -> Idea:
    """Return the idea, now waiting for an answer from the person who proposed it."""
    idea = _open(idea)
    idea.status, idea.question, idea.answer = Idea.Status.NEEDS_INFO, _said(question, "question"), ""
    return _keep(idea, by, "idea.asked", question=question)


@transaction.atomic
def idea_answer(*, by: Person, idea: Idea, answer: str) -> Idea:
    """Return the idea with the answer, back among the new ones.

    Raises:
        StateError: ``AT-T-121`` when nothing was asked.
    """
    idea = _open(idea)
    if idea.status != Idea.Status.NEEDS_INFO:
        raise StateError("AT-T-121", "Nothing was asked about this idea.", where=str(idea))
    idea.status, idea.answer = Idea.Status.SUBMITTED, _said(answer, "answer")
    return _keep(idea, by, "idea.answered")


@transaction.atomic
def idea_triage(*, by: Person, idea: Idea, pathway: str, reasons: list[str], note: str) -> Idea:
    """Return the idea, looked at, with the suggested pathway and why."""
    idea = _open(idea)
    idea.status, idea.pathway, idea.pathway_reasons = Idea.Status.TRIAGED, pathway, list(reasons)
    idea.decision_note = note
    return _keep(idea, by, "idea.triaged", pathway=pathway)


@transaction.atomic
def idea_decide(*, by: Person, idea: Idea, status: str, note: str, into: Idea | None = None) -> Idea:
    """Return the idea after it was accepted, parked, declined or merged into another, always with a sentence.

    Raises:
        StateError: ``AT-T-120`` when the idea has already become something else, ``AT-T-122`` without a sentence,
            ``AT-T-123`` when it is to be merged into itself or into nothing.
    """
    idea = _open(idea)
    if (status == Idea.Status.MERGED) != (into is not None) or (into is not None and into.pk == idea.pk):
        raise StateError(
            "AT-T-123", "An idea is merged into another idea.", where=str(idea), do="Choose the other idea."
        )
    idea.status, idea.merged_into = status, into
    idea.decided_by, idea.decided_at, idea.decision_note = by, moment.now(), _said(note, "sentence")
    return _keep(idea, by, f"idea.{status}", note=note)


@transaction.atomic
def interest_say(*, by: Person, idea: Idea, site: Site, text: str = "") -> Interest:
    """Return the site's interest in the idea; saying it twice changes the text."""
    interest, _ = Interest.objects.update_or_create(
        idea=idea, site=site, defaults={"said_by": by, "said_at": moment.now(), "text": text}
    )
    record(by=by, action="idea.interest_said", network=idea.network, site=site, about=str(idea))
    return interest


@transaction.atomic
def interest_withdraw(*, by: Person, idea: Idea, site: Site) -> None:
    """Take back a site's interest."""
    Interest.objects.filter(idea=idea, site=site).delete()
    record(by=by, action="idea.interest_withdrawn", network=idea.network, site=site, about=str(idea))


def _open(idea: Idea) -> Idea:
    idea = Idea.objects.select_for_update().get(pk=idea.pk)
    if idea.status not in OPEN:
        raise StateError(
            "AT-T-120",
            f"This idea is already {idea.get_status_display().lower()}.",
            where=str(idea),
            do="Propose a new idea that links to this one.",
        )
    return idea


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise StateError(
            "AT-T-122", f"A {what} is missing.", expected="One sentence that others will understand later."
        )
    return text.strip()


def _keep(idea: Idea, by: Person, action: str, **detail: Any) -> Idea:
    idea.full_clean()
    idea.save()
    record(by=by, action=action, network=idea.network, site=idea.site, about=str(idea), **_plain(detail))
    return idea


def _plain(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {key: str(value) for key, value in detail.items()}
