"""Risk-adjusted running totals and averages: VLAD and EWMA of outcome against prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import NotEstimable
from allteach.stats.comparison.inputs import between
from allteach.stats.comparison.risk_cusum import checked
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Vlad:
    """Expected minus observed events, running: above 0, fewer events than expected so far.

    Attributes:
        value: ``(N,)`` running total; it stays level at patients with missing data.
        observed, expected: Totals.
        cases: Patients that count.

    It has no limits of its own: for a signal use the risk-adjusted CUSUM.
    """

    value: Floats
    observed: float
    expected: float
    cases: int


def vlad(outcome: ArrayLike, risk: ArrayLike) -> Vlad | NotEstimable:
    """Return the variable life-adjusted display: the running sum of risk minus outcome.

    Returns:
        A Vlad, or NotEstimable ``AT-S-110`` without any patient.

    Raises:
        StatsError: as `risk_adjusted_cusum`.

    Source:
        lovegrove1997.

    Example:
        >>> vlad([0, 1, 0], [0.1, 0.2, 0.1]).value.round(2).tolist()
        [0.1, -0.7, -0.6]
    """
    y, p = checked(outcome, risk)
    known = np.isfinite(y) & np.isfinite(p)
    if not known.any():
        return NotEstimable("AT-S-110", "No patient has an outcome and a risk.")
    value = np.cumsum(np.where(known, p - y, 0.0))
    return Vlad(value, float(y[known].sum()), float(p[known].sum()), int(known.sum()))


@dataclass(frozen=True, slots=True)
class RiskEwma:
    """Weighted running average of outcomes with limits around that of the predictions.

    Attributes:
        observed, expected: ``(N,)`` running averages of outcome and risk; NaN at patients with missing data.
        lower, upper: ``(N,)`` limits, clipped to 0 to 1.
        z: ``(N,)`` (observed - expected) / standard error.
        signals: Positions outside the limits.
        weight: Of the newest patient.
        width: Limits lie this many standard errors away.
    """

    observed: Floats
    expected: Floats
    lower: Floats
    upper: Floats
    z: Floats
    signals: NDArray[np.int64]
    weight: float
    width: float


def risk_adjusted_ewma(
    outcome: ArrayLike, risk: ArrayLike, *, weight: float = 0.02, width: float = 3.0
) -> RiskEwma | NotEstimable:
    """Return the risk-adjusted exponentially weighted moving average.

    Args:
        outcome: ``(N,)`` 0 or 1 in order of time.
        risk: ``(N,)`` risks strictly between 0 and 1.
        weight: Of the newest patient, between 0 and 1; small weights look far back.
        width: Standard errors from expected to limit.

    Returns:
        A RiskEwma, or NotEstimable ``AT-S-110`` without any patient.

    Raises:
        StatsError: as `risk_adjusted_cusum`, and ``AT-S-106`` for an impossible weight.

    Assumes:
        Start at the first patient's risk, so that observed and expected begin together; limits are normal and rough
        until several events are expected within the look-back.

    Source:
        cook2008.
    """
    from scipy.signal import lfilter

    between("weight", weight, 0.0, 1.0)
    y, p = checked(outcome, risk)
    known = np.isfinite(y) & np.isfinite(p)
    if not known.any():
        return NotEstimable("AT-S-110", "No patient has an outcome and a risk.")
    yk, pk = y[known], p[known]
    keep = 1.0 - weight
    gap = lfilter([weight], [1.0, -keep], yk - pk)
    expected, _ = lfilter([weight], [1.0, -keep], pk, zi=[keep * pk[0]])
    sd = np.sqrt(lfilter([weight**2], [1.0, -(keep**2)], pk * (1.0 - pk)))
    full = np.full((5, y.size), np.nan)
    full[:, known] = (
        expected + gap,
        expected,
        np.maximum(expected - width * sd, 0.0),
        np.minimum(expected + width * sd, 1.0),
        gap / sd,
    )
    signals = np.flatnonzero(np.abs(np.nan_to_num(full[4])) > width)
    return RiskEwma(full[0], full[1], full[2], full[3], full[4], signals, weight, width)
