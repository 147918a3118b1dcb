"""Views: what is understood, what is refused by name, and which rows they give."""

from __future__ import annotations

import json
from typing import Any

import pytest

from allteach.errors import IntakeError
from allteach.intake.fhir import shipped
from allteach.intake.fhir.rows import SEVERAL, Rows
from allteach.intake.fhir.valid import is_type
from allteach.intake.fhir.views import load
from allteach.measures.library import names, shelf

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [
        {"family": "F1", "given": ["G1", "G2"], "use": "official"},
        {"family": "F2", "given": ["G3"], "use": "usual"},
    ],
    "telecom": [{"value": "t1"}],
    "contact": [],
}


def col(name: str, path: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "path": path} | more


def view(select: list[Any], **more: Any) -> str:
    return json.dumps({"resourceType": "ViewDefinition", "resource": "Patient", "select": select} | more)


def rows(select: list[Any], **more: Any) -> list[list[str]]:
    return Rows(load(view(select, **more))).of(PATIENT)


def test_for_each_makes_a_row_of_each_item() -> None:
    names_ = {"forEach": "name", "column": [col("family", "family")]}
    assert rows([{"column": [col("id", "id")]}, names_]) == [["p1", "F1"], ["p1", "F2"]]
    nested = {"forEach": "name", "column": [col("family", "family")], "select": [
        {"forEach": "given", "column": [col("given", "$this")]}]}  # fmt: skip
    assert rows([nested]) == [["F1", "G1"], ["F1", "G2"], ["F2", "G3"]]


def test_for_each_of_nothing_gives_no_row_or_an_empty_one() -> None:
    contact = [col("contact", "name.text")]
    assert rows([{"column": [col("id", "id")]}, {"forEach": "contact", "column": contact}]) == []
    assert rows([{"column": [col("id", "id")]}, {"forEachOrNull": "contact", "column": contact}]) == [["p1", ""]]


def test_alternatives_are_put_below_each_other() -> None:
    union = {"column": [col("id", "id")], "unionAll": [
        {"forEach": "telecom", "column": [col("value", "value")]},
        {"forEach": "name.where(use = 'usual')", "column": [col("value", "family")]},
    ]}  # fmt: skip
    assert rows([union]) == [["p1", "t1"], ["p1", "F2"]]


def test_a_condition_leaves_resources_out_and_constants_have_names() -> None:
    some = [{"column": [col("id", "id")]}]
    assert rows(some, where=[{"path": "name.exists(use = %use)"}], constant=[{"name": "use", "valueCode": "old"}]) == []
    assert rows(some, where=[{"path": "name.exists(use = %use)"}], constant=[{"name": "use", "valueCode": "usual"}])


def test_several_values_in_a_cell_are_noted_not_joined() -> None:
    made = Rows(load(view([{"column": [col("id", "id"), col("family", "name.family")]}])))
    made.notes.at = 7
    assert made.of(PATIENT) == [["p1", ""]]
    assert made.notes.found == {(SEVERAL, "family"): [7]}


@pytest.mark.parametrize(
    ("text", "says", "code"),
    [
        ("{", "neither JSON nor YAML", "AT-I-121"),
        ("[]", "not a mapping", "AT-I-121"),
        ('{"resourceType": "Patient"}', 'type "Patient", not a view', "AT-I-121"),
        ('{"select": []}', "does not say which type", "AT-I-121"),
        (view([]), "selects nothing", "AT-I-121"),
        (view([{"column": []}]), "no columns", "AT-I-121"),
        (view([{"column": [col("id", "id")], "repeat": ["x"]}]), '"repeat" is not understood', "AT-I-121"),
        (view([{"column": [{"path": "id"}]}]), "no name", "AT-I-121"),
        (view([{"column": [{"name": "id"}]}]), "no path", "AT-I-121"),
        (view([{"column": [col("id", "id"), col("id", "id")]}]), "Two columns", "AT-I-121"),
        (view([{"column": [col("id", "name.given", collection=True)]}]), "several values in one cell", "AT-I-121"),
        (view([{"column": [col("id", "a..b")]}]), 'Column "id": Path', "AT-I-120"),
        (view([{"forEach": "a", "forEachOrNull": "b"}]), "cannot stand in one select", "AT-I-121"),
        (view([{"column": [col("d", "d", tag=[{"name": "zone", "value": "Mars"}])]}]), "no time zone", "AT-I-121"),
        (
            view([{"unionAll": [{"column": [col("a", "id")]}, {"column": [col("b", "id")]}]}]),
            "same columns",
            "AT-I-121",
        ),
        (view([{"column": [col("id", "id")]}], constant=[{"name": "x", "valueInteger": "1"}]), "kind", "AT-I-121"),
        (view([{"column": [col("id", "id")]}], where=["x"]), "mapping of words", "AT-I-121"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(text: str, says: str, code: str) -> None:
    with pytest.raises(IntakeError) as caught:
        load(text)
    assert says in str(caught.value)
    assert caught.value.code == code


def test_a_view_may_be_yaml_and_has_one_hash() -> None:
    text = "resource: Patient\nselect:\n- column:\n  - {name: id, path: id}\n"
    same = json.dumps({"resource": "Patient", "select": [{"column": [{"name": "id", "path": "id"}]}]})
    assert load(text).content_hash == load(same).content_hash


def test_shipped_views_are_of_real_types_and_fill_what_their_table_needs() -> None:
    tables = {table.name: table for name in names() for table in shelf(name).tables}
    assert {"Encounter", "Observation", "Condition", "Procedure", "Patient", "MeasureReport"} <= set(shipped.views())
    for name, found in shipped.views().items():
        assert is_type(found.resource), name
        Rows(found)
        table, point, resource = name.rpartition(".")
        assert resource == found.resource
        if point:
            said = tables[table]
            columns = {column.name for column in found.columns}
            assert columns <= {field.name for field in said.fields}, name
            needed = {field.name for field in said.fields if field.required} | set(said.key)
            assert needed <= columns, name
