"""REDCap's data dictionary becomes one of our tables, with its rules where they can be said exactly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allteach.errors import IntakeError
from allteach.intake import redcap
from allteach.intake.branching import Asked, condition
from allteach.intake.contract import FieldType, Privacy, Role, dump, load
from allteach.intake.expression import Kind
from allteach.intake.redcap_table import Selection, table
from tests.fake_redcap import METADATA, dictionary_csv

VISITS = Selection("visits", "Visits", day="visit_date", repeating="visit", site="hospital", missing=("UNK",))
COLUMNS = {
    "sex": Asked(Kind.TEXT, ("1", "2", "10")),
    "age": Asked(Kind.INTEGER),
    "weight": Asked(Kind.NUMBER),
    "died": Asked(Kind.BOOLEAN),
    "seen": Asked(Kind.DATE),
    "why": Asked(Kind.TEXT),
    "box___2": Asked(Kind.BOOLEAN),
}


def test_the_file_and_the_api_say_the_same() -> None:
    assert redcap.read(dictionary_csv()) == redcap.of_metadata(METADATA)
    assert redcap.forms(redcap.read(dictionary_csv())) == ("enrolment", "visit")


def test_every_kind_of_question_becomes_its_kind_of_column() -> None:
    made = table(redcap.read(dictionary_csv()), VISITS)
    said = made.dictionary
    by_name = {field.name: field for field in said.fields}
    assert said.key == ("record_id", "redcap_repeat_instance")
    assert said.site is by_name["hospital"]
    assert by_name["hospital"].codes == ()  # a door brings names of sites, not REDCap's codes
    assert (by_name["visit_date"].type, by_name["visit_date"].role) == (FieldType.DATE, Role.DATE)
    assert by_name["visit_date"].title == "Date of the visit"
    assert (by_name["weight"].minimum, by_name["weight"].maximum) == (0.5, 200)
    assert by_name["sex"].codes == (("1", "Female"), ("2", "Male"))
    assert by_name["steroids"].type is FieldType.BOOLEAN
    assert [name for name in by_name if name.startswith("symptoms")] == [
        "symptoms___1",
        "symptoms___2",
        "symptoms____9",
    ]
    assert by_name["mrn"].privacy is Privacy.DIRECT
    assert not by_name["mrn"].required
    assert "UNK" in said.missing
    assert "story" not in by_name
    assert "picture" not in by_name
    assert {note.column for note in made.notes} == {"story", "odd"}
    assert load(dump(said)) == said


def test_required_under_a_condition_becomes_a_rule() -> None:
    rules = {rule.id: rule.must for rule in table(redcap.read(dictionary_csv()), VISITS).dictionary.rules}
    assert rules["steroid_name-needed"] == "not (steroids = true) or steroid_name is present"
    assert rules["explain-needed"] == (
        'not ((symptoms___2 = true and ((sex is missing or sex != "2") or weight > 40))) or explain is present'
    )
    assert rules["visit_date-minimum"] == 'visit_date >= date "2020-01-01"'
    assert "odd-needed" not in rules


def test_a_choice_of_instruments_and_free_text() -> None:
    chosen = replace(VISITS, repeating="", forms=("visit",), site="", free_text=True)
    names = [field.name for field in table(redcap.read(dictionary_csv()), chosen).dictionary.fields]
    assert names[0] == "record_id"
    assert "sex" not in names
    both = replace(chosen, forms=(), longitudinal=True, site=redcap.GROUP)
    said = table(redcap.read(dictionary_csv()), both).dictionary
    assert said.key == ("record_id", "redcap_event_name")
    assert said.site is not None
    assert said.site.name == "redcap_data_access_group"
    assert said.field("story").privacy is Privacy.LIMITED


@pytest.mark.parametrize(
    ("logic", "said"),
    [
        ("[sex] = '1'", 'sex = "1"'),
        ("'1' = [sex]", 'sex = "1"'),
        ("[age] >= 18 AND [weight]<3.5", "(age >= 18 and weight < 3.5)"),
        ("18 <= [age]", "age >= 18"),
        (
            '([died]="1" or [why] = "") and [age]<>2',
            "((died = true or why is missing) and (age is missing or age != 2))",
        ),
        ("[why] <> ''", "why is present"),
        ("[box(2)] = '0'", "box___2 = false"),
        ("[sex] > 1", 'sex in ("2", "10")'),
        ("[seen] > '2024-02-01'", 'seen > date "2024-02-01"'),
        ("[visit_1_arm_1][sex] = '1'", None),
        ("datediff([seen], 'today', 'd') > 3", None),
        ("[age] + 1 > 3", None),
        ("[sex] = '3'", None),
        ("[unknown] = '1'", None),
        ("[sex] = '1' and", None),
        ("[died] > 0", None),
        ("", None),
    ],
)
def test_branching_logic_is_said_exactly_or_not_at_all(logic: str, said: str | None) -> None:
    assert condition(logic, COLUMNS) == said


def test_what_is_no_dictionary_is_refused() -> None:
    for content in (b"", b"a,b\n1,2\n", b"record_id,visit_date\n1,2024-01-01\n", dictionary_csv([])):
        with pytest.raises(IntakeError, match="AT-I-060"):
            redcap.read(content)
    questions = redcap.read(dictionary_csv())
    for wrong in (replace(VISITS, day="gone"), replace(VISITS, forms=("gone",)), replace(VISITS, day="weight")):
        with pytest.raises(IntakeError, match="AT-I-061"):
            table(questions, wrong)
