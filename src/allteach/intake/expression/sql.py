"""Prints an expression as a SQLGlot tree, which writes it for one engine. Every cast and bracket is explicit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlglot import exp

from allteach.intake.expression import tree as t
from allteach.intake.expression.kinds import kind_of
from allteach.intake.expression.tree import Kind

ENGINES = ("duckdb", "postgres", "spark")
_SQL_TYPES = {
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.TEXT: "TEXT",
    Kind.DATE: "DATE",
    Kind.BOOLEAN: "BOOLEAN",
}
_COMPARE = {"=": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
_SUMS = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}


class Printer:
    """Turns trees over one table into SQL for one engine.

    Args:
        kinds: The kind of each column.
        engine: ``duckdb``, ``postgres`` or ``spark``; other SQLGlot dialects print but are not run in the tests.
        columns: What stands for a column where it is not simply its name.
    """

    def __init__(
        self, kinds: Mapping[str, Kind], engine: str = "duckdb", columns: Mapping[str, exp.Expr] | None = None
    ) -> None:
        self.kinds, self.engine, self.columns = kinds, engine, columns or {}

    def tree(self, node: t.Node) -> exp.Expr:
        """Return the SQLGlot tree of an expression, always in brackets."""
        match node:
            case t.Column(name):
                return self.columns[name].copy() if name in self.columns else exp.column(name, quoted=True)
            case t.Literal(value):
                return constant(value)
            case t.Not(of):
                return exp.paren(exp.Not(this=self.tree(of)), copy=False)
            case t.And(parts):
                return exp.paren(exp.and_(*(self.tree(part) for part in parts)), copy=False)
            case t.Or(parts):
                return exp.paren(exp.or_(*(self.tree(part) for part in parts)), copy=False)
            case t.Compare(sign, left, right):
                both = self._alike(left, right)
                return exp.paren(_COMPARE[sign](this=both[0], expression=both[1]), copy=False)
            case t.In(of, values):
                shared = self._alike(of, *values)
                return exp.paren(exp.In(this=shared[0], expressions=shared[1:]), copy=False)
            case t.Missing(of):
                return exp.paren(exp.Is(this=self.tree(of), expression=exp.null()), copy=False)
            case t.Arithmetic(sign, left, right):
                both = self._alike(left, right)
                return exp.paren(_SUMS[sign](this=both[0], expression=both[1]), copy=False)
            case t.Coalesce(parts):
                shared = self._alike(*parts)
                return exp.Coalesce(this=shared[0], expressions=shared[1:])
            case t.Choose(condition, yes, no):
                both = self._alike(yes, no)
                return exp.Case().when(self.tree(condition), both[0]).else_(both[1])
            case _:
                return self._function(node)

    def text(self, node: t.Node) -> str:
        """Return the SQL of an expression."""
        return self.tree(node).sql(self.engine)

    def number(self, node: t.Node) -> exp.Expr:
        """Return a numeric expression as a double."""
        return exp.cast(self.tree(node), "DOUBLE", copy=False)

    def _alike(self, *nodes: t.Node) -> list[exp.Expr]:
        found = {kind_of(node, self.kinds) for node in nodes}
        if found == {Kind.INTEGER, Kind.NUMBER}:
            return [self.number(node) for node in nodes]
        return [self.tree(node) for node in nodes]

    def _function(self, node: t.Node) -> exp.Expr:
        match node:
            case t.Divide(left, right):
                divisor = exp.Nullif(this=self.number(right), expression=constant(0.0))
                return exp.paren(exp.Div(this=self.number(left), expression=divisor, typed=True), copy=False)
            case t.Negate(of):
                return exp.paren(exp.Neg(this=exp.paren(self.tree(of), copy=False)), copy=False)
            case t.Absolute(of):
                return exp.Abs(this=self.tree(of))
            case t.Exponential(of):
                small = exp.LTE(this=self.number(of), expression=constant(700.0))
                return exp.Case().when(small, exp.Exp(this=self.number(of)))
            case t.Logarithm(of):
                positive = exp.GT(this=self.number(of), expression=constant(0.0))
                return exp.Case().when(positive, exp.Ln(this=self.number(of)))
            case t.Floor(of):
                return exp.cast(exp.Floor(this=self.number(of)), "BIGINT", copy=False)
            case t.DaysBetween(first, second):
                return self.days(self.tree(first), self.tree(second))
            case t.DatePart(part, of):
                return exp.cast(exp.Extract(this=exp.var(part.upper()), expression=self.tree(of)), "BIGINT", copy=False)
            case t.StartsWith(of, prefix):
                size = exp.Literal.number(len(str(prefix.value)))
                head = exp.Substring(this=self.tree(of), start=exp.Literal.number(1), length=size)
                return exp.paren(exp.EQ(this=head, expression=constant(prefix.value)), copy=False)
        raise AssertionError(node)

    def days(self, first: exp.Expr, second: exp.Expr) -> exp.Expr:
        """Return the days from one date to another."""
        if self.engine == "postgres":
            # Two dates subtract to whole days there; the printer's own rendering goes through time stamps.
            days: exp.Expr = exp.paren(exp.Sub(this=second, expression=first), copy=False)
        else:
            days = exp.DateDiff(this=second, expression=first, unit=exp.var("DAY"))
        return exp.cast(days, "BIGINT", copy=False)


def constant(value: int | float | str | bool | date) -> exp.Expr:
    """Return the SQLGlot tree of a constant with its type spelt out."""
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        return exp.cast(exp.Literal.number(value), "BIGINT", copy=False)
    if isinstance(value, float):
        return exp.cast(exp.Literal.string(repr(value)), "DOUBLE", copy=False)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE", copy=False)
    return exp.Literal.string(value)


def sql_type(kind: Kind) -> str:
    """Return the SQL type that holds values of this kind."""
    return _SQL_TYPES[kind]
