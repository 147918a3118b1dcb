"""A condition made of branching logic holds for exactly the rows for which REDCap shows the question."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from allteach.intake.branching import Asked, condition
from allteach.intake.expression import Kind, evaluate, parse

COLUMNS = {
    "sex": Asked(Kind.TEXT, ("1", "2", "10")),
    "age": Asked(Kind.INTEGER),
    "died": Asked(Kind.BOOLEAN),
    "why": Asked(Kind.TEXT),
    "box___3": Asked(Kind.BOOLEAN),
}
WRITTEN = {"sex": "[sex]", "age": "[age]", "died": "[died]", "why": "[why]", "box___3": "[box(3)]"}
VALUES = {
    "sex": ["1", "2", "10"],
    "age": ["0", "7", "18"],
    "died": ["0", "1"],
    "why": ["a", "b"],
    "box___3": ["0", "1"],
}
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge
}  # fmt: skip
Shown = tuple[str, Callable[[dict[str, str]], bool]]


@st.composite
def comparisons(draw: st.DrawFn) -> Shown:
    """One comparison in REDCap's writing, and when REDCap holds it to be true."""
    name = draw(st.sampled_from(list(COLUMNS)))
    signs = ["=", "<>", *(ORDERS if name in ("sex", "age") else ())]
    sign = draw(st.sampled_from(signs))
    value = draw(st.sampled_from([*VALUES[name], ""] if sign in ("=", "<>") else VALUES[name]))
    if name == "sex" and sign in ORDERS and not any(ORDERS[sign](int(code), int(value)) for code in VALUES["sex"]):
        value = "2"  # an order that no code is in is not sayable
    quoted = draw(st.sampled_from([f"'{value}'", f'"{value}"']))

    def shown(row: dict[str, str]) -> bool:
        text = row[name]
        if sign in ("=", "<>"):
            return (text == value) is (sign == "=")
        return text != "" and ORDERS[sign](int(text), int(value))

    return f"{WRITTEN[name]} {sign} {quoted}", shown


def _joined(parts: st.SearchStrategy[Shown]) -> st.SearchStrategy[Shown]:
    def join(pair: tuple[Shown, Shown, bool]) -> Shown:
        (one, first), (two, second), both = pair
        if both:
            return f"({one} and {two})", lambda row: first(row) and second(row)
        return f"({one} or {two})", lambda row: first(row) or second(row)

    return st.tuples(parts, parts, st.booleans()).map(join)


ROWS = st.fixed_dictionaries({name: st.sampled_from([*values, ""]) for name, values in VALUES.items()})


def typed(row: dict[str, str]) -> dict[str, Any]:
    """Return the row as it is stored."""
    out: dict[str, Any] = {}
    for name, text in row.items():
        kind = COLUMNS[name].kind
        value: Any = text == "1" if kind is Kind.BOOLEAN else int(text) if kind is Kind.INTEGER and text else text
        out[name] = value if text else None
    return out


@given(logic=st.recursive(comparisons(), _joined, max_leaves=6), row=ROWS)
def test_the_same_rows(logic: Shown, row: dict[str, str]) -> None:
    text, shown = logic
    said = condition(text, COLUMNS)
    assert said is not None
    assert (evaluate(parse(said), typed(row)) is True) is shown(row)
