"""Runs the test cases that a card carries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from allteach.errors import MeasureError
from allteach.intake.expression import Kind
from allteach.measures.card import Card, Case
from allteach.measures.engine import run
from allteach.measures.reference import compute

_TYPES = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a test case came to.

    Attributes:
        name: What the case shows.
        passed: Whether every expected number was found, by the engine and by the reference.
        differences: One sentence for each that was not.
    """

    name: str
    passed: bool
    differences: tuple[str, ...] = ()


def rows_of(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> pa.Table:
    """Return plain rows as a typed table; columns that a row leaves out are missing.

    Raises:
        MeasureError: ``AT-M-009`` when a value does not fit its column.
    """
    if unknown := sorted({name for row in rows for name in row} - set(kinds)):
        raise MeasureError("AT-M-009", f'A test case uses the column "{unknown[0]}", which the table does not have.')
    columns = {}
    for name, kind in kinds.items():
        try:
            columns[name] = pa.array([_typed(row.get(name), kind) for row in rows], _TYPES[kind])
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError):
            raise MeasureError("AT-M-009", f'A test case has a value that does not fit the column "{name}".') from None
    return pa.table(columns)


def _typed(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind is Kind.TEXT:
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    if kind is Kind.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    if kind is Kind.DATE and isinstance(value, datetime):
        return value.date()
    return float(value) if kind is Kind.NUMBER else value


def run_cases(card: Card, kinds: Mapping[str, Kind]) -> tuple[CaseResult, ...]:
    """Return what each test case of a card came to, by DuckDB and by the reference evaluator.

    Args:
        card: The measure.
        kinds: Column -> kind of its table, as `binding.kinds_of_table` gives them.

    Raises:
        MeasureError: ``AT-M-009`` when a case does not fit the table, or as `engine.run`.
    """
    return tuple(_run_case(card, case, kinds) for case in card.tests)


def _run_case(card: Card, case: Case, kinds: Mapping[str, Kind]) -> CaseResult:
    table = rows_of(case.rows, kinds)
    result = run(card, table, strata=card.strata)
    found = {_key(line): line for line in result.rows.to_pylist() + result.parts.to_pylist()}
    reference = {_key(line): line for line in compute(card, table.to_pylist(), strata=card.strata)}
    differences = []
    for expected in case.expect:
        key = _key(expected)
        line = found.get(key)
        where = " ".join(str(part) for part in key if part not in ("", 0))
        if line is None:
            differences.append(f"{where}: there is no result.")
            continue
        for name in ("numerator", "denominator", "n", "total", "total_sq"):
            if name in expected and not _same(expected[name], line[name]):
                differences.append(f"{where}: {name} is {line[name]}, expected {expected[name]}.")
            if card.kind != "median" and not _same(line[name], reference[key][name]):
                differences.append(f"{where}: engine and reference differ in {name}.")
    if not card.strata and card.kind not in ("bundle", "median") and len(found) != len(case.expect):
        differences.append(f"{len(found)} results, expected {len(case.expect)}.")
    return CaseResult(case.name, not differences, tuple(differences))


def _key(line: Mapping[str, Any]) -> tuple[str, date, int, str, str]:
    period = line["period"]
    day = date.fromisoformat(period) if isinstance(period, str) else period
    return (str(line["site"]), day, int(line.get("order", 0)), str(line.get("stratum", "")), str(line.get("part", "")))


def _same(expected: Any, found: Any) -> bool:
    if expected is None or found is None:
        return expected is found
    return math.isclose(float(expected), float(found), rel_tol=1e-6, abs_tol=1e-9)
