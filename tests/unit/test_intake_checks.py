"""Checks of a file against its dictionary: findings by row and column, good rows kept, doubts never decided."""

from __future__ import annotations

from datetime import date

import pytest

from allteach.errors import IntakeError
from allteach.intake.annotate import annotate
from allteach.intake.checks import ANNOTATION, Checked, Scope, check
from allteach.intake.contract import TableDictionary, load
from allteach.intake.reader import read

SENT = date(2025, 1, 1)
FALLS = """
name: falls
title: Falls
key: [site, month]
fields:
  - {name: site, type: text, role: site, required: true}
  - {name: month, type: date, role: period, required: true}
  - {name: falls, type: integer, role: numerator, required: true, at_most: days}
  - {name: days, type: number, role: denominator, required: true, maximum: 5000}
  - {name: ward, type: code, codes: {A: adult, C: child}, role: stratum}
"""


def falls() -> TableDictionary:
    return load(FALLS)


def run(text: str, dictionary: TableDictionary | None = None, **more: object) -> Checked:
    return check(read(text.encode(), name="f.csv"), dictionary or falls(), sent_on=SENT, **more)  # type: ignore[arg-type]


def found(checked: Checked) -> set[tuple[str, str, tuple[int, ...]]]:
    return {(finding.code, finding.column, finding.rows) for finding in checked.findings}


HEADER = "site,month,falls,days,ward\n"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("X,2024-13,3,300,A", "AT-I-021", "month"),
        ("X,03/2024,3,300,A", "AT-I-023", "month"),
        ("X,2030-01,3,300,A", "AT-I-024", "month"),
        ("X,45292,3,300,A", "AT-I-025", "month"),
        ("X,1816-01,3,300,A", "AT-I-027", "month"),
        ("X,2024-02,=A1,300,A", "AT-I-028", "falls"),
        ("X,2024-02,3.5,300,A", "AT-I-029", "falls"),
        ("X,2024-02,3,#REF!,A", "AT-I-030", "days"),
        (",2024-02,3,300,A", "AT-I-031", "site"),
        ("X,2024-02,NA,300,A", "AT-I-031", "falls"),
        ('X,2024-02,3,"1,300",A', "AT-I-032", "days"),
        ("X,2024-02,3,1.300.5,A", "AT-I-032", "days"),
        ("X,2024-02,3,12a,A", "AT-I-029", "days"),
        ("X,2024-02,3,9000,A", "AT-I-033", "days"),
        ("X,2024-02,-3,300,A", "AT-I-034", "falls"),
        ("X,2024-02,400,300,A", "AT-I-035", "falls"),
        ("X,2024-02,3,300,Z", "AT-I-036", "ward"),
        ("X,2024-02,3,300,a", "AT-I-037", "ward"),
    ],
)
def test_one_bad_cell_holds_its_row_and_no_other(row: str, code: str, column: str) -> None:
    checked = run(f"{HEADER}X,2024-01,3,300,A\n{row}\nX,2024-03,3,300,\n")
    assert found(checked) == {(code, column, (3,))}
    assert checked.good["_row"].to_pylist() == [2, 4]
    assert checked.held["_row"].to_pylist() == [3]
    assert not checked.rejected
    finding = checked.findings[0]
    assert finding.message.endswith(".")
    assert finding.fix.endswith(".")


def test_values_never_appear_in_messages() -> None:
    checked = run(f"{HEADER}Secret Name,99/88/7777,3,300,Confidential\n")
    for finding in checked.findings:
        text = finding.message + finding.fix + finding.where
        assert "Secret" not in text
        assert "99/88" not in text
        assert "Confidential" not in text


def test_good_rows_are_typed() -> None:
    checked = run(f"{HEADER} X ,2024-01,3,300.5,A\n")
    assert checked.good.to_pylist() == [
        {"_row": 2, "site": "X", "month": date(2024, 1, 1), "falls": 3, "days": 300.5, "ward": "A"}
    ]


def test_copies_and_contradictions_are_told_apart() -> None:
    checked = run(
        f"{HEADER}X,2024-01,3,300,A\nX,2024-01,3,300,A\nY,2024-01,3,300,A\nY,2024-01,4,300,A\nZ,2024-01,1,10,A\n"
    )
    assert found(checked) == {
        ("AT-I-041", "site, month", (3,)),
        ("AT-I-042", "site, month", (5,)),
        ("AT-I-043", "site, month", (4,)),
    }
    assert checked.good["_row"].to_pylist() == [2, 6]


def test_a_bad_copy_does_not_hold_the_good_row() -> None:
    checked = run(f"{HEADER}X,2024-01,3,300,A\nX,2024-01,-1,300,A\n")
    assert found(checked) == {("AT-I-034", "falls", (3,))}
    assert checked.good["_row"].to_pylist() == [2]


DATES = "name: t\ntitle: T\nfields:\n  - {name: site, role: site}\n  - {name: day, type: date, role: date}\n"


@pytest.mark.parametrize(
    "days", [["03/04/2024", "05/06/2024"], ["13/04/2024", "04/13/2024", "01/02/2024"], ["03-04-2024", "01-02-2024"]]
)
def test_dates_that_can_be_read_two_ways_stop_the_file(days: list[str]) -> None:
    checked = run("site,day\n" + "".join(f"A,{day}\n" for day in days), load(DATES))
    assert checked.rejected
    assert [f.code for f in checked.findings] == ["AT-I-022"]
    assert checked.good.num_rows == 0


def test_a_day_above_twelve_settles_the_style() -> None:
    checked = run("site,day\nA,03/04/2024\nA,25/12/2024\n", load(DATES))
    assert checked.findings == ()
    assert checked.good["day"].to_pylist() == [date(2024, 4, 3), date(2024, 12, 25)]


def test_a_declared_style_is_kept_to_and_rows_in_another_are_held() -> None:
    said = DATES.replace("role: date", "role: date, formats: [MM/DD/YYYY]")
    checked = run("site,day\nA,03/04/2024\nA,25/12/2024\nA,2024-05-01\n", load(said))
    assert found(checked) == {("AT-I-023", "day", (3, 4))}
    assert checked.good["day"].to_pylist() == [date(2024, 3, 4)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-01", date(2024, 3, 1)),
        ("2024-3-1", date(2024, 3, 1)),
        ("2024-03-01 00:00:00", date(2024, 3, 1)),
        ("2024-03-01T23:10:00Z", date(2024, 3, 1)),
        ("01.03.2024", None),
        ("14.03.2024", date(2024, 3, 14)),
        ("20240301", date(2024, 3, 1)),
        ("Mar 2024", date(2024, 3, 1)),
        ("2024-Q2", date(2024, 4, 1)),
        ("1 Mar 2024", date(2024, 3, 1)),
    ],
)
def test_usual_ways_of_writing_a_date(text: str, day: date | None) -> None:
    checked = run(f"site,day\nA,{text}\n", load(DATES))
    expected = date(2024, 3, 1) if text == "01.03.2024" else day
    assert checked.good["day"].to_pylist() == [expected]


def test_day_numbers_need_their_origin() -> None:
    said = DATES.replace("name: day, type: date, role: date", "name: d, type: day_number, role: day_number%s")
    assert [f.code for f in run("site,d\nA,5\n", load(said % "")).findings] == ["AT-I-026"]
    checked = run("site,d\nA,5\nA,x\nA,-1\n", load(said % ", origin: 2020-03-01"))
    assert checked.good["d"].to_pylist() == [date(2020, 3, 6), date(2020, 2, 29)]
    assert found(checked) == {("AT-I-048", "d", (3,))}


def test_decimal_commas_are_read_where_declared() -> None:
    said = FALLS.replace("role: denominator", "role: denominator, decimal: ','")
    checked = run('site;month;falls;days;ward\nX;2024-01;3;300,5;A\nX;2024-02;3;300.5;A\n', load(said))  # fmt: skip
    assert checked.good["days"].to_pylist() == [300.5]
    assert found(checked) == {("AT-I-032", "days", (3,))}


def test_rules_over_columns_and_missing_values() -> None:
    rule = "rules:\n  - {id: r, must: 'not (ward = \"C\" and days > 400)', message: Too many., column: days}\n"
    checked = run(f"{HEADER}X,2024-01,3,401,C\nX,2024-02,3,401,\nX,2024-03,3,401,A\n", load(FALLS + rule))
    assert found(checked) == {("AT-I-039", "days", (2,))}


def test_sites_scope_and_a_sender_without_a_site_column() -> None:
    text = f"{HEADER}X,2024-01,3,300,A\nY,2024-01,3,300,A\nX,2023-12,3,300,A\n"
    assert found(run(text, sites=["X"])) == {("AT-I-045", "site", (3,))}
    scoped = run(text, scope=Scope(("X",), date(2024, 1, 1), date(2024, 1, 31)))
    assert found(scoped) == {("AT-I-046", "site", (3,)), ("AT-I-046", "month", (4,))}
    alone = load(FALLS.replace("  - {name: site, type: text, role: site, required: true}\n", "").replace("site, ", ""))
    text = "month,falls,days\n2024-01,3,300\n"
    assert [f.code for f in run(text, alone).findings if f.severity == "reject"] == ["AT-I-047"]
    assert run(text, alone, site="S1").good["_site"].to_pylist() == ["S1"]


def test_columns_missing_extra_and_in_other_capitals() -> None:
    checked = run("SITE,Month,falls\nX,2024-01,3\n")
    assert {(f.code, f.column) for f in checked.findings} == {("AT-I-011", "days"), ("AT-I-012", "ward")}
    assert checked.rejected
    checked = run("SITE,Month,falls,days,ward,colour\nX,2024-01,3,30,A,red\n")
    assert {(f.code, f.column) for f in checked.findings} == {("AT-I-014", "colour")}
    assert "colour" not in checked.good.column_names
    assert [f.code for f in run(HEADER).findings] == ["AT-I-020"]


def test_texts_that_look_like_personal_details_are_pointed_at() -> None:
    said = DATES + "  - {name: note}\n"
    checked = run(
        "site,day,note\nA,2024-01-01,fine\nA,2024-01-02,jane@x.org\nA,2024-01-03,123-45-6789\nA,2024-01-04,a-b\n",
        load(said),
    )
    assert found(checked) == {("AT-I-050", "note", (3, 4))}
    assert checked.good.num_rows == 4


def test_what_identifies_persons_is_not_stored() -> None:
    said = DATES + "  - {name: mrn, privacy: direct, required: true}\n"
    checked = run("site,day,mrn\nA,2024-01-01,1\nA,2024-01-02,\n", load(said))
    assert found(checked) == {("AT-I-051", "mrn", ()), ("AT-I-031", "mrn", (3,))}
    assert "mrn" not in checked.good.column_names
    assert "mrn" not in checked.held.column_names
    with pytest.raises(IntakeError, match="AT-I-071"):
        load(said + "key: [mrn]\n")


def test_rows_pasted_twice_into_a_table_without_key() -> None:
    lines = "".join(f"A,2024-01-{n:02d}\n" for n in range(1, 21))
    assert [f.code for f in run("site,day\n" + lines * 2, load(DATES)).findings] == ["AT-I-040"]
    assert run("site,day\n" + lines, load(DATES)).findings == ()


def test_held_rows_say_where_they_belong_as_far_as_they_can() -> None:
    checked = run(f"{HEADER}X,2024-01,-3,300,A\nX,2024-02,3\nY,bad,3,300,A\n")
    assert {(h.site, h.day, h.rows) for h in checked.held_by} == {
        ("X", date(2024, 1, 1), 1),
        ("Y", None, 1),
        ("", None, 1),
    }
    assert checked.held["_row"].to_pylist() == [2, 3, 4]
    assert checked.held["_text"].to_pylist()[1] == "X,2024-02,3"


def test_the_file_comes_back_with_one_more_column_and_can_be_sent_again() -> None:
    raw = read(f"{HEADER}Å,2024-01,3,300,A\nÅ,2024-13,3,300,A\nÅ,2024-02\n".encode("cp1252"), name="f.csv")
    content, ending = annotate(raw, check(raw, falls(), sent_on=SENT).findings)
    assert ending == "csv"
    again = read(content)
    assert again.columns == (*raw.columns, ANNOTATION)
    assert again.table[ANNOTATION].to_pylist()[0] == ""
    assert "AT-I-021" in again.table[ANNOTATION].to_pylist()[1]
    assert "AT-I-017" in again.table[ANNOTATION].to_pylist()[2]
    assert again.table["site"].to_pylist() == ["Å"] * 3
    assert "AT-I-014" not in [f.code for f in check(again, falls(), sent_on=SENT).findings]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_file_comes_back_in_its_own_encoding_and_separator(encoding, separator):
    lines = [["site", "month", "ward", "falls", "days"], ["Sønderby", "2024-01-01", "A", "x", "300"]]
    lines += [["Århus", f"2024-{month:02}-01", "A", "1", "300"] for month in range(1, 10)]
    sent = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    raw = read(sent, name="falls.csv")
    content, ending = annotate(raw, check(raw, falls(), sent_on=SENT).findings)
    rows = content.decode(encoding).split("\r\n")
    assert ending == "csv"
    assert rows[1].startswith(separator.join(lines[1]) + separator)
    assert "AT-I-029" in rows[1]
    assert rows[2] == separator.join([*lines[2], ""])


def test_a_workbook_comes_back_with_its_other_sheets_and_formulas(tmp_path):
    from openpyxl import Workbook, load_workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "Notes"
    sheet["A1"] = "Mine"
    data = book.create_sheet("Data", 0)
    for row in (["site", "month", "ward", "falls", "days"], ["A", "2024-01-01", "A", "x", "=150*2"]):
        data.append(row)
    book.save(tmp_path / "mine.xlsx")
    raw = read(tmp_path / "mine.xlsx", sheet="Data")
    content, ending = annotate(raw, check(raw, falls(), sent_on=SENT).findings, tmp_path / "mine.xlsx")
    (tmp_path / "back.xlsx").write_bytes(content)
    back = load_workbook(tmp_path / "back.xlsx")
    assert (ending, back.sheetnames, back["Notes"]["A1"].value) == ("xlsx", ["Data", "Notes"], "Mine")
    assert back["Data"]["E2"].value == "=150*2"
    assert back["Data"]["F1"].value == "What to correct"
    assert "falls:" in back["Data"]["F2"].value
