"""Files as people send them: encodings, separators, ragged rows, workbooks, and things that are no tables."""

from __future__ import annotations

import gzip
import io
from datetime import date
from pathlib import Path

import pytest

from allteach.errors import IntakeError
from allteach.intake.raw import RawTable
from allteach.intake.reader import read


def codes(table: RawTable) -> list[str]:
    return [finding.code for finding in table.findings]


def rows(table: RawTable) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in table.table.to_pylist()]


@pytest.mark.parametrize(
    ("encoding", "seen"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_danish_letters_in_any_usual_encoding_and_separator(encoding: str, seen: str, separator: str) -> None:
    text = "sygehus;måned;antal\r\nÆrø;2024-01;3\r\nØrsted;2024-02;4\r\nÅrhus;2024-03;5\r\n".replace(";", separator)
    table = read(text.encode(encoding), name="fald.csv")
    assert table.columns == ("sygehus", "måned", "antal")
    assert rows(table) == [("Ærø", "2024-01", "3"), ("Ørsted", "2024-02", "4"), ("Århus", "2024-03", "5")]
    assert (table.encoding, table.separator) == (seen, separator)
    assert table.numbers.tolist() == [2, 3, 4]
    assert codes(table) == (["AT-I-015"] if seen == "cp1252" else [])


def test_two_encodings_in_one_file_are_read_line_by_line_and_said() -> None:
    table = read("by,n\nÅrhus,1\n".encode() + "Ærø,2\n".encode("cp1252") + "Ørsted,3\n".encode())
    assert [row[0] for row in rows(table)] == ["Århus", "Ærø", "Ørsted"]
    assert [(f.code, f.rows) for f in table.findings] == [("AT-I-016", (3,))]


def test_nothing_is_reinterpreted() -> None:
    table = read(b"id,span,day,big\n007,1-2,03/04/2024,1e5\n")
    assert rows(table) == [("007", "1-2", "03/04/2024", "1e5")]


def test_rows_that_do_not_fit_are_kept_aside_with_their_numbers() -> None:
    table = read(b"a,b,c\n1,2,3\n4,5\n\n6,7,8,9\n10,11,12,\n13,14,15\n")
    assert rows(table) == [("1", "2", "3"), ("10", "11", "12"), ("13", "14", "15")]
    assert table.numbers.tolist() == [2, 6, 7]
    assert table.broken == ((3, "4,5"), (5, "6,7,8,9"))
    assert [(f.code, f.rows) for f in table.findings] == [("AT-I-017", (3, 5))]
    assert table.rows == 5


def test_a_line_break_inside_a_cell_is_one_row() -> None:
    table = read(b'a,b\n"x\ny",1\nz,2\n')
    assert rows(table) == [("x\ny", "1"), ("z", "2")]
    assert table.numbers.tolist() == [2, 3]


def test_a_quotation_mark_never_closed_costs_one_row() -> None:
    table = read(b'a,b,c\n1,"2,3\n4,5,6\n7,8,9\n')
    assert rows(table) == [("4", "5", "6"), ("7", "8", "9")]
    assert table.numbers.tolist() == [3, 4]
    assert [(f.code, f.rows) for f in table.findings] == [("AT-I-018", (2,))]


def test_a_quotation_mark_that_swallows_the_rest_is_refused() -> None:
    with pytest.raises(IntakeError) as caught:
        read(b'a,b,c\n1,2,"3\n4,5,6\n7,8,9\n')
    assert caught.value.code == "AT-I-008"


def test_a_half_written_file_keeps_its_whole_rows() -> None:
    table = read(b"a,b,c\n1,2,3\n4,5,6\n7,8")
    assert rows(table) == [("1", "2", "3"), ("4", "5", "6")]
    assert table.broken == ((4, "7,8"),)


def test_titles_above_the_header_are_left_out_and_rows_keep_their_numbers() -> None:
    table = read(b"Falls 2024\n\nsite,month,falls\nA,2024-01,3\n")
    assert table.columns == ("site", "month", "falls")
    assert table.header_row == 3
    assert table.numbers.tolist() == [4]
    assert codes(table) == ["AT-I-013"]


def test_what_spreadsheet_programs_add_is_understood() -> None:
    assert read(b"sep=;\na;b\n1;2\n").numbers.tolist() == [3]
    assert read(b"a,b,\n1,2,\n").columns == ("a", "b")
    assert read(b"a,b\n1,2,\n").columns == ("a", "b")
    assert rows(read(b"a,b\r1,2\r3,4\r")) == [("1", "2"), ("3", "4")]
    assert read(b"a,b\n1,2\n,\n,\n").rows == 1


def test_gzip_is_unpacked() -> None:
    assert rows(read(gzip.compress(b"a,b\n1,2\n"))) == [("1", "2")]


def test_a_nul_character_is_found() -> None:
    table = read(b"a,b\n1,\x002\n" + b"3,4\n" * 20)
    assert [(f.code, f.column, f.rows) for f in table.findings] == [("AT-I-019", "b", (2,))]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "AT-I-001"),
        (b"\n\n", "AT-I-001"),
        (b"%PDF-1.7 something", "AT-I-002"),
        (b"<!DOCTYPE html><html><table>", "AT-I-002"),
        (b'{"a": 1}', "AT-I-002"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "AT-I-002"),
        (bytes(range(256)) * 10, "AT-I-002"),
        (b"PK\x03\x04 broken", "AT-I-003"),
        (gzip.compress(b"a,b\n1,2\n" * 1000, mtime=0)[:40], "AT-I-003"),
        (b"A,2024-01,3\nB,2024-01,4\n", "AT-I-005"),
        (b"site,2024-01,2024-02\nB,1,4\n", "AT-I-005"),
        (b"a,A\n1,2\n", "AT-I-009"),
        (b"a,_row\n1,2\n", "AT-I-009"),
    ],
)
def test_what_is_no_table_gets_an_answer(content: bytes, code: str) -> None:
    with pytest.raises(IntakeError) as caught:
        read(content)
    assert caught.value.code == code
    assert caught.value.do


def test_a_missing_file_and_a_missing_encoding(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="AT-I-001"):
        read(tmp_path / "nothing.csv")
    with pytest.raises(IntakeError, match="AT-I-006"):
        read(b"a\n1\n", encoding="klingon")
    with pytest.raises(IntakeError, match="AT-I-006"):
        read("a\nø\n".encode("cp1252"), encoding="utf-8")


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allteach.intake.encoding.MAX_BYTES", 1000)
    with pytest.raises(IntakeError, match="AT-I-004"):
        read(gzip.compress(b"a,b\n" + b"1,2\n" * 100_000))


def workbook(*lines: list[object], above: int = 0) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for at, line in enumerate(lines, 1 + above):
        for column, value in enumerate(line, 1):
            sheet.cell(at, column, value)
    book.create_sheet("Other").append(["x"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_as_texts_and_formulas_are_said() -> None:
    content = workbook(["site", "day", "n", "sum"], ["007", date(2024, 1, 2), 3, "=C2*2"], [], ["B", "x", 1.5, None])
    table = read(content, name="falls.xlsx")
    assert table.columns == ("site", "day", "n", "sum")
    assert rows(table) == [("007", "2024-01-02 00:00:00", "3", ""), ("B", "x", "1.5", "")]
    assert table.numbers.tolist() == [2, 4]
    assert table.sheets == ("Sheet", "Other")
    assert [(f.code, f.rows) for f in table.findings] == [("AT-I-044", (2,))]
    with pytest.raises(IntakeError, match="AT-I-010"):
        read(content, sheet="Nothing")


def test_rows_of_a_workbook_keep_their_numbers_below_empty_ones() -> None:
    table = read(workbook(["site", "n"], ["A", 1], above=3))
    assert (table.header_row, table.numbers.tolist()) == (4, [5])


def test_row_numbers_stay_right_in_a_long_file() -> None:
    lines = ["a,b", *(f"{n},x" for n in range(2, 50_000))]
    lines[30_000] = "short"
    table = read("\n".join(lines).encode())
    assert table.broken == ((30_001, "short"),)
    assert all(int(row) == n for row, n in zip(table.table["a"].to_pylist(), table.numbers.tolist(), strict=True))
