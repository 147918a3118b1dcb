"""A pathway as policy: the ten attributes of the framework, and what they make of a project's life.

Nothing here knows of Django. A project keeps the policy version that it began under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from importlib import resources
from typing import Any

import yaml

from allteach.errors import StateError


class Phase(StrEnum):
    """Where a project is. Work phases are those of the framework; the rest are our own."""

    DRAFT = "draft"
    DESIGN = "design"
    TEST_LEARN = "test_learn"
    SHARE_SPREAD = "share_spread"
    SUSTAIN = "sustain"
    CLOSED = "closed"
    STOPPED = "stopped"


WORK_PHASES = (Phase.DESIGN, Phase.TEST_LEARN, Phase.SHARE_SPREAD, Phase.SUSTAIN)


class Gate(StrEnum):
    """A decision that a project waits for. G0, triage, belongs to the idea and comes before there is a project."""

    APPROVAL = "approval"  # G1
    READY = "ready"  # G2
    EVALUATION = "evaluation"  # G3
    SUSTAIN = "sustain"  # G4
    CLOSE = "close"  # G5


class Decision(StrEnum):
    """What a gate can decide."""

    APPROVE = "approve"
    CONDITIONS = "conditions"
    REVISE = "revise"
    DECLINE = "decline"
    DEFER = "defer"
    SPREAD = "spread"
    PROMOTE = "promote"
    EXTEND = "extend"
    SHARE_ONLY = "share_only"
    STOP = "stop"


GATE_DECISIONS: Mapping[Gate, tuple[Decision, ...]] = {
    Gate.APPROVAL: (Decision.APPROVE, Decision.CONDITIONS, Decision.REVISE, Decision.DECLINE, Decision.DEFER),
    Gate.READY: (Decision.APPROVE, Decision.REVISE),
    Gate.EVALUATION: (
        Decision.SPREAD,
        Decision.PROMOTE,
        Decision.EXTEND,
        Decision.REVISE,
        Decision.SHARE_ONLY,
        Decision.STOP,
    ),
    Gate.SUSTAIN: (Decision.APPROVE, Decision.EXTEND),
    Gate.CLOSE: (Decision.APPROVE, Decision.EXTEND),
}
FORWARD = frozenset({Decision.APPROVE, Decision.CONDITIONS, Decision.SPREAD, Decision.SHARE_ONLY})

APPROVALS = ("before_design", "after_design", "register")
ROLES = ("sites", "leaders", "experts", "staff")


@dataclass(frozen=True, slots=True)
class Pathway:
    """One pathway: the ten attributes of the framework's table, and who may decide.

    Args:
        key: Stored name.
        name: What people read.
        scope, source_of_idea, approach, support, expected_output: One sentence each.
        approval: before_design, after_design or register (no gate).
        phases: Work phases in order; always begins with design.
        participants: Phase -> role -> [least, most], soft limits.
        evaluation: kind ``rule`` or ``local``, by whom, and the thresholds of the rule.
        spread: scope ``all_sites`` or ``voluntary``.
        publication: expected, encouraged or optional.
        may_become: Keys of pathways that a project here can be promoted to.
        quorum: Votes needed at a gate.
        inferred: Attributes that the published table did not show.
    """

    key: str
    name: str
    scope: str
    source_of_idea: str
    approach: str
    support: str
    expected_output: str
    approval: str
    phases: tuple[Phase, ...]
    participants: Mapping[str, Mapping[str, Any]]
    evaluation: Mapping[str, Any]
    spread: Mapping[str, Any]
    publication: str
    may_become: tuple[str, ...] = ()
    quorum: int = 0
    inferred: tuple[str, ...] = field(default=())

    def gate_after(self, phase: Phase) -> Gate | None:
        """Return the gate that a project must pass to leave this phase, or None where it may simply go on."""
        if phase is Phase.DRAFT:
            return Gate.APPROVAL if self.approval == "before_design" else None
        if phase is Phase.DESIGN:
            if self.approval == "after_design":
                return Gate.APPROVAL
            return Gate.READY if self.approval == "before_design" else None
        if phase is Phase.TEST_LEARN:
            return Gate.EVALUATION
        if phase is Phase.SHARE_SPREAD and Phase.SUSTAIN in self.phases:
            return Gate.SUSTAIN
        if phase is Phase.SUSTAIN:
            return Gate.CLOSE
        return None

    def phase_after(self, phase: Phase) -> Phase:
        """Return the phase that follows.

        Raises:
            StateError: ``AT-T-101`` when the project has ended.
        """
        line = (Phase.DRAFT, *self.phases, Phase.CLOSED)
        if phase not in line or phase is Phase.CLOSED:
            raise StateError("AT-T-101", f"A project that is {phase.value} has no next phase.")
        return line[line.index(phase) + 1]

    def shortfalls(self, phase: Phase, counts: Mapping[str, int]) -> tuple[str, ...]:
        """Return one sentence for each participant range that is not met; they warn, never block."""
        said = []
        for role, span in self.participants.get(phase.value, {}).items():
            if role not in ROLES:
                continue
            least, most = span
            have = counts.get(role, 0)
            if not least <= have <= most:
                wanted = f"{least}" if least == most else f"at least {least}" if most >= 99 else f"{least} to {most}"
                said.append(f"{self.name} projects have {wanted} {role} in this phase; this one has {have}.")
        return tuple(said)


def parse(text: str) -> tuple[Pathway, ...]:
    """Return the pathways in a YAML text.

    Raises:
        StateError: ``AT-T-110`` with the pathway and the key that is missing, unknown or unusable.
    """
    try:
        entries = yaml.safe_load(text)["pathways"]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise StateError(
            "AT-T-110", "The policy is not YAML with a list of pathways.", do="Start from the shipped one."
        ) from error
    return tuple(_pathway(entry) for entry in entries)


def _pathway(entry: Mapping[str, Any]) -> Pathway:
    names = {f.name for f in fields(Pathway)}
    where = f"pathway {entry.get('key', '?')}"
    unknown = sorted(set(entry) - names)
    missing = sorted(names - set(entry) - {"may_become", "quorum", "inferred"})
    if unknown or missing:
        what = f"Unknown: {', '.join(unknown)}." if unknown else f"Missing: {', '.join(missing)}."
        raise StateError("AT-T-110", what, where=where, expected=f"Known are {', '.join(sorted(names))}.")
    phases = tuple(Phase(p) for p in entry["phases"] if p in set(WORK_PHASES))
    ordered = tuple(p for p in WORK_PHASES if p in phases)
    if len(phases) != len(entry["phases"]) or phases != ordered or phases[:2] != (Phase.DESIGN, Phase.TEST_LEARN):
        raise StateError(
            "AT-T-110",
            "The phases are not in order.",
            where=where,
            expected="design, test_learn, then share_spread and sustain where wanted.",
        )
    if entry["approval"] not in APPROVALS:
        raise StateError("AT-T-110", "Approval is not known.", where=where, expected=f"One of {', '.join(APPROVALS)}.")
    for phase, roles in entry["participants"].items():
        for role, span in roles.items():
            if role in ROLES and not (isinstance(span, list) and len(span) == 2 and 0 <= span[0] <= span[1]):
                raise StateError(
                    "AT-T-110", f"{role} in {phase} is not a range.", where=where, expected="[least, most]"
                )
    values = dict(entry) | {
        "phases": phases,
        "may_become": tuple(entry.get("may_become", ())),
        "inferred": tuple(entry.get("inferred", ())),
    }
    return Pathway(**values)


def shipped_text() -> str:
    """Return the shipped policy, YAML."""
    return resources.files("allteach.web.projects").joinpath("pathways.yaml").read_text(encoding="utf-8")
