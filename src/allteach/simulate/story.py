"""What the people of the demonstration wrote and decided: aim, targets, notes on charts."""

from __future__ import annotations

from datetime import date

from allteach.simulate import cast
from allteach.simulate.parts import SimulatedCaseMix, SimulatedDecision, SimulatedNetwork, SimulatedNote, SimulatedRound

NETWORK = SimulatedNetwork(
    slug="little-hearts",
    name="Little Hearts Learning Network",
    condition="Heart surgery in children",
    aim="Shorten the time that children have a chest tube after heart surgery by 20 % by December 2026, "
    "without more tubes put back and without more children coming back.",
    naming="blinded",
    open_counts=True,  # the members agreed to show small numbers to each other, under letters
    rule_set="eight_in_a_row",
    due_days=7,
    as_of=cast.AS_OF,
)


def _month(year: int, month: int) -> date:
    return date(year, month, 1)


NOTES = (
    SimulatedNote(_month(2023, 6), "event", "The nine pioneer sites compared their results by name.", "ada"),
    SimulatedNote(_month(2023, 10), "event", "Larkmead showed its removal criteria to the network.", "dee"),
    SimulatedNote(
        _month(2024, 1), "change", "Pioneer sites begin: criteria on the round twice a day.", "dee", "chest-tube-hours"
    ),
    SimulatedNote(_month(2024, 11), "change", "Spread sites begin with the change package.", "dee", "chest-tube-hours"),
    SimulatedNote(_month(2025, 4), "change", "Line care kit introduced at every site.", "chi", "line-infections"),
    SimulatedNote(
        _month(2026, 1),
        "change",
        "New tape for fixing breathing tubes.",
        "ben",
        "unplanned-extubations",
        cast.WORSENING,
    ),
    SimulatedNote(date(2024, 9, 1), "note", "Two surgeons left; list shortened for a month.", "ben", site="northquay"),
    SimulatedNote(
        cast.PAUSED_FROM, "event", "Pinecastle paused: unit closed for building work.", "ada", "", cast.PAUSED
    ),
)


# In the order of pages. What a measure is, its target too, is on its card.
MEASURES = (
    "chest-tube-hours", "length-of-stay", "line-infections", "days-between-arrests",
    "removal-bundle", "criteria-assessed", "early-extubation", "family-on-rounds",
    "tube-reinserted", "readmitted-with-effusion", "high-pain", "unplanned-extubations",
    "operations-between-reinsertions", "operations",
)  # fmt: skip
# The members agreed to show this one by name.
NAMED = "chest-tube-hours"

_PIONEERS = "The pioneer sites do it reliably since they began."
_SPREAD = "The spread sites reached the pioneers."
DECISIONS = (
    SimulatedDecision("criteria-assessed", _month(2024, 1), True, "test", _PIONEERS, "chi"),
    SimulatedDecision("criteria-assessed", _month(2025, 1), True, "test", _SPREAD, "chi"),
    SimulatedDecision("removal-bundle", _month(2024, 3), True, "test", _PIONEERS, "chi"),
    SimulatedDecision("removal-bundle", _month(2025, 3), True, "test", _SPREAD, "chi"),
    SimulatedDecision(
        "operations", _month(2024, 1), False, "event", "Two sites joined; the others do as many as before.", "ada"
    ),
)

# Sites of one measure moved for one cause, so they were decided on together; the outcome itself is left to decide on.
ROUNDS = (
    SimulatedRound("criteria-assessed", _month(2025, 12), "test", "The site began checks twice a day and kept on."),
    SimulatedRound("removal-bundle", _month(2025, 12), "test", "The site began the removal bundle and kept to it."),
    SimulatedRound("length-of-stay", _month(2025, 3), "test", "Stays became shorter once tubes came out earlier."),
)

CASE_MIXES = (
    SimulatedCaseMix(
        "high-pain",
        ("operation", "age_group"),
        cast.FIRST,
        date(2024, 12, 31),
        "Pain depends on the operation and on age, and sites operate on different children.",
    ),
)
