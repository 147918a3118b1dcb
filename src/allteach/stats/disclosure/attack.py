"""The exact attacker: what can be worked out about withheld cells from everything that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allteach.errors import StatsError
from allteach.stats.results import Bools, Floats


def with_totals(table: Floats, margins: tuple[int, ...]) -> Floats:
    """Return the table with the totals of each axis in `margins` appended as its last slice."""
    for axis in margins:
        table = np.concatenate([table, table.sum(axis=axis, keepdims=True)], axis=axis)
    return table


def sum_lines(shape: tuple[int, ...], margins: tuple[int, ...]) -> NDArray[np.int64]:
    """Return every line of a table with totals as rows of flat cell numbers, the total last; -1 pads."""
    cells = np.arange(int(np.prod(shape))).reshape(shape)
    longest = max((shape[axis] for axis in margins), default=0)
    lines = [np.empty((0, longest), np.int64)]
    for axis in margins:
        block = np.moveaxis(cells, axis, -1).reshape(-1, shape[axis])
        padded = np.full((block.shape[0], longest), -1)
        padded[:, -block.shape[1] :] = block
        lines.append(padded)
    return np.concatenate(lines)


@dataclass
class Knowledge:
    """What an attacker's possible tables have shown so far: a lowest and a highest value for each cell.

    Bounds found stay valid when more cells are withheld, so one object serves all rounds of suppression.
    """

    low: Floats
    high: Floats

    @classmethod
    def of(cls, values: Floats) -> Knowledge:
        """Return the start: each cell could at least be what it is."""
        return cls(values.copy(), values.copy())

    def widen(self, cells: NDArray[np.int64], values: Floats) -> None:
        """Take in one more possible table."""
        self.low[cells] = np.minimum(self.low[cells], values)
        self.high[cells] = np.maximum(self.high[cells], values)


def exposed(
    full: Floats, withheld: Bools, protect: Bools, margins: tuple[int, ...], need: float, known: Knowledge | None = None
) -> Bools:
    """Return the cells of `protect` that an attacker can pin down to a range narrower than `need`.

    The attacker knows every shown cell, that each total is the sum of its line, and that no count is negative; the two
    linear programs of a cell give the exact ends of its range.

    Args:
        full: Table with totals (`with_totals`).
        withheld: Same shape, cells not shown.
        protect: Same shape, cells that must stay uncertain (a subset of withheld).
        margins: Axes with totals.
        need: Width that keeps a cell safe.
        known: Bounds from earlier rounds; widened in place.

    Source:
        fischetti2001.
    """
    known = known or Knowledge.of(full.ravel())
    lines = sum_lines(full.shape, margins)
    hidden = withheld.ravel()
    target = protect.ravel() & hidden
    result = np.zeros(hidden.size, bool)
    for cells in _components(lines, hidden):
        goals = cells[target[cells]]
        if goals.size:
            _attack(full.ravel(), lines, hidden, cells, goals, need, known)
    width = known.high - known.low
    free = target & ~np.isin(np.arange(hidden.size), lines)  # no total mentions the cell
    width[free] = np.inf
    result[target] = width[target] < need - 1e-6
    return result.reshape(full.shape)


def feasible_ranges(full: Floats, withheld: Bools, margins: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return the lowest and highest value each withheld cell can have; shown cells are themselves.

    A range that has no upper end within reach is cut at the sum of the table and its cells.
    """
    known = Knowledge.of(full.ravel())
    exposed(full, withheld, withheld, margins, np.inf, known)
    return known.low.reshape(full.shape), known.high.reshape(full.shape)


def _components(lines: NDArray[np.int64], hidden: Bools) -> list[NDArray[np.int64]]:
    """Return groups of withheld cells that share sums, directly or through others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    used = (lines >= 0) & hidden[np.maximum(lines, 0)]
    row, place = np.nonzero(used)
    if row.size == 0:
        return []
    cells, local = np.unique(lines[row, place], return_inverse=True)
    size = lines.shape[0] + cells.size
    graph = coo_array((np.ones(row.size), (row, lines.shape[0] + local)), shape=(size, size))
    label = connected_components(graph, directed=False)[1][lines.shape[0] :]
    order = np.argsort(label, kind="stable")
    return np.split(cells[order], np.flatnonzero(np.diff(label[order])) + 1)


def _attack(
    values: Floats,
    lines: NDArray[np.int64],
    hidden: Bools,
    cells: NDArray[np.int64],
    goals: NDArray[np.int64],
    need: float,
    known: Knowledge,
) -> None:
    """Widen what is known by solving for the goals of one component, each only until it is safe."""
    matrix, known_sum = _system(values, lines, hidden, cells)
    ceiling = float(values.max() + (min(need, 1e3) + 1.0) * (cells.size + 1.0))
    at = np.searchsorted(cells, goals)
    together = np.zeros(cells.size)
    together[at] = 1.0
    for sign in (-1.0, 1.0):  # one table often frees many cells at once
        _solve(sign * together, matrix, known_sum, ceiling, cells, known)
    for goal, place in zip(goals, at, strict=True):
        for sign in (-1.0, 1.0):
            if known.high[goal] - known.low[goal] >= need - 1e-6:
                break
            cost = np.zeros(cells.size)
            cost[place] = sign
            _solve(cost, matrix, known_sum, ceiling, cells, known)


def _system(values: Floats, lines: NDArray[np.int64], hidden: Bools, cells: NDArray[np.int64]) -> tuple[Any, Floats]:
    """Return the attacker's equations: signed sums over the component's cells, and what the shown cells fix."""
    from scipy.sparse import csr_array

    position = np.full(values.size, -1)
    position[cells] = np.arange(cells.size)
    rows = lines[((lines >= 0) & (position[np.maximum(lines, 0)] >= 0)).any(axis=1)]
    sign = np.where(rows >= 0, 1.0, 0.0)
    sign[:, -1] = -1.0
    safe = np.maximum(rows, 0)
    unknown = (rows >= 0) & hidden[safe]
    known_sum = -np.where(unknown, 0.0, sign * values[safe]).sum(axis=1)
    r, c = np.nonzero(unknown)
    return csr_array((sign[r, c], (r, position[rows[r, c]])), shape=(rows.shape[0], cells.size)), known_sum


def _solve(cost: Floats, matrix: Any, sums: Floats, ceiling: float, cells: NDArray[np.int64], known: Knowledge) -> None:
    from scipy.optimize import linprog

    found = linprog(cost, A_eq=matrix, b_eq=sums, bounds=(0.0, ceiling), method="highs")
    if found.status != 0:
        raise StatsError(
            "AT-S-153", "The disclosure audit could not be finished.", do="Show this table without totals."
        )
    known.widen(cells, found.x)
