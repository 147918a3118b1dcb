"""Random expressions, cards and rows over one table, for the tests that compare engines."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from allteach.intake.expression import Kind
from allteach.intake.expression import tree as t
from allteach.measures.card import Card, Element, MeasureKind, MissingPolicy, Once, Split
from allteach.units import Grain

KINDS = {
    "site": Kind.TEXT,
    "day": Kind.DATE,
    "first": Kind.DATE,
    "last": Kind.DATE,
    "patient": Kind.TEXT,
    "group": Kind.TEXT,
    "flag": Kind.BOOLEAN,
    "count": Kind.INTEGER,
    "other": Kind.INTEGER,
    "weight": Kind.NUMBER,
}
DAYS = st.dates(date(2023, 11, 20), date(2024, 4, 10))
# Eighths are exact in binary, so that sums do not depend on their order.
NUMBERS = st.integers(-400, 400).map(lambda n: n / 8)
TEXTS = st.sampled_from(["a", "b", "ab", "it's", "Æ"])


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values, values, values)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "site": maybe(st.sampled_from(["A", "B"])),
            "day": maybe(DAYS),
            "first": maybe(DAYS),
            "last": maybe(DAYS),
            "patient": maybe(st.sampled_from(["p", "q", "r"])),
            "group": maybe(TEXTS),
            "flag": maybe(st.booleans()),
            "count": maybe(st.integers(-3, 30)),
            "other": maybe(st.integers(0, 3)),
            "weight": maybe(NUMBERS),
        }
    ),
    min_size=1,
    max_size=25,
)


def _leaf(kind: Kind) -> st.SearchStrategy[t.Node]:
    columns = st.sampled_from([t.Column(name) for name, k in KINDS.items() if k is kind])
    constants = {
        Kind.INTEGER: st.integers(-5, 5),
        Kind.NUMBER: NUMBERS,
        Kind.TEXT: TEXTS,
        Kind.DATE: DAYS,
        Kind.BOOLEAN: st.booleans(),
    }[kind]
    return st.one_of(columns, columns, constants.map(t.Literal))


def nodes(kind: Kind, depth: int = 3) -> st.SearchStrategy[t.Node]:
    """Return expressions that give this kind."""
    if depth == 0:
        return _leaf(kind)
    below = depth - 1
    either = st.sampled_from([Kind.INTEGER, Kind.NUMBER])
    number = either.flatmap(lambda k: nodes(k, below))
    same = nodes(kind, below)
    shared = [
        _leaf(kind),
        st.tuples(same, same).map(t.Coalesce),
        st.builds(t.Choose, nodes(Kind.BOOLEAN, below), same, same),
    ]
    if kind is Kind.BOOLEAN:
        texts, dates = nodes(Kind.TEXT, 0), nodes(Kind.DATE, below)
        return st.one_of(
            *shared,
            same.map(t.Not),
            st.lists(same, min_size=2, max_size=3).map(lambda parts: t.And(tuple(parts))),
            st.lists(same, min_size=2, max_size=3).map(lambda parts: t.Or(tuple(parts))),
            st.builds(t.Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), number, number),
            st.builds(t.Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), dates, dates),
            st.builds(t.Compare, st.sampled_from(["=", "!="]), texts, texts),
            st.builds(t.In, texts, st.lists(TEXTS.map(t.Literal), min_size=1, max_size=3).map(tuple)),
            st.builds(t.In, nodes(Kind.INTEGER, 0), st.lists(st.integers(-2, 2).map(t.Literal), min_size=1).map(tuple)),
            st.builds(t.Missing, number),
            st.builds(t.StartsWith, texts, st.sampled_from(["a", "Æ"]).map(t.Literal)),
        )
    if kind is Kind.INTEGER:
        dates = nodes(Kind.DATE, 0)
        return st.one_of(
            *shared,
            st.builds(t.Arithmetic, st.sampled_from("+-*"), same, same),
            same.map(t.Negate),
            same.map(t.Absolute),
            st.builds(t.DaysBetween, dates, dates),
            st.builds(t.DatePart, st.sampled_from(["year", "month", "day"]), dates),
            nodes(Kind.NUMBER, 0).map(t.Floor),
        )
    if kind is Kind.NUMBER:
        return st.one_of(
            *shared,
            st.builds(t.Arithmetic, st.sampled_from("+-*"), same, number),
            st.builds(t.Divide, number, number),
            same.map(t.Negate),
            same.map(t.Absolute),
            nodes(Kind.INTEGER, 0).map(t.Exponential),
            number.map(t.Logarithm),
        )
    return st.one_of(*shared)


def write(node: t.Node) -> str:
    """Return the text of an expression, fully bracketed."""
    match node:
        case t.Column(name):
            return f"[{name}]"
        case t.Literal(value):
            return _constant(value)
        case t.Not(of):
            return f"(not {write(of)})"
        case t.And(parts):
            return "(" + " and ".join(write(part) for part in parts) + ")"
        case t.Or(parts):
            return "(" + " or ".join(write(part) for part in parts) + ")"
        case t.Compare(sign, left, right) | t.Arithmetic(sign, left, right):
            return f"({write(left)} {sign} {write(right)})"
        case t.Divide(left, right):
            return f"({write(left)} / {write(right)})"
        case t.In(of, values):
            return f"({write(of)} in ({', '.join(_constant(value.value) for value in values)}))"
        case t.Missing(of):
            return f"({write(of)} is missing)"
        case t.Negate(of):
            return f"(-{write(of)})"
        case t.Choose(condition, yes, no):
            return f"if({write(condition)}, {write(yes)}, {write(no)})"
        case t.DatePart(part, of):
            return f"{part}({write(of)})"
        case t.StartsWith(of, prefix):
            return f"starts_with({write(of)}, {_constant(prefix.value)})"
        case _:
            names = {
                t.Absolute: "abs", t.Exponential: "exp", t.Logarithm: "ln", t.Floor: "floor", t.Coalesce: "coalesce",
                t.DaysBetween: "days_between",
            }  # fmt: skip
            return f"{names[type(node)]}({', '.join(write(child) for child in t.children(node))})"


def _constant(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f'date "{value.isoformat()}"'
    if isinstance(value, str):
        return '"' + value + '"'
    return repr(value)


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Return a random card over the table."""

    def text(kind: Kind, depth: int = 2, empty: bool = True) -> str:
        if empty and draw(st.booleans()):
            return ""
        return write(draw(nodes(kind, depth)))

    kind = draw(st.sampled_from(list(MeasureKind)))
    said: dict[str, Any] = {"where": text(Kind.BOOLEAN, 1), "exclusion": text(Kind.BOOLEAN, 1)}
    said["missing"] = draw(st.sampled_from(list(MissingPolicy)))
    said["grain"] = draw(st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR]))
    number = draw(st.sampled_from([Kind.INTEGER, Kind.NUMBER]))
    summed = draw(st.booleans())
    if kind in (MeasureKind.TIME_BETWEEN, MeasureKind.CASES_BETWEEN):
        said |= {"grain": Grain.EVENT, "numerator": text(Kind.BOOLEAN, empty=False), "denominator": text(Kind.BOOLEAN)}
    elif kind in (MeasureKind.MEAN, MeasureKind.DURATION, MeasureKind.MEDIAN):
        said |= {"value": text(number, empty=False), "denominator": text(Kind.BOOLEAN)}
        said |= {"bins": (-1.0, 0.5, 3.0)} if kind is MeasureKind.MEDIAN else {}
    elif kind is MeasureKind.BUNDLE:
        said["denominator"] = text(Kind.BOOLEAN)
        said["elements"] = tuple(
            Element(f"e{at}", text(Kind.BOOLEAN, empty=False), f"Element {at}", text(Kind.BOOLEAN))
            for at in range(draw(st.integers(1, 3)))
        )
    elif kind is MeasureKind.RATE and draw(st.booleans()):
        said["split"] = Split("first", "last", draw(st.sampled_from(["days", "nights"])))
        said["numerator"] = f"sum({write(draw(nodes(number, 1)))})" if summed else text(Kind.BOOLEAN, empty=False)
    elif kind in (MeasureKind.RATE, MeasureKind.COUNT):
        said["numerator"] = f"sum({write(draw(nodes(number, 1)))})" if summed else text(Kind.BOOLEAN, empty=False)
        said["denominator"] = (
            f"sum({write(draw(nodes(number, 1)))})" if kind is MeasureKind.RATE else text(Kind.BOOLEAN)
        )
    elif kind is MeasureKind.PROPORTION and summed:
        said |= {name: f"sum({write(draw(nodes(number, 1)))})" for name in ("numerator", "denominator")}
    else:
        said |= {"numerator": text(Kind.BOOLEAN, empty=False), "denominator": text(Kind.BOOLEAN)}
        if kind is MeasureKind.OBSERVED_EXPECTED:
            said["expected"] = write(draw(nodes(Kind.NUMBER, 1)))
        else:
            said["exception"] = text(Kind.BOOLEAN)
            take = draw(st.sampled_from(["", "first", "last", "any", "every"]))
            said["once"] = Once("patient", take) if take else None
    return Card("random", "Random", kind, "random", "site", "day", strata=("group", "flag"), **said)
