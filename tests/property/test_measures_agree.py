"""Random measures over random rows give the same sums by DuckDB and by the reference evaluator: integers exactly."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from allteach.intake.expression import Kind, evaluate, kind_of, parse
from allteach.intake.expression.sql import Printer
from allteach.measures.card import Card
from allteach.measures.cases import rows_of
from allteach.measures.engine import run
from allteach.measures.files import check_parts, dump, load
from allteach.measures.reference import compute
from tests.random_measures import KINDS, ROWS, cards, nodes, write

NUMBERS = ("numerator", "denominator", "n", "total", "total_sq")


def same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)


@cache
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": 1})


def lines(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {
        (r["site"], r["period"], r["order"], r["stratum"], r["part"]): tuple(r[name] for name in NUMBERS) for r in rows
    }


@given(card=cards(), rows=ROWS)
def test_duckdb_agrees_with_the_reference(card: Card, rows: list[dict[str, Any]]) -> None:
    check_parts(card)
    result = run(card, rows_of(rows, KINDS), strata=card.strata, connection=engine())
    found = lines(result.rows.to_pylist() + result.parts.to_pylist())
    expected = lines(compute(card, rows, strata=card.strata))
    assert found.keys() == expected.keys()
    for key, numbers in expected.items():
        if card.kind == "median" and not key[4]:
            continue  # the engine puts the median of the bins there
        assert all(same(a, b) for a, b in zip(numbers, found[key], strict=True)), (key, numbers, found[key])


@given(card=cards())
def test_a_card_survives_being_written_and_read(card: Card) -> None:
    again = load(dump(card))
    assert again == card
    assert again.content_hash == card.content_hash


@given(kind=st.sampled_from(list(Kind)), data=st.data())
def test_an_expression_survives_being_written_and_read(kind: Kind, data: st.DataObject) -> None:
    node = data.draw(nodes(kind))
    again = parse(write(node))
    assert kind_of(again, KINDS) is kind_of(node, KINDS)
    row = data.draw(ROWS)[0]
    assert same_value(evaluate(again, row), evaluate(node, row))


def same_value(one: Any, other: Any) -> bool:
    return same(one, other) if isinstance(one, int | float) and isinstance(other, int | float) else one == other


@given(kind=st.sampled_from(list(Kind)), data=st.data())
def test_one_expression_means_the_same_in_sql(kind: Kind, data: st.DataObject) -> None:
    node, rows = data.draw(nodes(kind)), data.draw(ROWS)
    table = rows_of(rows, KINDS).append_column("line", pa.array(range(len(rows))))
    engine().register("sent", table)
    found = engine().execute(f"SELECT {Printer(KINDS).text(node)} FROM sent ORDER BY line").fetchall()
    for row, (value,) in zip(rows, found, strict=True):
        assert same_value(evaluate(node, row), value)
