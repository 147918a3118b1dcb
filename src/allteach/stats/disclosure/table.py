"""Withholding small cells of a table, and enough others that totals cannot bring them back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import StatsError
from allteach.stats.disclosure.attack import Knowledge, exposed, sum_lines, with_totals
from allteach.stats.disclosure.rule import DEFAULT, SmallNumbers, small
from allteach.stats.results import Bools, Floats

TOTAL_COST = 10.0


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A table that may be shown.

    Attributes:
        shown: Counts with totals as the last slice of each axis in `margins`; NaN where withheld or missing.
        primary: Cells withheld because they are small.
        complementary: Cells withheld to protect the primary ones.
        margins: Axes that have totals.
        rounds: Audits needed until nothing was exposed.
    """

    shown: Floats
    primary: Bools
    complementary: Bools
    margins: tuple[int, ...]
    rounds: int

    @property
    def withheld(self) -> Bools:
        """Every cell not shown by rule."""
        return self.primary | self.complementary

    @property
    def cells(self) -> Floats:
        """The table without its totals."""
        return self.shown[tuple(slice(None, -1) if a in self.margins else slice(None) for a in range(self.shown.ndim))]

    def totals(self, axis: int) -> Floats:
        """Return the totals over one axis, without totals of totals.

        Raises:
            StatsError: ``AT-S-152`` when no totals were asked for on that axis.
        """
        if axis not in self.margins:
            raise StatsError("AT-S-152", f"No totals were asked for over axis {axis}.")
        cut = [slice(None, -1) if a in self.margins else slice(None) for a in range(self.shown.ndim)]
        cut[axis] = slice(-1, None)
        return self.shown[tuple(cut)].squeeze(axis)


@dataclass(frozen=True, slots=True)
class SuppressedProportion:
    """Numerators and denominators that may be shown together.

    Attributes:
        numerator, denominator, value: With totals on the axes in `margins`; NaN where withheld or missing. The value is
            shown only where both its parts are, since one part and the value give the other.
        withheld: Where the value is not shown by rule.
        rounds: Audits needed until nothing was exposed.
    """

    numerator: Floats
    denominator: Floats
    value: Floats
    withheld: Bools
    rounds: int


def suppress(
    counts: ArrayLike,
    *,
    rule: SmallNumbers = DEFAULT,
    margins: tuple[int, ...] | None = None,
    open_cells: ArrayLike | None = None,
) -> Suppressed:
    """Return the table with small cells withheld, and others with them until an exact attacker learns nothing.

    Args:
        counts: Whole numbers of any number of axes; NaN where there is no cell.
        rule: The small-number rule of the audience.
        margins: Axes over which totals are shown too; None for all axes, () for none.
        open_cells: Same shape as counts: cells the reader sees anyway (the own site), never withheld and known to the
            attacker.

    Raises:
        StatsError: ``AT-S-151`` negative, infinite or broken counts; ``AT-S-152`` an axis that is not there;
            ``AT-S-154`` when cells that are open already give a small cell away.

    Assumes:
        The attacker knows the shown cells, the rule of sums, and that no count is below 0. A cell is safe when its
        range is at least `threshold` wide. Earlier releases are another matter: see `small_difference`.

    Source:
        fischetti2001, cms_cell_size.

    Example:
        >>> suppress([[40, 3, 50], [30, 60, 20]]).cells
        array([[nan, nan, 50.],
               [nan, nan, 20.]])
    """
    table, missing = _checked(counts)
    margins = _axes(margins, table.ndim)
    full = with_totals(table, margins)
    gone = _padded(missing, full.shape)
    fixed = gone if open_cells is None else gone | _padded(np.broadcast_to(open_cells, table.shape), full.shape)
    primary = small(full, rule) & ~fixed
    withheld = primary.copy()
    known, lines = Knowledge.of(full.ravel()), sum_lines(full.shape, margins)
    choice = _Choice(lines, withheld.reshape(-1), _cost(full, table.shape, fixed, rule))
    rounds = 0
    choice.pair_up()
    while True:
        rounds += 1
        weak = exposed(full, withheld, primary, margins, float(rule.threshold), known)
        if not weak.any():
            break
        before = int(withheld.sum())
        choice.cover(weak)
        choice.pair_up()
        if int(withheld.sum()) == before:
            raise StatsError(
                "AT-S-154",
                "A small cell follows from cells that are open to the reader.",
                do="Show the table without totals.",
            )
    shown = np.where(withheld | gone, np.nan, full)
    return Suppressed(shown, primary, withheld & ~primary, margins, rounds)


def suppress_proportion(
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    rule: SmallNumbers = DEFAULT,
    margins: tuple[int, ...] | None = None,
    open_cells: ArrayLike | None = None,
) -> SuppressedProportion:
    """Return numerators and denominators with small numerators, denominators and their differences protected.

    Args:
        numerator: As `suppress`.
        denominator: Same shape, at or above the numerator.
        rule: As `suppress`.
        margins: As `suppress`, axes of the numerator.
        open_cells: As `suppress`.

    Raises:
        StatsError: As `suppress`, and ``AT-S-104`` for a numerator above its denominator.

    Example:
        >>> suppress_proportion([30, 20, 40], [90, 25, 95]).value.round(2)
        array([ nan,  nan, 0.42, 0.43])
    """
    num, den = np.asarray(numerator, float), np.asarray(denominator, float)
    if num.shape != den.shape:
        raise StatsError("AT-S-101", f"Numerators have shape {num.shape}, denominators {den.shape}.")
    if (num > den).any():
        raise StatsError("AT-S-104", "A numerator is above its denominator.")
    both = np.stack([num, den - num], axis=-1)
    both[np.isnan(both).any(axis=-1)] = np.nan
    seen = None if open_cells is None else np.asarray(open_cells, bool)[..., None]
    axes = _axes(margins, num.ndim)
    found = suppress(both, rule=rule, margins=(*axes, num.ndim), open_cells=seen)
    top, bottom = found.shown[..., 0], found.shown[..., 2]
    hidden = np.asarray(found.withheld.any(axis=-1))
    value = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=~hidden & (bottom > 0))
    return SuppressedProportion(top, bottom, value, hidden, found.rounds)


def _checked(counts: ArrayLike) -> tuple[Floats, Bools]:
    if isinstance(counts, np.ma.MaskedArray):  # masked cells are missing: never their hidden values
        counts = np.ma.filled(counts.astype(float), np.nan)
    table = np.asarray(counts, float)
    missing = np.isnan(table)
    table = np.where(missing, 0.0, table)
    if np.isinf(table).any() or (table < 0).any() or (table != np.round(table)).any() or table.ndim == 0:
        raise StatsError("AT-S-151", "A table of counts holds something that is no count.", expected="Whole numbers.")
    return table, missing


def _axes(margins: tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    axes = tuple(range(ndim)) if margins is None else tuple(margins)
    if any(not 0 <= axis < ndim for axis in axes) or len(set(axes)) != len(axes):
        raise StatsError("AT-S-152", f"The table has axes 0 to {ndim - 1}.")
    return axes


def _padded(mask: Bools, shape: tuple[int, ...]) -> Bools:
    """Return the mask with False for totals."""
    full = np.zeros(shape, bool)
    full[tuple(slice(0, size) for size in mask.shape)] = mask
    return full


def _cost(full: Floats, inner: tuple[int, ...], fixed: Bools, rule: SmallNumbers) -> Floats:
    """Return what withholding each cell costs: sufficient small cells first, zeros late, totals last, fixed never."""
    cost = full / (full.max(initial=0.0) + 1.0)
    cost[full < rule.threshold] += 1.0  # too small to hide another's range behind
    cost[full == 0] += 1.0
    cost[~_padded(np.ones(inner, bool), full.shape)] += TOTAL_COST
    cost[fixed] = np.inf
    return cost.ravel()


class _Choice:
    """Picks which further cell to withhold: inner cells before totals, those that mend most lines first, then cheap."""

    def __init__(self, lines: NDArray[np.int64], hidden: Bools, cost: Floats) -> None:
        self.lines, self.hidden, self.cost = lines, hidden, cost
        row, _ = np.nonzero(lines >= 0)
        cell = lines[lines >= 0]
        order = np.argsort(cell, kind="stable")
        self.lines_of = np.split(row[order], np.cumsum(np.bincount(cell, minlength=hidden.size))[:-1])
        self.count = ((lines >= 0) & hidden[np.maximum(lines, 0)]).sum(axis=1)

    def cheapest(self, cells: NDArray[np.int64]) -> int:
        """Return the best shown cell, or -1."""
        cells = cells[cells >= 0]
        cells = cells[~self.hidden[cells] & np.isfinite(self.cost[cells])]
        if not cells.size:
            return -1
        mended = np.array([(self.count[self.lines_of[cell]] == 1).sum() for cell in cells])
        broken = np.array([(self.count[self.lines_of[cell]] == 0).sum() for cell in cells])
        total = self.cost[cells] >= TOTAL_COST
        return int(cells[np.lexsort((self.cost[cells], broken - mended, total))[0]])

    def withhold(self, cell: int) -> None:
        self.hidden[cell] = True
        self.count[self.lines_of[cell]] += 1

    def pair_up(self) -> None:
        """Withhold a second cell in every line that has only one, until none is alone."""
        waiting = list(np.flatnonzero(self.count == 1))
        while waiting:
            line = waiting.pop()
            if self.count[line] == 1 and (pick := self.cheapest(self.lines[line])) >= 0:
                self.withhold(pick)
                waiting.extend(self.lines_of[pick][self.count[self.lines_of[pick]] == 1])

    def cover(self, weak: Bools) -> None:
        """Withhold one more cell beside each exposed cell, in its line with the fewest withheld."""
        for cell in np.flatnonzero(weak.ravel()):
            mine = self.lines_of[cell]
            for line in mine[np.argsort(self.count[mine], kind="stable")]:
                if (pick := self.cheapest(self.lines[line])) >= 0:
                    self.withhold(pick)
                    break
            else:  # its own lines are withheld already: widen through lines it is tied to
                pick = self.cheapest(np.unique(self.lines[self.count > 0]))
                if pick >= 0:
                    self.withhold(pick)
