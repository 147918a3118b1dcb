"""What a chart that stands alone carries around the plot: finding, flags, notices, source."""

from __future__ import annotations

from allteach.charts.lettering import width, wrap
from allteach.charts.palette import FLAG, INK, STATE, TEXT
from allteach.charts.spec import ChartSpec, Shape
from allteach.charts.svg.frame import Size
from allteach.charts.svg.ink import badge, outline, path, text

EDGE = 24


def heading(spec: ChartSpec, size: Size) -> tuple[str, float]:
    """Return title and subtitle, and where they end."""
    room = size.width
    parts, y = [], 40.0
    for line in wrap(spec.title, 21, room, bold=True):
        parts.append(text(0, y, line, 21, fill=INK, bold=True))
        y += 27
    y -= 3
    for line in wrap(spec.subtitle, 13.5, room):
        parts.append(text(0, y, line, 13.5))
        y += 19
    return "".join(parts), y - 4


def footing(spec: ChartSpec, size: Size, top: float) -> tuple[str, float]:
    """Return what stands beneath the plot, and where the drawing ends."""
    room = size.width
    parts: list[str] = []
    y = top + 18
    shapes, end = legend(spec, size, y)
    parts.append(shapes)
    y = end + 20 if shapes else y
    for flag in spec.flags:
        lines = wrap(f"{flag.label}: {flag.text}", 13, room - 28)
        parts.append(badge(9, y - 4.5, str(flag.number), FLAG, r=8))
        for line in lines:
            parts.append(text(26, y, line, 13, fill=INK))
            y += 19
        y += 2
    y += 8 if spec.flags else 0
    for sentence in spec.sentences:
        for line in wrap(sentence, 13, room):
            parts.append(text(0, y, line, 13, fill=INK))
            y += 19
        y += 3
    y += 6 if spec.notices else 0
    for notice in spec.notices:
        for line in wrap(notice, 12, room):
            parts.append(text(0, y, line, 12))
            y += 17
    if spec.source:
        y += 8
        parts.append(path(f"M0 {y - 13}H{size.width}", "#d8dee4"))
        y += 5
        for line in wrap(spec.source, 11.5, room):
            parts.append(text(0, y, line, 11.5))
            y += 16
    return "".join(parts), y + 6


def legend(spec: ChartSpec, size: Size, y: float) -> tuple[str, float]:
    """Return the names of the shapes in use, and where they end; a picture must explain itself."""
    if not spec.legend:
        return "", y
    font = min(size.font, 12.5)
    parts, x = [], 0.0
    for shape, side, words in spec.legend:
        wide = 15 + width(words, font)
        if x and x + wide > size.width:
            x, y = 0.0, y + font * 1.5
        mark = outline(shape, side, x + 5, y - font * 0.36, 4)
        if shape in (Shape.EXCLUDED, Shape.INCOMPLETE):
            parts.append(path(mark, STATE[shape], wide=1.5))
        else:
            parts.append(f'<path d="{mark}" fill="{STATE[shape]}"/>')
        parts.append(text(x + 15, y, words, font, fill=TEXT))
        x += wide + 20
    return "".join(parts), y + 6
