"""Where a series is heading: a straight line through the latest points, with the interval for one further point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allteach.errors import NotEstimable
from allteach.stats import special
from allteach.stats.results import Floats

LEAST_POINTS = 8


@dataclass(frozen=True, slots=True)
class Forecast:
    """One future point.

    Attributes:
        value: The line at that point, on the scale of the data.
        low, high: Prediction interval for a single new point.
        level: Coverage of the interval, 0-1.
        slope: Change a period (on the log scale where `log`).
        points: Points that the line was drawn through.
    """

    value: float
    low: float
    high: float
    level: float
    slope: float
    points: int


def forecast(
    values: Floats, *, ahead: int, latest: int = 12, level: float = 0.95, log: bool = False
) -> Forecast | NotEstimable:
    """Return where the series is heading, if it goes on as it has.

    Args:
        values: ``(T,)``, oldest first; NaN where missing.
        ahead: Periods after the last position, 1 or more.
        latest: Points that count, from the end.
        level: Coverage of the interval, 0-1.
        log: Fit on the log scale, for skewed durations; the value is then a geometric mean.

    Returns:
        The forecast, or `NotEstimable` ``AT-S-090`` with fewer than 8 points, ``AT-S-091`` with values that have no
        logarithm.

    Assumes:
        The trend of the latest points goes on and errors are independent: weaker the further ahead. Not for: promises.

    Source:
        Ordinary least squares with the usual prediction interval for a new observation.

    Example:
        >>> import numpy as np
        >>> found = forecast(np.arange(12.0) + np.tile([0.1, -0.1], 6), ahead=1)
        >>> round(found.value, 1)
        12.0
    """
    known = np.flatnonzero(np.isfinite(values))[-latest:]
    if known.size < LEAST_POINTS:
        return NotEstimable("AT-S-090", f"A forecast needs {LEAST_POINTS} points; there are {known.size}.")
    x, y = known.astype(float), values[known].astype(float)
    if log:
        if (y <= 0).any():
            return NotEstimable("AT-S-091", "A value of zero or less has no logarithm.")
        y = np.log(y)
    centred = x - x.mean()
    spread = float(centred @ centred)
    slope = float(centred @ y) / spread
    errors = y - y.mean() - slope * centred
    free = known.size - 2
    variance = float(errors @ errors) / free
    at = len(values) - 1 + ahead
    middle = y.mean() + slope * (at - x.mean())
    error = np.sqrt(variance * (1 + 1 / known.size + (at - x.mean()) ** 2 / spread))
    half = float(special.stdtrit(free, 0.5 + level / 2)) * error
    low, value, high = middle - half, middle, middle + half
    if log:
        low, value, high = np.exp([low, value, high])
    return Forecast(float(value), float(low), float(high), level, slope, int(known.size))
