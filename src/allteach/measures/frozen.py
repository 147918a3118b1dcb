"""The numbers of many measures as bytes that come out the same whenever they are worked out from the same rows."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from allteach.measures.card import Card
from allteach.measures.engine import run

COLUMNS = ("site", "period", "order", "stratum", "part", "numerator", "denominator", "n", "total", "total_sq")


def manifest_id(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest, whatever the order of its words.

    Example:
        >>> manifest_id({"a": 1, "b": 2}) == manifest_id({"b": 2, "a": 1})
        True
    """
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def report(manifest: Mapping[str, Any], measures: Iterable[tuple[Card, Sequence[Path]]]) -> bytes:
    """Return the report: its manifest's id, then every number of every measure, as CSV with plain line ends.

    The engine works on one thread, so that sums of numbers with decimals are added in one order; they are written with
    nine digits, so that the last bits of another machine's arithmetic do not show.

    Args:
        manifest: What the numbers rest on.
        measures: Cards with the files that they read.

    Raises:
        MeasureError: ``AT-M`` when a card does not fit its rows.
    """
    out = io.StringIO(newline="")
    out.write(f"# allteach frozen report\n# manifest {manifest_id(manifest)}\n")
    for name in ("network", "title", "moment"):
        out.write(f"# {name} {manifest.get(name, '')}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("measure", "version", *COLUMNS))
    connection = duckdb.connect(":memory:", config={"threads": 1})
    try:
        for card, paths in measures:
            result = run(card, list(paths), strata=card.strata, connection=connection)
            for line in result.rows.to_pylist() + result.parts.to_pylist():
                writer.writerow((card.id, card.version, *(_plain(line[name]) for name in COLUMNS)))
    finally:
        connection.close()
    return out.getvalue().encode()


def digest(content: bytes) -> str:
    """Return the SHA-256 of a report's bytes."""
    return hashlib.sha256(content).hexdigest()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.9g}"
    return str(value)
