"""Works out what kind of value an expression gives, and refuses what has no fixed meaning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from allteach.errors import IntakeError
from allteach.intake.expression import tree as t
from allteach.intake.expression.tree import Kind

NUMERIC = (Kind.INTEGER, Kind.NUMBER)
BIGGEST_WHOLE = 2**53


def kind_of(node: t.Node, kinds: Mapping[str, Kind]) -> Kind:
    """Return what the expression gives when the columns are of these kinds.

    Raises:
        IntakeError: ``AT-I-081`` for a column that the table does not have, ``AT-I-082`` when kinds do not fit.

    Example:
        >>> from allteach.intake.expression.parse import parse
        >>> kind_of(parse("breaches / attendances"), {"breaches": Kind.INTEGER, "attendances": Kind.INTEGER})
        <Kind.NUMBER: 'number'>
    """
    match node:
        case t.Column(name):
            if name not in kinds:
                raise IntakeError(
                    "AT-I-081", f'The table has no column "{name}".', do=f"Use one of: {', '.join(sorted(kinds))}."
                )
            return kinds[name]
        case t.Literal(value):
            return _constant(value)
        case t.Not(of):
            return _need(of, kinds, (Kind.BOOLEAN,), "not")
        case t.And(parts) | t.Or(parts):
            for part in parts:
                _need(part, kinds, (Kind.BOOLEAN,), "and, or")
            return Kind.BOOLEAN
        case t.Compare(sign, left, right):
            return _comparison(sign, kind_of(left, kinds), kind_of(right, kinds))
        case t.In(of, values):
            for listed in values:
                _comparison("=", kind_of(of, kinds), kind_of(listed, kinds))
            return Kind.BOOLEAN
        case t.Missing(of):
            kind_of(of, kinds)
            return Kind.BOOLEAN
        case t.Arithmetic(_, left, right):
            both = {_need(left, kinds, NUMERIC, "+, -, *"), _need(right, kinds, NUMERIC, "+, -, *")}
            return Kind.NUMBER if Kind.NUMBER in both else Kind.INTEGER
        case t.Divide(left, right):
            _need(left, kinds, NUMERIC, "/")
            _need(right, kinds, NUMERIC, "/")
            return Kind.NUMBER
        case _:
            return _function(node, kinds)


def _function(node: t.Node, kinds: Mapping[str, Kind]) -> Kind:
    match node:
        case t.Negate(of) | t.Absolute(of):
            return _need(of, kinds, NUMERIC, "- and abs")
        case t.Exponential(of) | t.Logarithm(of):
            _need(of, kinds, NUMERIC, "exp and ln")
            return Kind.NUMBER
        case t.Floor(of):
            _need(of, kinds, NUMERIC, "floor")
            return Kind.INTEGER
        case t.Coalesce(parts):
            return _same([kind_of(part, kinds) for part in parts], "coalesce")
        case t.Choose(condition, yes, no):
            _need(condition, kinds, (Kind.BOOLEAN,), "the first value of if")
            return _same([kind_of(yes, kinds), kind_of(no, kinds)], "if")
        case t.DaysBetween(first, second):
            _need(first, kinds, (Kind.DATE,), "days_between")
            _need(second, kinds, (Kind.DATE,), "days_between")
            return Kind.INTEGER
        case t.DatePart(part, of):
            _need(of, kinds, (Kind.DATE,), part)
            return Kind.INTEGER
        case t.StartsWith(of, _):
            _need(of, kinds, (Kind.TEXT,), "starts_with")
            return Kind.BOOLEAN
    raise AssertionError(node)


def _constant(value: object) -> Kind:
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int):
        if abs(value) > BIGGEST_WHOLE:
            raise IntakeError("AT-I-082", "A whole number in an expression is too large to be exact everywhere.")
        return Kind.INTEGER
    return Kind.NUMBER if isinstance(value, float) else Kind.DATE if isinstance(value, date) else Kind.TEXT


def _need(node: t.Node, kinds: Mapping[str, Kind], allowed: tuple[Kind, ...], where: str) -> Kind:
    kind = kind_of(node, kinds)
    if kind not in allowed:
        raise IntakeError("AT-I-082", f"{where} cannot take a {kind}.", expected=f"It takes a {' or '.join(allowed)}.")
    return kind


def _comparison(sign: str, left: Kind, right: Kind) -> Kind:
    if left is not right and not (left in NUMERIC and right in NUMERIC):
        raise IntakeError(
            "AT-I-082",
            f"A {left} cannot be compared with a {right}.",
            do='Texts and codes are written in quotes, dates as date "2024-03-01".',
        )
    if sign not in ("=", "!=") and left in (Kind.TEXT, Kind.BOOLEAN):
        raise IntakeError("AT-I-082", f'"{sign}" has no fixed meaning for a {left}.', expected="Use = , != or in.")
    return Kind.BOOLEAN


def _same(found: list[Kind], where: str) -> Kind:
    if all(kind in NUMERIC for kind in found):
        return Kind.NUMBER if Kind.NUMBER in found else Kind.INTEGER
    if len(set(found)) > 1:
        raise IntakeError("AT-I-082", f"{where} mixes {' and '.join(sorted(set(found)))}.")
    return found[0]
