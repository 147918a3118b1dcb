"""Gates: open one with its evidence, vote, decide. The only way past a gate is its decision."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from allteach.errors import StateError
from allteach.web.ledger import moment
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.projects.models import Project, Review, Vote
from allteach.web.projects.policy import FORWARD, GATE_DECISIONS, Decision, Gate, Phase
from allteach.web.projects.services import living, move, pathway_of, project_promote, stop


@transaction.atomic
def review_open(
    *, by: Person, project: Project, due: date, packet: dict[str, Any], warnings: tuple[str, ...] = (), reason: str = ""
) -> Review:
    """Return the open gate before the project's next phase, with its evidence as it stands now.

    Raises:
        StateError: ``AT-T-140`` when no gate stands there, ``AT-T-141`` when it is open already, ``AT-T-142`` when
            something is outside the pathway's ranges and no reason is given, ``AT-T-104`` while on hold.
    """
    project = living(project)
    gate = pathway_of(project).gate_after(Phase(project.phase))
    if gate is None:
        raise StateError("AT-T-140", "No gate stands before the next phase.", where=str(project), do="Go on to it.")
    if project.on_hold:
        raise StateError("AT-T-104", "The project is on hold.", where=str(project), do="Resume it first.")
    if project.reviews.filter(decision="").exists():
        raise StateError("AT-T-141", "The gate is open already.", where=str(project), do="Vote, or decide it.")
    if warnings and not reason.strip():
        raise StateError(
            "AT-T-142",
            " ".join(warnings),
            where=str(project),
            do="Go on with a reason; ranges only warn.",
        )
    review = Review(
        project=project,
        gate=gate,
        opened_by=by,
        opened_at=moment.now(),
        due=due,
        packet=packet,
        warnings=list(warnings),
        warnings_reason=reason.strip(),
        proposed=packet.get("proposal", {}).get("decision", ""),
    )
    review.save()
    return _told(review, by, "gate.opened", warnings=list(warnings), reason=reason)


@transaction.atomic
def vote_cast(*, by: Person, review: Review, choice: str, sentence: str) -> Vote:
    """Return the person's vote; voting again replaces it until the gate is decided. ``recuse`` stands aside.

    Raises:
        StateError: ``AT-T-143`` when decided, ``AT-T-144`` for an unknown choice, ``AT-T-145`` without a sentence.
    """
    review = _open(review)
    _check(review, choice, sentence, ("recuse",))
    vote, _ = Vote.objects.update_or_create(
        review=review, person=by, defaults={"choice": choice, "sentence": sentence.strip(), "cast_at": moment.now()}
    )
    _told(review, by, "gate.voted", choice=choice)
    return vote


@transaction.atomic
def review_decide(
    *, by: Person, review: Review, decision: str, sentence: str, conditions: str = "", promote_to: str = ""
) -> Review:
    """Return the decided gate, after the project has moved as decided.

    Raises:
        StateError: ``AT-T-143`` when decided already, ``AT-T-144`` unknown decision, ``AT-T-145`` without a sentence,
            ``AT-T-146`` below the quorum, ``AT-T-147`` conditions missing, ``AT-T-106`` cannot be promoted there.
    """
    review = _open(review)
    _check(review, decision, sentence, ())
    project = living(review.project)
    pathway = pathway_of(project)
    votes = review.votes.exclude(choice="recuse").count()
    if votes < pathway.quorum:
        raise StateError(
            "AT-T-146", f"{votes} of {pathway.quorum} votes are in.", where=str(project), do="Ask the others to vote."
        )
    if decision == Decision.CONDITIONS and not conditions.strip():
        raise StateError("AT-T-147", "The conditions are missing.", where=str(project), do="Write what must be met.")
    review.decision, review.sentence, review.conditions = decision, sentence.strip(), conditions.strip()
    review.decided_by, review.decided_at = by, moment.now()
    review.save()
    agreed = "" if not review.proposed else "agreed" if review.proposed == decision else "overridden"
    _told(review, by, "gate.decided", decision=decision, sentence=sentence, rule=agreed)
    _follow(review, Decision(decision), by=by, sentence=sentence, promote_to=promote_to)
    return review


def _follow(review: Review, decision: Decision, *, by: Person, sentence: str, promote_to: str) -> None:
    project = living(review.project)
    pathway = pathway_of(project)
    if decision is Decision.PROMOTE:
        target = promote_to or next(iter(pathway.may_become), "")
        project_promote(by=by, project=project, pathway=target, reason=sentence)
        move(living(project), pathway.phase_after(Phase(project.phase)), by=by)
    elif decision in FORWARD:
        move(project, pathway.phase_after(Phase(project.phase)), by=by)
    elif decision in (Decision.STOP, Decision.DECLINE):
        stop(project, by=by, reason=sentence)


def _check(review: Review, choice: str, sentence: str, more: tuple[str, ...]) -> None:
    allowed = (*GATE_DECISIONS[Gate(review.gate)], *more)
    if choice not in allowed:
        raise StateError("AT-T-144", "This gate has no such choice.", expected=f"One of {', '.join(allowed)}.")
    if not sentence.strip():
        raise StateError("AT-T-145", "Every decision needs a sentence.", do="Write why, for those who were not there.")


def _open(review: Review) -> Review:
    review = Review.objects.select_for_update().select_related("project__network").get(pk=review.pk)
    if review.decision:
        raise StateError("AT-T-143", "This gate is decided.", where=str(review.project), do="Open it anew.")
    return review


def _told(review: Review, by: Person, action: str, **detail: Any) -> Review:
    record(by=by, action=action, network=review.project.network, about=f"{review.project} · {review.gate}", **detail)
    return review
