"""Real public files become checked rows, measures and numbers by naming columns, not by writing code."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allteach.intake.checks import Checked, check
from allteach.intake.contract import FieldType, Role, TableDictionary
from allteach.intake.profile import Profile, profile
from allteach.intake.reader import read
from allteach.measures.card import Card
from allteach.measures.engine import run
from allteach.measures.guess import propose
from allteach.measures.reference import compute

Find = Callable[[str], Path]
DAY0 = date(2020, 3, 1)


def open_file(path: Path) -> tuple[Profile, TableDictionary, Checked]:
    raw = read(path)
    seen = profile(raw)
    said = seen.dictionary("sent", "Sent", origin=DAY0)
    return seen, said, check(raw, said, sent_on=date(2026, 1, 1))


def roles(seen: Profile) -> dict[str, Role]:
    return {column.name: column.role for column in seen.columns}


def by_title(said: TableDictionary, checked: Checked) -> dict[str, Card]:
    return {proposal.card.title: proposal.card for proposal in propose(said, checked.good)}


def test_hospital_infections(shared_data: Find) -> None:
    path = shared_data("qicharts2_hospital_infections.csv")
    seen, said, checked = open_file(path)
    assert roles(seen) == {
        "hospital": Role.SITE, "infection": Role.STRATUM, "month": Role.PERIOD, "n": Role.NUMERATOR,
        "days": Role.DENOMINATOR,
    }  # fmt: skip
    assert set(seen.key) == {"hospital", "infection", "month"}
    assert seen.questions == ()
    assert (checked.good.num_rows, checked.findings) == (432, ())
    cards = by_title(said, checked)
    assert list(cards) == ["BAC per 10,000 days", "CDI per 10,000 days", "UTI per 10,000 days"]
    rows = run(cards["CDI per 10,000 days"], checked.good).rows.to_pylist()
    sent = {(r["hospital"], r["month"]): r for r in csv.DictReader(path.open()) if r["infection"] == "CDI"}
    assert len(rows) == len(sent) == 144
    for row in rows:
        line = sent[row["site"], row["period"].isoformat()]
        assert (row["numerator"], row["denominator"]) == (int(line["n"]), pytest.approx(float(line["days"])))


def test_emergency_attendances(shared_data: Find) -> None:
    path = shared_data("nhsr_ae_attendances.csv")
    seen, said, checked = open_file(path)
    found = roles(seen)
    assert found["org_code"] is Role.SITE
    assert found["period"] is Role.PERIOD
    assert found["type"] is Role.STRATUM
    assert found["attendances"] is Role.DENOMINATOR
    assert found["breaches"] is Role.NUMERATOR
    assert said.field("breaches").at_most == "attendances"
    assert (checked.good.num_rows, checked.held.num_rows) == (12_765, 0)
    card = by_title(said, checked)["Breaches as a share of attendances"]
    assert card.chart == "pprime"
    expected: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for line in csv.DictReader(path.open()):
        sums = expected[line["org_code"], line["period"]]
        sums[0] += int(line["breaches"])
        sums[1] += int(line["attendances"])
    rows = run(card, checked.good).rows.to_pylist()
    found_sums = {(r["site"], r["period"].isoformat()): [r["numerator"], r["denominator"]] for r in rows}
    assert found_sums == expected
    assert len({site for site, _ in expected}) == 274


def test_covid_tests(shared_data: Find) -> None:
    seen, said, checked = open_file(shared_data("chop_covid_testing.csv"))
    found = roles(seen)
    assert found["clinic_name"] is Role.SITE
    assert found["pan_day"] is Role.DAY_NUMBER
    assert found["result"] is Role.EVENT
    assert found["rec_ver_tat"] is Role.VALUE
    assert found["payor_group"] is Role.STRATUM
    assert seen.row_level
    assert seen.questions == ('Which date is day 0 of "pan_day"?',)
    assert said.field("pan_day").type is FieldType.DAY_NUMBER
    assert said.field("result").event == ("positive",)
    assert (checked.good.num_rows, checked.held.num_rows) == (15_524, 0)
    cards = by_title(said, checked)
    assert list(cards) == ["Result: positive", "Average rec ver tat"]
    for card in cards.values():
        assert same_as_reference(card, checked)


def same_as_reference(card: Card, checked: Checked) -> bool:
    rows = run(card, checked.good, strata=("gender",)).rows.to_pylist()
    expected = compute(card, checked.good.to_pylist(), strata=("gender",))
    assert len(rows) == len(expected) > 100

    def close(one: Any, other: Any) -> bool:
        return one == other if one is None or isinstance(other, int | str) else one == pytest.approx(other)

    return all(close(row[name], line[name]) for row, line in zip(rows, expected, strict=True) for name in line)


def test_one_hospital_over_time_is_asked_whose_it_is(shared_data: Find) -> None:
    raw = read(shared_data("qicharts2_cabg.csv"))
    seen = profile(raw)
    assert seen.questions == ("Which site does the file come from, or which column names the site?",)
    said = seen.dictionary("cabg", "Bypass operations")
    checked = check(raw, said, sent_on=date(2026, 1, 1), site="H1")
    titles = by_title(said, checked)
    assert set(titles) == {"Death", "Readmission", "Typical los"}
    assert {row["site"] for row in run(titles["Death"], checked.good).rows.to_pylist()} == {"H1"}
