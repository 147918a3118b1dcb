"""What the people of the demonstration wrote and decided: aim, targets, notes on charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allteach.simulate import cast
from allteach.simulate.parts import SimulatedNetwork, SimulatedNote

NETWORK = SimulatedNetwork(
    slug="little-hearts",
    name="Little Hearts Learning Network",
    condition="Heart surgery in children",
    aim="Shorten the time that children have a chest tube after heart surgery by 20 % by December 2026, "
    "without more tubes put back and without more children coming back.",
    naming="blinded",
    rule_set="eight_in_a_row",
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


@dataclass(frozen=True, slots=True)
class Decision:
    """What the network decided about one measure; its card says how it is computed."""

    slug: str
    kind: str
    target: float | None = None
    target_label: str = ""
    baseline: int | None = 12
    blinded: bool | None = None


DECISIONS = (
    Decision("chest-tube-hours", "outcome", 63.0, "20 % shorter than at the start", blinded=False),
    Decision("length-of-stay", "outcome", 8.5, "8.5 days"),
    Decision("line-infections", "outcome", 0.001, "1 per 1,000 line days"),
    Decision("days-between-arrests", "outcome", baseline=None),
    Decision("removal-bundle", "process", 0.80, "80 %, where outcomes began to follow"),
    Decision("criteria-assessed", "process", 0.85, "85 %"),
    Decision("early-extubation", "process", 0.65, "65 %"),
    Decision("family-on-rounds", "process", 0.75, "75 %"),
    Decision("tube-reinserted", "balancing", 0.03, "below 3 %"),
    Decision("readmitted-with-effusion", "balancing", 0.05, "below 5 %"),
    Decision("high-pain", "balancing", 0.15, "below 15 %"),
    Decision("unplanned-extubations", "balancing", 0.010, "below 1 per 100 ventilator days"),
    Decision("operations-between-reinsertions", "balancing", baseline=None),
    Decision("operations", "balancing", baseline=None),
)
