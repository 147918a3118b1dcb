"""What a chart could not have found: chance of a signal after a change, and the smallest change it would show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.exact import cdf
from allteach.stats.comparison.funnel import Funnel
from allteach.stats.comparison.inputs import between, numbers
from allteach.stats.results import Floats

CHARTS = {"p": "proportion", "u": "rate", "c": "rate", "xbar": "mean"}


@dataclass(frozen=True, slots=True)
class Detectable:
    """What a chart over time could have found.

    Attributes:
        chart: ``p``, ``u``, ``c`` or ``xbar``.
        centre: Value before the change.
        higher, lower: Smallest change upwards and downwards, as new values, that would be found with the power asked
            for; NaN when no possible value would be.
        power: Probability asked for.
        points: Points after the change.
        chance_alone: Probability of a signal in these points when nothing changes.
        run: Length of the run that signals, or 0 when only points beyond the limits do.
    """

    chart: str
    centre: float
    higher: float
    lower: float
    power: float
    points: int
    chance_alone: float
    run: int


def chance_of_signal(
    chart: str, centre: float, size: ArrayLike, value: float, *, sd: float | None = None, run: int = 8
) -> float:
    """Return the exact probability that a Shewhart chart signals after the true value has become `value`.

    Signals are a point beyond three-sigma limits, and `run` points in a row on one side of the centre.

    Args:
        chart: ``p``, ``u``, ``c`` or ``xbar``.
        centre: Centre line, fixed beforehand.
        size: Denominators of the points after the change; ones for a c chart; numbers of values for xbar.
        value: The true value after the change.
        sd: Spread of single values, for xbar.
        run: Points of a run; 0 for limits alone.

    Raises:
        StatsError: ``AT-S-100`` another chart, ``AT-S-101`` to ``AT-S-103``, ``AT-S-106`` impossible values.

    Source:
        montgomery2019 for the operating characteristic; the run by a Markov chain as in champwoodall1987.

    Example:
        >>> round(chance_of_signal("xbar", 0.0, [1.0], 1.0, sd=1.0, run=0), 4)
        0.0228
    """
    n = _sizes(chart, size)
    beyond_low, low, high, beyond_high = _places(chart, centre, n, value, sd)
    if run == 0:
        return float(1.0 - np.prod(1.0 - beyond_low - beyond_high))
    # up[j], down[j]: chance of no signal so far and a present run of j points; up[0] is no run yet. A point on the
    # centre line neither breaks nor lengthens a run.
    up, down = np.zeros(run), np.zeros(run)
    up[0] = 1.0
    for k in range(n.size):
        on = max(0.0, 1.0 - beyond_low[k] - low[k] - high[k] - beyond_high[k])
        new_up, new_down = on * up, on * down
        if run > 1:
            new_up[1:] += high[k] * up[:-1]
            new_up[1] += high[k] * down.sum()
            new_down[2:] += low[k] * down[1:-1]
            new_down[1] += low[k] * up.sum()
        up, down = new_up, new_down
    return float(min(1.0, max(0.0, 1.0 - up.sum() - down.sum())))


def detectable_change(
    chart: str, centre: float, size: ArrayLike, *, power: float = 0.8, sd: float | None = None, run: int = 8
) -> Detectable | NotEstimable:
    """Return the smallest change that a chart with these denominators would have shown with the power asked for.

    Args:
        chart: ``p``, ``u``, ``c`` or ``xbar``.
        centre: Centre line.
        size: ``(K,)`` denominators of the points after the change; missing and empty ones are left out.
        power: Probability of a signal, between 0 and 1.
        sd: Spread of single values, for xbar.
        run: As `chance_of_signal`.

    Returns:
        Detectable, or NotEstimable ``AT-S-110`` without a point, ``AT-S-112`` with a centre of 0 or 1.

    Raises:
        StatsError: as `chance_of_signal`.
    """
    between("power", power, 0.0, 1.0)
    n = _sizes(chart, size)
    if n.size == 0:
        return NotEstimable("AT-S-110", "There is no point with data after the change.")
    if chart != "xbar" and (centre <= 0 or (chart == "p" and centre >= 1)):
        return NotEstimable("AT-S-112", "The centre line lies at the end of the scale, so no limits can be drawn.")

    def chance(value: float) -> float:
        return chance_of_signal(chart, centre, n, value, sd=sd, run=run)

    spread = float(sd or 1.0) if chart == "xbar" else float(np.sqrt(centre / n.min()) * 10 + centre)
    top = 1.0 - 1e-12 if chart == "p" else centre + 50.0 * spread
    bottom = centre - 50.0 * spread if chart == "xbar" else 1e-12
    return Detectable(
        chart, centre, _search(chance, centre, top, power), _search(chance, centre, bottom, power), power, n.size,
        chance(centre), run,
    )  # fmt: skip


def _sizes(chart: str, size: ArrayLike) -> Floats:
    if chart not in CHARTS:
        raise StatsError(
            "AT-S-100", f"There is no power for a chart {chart!r}.", expected=f"One of {', '.join(CHARTS)}."
        )
    n = numbers("sizes", np.atleast_1d(np.asarray(size, float)))
    return n[np.isfinite(n) & (n > 0)]


def _places(
    chart: str, centre: float, n: Floats, value: float, sd: float | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the chances of lying below the lower limit, below the centre, above the centre, above the upper limit."""
    if chart == "xbar":
        if sd is None or not sd > 0:
            raise StatsError("AT-S-106", "An xbar chart needs a spread above 0.")
        shift = (value - centre) * np.sqrt(n) / sd
        out_low, below, above, out_high = (
            special.ndtr(-3.0 - shift), special.ndtr(-shift), special.ndtr(shift), special.ndtr(-3.0 + shift),
        )  # fmt: skip
        return out_low, below - out_low, above - out_high, out_high
    kind = CHARTS[chart]
    if not 0 < centre < (1 if chart == "p" else np.inf) or not 0 <= value <= (1 if chart == "p" else np.inf):
        raise StatsError("AT-S-106", "Centre and value must be possible values of this chart.")
    sigma = np.sqrt(n * centre * ((1.0 - centre) if chart == "p" else 1.0))
    mid, upper, lower = n * centre, n * centre + 3.0 * sigma, n * centre - 3.0 * sigma
    true = np.full(n.shape, float(np.clip(value, 1e-15, 1 - 1e-15 if chart == "p" else np.inf)))
    whole = np.floor(n + 1e-9) if chart == "p" else n

    def up_to(count: Floats) -> Floats:
        return cdf(np.minimum(count, whole) if chart == "p" else count, whole, true, kind)

    out_low = up_to(np.ceil(lower - 1e-9) - 1.0)
    below = up_to(np.ceil(mid - 1e-9) - 1.0)
    above = 1.0 - up_to(np.floor(mid + 1e-9))
    out_high = 1.0 - up_to(np.floor(upper + 1e-9))
    return out_low, np.maximum(below - out_low, 0.0), np.maximum(above - out_high, 0.0), out_high


def _search(chance: Callable[[float], float], near: float, far: float, power: float) -> float:
    """Return the value between near and far at which the chance reaches the power, by bisection; NaN if it does not."""
    if chance(far) < power:
        return float("nan")
    for _ in range(60):
        middle = 0.5 * (near + far)
        if chance(middle) < power:
            near = middle
        else:
            far = middle
    return float(far)


@dataclass(frozen=True, slots=True)
class DetectableInFunnel:
    """True values that a funnel would have shown at each site with the power asked for; NaN when none would be.

    Attributes:
        higher, lower: ``(S,)`` new values.
        power: Probability asked for.
        level: ``95`` or ``99.8``: the limit to be crossed.
    """

    higher: Floats
    lower: Floats
    power: float
    level: str


def detectable_in_funnel(funnel: Funnel, *, power: float = 0.8, level: str = "99.8") -> DetectableInFunnel:
    """Return how far a site's true value would have to lie away for the funnel to show it.

    Args:
        funnel: With its limits, over-dispersion included.
        power: Probability of lying beyond the limit, between 0 and 1.
        level: ``95`` or ``99.8``.

    Raises:
        StatsError: ``AT-S-106`` for an impossible power or level.
    """
    between("power", power, 0.0, 1.0)
    if level not in ("95", "99.8"):
        raise StatsError("AT-S-106", "The limit is either 95 or 99.8.")
    tag = "95" if level == "95" else "998"
    upper, lower = getattr(funnel, f"upper_{tag}"), getattr(funnel, f"lower_{tag}")
    if funnel.kind == "mean":
        reach = special.ndtri(power) * np.sqrt(funnel.unit_variance / funnel.denominator)
        return DetectableInFunnel(upper + reach, lower - reach, power, level)
    n = funnel.denominator
    known = np.isfinite(upper) & np.isfinite(n)
    higher, down = np.full(n.shape, np.nan), np.full(n.shape, np.nan)
    size, start = n[known], funnel.site_target[known]
    kind = "proportion" if funnel.kind == "proportion" else "rate"
    top = np.full(size.shape, 1.0 - 1e-12) if kind == "proportion" else start * 20.0 + 50.0 / size
    over, under = np.floor(upper[known] * size + 1e-9), np.ceil(lower[known] * size - 1e-9) - 1.0
    higher[known] = _bisect(lambda v: 1.0 - cdf(over, size, v, kind), start, top, power)
    down[known] = _bisect(lambda v: cdf(under, size, v, kind), start, np.full(size.shape, 1e-12), power)
    return DetectableInFunnel(higher, down, power, level)


def _bisect(chance: Callable[[Floats], Floats], near: Floats, far: Floats, power: float) -> Floats:
    possible = chance(far) >= power
    for _ in range(60):
        middle = 0.5 * (near + far)
        short = chance(middle) < power
        near, far = np.where(short, middle, near), np.where(short, far, middle)
    return np.where(possible, far, np.nan)
