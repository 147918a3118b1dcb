"""How far an aim is: where we are, what is still to go, where it is heading, and which sites are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from allteach.stats import charts
from allteach.stats.forecast import Forecast, forecast
from allteach.units import Direction, Grain, Period, ValueFormat
from allteach.web.measuring.panels import MeasurePanel, pooled
from allteach.web.measuring.selectors import panel
from allteach.web.projects.models import Aim
from allteach.web.projects.selectors import sites_now
from allteach.web.sites.models import Network
from allteach.web.sites.naming import naming_for

LATEST = 3  # periods that say where we are now; one alone is mostly noise


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one aim is. Values on the inside scale; None where there are none.

    Attributes:
        aim: The aim.
        now: Mean of the latest three periods (geometric where the measure is on the log scale).
        to_go: What is missing to the target in the good direction; 0 or less once it is reached.
        ahead: Where the measure is heading on the due day, with its interval.
        lower: Lower is better.
        sites_there: Sites at the target or beyond, and `sites` with data; None where this person may not see that.
    """

    aim: Aim
    now: float | None
    to_go: float | None
    ahead: Forecast | None
    sites_there: int | None
    sites: int
    format: ValueFormat
    lower: bool

    def shown(self, value: float) -> str:
        """Return a value as people read it."""
        return self.format.text(value)

    @property
    def words(self) -> dict[str, str]:
        """The numbers as people read them, by name; missing ones left out."""
        found = {
            "target": self.aim.target,
            "now": self.now,
            "to_go": self.to_go if self.to_go and self.to_go > 0 else None,
        }
        if self.ahead:
            found |= {"ahead": self.ahead.value, "low": self.ahead.low, "high": self.ahead.high}
        return {key: self.shown(value) for key, value in found.items() if value is not None}


def progress(*, user: Any, aim: Aim) -> Progress | None:
    """Return how far an aim is, or None where it has no measure or no target."""
    if aim.measure is None or aim.target is None:
        return None
    wanted = [aim.site] if aim.site else sites_now(aim.project) if aim.project else None
    found = panel(user=user, measure=aim.measure, sites=wanted)
    if found is None or not found.periods:
        return None
    together = pooled(found.without_incomplete())
    values = charts.compute(together.card.chart, together.panel).value
    log, lower = together.card.log, together.card.direction == Direction.LOWER
    if _small(together, aim.network):
        return None
    now = _level(values, log)
    to_go = None if now is None else (now - aim.target if lower else aim.target - now)
    there, sites = _sites_there(user, aim, found, lower)
    return Progress(aim, now, to_go, _ahead(values, together, aim, log), there, sites, together.card.format, lower)


def _small(together: MeasurePanel, network: Network) -> bool:
    """Whether the latest periods hold so few cases that a level would give their number away."""
    counts = [found for found in (together.panel.numerator, together.panel.n) if found is not None]
    latest = [float(np.nansum(found[-LATEST:])) for found in counts]
    return not network.open_counts and any(0 < count < network.small_count for count in latest)


def _level(values: Any, log: bool) -> float | None:
    known = values[np.isfinite(values)][-LATEST:]
    if not known.size:
        return None
    return float(np.exp(np.log(known).mean())) if log and (known > 0).all() else float(known.mean())


def _ahead(values: Any, together: MeasurePanel, aim: Aim, log: bool) -> Forecast | None:
    last = together.periods[-1]
    if last.grain is Grain.EVENT or aim.due <= last.end:
        return None
    due, steps = Period.of(aim.due, last.grain), 0
    while last < due:
        last, steps = last.next(), steps + 1
    found = forecast(values, ahead=steps, log=log)
    return found if isinstance(found, Forecast) else None


def _sites_there(user: Any, aim: Aim, found: MeasurePanel, lower: bool) -> tuple[int | None, int]:
    if naming_for(user=user, network=aim.network, measure=aim.measure).counted is not None or aim.site:
        return None, len(found.sites)
    values = charts.compute(found.card.chart, found.panel).value
    target = aim.target or 0.0
    levels = [level for row in values if (level := _level(row, found.card.log)) is not None]
    return sum(level <= target if lower else level >= target for level in levels), len(levels)
