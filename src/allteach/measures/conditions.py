"""Conditions as rows of column, operator and value: what a form shows of an expression, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from allteach.errors import IntakeError, MeasureError
from allteach.intake.expression import Kind, Node, column_text, literal_text, parse
from allteach.intake.expression import tree as t

SIGNS = {"is": "=", "is_not": "!=", "below": "<", "at_most": "<=", "above": ">", "at_least": ">="}
WITHOUT_VALUE = ("missing", "present", "true", "false", "sum")
OPERATORS = (*SIGNS, "one_of", "begins", *WITHOUT_VALUE, "formula")
_WORDS = {sign: word for word, sign in SIGNS.items()}


@dataclass(frozen=True, slots=True)
class Condition:
    """One row of a form.

    Args:
        column: Name of the column; empty for a formula.
        operator: One of `OPERATORS`; ``sum`` adds the column up, ``formula`` takes the value as it is written.
        value: As typed; several after ``one_of`` stand between commas.
    """

    column: str = ""
    operator: str = "is"
    value: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was written."""
        return not self.column and not self.value.strip()


def to_text(rows: Sequence[Condition], kinds: Mapping[str, Kind], where: str) -> str:
    """Return the expression that all these rows make together; empty for none.

    Args:
        rows: The rows; empty ones are left out.
        kinds: Column -> kind.
        where: What they say, for the error.

    Raises:
        MeasureError: ``AT-M-012`` when a row is not complete or its value does not fit its column.

    Example:
        >>> to_text([Condition("age", "below", "18"), Condition("ward", "is", "A")], {"age": Kind.INTEGER,
        ...     "ward": Kind.TEXT}, "numerator")
        'age < 18 and ward = "A"'
    """
    parts = [_part(row, kinds, where) for row in rows if not row.empty]
    if len(parts) > 1:
        if any(row.operator == "sum" for row in rows):
            raise _wrong(where, "a sum stands alone, without other rows")
        parts = [f"({part})" if _needs_brackets(part) else part for part in parts]
    return " and ".join(parts)


def from_text(text: str) -> tuple[Condition, ...]:
    """Return the rows that make this expression; one formula where rows cannot say it.

    Example:
        >>> from_text("sum(falls)")
        (Condition(column='falls', operator='sum', value=''),)
    """
    bare = text.strip()
    if not bare:
        return ()
    whole = Condition("", "formula", bare)
    if bare[:4].casefold() == "sum(" and bare.endswith(")"):
        inner = parse(bare[4:-1])
        return (Condition(inner.name, "sum"),) if isinstance(inner, t.Column) else (whole,)
    node = parse(bare)
    rows = [_row(part) for part in (node.parts if isinstance(node, t.And) else (node,))]
    return tuple(row for row in rows if row is not None) if None not in rows else (whole,)


def _part(row: Condition, kinds: Mapping[str, Kind], where: str) -> str:
    value = row.value.strip()
    if row.operator == "formula" or not row.column:
        return value
    if row.column not in kinds:
        raise _wrong(where, f'the table has no column "{row.column}"')
    name, kind = column_text(row.column), kinds[row.column]
    if row.operator in ("missing", "present"):
        return f"{name} is {row.operator}"
    if row.operator in ("true", "false"):
        return name if row.operator == "true" else f"not {name}"
    if row.operator == "sum":
        return f"sum({name})"
    if not value:
        raise _wrong(where, f'the row of "{row.column}" has no value')
    if row.operator == "one_of":
        listed = ", ".join(_literal(item.strip(), kind, row.column, where) for item in value.split(",") if item.strip())
        return f"{name} in ({listed})"
    if row.operator == "begins":
        return f"starts_with({name}, {literal_text(value)})"
    return f"{name} {SIGNS[row.operator]} {_literal(value, kind, row.column, where)}"


def _literal(value: str, kind: Kind, column: str, where: str) -> str:
    """Return a value as expressions write it."""
    try:
        if kind is Kind.TEXT:
            return literal_text(value)
        if kind is Kind.DATE:
            return f'date "{date.fromisoformat(value).isoformat()}"'
        if kind is Kind.BOOLEAN:
            return {"true": "true", "yes": "true", "false": "false", "no": "false"}[value.casefold()]
        float(value)
        parse(value)
    except (ValueError, KeyError, IntakeError):
        raise _wrong(where, f'the value for "{column}" is not a {kind}') from None
    return value


def _needs_brackets(part: str) -> bool:
    return isinstance(parse(part), t.Or)


def _wrong(where: str, what: str) -> MeasureError:
    return MeasureError(
        "AT-M-012", f"The {where} cannot be made: {what}.", do="Correct the row, or write it as a formula."
    )


def _row(node: Node) -> Condition | None:
    """Return the row that says this node; None where a row cannot."""
    match node:
        case t.Column(name):
            return Condition(name, "true")
        case t.Not(t.Column(name)):
            return Condition(name, "false")
        case t.Missing(t.Column(name)):
            return Condition(name, "missing")
        case t.Not(t.Missing(t.Column(name))):
            return Condition(name, "present")
        case t.StartsWith(t.Column(name), prefix) if _plain(prefix.value):
            return Condition(name, "begins", str(prefix.value))
        case t.In(t.Column(name), values) if all("," not in _shown(v.value) and _plain(v.value) for v in values):
            return Condition(name, "one_of", ", ".join(_shown(v.value) for v in values))
        case t.Compare(sign, t.Column(name), t.Literal(value)) if sign in _WORDS and _plain(value):
            return Condition(name, _WORDS[sign], _shown(value))
        case t.Compare(sign, t.Column(name), t.Negate(t.Literal(value))) if sign in _WORDS:
            return Condition(name, _WORDS[sign], f"-{_shown(value)}")
    return None


def _plain(value: object) -> bool:
    """Return whether a value survives being typed: no spaces at its ends, and something at all."""
    return not isinstance(value, str) or (bool(value) and value == value.strip())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
