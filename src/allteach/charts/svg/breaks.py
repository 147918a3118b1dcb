"""A changed definition on a chart over time: a labelled line that nothing crosses, and other versions beside."""

from __future__ import annotations

from collections.abc import Sequence

from allteach.charts.lettering import width
from allteach.charts.palette import INK, LIMIT
from allteach.charts.spec import ChartSpec
from allteach.charts.svg.frame import Frame, Size
from allteach.charts.svg.ink import backed, joined, num, path, text

Places = Sequence[tuple[float, float] | None]


def apart(spec: ChartSpec, places: Places) -> list[tuple[float, float] | None]:
    """Return the places with the pen lifted wherever the definition changes."""
    starts = {int(line.x) for line in spec.breaks}
    out: list[tuple[float, float] | None] = []
    for at, place in enumerate(places):
        out += [None, place] if at in starts else [place]
    return out


def draw_breaks(spec: ChartSpec, frame: Frame, size: Size) -> str:
    """Return the lines at changed definitions, halfway before the first point of each, with their labels."""
    parts = []
    for line in spec.breaks:
        x = (frame.at_x(line.x) + frame.at_x(max(line.x - 1, 0.0))) / 2 if line.x else frame.left
        parts.append(path(f"M{num(x)} {num(frame.top)}V{num(frame.bottom)}", INK, wide=1.2, dash="6 3"))
        if size.labels:
            wide = width(line.words, size.font, bold=True)
            left = x + 5 if x + 9 + wide < frame.right else x - 9 - wide
            y = frame.bottom - size.font * 0.5
            parts.append(backed(left - 2, y - size.font, wide + 4, size.font * 1.3))
            parts.append(text(left, y, line.words, size.font, fill=INK, bold=True))
    return "".join(parts)


def draw_ghosts(spec: ChartSpec, frame: Frame, size: Size) -> str:
    """Return what other versions come to, as faint dotted lines with their names."""
    parts = []
    y = frame.bottom - size.font * 2.1
    for ghost in spec.ghosts:
        places = [
            frame.place(point.x, value) if value is not None else None
            for point, value in zip(spec.points, ghost.values, strict=True)
        ]
        parts.append(path(joined(places), LIMIT, wide=1.4, dash="2 3"))
        parts += [
            f'<circle cx="{num(place[0])}" cy="{num(place[1])}" r="2" fill="{LIMIT}"/>'
            for place in places
            if place is not None
        ]
        first = next((place for place in places if place is not None), None)
        if size.labels and first is not None:
            # At the foot of the plot, in the stretch that it covers: beside the points it would hide them.
            left = max(first[0], frame.left + 4) + 5
            parts.append(backed(left - 2, y - size.font, width(ghost.name, size.font) + 26, size.font * 1.3))
            parts.append(path(f"M{num(left)} {num(y - size.font * 0.35)}h16", LIMIT, wide=1.4, dash="2 3"))
            parts.append(text(left + 20, y, ghost.name, size.font))
    return "".join(parts)
