"""Conditions as rows of column, operator and value: every shipped card can be shown as rows and comes back the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allteach.errors import MeasureError
from allteach.intake.expression import Kind, parse
from allteach.measures.binding import kinds_of_table
from allteach.measures.card import quantity
from allteach.measures.conditions import OPERATORS, WITHOUT_VALUE, Condition, from_text, to_text
from allteach.measures.library import names, shelf

KINDS = {
    "age": Kind.INTEGER, "weight": Kind.NUMBER, "Ward name": Kind.TEXT, "seen": Kind.DATE, "done": Kind.BOOLEAN,
}  # fmt: skip
VALUES = {
    "age": st.integers(-9, 99).map(str),
    "weight": st.sampled_from(["0.5", "-2", "70"]),
    "Ward name": st.text('abc "\\', min_size=1, max_size=6).map(str.strip).filter(bool),
    "seen": st.dates().map(str),
    "done": st.sampled_from(["true", "false"]),
}


@st.composite
def conditions(draw):
    column = draw(st.sampled_from(sorted(KINDS)))
    usual = [name for name in OPERATORS if name not in ("sum", "formula", "begins", "true", "false")]
    operator = draw(st.sampled_from(usual))
    if operator in WITHOUT_VALUE:
        return Condition(column, operator)
    return Condition(column, operator, draw(VALUES[column]))


@given(st.lists(conditions(), min_size=1, max_size=4))
def test_rows_become_an_expression_and_come_back(rows):
    text = to_text(rows, KINDS, "numerator")
    again = from_text(text)
    assert parse(to_text(again, KINDS, "numerator")) == parse(text)


@pytest.mark.parametrize("name", names())
def test_every_shipped_card_comes_back_from_rows(name):
    here = shelf(name)
    for card in here.cards:
        kinds = kinds_of_table(here.table(card.table))
        for part in ("where", "denominator", "exclusion", "exception", "numerator"):
            text = getattr(card, part)
            again = to_text(from_text(text), kinds, part)
            assert quantity(again, part) == quantity(text, part), (card.id, part)


def test_or_and_sums_become_formulas_and_brackets_keep_their_meaning():
    assert from_text("a or b") == (Condition("", "formula", "a or b"),)
    assert from_text("sum(a + b)") == (Condition("", "formula", "sum(a + b)"),)
    rows = [Condition("age", "above", "3"), Condition("", "formula", "done or age > 9")]
    assert to_text(rows, KINDS, "numerator") == "age > 3 and (done or age > 9)"


@pytest.mark.parametrize(
    "row",
    [
        Condition("age", "is", "old"),
        Condition("seen", "is", "May"),
        Condition("age", "is", ""),
        Condition("nothing", "is", "1"),
    ],
)
def test_a_row_that_says_nothing_is_refused(row):
    with pytest.raises(MeasureError, match="AT-M-012"):
        to_text([row], KINDS, "numerator")
    with pytest.raises(MeasureError, match="a sum stands alone"):
        to_text([Condition("age", "sum"), Condition("done", "true")], KINDS, "numerator")
