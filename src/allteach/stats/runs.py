"""Runs around a centre line: longest run, crossings, and what chance explains of each by number of points."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allteach.stats import special
from allteach.stats.results import Bools

Counts = NDArray[np.int64]


def _listed(numbers: str) -> Counts:
    return np.array(numbers.split(), dtype=np.int64)


# Best boxes for 10 to 100 useful points: fewest crossings and longest run (Anhøj & Wentzel-Larsen 2020). Of the boxes
# in which at least 92.5 % of series of chance lie, the one that fewest series shifted by 0.8 sigma lie in. The tests
# find them anew.
BOX_FROM, BOX_TO = 10, 100
BOX_CROSSINGS = _listed(
    """
    2 3 3 3 3 4 5 5 5 5 6 7 6 6 6 6 9 9 9 10 11 11 11 11 11 12 13 14 13 15 15 15 14 14 17
    17 17 17 19 19 19 19 19 21 21 21 21 23 23 23 23 23 25 25 26 26 27 27 27 28 29 29 29 30 30 31 31 31 32 33
    33 33 34 33 35 35 35 35 37 37 38 37 39 39 39 39 39 41 41 42 41
    """
)
BOX_LONGEST = _listed(
    """
    6 7 6 6 6 7 8 7 7 7 7 8 7 7 7 7 9 8 8 8 10 9 8 8 8 8 9 10 8 11 9 9 8 8 10
    9 9 9 12 10 9 9 9 11 10 9 9 12 10 10 9 9 11 10 11 10 12 10 10 11 14 11 10 11 10 12 11 10 11 13
    11 10 11 10 11 11 10 10 12 11 12 10 13 11 11 10 10 12 11 12 10
    """
)

# The number of runs is computed exactly up to here and by its normal approximation above.
EXACT_RUNS = 200


def longest_runs(change: Bools, useful: Counts) -> Counts:
    """``(S,)`` length of the longest run, given where a new run begins, over the first `useful` entries of each row."""
    periods = change.shape[-1]
    if periods == 0:
        return np.zeros(len(change), np.int64)
    position: NDArray[Any] = np.arange(periods, dtype=np.int16 if periods < 2**15 else np.int32)
    start = np.where(change, position, position.dtype.type(0))
    np.maximum.accumulate(start, axis=-1, out=start)
    before = np.subtract(position, start, out=start)
    if (useful < periods).any():
        before[position >= useful[:, None]] = -1
    return np.asarray(before.max(axis=-1), np.int64) + 1


def longest_allowed(useful: Counts) -> Counts:
    """Return the longest run that chance explains, round(log2 n) + 3.

    Source: Anhøj & Olesen 2014, PLoS ONE 9:e113825.

    Example:
        >>> longest_allowed(np.array([10, 24, 60]))
        array([6, 8, 9])
    """
    return np.rint(np.log2(np.maximum(useful, 1))).astype(np.int64) + 3


def crossings_needed(useful: Counts) -> Counts:
    """Return the fewest crossings that chance explains: the 5 % quantile of Binomial(n - 1, 1/2).

    Source: Anhøj & Olesen 2014, PLoS ONE 9:e113825.

    Example:
        >>> crossings_needed(np.array([10, 24, 60]))
        array([ 2,  8, 23])
    """
    sizes, back = np.unique(np.asarray(useful), return_inverse=True)
    table = np.array([_crossings_needed(int(n)) for n in sizes], np.int64)
    return np.asarray(table[back].reshape(np.shape(useful)))


@cache
def _crossings_needed(useful: int) -> int:
    if useful < 2:
        return 0
    guess = max(0, math.floor(float(special.bdtrik(0.05, useful - 1, 0.5))) - 1)
    while special.bdtr(guess, useful - 1, 0.5) < 0.05:
        guess += 1
    return guess


def anhoej_limits(useful: Counts) -> tuple[Counts, Counts]:
    """Return the longest run and the fewest crossings that chance explains."""
    return longest_allowed(useful), crossings_needed(useful)


def best_box_limits(useful: Counts) -> tuple[Counts, Counts]:
    """Return the same by the best box; outside 10 to 100 points as `anhoej_limits`.

    Source: Anhøj & Wentzel-Larsen 2020, PLoS ONE 15:e0233920.

    Example:
        >>> [int(limit[0]) for limit in best_box_limits(np.array([24]))]
        [7, 6]
    """
    longest, crossings = anhoej_limits(useful)
    inside = (useful >= BOX_FROM) & (useful <= BOX_TO)
    at = np.clip(useful, BOX_FROM, BOX_TO) - BOX_FROM
    return np.where(inside, BOX_LONGEST[at], longest), np.where(inside, BOX_CROSSINGS[at], crossings)


def run_count_limits(useful: Counts) -> tuple[Counts, Counts]:
    """Return the fewest and the most runs that chance explains, for points that fall half above, half below a median.

    The lower one is the largest r with P(R <= r) <= 5 %, the upper the smallest with P(R >= r) <= 5 %; fewer or more
    than these are signals, as the published table is read.

    Source: Swed & Eisenhart 1943, Ann Math Stat 14:66; Perla, Provost & Murray 2011, BMJ Qual Saf 20:46.

    Example:
        >>> [int(limit[0]) for limit in run_count_limits(np.array([20]))]
        [6, 16]
    """
    sizes, back = np.unique(np.asarray(useful), return_inverse=True)
    table = np.array([_run_count_limits(int(n)) for n in sizes], np.int64).reshape(-1, 2)[back]
    return np.asarray(table[:, 0].reshape(np.shape(useful))), np.asarray(table[:, 1].reshape(np.shape(useful)))


@cache
def _run_count_limits(useful: int) -> tuple[int, int]:
    above, below = useful // 2, useful - useful // 2
    if above < 2:
        return 0, useful + 1
    if useful > EXACT_RUNS:
        mean = 1 + 2 * above * below / useful
        spread = math.sqrt((mean - 1) * (mean - 2) / (useful - 1)) * float(special.ndtri(0.95))
        return math.floor(mean - spread), math.ceil(mean + spread)
    ways = [_ways(above, below, runs) for runs in range(useful + 2)]
    total = math.comb(useful, above)
    low, seen = 0, ways[0]
    while 20 * (seen + ways[low + 1]) <= total:
        low += 1
        seen += ways[low]
    high, seen = useful + 1, 0
    while 20 * (seen + ways[high - 1]) <= total:
        high -= 1
        seen += ways[high]
    return low, high


def _ways(above: int, below: int, runs: int) -> int:
    """Return in how many orders so many points above and below make this number of runs."""
    if runs < 2:
        return 0
    half, odd = divmod(runs, 2)
    if not odd:
        return 2 * math.comb(above - 1, half - 1) * math.comb(below - 1, half - 1)
    return math.comb(above - 1, half) * math.comb(below - 1, half - 1) + math.comb(above - 1, half - 1) * math.comb(
        below - 1, half
    )
