"""Reads a file of FHIR resources (NDJSON, a Bundle, or one resource) as a table of texts, by a view."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from allteach.errors import IntakeError
from allteach.intake.fhir import shipped
from allteach.intake.fhir.rows import OBJECT, SEVERAL, UTC_DAY, Rows
from allteach.intake.fhir.valid import VALIDATE_ALL, Fault, validator
from allteach.intake.fhir.views import View
from allteach.intake.findings import Finding, Severity, about_rows
from allteach.intake.raw import FhirFacts, RawTable

_HEAD = 1 << 18
_KINDS_OF_FAULT = 25
_BOM = b"\xef\xbb\xbf"
_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{2,60})"')


def looks_like(head: bytes) -> bool:
    """Return whether the beginning of a file looks like FHIR resources."""
    start = head.removeprefix(_BOM).lstrip()
    return start.startswith(b"{") and b'"resourceType"' in head


def types_in(path: Path) -> tuple[str, ...]:
    """Return the types of resources at the beginning of a file, in order; empty when it is no FHIR file.

    Args:
        path: The file, also packed with gzip.
    """
    try:
        with path.open("rb") as opened:
            packed = opened.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as opened:
            head = opened.read(_HEAD)
    except (OSError, EOFError, zlib.error):
        return ()
    if not looks_like(head):
        return ()
    found = dict.fromkeys(kind.decode() for kind in _TYPE.findall(head))
    return tuple(kind for kind in found if kind != "Bundle")


@dataclass(slots=True)
class _Item:
    """One resource of a file, or a line that holds none."""

    number: int
    text: bytes
    resource: dict[str, Any] | None


@dataclass(slots=True)
class _Read:
    """What is known while a file is read."""

    cells: list[list[str]]
    lines: list[int] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    faulty: dict[Fault, list[int]] = field(default_factory=dict)
    seen: int = 0
    resources: int = 0
    validated: int = 0


def read_resources(
    path: Path, name: str, digest: str, *, view: View | None, site: str = "", limit: int = 0
) -> RawTable:
    """Return the rows that a view gives of a file.

    Args:
        path: The file, unpacked.
        name: What the sender calls it.
        digest: Hash of the bytes that were sent.
        view: The view; None takes the shipped one for the file's type of resource.
        site: Code of the site that sends.
        limit: Read only so many resources; 0 for all.

    Raises:
        IntakeError: ``AT-I-122`` when the file's resources are of another type than the view's, or no view is known.
    """
    kind = next((str(item.resource["resourceType"]) for item in _resources(path) if item.resource is not None), "")
    if not kind:
        raise IntakeError(
            "AT-I-122", "The file holds no FHIR resource that can be read.",
            expected='Every line is one resource with a "resourceType".', do="Export it again as FHIR NDJSON.",
        )  # fmt: skip
    view = shipped.default(kind) if view is None else view
    made = Rows(view, site)
    state = _Read([[] for _ in view.columns])
    step = max(1, -(-_lines(path) // VALIDATE_ALL))
    _read_all(islice(_resources(path), limit or None), view.resource, made, state, step)
    if not state.resources:
        raise IntakeError(
            "AT-I-122", f"The file holds resources of the type {kind}, but the view is of {view.resource}.",
            do=f"Send the file of {view.resource}, or give the table a view of {kind}.",
        )  # fmt: skip
    if step > 1 and state.faulty and not limit:  # one fault in the sample: every resource is looked at
        state.faulty, state.validated = {}, 0
        _validate_all(path, view.resource, state)
    table = _table(name, digest, view, made, state)
    assert table.fhir is not None
    return replace(table, fhir=replace(table.fhir, cut=0 < limit <= state.seen))


def _lines(path: Path) -> int:
    with path.open("rb") as opened:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: opened.read(1 << 20), b""))


def _resources(path: Path) -> Iterator[_Item]:
    """Return the resources: by line, or by place where the whole file is one Bundle or resource."""
    with path.open("rb") as opened:
        first = opened.readline()
        single = not any(line.strip() for line in opened)
        if not single and _parsed(first.removeprefix(_BOM)) is None:
            opened.seek(0)
            whole = _parsed(opened.read().removeprefix(_BOM))
            if whole is not None:
                yield from (_Item(at, b"", item) for at, item in enumerate(_opened(whole), 1))
                return
        opened.seek(0)
        for number, line in enumerate(opened, 1):
            if not line.strip():
                continue
            plain = _parsed(line.removeprefix(_BOM) if number == 1 else line)
            if plain is None:
                yield _Item(number, line, None)
                continue
            for at, item in enumerate(_opened(plain), 1):
                yield _Item(at if single else number, line, item)


def _opened(plain: dict[str, Any]) -> list[dict[str, Any] | None]:
    """Return the resources in a Bundle, or the resource itself."""
    if plain["resourceType"] != "Bundle":
        return [plain]
    entries = plain.get("entry")
    found = [entry.get("resource") if isinstance(entry, dict) else None for entry in entries or [] if entries]
    return [item if isinstance(item, dict) and isinstance(item.get("resourceType"), str) else None for item in found]


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


_DECODE = json.JSONDecoder(parse_constant=_refuse).decode


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return a resource, or None when the text is none."""
    try:
        plain = _DECODE(line.decode())
    except (ValueError, RecursionError):
        return None
    if type(plain) is not dict or not isinstance(plain.get("resourceType"), str):
        return None
    return plain


def _read_all(items: Iterable[_Item], kind: str, made: Rows, state: _Read, step: int) -> None:
    faults = validator(kind)
    for item in items:
        state.seen += 1
        if item.resource is None:
            state.unreadable.append(item.number)
            state.broken.append((item.number, item.text.decode("utf-8", "replace")))
            continue
        if item.resource["resourceType"] != kind:
            state.others.append(item.number)
            continue
        made.notes.at = item.number
        rows = made.of(item.resource)
        for row in rows:
            for column, cell in zip(state.cells, row, strict=True):
                column.append(cell)
        state.lines += [item.number] * len(rows)
        if state.resources % step == 0:
            state.validated += 1
            if found := faults(item.resource):
                _hold(state, item, found, not rows)
        state.resources += 1


def _hold(state: _Read, item: _Item, found: tuple[Fault, ...], aside: bool) -> None:
    for fault in found:
        kept = fault if fault in state.faulty or len(state.faulty) < _KINDS_OF_FAULT else _OTHER
        lines = state.faulty.setdefault(kept, [])
        if not lines or lines[-1] != item.number:
            lines.append(item.number)
    if aside and (not state.broken or state.broken[-1][0] != item.number):
        state.broken.append((item.number, item.text.decode("utf-8", "replace")))


_OTHER = Fault("", "The resource is not built as FHIR R4 says.")


def _validate_all(path: Path, kind: str, state: _Read) -> None:
    faults = validator(kind)
    having = set(state.lines)
    for item in _resources(path):
        if item.resource is not None and item.resource["resourceType"] == kind:
            state.validated += 1
            if found := faults(item.resource):
                _hold(state, item, found, item.number not in having)


def _table(name: str, digest: str, view: View, made: Rows, state: _Read) -> RawTable:
    lines = np.asarray(state.lines, dtype=np.int64)
    place = _places(lines)
    per_line = int(place.max()) + 1 if place.size else 1
    numbers = lines * per_line + place
    broken = sorted(dict(state.broken).items())
    columns = [column.name for column in view.columns]
    table = pa.table({key: _texts(values) for key, values in zip(columns, state.cells, strict=True)})
    rows_of = _Numbers(numbers, per_line)
    facts = FhirFacts(view.resource, state.resources, state.validated, view.title or view.name, len(state.others))
    return RawTable(
        name, tuple(columns), table, numbers, tuple((number * per_line, text) for number, text in broken),
        tuple(_findings(view, made, state, rows_of)), "fhir", "", header_row=0, sha256=digest, per_line=per_line,
        fhir=facts,
    )  # fmt: skip


def _places(lines: np.ndarray) -> np.ndarray:
    """Return the place of each row among those of its line, from 0."""
    if not lines.size:
        return lines
    order = np.argsort(lines, kind="stable")
    ordered = lines[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    place = np.arange(lines.size) - np.repeat(starts, np.diff(np.r_[starts, lines.size]))
    out = np.empty_like(lines)
    out[order] = place
    return out


def _texts(values: list[str]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # half of a pair of signs, which JSON can write and no text can hold
        return pa.array([value.encode("utf-8", "replace").decode() for value in values], pa.string())


class _Numbers:
    """Finds the row numbers of lines."""

    def __init__(self, numbers: np.ndarray, per_line: int) -> None:
        self.per_line = per_line
        self.order = np.sort(numbers)

    def of(self, lines: list[int]) -> list[int]:
        """Return the numbers of all rows of these lines, or the lines' own where they have none."""
        if self.per_line == 1:
            return lines
        low = np.searchsorted(self.order, np.asarray(lines) * self.per_line)
        high = np.searchsorted(self.order, (np.asarray(lines) + 1) * self.per_line)
        out: list[int] = []
        for line, first, last in zip(lines, low, high, strict=True):
            out += self.order[first:last].tolist() or [line * self.per_line]
        return out


def _findings(view: View, made: Rows, state: _Read, rows_of: _Numbers) -> list[Finding]:
    found = []
    if state.unreadable:
        found.append(about_rows(
            "AT-I-123", Severity.HOLD, "", rows_of.of(state.unreadable), "The line is not a FHIR resource in JSON.",
            "Export the file again; a line that was cut off is the usual cause.",
        ))  # fmt: skip
    if state.others:
        found.append(about_rows(
            "AT-I-124", Severity.WARN, "", rows_of.of(state.others),
            f"The resource is of another type than {view.resource}; it was left out.",
            "Nothing needs to be done if that is right. Send other types as files of their own.",
        ))  # fmt: skip
    for fault, lines in state.faulty.items():
        found.append(about_rows(
            "AT-I-125", Severity.HOLD, fault.element, rows_of.of(lines),
            f"The resource is not valid FHIR R4. {fault.what}", "Correct the element where the file is made.",
        ))  # fmt: skip
    paths = {column.name: column.path for column in view.columns}
    for (what, column), lines in made.notes.found.items():
        code, severity, message, fix = _NOTES[what]
        place = f" Its path is {paths[column]}." if column in paths and severity is Severity.HOLD else ""
        found.append(about_rows(code, severity, column, rows_of.of(lines), message + place, fix))
    return found


_NOTES = {
    SEVERAL: (
        "AT-I-126", Severity.HOLD, "The view finds several values here, and a cell holds one.",
        "Change the view: say which one by where(...) or first(), or make a row of each by forEach.",
    ),
    OBJECT: (
        "AT-I-127", Severity.HOLD, "The view ends at a group of elements, not at a value.",
        "Change the view: go on to the value, such as code.text or period.start.",
    ),
    UTC_DAY: (
        "AT-I-128", Severity.WARN, "The time is written in UTC; near midnight the day may be the one before or after.",
        "Give the column of the view the tag zone with the time zone of the hospital.",
    ),
}  # fmt: skip
