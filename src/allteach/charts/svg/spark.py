"""One line of a table: values, centre, and the latest point by shape and colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from allteach.charts.palette import STATE
from allteach.charts.spec import Shape
from allteach.charts.svg.ink import joined, num, outline

_WIDTH, _HEIGHT, _PAD = 132, 30, 5


def spark(
    values: Sequence[float | None],
    centre: float | None = None,
    shape: Shape = Shape.COMMON,
    side: int = 0,
    title: str = "",
) -> str:
    """Return a spark line; missing values break it. Without a title it is decoration, for a row that has the words.

    Example:
        >>> spark([1, None, 2]).count("M")
        3
    """
    kept = [None if value is None or not math.isfinite(value) else float(value) for value in values]
    shown = [value for value in kept if value is not None]
    ends = [*shown, centre] if centre is not None else shown
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    span = high - low

    def y(value: float) -> float:
        share = (value - low) / span if span else 0.5
        return _HEIGHT - _PAD - share * (_HEIGHT - 2 * _PAD)

    step = (_WIDTH - 2 * _PAD) / max(len(kept) - 1, 1)
    places = [None if value is None else (_PAD + at * step, y(value)) for at, value in enumerate(kept)]
    colour = STATE[shape]
    parts = []
    if centre is not None:
        parts.append(f'<path d="M{_PAD} {num(y(centre))}h{_WIDTH - 2 * _PAD}" stroke="#c5ccd2"/>')
    parts.append(
        f'<path d="{joined(places)}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-linejoin="round"/>'
    )
    last = next((place for place in reversed(places) if place is not None), None)
    if last is not None:
        parts.append(f'<path d="{outline(shape, side, *last, 3)}" fill="{colour}"/>')
    named = f' role="img"><title>{escape(title, quote=False)}</title>' if title else ' aria-hidden="true">'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
        f"{named}{''.join(parts)}</svg>"
    )
