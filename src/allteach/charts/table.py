"""The chart as a table: values, counts, lines, marks and notes, and the same as CSV."""

from __future__ import annotations

import csv as _csv
import io

from allteach.charts.spec import ChartSpec, Point, Shape
from allteach.charts.voice import ENGLISH, Voice
from allteach.charts.words.point import shape_word

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def rows(spec: ChartSpec, voice: Voice = ENGLISH) -> tuple[tuple[str, ...], ...]:
    """Return the table as people read it: one row a point, numbers written as on the chart, under `spec.columns`."""
    form = spec.format.number
    return tuple(
        (
            point.label,
            form(point.value) if point.value is not None else "",
            _count(point.numerator),
            _count(point.denominator),
            *(form(value) if value is not None else "" for value in (point.centre, point.lower, point.upper)),
            str(point.phase + 1),
            shape_word(point.shape, voice) if point.value is not None or point.shape is not Shape.COMMON else "",
            "; ".join(point.rules),
            point.note,
            *(form(value) if (value := ghost.values[at]) is not None else "" for ghost in spec.ghosts),
        )
        for at, point in enumerate(spec.points)
    )


def csv(spec: ChartSpec, voice: Voice = ENGLISH) -> str:
    """Return the chart as CSV for other programs.

    Numbers keep their digits, in the unit of the head; what the chart says stands above, in lines that begin with
    ``#``. Text that a spreadsheet would run as a formula starts with an apostrophe.
    """
    out = io.StringIO()
    about = (spec.title, spec.subtitle, *spec.sentences, *_flags(spec), *spec.notices, spec.source)
    for words in about:
        if words:
            out.write(f"# {' '.join(words.split())}\r\n")
    writer = _csv.writer(out)
    writer.writerow([_safe(name) for name in spec.columns])
    for at, point in enumerate(spec.points):
        beside = [_number(ghost.values[at], spec.format.multiplier) for ghost in spec.ghosts]
        writer.writerow([*_cells(spec, point, voice), *beside])
    return out.getvalue()


def _cells(spec: ChartSpec, point: Point, voice: Voice) -> list[str]:
    scale = spec.format.multiplier
    return [
        _safe(point.label),
        _number(point.value, scale),
        _number(point.numerator),
        _number(point.denominator),
        _number(point.centre, scale),
        _number(point.lower, scale),
        _number(point.upper, scale),
        str(point.phase + 1),
        shape_word(point.shape, voice) if point.value is not None or point.shape is not Shape.COMMON else "",
        _safe("; ".join(point.rules)),
        _safe(point.note),
    ]


def _flags(spec: ChartSpec) -> tuple[str, ...]:
    return tuple(f"{flag.number} {flag.label}: {flag.text}" for flag in spec.flags)


def _number(value: float | None, scale: float = 1.0) -> str:
    return "" if value is None else f"{value * scale:.10g}"


def _count(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def _safe(words: str) -> str:
    return f"'{words}" if words.startswith(_DANGEROUS) else words


def sentence(spec: ChartSpec) -> str:
    """Return the chart in words, to copy: finding, what the rules saw, notices and source."""
    said = [f"{spec.title}.", f"{spec.subtitle}.", *spec.sentences, *_flags(spec), *spec.notices, f"{spec.source}."]
    return " ".join(part for part in said if part.strip("."))
