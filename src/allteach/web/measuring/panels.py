"""A measure's observations as arrays: sites x periods, NaN where nothing was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allteach.measures.card import Card, MeasureKind
from allteach.stats.results import Bools, Floats
from allteach.stats.series import Panel
from allteach.units import Grain, Period, periods_between
from allteach.web.measuring.models import Measure, MeasureVersion
from allteach.web.sites.models import Site

# site, period, order, stratum, numerator, denominator, n, total, total_sq, held, complete
Row = tuple[int, date, int, str, float | None, float | None, int | None, float | None, float | None, int, bool]
COLUMNS = (
    "site_id", "period", "order", "stratum", "numerator", "denominator", "n", "total", "total_sq", "held", "complete",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Break:
    """A changed definition: from this day on a newer version counts.

    Attributes:
        start: First day of the first period that it counts.
        number: Number of the version that begins.
        before: Number of the version that counted until then.
        reason: Why the definition changed.
    """

    start: date
    number: int
    before: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MeasurePanel:
    """One measure of a network in arrays.

    Attributes:
        measure: The measure.
        version: The version of its card that was computed.
        card: The card.
        panel: Sufficient statistics ``(sites, periods)``; ``(periods,)`` for a network line. NaN where missing.
        sites: One for each row; empty for a network line.
        periods: One for each column.
        incomplete: ``(sites, periods)`` True where the period may still grow.
        held: ``(sites, periods)`` rows in quarantine, not in the numbers.
        reporting: ``(periods,)`` number of sites with data.
        breaks: Changed definitions inside these periods, oldest first.
    """

    measure: Measure
    version: MeasureVersion
    card: Card
    panel: Panel
    sites: tuple[Site, ...]
    periods: tuple[Period, ...]
    incomplete: Bools
    held: NDArray[np.int64]
    reporting: NDArray[np.int64]
    breaks: tuple[Break, ...] = ()

    @property
    def starts(self) -> tuple[int, ...]:
        """Positions of the first period of each newer definition."""
        found = (next((i for i, p in enumerate(self.periods) if p.start >= b.start), None) for b in self.breaks)
        return tuple(at for at in found if at)

    def without_incomplete(self) -> MeasurePanel:
        """Return the same with incomplete periods blanked, for limits and signals that must not see them."""
        return replace(self, panel=self.panel.without(self.incomplete))


def build(
    measure: Measure, version: MeasureVersion, card: Card, rows: Sequence[Row], sites: Sequence[Site]
) -> MeasurePanel:
    """Return the arrays of these observations.

    Args:
        measure: The measure.
        version: Its version.
        card: The version's card.
        rows: Observations of one stratum (or of the whole) as tuples in the order of `COLUMNS`.
        sites: The rows of the arrays, in order; observations of other sites are left out.
    """
    line = {site.pk: i for i, site in enumerate(sites)}
    rows = [row for row in rows if row[0] in line]
    columns, periods = _time_axis(rows, card.grain)
    shape = (len(sites), len(periods))
    at = (
        np.array([line[row[0]] for row in rows], dtype=np.int64),
        np.array([columns[row[1], row[2]] for row in rows], dtype=np.int64),
    )
    held = np.zeros(shape, dtype=np.int64)
    np.add.at(held, at, np.array([row[9] for row in rows], dtype=np.int64))
    incomplete = np.zeros(shape, dtype=bool)
    incomplete[at] |= ~np.array([row[10] for row in rows], dtype=bool)
    seen = np.zeros(shape, dtype=bool)
    seen[at] = True
    return MeasurePanel(
        measure=measure,
        version=version,
        card=card,
        panel=_panel(card, rows, at, shape),
        sites=tuple(sites),
        periods=periods,
        incomplete=incomplete,
        held=held,
        reporting=seen.sum(axis=0),
    )


def build_line(card: Card, rows: Sequence[Row]) -> tuple[Panel, tuple[Period, ...]] | None:
    """Return the network line of observations and its periods, without knowing their sites; None without any."""
    if not rows:
        return None
    sites = {site: i for i, site in enumerate(sorted({row[0] for row in rows}))}
    columns, periods = _time_axis(rows, card.grain)
    at = (np.array([sites[row[0]] for row in rows]), np.array([columns[row[1], row[2]] for row in rows]))
    return pool(card, _panel(card, rows, at, (len(sites), len(periods))), periods), periods


def pooled(panel: MeasurePanel) -> MeasurePanel:
    """Return the network line: every site's statistics added up, period by period."""
    return replace(
        panel,
        panel=pool(panel.card, panel.panel, panel.periods),
        sites=(),
        incomplete=np.asarray(panel.incomplete.any(axis=0)),
        held=panel.held.sum(axis=0),
    )


def pool(card: Card, panel: Panel, periods: Sequence[Period]) -> Panel:
    """Return all sites' statistics as one line.

    Sums are added up. Times between events become those between events anywhere in the network. Cases between events
    and medians do not add up: the line takes the events of all sites in order, and the middle of the sites' medians.
    """
    if card.kind is MeasureKind.TIME_BETWEEN:
        days = np.array([period.start.toordinal() for period in periods], dtype=np.float64)
        return Panel(numerator=np.concatenate([[np.nan], np.diff(days)]) if days.size else days)
    if card.kind in (MeasureKind.CASES_BETWEEN, MeasureKind.MEDIAN):
        values = panel.value
        known = np.isfinite(values).any(axis=0)
        middle = np.full(values.shape[-1], np.nan)
        if known.any():
            middle[known] = np.nanmedian(values[:, known], axis=0)
        return Panel(numerator=middle)
    return panel.pool(axis=0)


def point_text(card: Card, panel: Panel, at: int) -> str:
    """Return one point of a line in words, such as ``58 % (120 / 207)``."""
    text = card.format.text(float(panel.value[at]))
    if panel.numerator is not None and panel.denominator is not None:
        return f"{text} ({panel.numerator[at]:,.0f} / {panel.denominator[at]:,.0f})"
    if panel.n is not None and panel.total is not None:
        return f"{text} (n = {panel.n[at]:,.0f})"
    return text


_SINGLE = (MeasureKind.TIME_BETWEEN, MeasureKind.CASES_BETWEEN, MeasureKind.MEDIAN, MeasureKind.COUNT)


def _panel(
    card: Card, rows: Sequence[Row], at: tuple[NDArray[np.int64], NDArray[np.int64]], shape: tuple[int, int]
) -> Panel:
    """Return the statistics that this kind of measure is drawn from."""
    parts: tuple[str, ...] = ("numerator", "denominator", "n", "total", "total_sq")
    if card.kind in _SINGLE:
        parts = ("numerator",)
    if card.kind in (MeasureKind.MEAN, MeasureKind.DURATION):
        parts = ("n", "total", "total_sq")
    summed = {name: _added_up([row[COLUMNS.index(name)] for row in rows], at, shape) for name in parts}
    given = {name: values for name, values in summed.items() if values is not None}
    if "numerator" not in given and "total" not in given:
        return Panel(numerator=np.full(shape, np.nan))
    if card.kind not in (MeasureKind.MEAN, MeasureKind.DURATION):
        given = {name: values for name, values in given.items() if name in ("numerator", "denominator")}
    return Panel(**given, log=card.log)


def _time_axis(rows: Sequence[Row], grain: Grain) -> tuple[dict[tuple[date, int], int], tuple[Period, ...]]:
    """Return where each day (and place among events of that day) stands, and the periods in order."""
    if not rows:
        return {}, ()
    if grain is Grain.EVENT:
        moments = sorted({(row[1], row[2]) for row in rows})
        return {moment: i for i, moment in enumerate(moments)}, tuple(Period(day, grain) for day, _ in moments)
    days = {row[1] for row in rows}
    periods = periods_between(Period.of(min(days), grain), Period.of(max(days), grain))
    return {(period.start, 0): i for i, period in enumerate(periods)}, periods


def _added_up(
    values: list[Any], at: tuple[NDArray[np.int64], NDArray[np.int64]], shape: tuple[int, int]
) -> Floats | None:
    """Return the values added up at their places, NaN where none came; None where the card has no such part."""
    given = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    there = ~np.isnan(given)
    if not there.any():
        return None
    where = (at[0][there], at[1][there])
    summed = np.full(shape, np.nan)
    summed[where] = 0.0
    np.add.at(summed, where, given[there])
    return summed
