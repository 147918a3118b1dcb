"""Columns and rules: the parts that a data dictionary is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from allteach.intake.expression import Kind, Node, parse
from allteach.intake.findings import Severity


class FieldType(StrEnum):
    """What a column holds. A day number counts days from the field's origin and is stored as a date."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    CODE = "code"
    BOOLEAN = "boolean"
    DAY_NUMBER = "day_number"


class Role(StrEnum):
    """What a column is for. At most one each of site, period, date and day number."""

    SITE = "site"
    DATE = "date"
    PERIOD = "period"
    DAY_NUMBER = "day_number"
    STRATUM = "stratum"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    VALUE = "value"
    EVENT = "event"
    RECORD = "record"
    START = "start"
    END = "end"
    OTHER = "other"


class Privacy(StrEnum):
    """How close a column comes to a person."""

    OPEN = "open"
    LIMITED = "limited"
    DIRECT = "direct"


KINDS: Mapping[FieldType, Kind] = {
    FieldType.TEXT: Kind.TEXT,
    FieldType.INTEGER: Kind.INTEGER,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.DATE: Kind.DATE,
    FieldType.CODE: Kind.TEXT,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.DAY_NUMBER: Kind.DATE,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Args:
        name: As in the file's header.
        type: What it holds.
        title: Words for people; the name when empty.
        description: What exactly is meant, and when.
        role: What it is for.
        required: Whether every row needs a value.
        codes: Allowed codes and their meaning; only for codes.
        minimum: Smallest allowed value of a number.
        maximum: Largest allowed value of a number.
        unit: Unit of a number, such as ``days``.
        privacy: ``open``, ``limited`` (dates, towns, ages) or ``direct`` (names, record numbers).
        formats: Date styles that are accepted; empty lets the file decide where there is no doubt.
        origin: Day 0 of a day number.
        decimal: ``.`` or ``,``.
        thousands: Sign between thousands: ``,``, ``.`` or a space; empty for none.
        at_most: Name of a column that this one may not exceed (numerator within denominator).
        event: Of a column with the role `event`: the codes that count.
        missing: Texts that mean "not known" in this column, besides an empty cell and those of the table.
        future: Whether dates after the day of sending are allowed.
        example: A made-up value for the template.
        was: Names that the column had in earlier versions; older files and rows are read under them.
    """

    name: str
    type: FieldType = FieldType.TEXT
    title: str = ""
    description: str = ""
    role: Role = Role.OTHER
    required: bool = False
    codes: tuple[tuple[str, str], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    privacy: Privacy = Privacy.OPEN
    formats: tuple[str, ...] = ()
    origin: date | None = None
    decimal: str = "."
    thousands: str = ""
    at_most: str = ""
    event: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    future: bool = False
    example: str = ""
    was: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Words for people."""
        return self.title or self.name

    @property
    def kind(self) -> Kind:
        """What an expression sees."""
        return KINDS[self.type]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over several columns: the condition may not be false. Missing values do not break it.

    Args:
        id: Short name, unique in the table.
        must: The condition, such as ``discharged >= admitted``.
        message: One sentence that says what has to hold.
        fix: One sentence that says what to do.
        column: The column that the finding points at.
        severity: ``hold`` or ``warn``.
    """

    id: str
    must: str
    message: str
    fix: str = "Correct the row and send it again."
    column: str = ""
    severity: Severity = Severity.HOLD

    @property
    def condition(self) -> Node:
        """The condition as a tree."""
        return parse(self.must)
