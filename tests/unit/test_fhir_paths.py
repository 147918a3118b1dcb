"""Paths into resources: what is read, what is found, and what an error says."""

from __future__ import annotations

from typing import Any

import pytest

from allteach.errors import IntakeError
from allteach.intake.fhir.evaluate import Several, compiled, text_of
from allteach.intake.fhir.moments import compare, day_of, read_moment
from allteach.intake.fhir.parse import parse

ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "IMP"},
    "period": {"start": "2024-03-05T23:30:00-05:00", "end": "2024-03"},
    "subject": {"reference": "https://server.example/fhir/Patient/p7/_history/2"},
    "serviceProvider": {"reference": "Organization/north"},
    "participant": [{"individual": {"reference": "#inside"}}, {"individual": {"reference": "urn:uuid:ab-1"}}],
    "type": [
        {"coding": [{"system": "http://loinc.org", "code": "A"}, {"system": "http://snomed.info/sct", "code": "B"}]},
        {"coding": [{"system": "http://loinc.org", "code": "C"}], "text": "it's C"},
    ],
    "length": {"value": 2.5, "unit": "d"},
    "extension": [{"url": "urn:x", "valueInteger": 3}, {"url": "urn:y", "valueBoolean": False}],
    "valueQuantity": {"value": 38.5},
    "deceasedBoolean": False,
}


def found(path: str, **constants: Any) -> list[Any]:
    items = compiled(parse(path), constants, "Encounter")([ENCOUNTER])
    return [item if isinstance(item, dict) else text_of(item) for item in items]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("status", ["finished"]),
        ("Encounter.status", ["finished"]),
        ("period.start", ["2024-03-05T23:30:00-05:00"]),
        ("type.coding.code", ["A", "B", "C"]),
        ("type[1].coding.code", ["C"]),
        ("type.coding.code.last()", ["C"]),
        ("type.coding.where(system = 'http://snomed.info/sct').code", ["B"]),
        ("type.coding.where(system = %system).code.first()", ["A"]),
        ("type.where(text = 'it\\'s C').coding.code", ["C"]),
        ("type.coding.count()", ["3"]),
        ("type.coding.exists(code = 'B')", ["true"]),
        ("type.coding.where(code = 'Z').empty()", ["true"]),
        ("type.coding.code.join('; ')", ["A; B; C"]),
        ("type.coding.where($this.code = 'C').exists()", ["true"]),
        ("getResourceKey()", ["e1"]),
        ("subject.getReferenceKey(Patient)", ["p7"]),
        ("subject.getReferenceKey(Group)", []),
        ("participant.individual.getReferenceKey()", ["ab-1"]),
        ("extension('urn:x').value.ofType(integer)", ["3"]),
        ("extension.where(url = 'urn:y').value", ["false"]),
        ("value.ofType(Quantity).value", ["38.5"]),
        ("value.value", ["38.5"]),
        ("deceased.ofType(boolean)", ["false"]),
        ("deceased.ofType(dateTime)", []),
        ("length.value > 2 and length.value <= 2.5", ["true"]),
        ("(status = 'planned' or status = 'finished').not()", ["false"]),
        ("nothing = 'x'", []),
        ("nothing = 'x' or true", ["true"]),
        ("nothing = 'x' and true", []),
        ("true xor false", ["true"]),
        ("nothing.exists() implies false", ["true"]),
        ("iif(class.code = 'IMP', 'in', 'out')", ["in"]),
        ("iif(class.code = 'AMB', 'out')", []),
        ("({} | serviceProvider.getReferenceKey()).first()", ["north"]),
        ("(%site | serviceProvider.getReferenceKey()).first()", ["own"]),
        ("period.start > @2024-03-01", ["true"]),
        ("period.start < @2024-03-06T04:31:00Z", ["true"]),
        ("period.end >= @2024-03-02", []),
        ("length.value + 1 - 0.5", ["3.0"]),
        ("class.code + '-' + status", ["IMP-finished"]),
        ("status.substring(0, 3)", ["fin"]),
        ("status.startsWith('fin')", ["true"]),
        ("`class`.code", ["IMP"]),
        ("status != 'finished'", ["false"]),
    ],
)
def test_a_path_finds(path: str, values: list[str]) -> None:
    assert found(path, system="http://loinc.org", site="own") == values


def test_several_values_are_not_one() -> None:
    with pytest.raises(Several):
        found("type.coding.code > 'A'")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "ends where something is expected"),
        ("period.", "name of an element"),
        ("status = ", "ends where something is expected"),
        ("lowBoundary()", "There is no function"),
        ("code.first(1)", "takes 0 arguments, not 1"),
        ("where(a = 'b'", "is expected here"),
        ("a ? b", "not understood"),
        ("a b", "not expected here"),
        ("@20x", "not expected|no date"),
        ("a['b']", "whole number"),
        ("(" * 99, "too many brackets|ends where"),
    ],
)
def test_an_error_names_the_place(path: str, says: str) -> None:
    with pytest.raises(IntakeError, match=says) as caught:
        parse(path)
    assert caught.value.code == "AT-I-120"
    assert "place" in caught.value.where


def test_a_constant_has_to_be_there() -> None:
    with pytest.raises(IntakeError, match="no constant") as caught:
        compiled(parse("%nothing"), {"site": None})
    assert "%site" in caught.value.expected


def test_dates_compare_as_far_as_they_are_known() -> None:
    def said(left: str, right: str) -> int | None:
        one, other = read_moment(left), read_moment(right)
        assert one is not None
        assert other is not None
        return compare(one, other)

    assert said("2024", "2025-01-01") == -1
    assert said("2024-03", "2024") is None
    assert said("2024-03-05T23:30:00-05:00", "2024-03-06T04:30:00Z") == 0
    assert said("2024-03-05T23:30:00.5Z", "2024-03-05T23:30:00Z") == 1
    assert read_moment("24-3-5") is None


def test_a_day_is_the_one_where_the_time_was_written_unless_a_zone_is_said() -> None:
    from zoneinfo import ZoneInfo

    york = ZoneInfo("America/New_York")
    assert day_of("2024-03-06T02:30:00Z") == ("2024-03-06", True)
    assert day_of("2024-03-06T02:30:00Z", york) == ("2024-03-05", False)
    assert day_of("2024-03-06T02:30:00+01:00") == ("2024-03-06", False)
    assert day_of("2024-03-06") == ("2024-03-06", False)
    assert day_of("2024") == ("2024", False)
