"""Reads a sheet of an XLSX workbook as texts, and notices formulas."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from allteach.errors import IntakeError
from allteach.intake.encoding import MAX_BYTES, not_a_table, too_large
from allteach.intake.findings import Finding, Severity, about_rows

_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*?>\s*<(?:\w+:)?f[ />]')


@dataclass(frozen=True, slots=True)
class Book:
    """A sheet as texts.

    Attributes:
        rows: One text column per spreadsheet column, from the first used row on.
        first_row: Number of that row in the spreadsheet.
        sheets: Names of all sheets.
        sheet: Name of the sheet read.
        findings: Cells that hold formulas.
    """

    rows: pa.Table
    first_row: int
    sheets: tuple[str, ...]
    sheet: str
    findings: list[Finding]


def is_workbook(path: Path, head: bytes) -> bool:
    """Return whether the file is an XLSX workbook.

    Raises:
        IntakeError: ``AT-I-002`` when it is another kind of archive, ``AT-I-003`` when damaged, ``AT-I-004`` too large.
    """
    if not head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            size = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile:
        raise IntakeError(
            "AT-I-003", "The workbook is damaged or only half there.", do="Open it, save it again and send that."
        ) from None
    if "xl/workbook.xml" not in names:
        raise not_a_table("an archive or a document of another program")
    if size > MAX_BYTES:
        raise too_large()
    return True


def read_workbook(path: Path, sheet: str = "") -> Book:
    """Return a sheet of an XLSX workbook.

    Raises:
        IntakeError: ``AT-I-003`` when damaged, ``AT-I-010`` when the sheet is not there.
    """
    import fastexcel

    try:
        book = fastexcel.read_excel(str(path))
        names = tuple(book.sheet_names)
        chosen = sheet or names[0]
        if chosen not in names:
            raise IntakeError(
                "AT-I-010", f'There is no sheet "{chosen}".', expected=f"There are: {', '.join(names)}.", do="Name one."
            )
        loaded = book.load_sheet(chosen, header_row=None, dtypes="string")
        batch = loaded.to_arrow()
    except fastexcel.FastExcelError:
        raise IntakeError(
            "AT-I-003", "The workbook could not be opened.", do="Open it, save it again as XLSX and send that."
        ) from None
    rows = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    rows = pa.table({f"c{i}": rows.column(i).cast(pa.string()) for i in range(rows.num_columns)})
    first, formulas = _look_inside(path, names.index(chosen))
    findings = [
        about_rows(
            "AT-I-044",
            Severity.WARN,
            f"spreadsheet column {letters}",
            numbers,
            "The cells hold formulas; the results saved with the file were read.",
            "Paste the values in place of the formulas if the results may be out of date.",
        )
        for letters, numbers in sorted(formulas.items())
    ]
    return Book(rows, first, names, chosen, findings)


def _look_inside(path: Path, position: int) -> tuple[int, dict[str, list[int]]]:
    """Return the first used row and the formula cells by column, from the sheet's own XML."""
    formulas: dict[str, list[int]] = {}
    with zipfile.ZipFile(path) as archive:
        part = _sheet_part(archive, position)
        xml = archive.read(part) if part else b""
    first = _ROW.search(xml)
    for letters, number in _CELL.findall(xml):
        formulas.setdefault(letters.decode(), []).append(int(number))
    return int(first.group(1)) if first else 1, formulas


def _sheet_part(archive: zipfile.ZipFile, position: int) -> str:
    book = archive.read("xl/workbook.xml")
    links = archive.read("xl/_rels/workbook.xml.rels")
    ids = re.findall(rb'<(?:\w+:)?sheet\b[^>]*?\b(?:\w+:)id="([^"]+)"', book)
    if position >= len(ids):
        return ""
    for link in re.findall(rb"<Relationship\b[^>]*>", links):
        if b'Id="' + ids[position] + b'"' in link and (target := re.search(rb'Target="([^"]+)"', link)):
            name = target.group(1).decode().lstrip("/")
            return name if name.startswith("xl/") else f"xl/{name}"
    return ""
