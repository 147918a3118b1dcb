"""Checks of single rows, as DuckDB SQL: which rows could fail, and which do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from allteach.intake.contract import Field, FieldType, Role, TableDictionary
from allteach.intake.expression import Kind, columns
from allteach.intake.values import literal, quoted

UNREAD = "unread: "


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the whole network before rows are looked at.

    Args:
        present: Columns that the stored files have.
        fences: Column of numbers -> lowest and highest number that is not far out.
    """

    present: frozenset[str]
    fences: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Test:
    """One check resolved to one column.

    Args:
        check: Its short name.
        column: The column, or the name of the rule; empty for the whole row.
        applicable: SQL aggregate: how many rows could fail.
        failed: SQL aggregate: how many do.
    """

    __test__ = False  # not a test of pytest
    check: str
    column: str
    applicable: str
    failed: str


def resolve(table: TableDictionary, known: Known) -> list[Test]:
    """Return the checks of rows that this dictionary calls for, in the order of the dictionary."""
    fields = [field for field in table.fields if field.name in known.present]
    tests = [test for field in fields for make in _OF_A_FIELD for test in make(field, table, known)]
    return tests + [test for make in _OF_A_TABLE for test in make(table, known)]


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def _test(check: str, column: str, there: str, wrong: str) -> Test:
    return Test(check, column, _count(there), _count(f"({there}) AND ({wrong})"))


def _there(name: str) -> str:
    return f"{quoted(name)} IS NOT NULL"


def _readable(field: Field, table: TableDictionary, known: Known) -> Iterator[Test]:
    unread = quoted(UNREAD + field.name)
    yield _test("readable", field.name, f"{_there(field.name)} OR {unread}", unread)


def _listed_code(field: Field, table: TableDictionary, known: Known) -> Iterator[Test]:
    if field.type is FieldType.CODE:
        listed = ", ".join(literal(code) for code, _ in field.codes)
        yield _test("listed-code", field.name, _there(field.name), f"{quoted(field.name)} NOT IN ({listed})")


def _within_range(field: Field, table: TableDictionary, known: Known) -> Iterator[Test]:
    span = [f"{quoted(field.name)} < {field.minimum!r}"] * (field.minimum is not None)
    span += [f"{quoted(field.name)} > {field.maximum!r}"] * (field.maximum is not None)
    if span and field.kind in (Kind.INTEGER, Kind.NUMBER):
        yield _test("within-range", field.name, _there(field.name), " OR ".join(span))


def _filled(field: Field, table: TableDictionary, known: Known) -> Iterator[Test]:
    if field in (table.site, table.time):
        return
    check = "required-filled" if field.required else "optional-filled"
    yield _test(check, field.name, "true", f"{quoted(field.name)} IS NULL AND NOT {quoted(UNREAD + field.name)}")


def _far_out(field: Field, table: TableDictionary, known: Known) -> Iterator[Test]:
    if field.name in known.fences:
        low, high = known.fences[field.name]
        yield _test("far-out", field.name, _there(field.name), f"{quoted(field.name)} NOT BETWEEN {low!r} AND {high!r}")


def _possible_day(field: Field, table: TableDictionary, known: Known) -> Iterator[Test]:
    if field.kind is Kind.DATE:
        wrong = f"{quoted(field.name)} < DATE '1900-01-01'"
        if not field.future:
            wrong += f" OR {quoted(field.name)} > current_date + 1"
        yield _test("possible-day", field.name, _there(field.name), wrong)


def _first_of_month(field: Field, table: TableDictionary, known: Known) -> Iterator[Test]:
    if field.kind is Kind.DATE and field.role is not Role.PERIOD:
        yield _test("first-of-month", field.name, _there(field.name), f"day({quoted(field.name)}) = 1")


def _part_of_whole(field: Field, table: TableDictionary, known: Known) -> Iterator[Test]:
    if field.at_most and field.at_most in known.present:
        both = f"{_there(field.name)} AND {_there(field.at_most)}"
        yield _test("part-of-whole", field.name, both, f"{quoted(field.name)} > {quoted(field.at_most)}")


_OF_A_FIELD: tuple[Callable[[Field, TableDictionary, Known], Iterator[Test]], ...] = (
    _readable, _listed_code, _within_range, _filled, _far_out, _possible_day, _first_of_month, _part_of_whole,
)  # fmt: skip


def _rules_hold(table: TableDictionary, known: Known) -> Iterator[Test]:
    # Here, not above: the printer of SQL takes a while to load.
    from allteach.intake.expression.sql import Printer

    printer = Printer(table.kinds)
    for rule in table.rules:
        used = columns(rule.condition)
        if used <= known.present:
            there = " AND ".join(_there(name) for name in sorted(used)) or "true"
            yield _test("rules-hold", rule.column or ", ".join(sorted(used)), there,
                        f"NOT ({printer.text(rule.condition)})")  # fmt: skip


def _in_order(table: TableDictionary, known: Known) -> Iterator[Test]:
    starts = [f for f in table.with_role(Role.START) if f.name in known.present]
    ends = [f for f in table.with_role(Role.END) if f.name in known.present]
    for start, end in zip(starts, ends, strict=False):
        if start.kind is end.kind:
            both = f"{_there(start.name)} AND {_there(end.name)}"
            yield _test("in-order", end.name, both, f"{quoted(end.name)} < {quoted(start.name)}")


def _one_row_a_key(table: TableDictionary, known: Known) -> Iterator[Test]:
    if table.key and set(table.key) <= known.present:
        names = ", ".join(quoted(name) for name in table.key)
        yield Test("one-row-a-key", "", "count(*)", f"count(*) - count(DISTINCT row({names}))")


def _row_once(table: TableDictionary, known: Known) -> Iterator[Test]:
    rest = [f for f in table.fields if f.name in known.present and f.name not in table.key and f.role is not Role.SITE]
    # Without a measured number two patients of one day can truly look the same.
    if any(field.type is FieldType.NUMBER for field in rest) and table.key:
        names = ", ".join(quoted(field.name) for field in rest)
        yield Test("row-once", "", "count(*)", f"count(*) - count(DISTINCT row({names}))")


_OF_A_TABLE: tuple[Callable[[TableDictionary, Known], Iterator[Test]], ...] = (
    _rules_hold, _in_order, _one_row_a_key, _row_once,
)  # fmt: skip
