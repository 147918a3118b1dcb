"""Compiles measures of time or cases between events: sequences, one result row for each event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from allteach.intake.expression.sql import constant
from allteach.measures.card import MeasureKind
from allteach.measures.pieces import COLUMNS, as_result, flag, negated, union

if TYPE_CHECKING:
    from allteach.measures.program import Program


def sequence_tree(program: Program) -> exp.Expr:
    """Return the statement for a measure of the time or the number of cases between events."""
    return union([_stream(program, name) for name in ("", *program.strata)])


def _stream(program: Program, stratum: str) -> exp.Select:
    """Return one row an event: days, or cases without the event, since the one before at the same site and stratum."""
    cases = program.card.kind is MeasureKind.CASES_BETWEEN
    before = exp.Window(
        this=exp.Lag(this=exp.column("place" if cases else "day")),
        partition_by=[exp.column("site"), exp.column("stratum")],
        order=exp.Order(expressions=[exp.Ordered(this=exp.column("place"), nulls_first=False)]),
    )
    same_day = _window(exp.RowNumber(), ["site", "stratum", "day"], ["place"])
    events = exp.select("*", exp.alias_(before, "before"), exp.alias_(exp.cast(same_day, "BIGINT"), "nth")).from_(
        _events(program, stratum).subquery("happened")
    )
    gap = program.printer.days(exp.column("before"), exp.column("day"))
    if cases:
        gap = exp.Sub(this=exp.Sub(this=exp.column("place"), expression=exp.column("before")), expression=constant(1))
    nothing = exp.cast(exp.null(), "DOUBLE")
    columns = {
        "site": exp.column("site"),
        "period": exp.column("day"),
        "order": exp.Sub(this=exp.column("nth"), expression=constant(1)),
        "stratum": exp.column("stratum"),
        "part": constant(""),
        "numerator": gap,
        "denominator": nothing,
        "n": constant(1),
        "total": gap.copy(),
        "total_sq": nothing.copy(),
    }
    chosen = [exp.alias_(as_result(columns[name], name), name, quoted=True) for name in COLUMNS]
    return exp.select(*chosen).from_(events.subquery("events"))


def _events(program: Program, stratum: str) -> exp.Select:
    """Return the events, each with its place among all cases of its site and stratum."""
    card = program.card
    base = program.looked_at()
    if exclusion := program.holds(card.exclusion, "exclusion"):
        base.append(negated(exclusion))
    if chosen := program.holds(card.denominator, "denominator"):
        base.append(chosen)
    event = program.holds(card.numerator, "numerator")
    assert event is not None
    columns = (
        exp.alias_(program.column(card.site), "site"),
        exp.alias_(exp.cast(program.column(card.date), "DATE"), "day"),
        exp.alias_(program.stratum(stratum), "stratum"),
        exp.alias_(flag(event), "event"),
    )
    rows = exp.select(*columns).from_(exp.to_table(program.table)).where(*base)
    # Cases of the day of an event are taken to come before it: the file does not say the hour.
    place = _window(exp.RowNumber(), ["site", "stratum"], ["day", "event"])
    numbered = exp.select("*", exp.alias_(exp.cast(place, "BIGINT"), "place")).from_(rows.subquery("looked_at"))
    return exp.select("*").from_(numbered.subquery("numbered")).where("event = 1")


def _window(of: exp.Expr, partition: list[str], order: list[str]) -> exp.Window:
    return exp.Window(
        this=of,
        partition_by=[exp.column(name) for name in partition],
        order=exp.Order(expressions=[exp.Ordered(this=exp.column(name), nulls_first=False) for name in order]),
    )
