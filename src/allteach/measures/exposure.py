"""Compiles days at risk that are given by a first and a last day and split over the periods they fall in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from sqlglot import exp

from allteach.intake.expression.sql import constant
from allteach.measures.card import quantity
from allteach.measures.pieces import flag, not_null, union
from allteach.units import Period

if TYPE_CHECKING:
    from allteach.measures.program import Program


def split_rows(program: Program, base: list[exp.Expr]) -> exp.Select:
    """Return one row for each event and one for each interval and period it reaches into."""
    card = program.card
    assert card.split is not None
    top = quantity(card.numerator, "numerator")
    assert top is not None
    site = program.column(card.site)
    labels = program.labels()
    first = exp.cast(program.column(card.split.start), "DATE")
    last: exp.Expr = exp.cast(program.column(card.split.end), "DATE")
    begins = exp.column("first_day", table="periods")
    ends = exp.column("last_day", table="periods")
    begun = exp.Case().when(exp.GT(this=begins, expression=first), begins.copy()).else_(first.copy())
    ended = exp.Case().when(exp.LT(this=ends, expression=last), ends.copy()).else_(last.copy())
    days = program.printer.days(begun, ended)
    inside = exp.LTE(this=last.copy(), expression=ends.copy())
    extra: exp.Expr = constant(1)
    if card.split.count == "nights":
        extra = exp.Sub(this=extra, expression=flag(inside))
    days = exp.Add(this=days, expression=exp.paren(extra))
    meets = [
        exp.LTE(this=first.copy(), expression=ends.copy()),
        exp.GTE(this=last.copy(), expression=begins.copy()),
        exp.LTE(this=first.copy(), expression=last.copy()),
    ]
    conditions = [c.copy() for c in base if c != not_null(program.column(card.date))]
    exposed = exp.select(
        exp.alias_(site, "site"),
        exp.alias_(begins.copy(), "period"),
        *(label.copy() for label in labels),
        exp.alias_(days, "den"),
        exp.alias_(constant(0), "num"),
    ).from_(exp.to_table(program.table))
    exposed = exposed.join(period_rows(program.periods), join_type="cross").where(*conditions, *meets)
    counted = program.printer.tree(top.node) if top.summed else flag(program.sure(top.node))
    seen = [*(c.copy() for c in base), not_null(program.column(card.date))]
    seen.append(not_null(counted) if top.summed else program.sure(top.node))
    events = (
        exp.select(
            exp.alias_(site.copy(), "site"),
            exp.alias_(program.period(), "period"),
            *(label.copy() for label in labels),
            exp.alias_(constant(0), "den"),
            exp.alias_(counted, "num"),
        )
        .from_(exp.to_table(program.table))
        .where(*seen)
    )
    return exp.select("*").from_(exp.union(exposed, events, distinct=False).subquery("both_kinds"))


def period_rows(periods: Sequence[Period]) -> exp.Expr:
    """Return the periods as a small table of first and last days."""
    # Nothing at risk: one period that no interval reaches.
    days = [(period.start, period.end) for period in periods] or [(date(1, 1, 1), date(1, 1, 1))]
    rows: list[exp.Query] = [
        exp.select(exp.alias_(constant(first), "first_day"), exp.alias_(constant(last), "last_day"))
        for first, last in days
    ]
    return union(rows).subquery("periods")
