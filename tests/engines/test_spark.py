"""Measures executed by Spark agree with the reference evaluator, DuckDB and PostgreSQL: integers exactly.

Spark takes ten seconds to start, so these tests have a target of their own: `make engines`.
"""

from __future__ import annotations

import os
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from allteach.errors import MeasureError
from allteach.measures import library
from allteach.measures.binding import kinds_of_table
from allteach.measures.card import Card, MeasureKind
from allteach.measures.cases import rows_of
from allteach.measures.engine import Result, run
from allteach.measures.engines import DuckDB
from allteach.measures.files import load
from allteach.measures.reference import compute
from allteach.measures.spark import Options, Spark, check_installed
from tests.postgres_rows import computed_by_postgres
from tests.property.test_measures_agree import lines, same
from tests.random_measures import KINDS, ROWS, cards

EXAMPLES = int(os.environ.get("SPARK_EXAMPLES", "30"))  # half a second each
HEAD = "id: m\ntitle: M\ntable: t\nsite: site\ndate: day\n"
# One processor, so that a test machine's others stay free.
HERE = Options("local[1]", "1g", {"spark.sql.shuffle.partitions": "1"})


@pytest.fixture(scope="module", autouse=True)
def _spark() -> Any:
    check_installed()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PySpark about other libraries
        yield


def agree(expected: dict[Any, Any], found: dict[Any, Any]) -> None:
    """Fail unless both say the same; what `expected` holds as a whole number has to be found exactly."""
    assert expected.keys() == found.keys()
    for key, numbers in expected.items():
        for one, other in zip(numbers, found[key], strict=True):
            assert one == other if isinstance(one, int) else same(one, other), (key, numbers, found[key])


def listed(result: Result) -> dict[Any, Any]:
    return lines(result.rows.to_pylist() + result.parts.to_pylist())


@settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(card=cards(), rows=ROWS)
def test_four_ways_of_computing_agree(postgres_rows: Any, card: Card, rows: list[dict[str, Any]]) -> None:
    table = rows_of(rows, KINDS)
    spark = listed(run(card, table, strata=card.strata, engine=Spark(HERE)))
    agree(listed(run(card, table, strata=card.strata, engine=DuckDB())), spark)
    if card.kind is MeasureKind.MEDIAN:  # the engines put the median of the bins where the others leave the sum
        return
    agree(lines(compute(card, rows, strata=card.strata)), spark)
    agree(lines(computed_by_postgres(postgres_rows, card, rows)), spark)


def shipped() -> list[tuple[str, Card]]:
    """Return one shipped measure of each kind that has a test case."""
    found: dict[MeasureKind, tuple[str, Card]] = {}
    for shelf in library.names():
        for card in library.shelf(shelf).cards:
            if card.tests:
                found.setdefault(card.kind, (shelf, card))
    return sorted(found.values(), key=lambda pair: pair[1].kind)


@pytest.mark.parametrize(("shelf", "card"), shipped(), ids=[card.kind for _shelf, card in shipped()])
def test_a_shipped_measure_of_each_kind_comes_to_what_its_case_says(shelf: str, card: Card) -> None:
    table = rows_of(card.tests[0].rows, kinds_of_table(library.shelf(shelf).table(card.table)))
    result = run(card, table, strata=card.strata, engine=Spark(HERE))
    agree(listed(run(card, table, strata=card.strata)), listed(result))
    assert result.provenance["engine"].startswith("spark 4")


def test_files_of_several_shapes_are_read_by_column_name_wherever_they_lie(tmp_path: Path) -> None:
    folder = tmp_path / "a [b] {c},* d"  # signs that Spark would take for patterns
    folder.mkdir()
    parts = [
        pa.table({"site": ["A", "A"], "day": [date(2024, 1, 31), date(2024, 2, 1)], "n": [1, 2]}),
        pa.table({"n": [0.5, None], "site": ["A", "B"], "Note, [x].`y`": ["p", None], "day": [date(2024, 2, 29)] * 2}),
        pa.table({"day": [date(2024, 3, 1)], "site": ["B"]}),
    ]
    for at, part in enumerate(parts):
        pq.write_table(part, folder / f"{at}.parquet")
    card = load(HEAD + "kind: count\nnumerator: sum(n)")
    files = sorted(folder.iterdir())
    spark = run(card, files, engine=Spark(HERE), sites=["A", "B"])
    assert [(r["site"], r["period"].month, r["numerator"]) for r in spark.as_dicts()] == [("A", 1, 1), ("A", 2, 2.5)]
    assert spark.rows == run(card, files, sites=["A", "B"]).rows
    assert run(card, files, engine=Spark(HERE), sites=[]).rows.num_rows == 0


def test_numbers_that_are_too_large_are_said_and_never_wrap_around() -> None:
    table = pa.table({"site": ["A", "A"], "day": [date(2024, 1, 1)] * 2, "n": [2**53 - 1, 1]})
    found = run(load(HEAD + "kind: count\nnumerator: sum(n)"), table, engine=Spark(HERE))
    assert found.as_dicts()[0]["numerator"] == 2**53
    with pytest.raises(MeasureError, match="AT-M-008"):
        run(load(HEAD + "kind: count\nnumerator: sum(n * n * n)"), table, engine=Spark(HERE))
