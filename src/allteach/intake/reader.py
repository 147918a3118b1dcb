"""Reads a file as a table of texts: ``007``, ``1-2`` and ``03/04/2024`` stay exactly as sent."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from allteach.errors import IntakeError
from allteach.intake import encoding as enc
from allteach.intake import header as hd
from allteach.intake.findings import Finding, Severity, about_file, about_rows
from allteach.intake.raw import RawTable
from allteach.intake.workbook import is_workbook, read_workbook

if TYPE_CHECKING:
    from allteach.intake.fhir.views import View

csv.field_size_limit(1 << 27)  # a cell may be as long as its file; Python's own limit is 128 KiB
MAX_COLUMNS = 2000
_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE = 1 << 16
_REPAIRS = 25


@dataclass(slots=True)
class _Parsed:
    """What is known while a text file is read."""

    path: Path
    separator: str
    columns: list[str] = field(default_factory=list)
    skip_lines: int = 0
    header_row: int = 1
    findings: list[Finding] = field(default_factory=list)


def read(
    source: Path | str | bytes,
    *,
    name: str = "",
    sheet: str = "",
    encoding: str = "",
    separator: str = "",
    view: View | None = None,
    site: str = "",
    limit: int = 0,
) -> RawTable:
    r"""Return the table in a CSV, TSV or other separated text, in a sheet of an XLSX workbook, or in FHIR resources.

    Texts and resources may be packed with gzip.

    Args:
        source: The file, or its bytes.
        name: What the sender calls it; the path's name when empty.
        sheet: Which sheet of a workbook; the first when empty.
        encoding: Python name of the encoding; found out when empty.
        separator: The sign between cells; found out when empty.
        view: How FHIR resources become rows; the shipped view of their type when None.
        site: Code of the site that sends, for views that ask.
        limit: Read only so many FHIR resources, for a first look; 0 for all.

    Raises:
        IntakeError: ``AT-I-001`` to ``AT-I-009`` when no table can be made of it, ``AT-I-122`` when FHIR resources
            cannot be read by the view.

    Example:
        >>> table = read(b"site;month;falls\nA;2024-01;3\n", name="falls.csv")
        >>> table.columns, table.separator, table.numbers.tolist()
        (('site', 'month', 'falls'), ';', [2])
    """
    with tempfile.TemporaryDirectory(prefix="allteach-") as scratch:
        folder = Path(scratch)
        if isinstance(source, bytes):
            path = folder / "sent"
            path.write_bytes(source)
        else:
            path = Path(source)
        shown = name or path.name
        plain = enc.plain_file(path, folder)
        digest = _hash(path)
        with plain.open("rb") as opened:
            head = opened.read(4096)
        if is_workbook(plain, head):
            return _from_workbook(plain, shown, sheet, digest)
        if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
            from allteach.intake.fhir import read as fhir

            if fhir.types_in(plain):
                return fhir.read_resources(plain, shown, digest, view=view, site=site, limit=limit)
        enc.refuse_foreign(head)
        return _from_text(plain, folder, shown, digest, encoding, separator)


def _hash(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _from_workbook(path: Path, name: str, sheet: str, digest: str) -> RawTable:
    book = read_workbook(path, sheet)
    if not book.rows.num_rows:
        raise IntakeError("AT-I-001", f'The sheet "{book.sheet}" is empty.', do="Choose the sheet that holds the rows.")
    sample = [[cell or "" for cell in row.values()] for row in book.rows.slice(0, 50).to_pylist()]
    at = hd.find_header(sample)
    columns, findings = hd.name_columns(sample[at])
    if at:
        findings.append(hd.skipped(at))
    findings += book.findings
    body = book.rows.slice(at + 1).rename_columns([f"c{i}" for i in range(book.rows.num_columns)])
    numbers = np.arange(body.num_rows, dtype=np.int64) + book.first_row + at + 1
    body = pa.table({key: pc.fill_null(body[key], "") for key in body.column_names})
    table, columns, numbers = _tidy(body, columns, numbers)
    return RawTable(
        name, tuple(columns), table, numbers, (), tuple(findings), "xlsx", "", book.sheets, book.sheet,
        book.first_row + at, digest,
    )  # fmt: skip


def _from_text(path: Path, folder: Path, name: str, digest: str, encoding: str, separator: str) -> RawTable:
    found = encoding or enc.detect(path)
    findings: list[Finding] = []
    mended: list[int] = []
    if found == "mixed":
        path, mended = enc.mend_mixed(path, folder)
    elif not encoding and found in ("cp1252", "latin-1"):
        findings.append(about_file(
            "AT-I-015", Severity.WARN, "The file is not in UTF-8; letters such as é or ø were read as Windows-1252.",
            "Look at a name with such a letter. If it looks wrong, save the file as CSV UTF-8 and send it again.",
        ))  # fmt: skip
    codec = "utf-8" if found in ("mixed", "utf-8-sig") else found
    parsed = _open(path, codec, separator)
    parsed.findings[:0] = findings
    body, broken, aside = _parse(parsed, codec, folder)
    shift = parsed.header_row - parsed.skip_lines
    numbers = _numbers(body.num_rows, [number for number, _ in broken], parsed.skip_lines + 1) + shift
    broken = [(number + shift, text) for number, text in broken]
    body, numbers, broken = _refit(body, numbers, broken, parsed.separator)
    broken = sorted(broken + [(number + shift, text) for number, text in aside])
    table, columns, numbers = _tidy(body, parsed.columns, numbers)
    broken = [(number, text) for number, text in broken if text.strip(parsed.separator + " \t\r\n")]
    notes = parsed.findings + _notes(table, columns, numbers, broken, len(columns))
    if mended:
        notes.append(about_rows(
            "AT-I-016", Severity.WARN, "", [m + shift for m in mended],
            "These rows are written in another encoding (Windows-1252) than the rest of the file (UTF-8).",
            "Look at names with letters such as é or ø in these rows.",
        ))  # fmt: skip
    return RawTable(
        name, tuple(columns), table, numbers, tuple(broken), tuple(notes), found, parsed.separator,
        header_row=parsed.header_row, sha256=digest,
    )  # fmt: skip


def _open(path: Path, codec: str, separator: str) -> _Parsed:
    """Find separator and header from the beginning of the file."""
    try:
        with path.open(encoding=codec, errors="replace", newline="") as opened:
            text = opened.read(_SAMPLE).removeprefix("\ufeff").replace("\0", "")
    except LookupError:
        raise IntakeError("AT-I-006", f'There is no encoding called "{codec}".', do="Try utf-8 or cp1252.") from None
    cut = len(text) == _SAMPLE
    first = text.split("\n", 1)[0].strip()
    hint = first[4:5] if first[:4].lower() == "sep=" and len(first) == 5 else ""
    sign = separator or hint or _guess_separator(text, cut)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    rows, lines = [], []
    try:
        for row in reader:
            rows.append(row)
            lines.append(reader.line_num)
            if len(rows) == 50:
                break
    except csv.Error:
        pass
    if cut and len(rows) > 1 and reader.line_num > text.count("\n"):
        rows, lines = rows[:-1], lines[:-1]
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise IntakeError("AT-I-001", "The file has no rows.", expected="At least a header row.", do="Export it again.")
    at = hd.find_header(rows)
    if hint and at == 0:
        at = 1
    width = Counter(len(row) for row in rows[at + 1 :] if any(row)).most_common(1)
    cells = rows[at] + [""] * ((width[0][0] if width else 0) - len(rows[at]))
    if len(cells) > MAX_COLUMNS:
        raise IntakeError("AT-I-007", f"The file has more than {MAX_COLUMNS:,} columns.", do="Check the separator.")
    columns, findings = hd.name_columns(cells)
    if at and not (hint and at == 1):
        findings.append(hd.skipped(at))
    return _Parsed(path, sign, columns, lines[at], at + 1, findings)


def _guess_separator(text: str, cut: bool) -> str:
    lines = text.splitlines()[: -1 if cut and text.count("\n") > 1 else None][:200]
    best, best_score = ",", (0.0, 0)
    for sign in _SEPARATORS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=sign) if any(row))
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1])) if widths else (1, 0)
        score = (count / max(1, sum(widths.values())) if width > 1 else 0.0, width)
        if score > best_score:
            best, best_score = sign, score
    return best


def _parse(parsed: _Parsed, codec: str, folder: Path) -> tuple[pa.Table, list[tuple[int, str]], list[tuple[int, str]]]:
    """Read all rows as text: body, rows that do not fit, and lines set aside for a quotation mark never closed."""
    path = parsed.path
    aside: list[tuple[int, str]] = []
    for _ in range(_REPAIRS):
        broken: list[tuple[int, str]] = []
        body = _arrow(path, parsed, codec, broken)
        open_quote = next((item for item in broken if "\n" in item[1] and item[1].count('"') % 2), None)
        if open_quote is None:
            _refuse_swallowed(body, path, parsed)
            return body, broken, aside
        line = open_quote[1].split("\n", 1)[0]
        aside.append((open_quote[0], line))
        path = _without_line(path, line, codec, folder)
        codec = "utf-8"
        parsed.findings.append(about_rows(
            "AT-I-018", Severity.HOLD, "", [open_quote[0] + parsed.header_row - parsed.skip_lines],
            "A quotation mark is opened in this row and never closed.",
            'Close the quotation mark, or write "" for one that belongs to the text.',
        ))  # fmt: skip
    raise IntakeError(
        "AT-I-008", "Too many quotation marks are opened and never closed.", do="Export the file again as CSV UTF-8."
    )


def _refuse_swallowed(body: pa.Table, path: Path, parsed: _Parsed) -> None:
    """Refuse a file in which the last cell of a row, opened with a quotation mark, took in all rows below."""
    with path.open("rb") as opened:
        quotes = sum(chunk.count(b'"') for chunk in iter(lambda: opened.read(1 << 20), b""))
    if quotes % 2 == 0 or not body.num_rows:
        return
    for at in range(body.num_columns):
        last = body.column(at)[-1].as_py()
        if "\n" in last:
            row = parsed.header_row + body.num_rows
            raise IntakeError(
                "AT-I-008", "A quotation mark is opened and never closed.", where=f"Row {row} or above",
                do="Close it and send the file again.",
            )  # fmt: skip


def _arrow(path: Path, parsed: _Parsed, codec: str, broken: list[tuple[int, str]]) -> pa.Table:
    names = [f"c{i}" for i in range(len(parsed.columns))]

    def aside(row: pacsv.InvalidRow) -> str:
        broken.append((row.number, row.text))
        return "skip"

    try:
        return pacsv.read_csv(
            path,
            read_options=pacsv.ReadOptions(
                use_threads=False, column_names=names, skip_rows=parsed.skip_lines, encoding=codec, block_size=1 << 24
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=parsed.separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=aside
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "skip initial" in str(error):
            return pa.table({name: pa.array([], pa.string()) for name in names})
        if "UTF8" in str(error):
            raise _other_encoding(codec) from None
        raise IntakeError(
            "AT-I-008", "The rows of the file could not be read.", do="Export it again as CSV UTF-8 and send it again."
        ) from None
    except (UnicodeDecodeError, LookupError):
        raise _other_encoding(codec) from None


def _other_encoding(codec: str) -> IntakeError:
    what = f'The file is not written in the encoding "{codec}".'
    return IntakeError("AT-I-006", what, do="Leave the encoding to be found out.")


def _without_line(path: Path, line: str, codec: str, folder: Path) -> Path:
    """Return a UTF-8 copy in which the first line equal to this one is blank, so that row numbers stay."""
    target = Path(tempfile.mkstemp(dir=folder, suffix=".txt")[1])
    done = False
    with path.open(encoding=codec, newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        for text in source:
            if not done and text.rstrip("\r\n") == line.rstrip("\r"):
                out.write("\n")
                done = True
            else:
                out.write(text)
    return target


def _numbers(count: int, skipped: list[int], first: int) -> NDArray[np.int64]:
    everything = np.arange(first, first + count + len(skipped), dtype=np.int64)
    return np.setdiff1d(everything, np.asarray(skipped, dtype=np.int64), assume_unique=True)[:count]


def _refit(
    body: pa.Table, numbers: NDArray[np.int64], broken: list[tuple[int, str]], separator: str
) -> tuple[pa.Table, NDArray[np.int64], list[tuple[int, str]]]:
    """Take back rows that are only longer by empty cells at the end."""
    width, back, still = body.num_columns, [], []
    for number, text in broken:
        row = next(csv.reader(io.StringIO(text.rstrip("\r\n")), delimiter=separator), [])
        if len(row) > width and not any(cell.strip() for cell in row[width:]):
            back.append((number, row[:width]))
        else:
            still.append((number, text))
    if not back:
        return body, numbers, broken
    extra = pa.table(
        {name: pa.array([row[i] for _, row in back], pa.string()) for i, name in enumerate(body.column_names)}
    )
    numbers = np.concatenate([numbers, np.asarray([number for number, _ in back], np.int64)])
    order = np.argsort(numbers, kind="stable")
    return pa.concat_tables([body, extra]).take(order), numbers[order], still


def _tidy(
    body: pa.Table, columns: list[str], numbers: NDArray[np.int64]
) -> tuple[pa.Table, list[str], NDArray[np.int64]]:
    """Drop nameless empty columns and blank rows, and give columns their names."""
    keep = []
    filled = np.zeros(body.num_rows, bool)
    for at, name in enumerate(columns):
        full = pc.not_equal(body.column(at), "").to_numpy() if body.num_rows else np.zeros(0, bool)
        if full.any() or name:
            keep.append(at)
        filled |= full
    names = [columns[at] or f"column {at + 1}" for at in keep]
    table = body.select(keep).rename_columns(names)
    if not filled.all():
        table, numbers = table.filter(pa.array(filled)), numbers[filled]
    return table, names, numbers


def _notes(
    table: pa.Table, columns: list[str], numbers: NDArray[np.int64], broken: list[tuple[int, str]], width: int
) -> list[Finding]:
    found = []
    quoted = {number for number, text in broken if text.count('"') % 2}
    if rows := [number for number, _ in broken if number not in quoted]:
        found.append(about_rows(
            "AT-I-017", Severity.HOLD, "", rows,
            f"These rows do not have {width} cells like the header, so values may stand in the wrong column.",
            "Check for a separator inside a text (put the text in quotation marks) or for a row that was cut off.",
        ))  # fmt: skip
    for name in columns:
        nul = pc.match_substring(table[name], "\0").to_numpy(zero_copy_only=False) if table.num_rows else np.zeros(0)
        if nul.any():
            found.append(about_rows(
                "AT-I-019", Severity.HOLD, name, numbers[nul.astype(bool)].tolist(),
                "The cell holds an invisible NUL character; the file may be damaged.", "Export the file again.",
            ))  # fmt: skip
    return found
