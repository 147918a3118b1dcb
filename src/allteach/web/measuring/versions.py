"""Which version of a measure counts when: the chain of definitions that a chart is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from allteach.measures.card import Card
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import COMPUTED, SHOWN, MeasureVersion
from allteach.web.measuring.panels import Break

Status = MeasureVersion.Status


@dataclass(frozen=True, slots=True)
class Stretch:
    """A version and the days that it counts: from `first` (None: the beginning) to before `end` (None: for good)."""

    version: MeasureVersion
    first: date | None = None
    end: date | None = None

    def holds(self, period: date) -> bool:
        """Return whether a period that begins on this day is counted by this version."""
        return (self.first is None or period >= self.first) and (self.end is None or period < self.end)


def on_charts(versions: Iterable[MeasureVersion], as_of: datetime | None = None) -> MeasureVersion | None:
    """Return the version that charts show, or showed at a moment; before there was any, the first that they showed."""
    newest = sorted(versions, key=lambda version: -version.number)
    if as_of is None:
        return next((version for version in newest if version.status in SHOWN), None)
    released = [version for version in newest if version.released_at is not None]
    return next((v for v in released if v.released_at and v.released_at <= as_of), released[-1] if released else None)


def numbered(versions: Sequence[MeasureVersion], number: int) -> MeasureVersion | None:
    """Return the version of this number, if it is worked out."""
    return next((v for v in versions if v.number == number and v.status in COMPUTED), None)


def chain(versions: Sequence[MeasureVersion], shown: MeasureVersion) -> tuple[Stretch, ...]:
    """Return the versions that make up a chart, oldest first.

    A version with a first day takes over from the one it replaced. Where the two do not give the same kind of number
    they share no axis, and the chart begins with the newer one.
    """
    released = sorted((v for v in versions if v.released_at and v.status in COMPUTED), key=lambda v: -v.number)
    found = [Stretch(shown, shown.effective_from)]
    while found[-1].first is not None:
        newer = found[-1]
        before = next((v for v in released if v.number < newer.version.number), None)
        if before is None or not alike(card_of(before), card_of(newer.version)):
            break
        found.append(Stretch(before, before.effective_from, newer.first))
    return tuple(reversed(found))


def alike(a: Card, b: Card) -> bool:
    """Return whether two cards give the same kind of number, so that both fit one axis."""
    return (a.kind, a.grain, a.format.unit, a.format.multiplier) == (
        b.kind,
        b.grain,
        b.format.unit,
        b.format.multiplier,
    )


def breaks_of(stretches: Sequence[Stretch]) -> tuple[Break, ...]:
    """Return where one version takes over from another."""
    return tuple(
        Break(later.first, later.version.number, earlier.version.number, later.version.reason)
        for earlier, later in pairwise(stretches)
        if later.first is not None
    )
