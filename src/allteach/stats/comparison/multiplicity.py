"""Many sites, many charts: false discoveries under control, and a stated budget of false signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.inputs import between
from allteach.stats.results import Bools, Floats


@dataclass(frozen=True, slots=True)
class Discoveries:
    """Sites that stand out when the share of false ones among them is held down.

    Attributes:
        method: ``bh`` (independent or positively dependent) or ``by`` (any dependence).
        rate: Highest expected share of false ones.
        tested: How many probabilities there were; missing ones do not count.
        adjusted: ``(S,)`` adjusted probabilities; NaN where missing.
        found: ``(S,)`` True where adjusted <= rate.
    """

    method: str
    rate: float
    tested: int
    adjusted: Floats
    found: Bools


def false_discovery(p: ArrayLike, *, rate: float = 0.05, method: str = "bh") -> Discoveries | NotEstimable:
    """Return which sites stand out with the false discovery rate held at `rate`.

    Args:
        p: ``(S,)`` two-sided probabilities; NaN for sites not tested, which are left out of the count.
        rate: Between 0 and 1.
        method: ``bh`` or ``by``.

    Returns:
        Discoveries, or NotEstimable ``AT-S-110`` when nothing was tested.

    Raises:
        StatsError: ``AT-S-106`` a probability or rate outside 0 to 1, ``AT-S-109`` unknown method.

    Source:
        benjamini1995, benjamini2001.

    Example:
        >>> false_discovery([0.001, 0.02, 0.04, 0.9]).found.tolist()
        [True, True, False, False]
    """
    values = np.asarray(p, float)
    between("rate", rate, 0.0, 1.0)
    if method not in ("bh", "by"):
        raise StatsError("AT-S-109", f"There is no method {method!r}.", expected="bh or by.")
    if (values < 0).any() or (values > 1).any():
        raise StatsError("AT-S-106", "A probability lies outside 0 to 1.")
    known = np.flatnonzero(~np.isnan(values))
    if known.size == 0:
        return NotEstimable("AT-S-110", "No site was tested.")
    m = known.size
    factor = float((1.0 / np.arange(1, m + 1)).sum()) if method == "by" else 1.0
    order = known[np.argsort(values[known], kind="stable")]
    scaled = values[order] * m * factor / np.arange(1, m + 1)
    adjusted = np.full(values.shape, np.nan)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return Discoveries(method, rate, m, adjusted, np.nan_to_num(adjusted, nan=2.0) <= rate)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many charts would signal if nothing had changed anywhere.

    Attributes:
        charts: How many charts with enough points.
        expected: False signals to expect among them.
        low, high: Range in which their number falls 95 times in 100, if charts are independent.
        seen: Charts that do signal, or None when not given.
        beyond_chance: Probability of `seen` or more by chance alone; NaN without `seen`.
    """

    charts: int
    expected: float
    low: int
    high: int
    seen: int | None
    beyond_chance: float


def false_alarm_budget(rates: ArrayLike, *, seen: int | None = None) -> Budget | NotEstimable:
    """Return the false-alarm budget of a network from each chart's false-signal rate.

    Args:
        rates: Probability that each chart signals by chance, from its rule set and its number of points, as given by
            `RuleSet.false_signal_rate`; NaN for charts with too few points.
        seen: How many charts signal now.

    Returns:
        A Budget, or NotEstimable ``AT-S-110`` when no chart has a rate.

    Raises:
        StatsError: ``AT-S-106`` for rates outside 0 to 1 or more signals than charts.

    Source:
        marshall2004, spiegelhalter2012.

    Example:
        >>> b = false_alarm_budget([0.05] * 200, seen=31)
        >>> round(b.expected, 1), b.low, b.high, b.beyond_chance < 0.001
        (10.0, 4, 16, True)
    """
    values = np.asarray(rates, float).ravel()
    values = values[~np.isnan(values)]
    if (values < 0).any() or (values > 1).any() or (seen is not None and not 0 <= seen <= values.size):
        raise StatsError("AT-S-106", "False-signal rates lie between 0 and 1, and signals between 0 and all charts.")
    if values.size == 0:
        return NotEstimable("AT-S-110", "No chart has enough points for a false-signal rate.")
    share = _count_distribution(values)
    total = np.cumsum(share)
    low, high = int(np.searchsorted(total, 0.025)), int(np.searchsorted(total, 0.975))
    tail = np.nan if seen is None else float(min(1.0, share[seen:].sum()))
    return Budget(values.size, float(values.sum()), low, high, seen, tail)


def _count_distribution(rates: Floats) -> Floats:
    """Return P(k signals) for k = 0 to all: binomials of equal rates folded together."""
    share = np.ones(1)
    different, times = np.unique(np.round(rates, 6), return_counts=True)
    for rate, n in zip(different, times, strict=True):
        k = np.arange(n + 1)
        log = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
        share = np.convolve(share, np.exp(log + special.xlogy(k, rate) + special.xlog1py(n - k, -rate)))
    return share


def rate_within_budget(charts: int, allowed: float) -> float:
    """Return the false-signal rate each chart may have so that the network expects `allowed` false signals.

    Example:
        >>> rate_within_budget(400, 4.0)
        0.01
    """
    if charts < 1 or allowed <= 0:
        raise StatsError("AT-S-106", "A budget needs at least one chart and an allowance above 0.")
    return min(1.0, allowed / charts)


def budget_by_rule_set(rates: Mapping[str, ArrayLike]) -> dict[str, Budget | NotEstimable]:
    """Return the budget under each rule set, so that their price can be compared before one is chosen."""
    return {name: false_alarm_budget(values) for name, values in rates.items()}
