"""Which numbers are too small to show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import StatsError
from allteach.stats.results import Bools


@dataclass(frozen=True, slots=True)
class SmallNumbers:
    """The rule of one audience.

    Args:
        threshold: Counts from 1 to threshold - 1 are withheld: 11 as in the CMS cell-size policy, 1 for nothing.
        zero_allowed: Whether a count of 0 may be shown.

    Raises:
        StatsError: ``AT-S-150`` when the threshold is below 1.
    """

    threshold: int = 11
    zero_allowed: bool = True

    def __post_init__(self) -> None:
        if self.threshold < 1:
            raise StatsError("AT-S-150", "The small-number threshold must be 1 or more.")

    @property
    def smallest_shown(self) -> int:
        """The smallest count above 0 that may be shown."""
        return self.threshold


DEFAULT = SmallNumbers()


def small(counts: ArrayLike, rule: SmallNumbers = DEFAULT) -> Bools:
    """Return True where a count is too small to show; missing counts (NaN) are not.

    Example:
        >>> small([0, 1, 10, 11]).tolist()
        [False, True, True, False]
    """
    values = np.asarray(counts, float)
    if np.isinf(values).any() or (values < 0).any():
        raise StatsError("AT-S-151", "A table of counts holds a negative or infinite value.")
    least = 1.0 if rule.zero_allowed and rule.threshold > 1 else 0.0
    return np.asarray((values >= least) & (values < rule.threshold) & (rule.threshold > 1))


def small_proportion(numerator: ArrayLike, denominator: ArrayLike, rule: SmallNumbers = DEFAULT) -> Bools:
    """Return True where a proportion may not be shown: numerator, denominator or their difference is small.

    Example:
        >>> small_proportion([20, 20, 0, 5], [100, 25, 40, 50]).tolist()
        [False, True, False, True]
    """
    num, den = np.asarray(numerator, float), np.asarray(denominator, float)
    if (num > den).any():
        raise StatsError("AT-S-104", "A numerator is above its denominator.")
    return small(num, rule) | small(den, rule) | small(den - num, rule)


def small_difference(before: ArrayLike, after: ArrayLike, rule: SmallNumbers = DEFAULT) -> Bools:
    """Return True where two releases of the same count differ by a small number, which subtracting would reveal.

    Example:
        >>> small_difference([100, 100, 100], [100, 104, 150]).tolist()
        [False, True, False]
    """
    step = np.abs(np.asarray(after, float) - np.asarray(before, float))
    return small(step, SmallNumbers(rule.threshold))
