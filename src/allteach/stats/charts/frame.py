"""The frame every chart shares: arrays in, phases, points that shape the limits, limits out; series x periods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from itertools import pairwise
from typing import Any

import numpy as np

from allteach.errors import NotEstimable, StatsError
from allteach.stats.charts.exact import wants_exact
from allteach.stats.results import Bools, Floats, Limits, Plan
from allteach.stats.series import as_floats

TRIAL_POINTS = 12

REASONS = {
    "AT-S-010": "There are no points in {phase}.",
    "AT-S-011": "There is one point in {phase}; limits need at least two.",
    "AT-S-012": "A value is infinite or too large to compute with.",
    "AT-S-013": "A count, a denominator or a size is negative.",
    "AT-S-014": "A numerator is larger than its denominator.",
    "AT-S-015": "Events were given for a period without a denominator; those periods are left out.",
    "AT-S-016": "All points of {phase} have the same value, so there is no variation to set limits from.",
    "AT-S-017": "Over half of the points of {phase} have the same value, so runs around the centre mean nothing.",
    "AT-S-018": "Every case of {phase} had the same outcome, so there are no limits.",
    "AT-S-019": "A time between events is zero or negative.",
    "AT-S-020": "No two neighbouring points of {phase} are both there, so point-to-point variation is unknown.",
    "AT-S-021": "No subgroup of {phase} has two or more cases, so spread within subgroups is unknown.",
    "AT-S-023": "Sums of squares are smaller than the sums allow.",
}


def trouble(code: str, phase: str = "the series") -> NotEstimable:
    """Return the reason of a code, naming the phase."""
    return NotEstimable(code, REASONS[code].format(phase=phase))


@dataclass(slots=True)
class Frame:
    """Working state of one chart family over S series and T periods."""

    kind: str
    plan: Plan
    lead: tuple[int, ...]
    series: int
    periods: int
    phases: list[slice]
    exclude: Bools | None
    problems: dict[int, NotEstimable] = field(default_factory=dict)
    notes: dict[int, NotEstimable] = field(default_factory=dict)

    def phase_name(self, number: int) -> str:
        """Return how a phase is called in a reason."""
        return "the series" if len(self.phases) == 1 else f"phase {number + 1}"

    def problem(self, rows: Bools, code: str, phase: int | None = None) -> None:
        """Record a problem for the series marked; trouble in an earlier phase is only noted. What came first stays."""
        latest = phase is None or phase == len(self.phases) - 1
        where = self.problems if latest else self.notes
        reason = trouble(code, self.phase_name(phase or 0))
        for row in np.flatnonzero(rows).tolist():
            where.setdefault(row, reason)

    def note(self, rows: Bools, code: str) -> None:
        """Record something left out of a chart that stands."""
        for row in np.flatnonzero(rows).tolist():
            self.notes.setdefault(row, trouble(code))

    def refuse(self, rows: Any, code: str, *arrays: Floats) -> None:
        """Record a problem and take every point of those series away: a chart of impossible values would lie."""
        if rows.any():
            self.problem(rows, code)
            for array in arrays:
                array[rows] = np.nan

    def used(self, there: Bools) -> Bools:
        """``(S, T)`` the points that shape the limits: in the baseline of their phase and not excluded."""
        used = there
        if self.plan.baseline is not None:
            used = there.copy()
            for part in self.phases:
                counted = np.cumsum(there[:, part], axis=-1, dtype=np.int32)
                used[:, part] &= counted <= self.plan.baseline
        return used if self.exclude is None else used & ~self.exclude

    def spread(self, values: list[Floats]) -> Floats:
        """Return per-phase ``(S,)`` values as an array that broadcasts to ``(S, T)``."""
        if len(values) == 1:
            return values[0][:, None]
        out = np.empty((self.series, self.periods))
        for part, value in zip(self.phases, values, strict=True):
            out[:, part] = value[:, None]
        return out

    def sums(self, used: Bools, *arrays: Floats) -> list[list[Floats]]:
        """Return, for each array, its per-phase sums over the points used."""
        if not used.all():
            arrays = tuple(np.where(used, array, 0.0) for array in arrays)
        return [[array[:, part].sum(axis=-1) for part in self.phases] for array in arrays]

    def counts(self, used: Bools) -> list[np.ndarray]:
        """Return the number of points used in each phase."""
        return [np.count_nonzero(used[:, part], axis=-1) for part in self.phases]

    def limits(
        self,
        value: Floats,
        centre: Floats,
        bounds: Sequence[Floats],
        z: Floats,
        used: Bools,
        centre_kind: str = "mean",
        **extra: Any,
    ) -> Limits:
        """Return the typed result; lines are drawn wherever the phase has them, also under missing points."""
        withheld = extra.pop("withheld", None)
        last = self.phases[-1]
        huge: Bools = np.atleast_1d(np.isinf(centre).any(axis=-1) | np.isinf(bounds[1]).any(axis=-1))
        if huge.any():
            self.problem(huge, "AT-S-012")
            value, z = (np.where(huge[:, None], np.nan, array) for array in (value, z))
            centre, *bounds = (np.where(huge[:, None], np.nan, array) for array in (centre, *bounds))
        phase = np.zeros(self.periods, np.int64)
        for number, part in enumerate(self.phases):
            phase[part] = number
        return Limits(
            kind=self.kind,
            value=self._out(value),
            centre=self._out(centre),
            lower=self._out(bounds[0]),
            upper=self._out(bounds[1]),
            z=self._out(z),
            used=self._out(used),
            phase=phase,
            trial=(np.count_nonzero(used[:, last], axis=-1) < TRIAL_POINTS).reshape(self.lead),
            problems=self._keyed(self.problems),
            notes=self._keyed(self.notes),
            runs_withheld=(np.zeros(self.series, bool) if withheld is None else withheld[:, -1]).reshape(self.lead),
            runs_withheld_at=self._out(withheld) if withheld is not None and withheld.any() else None,
            centre_kind=centre_kind,
            **{key: self._out(item) for key, item in extra.items()},
        )

    def _out(self, array: Any) -> Any:
        """Return the array in the caller's shape; a line that is level takes no memory (and cannot be written to)."""
        shape = (*self.lead, self.periods)
        if array.shape[-1] == 1 and self.periods > 1:
            column = np.broadcast_to(array, (self.series, 1)).reshape((*self.lead, 1))
            return np.broadcast_to(column, shape)
        return np.ascontiguousarray(array).reshape(shape)

    def _keyed(self, rows: dict[int, NotEstimable]) -> dict[tuple[int, ...], NotEstimable]:
        return {tuple(int(i) for i in np.unravel_index(row, self.lead)) if self.lead else (): rows[row] for row in rows}


def open_frame(kind: str, plan: Plan, **given: Any) -> tuple[Frame, list[Floats]]:
    """Return the frame and the arrays as fresh ``(S, T)`` floats.

    Raises:
        StatsError: ``AT-S-001`` missing argument, ``AT-S-002`` shapes, ``AT-S-005`` plan, ``AT-S-006`` not numbers.
    """
    for name, values in given.items():
        if values is None:
            raise StatsError(
                "AT-S-001", f"A {kind} chart needs {name}.", do="Give that column or choose another chart."
            )
    arrays = [as_floats(name, values) for name, values in given.items()]
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        raise StatsError("AT-S-002", f"Arrays of a {kind} chart do not fit: {[a.shape for a in arrays]}.") from None
    if not shape:
        raise StatsError("AT-S-002", "A chart needs an axis of periods.", expected="The last axis is time.")
    if shape[-1] == 0:
        raise StatsError("AT-S-002", "A chart needs at least one period.")
    lead, periods = shape[:-1], shape[-1]
    size = int(np.prod(lead, dtype=np.int64))
    flat = [np.array(np.broadcast_to(array, shape)).reshape(size, periods) for array in arrays]
    exclude = _exclusions(plan, shape, size, periods)
    wants_exact(kind, plan)
    return Frame(kind, plan, lead, size, periods, _phases(plan, periods), exclude), flat


def _phases(plan: Plan, periods: int) -> list[slice]:
    starts = [int(s) for s in plan.phase_starts if int(s) != 0]
    if any(b <= a for a, b in pairwise([0, *starts])) or any(s >= periods for s in starts):
        raise StatsError("AT-S-005", "Starts of phases must rise and lie inside the series.")
    if plan.baseline is not None and plan.baseline < 2:
        raise StatsError("AT-S-005", "A baseline needs at least two points.")
    edges = [0, *starts, periods]
    return [slice(a, b) for a, b in pairwise(edges)]


def _exclusions(plan: Plan, shape: tuple[int, ...], size: int, periods: int) -> Bools | None:
    if plan.exclude is None:
        return None
    mask = np.asarray(plan.exclude)
    if mask.dtype != np.bool_:
        raise StatsError("AT-S-005", "Excluded points must be given as true or false.")
    try:
        full = np.broadcast_to(mask, shape).reshape(size, periods)
    except ValueError:
        raise StatsError("AT-S-002", f"Excluded points {mask.shape} do not fit the series {shape}.") from None
    return full if full.any() else None


def clean_values(frame: Frame, value: Floats, *, floor: float | None = None, code: str = "AT-S-013") -> Bools:
    """Refuse series with infinite (or too small) values; return ``(S, T)`` where there is a point."""
    there = np.isfinite(value)
    if not there.all():
        frame.refuse(np.isinf(value).any(axis=-1), "AT-S-012", value)
    if floor is not None:
        frame.refuse((value < floor).any(axis=-1), code, value)
    return np.isfinite(value) if frame.problems else there


def clean_ratio(frame: Frame, above: Floats, below: Floats, *, whole: bool, signed: bool = False) -> Bools:
    """Refuse impossible numerators and denominators; drop points without either; return where there is a point.

    Args:
        frame: The chart's frame.
        above: Numerators, changed in place.
        below: Denominators, changed in place.
        whole: Numerators are part of their denominators (proportions).
        signed: Numerators may be negative.
    """
    there = np.isfinite(above) & np.isfinite(below)
    if not there.all():
        frame.refuse(np.isinf(above).any(axis=-1) | np.isinf(below).any(axis=-1), "AT-S-012", above, below)
    if below.size and not np.nanmin(below, initial=np.inf) > 0:
        frame.refuse((below < 0).any(axis=-1), "AT-S-013", above, below)
    if not signed and (above < 0).any():
        frame.refuse((above < 0).any(axis=-1), "AT-S-013", above, below)
    if whole and (above > below).any():
        frame.refuse(((above > below) & (below > 0)).any(axis=-1), "AT-S-014", above, below)
    there = np.isfinite(above) & (below > 0)
    if not there.all():
        lost = (np.isfinite(above) & (above != 0) & ~there).any(axis=-1)
        frame.problem(np.asarray(lost & ~there.any(axis=-1)), "AT-S-015")
        frame.note(np.asarray(lost), "AT-S-015")
        above[~there] = np.nan
        below[~there] = np.nan
    return there


def shaping(frame: Frame, there: Bools, *, least: int = 2) -> Bools:
    """Return the points that shape the limits. A phase with fewer than `least` has none: it gets a reason, no lines."""
    used = frame.used(there)
    for number, (part, count) in enumerate(zip(frame.phases, frame.counts(used), strict=True)):
        if not count.size or count.min() >= least:
            continue
        frame.problem(count == 0, "AT-S-010", number)
        frame.problem((count > 0) & (count < least), "AT-S-011", number)
        used = used.copy() if used is there else used
        used[count < least, part] = False
    return used


def report(frame: Frame, wrong: list[Bools], code: str) -> None:
    """Record one code for the series marked in each phase, unless something else is known already."""
    for number, rows in enumerate(wrong):
        frame.problem(rows, code, number)


def mostly_one_value(frame: Frame, value: Floats, used: Bools) -> Bools:
    """Return where over half of the points used in a phase are one value, to broadcast to ``(S, T)``; record it."""
    if len(frame.phases) == 1:
        rows = _mostly_one(value, used)
        frame.problem(rows, "AT-S-017")
        return rows[:, None]
    found = np.zeros((frame.series, frame.periods), bool)
    for number, part in enumerate(frame.phases):
        rows = _mostly_one(value[:, part], used[:, part])
        if rows.any():
            found[rows, part] = True
            frame.problem(rows, "AT-S-017", number)
    return found


def _mostly_one(points: Floats, shaped: Bools) -> Bools:
    count = np.count_nonzero(shaped, axis=-1)
    found = np.zeros(len(points), bool)
    twins = np.count_nonzero(points[:, 1:] == points[:, :-1], axis=-1)
    # A value held by over half of n points has neighbours alike, or sits at every other of an odd number. Gaps and
    # excluded points may part neighbours, so those series are always looked at.
    look = np.flatnonzero((count >= 3) & ((twins > 0) | (count < 8) | (count < points.shape[-1])))
    if look.size:
        middle = medians(points[look], shaped[look])
        same = np.count_nonzero((points[look] == middle[:, None]) & shaped[look], axis=-1)
        found[look] = 2 * same > count[look]
    return found


def in_sigmas(value: Floats, centre: Floats, sigma: Floats) -> Floats:
    """Return distances from the centre in sigmas, in one new array."""
    away = value - centre
    away /= sigma
    return away


def medians(value: Floats, used: Bools) -> Floats:
    """``(S,)`` medians over the points used; NaN where there is none."""
    count = np.count_nonzero(used, axis=-1)
    if value.shape[-1] == 0:
        return np.full(len(value), np.nan)
    filled = value if used.all() else np.where(used, value, np.inf)
    sizes = np.unique(count[count > 0])
    middles = np.unique(np.concatenate([(sizes - 1) // 2, sizes // 2]))
    # Finding a few order statistics is quicker than sorting; series of many lengths are sorted.
    ordered = np.partition(filled, middles, axis=-1) if 0 < middles.size <= 4 else np.sort(filled, axis=-1)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0)[:, None] // 2, axis=-1)[:, 0]
    high = np.take_along_axis(ordered, np.minimum(count // 2, value.shape[-1] - 1)[:, None], axis=-1)[:, 0]
    with np.errstate(all="ignore"):
        return np.where(count > 0, low + (high - low) / 2, np.nan)


def quiet(function: Callable[..., Limits]) -> Callable[..., Limits]:
    """Return the chart function with NumPy's floating-point warnings off: what cannot be computed is NaN and named."""

    @wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Limits:
        with np.errstate(all="ignore"):
            return function(*args, **kwargs)

    return inner
