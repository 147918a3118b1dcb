"""What is asked of the other side, what comes back, and how values are written as text."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.intake.contract import Field, FieldType, Privacy, TableDictionary
from allteach.intake.dates import STYLES

ISO = "YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of the other side.

    Args:
        table: The table that is to be filled.
        settings: Of the door.
        secret: Token or password.
        site: Code of the door's site; empty for the whole network.
        most: How many rows at most; None for all.
    """

    table: TableDictionary
    settings: Mapping[str, Any]
    secret: str
    site: str = ""
    most: int | None = None

    def said(self, key: str) -> str:
        """Return one setting as text, empty when it is not there."""
        return str(self.settings.get(key) or "").strip()


@dataclass(frozen=True, slots=True)
class Brought:
    """What came back.

    Args:
        columns: Columns of the table, in the order of the cells.
        rows: Cells as text, one row at a time; close it when not all are taken, so that the connection ends.
        unused: Columns that were offered and are not in the table.
        total: How many records there are, where the other side says so.
    """

    columns: tuple[str, ...]
    rows: Generator[tuple[str, ...]]
    unused: tuple[str, ...] = ()
    total: int | None = None


def wanted(table: TableDictionary) -> dict[str, Field]:
    """Return the columns that may leave the other side: all but those that identify persons."""
    return {field.name: field for field in table.fields if field.privacy is not Privacy.DIRECT}


def lacking(order: Order, there: Iterable[str]) -> list[str]:
    """Return columns that every row needs and that are not there; a door of one site knows its site itself."""
    table, there = order.table, set(there)
    found = []
    for field in wanted(table).values():
        needed = field.required or field in (table.site, table.time) or field.name in table.key
        if needed and field.name not in there and not (field is table.site and order.site):
            found.append(field.name)
    return found


def require_columns(order: Order, there: Sequence[str]) -> None:
    """Return when the other side has every column that rows need.

    Raises:
        StateError: ``AT-T-410``.
    """
    if missing := lacking(order, there):
        raise StateError(
            "AT-T-410",
            _("What is on the other side does not fit the table: columns are missing."),
            where=", ".join(missing[:12]),
            expected=_("Columns with the names of the table %(table)s.") % {"table": order.table.title},
            do=_("Choose another table, or name the columns on the other side in the same way."),
        )


def written(value: Any, field: Field) -> str:
    """Return a value as a file of this table would write it.

    Example:
        >>> from datetime import datetime
        >>> written(datetime(2024, 3, 1, 10, 30), Field("day", FieldType.DATE)), written(3.5, Field("x", decimal=","))
        ('2024-03-01', '3,5')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _day(value.date(), field) if field.type is FieldType.DATE else value.isoformat(" ")
    if isinstance(value, date):
        return _day(value, field)
    if isinstance(value, int | float | Decimal):
        return _number(value, field)
    return json.dumps(value, ensure_ascii=False, default=str)


def _day(day: date, field: Field) -> str:
    if not field.formats or ISO in field.formats:
        return day.isoformat()
    style = STYLES[field.formats[0]]
    return day.strftime(style.code) if style.code else f"{day.year}-Q{(day.month + 2) // 3}"


def _number(value: float | Decimal, field: Field) -> str:
    if field.type in (FieldType.INTEGER, FieldType.DAY_NUMBER) and value == int(value):
        return str(int(value))
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text.replace(".", ",") if field.decimal == "," else text
