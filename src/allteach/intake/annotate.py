"""Gives the sender's own file back, with one more column that says what to correct in each row."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from allteach.intake.checks import ANNOTATION as COLUMN
from allteach.intake.findings import Finding
from allteach.intake.raw import RawTable

LINE = "Line"
_WORKBOOK_ROWS = 20_000


def messages(findings: Sequence[Finding]) -> dict[int, str]:
    """Return what to say about each row, by row number as in the sender's file."""
    out: dict[int, list[str]] = {}
    for finding in findings:
        place = f"{finding.column}: " if finding.column else ""
        text = f"{place}{finding.message} {finding.fix} ({finding.code})"
        for row in finding.rows:
            out.setdefault(row, []).append(text)
    return {row: " | ".join(texts) for row, texts in out.items()}


def annotate(raw: RawTable, findings: Sequence[Finding], original: Path | None = None) -> tuple[bytes, str]:
    """Return the sender's file with one more column, and the ending of its name.

    Separated texts come back in their own encoding and with their own separator. Workbooks up to 20,000 rows come back
    with all their sheets, formats and formulas, larger ones as CSV. Cells are given back exactly as they were sent.
    FHIR resources come back as the rows that were read from them, with the line of the file in front.

    Args:
        raw: The file as it was read.
        findings: What was found in it.
        original: The file itself, for workbooks; without it a new workbook with the same cells is made.

    Returns:
        The bytes, and ``csv`` or ``xlsx``.
    """
    said = messages(findings)
    if raw.encoding == "xlsx" and raw.rows <= _WORKBOOK_ROWS:
        own = _own_workbook(raw, said, original) if original is not None else None
        return own or _workbook(raw, _rows(raw, said)), "xlsx"
    rows = _rows(raw, said) if raw.fhir is None else _rows_of_resources(raw, said)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=raw.separator or ",", lineterminator="\r\n")
    first = [] if raw.fhir is None else [LINE]
    writer.writerow([*first, *(name for name in raw.columns if name != COLUMN), COLUMN])
    writer.writerows(rows)
    return _encoded(out.getvalue(), raw.encoding), "csv"


def _encoded(text: str, encoding: str) -> bytes:
    """Return the text as the sender writes texts, or as UTF-8 where that cannot hold it."""
    try:
        return text.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return text.encode("utf-8-sig")


def _own_workbook(raw: RawTable, said: Mapping[int, str], original: Path) -> bytes | None:
    """Return the sender's workbook with one more column; None where it cannot be opened for writing."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(original)
        sheet = book[raw.sheet] if raw.sheet in book.sheetnames else book.worksheets[0]
        header = [str(cell.value or "").strip() for cell in sheet[raw.header_row]]
        filled = [place for place, name in enumerate(header, 1) if name]
        at = header.index(COLUMN) + 1 if COLUMN in header else max(filled, default=0) + 1
        for row in {*said, *(int(number) for number in raw.numbers if COLUMN in header)}:
            sheet.cell(row, at).value = said.get(row)
        sheet.cell(raw.header_row, at).value = COLUMN
        out = io.BytesIO()
        book.save(out)
    except (KeyError, ValueError, TypeError, OSError, AttributeError, zipfile.BadZipFile):
        return None  # a workbook that another program wrote in a way of its own
    return out.getvalue()


def _rows(raw: RawTable, said: dict[int, str]) -> list[list[str]]:
    columns = [raw.table[name].to_pylist() for name in raw.columns if name != COLUMN]
    cells = [list(row) for row in zip(*columns, strict=True)] if columns else []
    keyed = [(int(n), [*row, said.get(int(n), "")]) for n, row in zip(raw.numbers, cells, strict=True)]
    for number, text in raw.broken:
        row = next(csv.reader(io.StringIO(text.rstrip("\r\n")), delimiter=raw.separator or ","), [])
        # The message of a row with too many or too few cells goes to its end, wherever that is.
        keyed.append((number, [*row, *[""] * (len(columns) - len(row)), said.get(number, "")]))
    return [row for _, row in sorted(keyed, key=lambda item: item[0])]


def _rows_of_resources(raw: RawTable, said: dict[int, str]) -> list[list[str]]:
    names = [name for name in raw.columns if name != COLUMN]
    cells = zip(*(raw.table[name].to_pylist() for name in names), strict=True)
    found = [
        (int(n), [str(n // raw.per_line), *row, said.get(int(n) // raw.per_line, "")])
        for n, row in zip(raw.numbers, cells, strict=True)
    ]
    for number, _text in raw.broken:
        line = number // raw.per_line
        found.append((number, [str(line), *[""] * len(names), said.get(line, "")]))
    return [row for _, row in sorted(found, key=lambda item: item[0])]


def _workbook(raw: RawTable, rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Data")

    def as_text(value: str) -> WriteOnlyCell:
        cell = WriteOnlyCell(sheet, value=value)
        # A text that begins with "=" has to stay a text.
        cell.data_type = "s"
        return cell

    sheet.append([as_text(name) for name in (*(n for n in raw.columns if n != COLUMN), COLUMN)])
    for row in rows:
        sheet.append([as_text(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
