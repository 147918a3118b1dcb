"""Risk-adjusted CUSUM: evidence, patient by patient, that odds of an outcome have risen or fallen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison.inputs import numbers
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class RiskCusum:
    """Two one-sided charts over patients in order.

    Attributes:
        rising: ``(N,)`` evidence for odds multiplied by `odds_up`; 0 or more.
        falling: ``(N,)`` evidence for odds multiplied by `odds_down`, drawn downwards; 0 or less.
        limit_up, limit_down: Signal at or beyond these.
        signals_up, signals_down: Positions of signals.
        run_length_up, run_length_down: Patients to a false signal, on average, at these limits and risks.
        odds_up, odds_down: Odds ratios looked for.
        stored: ``before_reset``: the value at a signal is the one that crossed; the next patient starts from 0.
    """

    rising: Floats
    falling: Floats
    limit_up: float
    limit_down: float
    signals_up: NDArray[np.int64]
    signals_down: NDArray[np.int64]
    run_length_up: float
    run_length_down: float
    odds_up: float
    odds_down: float
    stored: str = "before_reset"


def weights(outcome: Floats, risk: Floats, odds: float) -> Floats:
    """Return each patient's log-likelihood ratio of odds multiplied by `odds` against unchanged odds.

    Source:
        steiner2000, equation for the score W.
    """
    return outcome * np.log(odds) - np.log1p(risk * (odds - 1.0))


def risk_adjusted_cusum(
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    odds_up: float = 2.0,
    odds_down: float = 0.5,
    run_length: float = 5000.0,
    limit_up: float | None = None,
    limit_down: float | None = None,
    calibrate_on: ArrayLike | None = None,
) -> RiskCusum | NotEstimable:
    """Return the two charts, with limits from the run length asked for.

    Args:
        outcome: ``(N,)`` 0 or 1 in order of time.
        risk: ``(N,)`` risks from a case-mix model, strictly between 0 and 1; rows with a missing value are NaN in the
            charts and change nothing.
        odds_up: Odds ratio that matters, above 1.
        odds_down: Odds ratio that matters, below 1.
        run_length: Patients to a false signal on average, for limits not given.
        limit_up: Limit instead of one from `run_length`, above 0.
        limit_down: The same for the falling chart, given as a number above 0.
        calibrate_on: Risks that stand for the patients to come; by default those of the chart.

    Returns:
        A RiskCusum, or NotEstimable ``AT-S-110`` without any patient.

    Raises:
        StatsError: ``AT-S-101`` to ``AT-S-103``, ``AT-S-132`` outcomes not 0 or 1, ``AT-S-133`` risks of 0 or 1,
            ``AT-S-134`` odds ratios or limits on the wrong side.

    Source:
        steiner2000.
    """
    y, p = checked(outcome, risk)
    if not (odds_up > 1.0 and 0.0 < odds_down < 1.0):
        raise StatsError("AT-S-134", "The rising chart needs an odds ratio above 1, the falling one between 0 and 1.")
    if any(limit is not None and not limit > 0 for limit in (limit_up, limit_down)):
        raise StatsError("AT-S-134", "Limits are given as numbers above 0.")
    known = np.isfinite(y) & np.isfinite(p)
    if not known.any():
        return NotEstimable("AT-S-110", "No patient has an outcome and a risk.")
    mix = p[known] if calibrate_on is None else checked(np.zeros(np.size(calibrate_on)), calibrate_on)[1]
    mix = mix[np.isfinite(mix)]
    paths, found, limits, lengths = [], [], [], []
    for odds, given in ((odds_up, limit_up), (odds_down, limit_down)):
        limit = limit_for_run_length(mix, odds, run_length) if given is None else float(given)
        value, at = path(weights(y[known], p[known], odds), limit)
        full = np.full(y.size, np.nan)
        full[known] = value
        paths.append(full)
        found.append(np.flatnonzero(known)[at])
        limits.append(limit)
        lengths.append(average_run_length(mix, odds, limit))
    return RiskCusum(
        paths[0], -paths[1], limits[0], -limits[1], found[0], found[1], lengths[0], lengths[1], odds_up, odds_down
    )


def checked(outcome: ArrayLike, risk: ArrayLike) -> tuple[Floats, Floats]:
    """Return outcomes and risks, checked.

    Raises:
        StatsError: ``AT-S-101`` to ``AT-S-103``, ``AT-S-132``, ``AT-S-133``.
    """
    y, p = numbers("outcomes", outcome), numbers("risks", risk)
    if y.shape != p.shape:
        raise StatsError("AT-S-101", f"There are {y.size} outcomes and {p.size} risks.")
    if (np.isfinite(y) & (y != 0) & (y != 1)).any():
        raise StatsError("AT-S-132", "An outcome is neither 0 nor 1.")
    if ((p <= 0) | (p >= 1)).any():
        raise StatsError("AT-S-133", "A risk is 0 or 1, which no model of patients can be sure of.")
    return y, p


def path(weight: Floats, limit: float) -> tuple[Floats, NDArray[np.int64]]:
    """Return max(0, last + weight) with a restart at 0 after each signal, and where it signalled.

    Values at signals are those before the restart.
    """
    value, signals, start, block = np.empty(weight.size), [], 0, 8192
    carried = 0.0
    while start < weight.size:
        total = np.cumsum(weight[start : start + block]) + carried
        piece = total - np.minimum(np.minimum.accumulate(total), 0.0)
        crossed = np.flatnonzero(piece >= limit)
        end = int(crossed[0]) + 1 if crossed.size else piece.size
        value[start : start + end] = piece[:end]
        carried = float(piece[end - 1])
        if crossed.size:
            signals.append(start + end - 1)
            carried = 0.0
        start += end
    return value, np.array(signals, dtype=np.int64)


def average_run_length(
    risk: ArrayLike, odds: float, limit: float, *, true_odds: float = 1.0, states: int = 400
) -> float:
    """Return the average number of patients to a signal, by a Markov chain over the chart's value.

    Args:
        risk: ``(N,)`` risks that stand for the patients; each patient's risk is drawn from them.
        odds: Odds ratio that the chart looks for.
        limit: Its limit, above 0.
        true_odds: What odds really are multiplied by; 1 gives the run length to a false signal.
        states: Points of the chain; between points the chance is shared so that the mean is kept.

    Source:
        brook1972, steiner2000.
    """
    p, share = _mix(np.asarray(risk, float), odds)
    actual = true_odds * p / (1.0 - p + true_odds * p)
    jump = np.concatenate([weights(np.ones(p.size), p, odds), weights(np.zeros(p.size), p, odds)])
    chance = np.concatenate([share * actual, share * (1.0 - actual)])
    step = limit / (states - 1)
    to = np.arange(states)[:, None] * step + jump[None, :]
    stays = to < limit
    spot = np.clip(to, 0.0, None) / step
    low = np.minimum(spot.astype(np.int64), states - 2)
    part = np.clip(spot - low, 0.0, 1.0)
    row = np.broadcast_to(np.arange(states)[:, None], to.shape)
    mass = np.where(stays, chance, 0.0)
    flat = np.bincount((row * states + low).ravel(), weights=(mass * (1.0 - part)).ravel(), minlength=states * states)
    flat += np.bincount((row * states + low + 1).ravel(), weights=(mass * part).ravel(), minlength=states * states)
    return float(np.linalg.solve(np.eye(states) - flat.reshape(states, states), np.ones(states))[0])


def _mix(risk: Floats, odds: float) -> tuple[Floats, Floats]:
    """Return distinct risks and their shares, gathered into at most 200 groups of equal size."""
    p, count = np.unique(risk, return_counts=True)
    if p.size <= 200:
        return p, count / count.sum()
    parts = np.array_split(np.sort(risk), 200)
    return np.array([part.mean() for part in parts]), np.array([part.size / risk.size for part in parts])


def limit_for_run_length(risk: ArrayLike, odds: float, run_length: float) -> float:
    """Return the limit at which a false signal comes every `run_length` patients on average.

    Raises:
        StatsError: ``AT-S-134`` for a run length below 2 patients.

    Source:
        steiner2000.
    """
    from scipy.optimize import brentq

    if not run_length >= 2.0:
        raise StatsError("AT-S-134", "A run length of at least 2 patients is needed.")
    p = np.asarray(risk, float)

    def gap(limit: float) -> float:
        return float(np.log(average_run_length(p, odds, limit, states=200)) - np.log(run_length))

    high = 1.0
    while gap(high) < 0:
        high *= 2.0
    return float(brentq(gap, 1e-3, high, xtol=1e-4)) if gap(1e-3) < 0 else 1e-3


def simulated_run_lengths(
    risk: ArrayLike, odds: float, limit: float, *, true_odds: float = 1.0, runs: int = 1000, seed: int = 1
) -> Floats:
    """Return ``(runs,)`` simulated numbers of patients to a signal: the second opinion on the Markov chain."""
    rng = np.random.default_rng(seed)
    p = np.asarray(risk, float)
    value, length, alive = np.zeros(runs), np.zeros(runs), np.arange(runs)
    while alive.size:
        drawn = rng.choice(p, size=alive.size)
        actual = true_odds * drawn / (1.0 - drawn + true_odds * drawn)
        happened = (rng.random(alive.size) < actual).astype(float)
        value[alive] = np.maximum(0.0, value[alive] + weights(happened, drawn, odds))
        length[alive] += 1.0
        alive = alive[value[alive] < limit]
    return length
