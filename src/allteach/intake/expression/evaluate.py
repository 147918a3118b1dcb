"""The reference meaning of an expression, in plain Python: what every engine has to agree with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from allteach.intake.expression import tree as t

Value = int | float | str | bool | date | None

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}


def evaluate(node: t.Node, row: Mapping[str, Value]) -> Any:
    """Return the value of the expression for one row; None means missing.

    Example:
        >>> from allteach.intake.expression.parse import parse
        >>> condition = parse("age < 1 or weight < 4.5")
        >>> evaluate(condition, {"age": 3, "weight": None}) is None
        True
    """
    match node:
        case t.Column(name):
            return row[name]
        case t.Literal(value):
            return value
        case t.And(parts):
            return _every([evaluate(part, row) for part in parts])
        case t.Or(parts):
            turned = _every([_turn(evaluate(part, row)) for part in parts])
            return _turn(turned)
        case t.Missing(of):
            return evaluate(of, row) is None
        case t.Coalesce(parts):
            return next((found for part in parts if (found := evaluate(part, row)) is not None), None)
        case t.Choose(condition, yes, no):
            return evaluate(yes if evaluate(condition, row) is True else no, row)
        case t.In(of, values):
            found = evaluate(of, row)
            return None if found is None else found in [value.value for value in values]
        case _:
            below = [evaluate(child, row) for child in t.children(node)]
            return None if any(value is None for value in below) else _apply(node, below)


def _turn(value: bool | None) -> bool | None:
    return None if value is None else not value


def _every(values: list[bool | None]) -> bool | None:
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def _apply(node: t.Node, values: list[Any]) -> Any:
    match node:
        case t.Not():
            return not values[0]
        case t.Compare(sign) | t.Arithmetic(sign):
            return _SIGNS[sign](*values)
        case t.Divide():
            return None if values[1] == 0 else values[0] / values[1]
        case t.Negate():
            return -values[0]
        case t.Absolute():
            return abs(values[0])
        case t.Exponential():
            return math.exp(values[0]) if values[0] <= 700 else None
        case t.Logarithm():
            return math.log(values[0]) if values[0] > 0 else None
        case t.Floor():
            return math.floor(values[0])
        case t.DaysBetween():
            return (values[1] - values[0]).days
        case t.DatePart(part):
            return getattr(values[0], part)
        case t.StartsWith(_, prefix):
            return values[0].startswith(prefix.value)
    raise AssertionError(node)
