"""Small numbers: the rule, and an attacker of the tests' own making."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, milp

from allteach.errors import StatsError
from allteach.stats.disclosure import (
    SmallNumbers,
    exposed,
    feasible_ranges,
    small,
    small_difference,
    small_proportion,
    suppress,
    suppress_proportion,
)

pytestmark = pytest.mark.filterwarnings("error")


def whole_number_range(shown: np.ndarray, cell: tuple[int, int], ceiling: float = 500.0) -> tuple[float, float]:
    """Return the lowest and highest whole number an inner cell can be, by integer programming."""
    rows, columns = shown.shape[0] - 1, shown.shape[1] - 1
    inner = np.arange(rows * columns).reshape(rows, columns)
    members = [[inner[r, k]] for r in range(rows) for k in range(columns)]
    members += (
        [list(inner[r]) for r in range(rows)] + [list(inner[:, k]) for k in range(columns)] + [list(inner.ravel())]
    )
    values = [*shown[:rows, :columns].ravel(), *shown[:rows, -1], *shown[-1, :columns], shown[-1, -1]]
    known = [(group, value) for group, value in zip(members, values, strict=True) if not np.isnan(value)]
    matrix = np.zeros((len(known), inner.size))
    for row, (group, _) in enumerate(known):
        matrix[row, group] = 1
    right = np.array([value for _, value in known])
    ends = []
    for sign in (1.0, -1.0):
        cost = np.zeros(inner.size)
        cost[inner[cell]] = sign
        found = milp(
            cost, integrality=np.ones(inner.size), bounds=Bounds(0, ceiling), constraints=(matrix, right, right)
        )
        ends.append(round(sign * found.fun))
    return ends[0], ends[1]


def test_the_rule() -> None:
    assert small([0, 1, 10, 11, np.nan]).tolist() == [False, True, True, False, False]
    assert small([0, 1, 5], SmallNumbers(threshold=5, zero_allowed=False)).tolist() == [True, True, False]
    assert not small([0, 1, 2], SmallNumbers(threshold=1)).any()
    assert small_proportion([0, 30, 95, 100], [100, 100, 100, 100]).tolist() == [False, False, True, False]
    assert small_difference([50, 50, 50], [50, 45, 39]).tolist() == [False, True, False]


def test_one_cell_is_never_enough() -> None:
    found = suppress([[40, 3, 50], [30, 60, 20], [15, 14, 70]])
    assert found.withheld[:3, :3].sum() >= 4
    for axis in (0, 1):
        lonely = found.withheld[:3, :3].sum(axis=axis) == 1
        assert not (lonely & ~np.isnan(found.totals(axis))).any()


@pytest.mark.parametrize("seed", range(12))
def test_no_small_cell_can_be_worked_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rule = SmallNumbers(threshold=3)
    table = rng.integers(0, 9, (3, 3)).astype(float)
    found = suppress(table, rule=rule)
    for cell in zip(*np.nonzero(found.primary[:3, :3]), strict=True):
        low, high = whole_number_range(found.shown, cell)
        assert high - low >= 3


def test_ranges_equal_those_of_an_integer_program() -> None:
    table = np.array([[4.0, 1, 6], [2, 5, 3], [7, 2, 2]])
    full = np.block([[table, table.sum(1, keepdims=True)], [table.sum(0), table.sum()]])
    withheld = np.zeros(full.shape, bool)
    withheld[[0, 0, 1, 1, 2], [0, 1, 0, 1, 2]] = True
    low, high = feasible_ranges(full, withheld, (0, 1))
    for cell in zip(*np.nonzero(withheld), strict=True):
        assert (low[cell], high[cell]) == pytest.approx(whole_number_range(np.where(withheld, np.nan, full), cell))
    assert (low == high)[~withheld].all()


def test_a_lonely_cell_is_seen_as_exposed() -> None:
    full = np.array([[3.0, 20, 23], [30, 40, 70], [33, 60, 93]])
    withheld = np.zeros((3, 3), bool)
    withheld[0, 0] = True
    assert exposed(full, withheld, withheld, (0, 1), 11.0)[0, 0]


def test_totals_only_over_one_axis() -> None:
    found = suppress([[40, 3], [30, 60], [22, 25]], margins=(0,))
    assert found.cells.shape == (3, 2)
    assert np.isnan(found.cells[:, 1]).sum() == 2
    assert not np.isnan(found.cells[:, 0]).any()
    with pytest.raises(StatsError):
        found.totals(1)


def test_without_totals_only_small_cells_go() -> None:
    found = suppress([[40, 3], [0, 60]], margins=())
    assert np.isnan(found.shown).tolist() == [[False, True], [False, False]]


def test_missing_cells_stay_missing_and_count_as_none() -> None:
    found = suppress([[40, np.nan, 15], [30, 60, 20]])
    assert np.isnan(found.cells[0, 1])
    assert not found.withheld.any()
    assert found.totals(1).tolist() == [55, 110]


def test_own_cells_stay_open_and_others_safe() -> None:
    table = np.array([[5.0, 20, 30], [4, 25, 40], [50, 60, 70], [33, 44, 55]])
    own = np.zeros(table.shape, bool)
    own[0] = True
    found = suppress(table, open_cells=own)
    assert found.cells[0].tolist() == [5, 20, 30]
    assert np.isnan(found.cells[1, 0])
    low, high = feasible_ranges(
        np.block([[table, table.sum(1, keepdims=True)], [table.sum(0), table.sum()]]), found.withheld, (0, 1)
    )
    assert high[1, 0] - low[1, 0] >= 11


def test_all_small_withholds_totals_too() -> None:
    found = suppress([[1, 2], [3, 1]])
    assert np.isnan(found.shown).all()


def test_empty_and_zero_tables() -> None:
    assert suppress(np.empty((0, 3))).shown.shape == (1, 4)
    assert (suppress(np.zeros((2, 2))).shown == 0).all()


def test_proportions_hide_what_follows_from_parts() -> None:
    num, den = np.array([[30.0, 20, 40], [25, 33, 50]]), np.array([[90.0, 25, 95], [60, 70, 110]])
    found = suppress_proportion(num, den)
    assert np.isnan(found.value[0, 1])
    known = ~np.isnan(found.numerator) & ~np.isnan(found.denominator)
    gap = (found.denominator - found.numerator)[known]
    assert not small(gap).any()
    assert (np.isnan(found.value) | known).all()


def test_large_and_quick() -> None:
    rng = np.random.default_rng(1)
    found = suppress(rng.poisson(14, (12, 12)))
    assert found.withheld.sum() >= found.primary.sum()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: SmallNumbers(threshold=0), "AT-S-150"),
        (lambda: small([-1]), "AT-S-151"),
        (lambda: suppress([[1.5]]), "AT-S-151"),
        (lambda: suppress([[np.inf]]), "AT-S-151"),
        (lambda: suppress(4), "AT-S-151"),
        (lambda: suppress([[1, 2]], margins=(2,)), "AT-S-152"),
        (lambda: suppress_proportion([5], [3]), "AT-S-104"),
        (lambda: suppress_proportion([5], [30, 3]), "AT-S-101"),
        (lambda: small_proportion([5], [3]), "AT-S-104"),
    ],
)
def test_unusable_arguments(call: object, code: str) -> None:
    with pytest.raises(StatsError) as error:
        call()  # type: ignore[operator]
    assert error.value.code == code
