"""Runs a measure over accepted rows and returns sums per site, period and stratum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from allteach import __version__
from allteach.errors import MeasureError
from allteach.intake.expression import Kind
from allteach.measures.binding import check_card
from allteach.measures.card import EVENT_KINDS, Card, MeasureKind
from allteach.measures.engines import DuckDB, Engine, Source
from allteach.measures.histogram import median
from allteach.units import Period, periods_between

SCHEMA = pa.schema(
    [
        ("site", pa.string()),
        ("period", pa.date32()),
        ("order", pa.int64()),
        ("stratum", pa.string()),
        ("part", pa.string()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
        ("n", pa.int64()),
        ("total", pa.float64()),
        ("total_sq", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a measure came to.

    Attributes:
        rows: One row a site, period and stratum (or event), with columns site, period, order, stratum, numerator,
            denominator, n, total, total_sq; stratum is empty for the whole and ``column=value`` otherwise. Missing
            numbers are null.
        parts: The same for elements of a bundle (part = element) or bins of a median (part = position of the bin).
        provenance: What the numbers rest on: card, versions, engine.
    """

    rows: pa.Table
    parts: pa.Table
    provenance: Mapping[str, str] = field(default_factory=dict)

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as plain mappings."""
        return self.rows.to_pylist()


def run(
    card: Card,
    source: Source,
    *,
    strata: Sequence[str] = (),
    sites: Sequence[str] | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
    engine: Engine | None = None,
) -> Result:
    """Return the sums of a measure over rows.

    Args:
        card: The measure.
        source: Parquet files of the registry, or rows in memory.
        strata: Split by these of the card's strata too.
        sites: Only these sites; None for all.
        connection: A DuckDB connection to use; a fresh one when None.
        engine: What computes it; DuckDB when None.

    Raises:
        MeasureError: ``AT-M-005`` or ``AT-M-006`` when the card does not fit the rows, ``AT-M-007`` when a stratum is
            not on the card, ``AT-M-008`` when a calculation leaves the range of numbers, ``AT-M-020`` to ``AT-M-022``
            when the engine is not there.
    """
    with Attached(source, engine or DuckDB(connection)) as rows:
        return rows.result(card, strata=strata, sites=sites)


class Attached:
    """Rows handed to an engine once, for any number of measures. Used in a `with` statement.

    Args:
        source: Parquet files of the registry, or rows in memory.
        engine: What computes; DuckDB when None.
    """

    def __init__(self, source: Source, engine: Engine | None = None) -> None:
        self._source, self._engine = source, engine
        self._nothing = not isinstance(source, pa.Table) and not source
        self._opened: Engine | None = None
        self._kinds: dict[str, Kind] = {}

    def __enter__(self) -> Self:
        """Return the rows; the engine is started by the first measure."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the rows."""
        if self._opened is not None:
            self._opened.__exit__(kind, error, at)

    def result(self, card: Card, *, strata: Sequence[str] = (), sites: Sequence[str] | None = None) -> Result:
        """Return the sums of a measure, as `run` does."""
        if unknown := [name for name in strata if name not in card.strata]:
            raise MeasureError(
                "AT-M-007", f'The measure cannot be split by "{unknown[0]}".', do="Add it to the card's strata."
            )
        if self._nothing:
            return Result(_empty(), _empty(), provenance(card, "none"))
        engine = self._start()
        check_card(card, self._kinds)
        periods = _periods(engine, card) if card.split else ()
        sql = _written(
            card, engine, self._kinds, tuple(strata), None if sites is None else tuple(sites), tuple(periods)
        )
        return result_of(card, engine.query(sql), engine.label)

    @property
    def label(self) -> str:
        """Name and version of the engine that computed, for provenance."""
        return self._opened.label if self._opened is not None else "none"

    def _start(self) -> Engine:
        if self._opened is None:
            engine = self._engine or DuckDB()
            self._opened = engine.__enter__()
            self._kinds = engine.attach(self._source)
        return self._opened


_texts: dict[tuple[object, ...], str] = {}
_KEPT = 1000


def _written(
    card: Card, engine: Engine, kinds: dict[str, Kind], strata: tuple[str, ...], sites: tuple[str, ...] | None,
    periods: tuple[Period, ...],
) -> str:  # fmt: skip
    """Return the statement of a measure; one that was written before is kept, as writing takes longer than running."""
    key = (card.content_hash, engine.dialect, engine.table, tuple(kinds.items()), strata, sites, periods)
    if key not in _texts:
        # Here, not above: the printer of SQL takes a while to load.
        from allteach.measures.program import Program

        if len(_texts) >= _KEPT:
            _texts.clear()
        program = Program(
            card, kinds, engine=engine.dialect, table=engine.table, strata=strata, sites=sites, periods=periods
        )
        _texts[key] = program.sql()
    return _texts[key]


def result_of(card: Card, found: pa.Table, engine: str) -> Result:
    """Return the result made of the rows that an engine gave."""
    table = found.select(SCHEMA.names).cast(SCHEMA)
    table = table.sort_by([(name, "ascending") for name in ("stratum", "site", "period", "order", "part")])
    whole = pc.equal(table["part"], "")
    rows, parts = table.filter(whole), table.filter(pc.invert(whole))
    if card.kind is MeasureKind.MEDIAN:
        rows = _with_medians(card, rows, parts)
    return Result(rows, parts, provenance(card, engine))


CODE = f"allteach {__version__}"


def provenance(card: Card, engine: str) -> dict[str, str]:
    """Return what numbers of this card rest on."""
    return {
        "measure": card.id,
        "version": str(card.version),
        "card": card.content_hash,
        "engine": engine,
        "code": CODE,
    }


def _periods(engine: Engine, card: Card) -> tuple[Period, ...]:
    from sqlglot import exp

    assert card.split is not None
    start, end = (exp.column(name, quoted=True) for name in (card.split.start, card.split.end))
    asked = exp.select(exp.alias_(exp.Min(this=start), "a"), exp.alias_(exp.Max(this=end), "b"))
    asked = asked.from_(exp.to_table(engine.table)).where(exp.LTE(this=start.copy(), expression=end.copy()))
    found = engine.query(asked.sql(engine.dialect))
    return covering(card, found["a"][0].as_py(), found["b"][0].as_py())


def covering(card: Card, first: date | None, last: date | None) -> tuple[Period, ...]:
    """Return the periods from the first to the last day at risk."""
    if first is None or last is None:
        return ()
    return periods_between(Period.of(first, card.grain), Period.of(last, card.grain))


def _empty() -> pa.Table:
    return SCHEMA.empty_table()


def _with_medians(card: Card, rows: pa.Table, parts: pa.Table) -> pa.Table:
    """Put the median of each site and period, read off its bins, in place of the sum: medians do not add up."""
    counts: dict[tuple[str, date], list[int]] = {}
    for part in parts.to_pylist():
        bins = counts.setdefault((part["site"], part["period"]), [0] * (len(card.bins) + 1))
        bins[int(part["part"])] = int(part["numerator"])
    out = []
    for row in rows.to_pylist():
        middle = median(counts.get((row["site"], row["period"]), []), card.bins) if not row["stratum"] else None
        out.append(row | {"total": middle, "total_sq": None if middle is None else middle**2, "numerator": middle})
    return pa.Table.from_pylist(out, schema=SCHEMA)


def is_sequence(card: Card) -> bool:
    """Return whether results are events in order rather than sums per period."""
    return card.kind in EVENT_KINDS
