"""Gives the sender's own file back, with one more column that says what to correct in each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

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


def annotate(raw: RawTable, findings: Sequence[Finding]) -> tuple[bytes, str]:
    """Return the sender's file with one more column, and the ending of its name.

    Separated texts come back in UTF-8 with their own separator; workbooks as workbooks up to 20,000 rows and as CSV
    above. Cells are given back exactly as they were sent. FHIR resources come back as the rows that were read from
    them, with the line of the file in front.

    Args:
        raw: The file as it was read.
        findings: What was found in it.

    Returns:
        The bytes, and ``csv`` or ``xlsx``.
    """
    said = messages(findings)
    rows = _rows(raw, said) if raw.fhir is None else _rows_of_resources(raw, said)
    if raw.encoding == "xlsx" and raw.rows <= _WORKBOOK_ROWS:
        return _workbook(raw, rows), "xlsx"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=raw.separator or ",", lineterminator="\r\n")
    first = [] if raw.fhir is None else [LINE]
    writer.writerow([*first, *(name for name in raw.columns if name != COLUMN), COLUMN])
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig"), "csv"


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
