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
    design_grade: str = ""


ROUNDED = 0.01  # of a site: two thirds is written 0.6667, and six of nine sites are two thirds


def design_grade(*, drawn: int, compared: bool, baseline: int, stable: bool) -> str:
    """Return how far the design lets a result be believed.

    Args:
        drawn: Groups of sites whose start, or whose place in the comparison, was drawn by lot.
        compared: Sites that did not begin were watched at the same time.
        baseline: Points before the start.
        stable: Those points show nothing but chance.

    Returns:
        A drawn by lot, B compared at the same time, C before and after with a stable baseline, D anecdote.
    """
    if drawn >= 2:
        return "A"
    if compared:
        return "B"
    return "C" if stable and baseline >= 12 else "D"


def propose(
    evidence: Evidence,
    *,
    reliability: float,
    reliable_periods: int,
    reliable_share: float,
    least_grade: str = "",
    wider: bool = False,
) -> Proposal:
    """Return the decision that the framework's rule proposes.

    Args:
        evidence: What the record says.
        reliability: Share of opportunities with the right process that counts as reliable, 0-1.
        reliable_periods: Latest periods in a row that must be reliable.
        reliable_share: Share of sites that must be reliable, 0-1.
        least_grade: Grade that the design must have before anything spreads; empty for no demand.
        wider: The pathway itself does not reach all sites, so that what works is promoted to one that does.

    Source:
        Bates et al. 2022, Table 1 (evaluation of the test phase); the thresholds are ours and editable.
    """
    outcome = _outcome(evidence)
    sites = len(evidence.reliability)
    known = [s for s in evidence.reliability if len(s) >= reliable_periods]
    reliable = sum(all(v >= reliability for v in s[-reliable_periods:]) for s in known)
    enough = reliable >= reliable_share * sites - ROUNDED
    process = Verdict.UNKNOWN if not known else Verdict.YES if enough else Verdict.NO
    balancing = _unharmed(evidence.balancing)
    equity = _unharmed(evidence.equity)
    decision, reason = _decide(outcome, process, balancing, equity)
    if decision is Decision.SPREAD and least_grade and (evidence.design_grade or "D") > least_grade:
        decision, reason = Decision.EXTEND, "The pathway asks for a stronger design before this spreads to all sites."
    elif decision is Decision.SPREAD and wider:
        decision = Decision.PROMOTE
        reason = "The outcome is better and the process is reliable: promote it, so that all sites can take part."
    grade = evidence.design_grade
    return Proposal(outcome, process, balancing, equity, reliable, sites, decision, reason, grade)


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
        if process is Verdict.UNKNOWN:
            return Decision.EXTEND, "The outcome is better, but nothing says yet how reliable the process is."
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
