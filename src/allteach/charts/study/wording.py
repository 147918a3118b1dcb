"""Names and number formats for data that nobody described."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from allteach.charts.study.columns import Columns
from allteach.charts.study.gather import Gathered
from allteach.charts.study.how import Choices
from allteach.errors import ChartError
from allteach.units import Unit, ValueFormat

_SHORT = 3  # names shorter than this say nothing: n, x, r
_UNITS = {"hours": Unit.HOURS, "hrs": Unit.HOURS, "days": Unit.DAYS, "percent": Unit.PERCENT}


def plain(name: str) -> str:
    """Return a column's name as words.

    Example:
        >>> plain("line_daysTotal")
        'Line days total'
    """
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    words = re.sub(r"[_\W]+", " ", spaced).strip()
    return words[:1].upper() + words[1:].lower() if words else ""


def measure_name(columns: Columns, wanted: Choices) -> str:
    """Return what is measured, in words."""
    if wanted.measure:
        return wanted.measure
    name = columns.names.get("value") or columns.names.get("numerator") or ""
    if len(name) >= _SHORT:
        return plain(name)
    if columns.numerator is None and columns.value is None:
        return "Time between events"
    only = wanted.only[1] if wanted.only else ""
    return only if len(only) >= _SHORT else plain(columns.title) or "Value"


def form_of(together: Gathered, kind: str, wanted: Choices) -> ValueFormat:
    """Return how values are written, by the kind of chart and the nature of the data."""
    if wanted.unit:
        return ValueFormat(Unit(wanted.unit), per=wanted.per or _per(together), exposure=_exposure(together, wanted))
    if (
        together.columns.percent
        or kind in ("p", "pprime")
        or (kind not in ("u", "uprime") and together.nature == "proportion")
    ):
        return ValueFormat(Unit.PERCENT)
    if kind in ("u", "uprime") or together.nature == "rate":
        return ValueFormat(Unit.RATE, per=wanted.per or _per(together), exposure=_exposure(together, wanted))
    if together.nature == "count":
        return ValueFormat(Unit.COUNT)
    if together.nature == "gap_time":
        return ValueFormat(Unit.DAYS)
    name = together.columns.names.get("value", "").lower()
    return ValueFormat(next((unit for word, unit in _UNITS.items() if word in name), Unit.NUMBER))


def _exposure(together: Gathered, wanted: Choices) -> str:
    return wanted.counted or plain(together.columns.names.get("denominator", "")).lower()


def _per(together: Gathered) -> float:
    """Return the round exposure for which the rate has one or two digits before the point."""
    panel = together.panel
    if panel.denominator is None:
        return 1.0
    above, below = float(np.nansum(panel.numerator)), float(np.nansum(panel.denominator))
    if above <= 0 or below <= 0:
        return 1.0
    return float(10 ** min(max(math.ceil(-math.log10(above / below)), 0), 6))


def inside(target: Any, form: ValueFormat) -> float | None:
    """Return an aim as shown on the inside scale.

    Raises:
        ChartError: ``AT-C-013`` for an aim that is no number, or a per cent that may be meant as a proportion.
    """
    if target is None:
        return None
    text = str(target).strip()
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        raise ChartError("AT-C-013", f"The aim {text!r} is no number.") from None
    if form.unit is Unit.PERCENT and 0 < value < 1 and not text.endswith("%"):
        raise ChartError(
            "AT-C-013",
            f"An aim of {value:g} could mean {value:g} % or {value * 100:g} %.",
            do=f'Write {value * 100:g}, or "{value:g}%".',
        )
    return value / form.multiplier
