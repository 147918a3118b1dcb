"""How much changed: before and after the start, for the sites together, each cohort, and each group of patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from allteach.measures.card import Card
from allteach.stats.results import Bools
from allteach.stats.series import Panel
from allteach.units import Unit
from allteach.web.measuring.panels import MeasurePanel
from allteach.web.sites.models import Network

LATEST = 12  # periods that say how groups of patients stand now


@dataclass(frozen=True, slots=True)
class Effect:
    """A level before and one after, on the inside scale, weighted by patients.

    Attributes:
        before: Level of the periods before the start.
        after: Level of the periods from then on.
    """

    before: float
    after: float

    @property
    def change(self) -> float:
        """Relative change; 0 where nothing was before."""
        return (self.after - self.before) / abs(self.before) if self.before else 0.0

    def text(self, card: Card) -> str:
        """Return the effect as people read it, such as ``91.9 h → 70.5 h (−23 %)``."""
        levels = f"{card.format.text(self.before)} → {card.format.text(self.after)}"
        return f"{levels} ({self.change * 100:+.0f} %)".replace("-", "−") if self.before else levels


def effect(line: MeasurePanel, start: date | None, network: Network, since: date | None = None) -> Effect | None:
    """Return the levels of a line before its start and after; None without both, or where cases are too few to show.

    Args:
        line: One line.
        start: The day on which the sites began.
        network: Whose small count holds.
        since: The day on which the change shows, where that is later; the time between belongs to neither level.
    """
    if start is None:
        return None
    days = [period.start for period in line.periods]
    early = np.array([day < start for day in days], dtype=bool)
    late = np.array([day >= max(start, since or start) for day in days], dtype=bool)
    levels = [level(line.panel, where, network, line.card) for where in (early, late)]
    return None if levels[0] is None or levels[1] is None else Effect(levels[0], levels[1])


def level(panel: Panel, where: Bools, network: Network, card: Card) -> float | None:
    """Return the level of some periods of one line, sums over sums; None without data or below the small count."""
    known = panel.known & where
    if not known.any():
        return None
    sums = {name: float(values[known].sum()) for name, values in panel.fields.items()}
    cases = [sums[name] for name in ("numerator", "n") if name in sums]
    if card.format.unit is Unit.PERCENT and "denominator" in sums:
        cases.append(sums["denominator"] - sums["numerator"])
    if not network.open_counts and any(0 < count < network.small_count for count in cases):
        return None
    if "denominator" in sums:
        return sums["numerator"] / sums["denominator"]
    if "total" in sums:
        mean = sums["total"] / sums["n"]
        return float(np.exp(mean)) if panel.log else mean
    return sums["numerator"] / int(known.sum())


def rows_of(found: MeasurePanel, ids: set[int]) -> MeasurePanel:
    """Return the same measure for some of its sites."""
    keep = np.array([site.pk in ids for site in found.sites], dtype=bool)
    part = Panel(**{name: values[keep] for name, values in found.panel.fields.items()}, log=found.panel.log)
    return replace(
        found,
        panel=part,
        sites=tuple(site for site in found.sites if site.pk in ids),
        incomplete=found.incomplete[keep],
        held=found.held[keep],
    )


@dataclass(frozen=True, slots=True)
class Group:
    """One group of patients: what its line says, and its level over the latest periods in words (or withheld)."""

    name: str
    variation: str
    shown: str


@dataclass(frozen=True, slots=True)
class Link:
    """Whether sites that do the process reliably have the better outcome: levels and numbers of sites."""

    reliable: float
    others: float
    reliable_sites: int
    other_sites: int


def link(outcome: MeasurePanel, reliable: set[int], network: Network) -> Link | None:
    """Return the outcome of sites that are reliable beside that of the others, latest periods; None where one is empty.

    A side of one site is not shown: it would give that site's number away.
    """
    others = {site.pk for site in outcome.sites} - reliable
    sides: list[Any] = []
    for ids in (reliable, others):
        part = rows_of(outcome, ids)
        if len(part.sites) < 2:
            return None
        line = part.panel.pool(axis=0)
        latest = np.arange(line.periods) >= line.periods - LATEST
        sides.append(level(line, latest, network, outcome.card))
    if sides[0] is None or sides[1] is None:
        return None
    return Link(sides[0], sides[1], len(reliable & {s.pk for s in outcome.sites}), len(others))
