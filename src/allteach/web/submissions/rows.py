"""Rows of stored files inside and outside of what a later file speaks for, site by site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from allteach.registry.store import Registry, Stored, source_sql
from allteach.web.submissions.summaries import quoted


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one site, both included.

    Args:
        site: Its code.
        first: First day, ISO.
        last: Last day, ISO.
    """

    site: str
    first: str
    last: str

    def meets(self, other: Span) -> bool:
        """Return whether the two share a day of one site."""
        return self.site == other.site and self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns say where, when and which row.

    Args:
        site: Holds the site's code.
        time: Holds the day.
        key: Together name a row; empty when rows have no name.
    """

    site: str
    time: str
    key: tuple[str, ...]


def outside(registry: Registry, path: str, spans: Sequence[Span], columns: Columns) -> tuple[Stored, pa.Table] | None:
    """Return a file with those rows of an older one that the spans do not speak for, and the rows; None without any."""
    left = _select([registry.full(path)], spans, columns, "ANTI")
    if not left.num_rows:
        return None
    return registry.put(left, site=columns.site, day=columns.time), left


def inside(files: Sequence[Path], spans: Sequence[Span], columns: Columns) -> pa.Table:
    """Return the rows of files that the spans speak for."""
    return _select(files, spans, columns, "SEMI")


def _select(files: Sequence[Path], spans: Sequence[Span], columns: Columns, kind: str) -> pa.Table:
    with duckdb.connect(":memory:") as db:
        said = {name: [getattr(span, name) for span in spans] for name in ("site", "first", "last")}
        db.register("said", pa.table(said))
        return db.sql(
            f"SELECT f.* FROM {source_sql(files)} f {kind} JOIN said s ON f.{quoted(columns.site)} = s.site"
            f" AND f.{quoted(columns.time)} BETWEEN CAST(s.first AS DATE) AND CAST(s.last AS DATE)"
        ).to_arrow_table()
