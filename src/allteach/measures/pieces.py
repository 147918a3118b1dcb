"""Small SQLGlot trees that programs are put together from."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from allteach.intake.expression import Kind
from allteach.intake.expression.sql import constant

COLUMNS = ("site", "period", "order", "stratum", "part", "numerator", "denominator", "n", "total", "total_sq")
_ZERO, _ONE = constant(0), constant(1)


def not_null(of: exp.Expr) -> exp.Expr:
    """Return the condition that something is known."""
    return exp.Not(this=exp.paren(exp.Is(this=of.copy(), expression=exp.null())))


def negated(of: exp.Expr) -> exp.Expr:
    """Return the opposite of a condition, in brackets so that it binds as it reads."""
    return exp.Not(this=exp.paren(of.copy()))


def flag(of: exp.Expr) -> exp.Expr:
    """Return 1 where a condition is true and 0 elsewhere."""
    return exp.Case().when(of.copy(), _ONE.copy()).else_(_ZERO.copy())


def total(of: exp.Expr, kind: Kind) -> exp.Expr:
    """Return a sum with its type spelt out; integers stay integers."""
    typed = "BIGINT" if kind is Kind.INTEGER else "DOUBLE"
    return exp.cast(exp.Sum(this=exp.cast(of, typed)), typed)


def as_result(of: exp.Expr, name: str) -> exp.Expr:
    """Return a result column with the type it has on every engine."""
    if name in ("numerator", "denominator", "total", "total_sq"):
        return exp.cast(of, "DOUBLE")
    return of


def union(parts: Sequence[exp.Query]) -> exp.Query:
    """Return all rows of several statements."""
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    return whole
