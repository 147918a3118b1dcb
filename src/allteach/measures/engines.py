"""The engines that a measure can be computed by. All read the registry's Parquet files and give the same sums."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias

import duckdb
import pyarrow as pa

from allteach.errors import MeasureError
from allteach.intake.expression import Kind
from allteach.registry.store import source_sql

Source: TypeAlias = pa.Table | Sequence[Path]
_KINDS = {
    "VARCHAR": Kind.TEXT,
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    "DOUBLE": Kind.NUMBER,
    "FLOAT": Kind.NUMBER,
    "BIGINT": Kind.INTEGER,
    "INTEGER": Kind.INTEGER,
    "SMALLINT": Kind.INTEGER,
    "TINYINT": Kind.INTEGER,
}


class Engine(Protocol):
    """Something that runs the SQL of one measure over rows. Used once, in a `with` statement.

    Attributes:
        dialect: What the SQL is printed in.
        table: Name of the rows there.
        label: Name and version, for provenance.
    """

    dialect: str
    table: str
    label: str

    def attach(self, source: Source) -> dict[str, Kind]:
        """Make rows known under `table` and return the kinds of their columns."""
        ...

    def query(self, sql: str) -> pa.Table:
        """Return what a statement gives."""
        ...

    def __enter__(self) -> Self:
        """Return the engine, ready for rows."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the rows."""
        ...


def too_large(where: str = "") -> MeasureError:
    """Return the error for a calculation that leaves the range of numbers."""
    return MeasureError(
        "AT-M-008",
        "A calculation on the card gives a number that is too large.",
        where=where,
        do="Check the expression and the range of its columns in the data dictionary.",
    )


class DuckDB:
    """DuckDB inside this process: the default.

    Args:
        connection: One to use; a fresh one when None.
    """

    dialect = "duckdb"
    table = "rows_in"
    label = f"duckdb {duckdb.__version__}"

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self._shared = connection is not None
        self._connection: duckdb.DuckDBPyConnection = connection or duckdb.connect(":memory:")
        self._registered = False

    def attach(self, source: Source) -> dict[str, Kind]:
        """Make rows known and return the kinds of their columns."""
        if isinstance(source, pa.Table):
            self._registered = True
            self._connection.register(self.table, source)
        else:
            made = f"CREATE OR REPLACE TEMP VIEW {self.table} AS SELECT * FROM {source_sql(source)}"
            self._connection.execute(made)
        described: list[Any] = self._connection.execute(f"DESCRIBE {self.table}").fetchall()
        return {row[0]: _KINDS[row[1]] for row in described if row[1] in _KINDS}

    def query(self, sql: str) -> pa.Table:
        """Return what a statement gives.

        Raises:
            MeasureError: ``AT-M-008`` when a calculation leaves the range of numbers.
        """
        try:
            return self._connection.sql(sql).to_arrow_table()
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise too_large() from error

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the rows."""
        if not self._shared:
            self._connection.close()
        elif self._registered:
            self._connection.unregister(self.table)
        else:
            self._connection.execute(f"DROP VIEW IF EXISTS {self.table}")
