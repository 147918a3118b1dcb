"""The data dictionary: YAML and back, what it refuses, what it makes."""

from __future__ import annotations

import io

import pytest

from allteach.errors import IntakeError
from allteach.intake import describe, template
from allteach.intake.contract import FieldType, Role, dump, load
from allteach.intake.expression import Kind, evaluate, kind_of, parse

GOOD = """
name: visits
title: Visits
key: [id]
fields:
  - {name: id, role: record, required: true}
  - {name: Visit date, type: date, role: date, formats: DD.MM.YYYY, required: true}
  - {name: answer, type: code, codes: {yes: agreed, no: declined}}
  - {name: age, type: integer, minimum: 0, maximum: 120, unit: years, privacy: limited}
  - {name: day, type: day_number, origin: 2020-03-01}
rules:
  - {id: r1, must: 'age >= 18 or answer = "false"', message: Adults only.}
"""


def test_a_dictionary_survives_being_written_and_read() -> None:
    said = load(GOOD)
    assert load(dump(said)) == said
    assert load(dump(said)).content_hash == said.content_hash
    assert said.field("Visit date").role is Role.DATE
    assert said.time is not None
    assert said.time.name == "Visit date"
    assert said.site is None


def test_yes_and_no_stay_words() -> None:
    assert [code for code, _ in load(GOOD).field("answer").codes] == ["true", "false"]
    quoted = GOOD.replace("{yes: agreed, no: declined}", "{'yes': agreed, 'no': declined}")
    assert [code for code, _ in load(quoted.replace('"false"', '"no"')).field("answer").codes] == ["yes", "no"]


def test_the_hash_is_of_the_content_and_not_of_the_writing() -> None:
    assert load(GOOD + "\n# a remark\n").content_hash == load(GOOD).content_hash
    assert load(GOOD.replace("maximum: 120", "maximum: 121")).content_hash != load(GOOD).content_hash


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("name: visits", "name: [visits"), "AT-I-070"),
        (("name: visits", "named: visits"), "AT-I-070"),
        (("type: integer", "kind: integer"), "AT-I-070"),
        (("type: integer", "type: whole"), "AT-I-071"),
        (("key: [id]", "key: [nothing]"), "AT-I-071"),
        (("formats: DD.MM.YYYY", "formats: yyyy"), "AT-I-071"),
        (("formats: DD.MM.YYYY", "formats: [DD/MM/YYYY, MM/DD/YYYY]"), "AT-I-071"),
        (("origin: 2020-03-01", "origin: soon"), "AT-I-071"),
        (("unit: years", "at_most: answer"), "AT-I-071"),
        (("unit: years", "role: date"), "AT-I-071"),
        (("unit: years", "decimal: x"), "AT-I-071"),
        (("age >= 18", "years >= 18"), "AT-I-071"),
        (("age >= 18", "age >= "), "AT-I-080"),
        (("'age >= 18 or answer = \"false\"'", "age"), "AT-I-071"),
        (("name: age", "name: id"), "AT-I-071"),
    ],
)
def test_what_does_not_fit_is_refused(change: tuple[str, str], code: str) -> None:
    assert change[0] in GOOD
    with pytest.raises(IntakeError) as caught:
        load(GOOD.replace(*change))
    assert caught.value.code in (code, "AT-I-071")
    assert caught.value.do


@pytest.mark.parametrize("text", ["", "[]", "a: &a [*a]", "- 1", "!!python/object/apply:os.system ['true']"])
def test_yaml_that_is_no_dictionary(text: str) -> None:
    with pytest.raises(IntakeError, match="AT-I-07"):
        load(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 = 7", True),
        ("(1 + 2) * 3", 9),
        ("7 / 2", 3.5),
        ("7 / 0", None),
        ("-2 - -3", 1),
        ("not true or true", True),
        ("[Visit date] between date '2024-01-01' and date '2024-12-31'", True),
        ("days_between([Visit date], date '2024-03-01')", 30),
        ("age is missing or age > 3", True),
        ("age > 3", None),
        ("age > 3 and false", False),
        ("age > 3 or true", True),
        ("if(age > 3, 1, 2)", 2),
        ("coalesce(age, 5)", 5),
        ("answer not in ('a', \"b\")", True),
        ("starts_with(answer, 'y')", True),
        ("month([Visit date])", 1),
        ("ln(0)", None),
        ("exp(1000)", None),
        ("floor(-1.5)", -2),
        ("abs(-1.5)", 1.5),
    ],
)
def test_what_expressions_mean(text: str, value: object) -> None:
    from datetime import date

    row = {"Visit date": date(2024, 1, 31), "age": None, "answer": "yes"}
    assert evaluate(parse(text), row) == value


NO_EXPRESSIONS = (
    "", "1 +", "a = = b", "a in b", "a in (b)", "f(1)", "if(true, 1)", "a is", "'open", "and", "a b", "not " * 99 + "a",
    "(" * 80 + "1" + ")" * 80, "x" * 5000, "date '2024-13-01'", "a ; b", "__import__('os')", "a.b", "lambda: 1",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_EXPRESSIONS)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(IntakeError, match="AT-I-080"):
        parse(text)


NO_MEANING = (
    "a = 'x'", "t < 'x'", "t + 1", "not a", "a and true", "d = '2024-01-01'", "if(a, 1, 2)", "coalesce(a, t)",
    "year(a)", "nothing = 1",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_MEANING)
def test_what_has_no_fixed_meaning_is_refused(text: str) -> None:
    with pytest.raises(IntakeError, match=r"AT-I-08[12]"):
        kind_of(parse(text), {"a": Kind.INTEGER, "t": Kind.TEXT, "d": Kind.DATE})


def test_the_template_keeps_what_people_type() -> None:
    from openpyxl import load_workbook

    said = load(GOOD)
    assert template.csv(said).decode("utf-8-sig") == "id,Visit date,answer,age,day\r\n"
    book = load_workbook(io.BytesIO(template.xlsx(said)))
    assert book.sheetnames == ["Data", "Columns"]
    assert [cell.value for cell in book["Data"][1]] == ["id", "Visit date", "answer", "age", "day"]
    assert [rule.formula1 for rule in book["Data"].data_validations.dataValidation] == ['"true,false"']
    assert book["Columns"]["D5"].value == "whole number, 0 to 120 years"


def test_the_documentation_page_says_everything() -> None:
    page = describe.markdown(load(GOOD))
    for words in (
        "# Visits",
        "`Visit date`",
        "true = agreed",
        "0 to 120 years",
        "since 2020-03-01",
        "Adults only.",
        "limited",
    ):
        assert words in page
    assert load(GOOD).field("day").type is FieldType.DAY_NUMBER
