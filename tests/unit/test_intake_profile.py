"""Guesses about columns, with reasons; what is open is asked."""

from __future__ import annotations

from datetime import date

import pytest

from allteach.intake.checks import check
from allteach.intake.contract import FieldType, Privacy, Role
from allteach.intake.profile import Profile, profile
from allteach.intake.reader import read


def guess(text: str) -> Profile:
    return profile(read(text.encode(), name="f.csv"))


def roles(seen: Profile) -> dict[str, str]:
    return {column.name: column.role.value for column in seen.columns}


def months(line: str, count: int = 24) -> str:
    return "".join(
        line.format(month=f"20{22 + n // 12}-{1 + n % 12:02d}", n=n, big=1000 + n) + "\n" for n in range(count)
    )


def test_counts_by_site_and_month() -> None:
    seen = guess("ward,month,falls,patient_days\n" + months("A,{month},{n},{big}") + months("B,{month},1,{big}"))
    assert roles(seen) == {"ward": "site", "month": "period", "falls": "numerator", "patient_days": "denominator"}
    assert (seen.row_level, seen.grain, set(seen.key)) == (False, "month", {"ward", "month"})
    assert all(column.reason.endswith(".") for column in seen.columns)


def test_danish_names_and_decimal_commas() -> None:
    seen = guess("sygehus;måned;antal;dage\n" + months("Århus;{month};{n};{big},5") + months("Ærø;{month};1;{big},25"))
    assert roles(seen) == {"sygehus": "site", "måned": "period", "antal": "numerator", "dage": "denominator"}
    assert seen.column("dage").field.decimal == ","
    said = seen.dictionary("fald", "Fald")
    raw = read(("sygehus;måned;antal;dage\n" + months("Århus;{month};{n};{big},5")).encode("cp1252"))
    checked = check(raw, said, sent_on=date(2026, 1, 1))
    assert checked.held.num_rows == 0
    assert checked.good["dage"].to_pylist()[0] == 1000.5


def test_thousands_or_fractions_are_left_to_the_check() -> None:
    text = 'site,month,n,days\n' + months('A,{month},{n},"1,234"')  # fmt: skip
    seen = guess(text)
    assert seen.column("days").role is Role.DENOMINATOR
    assert any("one thousand" in question for question in seen.questions)
    checked = check(read(text.encode()), seen.dictionary("t", "T"), sent_on=date(2026, 1, 1))
    assert [(f.code, f.column, f.count) for f in checked.findings] == [("AT-I-032", "days", 24)]


@pytest.mark.parametrize(
    ("cells", "thousands", "decimal", "first"),
    [
        (["1,234,567", "12"], ",", ".", 1234567),
        (["1,234.5", "12"], ",", ".", 1234.5),
        (["1.234,5", "12,25"], ".", ",", 1234.5),
        (["1 234", "12"], " ", ".", 1234),
        (["1\u00a0234,5", "12"], " ", ",", 1234.5),
        (["1.234", "0.123"], "", ".", 1.234),
        (["1,25", "12"], "", ",", 1.25),
    ],
)
def test_thousands_are_read_where_there_is_no_doubt(
    cells: list[str], thousands: str, decimal: str, first: float
) -> None:
    text = "site;month;n;days\n" + "".join(f"A;20{20 + n}-01;1;{cells[n % 2]}\n" for n in range(6))
    seen = guess(text)
    field = seen.column("days").field
    assert (field.thousands, field.decimal) == (thousands, decimal)
    checked = check(read(text.encode()), seen.dictionary("t", "T"), sent_on=date(2026, 1, 1))
    assert checked.findings == ()
    assert checked.good["days"].to_pylist()[0] == first


def test_quarters_weeks_and_years() -> None:
    quarters = "".join(f"A,202{y}-Q{q},1,9\n" for y in range(4) for q in range(1, 5))
    assert guess("site,quarter,events,total\n" + quarters).grain == "quarter"
    weeks = "".join(f"A,{date.fromordinal(738_521 + 7 * n).isoformat()},1,9\n" for n in range(30))
    assert guess("site,week,events,total\n" + weeks).grain == "week"
    years = "".join(f"A,{2000 + n},1,9\n" for n in range(20))
    assert guess("site,year,events,total\n" + years).grain == "year"


def test_cases_with_stay_and_outcome() -> None:
    lines = ""
    for n in range(200):
        day, died = f"2024-{1 + n % 12:02d}-{1 + n % 28:02d}", "yes" if n % 9 == 0 else "no"
        lines += f"{n},H{n % 3},{day},2024-12-30,{n % 7 + 0.5},{died}\n"
    seen = guess("case_id,hospital,admitted,discharge_date,stay_hours,died\n" + lines)
    assert roles(seen) == {
        "case_id": "record", "hospital": "site", "admitted": "date", "discharge_date": "end", "stay_hours": "value",
        "died": "event",
    }  # fmt: skip
    assert seen.key == ("case_id",)
    assert seen.column("stay_hours").field.unit == "hours"
    assert seen.column("admitted").field.privacy is Privacy.LIMITED


def test_dates_that_can_be_read_two_ways_are_asked_about() -> None:
    seen = guess("site,date,result\n" + "A,03/04/2024,positive\nA,05/06/2024,negative\n" * 10)
    assert any("DD/MM/YYYY or MM/DD/YYYY" in question for question in seen.questions)
    said = seen.dictionary("t", "T", formats={"date": "MM/DD/YYYY"})
    assert said.field("date").formats == ("MM/DD/YYYY",)


def test_a_person_knows_better() -> None:
    seen = guess("place,when,a,b\n" + "".join(f"P{n % 4},2024-01-{1 + n:02d},{n},{n + 5}\n" for n in range(20)))
    said = seen.dictionary("t", "T", roles={"place": "site", "a": "numerator", "b": "denominator"}, leave_out=())
    assert said.site is not None
    assert said.field("a").role is Role.NUMERATOR
    assert said.field("place").required
    said = seen.dictionary("t", "T", roles={"place": "stratum"}, leave_out=("b",))
    assert said.field("place").type is FieldType.CODE
    assert [field.name for field in said.fields] == ["place", "when", "a"]


def test_names_and_record_numbers_are_marked() -> None:
    seen = guess("patient_name,mrn,site,date\n" + "".join(f"N{n},{n}00,A,2024-01-{1 + n:02d}\n" for n in range(25)))
    assert seen.column("patient_name").field.privacy is Privacy.DIRECT
    assert seen.column("mrn").field.privacy is Privacy.DIRECT


def test_an_empty_column_and_one_row_do_no_harm() -> None:
    assert roles(guess("site,month,n,nothing\nA,2024-01,3,\n"))["nothing"] == "other"
    assert guess("a\nx\n").questions
