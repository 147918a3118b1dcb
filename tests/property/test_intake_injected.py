"""Errors put into known cells are found there, and nothing else is."""

from __future__ import annotations

import pytest

from allteach.intake.checks import check
from allteach.intake.reader import read
from tests.injected import SENT_ON, SITES, dictionary, make


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_injected_error_is_found_in_its_cell_and_no_other(seed: int) -> None:
    made = make(2500, 7, seed)
    raw = read(made.text, name="visits.csv")
    result = check(raw, dictionary(), sent_on=SENT_ON, sites=SITES)
    found = {(row, finding.column): finding.code for finding in result.findings for row in finding.rows}
    assert found == made.errors
    assert result.held.num_rows == len(made.errors)
    assert result.good.num_rows + result.held.num_rows == result.rows_read == 2500
    assert not set(result.good["_row"].to_pylist()) & {row for row, _ in made.errors}
