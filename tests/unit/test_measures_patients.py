"""Patients behind a measure: the very rows that its sums are made of, in order of time."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from allteach.errors import MeasureError, NotEstimable
from allteach.measures.card import Card
from allteach.measures.engine import run
from allteach.measures.files import load
from allteach.measures.patients import Patients, one_by_one, patients

BASE = """
id: deaths
title: Deaths
table: operations
site: site
date: day
missing: leave_out
numerator: died
"""


def card(more: str = "kind: proportion") -> Card:
    return load(BASE + more + "\n")


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    rng = np.random.default_rng(5)
    n = 400
    return pa.table(
        {
            "key": [f"{k:04d}" for k in rng.permutation(n)],
            "site": rng.choice(["b", "a", "c"], n).tolist(),
            "day": [date(2024, 1 + int(k) // 28, 1 + int(k) % 28) for k in rng.integers(0, 168, n)],
            "died": [None if u < 0.05 else bool(u > 0.8) for u in rng.random(n)],
            "risk": [None if u < 0.03 else float(u / 2) for u in rng.random(n)],
            "urgent": rng.choice(["yes", "no"], n).tolist(),
        }
    )


@pytest.mark.parametrize(
    "more",
    [
        "kind: proportion",
        "kind: proportion\nwhere: urgent = 'yes'",
        "kind: proportion\nexclusion: urgent = 'yes'",
        "kind: proportion\nexception: urgent = 'yes'",
        "kind: observed_expected\nexpected: risk",
    ],
)
def test_patients_add_up_to_the_measure(rows: pa.Table, more: str) -> None:
    found = patients(card(more), rows, columns=("urgent",), order=("key",))
    assert isinstance(found, Patients)
    months = found.day.astype("datetime64[M]")
    for row in run(card(more), rows).rows.to_pylist():
        own = (found.site == row["site"]) & (months == np.datetime64(row["period"], "M"))
        assert own.sum() == row["n"]
        assert found.outcome[own].sum() == row["numerator"]
        if found.given is not None:
            assert found.given[own].sum() == pytest.approx(row["denominator"])


def test_order_of_time_and_columns(rows: pa.Table) -> None:
    found = patients(card(), rows, columns=("urgent", "risk"), order=("key",))
    assert isinstance(found, Patients)
    pairs = list(zip(found.site, found.day, strict=True))
    assert pairs == sorted(pairs)
    assert set(found.columns["urgent"]) == {"yes", "no"}
    assert any(value is None for value in found.columns["risk"])
    again = patients(card(), rows.take(pa.array(range(rows.num_rows - 1, -1, -1))), columns=("risk",), order=("key",))
    assert isinstance(again, Patients)
    assert again.outcome.tolist() == found.outcome.tolist()
    some = found.take(found.site == "a")
    assert set(some.site) == {"a"}
    assert len(some.columns["risk"]) == len(some)


def test_measures_that_count_otherwise_have_no_patients(rows: pa.Table) -> None:
    rate = load(BASE.replace("numerator: died", "numerator: sum(risk)") + "kind: rate\ndenominator: sum(risk)\n")
    assert not one_by_one(rate)
    assert isinstance(patients(rate, rows), NotEstimable)
    assert not one_by_one(card("kind: proportion\nonce: {per: key}"))
    with pytest.raises(MeasureError, match="AT-M-005"):
        patients(card(), rows, columns=("weight",))
