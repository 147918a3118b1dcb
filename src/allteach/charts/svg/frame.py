"""Where things go: the box of the plot, its scales, and labels that keep clear of points and of each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from allteach.charts.lettering import width
from allteach.charts.spec import Axis, Tick

_FREE_RANK = 2
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Size:
    """Measures of one way to show a chart."""

    width: float
    height: float
    font: float
    radius: float
    line: float
    labels: bool = True
    heading: bool = False
    slack: float = 1.0  # a page sets labels in the reader's own font, which may be wider than the shipped one

    def wide(self, words: str, bold: bool = False) -> float:
        """Return the room that a label needs."""
        return width(words, self.font, bold) * self.slack

    def shortened(self, words: str, room: float) -> str:
        """Return the label, or as much of its beginning as fits.

        Example:
            >>> SIZES["narrow"].shortened("Juniper Falls Children's Hospital", 120)
            'Juniper Falls Child…'
        """
        if self.wide(words) <= room:
            return words
        kept = words
        while kept and self.wide(f"{kept}…") > room:
            kept = kept[:-1].rstrip()
        return f"{kept}…"


_READERS_FONT = 1.16  # DejaVu Sans beside Noto Sans, the widest of the fonts that pages are read in
SIZES = {
    "full": Size(800, 360, 13, 4, 1.4, heading=True),
    "page": Size(760, 360, 13, 4, 1.4, slack=_READERS_FONT),
    "narrow": Size(300, 270, 11.5, 3.2, 1.3, slack=_READERS_FONT),
    "small": Size(240, 130, 10.5, 2.2, 1.1, labels=False),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """The box of the plot and its two scales."""

    left: float
    top: float
    right: float
    bottom: float
    x: Axis
    y: Axis
    inset: float = 0.0

    def at_x(self, value: float) -> float:
        """Return the place of a position."""
        span = self.x.high - self.x.low
        left, right = self.left + self.inset, self.right - self.inset
        return (left + right) / 2 if span == 0 else left + (value - self.x.low) / span * (right - left)

    def at_y(self, value: float) -> float:
        """Return the height of a value; values off the axis stop at its edge."""
        low, high = self.y.low, self.y.high
        if self.y.log:
            low, high, value = math.log(low), math.log(high), math.log(max(value, 1e-300))
        share = 0.5 if high == low else (value - low) / (high - low)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)

    def holds(self, value: float | None) -> bool:
        """Return True when the value is on the axis."""
        tiny = (self.y.high - self.y.low) * 1e-9
        return value is not None and self.y.low - tiny <= value <= self.y.high + tiny

    def place(self, x: float, value: float | None) -> tuple[float, float] | None:
        """Return where a point goes; None where there is no value."""
        return None if value is None or not math.isfinite(value) else (self.at_x(x), self.at_y(value))


def room_for_ticks(axis: Axis, size: Size) -> float:
    """Return how much room the labels of a value axis need on the left."""
    return max((size.wide(tick.text) for tick in axis.ticks), default=0.0) + 10


def fitting(ticks: Sequence[Tick], frame: Frame, size: float, gap: float = 14) -> list[tuple[Tick, float, str]]:
    """Return the ticks of the x axis whose labels fit, with place and anchor: high ranks first, no two touching."""
    kept: list[tuple[Tick, float, str]] = []
    spans: list[tuple[float, float, int]] = []
    for rank in sorted({tick.rank for tick in ticks}):
        found, crowded = [], False
        for tick in (tick for tick in ticks if tick.rank == rank):
            start, x, anchor = _label(tick, frame, size)
            end = start + width(tick.text, size)
            hit = [other for left, right, other in spans if start < right + gap and left - gap < end]
            if not hit:
                spans.append((start, end, rank))
                found.append((tick, x, anchor))
            # The ends of the axis may push a neighbour away; crowding among the others is another matter.
            crowded |= any(hit)
        if rank > _FREE_RANK and crowded:
            # Some months of a rank without the others would read as if they were special.
            break
        kept += found
    return sorted(kept, key=lambda entry: entry[1])


def _label(tick: Tick, frame: Frame, size: float) -> tuple[float, float, str]:
    """Return where the label of a tick starts, its place and its anchor."""
    x, wide = frame.at_x(tick.at), width(tick.text, size)
    if x - wide / 2 < frame.left - 4:
        return x, x, "start"
    if x + wide / 2 > frame.right + 4:
        return x - wide, x, "end"
    return x - wide / 2, x, "middle"


def spread(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return the heights moved as little as possible so that neighbours are `gap` apart and all lie within low, high.

    Example:
        >>> spread([10, 12], 10, 0, 100)
        [6.0, 16.0]
    """
    order = sorted(range(len(heights)), key=lambda at: heights[at])
    groups: list[tuple[float, int]] = []  # middle, members
    for at in order:
        groups.append((heights[at], 1))
        while len(groups) > 1 and _edge(groups[-1], gap)[0] < _edge(groups[-2], gap)[1] + gap:
            (later, b), (earlier, a) = groups.pop(), groups.pop()
            groups.append(((earlier * a + later * b) / (a + b), a + b))
    moved: list[float] = []
    for middle, members in groups:
        reach = gap * (members - 1) / 2
        start = min(max(middle - reach, low), max(high - 2 * reach, low))
        start = max(start, moved[-1] + gap) if moved else start
        moved.extend(start + gap * index for index in range(members))
    over = (moved[-1] - high) if moved else 0.0
    if over > 0:
        moved = [max(height - over, low) if height + over > high else height for height in moved]
    result = [0.0] * len(heights)
    for place, at in enumerate(order):
        result[at] = moved[place]
    return result


def _edge(group: tuple[float, int], gap: float) -> tuple[float, float]:
    reach = gap * (group[1] - 1) / 2
    return group[0] - reach, group[0] + reach


def meets(box: Box, others: Iterable[Box]) -> int:
    """Return how many of the other boxes the box touches."""
    left, top, right, bottom = box
    return sum(1 for a, b, c, d in others if left < c and a < right and top < d and b < bottom)


def along(places: Sequence[tuple[float, float] | None], reach: float, step: float = 5) -> list[Box]:
    """Return small boxes that cover the line through the places."""
    boxes: list[Box] = []
    before: tuple[float, float] | None = None
    for place in places:
        if place is not None and before is not None:
            count = max(1, int(math.dist(before, place) // step))
            for index in range(count + 1):
                x = before[0] + (place[0] - before[0]) * index / count
                y = before[1] + (place[1] - before[1]) * index / count
                boxes.append((x - reach, y - reach, x + reach, y + reach))
        before = place
    return boxes
