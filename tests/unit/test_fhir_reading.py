"""Files of FHIR resources as tables: numbers of lines, what is held, what is said of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import date

import pytest

from allteach.errors import IntakeError
from allteach.intake import checks
from allteach.intake.annotate import annotate
from allteach.intake.contract import Field, FieldType, Role, TableDictionary
from allteach.intake.fhir import valid, views
from allteach.intake.reader import read
from tests.bulk_export import bundle, encounter, ndjson, observation, patient, report

STAYS = TableDictionary(
    "stays", "Stays",
    (
        Field("encounter", role=Role.RECORD, required=True),
        Field("site", role=Role.SITE, required=True),
        Field("start", FieldType.DATE, role=Role.DATE, required=True),
        Field("class", FieldType.CODE, codes=(("IMP", ""), ("EMER", ""), ("AMB", ""))),
    ),
    key=("encounter",),
)  # fmt: skip
NAMED = views.load(json.dumps({
    "resource": "Encounter",
    "select": [{"column": [
        {"name": "encounter", "path": "id"},
        {"name": "site", "path": "(%site | serviceProvider.getReferenceKey()).first()"},
        {"name": "start", "path": "period.start", "type": "date"}, {"name": "class", "path": "class.code"},
    ]}],
}))  # fmt: skip


def checked(body: bytes, **how: object) -> checks.Checked:
    return checks.check(
        read(body, name="e.ndjson", view=NAMED, **how), STAYS, sent_on=date(2024, 9, 1), sites=["north"]
    )  # type: ignore[arg-type]


def codes(found: checks.Checked) -> dict[str, tuple[str, list[int]]]:
    return {item.code: (item.column, item.first_rows()) for item in found.findings}


def test_lines_become_rows_with_their_own_numbers_and_the_day_on_the_wall() -> None:
    body = b"\xef\xbb\xbf" + ndjson([encounter(1), "", encounter(2)])
    raw = read(body, name="Encounter.ndjson")
    assert raw.numbers.tolist() == [1, 3]
    assert raw.table["start"].to_pylist() == ["2024-02-02", "2024-03-03"]
    assert raw.table["site"].to_pylist() == ["north", "north"]
    assert raw.fhir is not None
    assert (raw.fhir.resource, raw.fhir.resources, raw.fhir.validated) == ("Encounter", 2, 2)
    assert raw.findings == ()
    assert read(gzip.compress(body), name="Encounter.ndjson.gz").table.equals(raw.table)
    assert set(read(body, site="own").table["site"].to_pylist()) == {"own"}


def test_bad_lines_and_invalid_resources_are_held_and_named_by_line() -> None:
    half = json.dumps(encounter(3))[:-40]
    body = ndjson([
        encounter(1), half, encounter(4, foo=1), encounter(5, status=None), {"resourceType": "Organization", "id": "o"},
        encounter(6, period={"start": "2024-05"}), encounter(7, period={"start": "2024-02-31T10:00:00Z"}), encounter(8),
        encounter(8, status="planned"), "[1]", '{"a": NaN}',
        encounter(9, serviceProvider={"reference": "Organization/z"}),
    ])  # fmt: skip
    found = checked(body)
    said = codes(found)
    assert said["AT-I-123"] == ("", [2, 10, 11])
    assert said["AT-I-124"] == ("", [5])
    held = {item.column: item.first_rows() for item in found.findings if item.code == "AT-I-125"}
    assert held["Encounter.foo"] == [4 - 1]
    assert held["Encounter.status"] == [4]
    assert 7 in held["Encounter.period.start"]
    assert said["AT-I-045"] == ("site", [12])
    assert [row["_row"] for row in found.good.to_pylist()] == [1, 8]
    assert found.rows_read == 11
    assert {row["_row"] for row in found.held.to_pylist()} == {2, 3, 4, 6, 7, 9, 10, 11, 12}
    assert all("2024-02-31" not in item.message + item.fix for item in found.findings)


def test_one_line_with_several_rows_is_told_apart_and_named_once() -> None:
    coded = views.load(json.dumps({
        "resource": "Encounter",
        "select": [{"column": [
            {"name": "site", "path": "serviceProvider.getReferenceKey()"},
            {"name": "start", "path": "period.start", "type": "date"},
        ]}, {"forEach": "type.coding", "column": [
            {"name": "encounter", "path": "code"}, {"name": "class", "path": "display"},
        ]}],
    }))  # fmt: skip
    two = [{"coding": [{"code": "a", "display": "IMP"}, {"code": "a", "display": "IMP"}]}]
    raw = read(ndjson([encounter(1, type=two), encounter(2)]), view=coded)
    assert raw.per_line == 2
    assert raw.numbers.tolist() == [2, 3, 4]
    found = checks.check(raw, STAYS, sent_on=date(2024, 9, 1))
    assert found.good.num_rows == 2
    assert codes(found)["AT-I-041"] == ("encounter", [1])
    lines = list(csv.reader(io.StringIO(annotate(raw, found.findings)[0].decode("utf-8-sig"))))
    assert [line[0] for line in lines] == ["Line", "1", "1", "2"]
    assert "AT-I-041" in lines[1][-1]


def test_paths_that_find_several_values_or_a_group_hold_the_row() -> None:
    text = NAMED.source.replace("class.code", "type.coding").replace('"id"', '"type.coding.code"')
    two = [{"coding": [{"code": "a"}, {"code": "b"}]}]
    found = checks.check(
        read(ndjson([encounter(1, type=two), encounter(2)]), view=views.load(text)), STAYS, sent_on=date(2024, 9, 1)
    )
    said = {(item.code, item.column): item.first_rows() for item in found.findings}
    assert said["AT-I-126", "encounter"] == [1]
    assert said["AT-I-127", "class"] == [2]


def test_times_in_utc_are_pointed_out_until_the_view_says_the_zone() -> None:
    late = encounter(1, period={"start": "2024-02-01T02:00:00Z"})
    assert codes(checked(ndjson([late])))["AT-I-128"] == ("start", [1])
    zoned = views.load(
        NAMED.source.replace('"type": "date"', '"type": "date", "tag": [{"name": "zone", "value": "America/Chicago"}]')
    )
    raw = read(ndjson([late]), view=zoned)
    assert raw.table["start"].to_pylist() == ["2024-01-31"]
    assert raw.findings == ()


def test_other_types_and_partial_dates() -> None:
    people = read(ndjson([patient(n) for n in range(6)]))
    assert people.table["birth_date"].to_pylist()[:2] == ["2010-04", "2011-04-05"]
    assert people.table["died"].to_pylist()[0] == "false"
    results = read(ndjson([observation(n) for n in range(9)]))
    assert set(results.table["site"].to_pylist()) == {"north"}
    assert any(results.table["value"].to_pylist())
    assert any(results.table["result"].to_pylist())


@pytest.mark.parametrize("how", [{}, {"indent": 2}])
def test_a_bundle_of_reports_becomes_counts(how: dict[str, int]) -> None:
    counts = {"initial-population": 130, "denominator": 120, "denominator-exclusion": 12, "numerator": 80}
    body = bundle([report("north", 1, counts), report("south", 2, {"denominator": 40, "numerator": 9})], **how)
    raw = read(body, name="reports.json")
    assert raw.numbers.tolist() == [1, 2]
    assert raw.table.to_pylist()[0] == {
        "site": "north", "period": "2024-01-01", "measure": "https://example.org/Measure/remission|1.0", "part": "",
        "numerator": "80", "denominator": "108", "initial_population": "130", "exclusions": "12", "exceptions": "",
    }  # fmt: skip
    assert raw.table["denominator"].to_pylist()[1] == "40"
    assert raw.findings == ()


def test_one_fault_in_the_sample_has_every_resource_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allteach.intake.fhir.read.VALIDATE_ALL", 10)
    good = [encounter(n) for n in range(40)]
    raw = read(ndjson(good))
    assert raw.fhir is not None
    assert raw.fhir.validated == 10
    good[4], good[39] = encounter(4, foo=1), encounter(39, foo=1)
    raw = read(ndjson(good))
    assert raw.fhir is not None
    assert raw.fhir.validated == 40
    assert [item.first_rows() for item in raw.findings] == [[5, 40]]


def test_what_is_no_fhir_or_has_no_view_says_so() -> None:
    with pytest.raises(IntakeError, match="a JSON document"):
        read(b'{"a": 1}\n')
    with pytest.raises(IntakeError, match="no shipped view for resources of the type Flag"):
        read(ndjson([{"resourceType": "Flag", "id": "f"}]))
    with pytest.raises(IntakeError, match="of the type Patient, but the view is of Encounter") as caught:
        read(ndjson([patient(1)]), view=NAMED)
    assert caught.value.code == "AT-I-122"
    with pytest.raises(IntakeError, match="no FHIR resource that can be read"):
        read(b'{"resourceType": "Encounter", "id"\n')


def test_a_fault_never_repeats_a_value() -> None:
    secret = "Zebra-4711"
    plain = patient(1, birthDate=secret, gender=[secret], deceasedBoolean=True, deceasedDateTime=secret, name=secret)
    plain[secret] = 1
    for fault in valid.validator("Patient")(plain):
        assert secret not in fault.what
        assert secret not in fault.element


def test_half_of_a_pair_of_signs_and_deep_nesting_do_not_stop_the_file() -> None:
    lone = json.dumps(encounter(1)).replace("IMP", "\\ud800").replace("EMER", "\\ud800")
    deep = '{"resourceType": "Encounter", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    raw = read(ndjson([lone, deep, encounter(2)]))
    assert raw.rows == 3
    assert [number for number, _ in raw.broken] == [2]


def test_a_first_look_reads_only_the_beginning() -> None:
    body = ndjson([encounter(n) for n in range(30)])
    raw = read(body, limit=10)
    assert raw.fhir is not None
    assert (raw.rows, raw.fhir.cut) == (10, True)
    whole = read(body, limit=100)
    assert whole.fhir is not None
    assert (whole.rows, whole.fhir.cut) == (30, False)
