"""Rows that were typed into a form rather than sent as a file, as the check of files wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from allteach.intake.contract import Field, FieldType
from allteach.intake.dates import STYLES
from allteach.intake.raw import RawTable


def of_rows(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> RawTable:
    """Return typed rows as the texts of a file with a header.

    Args:
        columns: Column names, in the file's order.
        rows: Column -> text; what is left out is empty.

    Example:
        >>> of_rows(["site", "falls"], [{"site": "A"}]).table.to_pydict()
        {'site': ['A'], 'falls': ['']}
    """
    table = pa.table({name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in columns})
    return RawTable("form", tuple(columns), table, np.arange(2, len(rows) + 2))


def typed(field: Field, text: str) -> Any:
    """Return what a text stands for, for rules; None where it cannot be read, which the check will say.

    Example:
        >>> typed(Field("kg", FieldType.NUMBER, decimal=","), "3,5"), typed(Field("n", FieldType.INTEGER), "many")
        (3.5, None)
    """
    if not text:
        return None
    try:
        match field.type:
            case FieldType.INTEGER:
                return int(text)
            case FieldType.NUMBER:
                return float(text.replace(field.decimal, "."))
            case FieldType.DATE:
                return _day(field, text)
            case FieldType.BOOLEAN:
                return {"yes": True, "no": False}.get(text)
            case FieldType.DAY_NUMBER:
                return None
    except ValueError:
        return None
    return text


def _day(field: Field, text: str) -> date:
    for name in field.formats:
        if code := STYLES[name].code:
            try:
                return datetime.strptime(text, code).date()
            except ValueError:
                continue
    return date.fromisoformat(text)
