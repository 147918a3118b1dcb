"""One place that checks what every comparison of sites takes in."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import StatsError
from allteach.stats.results import Bools, Floats

KINDS = ("proportion", "rate", "ratio")
# Above this a whole number is no longer exact, below it no exposure is meant.
LARGEST_COUNT, LARGEST, SMALLEST_SIZE = 1e15, 1e50, 1e-12


def numbers(name: str, values: ArrayLike, *, ndim: int | None = 1, negative: bool = False) -> Floats:
    """Return values as a float array, NaN for missing.

    Raises:
        StatsError: ``AT-S-101`` no numbers or wrong shape, ``AT-S-102`` infinite or huge, ``AT-S-103`` negative.
    """
    try:
        if isinstance(values, np.ma.MaskedArray):
            values = np.ma.filled(values.astype(np.float64), np.nan)
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatsError("AT-S-101", f"The {name} are not numbers.", do="Give an array of numbers.") from error
    if ndim is not None and array.ndim != ndim:
        raise StatsError("AT-S-101", f"The {name} have {array.ndim} dimensions, {ndim} expected.")
    if np.isinf(array).any():
        raise StatsError("AT-S-102", f"The {name} hold an infinite value.", where=first_place(np.isinf(array)))
    if (np.abs(array) > LARGEST).any():
        raise StatsError("AT-S-102", f"The {name} hold an impossibly large value.", where=first_place(array > LARGEST))
    if not negative and (array < 0).any():
        raise StatsError("AT-S-103", f"The {name} hold a negative value.", where=first_place(array < 0))
    return array


def first_place(mask: Bools) -> str:
    """Return the position of the first True in words; positions, never values, go into messages."""
    where = np.unravel_index(int(np.argmax(mask)), mask.shape)
    return f"position {', '.join(str(int(i)) for i in where)}"


def whole(name: str, values: Floats) -> Floats:
    """Return the values when all are whole numbers or missing.

    Raises:
        StatsError: ``AT-S-105`` when a count is not whole.
    """
    broken = np.isfinite(values) & (values != np.round(values))
    if broken.any():
        raise StatsError("AT-S-105", f"The {name} hold a count that is not whole.", where=first_place(broken))
    return values


def counts(numerator: ArrayLike, denominator: ArrayLike, kind: str, *, ndim: int | None = 1) -> tuple[Floats, Floats]:
    """Return numerator and denominator, checked; where either is missing or the denominator is 0 both are NaN.

    Raises:
        StatsError: ``AT-S-100`` unknown kind, ``AT-S-101`` to ``AT-S-105`` as the array functions of this module,
            ``AT-S-104`` numerator above denominator, or events without any exposure.
    """
    if kind not in KINDS:
        raise StatsError("AT-S-100", f"There is no kind {kind!r}.", expected=f"Kinds are {', '.join(KINDS)}.")
    num = whole("numerators", numbers("numerators", numerator, ndim=ndim))
    den = numbers("denominators", denominator, ndim=ndim)
    if num.shape != den.shape:
        raise StatsError("AT-S-101", f"Numerators have shape {num.shape}, denominators {den.shape}.")
    odd = (num > LARGEST_COUNT) | (den > LARGEST_COUNT) | ((den > 0) & (den < SMALLEST_SIZE))
    if odd.any():
        raise StatsError("AT-S-102", "A count or size is impossibly large or small.", where=first_place(odd))
    if kind == "proportion":
        whole("denominators", den)
        above = num > den
    else:
        above = (den == 0) & (num > 0)
    if above.any():
        what = "A numerator is above its denominator." if kind == "proportion" else "A site has events but no exposure."
        raise StatsError("AT-S-104", what, where=first_place(above), do="Check how the measure counts.")
    empty = ~(np.isfinite(num) & np.isfinite(den)) | (den == 0)
    if empty.any():
        num, den = np.where(empty, np.nan, num), np.where(empty, np.nan, den)
    return num, den


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return numerator / denominator with NaN where the denominator is 0 or missing."""
    return np.divide(numerator, denominator, out=np.full(np.shape(numerator), np.nan), where=denominator > 0)


def between(name: str, value: float, low: float, high: float) -> float:
    """Return the value when it lies strictly between low and high.

    Raises:
        StatsError: ``AT-S-106`` otherwise.
    """
    if not (low < value < high):
        raise StatsError("AT-S-106", f"The {name} must lie between {low:g} and {high:g}.")
    return float(value)
