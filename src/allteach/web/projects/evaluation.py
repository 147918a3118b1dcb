"""The evaluation rule: better outcomes together with reliable processes. It proposes; people decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from allteach.web.projects.policy import Decision


class Verdict(StrEnum):
    """What the record says about one part of the rule."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the gate reads from the record.

    Args:
        outcome: Variation of each outcome's cohort chart: improving, concerning, changed, common, too_few, unjudged
            or none.
        aim_reached: Whether each outcome's aim is reached; None where no aim is set.
        reliability: Site -> latest shares of reliable process, oldest first; missing periods left out.
        balancing: Variation of each balancing measure's cohort chart.
        equity: Variation of each stratum that is watched; empty where none is.
        design_grade: A to D, or empty.
    """

    outcome: Sequence[str]
    aim_reached: Sequence[bool | None]
    reliability: Sequence[Sequence[float]]
    balancing: Sequence[str]
    equity: Sequence[str] = ()
    design_grade: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rule makes of the evidence: its parts, and the decision it proposes with the reason."""

    outcome: Verdict
    process: Verdict
    balancing: Verdict
    equity: Verdict
    reliable_sites: int
    sites: int
    decision: Decision
    reason: str


def propose(evidence: Evidence, *, reliability: float, reliable_periods: int, reliable_share: float) -> Proposal:
    """Return the decision that the framework's rule proposes.

    Args:
        evidence: What the record says.
        reliability: Share of opportunities with the right process that counts as reliable, 0-1.
        reliable_periods: Latest periods in a row that must be reliable.
        reliable_share: Share of sites that must be reliable, 0-1.

    Source:
        Bates et al. 2022, Table 1 (evaluation of the test phase); the thresholds are ours and editable.
    """
    outcome = _outcome(evidence)
    sites = len(evidence.reliability)
    known = [s for s in evidence.reliability if len(s) >= reliable_periods]
    reliable = sum(all(v >= reliability for v in s[-reliable_periods:]) for s in known)
    process = Verdict.UNKNOWN if not known else Verdict.YES if reliable >= reliable_share * sites else Verdict.NO
    balancing = _unharmed(evidence.balancing)
    equity = _unharmed(evidence.equity)
    decision, reason = _decide(outcome, process, balancing, equity)
    return Proposal(outcome, process, balancing, equity, reliable, sites, decision, reason)


def _outcome(evidence: Evidence) -> Verdict:
    if not evidence.outcome or all(v in ("too_few", "unjudged", "none") for v in evidence.outcome):
        return Verdict.UNKNOWN
    better = any(v == "improving" for v in evidence.outcome) or any(evidence.aim_reached)
    worse = any(v == "concerning" for v in evidence.outcome)
    return Verdict.YES if better and not worse else Verdict.NO


def _unharmed(variations: Sequence[str]) -> Verdict:
    if any(v == "concerning" for v in variations):
        return Verdict.NO
    if not variations or all(v in ("too_few", "unjudged", "none") for v in variations):
        return Verdict.UNKNOWN
    return Verdict.YES


def _decide(outcome: Verdict, process: Verdict, balancing: Verdict, equity: Verdict) -> tuple[Decision, str]:
    if balancing is Verdict.NO:
        return Decision.REVISE, "A balancing measure has become worse: find out why before anyone else starts."
    if equity is Verdict.NO:
        return Decision.REVISE, "One group of patients has become worse off: find out why before anyone else starts."
    if outcome is Verdict.UNKNOWN:
        return Decision.EXTEND, "There are too few points to tell whether the outcome has changed."
    if outcome is Verdict.YES:
        if process is Verdict.YES:
            return Decision.SPREAD, "The outcome is better and the process is reliable: plan the spread to all sites."
        return Decision.EXTEND, "The outcome is better but the process is not reliable: look for other causes."
    if process is Verdict.YES:
        return (
            Decision.REVISE,
            "The process is reliable but the outcome is no better: the theory is wrong or incomplete.",
        )
    return (
        Decision.EXTEND,
        "The change has not been made reliably yet, so it has not been tested: help sites to make it.",
    )
