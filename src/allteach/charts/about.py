"""What a chart is about: the facts that statistics do not know but words and pictures need."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from allteach.charts.voice import ENGLISH, Step, Voice
from allteach.units import Direction, Period, ValueFormat


@dataclass(frozen=True, slots=True)
class Remark:
    """A note pinned to the time axis: the day, what happened, and its kind (test, change, definition, event, note)."""

    on: date
    text: str
    kind: str = "note"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is special about one point, by position, with the reason and who is on it.

    Args:
        at: Position of the point.
        kind: ``excluded``; ``incomplete``: may still grow, not judged; ``late``: has not come; ``redefined``: counted
            in another way from here on; ``doubtful``: a check of its data fails.
        reason: Why, in words.
        owner: Who is on it, in words.
    """

    at: int
    kind: str
    reason: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A changed definition: position of the first point counted by it, what begins there, and why."""

    at: int
    words: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """Measure, site and surroundings of one chart over time.

    Args:
        measure: The measure in words, such as ``Chest tube duration``.
        periods: One period for each point.
        site: The site's shown name (already blinded where it must be); empty for the network.
        format: How values are written.
        direction: Which way is good.
        target: The aim on the inside scale; None for no aim.
        target_label: Words added to the aim, such as ``by June 2026``.
        counted: What denominators count, such as ``children``.
        definition: One line on the measure, put in front of the subtitle.
        higher_words, lower_words: The measure's own words for a change, such as ``tubes come out {difference} sooner``.
        source: Where the numbers come from.
        refreshed: The day the numbers were computed.
        remarks: Notes for the time axis.
        marks: Points that are incomplete, late, counted in another way, in doubt or left out.
        changes: Where the definition changes: nothing is compared across.
        ghosts: What other versions come to, by name: one value for each point.
        notices: Sentences that belong on every copy, such as that the data are made up or that sites are blinded.
        needed: Points needed before a verdict.
        stale: True when the data are older than they should be.
        cut_axis: True lets the axis of proportions leave 0-100 %; the cut is then said.
        voice: Language.
    """

    measure: str
    periods: tuple[Period, ...] | tuple[Step, ...]
    site: str = ""
    format: ValueFormat = field(default_factory=ValueFormat)
    direction: Direction = Direction.NEITHER
    target: float | None = None
    target_label: str = ""
    counted: str = ""
    definition: str = ""
    higher_words: str = ""
    lower_words: str = ""
    source: str = ""
    refreshed: date | None = None
    remarks: tuple[Remark, ...] = ()
    marks: tuple[Mark, ...] = ()
    changes: tuple[Change, ...] = ()
    ghosts: tuple[tuple[str, tuple[float | None, ...]], ...] = ()
    notices: tuple[str, ...] = ()
    needed: int = 12
    stale: bool = False
    cut_axis: bool = False
    voice: Voice = ENGLISH

    def begins_at(self, at: int) -> bool:
        """Return whether a changed definition begins at this point."""
        return any(change.at == at for change in self.changes)
