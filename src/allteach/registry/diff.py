"""Says what changes between two states of a table: rows added, removed and changed, by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa

from allteach.errors import RegistryError
from allteach.registry.store import source_sql

Source: TypeAlias = pa.Table | Sequence[Path]


@dataclass(frozen=True, slots=True)
class Diff:
    """What changes.

    Attributes:
        added: Rows that only the new state has.
        removed: Rows that only the old state has.
        changed: Rows with the same key and another value.
        same: Rows that stay as they are.
        columns: Column -> in how many changed rows it differs.
        keys: One row a change: the key columns and ``change`` (added, removed, changed); at most `limit` rows.
    """

    added: int
    removed: int
    changed: int
    same: int
    columns: dict[str, int]
    keys: pa.Table

    @property
    def empty(self) -> bool:
        """True when nothing changes."""
        return not (self.added or self.removed or self.changed)


def diff(old: Source, new: Source, key: Sequence[str], *, limit: int = 1000) -> Diff:
    """Return what changes between two states.

    Args:
        old: Rows, or Parquet files.
        new: Rows, or Parquet files.
        key: Columns that name a row; empty compares whole rows.
        limit: How many changed keys to list.

    Raises:
        RegistryError: ``AT-R-006`` when a key column is missing.

    Example:
        >>> before = pa.table({"site": ["A", "B"], "falls": [1, 2]})
        >>> after = pa.table({"site": ["B", "C"], "falls": [3, 4]})
        >>> change = diff(before, after, ["site"])
        >>> change.added, change.removed, change.changed, change.columns
        (1, 1, 1, {'falls': 1})
    """
    connection = duckdb.connect(":memory:")
    try:
        left, right = _columns(connection, "old", old), _columns(connection, "new", new)
        shared = [name for name in right if name in left and not name.startswith("_")] or [
            name for name in (right or left) if not name.startswith("_")
        ]
        named = list(key) or shared
        if missing := [name for name in named if (left and name not in left) or (right and name not in right)]:
            raise RegistryError("AT-R-006", f'Both states need the column "{missing[0]}" to be compared.')
        return _compare(connection, named, [name for name in shared if name not in named], limit)
    finally:
        connection.close()


def _columns(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> list[str]:
    if isinstance(source, pa.Table):
        connection.register(f"{name}_rows", source)
        sql = f"{name}_rows"
    else:
        sql = source_sql(source) if source else ""
    if not sql:
        return []
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {sql}")
    return [row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _compare(connection: duckdb.DuckDBPyConnection, key: list[str], rest: list[str], limit: int) -> Diff:
    views = {row[0] for row in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()}
    for name, other in (("old", "new"), ("new", "old")):
        if name not in views:
            source = f"SELECT * FROM {other} WHERE false" if other in views else "SELECT NULL AS nothing WHERE false"
            connection.execute(f"CREATE VIEW {name} AS {source}")
    if not key:
        return Diff(0, 0, 0, 0, {}, pa.table({"change": pa.array([], pa.string())}))
    keys = ", ".join(_quoted(name) for name in key)
    # Rows that share a key are told apart by their place, so that none is counted twice.
    number = f"row_number() OVER (PARTITION BY {keys})"
    same_key = " AND ".join(f"o.{_quoted(name)} IS NOT DISTINCT FROM n.{_quoted(name)}" for name in key)
    differs = [f"o.{_quoted(name)} IS DISTINCT FROM n.{_quoted(name)}" for name in rest]
    change = f"""CASE WHEN o._at IS NULL THEN 'added' WHEN n._at IS NULL THEN 'removed'
                 WHEN {" OR ".join(differs) or "false"} THEN 'changed' ELSE 'same' END"""
    shown = ", ".join(f"COALESCE(n.{_quoted(name)}, o.{_quoted(name)}) AS {_quoted(name)}" for name in key)
    flags = "".join(f", {test} AS d{at}" for at, test in enumerate(differs))
    connection.execute(
        f"""CREATE TEMP TABLE changes AS
        WITH o AS (SELECT *, {number} AS _at FROM old), n AS (SELECT *, {number} AS _at FROM new)
        SELECT {shown}, {change} AS change{flags} FROM o FULL JOIN n ON {same_key} AND o._at = n._at"""
    )
    counts = dict(connection.execute("SELECT change, count(*) FROM changes GROUP BY change").fetchall())
    columns = {}
    for at, name in enumerate(rest):
        test = f"SELECT count(*) FROM changes WHERE change = 'changed' AND d{at}"
        if count := connection.execute(test).fetchall()[0][0]:
            columns[name] = count
    listed = connection.sql(
        f"SELECT {keys}, change FROM changes WHERE change <> 'same' ORDER BY ALL LIMIT {int(limit)}"
    )
    return Diff(
        counts.get("added", 0), counts.get("removed", 0), counts.get("changed", 0), counts.get("same", 0), columns,
        listed.to_arrow_table(),
    )  # fmt: skip
