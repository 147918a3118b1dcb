"""Data as columns: from arrays, from any data frame, or from a file, without importing the frame's library."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allteach.charts.study.how import Choices
from allteach.errors import ChartError
from allteach.stats.results import Floats
from allteach.stats.series import as_floats

_PARTS = ("site", "date", "numerator", "denominator", "value")


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of the data by what they are for; each array has one entry a row.

    Attributes:
        site: Name of the site, or None.
        day: Day of each row, or None.
        numerator, denominator, value: Numbers, or None.
        names: Part -> the column's name, where it has one.
        title: What the data are called, such as the file's name.
        left_out: Rows that could not be used.
        findings: Why, one line each.
        grain: Length of a period where the data say it.
        percent: True where the values were written in per cent; they are proportions here.
        exposure: True where the denominator is time or another exposure rather than cases.
    """

    site: NDArray[np.str_] | None
    day: NDArray[np.datetime64] | None
    numerator: Floats | None
    denominator: Floats | None
    value: Floats | None
    names: Mapping[str, str]
    title: str = ""
    left_out: int = 0
    findings: tuple[str, ...] = ()
    grain: str = ""
    exposure: bool = False
    percent: bool = False

    @property
    def rows(self) -> int:
        """How many rows there are."""
        first = next(part for part in (self.numerator, self.value, self.day) if part is not None)
        return len(first)


def columns_of(data: Any, wanted: Choices) -> Columns:
    """Return the data as columns.

    Args:
        data: None (arrays are in the choices), an array of values, a frame (anything that gives a column for a name),
            or a file: a path, or bytes of one.
        wanted: The choices.

    Raises:
        ChartError: ``AT-C-010`` a column is missing, ``AT-C-011`` columns differ in length, ``AT-C-012`` there is
            nothing to draw.
    """
    if isinstance(data, (str, Path, bytes)):
        from allteach.charts.study.file import read_columns

        return read_columns(data, wanted)
    if data is not None and not _is_frame(data):
        if wanted.value is not None:
            raise ChartError("AT-C-012", "Values are given twice.", do="Give them first or as value=, not both.")
        return _build({**_given(wanted), "value": np.asarray(data)}, {})
    if data is None:
        return _build(_given(wanted), {})
    return _from_frame(data, wanted)


def _given(wanted: Choices) -> dict[str, Any]:
    parts = {part: getattr(wanted, part) for part in _PARTS}
    named = [part for part, column in parts.items() if isinstance(column, str)]
    if named:
        raise ChartError(
            "AT-C-010",
            f"{named[0]}={parts[named[0]]!r} names a column, but no table was given.",
            do="Give the table first.",
        )
    return parts


def _is_frame(data: Any) -> bool:
    return isinstance(data, Mapping) or hasattr(data, "columns") or hasattr(data, "column_names")


def column_names(data: Any) -> list[str]:
    """Return the names of a frame's columns."""
    names = getattr(data, "column_names", None)  # Arrow calls its columns by this name; `columns` holds the data
    if names is None:
        names = data.keys() if isinstance(data, Mapping) else data.columns
    return [str(name) for name in names]


def _from_frame(data: Any, wanted: Choices) -> Columns:
    there = column_names(data)
    parts: dict[str, Any] = {}
    names: dict[str, str] = {}
    chosen = {part: getattr(wanted, part) for part in _PARTS}
    if not any(isinstance(column, str) for column in chosen.values()):
        from allteach.charts.study.guess import guess_parts

        chosen = {**guess_parts(data, there), **{k: v for k, v in chosen.items() if v is not None}}
    for part, column in chosen.items():
        if not isinstance(column, str):
            parts[part] = column
            continue
        name, _, event = column.partition("=")
        if name not in there:
            raise missing(name, there)
        names[part] = name
        parts[part] = np.asarray(data[name]).astype(str) == event if event else np.asarray(data[name])
        if event:
            names[part] = f"{name} {event}"
    if parts.get("denominator") is None and _is_flag(parts.get("numerator")):
        parts["denominator"] = np.ones(len(parts["numerator"]))
    if parts.get("date") is not None and wanted.origin is not None:
        parts["date"] = np.datetime64(wanted.origin) + np.asarray(parts["date"], dtype="timedelta64[D]")
    if wanted.only is not None:
        column, value = wanted.only
        if column not in there:
            raise missing(column, there)
        keep = np.asarray(data[column]).astype(str) == value
        parts = {part: None if array is None else np.asarray(array)[keep] for part, array in parts.items()}
    return _build(parts, names)


def _is_flag(part: Any) -> bool:
    return part is not None and np.asarray(part).dtype.kind == "b"


def missing(name: str, there: list[str]) -> ChartError:
    """Return the error of a column that is not there, with the nearest names."""
    from difflib import get_close_matches

    near = get_close_matches(name, there, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"The columns are {', '.join(there[:12])}."
    return ChartError("AT-C-010", f'There is no column "{name}".', do=hint)


def _build(parts: Mapping[str, Any], names: Mapping[str, str]) -> Columns:
    site = None if parts.get("site") is None else np.asarray(parts["site"]).astype(str)
    day = None if parts.get("date") is None else as_days(parts["date"])
    numbers: dict[str, Any] = {
        part: None if parts.get(part) is None else np.atleast_1d(as_floats(part, parts[part]))
        for part in ("numerator", "denominator", "value")
    }
    if numbers["numerator"] is None and numbers["value"] is None and day is None:
        raise ChartError(
            "AT-C-012", "There is nothing to draw.", expected="A numerator or a value.", do="Name the column of counts."
        )
    lengths = {len(part) for part in (site, day, *numbers.values()) if part is not None}
    if len(lengths) > 1:
        raise ChartError("AT-C-011", f"The columns differ in length: {', '.join(map(str, sorted(lengths)))} rows.")
    if lengths == {0}:
        raise ChartError("AT-C-012", "There are no rows to draw.")
    name = names.get("denominator", "")
    return Columns(site, day, **numbers, names=names, exposure=is_exposure(name))


def as_days(values: Any) -> NDArray[np.datetime64]:
    """Return dates as NumPy days; takes datetimes, dates, ISO texts, and what frames hold.

    Raises:
        ChartError: ``AT-C-014`` when they are no dates.
    """
    array = np.asarray(values)
    try:
        if array.dtype.kind in "OUS":
            array = np.asarray([_iso(value) for value in array.ravel()], dtype="datetime64[D]")
        if array.dtype.kind in "iuf":
            raise ValueError
        return array.astype("datetime64[D]")
    except (ValueError, TypeError):
        raise ChartError("AT-C-014", "The dates cannot be read.", expected="Dates such as 2024-07-01.") from None


def _iso(value: Any) -> Any:
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.Period):
        return np.datetime64(value.start_time.date())
    return value[:10] if isinstance(value, str) else value


def is_exposure(name: str) -> bool:
    """Return True when a column's name speaks of time at risk.

    Example:
        >>> is_exposure("patient_days"), is_exposure("discharges")
        (True, False)
    """
    return bool(re.search(r"(days|hours|years|exposure|dage)$", name.lower()))
