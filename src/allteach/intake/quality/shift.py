"""How far two spreads of values are apart, and how far chance alone takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allteach.errors import NotEstimable
from allteach.stats import special
from allteach.stats.results import Floats

Labelled = Sequence[int] | Floats | NDArray[np.int64]
RARE = 0.001  # chance differences of this size are seen once in a thousand checks
COMMON = 0.05  # a code of one row in twenty is in common use


def stability_index(before: Labelled, after: Labelled) -> float | NotEstimable:
    """Return the population stability index of two sets of counts.

    ``sum((p - q) * log(p / q))`` over the labels, with half a row added to every label so that an empty one counts
    without making the index infinite.

    Args:
        before: Counts by label, shape ``(labels,)``.
        after: Counts of the same labels.

    Example:
        >>> round(stability_index([50_000, 50_000], [60_000, 40_000]), 4)
        0.0405
    """
    first, second = _used(before, after)
    if first.size < 2 or not first.sum() or not second.sum():
        return NotEstimable("AT-I-095", "Two labels and rows on both sides are needed.")
    p, q = ((counts + 0.5) / (counts + 0.5).sum() for counts in (first, second))
    return float(((q - p) * np.log(q / p)).sum())


def by_chance(
    before: Labelled,
    after: Labelled,
    *,
    rare: float = RARE,
) -> float:
    """Return the index that two samples of one population exceed with probability `rare`.

    The index divided by ``1/n + 1/m`` follows a chi-squared distribution with one degree of freedom fewer than there
    are labels: Yurdakul and Naranjo 2020, "Statistical properties of the population stability index", Journal of Risk
    Model Validation 14(4), equation 9.

    Args:
        before: Counts by label.
        after: Counts of the same labels.
        rare: Probability, 0-1.
    """
    first, second = _used(before, after)
    if first.size < 2 or not first.sum() or not second.sum():
        return float("inf")
    return float(special.chdtri(first.size - 1, rare) * (1 / first.sum() + 1 / second.sum()))


def _used(before: Labelled, after: Labelled) -> tuple[Floats, Floats]:
    """Return both counts without labels that neither uses."""
    first, second = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    used = (first + second) > 0
    return first[used], second[used]


def gone(before: NDArray[Any], after: NDArray[Any], *, rare: float = RARE) -> NDArray[np.bool_]:
    """Return which labels were in common use before and are absent now, beyond chance.

    A label of share p is absent from m rows with probability ``(1 - p) ** m``.
    """
    n, m = before.sum(), after.sum()
    if not n or not m:
        return np.zeros(len(before), dtype=bool)
    share = before / n
    return np.asarray((share >= COMMON) & (after == 0) & ((1 - share) ** m < rare))
