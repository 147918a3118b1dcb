"""A measure's observations as arrays: sites x periods, NaN where nothing was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from allteach.measures.card import Card
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
        strata: The values that the measure can be split by, as found in the data.
        reporting: ``(periods,)`` number of sites with data.
    """

    measure: Measure
    version: MeasureVersion
    card: Card
    panel: Panel
    sites: tuple[Site, ...]
    periods: tuple[Period, ...]
    incomplete: Bools
    held: NDArray[np.int64]
    strata: tuple[str, ...]
    reporting: NDArray[np.int64]

    def without_incomplete(self) -> MeasurePanel:
        """Return the same with incomplete periods blanked, for limits and signals that must not see them."""
        return replace(self, panel=blank(self.panel, self.incomplete))


def blank(panel: Panel, where: Bools) -> Panel:
    """Return the panel with NaN where the mask says so."""

    def gone(values: Floats | None) -> Floats | None:
        return None if values is None else np.where(where, np.nan, values)

    return replace(
        panel,
        numerator=gone(panel.numerator),
        denominator=gone(panel.denominator),
        n=gone(panel.n),
        total=gone(panel.total),
        total_sq=gone(panel.total_sq),
    )


def build(
    measure: Measure, version: MeasureVersion, card: Card, rows: Sequence[Row], sites: Sequence[Site]
) -> MeasurePanel:
    """Return the arrays of these observations; strata are added up.

    Args:
        measure: The measure.
        version: Its version.
        card: The version's card.
        rows: Observations as tuples in the order of `COLUMNS`.
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
    summed = [_added_up([row[i] for row in rows], at, shape) for i in range(4, 9)]
    seen = np.zeros(shape, dtype=bool)
    seen[at] = True
    return MeasurePanel(
        measure=measure,
        version=version,
        card=card,
        panel=Panel(*summed, log=card.log),
        sites=tuple(sites),
        periods=periods,
        incomplete=incomplete,
        held=held,
        strata=tuple(sorted({row[3] for row in rows if row[3]})),
        reporting=seen.sum(axis=0),
    )


def pooled(panel: MeasurePanel) -> MeasurePanel:
    """Return the network line: every site's statistics added up, period by period."""

    def added(values: Floats | None) -> Floats | None:
        if values is None:
            return None
        return np.where(np.isnan(values).all(axis=0), np.nan, np.nansum(values, axis=0))

    inner = panel.panel
    return replace(
        panel,
        panel=replace(
            inner,
            numerator=added(inner.numerator),
            denominator=added(inner.denominator),
            n=added(inner.n),
            total=added(inner.total),
            total_sq=added(inner.total_sq),
        ),
        sites=(),
        incomplete=panel.incomplete.any(axis=0),
        held=panel.held.sum(axis=0),
    )


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
    values: list[float | int | None], at: tuple[NDArray[np.int64], NDArray[np.int64]], shape: tuple[int, int]
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


def strata_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the strata that appear in observations."""
    return tuple(sorted({row[3] for row in rows if row[3]}))
