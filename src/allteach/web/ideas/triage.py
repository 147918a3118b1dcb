"""Help with ideas: which ones say the same, and which pathway suits. Pure; suggests with reasons, people decide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_COMMON_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the and for with that this from our are was were has have not but all can will when than then they them "
        "their there what who how why more less into over after before each any some one two use using patient",
    )
)


def words(text: str) -> frozenset[str]:
    """Return the telling words of a text, cut to a stem of six letters so that tube and tubes meet."""
    found = re.findall(r"[^\W\d_]{3,}", text.lower())
    stems = (w[:-1] if w.endswith("s") else w for w in found)
    return frozenset(w[:6] for w in stems if w not in _COMMON_WORDS)


def likeness(one: str, other: str) -> float:
    """Return how much two texts share, 0 to 1: shared telling words over those of the shorter text.

    Example:
        >>> likeness("Remove chest tubes earlier", "Earlier chest tube removal")
        0.75
    """
    a, b = words(one), words(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def alike(
    text: str, others: Iterable[tuple[int, str]], *, least: float = 0.5, most: int = 5
) -> list[tuple[int, float]]:
    """Return the ids of the texts most like this one, best first, with their likeness."""
    scored = sorted(((likeness(text, other), key) for key, other in others), reverse=True)
    return [(key, score) for score, key in scored[:most] if score >= least]


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is known about an idea at triage.

    Args:
        source: Key of `Idea.Source`.
        has_theory: There is a stated reason why it should work.
        sites_interested: Sites that would take part.
        network_sites: Active sites of the network.
        staffed: Network staff have time for formal support.
    """

    source: str
    has_theory: bool
    sites_interested: int
    network_sites: int
    staffed: bool


def suggest_pathway(ready: Readiness) -> tuple[str, tuple[str, ...]]:
    """Return the key of the pathway that suits, with the reasons.

    Source:
        The sources of ideas in Table 1 of Bates et al. 2022; how they combine is ours.
    """
    outcome_evidence = ready.source in ("incubator", "variation", "literature")
    reasons: list[str] = []
    if outcome_evidence and ready.sites_interested >= 5 and ready.staffed:
        reasons.append("There is evidence of better outcomes, which a network-wide project ideally starts from.")
        reasons.append(f"{ready.sites_interested} sites would take part; the test phase needs 5 to 10.")
        reasons.append("Network staff have time for formal support.")
        return "network_wide", tuple(reasons)
    if ready.sites_interested >= 3 and (
        ready.has_theory or ready.source in ("single_site", "other_test") or outcome_evidence
    ):
        why = (
            "It has worked at a site."
            if ready.source in ("single_site", "other_test")
            else "It rests on a stated theory or evidence."
        )
        reasons.append(why)
        reasons.append(f"{ready.sites_interested} sites would take part; an incubator has 3 to 5.")
        if outcome_evidence and not ready.staffed:
            reasons.append("Network-wide needs staff time that is not there yet.")
        elif outcome_evidence:
            reasons.append("Network-wide needs at least 5 sites for its test phase.")
        return "incubator", tuple(reasons)
    if ready.sites_interested < 3:
        count = "1 site" if ready.sites_interested == 1 else f"{ready.sites_interested or 'No'} sites"
        reasons.append(f"{count} would take part so far; an incubator needs 3.")
    if not ready.has_theory:
        reasons.append("There is no stated reason yet why it should work: start small.")
    reasons.append("A small test at one site costs little and shows whether it is worth more.")
    return "single_site", tuple(reasons)
