"""Series of counts and sums by site and period: the one thing that charts are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from allteach.errors import StatsError
from allteach.stats.results import Bools, Floats

FIELDS = ("numerator", "denominator", "n", "total", "total_sq")


def as_floats(name: str, values: Any) -> Floats:
    """Return the values as a float64 array with NaN for missing.

    Raises:
        StatsError: ``AT-S-006`` when they are not numbers.
    """
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    elif hasattr(values, "to_numpy") and not isinstance(values, np.ndarray):
        values = values.to_numpy(dtype=np.float64, na_value=np.nan)
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise StatsError("AT-S-006", f"The {name} are not all numbers.", do="Use NaN for a missing value.") from None


@dataclass(frozen=True, slots=True)
class Panel:
    """Counts and sums of many series, each array of shape ``(..., T)``, NaN where missing.

    Give what the measure has: a numerator and a denominator for proportions and rates; a numerator alone for counts,
    gaps and single values; `n`, `total` (and `total_sq`) for means of patients. Arrays are broadcast to one shape.

    Args:
        numerator: Events, counts or single values.
        denominator: Patients or exposure, in the same unit throughout.
        n: Patients behind each mean; one where only `total` is given.
        total: Sum of the patients' values (of their logarithms when `log`).
        total_sq: Sum of the squared values (of the squared logarithms when `log`).
        log: The sums are of natural logarithms: means are shown as geometric means.

    Raises:
        StatsError: ``AT-S-001`` when there is neither numerator nor total, ``AT-S-002`` when shapes do not fit.

    Example:
        >>> Panel(numerator=[3, 4], denominator=[30, 50]).value
        array([0.1 , 0.08])
    """

    numerator: Any = None
    denominator: Any = None
    n: Any = None
    total: Any = None
    total_sq: Any = None
    log: bool = False

    def __post_init__(self) -> None:
        given = {name: as_floats(name, getattr(self, name)) for name in FIELDS if getattr(self, name) is not None}
        if self.total is not None and self.n is None:
            given["n"] = np.where(np.isnan(given["total"]), np.nan, 1.0)
        if "numerator" not in given and "total" not in given:
            raise StatsError("AT-S-001", "A series needs a numerator or a total.")
        try:
            shape = np.broadcast_shapes(*(array.shape for array in given.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in given.items())
            raise StatsError("AT-S-002", f"The arrays do not fit together: {shapes}.") from None
        if not shape:
            raise StatsError("AT-S-002", "A series needs an axis of periods.", expected="The last axis is time.")
        for name, array in given.items():
            object.__setattr__(self, name, np.broadcast_to(array, shape))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of every array, periods last."""
        first = self.numerator if self.numerator is not None else self.total
        return tuple(first.shape)

    @property
    def periods(self) -> int:
        """Number of periods."""
        return self.shape[-1]

    @property
    def fields(self) -> dict[str, Floats]:
        """The arrays that are there, by name."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name) is not None}

    @property
    def known(self) -> Bools:
        """``(..., T)`` True where everything a point needs is there and its denominator is above zero."""
        known = np.ones(self.shape, bool)
        for name, array in self.fields.items():
            known &= np.isfinite(array)
            if name in ("denominator", "n"):
                known &= array > 0
        return known

    @property
    def value(self) -> Floats:
        """``(..., T)`` the points: ratio, mean (geometric mean when `log`) or single value; NaN where there is none."""
        above, below = (self.total, self.n) if self.total is not None else (self.numerator, self.denominator)
        if below is None:
            return np.array(above)
        with np.errstate(all="ignore"):
            value = np.where(below > 0, above / below, np.nan)
            return np.exp(value) if self.log else value

    def _of(self, fields: dict[str, Any]) -> Panel:
        return Panel(**fields, log=self.log)

    def pool(self, axis: int = 0) -> Panel:
        """Return the network line: sums over an axis of sites. A site without both parts of a point is left out of it.

        A period in which no site has data stays missing. Adding patients is right; for the mean of sites' own rates
        take the mean of `value` and name it so.
        """
        if len(self.shape) < 2 or axis in (-1, len(self.shape) - 1):
            raise StatsError("AT-S-002", "Pooling needs an axis of sites before the axis of periods.")
        known = self.known
        some = known.any(axis=axis)
        return self._of(
            {
                name: np.where(some, np.where(known, array, 0.0).sum(axis=axis), np.nan)
                for name, array in self.fields.items()
            }
        )

    def reporting(self, axis: int = 0) -> np.ndarray:
        """Return how many sites have a point in each period."""
        return np.asarray(self.known.sum(axis=axis))

    def add_periods(self, starts: Sequence[int], *, complete: bool = False) -> Panel:
        """Return longer periods, each the sum of the periods from one start to the next.

        Args:
            starts: Positions at which a longer period begins; the first is 0.
            complete: Leave a longer period missing when any part of it is missing; else it holds what is there.

        Example:
            >>> Panel(numerator=[1, 2, 3, 4], denominator=[10, 10, 10, 10]).add_periods([0, 2]).value
            array([0.15, 0.35])
        """
        at = np.asarray(starts, dtype=np.int64)
        if at.ndim != 1 or at.size == 0 or at[0] != 0 or np.any(np.diff(at) <= 0) or at[-1] >= self.periods:
            raise StatsError("AT-S-005", "Starts of periods must begin at 0, rise, and lie inside the series.")
        known = self.known
        there = np.add.reduceat(known, at, axis=-1, dtype=np.int64)
        keep = there == np.diff(np.append(at, self.periods)) if complete else there > 0
        return self._of(
            {
                name: np.where(keep, np.add.reduceat(np.where(known, array, 0.0), at, axis=-1), np.nan)
                for name, array in self.fields.items()
            }
        )

    def rolling(self, periods: int) -> Panel:
        """Return sums over this many periods up to each one, such as a 12-month rolling rate; missing until it is full.

        Neighbouring points share data: show it beside a chart, never under rules of signals.

        Args:
            periods: Length of the window. Missing periods inside it are left out of both parts.

        Raises:
            StatsError: ``AT-S-005`` when the window is not between 1 and the length of the series.

        Example:
            >>> Panel(numerator=[1, 2, 3, 4], denominator=[10, 10, 10, 10]).rolling(2).value
            array([ nan, 0.15, 0.25, 0.35])
        """
        if not 1 <= periods <= self.periods:
            raise StatsError("AT-S-005", "A rolling window is at least one period and no longer than the series.")
        known = self.known
        windows = np.lib.stride_tricks.sliding_window_view(known, periods, axis=-1).any(axis=-1)
        fields = {}
        for name, array in self.fields.items():
            parts = np.lib.stride_tricks.sliding_window_view(np.where(known, array, 0.0), periods, axis=-1)
            fields[name] = np.full(self.shape, np.nan)
            fields[name][..., periods - 1 :] = np.where(windows, parts.sum(axis=-1), np.nan)
        return self._of(fields)

    def without(self, mask: Any) -> Panel:
        """Return the panel with the points under the mask missing."""
        return self._of({name: np.where(mask, np.nan, array) for name, array in self.fields.items()})

    def take(self, index: Any) -> Panel:
        """Return some of the series (index or mask over the axes before the last)."""
        return self._of({name: array[index] for name, array in self.fields.items()})
