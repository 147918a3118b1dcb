"""Sites side by side: the funnel by size, and the caterpillar of intervals by name."""

from __future__ import annotations

import math
from dataclasses import replace

from allteach.charts.palette import GRID, INK, LIMIT, LIMIT_DASH, LINE, OUTER_DASH, STATE, TARGET, TARGET_DASH, TEXT
from allteach.charts.spec import Axis, ChartSpec, Point, Shape
from allteach.charts.svg.frame import Box, Frame, Size, along, fitting, meets, room_for_ticks, spread
from allteach.charts.svg.ink import backed, joined, marker, num, path, text

_ROW = 22
_MANY = 80  # sites beyond which marks are drawn smaller
_NAMES = 0.45  # of the width, at most; the intervals need the rest
_NAMED = 14  # more names than this would hide the picture


def draw(spec: ChartSpec, size: Size, top: float = 0.0) -> tuple[str, float]:
    """Return the plot as SVG and where it ends."""
    return _funnel(spec, size, top) if spec.form == "funnel" else _caterpillar(spec, size, top)


def _funnel(spec: ChartSpec, size: Size, top: float) -> tuple[str, float]:
    bottom = top + size.height
    frame = Frame(
        room_for_ticks(spec.y, size),
        top + (size.font if spec.y.title else 0) + 16,
        size.width - max(size.wide(words, bold=True) for words, _, _, _ in _edge_labels(spec)) - 14,
        bottom - (2.6 if size.labels else 1.2) * size.font - 10,
        spec.x,
        spec.y,
    )
    parts = [_value_grid(spec, frame, size), _size_ticks(spec, frame, size)]
    for curve in spec.curves:
        for line in (curve.lower, curve.upper):
            inside = [
                frame.place(x, value) if frame.holds(value) else None for x, value in zip(curve.xs, line, strict=True)
            ]
            parts.append(path(joined(inside), LIMIT, dash=LIMIT_DASH if curve.outer else OUTER_DASH))
    for segment in spec.segments:
        value = segment.centre[0]
        if value is not None:
            parts.append(path(f"M{num(frame.left)} {num(frame.at_y(value))}H{num(frame.right)}", INK, wide=size.line))
    if spec.target is not None and frame.holds(spec.target.value):
        y = num(frame.at_y(spec.target.value))
        parts.append(path(f"M{num(frame.left)} {y}H{num(frame.right)}", TARGET, wide=1.4, dash=TARGET_DASH))
    radius = size.radius + 0.4 if len(spec.shown) <= _MANY else size.radius * 0.7
    # Marked sites are drawn last, so that none hides in the crowd.
    for point in sorted(spec.shown, key=lambda entry: entry.shape is not Shape.COMMON):
        parts.append(marker(point, frame.at_x(point.x), frame.at_y(point.value or 0.0), radius, says=size.labels))
    if size.labels:
        parts += [_edge(spec, frame, size), _names(spec, frame, size)]
    return "".join(parts), bottom


def _value_grid(spec: ChartSpec, frame: Frame, size: Size) -> str:
    lines = "".join(f"M{num(frame.left)} {num(frame.at_y(tick.at))}H{num(frame.right)}" for tick in spec.y.ticks)
    labels = [
        text(frame.left - 8, frame.at_y(tick.at) + size.font * 0.36, tick.text, size.font, anchor="end")
        for tick in spec.y.ticks
        if size.labels or tick.rank == 0
    ]
    title = text(0, frame.top - 12, spec.y.title, size.font) if spec.y.title and size.labels else ""
    return path(lines, GRID) + title + "".join(labels)


def _size_ticks(spec: ChartSpec, frame: Frame, size: Size) -> str:
    y = frame.bottom + size.font + 6
    parts = [path(f"M{num(frame.left)} {num(frame.bottom)}H{num(frame.right)}", LINE)]
    for tick, x, anchor in fitting(spec.x.ticks, frame, size.font):
        parts.append(path(f"M{num(frame.at_x(tick.at))} {num(frame.bottom)}v4", TEXT))
        parts.append(text(x, y, tick.text, size.font, anchor=anchor if anchor != "start" else ""))
    if size.labels and spec.x.title:
        middle = (frame.left + frame.right) / 2
        parts.append(text(middle, y + size.font * 1.4, spec.x.title, size.font, anchor="middle"))
    return "".join(parts)


def _edge_labels(spec: ChartSpec) -> list[tuple[str, float, str, bool]]:
    labels = [
        (segment.label, segment.centre[0], INK, True) for segment in spec.segments if segment.centre[0] is not None
    ]
    for curve in spec.curves:
        labels.append((curve.name, curve.upper[-1], LIMIT, False))
    if spec.target is not None:
        labels.append((spec.target.label, spec.target.value, TARGET, False))
    return labels or [("", 0.0, TEXT, False)]


def _edge(spec: ChartSpec, frame: Frame, size: Size) -> str:
    labels = [entry for entry in _edge_labels(spec) if frame.holds(entry[1])]
    heights = spread([frame.at_y(entry[1]) for entry in labels], size.font + 1, frame.top, frame.bottom)
    return "".join(
        text(frame.right + 8, y + size.font * 0.36, words, size.font, fill=colour, bold=bold)
        for (words, _, colour, bold), y in zip(labels, heights, strict=True)
    )


def _names(spec: ChartSpec, frame: Frame, size: Size) -> str:
    """Return names beside the points that ask for one, where there is room."""
    places = {id(point): (frame.at_x(point.x), frame.at_y(point.value or 0.0)) for point in spec.shown}
    r = size.radius + 2
    marks: list[Box] = [(x - r, y - r, x + r, y + r) for x, y in places.values()]
    taken: list[Box] = []
    for curve in spec.curves:
        for line in (curve.lower, curve.upper):
            taken += along([frame.place(x, value) for x, value in zip(curve.xs, line, strict=True)], 0.5, step=8)
    for level in [segment.centre[0] for segment in spec.segments] + ([spec.target.value] if spec.target else []):
        if level is not None:
            taken.append((frame.left, frame.at_y(level) - 1, frame.right, frame.at_y(level) + 1))
    parts = []
    for point in [entry for entry in spec.shown if entry.named][:_NAMED]:
        x, y = places[id(point)]
        box, anchor = _beside(x, y, size.wide(point.label), size.font, frame, (marks, taken))
        if meets(box, taken) and not meets(box, marks):
            parts.append(backed(*box[:2], box[2] - box[0], box[3] - box[1]))
        parts.append(_leader(x, y, box, r))
        marks.append(box)
        at = box[2] if anchor == "end" else box[0]
        parts.append(text(at, box[3] - size.font * 0.25, point.label, size.font, fill=INK, anchor=anchor))
    return "".join(parts)


def _leader(x: float, y: float, box: Box, r: float) -> str:
    """Return a ring round a named mark and a line to its name, so that it cannot be taken for a neighbour's."""
    wide, arc = num(2 * r + 3), f"a{num(r + 1.5)} {num(r + 1.5)} 0 1 0"
    ring = path(f"M{num(x - r - 1.5)} {num(y)}{arc} {wide} 0{arc}-{wide} 0", INK)
    near = min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])
    far = math.hypot(near[0] - x, near[1] - y)
    if far <= r + 5:
        return ring
    start = x + (near[0] - x) * (r + 1.5) / far, y + (near[1] - y) * (r + 1.5) / far
    return ring + path(f"M{num(start[0])} {num(start[1])}L{num(near[0])} {num(near[1])}", INK)


def _beside(
    x: float, y: float, wide: float, font: float, frame: Frame, avoid: tuple[list[Box], list[Box]]
) -> tuple[Box, str]:
    high = font * 1.1
    choices: list[tuple[Box, str]] = []
    for gap in (9.0, 16.0, 26.0):
        choices += [
            ((x + gap, y - high / 2, x + gap + wide, y + high / 2), ""),
            ((x - gap - wide, y - high / 2, x - gap, y + high / 2), "end"),
            ((x - wide / 2, y - gap - high + 2, x + wide / 2, y - gap + 2), ""),
            ((x - wide / 2, y + gap - 2, x + wide / 2, y + gap + high - 2), ""),
            ((x + 5, y - gap - high + 2, x + 5 + wide, y - gap + 2), ""),
            ((x - 5 - wide, y - gap - high + 2, x - 5, y - gap + 2), "end"),
            ((x + 5, y + gap - 2, x + 5 + wide, y + gap + high - 2), ""),
            ((x - 5 - wide, y + gap - 2, x - 5, y + gap + high - 2), "end"),
        ]
    inside = [
        (box, anchor)
        for box, anchor in choices
        if box[0] >= frame.left and box[2] <= frame.right + 4 and box[1] >= frame.top - 6 and box[3] <= frame.bottom
    ]
    marks, lines = avoid

    def cost(entry: tuple[Box, str]) -> float:
        # A site under a name would be hidden; a line can be masked; far names lose their point.
        box = entry[0]
        away = abs((box[0] + box[2]) / 2 - x) + abs((box[1] + box[3]) / 2 - y)
        return 1000.0 * meets(box, marks) + 12.0 * min(meets(box, lines), 2) + away

    return min(inside or choices, key=cost)


def _caterpillar(spec: ChartSpec, size: Size, top: float) -> tuple[str, float]:
    rows = spec.shown
    names = max((size.wide(point.label) for point in rows), default=0.0)
    numbers = max((size.wide(_number(spec, point)) for point in rows), default=0.0)
    height = len(rows) * _ROW
    left = min(names, size.width * _NAMES) + 12
    head = top + size.font * (2.3 if spec.target is not None else 1) + 14
    frame = Frame(
        left,
        head,
        size.width - numbers - 14,
        head + height,
        spec.y,
        Axis(-0.5, max(len(rows) - 0.5, 0.5), ()),
        inset=10,
    )
    body = [_interval_grid(spec, frame, size)]
    for row, point in enumerate(rows):
        body.append(_interval(spec, point, frame.top + (row + 0.5) * _ROW, frame, size))
    return "".join(body), frame.bottom + size.font * (2.6 if spec.y.title else 1.2) + 12


def _interval_grid(spec: ChartSpec, frame: Frame, size: Size) -> str:
    lines = "".join(f"M{num(frame.at_x(tick.at))} {num(frame.top)}V{num(frame.bottom)}" for tick in spec.y.ticks)
    parts = [path(lines, GRID)]
    y = frame.bottom + size.font + 4
    flat = replace(frame, x=spec.y)
    for tick, x, _ in fitting([replace(tick, rank=0) for tick in spec.y.ticks], flat, size.font, gap=8):
        parts.append(text(x, y, tick.text, size.font, anchor="middle"))
    if spec.y.title:
        middle = (frame.left + frame.right) / 2
        parts.append(text(middle, y + size.font * 1.4, spec.y.title, size.font, anchor="middle"))
    for segment in spec.segments:
        if segment.centre[0] is not None:
            x = frame.at_x(segment.centre[0])
            parts.append(path(f"M{num(x)} {num(frame.top - 4)}V{num(frame.bottom)}", INK, wide=size.line))
            parts.append(text(x, frame.top - 9, segment.label, size.font, fill=INK, anchor="middle", bold=True))
    if spec.target is not None:
        x = frame.at_x(spec.target.value)
        near = any(
            segment.centre[0] is not None and abs(frame.at_x(segment.centre[0]) - x) < 70 for segment in spec.segments
        )
        y = frame.top - 9 - (size.font * 1.3 if near else 0)
        parts.append(text(x, y, spec.target.label, size.font, fill=TARGET, anchor="middle"))
        parts.append(path(f"M{num(x)} {num(frame.top)}V{num(frame.bottom)}", TARGET, wide=1.4, dash=TARGET_DASH))
    return "".join(parts)


def _interval(spec: ChartSpec, point: Point, y: float, frame: Frame, size: Size) -> str:
    name = size.shortened(point.label, frame.left - 12)
    parts = [text(frame.left - 12, y + size.font * 0.36, name, size.font, fill=INK, anchor="end")]
    if point.lower is not None and point.upper is not None:
        d = f"M{num(frame.at_x(point.lower))} {num(y)}H{num(frame.at_x(point.upper))}"
        parts.append(path(d, STATE[point.shape], wide=1.6))
    parts.append(marker(point, frame.at_x(point.value or 0.0), y, size.radius))
    parts.append(text(frame.right + 10, y + size.font * 0.36, _number(spec, point), size.font))
    return "".join(parts)


def _number(spec: ChartSpec, point: Point) -> str:
    return spec.format.text(point.value) if point.value is not None else ""
