"""Exact limits of counts: binomial and Poisson probabilities in place of three sigmas, for charts with few events."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from allteach.errors import StatsError
from allteach.stats import special
from allteach.stats.results import Bools, Floats, Plan

# The share of a normal distribution beyond three sigmas, on one side.
TAIL = math.erfc(3 / math.sqrt(2)) / 2
LIMITS = ("sigma", "exact")
STEPS = 20
EXACT_KINDS = ("p", "u", "c")


def wants_exact(kind: str, plan: Plan) -> bool:
    """Return whether exact limits are asked for.

    Raises:
        StatsError: ``AT-S-005`` for an unknown kind of limits, or exact ones on a chart that has none.
    """
    if plan.limits not in LIMITS:
        raise StatsError("AT-S-005", f"There are no limits of kind {plan.limits!r}.", expected=", ".join(LIMITS))
    if plan.limits == "exact" and kind not in EXACT_KINDS:
        raise StatsError(
            "AT-S-005", f"A {kind} chart has no exact limits.", expected="Exact limits are for p, u and c."
        )
    return plan.limits == "exact"


def exact_lines(y: Floats, n: Floats, centre: Floats, *, binomial: bool) -> tuple[Floats, Floats, Floats]:
    """Return lower and upper limit of each ratio, and distances as the normal sigmas of the same probability.

    A count lies beyond the upper limit when a count as high or higher has a probability below 0.135 %, and beyond the
    lower one likewise. The limits are the outermost counts that do not, so that the picture and the rules agree.

    Args:
        y: ``(S, T)`` counts, NaN where missing.
        n: ``(S, T)`` cases or exposure.
        centre: Proportion or rate, broadcasts to ``(S, T)``.
        binomial: Counts are part of n; else they are Poisson.

    Example:
        >>> low, high, z = exact_lines(np.array([[3.0, 4.0]]), np.ones((1, 2)), np.array([[0.3]]), binomial=False)
        >>> high.tolist(), (z > 3).tolist()
        ([[3.0, 3.0]], [[False, True]])
    """
    size = np.rint(n) if binomial else n
    p = np.broadcast_to(centre, n.shape)
    mean = p * size

    def at_most(k: Floats) -> Floats:
        if not binomial:
            return np.where(k < 0, 0.0, special.pdtr(k, mean))
        inside = special.betaincc(k + 1, np.maximum(size - k, 1), p)
        return np.where(k < 0, 0.0, np.where(k >= size, 1.0, inside))

    def at_least(k: Floats) -> Floats:
        if not binomial:
            return np.where(k <= 0, 1.0, special.pdtrc(k - 1, mean))
        inside = special.betainc(np.maximum(k, 1), np.maximum(size - k, 0) + 1, p)
        return np.where(k <= 0, 1.0, np.where(k > size, 0.0, inside))

    spread = np.sqrt(mean * (1 - p) if binomial else mean)
    high = _settle(np.rint(mean + 3 * spread), lambda k: at_least(k + 1) >= TAIL)
    low = _settle(np.rint(np.maximum(mean - 3 * spread, 0)), lambda k: at_most(k) < TAIL)
    count_up, count_down = np.ceil(y), np.floor(y)
    above = np.maximum(-special.ndtri(np.maximum(at_least(count_up), 1e-300)), 0.0)
    below = np.minimum(special.ndtri(np.maximum(at_most(count_down), 1e-300)), 0.0)
    z = np.where(y > mean, above, np.where(y < mean, below, np.where(np.isfinite(y), 0.0, np.nan)))
    known = (mean > 0) & ((p < 1) | (not binomial))
    low, high, z = (np.where(known, line, np.nan) for line in (low / n, high / n, z))
    return low, high, z


def _settle(guess: Floats, too_near: Callable[[Floats], Bools]) -> Floats:
    """Return the smallest count that is no longer too near, stepping up and down from the three-sigma guess."""
    k = np.maximum(guess, 0.0)
    # The guess is a few counts off at most; with counts beyond exact arithmetic it is as good as it gets.
    for _ in range(STEPS):
        more = too_near(k)
        if not more.any():
            break
        k = k + more
    for _ in range(STEPS):
        less = (k > 0) & np.logical_not(too_near(k - 1))
        if not less.any():
            break
        k = k - less
    return k
