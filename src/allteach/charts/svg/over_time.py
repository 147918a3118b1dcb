"""A chart over time: broken segments for phases, aim, numbered flags, points by shape and colour."""

from __future__ import annotations

from collections.abc import Sequence

from allteach.charts.palette import (
    FLAG,
    FLAG_LINE,
    GRID,
    HATCH,
    INK,
    LIMIT,
    LIMIT_DASH,
    PAPER,
    TARGET,
    TARGET_DASH,
    TEXT,
)
from allteach.charts.spec import ChartSpec, Segment
from allteach.charts.svg.breaks import apart, draw_breaks, draw_ghosts
from allteach.charts.svg.frame import Box, Frame, Size, along, fitting, meets, room_for_ticks, spread
from allteach.charts.svg.ink import backed, badge, hatch, marker, markers, num, path, stepped, text, track

_MANY = 400  # beyond this many points markers are drawn together and not read one by one
_FLAG_ROW = 21


def draw(spec: ChartSpec, size: Size, top: float = 0.0) -> tuple[str, float]:
    """Return the plot as SVG and where it ends."""
    rows = _flag_rows(spec, size) if size.labels else []
    frame = _frame(spec, size, top, max(rows, default=-1) + 1)
    body = [_hatched(spec, frame), _grid(spec, frame, size)]
    if size.labels:
        body.append(_flag_lines(spec, frame, rows))
    body.append(_lines(spec, frame, size))
    places = [frame.place(point.x, point.value) for point in spec.points]
    body.append(draw_ghosts(spec, frame, size))
    body.append(track(apart(spec, places), size.line * 0.85))
    body.append(_points(spec, frame, size, places))
    body.append(draw_breaks(spec, frame, size))
    if size.labels:
        body += [_phase_labels(spec, frame, size, places), _margin(spec, frame, size)]
        body.append(_flags(spec, frame, rows))
    if spec.stale:
        body.append(_old(spec, frame, size))
    return "".join(body), top + size.height


def _old(spec: ChartSpec, frame: Frame, size: Size) -> str:
    """Return a grey label in the corner of the plot: old data are marked, not hidden."""
    wide = size.wide(spec.stale_words) + 12
    high = size.font * 1.5
    left, top = frame.right - wide - 2, frame.bottom - high - 2
    back = f'<rect x="{num(left)}" y="{num(top)}" width="{num(wide)}" height="{num(high)}" fill="{LIMIT}"/>'
    return back + text(left + 6, top + high * 0.7, spec.stale_words, size.font, fill=PAPER)


def _frame(spec: ChartSpec, size: Size, top: float, flag_rows: int) -> Frame:
    if not size.labels:
        left = max(size.wide(text) for text in _ends(spec)) + 6
        return Frame(left, top + 7, size.width - 6, top + size.height - 18, spec.x, spec.y, inset=3)
    right = max((size.wide(words, bold) for words, _, _, bold in _margin_labels(spec)), default=0.0) + 12
    clear = not spec.flags or _clear_of_title(spec, size)
    head = max(flag_rows * _FLAG_ROW + (0 if clear else size.font + 6), size.font + 10 if spec.y.title else 0)
    return Frame(
        room_for_ticks(spec.y, size),
        top + head + 6,
        size.width - right,
        top + size.height - size.font - 16,
        spec.x,
        spec.y,
        inset=8,
    )


def _ends(spec: ChartSpec) -> tuple[str, str]:
    ticks = spec.y.ticks
    return (ticks[0].text, ticks[-1].text) if ticks else ("", "")


def _grid(spec: ChartSpec, frame: Frame, size: Size) -> str:
    parts = []
    if size.labels:
        if spec.y.title:
            parts.append(text(0, frame.top - 14 - _above(spec, size), spec.y.title, size.font))
        lines = "".join(f"M{num(frame.left)} {num(frame.at_y(tick.at))}H{num(frame.right)}" for tick in spec.y.ticks)
        parts.append(path(lines, GRID))
        parts += [
            text(frame.left - 8, frame.at_y(tick.at) + size.font * 0.36, tick.text, size.font, anchor="end")
            for tick in spec.y.ticks
        ]
    else:
        ends = spec.y.ticks[:: max(len(spec.y.ticks) - 1, 1)]
        lines = "".join(f"M{num(frame.left)} {num(frame.at_y(tick.at))}H{num(frame.right)}" for tick in ends)
        parts.append(path(lines, GRID))
        parts += [
            text(frame.left - 4, frame.at_y(tick.at) + size.font * 0.36, tick.text, size.font, anchor="end")
            for tick in ends
        ]
    ticks = spec.x.ticks if size.labels else [tick for tick in spec.x.ticks if tick.rank == 0]
    y = frame.bottom + size.font + (8 if size.labels else 3)
    for tick, x, anchor in fitting(ticks, frame, size.font):
        if size.labels:
            parts.append(path(f"M{num(frame.at_x(tick.at))} {num(frame.bottom)}v4", TEXT))
        parts.append(text(x, y, tick.text, size.font, anchor="" if anchor == "start" else anchor))
    return "".join(parts)


def _clear_of_title(spec: ChartSpec, size: Size) -> bool:
    """Return True when no flag comes near the unit, which stands at the top left."""
    first = min(flag.x for flag in spec.flags)
    span = max(spec.x.high - spec.x.low, 1)
    return room_for_ticks(spec.y, size) + first * (size.width - 120) / span > size.wide(spec.y.title) + 14


def _above(spec: ChartSpec, size: Size) -> float:
    """Return how far the unit moves up to stay clear of flags."""
    rows = _flag_rows(spec, size)
    return (max(rows) + 1) * _FLAG_ROW - 2 if rows and not _clear_of_title(spec, size) else 0.0


def _lines(spec: ChartSpec, frame: Frame, size: Size) -> str:
    half = _half_step(spec, frame)
    limits = []
    centres = []
    for segment in spec.segments:
        for line in (segment.lower, segment.upper):
            limits.append(stepped(_places(frame, segment, line), half))
        centres.append(stepped(_places(frame, segment, segment.centre, inside=False), half))
    parts = [path("".join(limits), LIMIT, wide=1 if size.labels else 0.8, dash=LIMIT_DASH if size.labels else "3 2")]
    if spec.target is not None and frame.holds(spec.target.value):
        y = num(frame.at_y(spec.target.value))
        dash = TARGET_DASH if size.labels else "6 2 1 2"
        parts.append(path(f"M{num(frame.left)} {y}H{num(frame.right)}", TARGET, wide=1.4, dash=dash))
    if spec.peers is not None and size.labels and frame.holds(spec.peers.value):
        y = num(frame.at_y(spec.peers.value))
        parts.append(path(f"M{num(frame.left)} {y}H{num(frame.right)}", TARGET, wide=1.2, dash="2 3"))
    parts.append(path("".join(centres), INK, wide=size.line))
    return "".join(parts)


def _half_step(spec: ChartSpec, frame: Frame) -> float:
    count = len(spec.points)
    if count < 2:
        return frame.inset
    return (
        (frame.at_x(spec.points[1].x) - frame.at_x(spec.points[0].x)) / 2
        if count > 40
        else min(frame.inset, (frame.at_x(spec.points[1].x) - frame.at_x(spec.points[0].x)) / 2)
    )


def _places(
    frame: Frame, segment: Segment, line: Sequence[float | None], *, inside: bool = True
) -> list[tuple[float, float] | None]:
    return [
        frame.place(x, value) if not inside or frame.holds(value) else None
        for x, value in zip(segment.xs, line, strict=True)
    ]


def _points(spec: ChartSpec, frame: Frame, size: Size, places: Sequence[tuple[float, float] | None]) -> str:
    apart = (frame.right - frame.left) / max(len(spec.points) - 1, 1)
    radius = max(min(size.radius, apart * 0.42), 1.0)
    drawn = [(point, *place) for point, place in zip(spec.points, places, strict=True) if place is not None]
    if not size.labels or len(drawn) > _MANY:
        return markers(drawn, radius)
    parts = []
    for point, place in zip(spec.points, places, strict=True):
        if place is not None:
            parts.append(marker(point, *place, radius))
        elif point.says:
            # A missing month has no mark, but arrow keys must stop at it and say so.
            parts.append(
                f'<path d="M{num(frame.at_x(point.x))} {num(frame.bottom)}h0" data-say="{_quoted(point.says)}"/>'
            )
    return "".join(parts)


def _quoted(words: str) -> str:
    return words.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _hatched(spec: ChartSpec, frame: Frame) -> str:
    apart = (frame.right - frame.left) / max(len(spec.points) - 1, 1)
    wide = min(apart, 22)
    boxes = [
        hatch(frame.at_x(point.x) - wide / 2, frame.top, wide, frame.bottom - frame.top, HATCH)
        for point in spec.points
        if point.hatched
    ]
    return "".join(boxes)


def _flag_rows(spec: ChartSpec, size: Size) -> list[int]:
    """Return the row of each flag: neighbours that would touch go to another row."""
    span = max(spec.x.high - spec.x.low, 1)
    scale = (size.width - 120) / span
    ends: list[float] = []
    rows = []
    for flag in spec.flags:
        x = flag.x * scale
        row = next((at for at, end in enumerate(ends) if x >= end), len(ends))
        if row == len(ends):
            ends.append(0.0)
        ends[row] = x + 21
        rows.append(row)
    return rows


def _flag_lines(spec: ChartSpec, frame: Frame, rows: Sequence[int]) -> str:
    d = "".join(
        f"M{num(frame.at_x(flag.x))} {num(frame.top - 14 - row * _FLAG_ROW)}V{num(frame.bottom)}"
        for flag, row in zip(spec.flags, rows, strict=True)
    )
    return path(d, FLAG_LINE, dash="2 3")


def _flags(spec: ChartSpec, frame: Frame, rows: Sequence[int]) -> str:
    return "".join(
        badge(frame.at_x(flag.x), frame.top - 14 - row * _FLAG_ROW, str(flag.number), FLAG)
        for flag, row in zip(spec.flags, rows, strict=True)
    )


def _margin_labels(spec: ChartSpec) -> list[tuple[str, float, str, bool]]:
    """Return what stands right of the plot: text, value, colour, bold."""
    labels: list[tuple[str, float, str, bool]] = []
    if spec.segments:
        last = spec.segments[-1]
        centre = _latest(last.centre)
        if centre is not None and last.label:
            labels.append((last.label, centre, INK, True))
        for line in (last.lower, last.upper):
            value = _latest(line)
            if value is not None and value != centre and spec.y.low < value < spec.y.high * 1.0001:
                labels.append((spec.format.text(value), value, LIMIT, False))
    if spec.target is not None:
        labels.append((spec.target.label, spec.target.value, TARGET, False))
    if spec.peers is not None:
        labels.append((spec.peers.label, spec.peers.value, TARGET, False))
    return labels


def _latest(line: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(line) if value is not None), None)


def _margin(spec: ChartSpec, frame: Frame, size: Size) -> str:
    labels = [entry for entry in _margin_labels(spec) if frame.holds(entry[1])]
    heights = spread([frame.at_y(entry[1]) for entry in labels], size.font + 2, frame.top, frame.bottom)
    return "".join(
        text(frame.right + 8, y + size.font * 0.36, words, size.font, fill=colour, bold=bold)
        for (words, _, colour, bold), y in zip(labels, heights, strict=True)
    )


def _phase_labels(spec: ChartSpec, frame: Frame, size: Size, places: Sequence[tuple[float, float] | None]) -> str:
    """Return labels of earlier phases, each near its own line and clear of everything else."""
    earlier = [segment for segment in spec.segments[:-1] if segment.label and _latest(segment.centre) is not None]
    if not earlier:
        return ""
    taken = along(places, size.radius + 1.5)
    for segment in spec.segments:
        for line in (segment.lower, segment.upper, segment.centre):
            taken += along(_places(frame, segment, line), 0.5, step=12)
    taken += [(frame.at_x(flag.x) - 2, frame.top, frame.at_x(flag.x) + 2, frame.bottom) for flag in spec.flags]
    if spec.target is not None and frame.holds(spec.target.value):
        y = frame.at_y(spec.target.value)
        taken.append((frame.left, y - 1, frame.right, y + 1))
    parts = []
    for segment in earlier:
        box, clear = _free_box(segment, frame, size, taken)
        taken.append(box)
        if not clear:
            parts.append(backed(box[0] - 1, box[1], box[2] - box[0] + 2, box[3] - box[1]))
        parts.append(text(box[0], box[3] - size.font * 0.26, segment.label, size.font, fill=INK, bold=True))
    return "".join(parts)


def _free_box(segment: Segment, frame: Frame, size: Size, taken: Sequence[Box]) -> tuple[Box, bool]:
    wide, high = size.wide(segment.label, bold=True), size.font * 1.15
    best: tuple[int, float, Box] | None = None
    for x, value in zip(segment.xs, segment.centre, strict=True):
        place = frame.place(x, value)
        if place is None:
            continue
        for nudge, gap in enumerate((-high - 2, 2.5, -high - 12, 12.5, -high - 24, 24.5)):
            left = min(max(place[0] - wide / 2, frame.left + 2), frame.right - wide)
            box = (left, place[1] + gap, left + wide, place[1] + gap + high)
            if box[1] < frame.top or box[3] > frame.bottom:
                continue
            # Near the line first, then near the end of the phase.
            cost = meets((box[0] - 2, box[1], box[2] + 2, box[3]), taken)
            entry = (cost, nudge // 2 * 1000.0 - x, box)
            best = min(best, entry) if best is not None else entry
    if best is None:
        y = frame.at_y(_latest(segment.centre) or 0.0)
        best = (1, 0.0, (frame.left + 2, y - high - 2, frame.left + 2 + wide, y - 2))
    return best[2], best[0] == 0
