"""One dictionary, many versions: what changed, reading old files and rows, the schema for others, what a form asks."""

from __future__ import annotations

import re
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allteach.errors import IntakeError
from allteach.intake import contract, reader, schema
from allteach.intake.checks import check
from allteach.intake.difference import differences
from allteach.intake.needed import asked_for
from allteach.measures import library
from allteach.registry.store import Registry
from allteach.registry.upcast import fits, upcast, upcast_file

FIRST = """
name: visits
title: Visits
key: [visit]
fields:
- {name: site, role: site, required: true}
- {name: visit, role: record, required: true}
- {name: day, type: date, role: date, required: true, formats: [YYYY-MM-DD]}
- {name: weight, type: integer, unit: kg, minimum: 0}
"""
SECOND = """
name: visits
title: Visits
key: [visit]
version: 2
fields:
- {name: site, role: site, required: true}
- {name: visit, role: record, required: true}
- {name: day, type: date, role: date, required: true, formats: [YYYY-MM-DD]}
- {name: kg, type: number, minimum: 0, maximum: 300, was: [weight]}
- {name: late, type: boolean}
- {name: why, type: code, codes: {A: away, B: busy}}
rules:
- {id: why, must: not late or why is present, message: Say why it was late., column: why}
"""


def test_differences_name_what_came_went_and_changed():
    found = {(d.change.value, d.part, d.about) for d in differences(contract.load(FIRST), contract.load(SECOND))}
    assert {("renamed", "kg", "name"), ("changed", "kg", "type"), ("changed", "kg", "maximum")} <= found
    assert {("added", "late", ""), ("added", "why", ""), ("added", "why", "rule")} <= found
    back = {(d.change.value, d.part) for d in differences(contract.load(SECOND), contract.load(FIRST))}
    assert ("removed", "late") in back


@pytest.mark.parametrize("name", library.names())
def test_a_dictionary_does_not_differ_from_itself_and_reads_back(name):
    for table in library.shelf(name).tables:
        assert differences(table, contract.load(contract.dump(table))) == ()
        assert contract.problems(table) == ()
        assert table.sources, "where its definitions come from"
        names = [field["name"] for field in schema.table_schema(table)["fields"]]
        assert names == [field.name for field in table.fields]


def test_a_draft_says_everything_that_is_wrong_at_once():
    draft = contract.unchecked(
        {"name": "t", "title": "T", "key": ["nothing"], "fields": [{"name": "a", "type": "code"}, {"name": "a"}]}
    )
    said = " ".join(error.what for error in contract.problems(draft))
    assert "is there twice" in said
    assert "holds codes but lists none" in said
    assert 'no column "nothing"' in said
    with pytest.raises(IntakeError):
        contract.from_plain(contract.to_plain(draft))


def test_a_file_in_the_old_template_is_read_under_the_new_version():
    raw = reader.read(b"site,visit,day,weight\nA,1,2024-01-02,12\n", name="old.csv")
    checked = check(raw, contract.load(SECOND), sent_on=date(2024, 3, 1))
    assert checked.good["kg"].to_pylist() == [12.0]
    assert "AT-I-049" in {finding.code for finding in checked.findings}


def test_old_rows_are_rows_of_the_new_version_and_lose_nothing(tmp_path):
    old = pa.table({"site": ["A"], "visit": ["1"], "day": pa.array([date(2024, 1, 2)]), "weight": [12]})
    registry, said = Registry(tmp_path), contract.load(SECOND)
    path = registry.put(old, site="site", day="day").path
    made = upcast_file(registry, path, said, site="site", day="day")
    rows = registry.read([made]).to_pylist()
    assert rows == [
        {"site": "A", "visit": "1", "day": date(2024, 1, 2), "weight": 12, "kg": 12.0, "late": None, "why": None}
    ]
    assert registry.read([path]).num_columns == 4, "the old file is as it was"
    assert upcast_file(registry, made, said, site="site", day="day") == made


@given(st.lists(st.one_of(st.none(), st.text(max_size=6), st.integers(-99, 99).map(str)), max_size=20))
def test_casting_keeps_what_fits_and_empties_the_rest(texts):
    said = contract.load("{name: t, title: T, fields: [{name: n, type: integer}]}")
    rows = upcast(pa.table({"n": pa.array(texts, pa.string())}), said)
    assert fits(rows.schema, said)
    for text, value in zip(texts, rows["n"].to_pylist(), strict=True):
        if text is not None and re.fullmatch("-?[0-9]{1,15}", text):
            assert value == int(text)
        elif text is None:
            assert value is None


def test_a_form_asks_for_what_a_rule_needs_and_only_then():
    said = contract.load(SECOND)
    assert asked_for(said, {"late": True}) == {"why": "Say why it was late."}
    assert asked_for(said, {"late": False}) == {}
    assert asked_for(said, {"late": True, "why": "A"}) == {}
    assert asked_for(said, {}) == {}


def test_a_column_that_identifies_persons_may_be_left_out():
    said = contract.load(
        FIRST.replace("- {name: weight", "- {name: surname, required: true, privacy: direct}\n- {name: weight")
    )
    raw = reader.read(b"site,visit,day,weight\nA,1,2024-01-02,12\n", name="file.csv")
    checked = check(raw, said, sent_on=date(2024, 3, 1))
    assert not checked.rejected
    assert checked.good.num_rows == 1
