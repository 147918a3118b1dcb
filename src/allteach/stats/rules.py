"""The rules of signal detection: one small pure function each, on whole arrays of points.

Every rule takes `Points` and returns ``(S, T)`` int8: +1 marked high or rising, -1 marked low or falling, 0 not marked.
Rules without direction return +1 for marked. Points are packed to the left: missing periods are gone, so neighbours in
the array are neighbours in time with data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from allteach.stats.results import Bools, Floats

Codes = NDArray[np.int8]

# A point on a line is on neither side of it; the slack is what rounding may do.
ON_LINE = 1e-13
ON_SIGMA = 1e-9


class Packing:
    """Moves the marked entries of each row to its left, and back."""

    def __init__(self, keep: Bools) -> None:
        self.keep = keep
        self.count = np.count_nonzero(keep, axis=-1)
        self.whole = bool(keep.all())
        self.left = keep if self.whole else np.arange(keep.shape[-1]) < self.count[:, None]

    def pack(self, array: np.ndarray, empty: float) -> np.ndarray:
        """Return the array with kept entries to the left and `empty` after them."""
        if self.whole:
            return array
        out = np.full(array.shape, empty, array.dtype)
        out[self.left] = array[self.keep]
        return out

    def unpack(self, array: np.ndarray) -> np.ndarray:
        """Return the packed array with entries where they came from and zero elsewhere."""
        if self.whole:
            return array
        out = np.zeros(array.shape, array.dtype)
        out[self.keep] = array[self.left]
        return out


@dataclass(slots=True)
class Points:
    """Points of S series as the rules see them.

    Attributes:
        value, centre, z: ``(S, T)`` packed floats, NaN after the last point.
        side: ``(S, T)`` +1 above the centre, -1 below, 0 on it or after the last point.
        packing: How the periods were packed.
        numerator, denominator: ``(S, T)`` packed, for ratio charts.
        ratio: ``p`` or ``u`` for charts that the aggregate point rule knows, else empty.
        runs_withheld: ``(S,)`` rows whose runs mean nothing.
    """

    value: Floats
    z: Floats
    side: Codes
    packing: Packing
    centre: Floats | None = None
    numerator: Floats | None = None
    denominator: Floats | None = None
    ratio: str = ""
    _off_line: tuple[Packing, Codes] | None = field(default=None, repr=False)
    _steps: Codes | None = field(default=None, repr=False)
    _beyond: dict[float, tuple[Bools, Bools]] = field(default_factory=dict, repr=False)

    @property
    def off_line(self) -> tuple[Packing, Codes]:
        """Packing without the points on the centre, and the sides so packed."""
        if self._off_line is None:
            packing = Packing(self.side != 0)
            self._off_line = (packing, packing.pack(self.side, 0))
        return self._off_line

    @property
    def steps(self) -> Codes:
        """``(S, T-1)`` +1 where the next point is higher, -1 where lower, 0 where equal or there is none."""
        if self._steps is None:
            before, after = self.value[:, :-1], self.value[:, 1:]
            self._steps = (after > before).view(np.int8) - (after < before).view(np.int8)
        return self._steps

    def beyond(self, sigmas: float) -> tuple[Bools, Bools]:
        """Points above and below this many sigmas, strictly."""
        if sigmas not in self._beyond:
            edge = sigmas + ON_SIGMA
            self._beyond[sigmas] = (self.z > edge, self.z < -edge)
        return self._beyond[sigmas]


def sides(value: Floats, centre: Floats) -> Codes:
    """Return +1 above the centre, -1 below, 0 on it or missing."""
    if centre.shape[-1] > 1 and centre.strides[-1] == 0:
        centre = centre[..., :1]
    slack = np.abs(centre) * ON_LINE
    return (value > centre + slack).view(np.int8) - (value < centre - slack).view(np.int8)


def stretches(marked: Bools, length: int) -> Bools:
    """Return the marked entries that lie in a stretch of at least `length` marked ones in a row.

    Example:
        >>> stretches(np.array([[True, False, True, True]]), 2)
        array([[False, False,  True,  True]])
    """
    return grow(_all_in_window(marked, length), length, marked.shape[-1])


def _all_in_window(marked: Bools, length: int) -> Bools:
    """``(S, T-length+1)`` True where a window that starts here is all marked (by doubling)."""
    periods = marked.shape[-1]
    if length > periods:
        return np.zeros((len(marked), 0), bool)
    window, size = marked, 1
    while size < length:
        step = min(size, length - size)
        window = window[:, :-step] & window[:, step:]
        size += step
    return window


def grow(starts: Bools, length: int, periods: int) -> Bools:
    """Return every entry covered by a window of `length` from a marked start (by doubling)."""
    covered = np.zeros((len(starts), periods), bool)
    if starts.shape[-1] == 0 or not starts.any():
        return covered
    covered[:, : starts.shape[-1]] = starts
    size = 1
    while size < length:
        step = min(size, length - size)
        covered[:, step:] |= covered[:, :-step].copy()
        size += step
    return covered


def shares(marked: Bools, needed: int, window: int) -> Bools:
    """``(S, T-window+1)`` True where a window that starts here holds at least `needed` marked entries."""
    periods = marked.shape[-1]
    if window > periods:
        return np.zeros((len(marked), 0), bool)
    count = np.zeros((len(marked), periods - window + 1), np.int8)
    for offset in range(window):
        count += marked[:, offset : periods - window + 1 + offset].view(np.int8)
    return count >= needed


def _both(high: Bools, low: Bools) -> Codes:
    return high.view(np.int8) - low.view(np.int8)


def beyond_limits(points: Points) -> Codes:
    """Mark points beyond three sigmas."""
    return _both(*points.beyond(3))


def shift(points: Points, *, length: int, on_line: str = "skip") -> Codes:
    """Mark runs of at least `length` points on one side of the centre.

    Args:
        points: The points.
        length: Points in a row that make a signal.
        on_line: ``"skip"``: a point on the centre neither breaks nor lengthens a run; ``"break"``: it ends the run.
    """
    if on_line == "break":
        return _both(stretches(points.side == 1, length), stretches(points.side == -1, length))
    packing, side = points.off_line
    return packing.unpack(_both(stretches(side == 1, length), stretches(side == -1, length)))


def trend(points: Points, *, length: int, equal: str = "skip") -> Codes:
    """Mark runs of at least `length` points each higher (or each lower) than the one before.

    Args:
        points: The points.
        length: Points, so one more than steps.
        equal: ``"skip"``: of equal neighbours one counts; ``"break"``: an equal neighbour ends the trend.
    """
    steps = points.steps
    packing = Packing(steps != 0) if equal == "skip" else None
    packed = packing.pack(steps, 0) if packing else steps
    marks = []
    for way in (1, -1):
        run = stretches(packed == way, length - 1)
        run = packing.unpack(run) if packing else run
        ends = np.zeros(points.side.shape, bool)
        ends[:, :-1] |= run
        ends[:, 1:] |= run
        marks.append(ends)
    # The turning point of two trends belongs to the later one.
    marks[0] &= ~marks[1] | _later_wins(marks[0], steps, 1)
    marks[1] &= ~marks[0]
    return _both(marks[0], marks[1])


def _later_wins(marked: Bools, steps: Codes, way: int) -> Bools:
    """Points from which the series moves on in this way."""
    after = np.zeros(marked.shape, bool)
    after[:, :-1] = steps == way
    return marked & after


def window_beyond(points: Points, *, needed: int, window: int, sigmas: float, all_one_side: bool = False) -> Codes:
    """Mark the points beyond `sigmas` in windows where `needed` of `window` are beyond it on the same side.

    Args:
        points: The points.
        needed: How many must be beyond.
        window: Points in the window.
        sigmas: The zone's edge.
        all_one_side: Every point of the window must lie on that side of the centre (NHS Making Data Count).
    """
    periods = points.side.shape[-1]
    marks = []
    for outside, way in zip(points.beyond(sigmas), (1, -1), strict=True):
        starts = shares(outside, needed, window)
        if all_one_side and starts.any():
            starts &= _all_in_window(points.side == way, window)
        marks.append(grow(starts, window, periods) & outside)
    return _both(*marks)


def window_side(points: Points, *, needed: int, window: int) -> Codes:
    """Mark the points on one side in windows where at least `needed` of `window` are on it; the centre is skipped."""
    packing, side = points.off_line
    marks = []
    for way in (1, -1):
        on_side = side == way
        marks.append(grow(shares(on_side, needed, window), window, side.shape[-1]) & on_side)
    return packing.unpack(_both(*marks))


def hugging(points: Points, *, length: int) -> Codes:
    """Mark runs of at least `length` points within one sigma of the centre; without direction."""
    inside = np.abs(points.z) < 1
    return stretches(inside, length).view(np.int8)


def avoiding(points: Points, *, length: int) -> Codes:
    """Mark runs of at least `length` points none of which is within one sigma of the centre; without direction."""
    high, low = points.beyond(1)
    return stretches(high | low, length).view(np.int8)


def alternating(points: Points, *, length: int) -> Codes:
    """Mark runs of at least `length` points that go up and down in turn; without direction."""
    steps = points.steps
    turns = stretches(steps[:, 1:] * steps[:, :-1] == -1, length - 2)
    marks = np.zeros(points.side.shape, bool)
    for offset in range(3):
        marks[:, offset : offset + turns.shape[-1]] |= turns
    return marks.view(np.int8)


def aggregate(points: Points) -> Codes:
    """Mark runs on one side of the centre whose pooled point is beyond three sigmas for its pooled size.

    The run's numerators and denominators are added from its first point on; the run is marked up to the last point at
    which the pooled one is outside. Runs of one point are left to `beyond_limits`. For p and u charts only.

    Source: Wheeler, Davis & Brilli 2018, Pediatr Qual Saf 3:e103.
    """
    if not points.ratio or points.numerator is None or points.denominator is None or points.centre is None:
        return np.zeros(points.side.shape, np.int8)
    packing, side = points.off_line
    y, n, c = (packing.pack(a, 0.0) for a in (points.numerator, points.denominator, points.centre))
    y, n, c = (np.where(packing.left, a, 0.0) for a in (y, n, c))
    unit = c * (1 - c) if points.ratio == "p" else c
    first = np.ones(side.shape, bool)
    first[:, 1:] = side[:, 1:] != side[:, :-1]
    position = np.arange(side.shape[-1], dtype=np.int32)
    start = np.maximum.accumulate(np.where(first, position, 0), axis=-1)
    excess, size = (_from_start(a, start) for a in (y - c * n, n))
    with np.errstate(all="ignore"):
        z = excess / np.sqrt(unit * size)
    outside = (np.abs(z) > 3 + ON_SIGMA) & (position > start) & packing.left
    marked = _back_to_start(outside, start)
    return packing.unpack(np.where(marked, side, 0).astype(np.int8))


def _from_start(values: Floats, start: np.ndarray) -> Floats:
    total = np.cumsum(values, axis=-1)
    before = np.take_along_axis(total - values, start, axis=-1)
    return np.asarray(total - before)


def _back_to_start(ends: Bools, start: np.ndarray) -> Bools:
    """Return the entries from the start of a run to its last marked end."""
    marked = np.zeros(ends.shape, bool)
    rows, last = np.nonzero(ends)
    if rows.size:
        change = np.zeros((len(ends), ends.shape[-1] + 1), np.int32)
        np.add.at(change, (rows, start[rows, last]), 1)
        np.add.at(change, (rows, last + 1), -1)
        marked = np.cumsum(change, axis=-1)[:, :-1] > 0
    return marked


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a set.

    Attributes:
        key: Stable name.
        label: What it looks for, in plain words.
        find: The function, or None where the rule marks a series as a whole (it is then read from the runs analysis).
        directed: Marks have a side.
        needs: ``limits`` (sigmas are needed), ``runs`` (sides of the centre) or ``order`` (only the order of points).
    """

    key: str
    label: str
    find: Callable[[Points], Codes] | None
    directed: bool = True
    needs: str = "runs"
