"""Phases, gates, decisions and parts in words. Codes are data; words come last, and only here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from allteach.web.projects.policy import Decision, Gate, Phase

PHASE_NAMES = {
    Phase.DRAFT: _("Draft"),
    Phase.DESIGN: _("Design"),
    Phase.TEST_LEARN: _("Test and learn"),
    Phase.SHARE_SPREAD: _("Share and spread"),
    Phase.SUSTAIN: _("Sustain"),
    Phase.CLOSED: _("Closed"),
    Phase.STOPPED: _("Stopped"),
}
GATE_NAMES = {
    Gate.APPROVAL: _("Network approval"),
    Gate.READY: _("Ready to test"),
    Gate.EVALUATION: _("Evaluation"),
    Gate.SUSTAIN: _("Start to sustain"),
    Gate.CLOSE: _("Close"),
}
GATE_QUESTIONS = {
    Gate.APPROVAL: _("Should the network put its name and help behind this project?"),
    Gate.READY: _("Is everything in place to begin testing?"),
    Gate.EVALUATION: _("Did it work, and what follows from that?"),
    Gate.SUSTAIN: _("Is it in use everywhere it should be, so that holding it comes next?"),
    Gate.CLOSE: _("Has it held long enough to end the project?"),
}
DECISION_NAMES = {
    Decision.APPROVE: _("Go ahead"),
    Decision.CONDITIONS: _("Go ahead, with conditions"),
    Decision.REVISE: _("Needs changes"),
    Decision.DECLINE: _("Decline"),
    Decision.DEFER: _("Decide later"),
    Decision.SPREAD: _("Spread"),
    Decision.PROMOTE: _("Promote to a wider pathway"),
    Decision.EXTEND: _("Go on as it is for longer"),
    Decision.SHARE_ONLY: _("Share what was learned, no more"),
    Decision.STOP: _("Stop"),
}
PARTICIPANTS = {
    "sites": _("sites"),
    "leaders": _("project leaders"),
    "experts": _("subject experts"),
    "staff": _("network staff"),
}
APPROVAL_NAMES = {
    "before_design": _("Network approval before the design"),
    "after_design": _("Network approval after the design"),
    "register": _("No approval; registered only"),
}
# The attributes of a pathway, as the page of pathways heads them.
ATTRIBUTE_NAMES = {
    "scope": _("what it reaches"),
    "source_of_idea": _("where ideas come from"),
    "approach": _("how"),
    "support": _("help"),
    "expected_output": _("what comes out"),
    "approval": _("approval"),
    "participants": _("who takes part"),
    "evaluation": _("evaluation"),
    "spread": _("spread"),
}
EVIDENCE_NAMES = {
    "A": _("A: our own data link it to better outcomes"),
    "B": _("B: published evidence"),
    "C": _("C: experts and families agree"),
    "D": _("D: not tested yet"),
    "E": _("E: tested, did not help"),
}
GRADE_NAMES = {
    "A": _("A: the order of the sites was drawn by lot"),
    "B": _("B: compared with sites that had not begun"),
    "C": _("C: before and after, with a stable baseline"),
    "D": _("D: an anecdote; too little before the start, or not stable"),
}


def decision_name(key: str) -> str:
    """Return a decision in words; empty where there is none, the key itself where it is no decision."""
    return str(DECISION_NAMES[Decision(key)]) if key in set(Decision) else key
