"""The nodes that an expression may consist of. Nothing else can be written, so nothing else can run.

Nulls follow three-valued logic: any calculation or comparison with a missing value is missing; `and`, `or` and `not`
treat missing as "not known"; only `is missing`, `coalesce` and `if` turn a missing value into something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What an expression gives."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: int | float | str | bool | date


@dataclass(frozen=True, slots=True)
class Not:
    """True where `of` is false."""

    of: Node


@dataclass(frozen=True, slots=True)
class And:
    """True where all parts are true; false where any is false."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where any part is true; false where all are false."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=`` of two values of one kind."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In:
    """True where `of` equals one of the listed constants."""

    of: Node
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """True where `of` is missing, false elsewhere; never missing itself."""

    of: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``+``, ``-`` or ``*`` of two numbers: integer where both are."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Divide:
    """A number; missing where the divisor is 0."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negate:
    """The number with its sign turned."""

    of: Node


@dataclass(frozen=True, slots=True)
class Absolute:
    """The number without its sign."""

    of: Node


@dataclass(frozen=True, slots=True)
class Exponential:
    """e to the power of a number; missing above 700, where it would not fit."""

    of: Node


@dataclass(frozen=True, slots=True)
class Logarithm:
    """The natural logarithm; missing at 0 and below."""

    of: Node


@dataclass(frozen=True, slots=True)
class Floor:
    """The largest integer that is not above the number."""

    of: Node


@dataclass(frozen=True, slots=True)
class Coalesce:
    """The first part that is not missing."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """`yes` where the condition is true, `no` where it is false or missing."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class DaysBetween:
    """Days from the first date to the second; negative when the second is earlier."""

    first: Node
    second: Node


@dataclass(frozen=True, slots=True)
class DatePart:
    """``year``, ``month`` or ``day`` of a date, as an integer."""

    part: str
    of: Node


@dataclass(frozen=True, slots=True)
class StartsWith:
    """True where a text begins with the constant (codes of one family)."""

    of: Node
    prefix: Literal


Node = (
    Column
    | Literal
    | Not
    | And
    | Or
    | Compare
    | In
    | Missing
    | Arithmetic
    | Divide
    | Negate
    | Absolute
    | Exponential
    | Logarithm
    | Floor
    | Coalesce
    | Choose
    | DaysBetween
    | DatePart
    | StartsWith
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below."""
    match node:
        case Column() | Literal():
            return ()
        case And(parts) | Or(parts) | Coalesce(parts):
            return parts
        case Compare(_, left, right) | Arithmetic(_, left, right) | Divide(left, right):
            return (left, right)
        case Choose(condition, yes, no):
            return (condition, yes, no)
        case DaysBetween(first, second):
            return (first, second)
        case In(of, values):
            return (of, *values)
        case _:
            return (node.of,)


def columns(node: Node) -> frozenset[str]:
    """Return the names of all columns that the expression reads.

    Example:
        >>> sorted(columns(Compare("<", Column("age"), Column("limit"))))
        ['age', 'limit']
    """
    if isinstance(node, Column):
        return frozenset({node.name})
    return frozenset().union(*(columns(child) for child in children(node)))
