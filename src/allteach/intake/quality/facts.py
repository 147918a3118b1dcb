"""What the checks stand on: counts by site and month, and how values are spread, read in a few passes of DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from allteach.intake.checks import MEMORY, SITE
from allteach.intake.contract import Field, FieldType, Privacy, Role, TableDictionary
from allteach.intake.expression import Kind
from allteach.intake.quality.rows import UNREAD, Known, resolve
from allteach.intake.values import literal, quoted

Counts = NDArray[np.int64]
Counted = tuple[tuple[str, ...], dict[str, "Spread"], list[list[int]]]
SAMPLE = 1_000_000  # rows that are enough for the spread of a whole network
_TYPES = {
    Kind.TEXT: "VARCHAR", Kind.INTEGER: "BIGINT", Kind.NUMBER: "DOUBLE", Kind.DATE: "DATE", Kind.BOOLEAN: "BOOLEAN",
}  # fmt: skip
_DECILES = [n / 10 for n in range(1, 10)]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that are held against checks.

    Args:
        current: Files of accepted rows that count now.
        before: Files that counted before the newest submission; empty when there were none.
        brought: Files of the newest submission; empty when nothing came.
    """

    current: Sequence[Path]
    before: Sequence[Path] = ()
    brought: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """What the check of the newest file held back, by site and month; those rows are not among the accepted ones.

    Args:
        broken: Finding's code and column -> site -> month -> rows.
        held: Site -> month -> rows in quarantine.
        read: Site -> rows read, kept and held ones.
    """

    broken: Mapping[tuple[str, str], Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    held: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Spread:
    """How one column's values are spread: counts of shape ``(sites, labels)``."""

    labels: tuple[str, ...]
    counts: Counts


@dataclass(slots=True)
class Facts:
    """Counts that every check reads.

    Attributes:
        table: The dictionary.
        sites: Codes, one for each row of the arrays.
        months: ``2024-03`` and so on without gaps, one for each column.
        rows: ``(sites, months)`` rows.
        tests: Check and column -> applicable and failed, each ``(sites, months)``.
        filled: Column -> ``(sites, months)`` rows with a value.
        everywhere: Column -> spread over every site of the network.
        names: Sites of `everywhere`.
        fives: Column of numbers -> ``(names, 2)``: multiples of five, and numbers.
        earlier: ``(sites, months)`` rows before the newest submission.
        before, brought: Column -> spread of what was here before, and of what came; same labels.
        gate: What the check of the file held back.
        network_months: Every site's newest month, for timeliness.
        due: The newest month that must be here; empty takes the newest that any site has.
    """

    table: TableDictionary
    sites: tuple[str, ...]
    months: tuple[str, ...]
    rows: Counts
    tests: dict[tuple[str, str], tuple[Counts, Counts]]
    filled: dict[str, Counts]
    everywhere: dict[str, Spread]
    names: tuple[str, ...]
    fives: dict[str, Counts]
    earlier: Counts
    before: dict[str, Spread]
    brought: dict[str, Spread]
    gate: Gate = field(default_factory=Gate)
    network_months: Mapping[str, str] = field(default_factory=dict)
    due: str = ""


def gather(rows: Rows, table: TableDictionary, sites: Sequence[str], gate: Gate) -> Facts:
    """Return the counts behind every check.

    Args:
        rows: Files of rows; some are current.
        table: Their dictionary, with a column that says when.
        sites: Codes of the sites that are checked; the spread of values is compared with every site of the files.
        gate: What the check of the newest file held back.
    """
    with duckdb.connect(":memory:", config={"memory_limit": MEMORY}) as db:
        return _Reading(db, rows, table, tuple(sites)).facts(gate)


class _Reading:
    """One reading of the files."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, rows: Rows, table: TableDictionary, sites: tuple[str, ...]
    ) -> None:
        assert table.time is not None
        self.db, self.rows, self.table, self.sites = db, rows, table, sites
        self.fields = [f for f in table.fields if f.privacy is not Privacy.DIRECT]
        self.site = quoted(table.site.name if table.site else SITE)
        self.month = f"strftime({quoted(table.time.name)}, '%Y-%m')"
        self.chosen = f"{self.site} IN ({', '.join(literal(code) for code in sites) or 'NULL'})"
        self._view("now", rows.current)
        self.present = self._columns(rows.current)
        self.cuts: dict[str, list[float]] = {}

    def facts(self, gate: Gate) -> Facts:
        fences = self._numbers()
        known = Known(frozenset(self.present), fences)
        names, everywhere, fives = self._everywhere()
        before, brought = self._spread("before", self.rows.before), self._spread("brought", self.rows.brought)
        months, counted, filled, tests = self._by_month(known)
        return Facts(
            table=self.table, sites=self.sites, months=months, rows=counted, tests=tests, filled=filled,
            everywhere=everywhere, names=names, fives=fives, earlier=self._earlier(months), before=before,
            brought=brought, gate=gate,
        )  # fmt: skip

    def _columns(self, files: Sequence[Path]) -> set[str]:
        found = {str(row[0]) for row in self.db.execute(f"DESCRIBE SELECT * FROM {_source(files)}").fetchall()}
        return {f.name for f in self.fields if f.name in found}

    def _view(self, name: str, files: Sequence[Path]) -> None:
        """Make a view of typed columns; a column that the files lack is empty in it."""
        found = {str(row[0]): str(row[1]) for row in
                 self.db.execute(f"DESCRIBE SELECT * FROM {_source(files)}").fetchall()}  # fmt: skip
        parts = [] if self.table.site else [quoted(SITE)]
        for f in self.fields:
            kind, here = _TYPES[f.kind], quoted(f.name)
            if f.name not in found:
                parts += [f"CAST(NULL AS {kind}) AS {here}", f"false AS {quoted(UNREAD + f.name)}"]
            elif found[f.name] == kind:
                parts += [here, f"false AS {quoted(UNREAD + f.name)}"]
            else:
                cast = f"TRY_CAST({here} AS {kind})"
                parts += [f"{cast} AS {here}", f"({here} IS NOT NULL AND {cast} IS NULL) AS {quoted(UNREAD + f.name)}"]
        self.db.execute(f"CREATE TEMP VIEW {name} AS SELECT {', '.join(parts)} FROM {_source(files)}")

    def _numbers(self) -> dict[str, tuple[float, float]]:
        """Learn deciles of numbers over the network, and return the fences beyond which one is far out."""
        numbers = [f for f in self.fields if f.name in self.present and _is_measured(f)]
        if not numbers:
            return {}
        asked = [0.25, 0.75, *_DECILES]
        total = int(_one(self.db, "SELECT count(*) FROM now")[0])
        every = max(1, -(-total // SAMPLE))
        some = f"WHERE hash({', '.join(quoted(f.name) for f in numbers)}) % {every} = 0" if every > 1 else ""
        wanted = ", ".join(f"quantile_cont({quoted(f.name)}, {asked}), min({quoted(f.name)})" for f in numbers)
        row = _one(self.db, f"SELECT {wanted} FROM now {some}")
        fences = {}
        for at, f in enumerate(numbers):
            found, low = row[2 * at], row[2 * at + 1]
            if found is None:
                continue
            self.cuts[f.name] = sorted({float(cut) for cut in found[2:]})
            if f.role not in (Role.NUMERATOR, Role.DENOMINATOR) and found[1] > found[0]:
                fences[f.name] = _fences(float(found[0]), float(found[1]), float(low))
        return fences

    def _buckets(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Return column -> SQL of the label of its value, and the labels in order."""
        out = {}
        for f in self.fields:
            here = quoted(f.name)
            if f.name not in self.present:
                continue
            if f.type is FieldType.CODE:
                out[f.name] = (here, tuple(code for code, _ in f.codes))
            elif f.type is FieldType.BOOLEAN:
                out[f.name] = (f"CAST({here} AS VARCHAR)", ("true", "false"))
            elif len(cuts := self.cuts.get(f.name, [])) > 1:
                label = " + ".join(f"CAST({here} > {cut!r} AS INTEGER)" for cut in cuts)
                out[f.name] = (f"CAST({label} AS VARCHAR)", tuple(str(n) for n in range(len(cuts) + 1)))
        return out

    def _everywhere(self) -> tuple[tuple[str, ...], dict[str, Spread], dict[str, Counts]]:
        numbers = [name for name in self.cuts if self.table.field(name).role is Role.VALUE]
        fives = "".join(f", count(*) FILTER (WHERE {quoted(n)} % 5 = 0), count({quoted(n)})" for n in numbers)
        names, spread, rest = self._histograms("now", "true", fives)
        counted = np.array(rest, dtype=np.int64).reshape(len(names), -1)
        return names, spread, {name: counted[:, 2 * at : 2 * at + 2] for at, name in enumerate(numbers)}

    def _spread(self, name: str, files: Sequence[Path]) -> dict[str, Spread]:
        if not files:
            return {}
        self._view(name, files)
        names, found, _ = self._histograms(name, self.chosen, "")
        out = {}
        for column, spread in found.items():
            counts = np.zeros((len(self.sites), len(spread.labels)), dtype=np.int64)
            for at, code in enumerate(names):
                counts[self.sites.index(code)] = spread.counts[at]
            out[column] = Spread(spread.labels, counts)
        return out

    def _histograms(self, view: str, where: str, more: str) -> Counted:
        buckets = self._buckets()
        wanted = "".join(f", histogram({sql})" for sql, _labels in buckets.values())
        query = (
            f"SELECT {self.site} AS s{wanted}{more} FROM {view} WHERE {where} AND s IS NOT NULL GROUP BY s ORDER BY s"
        )
        rows = self.db.execute(query).fetchall()
        spread = {}
        for at, (column, (_sql, listed)) in enumerate(buckets.items(), start=1):
            seen = [_plain(row[at]) for row in rows]
            labels = (*listed, *sorted({label for one in seen for label in one} - set(listed)))
            counts = np.array([[one.get(label, 0) for label in labels] for one in seen], dtype=np.int64)
            spread[column] = Spread(labels, counts.reshape(len(rows), len(labels)))
        rest = [[int(n) for n in row[1 + len(buckets) :]] for row in rows]
        return tuple(str(row[0]) for row in rows), spread, rest

    def _by_month(
        self, known: Known
    ) -> tuple[tuple[str, ...], Counts, dict[str, Counts], dict[tuple[str, str], tuple[Counts, Counts]]]:
        """Count rows, values and failures by site and month, all in one pass."""
        tests = resolve(self.table, known)
        columns = [f.name for f in self.fields if f.name in self.present]
        wanted = ["count(*)", *(f"count({quoted(name)})" for name in columns)]
        wanted += [part for test in tests for part in (test.applicable, test.failed)]
        found = self.db.execute(
            f"SELECT {self.site} AS s, {self.month} AS m, {', '.join(wanted)} FROM now "
            f"WHERE {self.chosen} AND m IS NOT NULL GROUP BY s, m"
        ).fetchall()
        months = _through({str(row[1]) for row in found} | self._earlier_months())
        cube = np.zeros((len(wanted), len(self.sites), len(months)), dtype=np.int64)
        for row in found:
            cube[:, self.sites.index(row[0]), months.index(row[1])] = row[2:]
        first = 1 + len(columns)
        filled = {name: cube[1 + at] for at, name in enumerate(columns)}
        counted = {
            (test.check, test.column): (cube[first + 2 * at], cube[first + 2 * at + 1]) for at, test in enumerate(tests)
        }
        return months, cube[0], filled, counted

    def _earlier_months(self) -> set[str]:
        if not self.rows.before:
            return set()
        found = self.db.execute(f"SELECT DISTINCT {self.month} FROM before WHERE {self.chosen}").fetchall()
        return {str(row[0]) for row in found if row[0]}

    def _earlier(self, months: tuple[str, ...]) -> Counts:
        counts = np.zeros((len(self.sites), len(months)), dtype=np.int64)
        if self.rows.before:
            query = (
                f"SELECT {self.site} AS s, {self.month} AS m, count(*) FROM before WHERE {self.chosen} GROUP BY s, m"
            )
            for site, month, n in self.db.execute(query).fetchall():
                if month:
                    counts[self.sites.index(site), months.index(month)] = n
        return counts


def _source(files: Sequence[Path]) -> str:
    names = ", ".join(literal(str(path)) for path in files)
    return f"read_parquet([{names}], union_by_name = true)"


def _one(db: duckdb.DuckDBPyConnection, query: str) -> tuple:
    found = db.execute(query).fetchone()
    assert found is not None
    return tuple(found)


def _plain(found: object) -> dict[str, int]:
    """Return a DuckDB map as a mapping, empty labels left out."""
    if not isinstance(found, Mapping):
        return {}
    return {str(label): int(n) for label, n in found.items() if label is not None}


def _is_measured(f: Field) -> bool:
    return f.kind in (Kind.INTEGER, Kind.NUMBER) and f.role is not Role.RECORD


def _fences(low: float, high: float, least: float) -> tuple[float, float]:
    """Return Tukey's outer fences of the quarters; on the scale of ratios where every number is above zero."""
    if least > 0:
        ratio = (high / low) ** 3
        return low / ratio, high * ratio
    reach = 3 * (high - low)
    return low - reach, high + reach


def _through(months: set[str]) -> tuple[str, ...]:
    """Return every month from the first to the last."""
    if not months:
        return ()
    first, last = min(months), max(months)
    start, end = (int(m[:4]) * 12 + int(m[5:7]) - 1 for m in (first, last))
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(start, end + 1))
