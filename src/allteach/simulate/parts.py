"""What a simulated network consists of: all that somebody would have typed, sent and decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allteach.simulate.cast import SimulatedPerson, SimulatedSite
from allteach.simulate.truth import Truth


@dataclass(frozen=True, slots=True)
class SimulatedNetwork:
    """The network itself; `as_of` is the fixed day that the demonstration pretends is today."""

    slug: str
    name: str
    condition: str
    aim: str
    naming: str
    open_counts: bool
    rule_set: str
    due_days: int
    as_of: date


@dataclass(frozen=True, slots=True)
class SimulatedFile:
    """One file as somebody sent it.

    Args:
        table: Slug of the table it is for.
        site: Code of the sending site; empty when the coordinating centre sent it for all.
        name: File name.
        content: The bytes of a CSV file.
        sent_by: User name.
        sent_on: Day it arrived.
        accept: False leaves it waiting for a decision.
    """

    table: str
    site: str
    name: str
    content: bytes
    sent_by: str
    sent_on: date
    accept: bool = True


@dataclass(frozen=True, slots=True)
class SimulatedNote:
    """A note on the time axis; an empty site means every chart of the measure, an empty measure every measure."""

    on: date
    kind: str
    text: str
    by: str
    measure: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class SimulatedDecision:
    """What a person decided when the software proposed that a new phase of the network line begins."""

    measure: str
    start: date
    accept: bool
    cause: str
    reason: str
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class SimulatedRound:
    """What a person decided at once about the new phases proposed for sites of a measure, up to a day: all accepted."""

    measure: str
    until: date
    cause: str
    reason: str
    by: str = "chi"


@dataclass(frozen=True, slots=True)
class SimulatedCaseMix:
    """The case-mix model that a person had fitted: columns of the measure's table, and a baseline."""

    measure: str
    columns: tuple[str, ...]
    first: date
    last: date
    reason: str
    by: str = "chi"


@dataclass(frozen=True, slots=True)
class SimulatedMeasure:
    """A measure: its card in YAML, and whether sites are blinded on it (None leaves it to the network)."""

    slug: str
    card: str
    blinded: bool | None


@dataclass(frozen=True, slots=True)
class Simulated:
    """Everything somebody would have typed, sent and decided, and the truth beside it."""

    network: SimulatedNetwork
    sites: tuple[SimulatedSite, ...]
    people: tuple[SimulatedPerson, ...]
    dictionaries: tuple[tuple[str, str], ...]
    measures: tuple[SimulatedMeasure, ...]
    files: tuple[SimulatedFile, ...]
    notes: tuple[SimulatedNote, ...]
    decisions: tuple[SimulatedDecision, ...]
    rounds: tuple[SimulatedRound, ...]
    case_mixes: tuple[SimulatedCaseMix, ...]
    truth: Truth
