"""A file as columns, by the same reading and checks as an upload."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allteach.charts.study.columns import Columns, is_exposure, missing
from allteach.charts.study.guess import parts_of
from allteach.charts.study.how import Choices
from allteach.errors import ChartError
from allteach.intake.checks import ROW, check
from allteach.intake.contract import Role
from allteach.intake.findings import Finding, Severity
from allteach.intake.profile import Profile, profile
from allteach.intake.raw import RawTable
from allteach.intake.reader import read

_LAST_DAY = date(2200, 1, 1)
_FINDINGS = 3
_PERCENT = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*%")


def read_columns(source: str | Path | bytes, wanted: Choices) -> Columns:
    """Return a file's rows as columns; rows that cannot be used are left out and counted.

    Args:
        source: The file, or its bytes.
        wanted: The choices; parts that are not named are guessed.

    Raises:
        ChartError: ``AT-C-010`` a column is missing, ``AT-C-012`` nothing to draw, ``AT-C-015`` no row can be used.
        IntakeError: ``AT-I`` when the file cannot be read.
    """
    if not isinstance(source, bytes) and not Path(source).is_file():
        raise ChartError("AT-C-016", f'There is no file "{source}".', do="Check the name, or give - to read a pipe.")
    raw, in_percent = _proportions(read(source))
    found = profile(raw)
    parts, event = _parts(raw, found, wanted)
    raw = _only(raw, wanted)
    good, left_out, findings = _checked(raw, found, parts, (event, wanted.origin))
    arrays = {part: _array(part, good[column]) for part, column in parts.items() if not (part == "numerator" and event)}
    if event:
        # Cells are compared as they were sent, so that 1 and 1.0 or Yes and yes stay what the file says.
        kept = np.asarray(good[ROW])
        sent = np.asarray(raw.table[parts["numerator"]])[np.searchsorted(raw.numbers, kept)]
        arrays["numerator"] = (sent.astype(str) == event).astype(float)
        arrays.setdefault("denominator", np.ones(good.num_rows))
    name = parts.get("denominator", "")
    return Columns(
        site=arrays.get("site"),
        day=arrays.get("date"),
        numerator=arrays.get("numerator"),
        denominator=arrays.get("denominator"),
        value=arrays.get("value"),
        names={
            part: f"{column} {event}" if part == "numerator" and event else column for part, column in parts.items()
        },
        title="" if isinstance(source, bytes) else Path(source).stem,
        left_out=left_out,
        findings=findings,
        grain=found.grain if "date" in parts else "",
        exposure=is_exposure(name),
        percent=parts.get("value") in in_percent,
    )


def _proportions(raw: RawTable) -> tuple[RawTable, frozenset[str]]:
    """Return the file with texts such as ``92 %`` as proportions, and the columns that held them."""
    found = []
    table = raw.table
    for at, name in enumerate(raw.columns):
        if not pc.any(pc.ends_with(pc.utf8_trim_whitespace(table[name]), "%")).as_py():
            continue
        texts = table[name].to_pylist()
        cells = [_PERCENT.fullmatch(text.strip()) for text in texts]
        if all(cell or not text.strip() for cell, text in zip(cells, texts, strict=True)):
            numbers = [repr(float(cell[1].replace(",", ".")) / 100) if cell else "" for cell in cells]
            table = table.set_column(at, name, pa.array(numbers, pa.string()))
            found.append(name)
    return replace(raw, table=table), frozenset(found)


def _only(raw: RawTable, wanted: Choices) -> RawTable:
    """Return the rows that were asked for, as the file has them."""
    if wanted.only is None:
        return raw
    column, value = wanted.only
    if column not in raw.columns:
        raise missing(column, list(raw.columns))
    keep = pc.equal(raw.table[column], value)
    if not pc.any(keep).as_py():
        raise ChartError("AT-C-012", f'No row holds {value!r} in "{column}".')
    mask = keep.to_numpy(zero_copy_only=False)
    return replace(raw, table=raw.table.filter(keep), numbers=raw.numbers[mask], broken=(), findings=())


def _parts(raw: RawTable, found: Profile, wanted: Choices) -> tuple[dict[str, str], str]:
    named = {part: getattr(wanted, part) for part in ("site", "date", "numerator", "denominator", "value")}
    named = {part: str(column) for part, column in named.items() if column not in (None, "")}
    event = ""
    if "=" in named.get("numerator", ""):
        named["numerator"], _, event = named["numerator"].partition("=")
    for column in named.values():
        if column not in raw.columns:
            raise missing(column, list(raw.columns))
    guesses = parts_of(found, day_numbers=wanted.origin is not None)
    guessed = {part: column for part, column in guesses.items() if column not in named.values()}
    if "numerator" in named or "value" in named:
        # What is measured was said; a guess may add when and where, and the denominator of a count.
        kept = {"site", "date"} | ({"denominator"} if "numerator" in named and not event else set())
        guessed = {part: column for part, column in guessed.items() if part in kept}
    parts = {**guessed, **named}
    if not {"numerator", "value"} & set(parts) and wanted.kind not in ("t", "auto"):
        parts.pop("denominator", None)
    if not {"numerator", "value", "date"} & set(parts):
        raise ChartError(
            "AT-C-012",
            "No column holds counts or values.",
            do=f"Name one with --numerator or --value. The columns are {', '.join(raw.columns[:12])}.",
        )
    return parts, event


def _checked(
    raw: RawTable, found: Profile, parts: dict[str, str], said: tuple[str, date | None]
) -> tuple[pa.Table, int, tuple[str, ...]]:
    event, origin = said
    roles: dict[str, Role] = {}
    for part, column in parts.items():
        if part == "date":
            guess = found.column(column).role
            roles[column] = Role.DAY_NUMBER if origin else guess if guess in (Role.PERIOD, Role.DATE) else Role.DATE
        else:
            roles[column] = Role.OTHER if part == "numerator" and event else Role(part)
    unused = tuple(column for column in raw.columns if column not in roles)
    dictionary = found.dictionary("file", raw.name or "file", roles=roles, leave_out=unused, origin=origin)
    site = "" if "site" in parts else "all"
    checked = check(raw, dictionary, sent_on=_LAST_DAY, site=site)
    told = [finding for finding in checked.findings if finding.code != "AT-I-014"]
    if checked.rejected or checked.good.num_rows == 0:
        first = next((finding for finding in told if finding.severity is Severity.REJECT), told[0] if told else None)
        raise ChartError(
            "AT-C-015",
            "No row of the file can be used." + (f" {first.message}" if first else ""),
            do=first.fix if first else "Check that the right columns are named.",
        )
    held = [finding for finding in told if finding.severity is Severity.HOLD]
    return checked.good, checked.rows_read - checked.good.num_rows, tuple(_line(entry) for entry in held[:_FINDINGS])


def _line(finding: Finding) -> str:
    return f"{finding.code} {finding.where}: {finding.message} {finding.fix}"


def _array(part: str, column: pa.ChunkedArray) -> Any:
    if part == "site":
        return np.asarray(column.cast(pa.string()).to_pylist(), dtype=str)
    if part == "date":
        return np.asarray(column.cast(pa.date32())).astype("datetime64[D]")
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=float)
