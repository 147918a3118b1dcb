"""Checks a file against its data dictionary: good rows typed and kept, bad rows held back, findings for the sender."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allteach.intake import rules as rl
from allteach.intake import values as vl
from allteach.intake.contract import Field, FieldType, Privacy, TableDictionary
from allteach.intake.dates import Written, recognise
from allteach.intake.findings import Finding, Severity, about_file, about_rows
from allteach.intake.raw import RawTable
from allteach.intake.rules import Check

ROW = "_row"
SITE = "_site"
ANNOTATION = "What to correct"
MEMORY = "1GB"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a file speaks for. Rows outside are held back.

    Args:
        sites: Site codes; empty for all.
        first: First day; None for no beginning.
        last: Last day; None for no end.
    """

    sites: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """How many rows of one site and day are held back; empty site or no day where the row does not say."""

    site: str
    day: date | None
    rows: int


@dataclass(frozen=True, slots=True)
class Broken:
    """How many rows of one site and month have one finding in one column; empty where the row does not say."""

    code: str
    column: str
    site: str
    month: str
    rows: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a file came to.

    Attributes:
        good: Typed rows, columns as in the dictionary but those that identify persons, with ``_row`` and, where the
            table names no site, ``_site``.
        held: Rows in quarantine as they were sent (texts, the same columns), with ``_row``; cut-off rows in ``_text``.
        findings: What was found, most serious first.
        rows_read: Rows below the header.
        held_by: Where the held rows belong, as far as they say.
        broken_by: Which rule was broken where, by the names of the dictionary.
    """

    good: pa.Table
    held: pa.Table
    findings: tuple[Finding, ...]
    rows_read: int
    held_by: tuple[Held, ...] = ()
    broken_by: tuple[Broken, ...] = ()

    @property
    def rejected(self) -> bool:
        """True when something stops the whole file."""
        return any(finding.severity is Severity.REJECT for finding in self.findings)


def check(
    raw: RawTable,
    dictionary: TableDictionary,
    *,
    sent_on: date,
    sites: Collection[str] | None = None,
    site: str = "",
    scope: Scope | None = None,
) -> Checked:
    """Return good rows, held rows and findings of a file.

    Args:
        raw: The file as texts.
        dictionary: What its columns should hold.
        sent_on: The day of sending; later dates are held back.
        sites: Codes of the network's sites; None lets every site pass (a network that is being set up).
        site: The sender's site, for tables that do not name one.
        scope: What the file speaks for; rows outside are held back.
    """
    found = _match(raw, dictionary)
    findings = list(raw.findings) + _column_findings(raw, dictionary, found, site)
    if any(finding.severity is Severity.REJECT for finding in findings):
        return _stopped(raw, dictionary, [raw.in_file(finding) for finding in findings])
    with tempfile.TemporaryDirectory(prefix="allteach-") as scratch:
        # Long files spill to disk rather than take the memory of the whole server.
        connection = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "temp_directory": scratch})
        try:
            checked = _Run(connection, raw, dictionary, found, sent_on).result(findings, sites, site, scope)
        finally:
            connection.close()
    return replace(checked, findings=tuple(raw.in_file(finding) for finding in checked.findings))


def _match(raw: RawTable, dictionary: TableDictionary) -> dict[str, str]:
    """Return field name -> the file's column, also where only capitals differ."""
    exact = set(raw.columns)
    folded = {column.casefold(): column for column in raw.columns}
    out = {}
    for field in dictionary.fields:
        names = [name for name in (field.name, *field.was) if name in exact or name.casefold() in folded]
        if names:
            out[field.name] = names[0] if names[0] in exact else folded[names[0].casefold()]
    return out


def _column_findings(raw: RawTable, dictionary: TableDictionary, found: dict[str, str], site: str) -> list[Finding]:
    findings = []
    there = ", ".join(raw.columns[:12])
    for field in dictionary.fields:
        if field.name not in found and field.privacy is Privacy.DIRECT:
            continue  # never stored, so a file without it is the better file
        if field.name not in found:
            # What identifies persons is never stored, so a file that leaves it out is welcome.
            needed = field.required and field.privacy is not Privacy.DIRECT
            needed = needed or field in (dictionary.site, dictionary.time) or field.name in dictionary.key
            findings.append(about_file(
                "AT-I-011" if needed else "AT-I-012", Severity.REJECT if needed else Severity.WARN,
                f"The file has no column for {field.label}.",
                f'Add a column called "{field.name}". The file has: {there}.', field.name,
            ))  # fmt: skip
        elif found[field.name] in field.was:
            findings.append(about_file(
                "AT-I-049", Severity.WARN, f"{field.label} was read from a column under its earlier name.",
                f'The column is called "{field.name}" now; the newest template has it.', found[field.name],
            ))  # fmt: skip
        elif field.privacy is Privacy.DIRECT:
            findings.append(about_file(
                "AT-I-051", Severity.WARN, f"{field.label} identifies persons; it was checked but is not stored.",
                "Leave the column out of the file.", found[field.name],
            ))  # fmt: skip
        elif field.type is FieldType.DAY_NUMBER and field.origin is None:
            findings.append(about_file(
                "AT-I-026", Severity.REJECT, f"{field.label} counts days, but day 0 is not known.",
                "Say which date day 0 was.", field.name,
            ))  # fmt: skip
    used = set(found.values())
    for column in raw.columns:
        if column not in used and column != ANNOTATION:
            findings.append(about_file(
                "AT-I-014", Severity.WARN, "The column is not in the data dictionary; it was left out.",
                "Nothing needs to be done if that is right.", column,
            ))  # fmt: skip
    if dictionary.site is None and not site:
        findings.append(about_file(
            "AT-I-047", Severity.REJECT, "The file names no site, and nobody said whose it is.",
            "Choose the site that the file comes from.",
        ))  # fmt: skip
    if not raw.rows:
        findings.append(
            about_file("AT-I-020", Severity.REJECT, "The file has a header but no rows.", "Send it with rows.")
        )
    return findings


def _stopped(raw: RawTable, dictionary: TableDictionary, findings: list[Finding]) -> Checked:
    return Checked(_empty(dictionary), _empty(dictionary), _sorted(findings), raw.rows)


def _trim(column: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    # Most columns need no trimming; keeping the original keeps one copy in memory.
    return column if trimmed.equals(column) else trimmed


def _empty(dictionary: TableDictionary) -> pa.Table:
    return pa.table({ROW: pa.array([], pa.int64())} | {f.name: pa.array([], pa.string()) for f in dictionary.fields})


def _sorted(findings: list[Finding]) -> tuple[Finding, ...]:
    order = [Severity.REJECT, Severity.HOLD, Severity.WARN]
    return tuple(sorted(findings, key=lambda finding: (order.index(finding.severity), -finding.count)))


class _Run:
    """One check in one database of its own."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        raw: RawTable,
        dictionary: TableDictionary,
        found: dict[str, str],
        sent_on: date,
    ) -> None:
        self.db, self.raw, self.dictionary, self.found, self.sent_on = connection, raw, dictionary, found, sent_on
        self.fields = [field for field in dictionary.fields if field.name in found]
        self.written: dict[str, Written] = {}
        self.findings: list[Finding] = []

    def result(self, findings: list[Finding], sites: Collection[str] | None, site: str, scope: Scope | None) -> Checked:
        self.findings = findings
        self._load()
        checks = [c for f in self.fields for c in rl.field_checks(f, self.written.get(f.name), self.sent_on)]
        checks += rl.table_checks(self.dictionary, self.found, sites)
        checks += self._scope_checks(scope)
        self._run(checks)
        if any(finding.severity is Severity.REJECT for finding in self.findings):
            return _stopped(self.raw, self.dictionary, self.findings)
        held = {row for f in self.findings if f.severity is Severity.HOLD for row in f.rows}
        held |= self._duplicates(held)
        return self._split(held, site)

    def _load(self) -> None:
        """Make the prepared table: row number, clean text and typed value of each column."""
        sent = self.raw.table.append_column(ROW, pa.array(self.raw.numbers))
        self.db.register("sent", sent)
        trimmed = pa.table({name: _trim(sent[name]) for name in self.found.values()})
        self.db.register("trimmed", trimmed.append_column(ROW, sent[ROW]))
        texts = [
            f"{vl.clean_sql(field, self.found[field.name], self.dictionary)} AS {vl.text_of(field.name)}"
            for field in self.fields
        ]
        self.db.execute(f"CREATE TEMP VIEW texts AS SELECT {vl.quoted(ROW)} AS n, {', '.join(texts)} FROM trimmed")
        for field in self.fields:
            if field.type is FieldType.DATE and not field.formats:
                self.written[field.name] = self._style(field)
        values = [f"{vl.value_sql(f, self.written.get(f.name))} AS {vl.value_of(f.name)}" for f in self.fields]
        self.db.execute(f"CREATE TEMP TABLE prepared AS SELECT *, {', '.join(values)} FROM texts")
        self.db.execute("DROP VIEW texts")
        self.db.unregister("trimmed")

    def _style(self, field: Field) -> Written:
        text = vl.text_of(field.name)
        bare = f"regexp_replace({text}, '[ T][0-9]{{1,2}}:.*$', '')"
        rows = self.db.execute(
            f"SELECT {bare} AS d, count(*) FROM texts WHERE {text} IS NOT NULL GROUP BY d"
        ).fetchall()
        written = recognise(rows)
        if written.twins:
            first, second = written.twins
            self.findings.append(about_file(
                "AT-I-022", Severity.REJECT,
                f"The dates can be read as {first} or as {second}, and nothing in the file says which.",
                "Say in the data dictionary which one it is, or write dates as YYYY-MM-DD.", field.name,
            ))  # fmt: skip
        return written

    def _scope_checks(self, scope: Scope | None) -> list[Check]:
        if scope is None:
            return []
        outside, site, time = [], self.dictionary.site, self.dictionary.time
        if scope.sites and site:
            listed = ", ".join(vl.literal(code) for code in scope.sites)
            outside.append((site.name, f"{vl.text_of(site.name)} NOT IN ({listed})"))
        if time and scope.first:
            outside.append((time.name, f"{vl.value_of(time.name)} < DATE '{scope.first}'"))
        if time and scope.last:
            outside.append((time.name, f"{vl.value_of(time.name)} > DATE '{scope.last}'"))
        return [
            Check("AT-I-046", Severity.HOLD, column, broken, "The row is outside of what the file was said to hold.",
                  "Widen what the file speaks for, or leave the row out.")
            for column, broken in outside
        ]  # fmt: skip

    def _run(self, checks: list[Check]) -> None:
        """Evaluate all checks in one pass; rows that break none cost nothing more."""
        if not checks:
            return
        guards = list(dict.fromkeys(check.guard or check.broken for check in checks))
        counts = ", ".join(f"count(*) FILTER (WHERE {guard})" for guard in guards)
        totals = dict(zip(guards, self.db.execute(f"SELECT {counts} FROM prepared").fetchall()[0], strict=True))
        for check in checks:
            if not totals[check.guard or check.broken]:
                continue
            picked = f"({check.guard}) AND " if check.guard else ""
            if rows := self._rows(f"SELECT n FROM prepared WHERE {picked}({check.broken})"):
                column = self._sent(check.column)
                self.findings.append(about_rows(check.code, check.severity, column, rows, check.message, check.fix))

    def _rows(self, query: str) -> list[int]:
        return [int(n) for n in self.db.execute(query).fetchnumpy()["n"]]

    def _sent(self, column: str) -> str:
        return self.found.get(column, column)

    def _duplicates(self, held: set[int]) -> set[int]:
        """Find rows that share a key, among rows that are otherwise good."""
        key = self.dictionary.key
        if not key:
            self._copies()
            return set()
        self.db.register("held_rows", pa.table({"n": pa.array(sorted(held), pa.int64())}))
        names = ", ".join(vl.value_of(name) for name in key)
        known = " AND ".join(f"{vl.value_of(name)} IS NOT NULL" for name in key)
        everything = ", ".join(vl.value_of(field.name) for field in self.fields)
        repeated = f"SELECT {names} FROM prepared WHERE {known} GROUP BY {names} HAVING count(*) > 1"
        self.db.execute(f"CREATE TEMP TABLE repeated AS {repeated}")
        query = f"""
            WITH g AS (SELECT n, {names}, hash(row({everything})) AS h FROM prepared SEMI JOIN repeated USING ({names})
                       WHERE n NOT IN (FROM held_rows)),
                 k AS (SELECT {names}, min(n) AS first, count(DISTINCT h) AS kinds
                       FROM g GROUP BY {names} HAVING count(*) > 1)
            SELECT g.n AS n, k.first AS first, k.kinds AS kinds FROM g JOIN k USING ({names}) ORDER BY g.n"""
        found = self.db.execute(query).fetchnumpy()
        n, first, differ = np.asarray(found["n"]), np.asarray(found["first"]), np.asarray(found["kinds"]) > 1
        column = ", ".join(self._sent(name) for name in key)
        labels = " and ".join(self.dictionary.field(name).label for name in key)
        again = n != first
        for code, rows, message, fix in (
            ("AT-I-041", n[again & ~differ], f"The row is an exact copy of an earlier one with the same {labels}.",
             "Leave the copy out; the first one is kept."),
            ("AT-I-042", n[again & differ], f"An earlier row has the same {labels} but other values; neither is used.",
             "Keep the right one of the two."),
            ("AT-I-043", n[~again & differ], f"A later row has the same {labels} but other values; neither is used.",
             "Keep the right one of the two."),
        ):  # fmt: skip
            if len(rows):
                self.findings.append(about_rows(code, Severity.HOLD, column, [int(r) for r in rows], message, fix))
        return {int(row) for row in n[again | differ]}

    def _copies(self) -> None:
        """Warn when a table without a key seems to have been pasted twice."""
        everything = ", ".join(vl.value_of(field.name) for field in self.fields)
        copies = f"SELECT n, row_number() OVER (PARTITION BY hash(row({everything})) ORDER BY n) AS k FROM prepared"
        rows = self._rows(f"SELECT n FROM ({copies}) WHERE k > 1")
        if 5 * len(rows) > self.raw.rows > 20:
            self.findings.append(about_rows(
                "AT-I-040", Severity.WARN, "", rows, "Many rows are exact copies of others.",
                "Check that the rows were not pasted twice.",
            ))  # fmt: skip

    def _split(self, held: set[int], site: str) -> Checked:
        self.db.register("all_held", pa.table({"n": pa.array(sorted(held), pa.int64())}))
        stored = [field for field in self.fields if field.privacy is not Privacy.DIRECT]
        columns = ", ".join(f"{vl.value_of(field.name)} AS {vl.quoted(field.name)}" for field in stored)
        own = f", {vl.literal(site)} AS {SITE}" if self.dictionary.site is None else ""
        typed = self.db.sql(f"SELECT n AS {ROW}, {columns}{own} FROM prepared").to_arrow_table()
        keep = ~np.isin(typed[ROW].to_numpy(), np.fromiter(held, np.int64, len(held)))
        good = typed.filter(pa.array(keep)) if held else typed
        sent = self.raw.table.select([self.found[field.name] for field in stored])
        sent = sent.append_column(ROW, pa.array(self.raw.numbers))
        kept = sent.filter(pa.array(np.isin(self.raw.numbers, np.fromiter(held, np.int64, len(held)))))
        if self.raw.broken:
            cut = pa.table({
                ROW: pa.array([number for number, _ in self.raw.broken], pa.int64()),
                "_text": pa.array([text for _, text in self.raw.broken], pa.string()),
            })  # fmt: skip
            kept = pa.concat_tables([kept, cut], promote_options="default").sort_by(ROW)
        findings = _sorted(self.findings)
        return Checked(good, kept, findings, self.raw.rows, self._where_held(site), self._where_broken(findings, site))

    def _place(self, site: str) -> tuple[str, str]:
        """Return SQL of the site that a row names, and of its day."""
        own, time = self.dictionary.site, self.dictionary.time
        place = vl.text_of(own.name) if own else vl.literal(site)
        return place, vl.value_of(time.name) if time else "CAST(NULL AS DATE)"

    def _where_broken(self, findings: tuple[Finding, ...], site: str) -> tuple[Broken, ...]:
        """Count the rows of each finding by site and month, for the quality of the data."""
        pairs = [(at, n) for at, finding in enumerate(findings) for n in finding.rows]
        if not pairs:
            return ()
        said = {"f": pa.array([at for at, _n in pairs], pa.int32()), "n": pa.array([n for _at, n in pairs], pa.int64())}
        self.db.register("said", pa.table(said))
        place, day = self._place(site)
        rows = self.db.execute(
            f"SELECT f, COALESCE({place}, '') AS s, COALESCE(strftime({day}, '%Y-%m'), '') AS m, count(*) "
            "FROM said JOIN prepared USING (n) GROUP BY f, s, m ORDER BY f, s, m"
        ).fetchall()
        own = {sent: name for name, sent in self.found.items()}
        return tuple(
            Broken(findings[f].code, own.get(findings[f].column, findings[f].column), s, m, n) for f, s, m, n in rows
        )

    def _where_held(self, site: str) -> tuple[Held, ...]:
        place, day = self._place(site)
        rows = self.db.execute(
            f"SELECT COALESCE({place}, '') AS s, {day} AS d, count(*) FROM prepared WHERE n IN (FROM all_held) "
            "GROUP BY s, d ORDER BY s, d"
        ).fetchall()
        unknown = [Held("", None, len(self.raw.broken))] if self.raw.broken else []
        return tuple([Held(*row) for row in rows] + unknown)
