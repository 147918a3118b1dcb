"""Gaps between groups of patients: difference and ratio with intervals, small groups withheld, missing group shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.exact import poisson_interval, wilson_interval
from allteach.stats.comparison.inputs import counts, numbers, ratio
from allteach.stats.results import Bools, Floats


@dataclass(frozen=True, slots=True)
class EquityGaps:
    """Each group against a reference group; arrays ``(G,)`` or ``(G, T)``.

    Attributes:
        value, lower, upper: Group value and interval (Wilson for proportions, exact for rates).
        numerator, denominator: Counts behind it.
        difference, difference_lower, difference_upper: Group minus reference; 0 at the reference itself.
        ratio, ratio_lower, ratio_upper: Group over reference; no interval where a count is 0, see `problems`.
        reference: Position of the reference group.
        share: Share of all known patients in the group.
        share_unknown: Share of all patients whose group is not known, ``()`` or ``(T,)``; NaN when not given.
        withheld: Groups with fewer cases than asked for; all their numbers are NaN.
        problems: Position -> why a number is missing.
    """

    value: Floats
    lower: Floats
    upper: Floats
    numerator: Floats
    denominator: Floats
    difference: Floats
    difference_lower: Floats
    difference_upper: Floats
    ratio: Floats
    ratio_lower: Floats
    ratio_upper: Floats
    reference: int
    share: Floats
    share_unknown: Floats
    withheld: Bools
    problems: Mapping[tuple[int, ...], NotEstimable] = field(default_factory=dict)

    @property
    def widest(self) -> Floats:
        """``()`` or ``(T,)`` highest minus lowest value of the groups shown; NaN with fewer than two."""
        shown = np.isfinite(self.value)
        high = np.where(shown, self.value, -np.inf).max(axis=0)
        low = np.where(shown, self.value, np.inf).min(axis=0)
        enough = shown.sum(axis=0) > 1
        return np.where(enough, np.where(enough, high, 0.0) - np.where(enough, low, 0.0), np.nan)


def equity_gaps(
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    kind: str = "proportion",
    reference: int | None = None,
    unknown: ArrayLike | None = None,
    min_cases: float = 0.0,
    level: float = 0.95,
) -> EquityGaps | NotEstimable:
    """Return the gap of each group to a reference group.

    Args:
        numerator: ``(G,)`` or ``(G, T)`` counts by group (and period).
        denominator: Same shape.
        kind: ``proportion`` or ``rate``.
        reference: Position of the group compared with; None takes the largest.
        unknown: Denominator of patients whose group is not known, scalar or ``(T,)``.
        min_cases: Groups with a smaller denominator are withheld, with the reason.
        level: Coverage.

    Returns:
        EquityGaps, or NotEstimable ``AT-S-141`` with fewer than two groups with data.

    Raises:
        StatsError: ``AT-S-100`` to ``AT-S-105``, ``AT-S-106`` a reference that is not there.

    Source:
        newcombe1998, zou2008 for differences; katz1978 for ratios.

    Example:
        >>> g = equity_gaps([30, 0], [100, 40])
        >>> float(g.difference[1].round(2)), float(g.ratio[1]), g.problems[(1,)].code
        (-0.3, 0.0, 'AT-S-142')
    """
    y, n = counts(numerator, denominator, kind, ndim=None)
    sizes = _sizes(n, reference, unknown, min_cases)
    if isinstance(sizes, NotEstimable):
        return sizes
    y, n = np.where(sizes.withheld, np.nan, y), np.where(sizes.withheld, np.nan, n)
    value = ratio(y, n)
    lower, upper = _interval(y, n, kind, level)
    quotient = _ratio(y, n, sizes.reference, kind, level, sizes.problems)
    return _gaps(y, n, value, (lower, upper), quotient, sizes)


def equity_gaps_of_means(
    n: ArrayLike,
    total: ArrayLike,
    total_sq: ArrayLike,
    *,
    reference: int | None = None,
    unknown: ArrayLike | None = None,
    min_cases: float = 0.0,
    level: float = 0.95,
) -> EquityGaps | NotEstimable:
    """Return the gap of each group's mean to that of a reference group.

    Args:
        n: ``(G,)`` or ``(G, T)`` values in each group; a group of one has no interval.
        total: Same shape, their sums.
        total_sq: Same shape, sums of their squares.
        reference: As `equity_gaps`.
        unknown: As `equity_gaps`.
        min_cases: As `equity_gaps`.
        level: Coverage, by t for each group.

    Returns:
        EquityGaps (numerators are the totals), or NotEstimable ``AT-S-141``. Ratios need means above 0, else
        ``AT-S-144`` in the problems.

    Raises:
        StatsError: ``AT-S-101`` to ``AT-S-103``, ``AT-S-106``.

    Source:
        zou2008.
    """
    size = numbers("sizes", n, ndim=None)
    sums = numbers("totals", total, ndim=None, negative=True)
    squares = numbers("totals of squares", total_sq, ndim=None)
    if not size.shape == sums.shape == squares.shape:
        raise StatsError("AT-S-101", "Sizes, totals and totals of squares differ in shape.")
    size = np.where((size > 0) & np.isfinite(sums) & np.isfinite(squares), size, np.nan)
    sizes = _sizes(size, reference, unknown, min_cases)
    if isinstance(sizes, NotEstimable):
        return sizes
    size = np.where(sizes.withheld, np.nan, size)
    value = sums / size
    spread = np.maximum(squares - sums * value, 0.0)
    error = np.sqrt(np.divide(spread, size * (size - 1.0), out=np.full(size.shape, np.nan), where=size > 1))
    reach = special.stdtrit(np.where(size > 1, size - 1.0, 1.0), 0.5 + level / 2.0) * error
    quotient = _ratio_of_means(value, error, sizes.reference, level, sizes.problems)
    return _gaps(np.where(np.isnan(size), np.nan, sums), size, value, (value - reach, value + reach), quotient, sizes)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Who is compared: reference group, shares, groups withheld, and why numbers are missing."""

    reference: int
    share: Floats
    share_unknown: Floats
    withheld: Bools
    problems: dict[tuple[int, ...], NotEstimable]


def _sizes(n: Floats, reference: int | None, unknown: ArrayLike | None, min_cases: float) -> _Sizes | NotEstimable:
    if n.ndim not in (1, 2):
        raise StatsError("AT-S-101", f"Groups, or groups by periods, are needed; the shape is {n.shape}.")
    whole = np.nansum(n, axis=tuple(range(1, n.ndim)))
    if (whole > 0).sum() < 2:
        return NotEstimable("AT-S-141", "Fewer than two groups have data: there is no gap to measure.")
    if reference is not None and not 0 <= reference < whole.size:
        raise StatsError("AT-S-106", f"The reference must be one of the {whole.size} groups.")
    total = np.nansum(n, axis=0)
    share = np.divide(np.nan_to_num(n), total, out=np.full(n.shape, np.nan), where=total > 0)
    lost = np.full(total.shape, np.nan)
    if unknown is not None:
        stray = np.broadcast_to(np.asarray(unknown, float), total.shape)
        lost = ratio(stray, stray + total)
    withheld = np.nan_to_num(n) < min_cases
    base = int(np.argmax(whole)) if reference is None else reference
    return _Sizes(base, share, np.asarray(lost), withheld, _withheld_problems(withheld, min_cases))


def _gaps(
    y: Floats,
    n: Floats,
    value: Floats,
    ends: tuple[Floats, Floats],
    quotient: tuple[Floats, Floats, Floats],
    sizes: _Sizes,
) -> EquityGaps:
    lower, upper, base = ends[0], ends[1], sizes.reference
    gap = value - value[base]
    # Square-and-add: each side's reach from its own interval.
    gap_low = gap - np.hypot(value - lower, upper[base] - value[base])
    gap_high = gap + np.hypot(upper - value, value[base] - lower[base])
    gap_low[base], gap_high[base] = gap[base], gap[base]
    return EquityGaps(
        value, lower, upper, y, n, gap, gap_low, gap_high, *quotient, base, sizes.share, sizes.share_unknown,
        sizes.withheld, sizes.problems,
    )  # fmt: skip


def _ratio_of_means(
    value: Floats, error: Floats, base: int, level: float, problems: dict[tuple[int, ...], NotEstimable]
) -> tuple[Floats, Floats, Floats]:
    positive = (value > 0) & (value[base] > 0)
    safe = np.where(positive, value, 1.0)
    quotient = np.where(positive, safe / np.where(positive, value[base], 1.0), np.nan)
    relative = np.where(positive, error / safe, np.nan)
    reach = np.exp(special.ndtri(0.5 + level / 2.0) * np.hypot(relative, relative[base]))
    low, high = quotient / reach, quotient * reach
    low[base] = high[base] = quotient[base]
    for spot in zip(*np.nonzero(np.isfinite(value) & ~positive), strict=True):
        at = tuple(int(k) for k in spot)
        problems[at] = NotEstimable("AT-S-144", "A ratio needs means above 0; see the difference.")
    return quotient, low, high


def _interval(y: Floats, n: Floats, kind: str, level: float) -> tuple[Floats, Floats]:
    if kind == "proportion":
        return wilson_interval(y, n, level)
    low, high = poisson_interval(y, level)
    return low / n, high / n


def _ratio(
    y: Floats, n: Floats, base: int, kind: str, level: float, problems: dict[tuple[int, ...], NotEstimable]
) -> tuple[Floats, Floats, Floats]:
    value = ratio(y, n)
    quotient = ratio(value, np.broadcast_to(value[base], value.shape))
    positive = np.isfinite(y) & (y > 0) & (y[base] > 0)
    safe = np.where(positive, y, 1.0)
    variance = 1.0 / safe + 1.0 / safe[base]
    if kind == "proportion":
        variance = np.maximum(variance - 1.0 / n - 1.0 / n[base], 0.0)
    reach = np.exp(special.ndtri(0.5 + level / 2.0) * np.sqrt(variance))
    low, high = np.where(positive, quotient / reach, np.nan), np.where(positive, quotient * reach, np.nan)
    low[base] = high[base] = quotient[base]
    for spot in zip(*np.nonzero(np.isfinite(y) & ~positive), strict=True):
        at = tuple(int(k) for k in spot)
        if at[0] != base:
            problems[at] = NotEstimable(
                "AT-S-142", "With no events on one side a ratio has no interval; see the difference."
            )
    return quotient, low, high


def _withheld_problems(withheld: Bools, min_cases: float) -> dict[tuple[int, ...], NotEstimable]:
    reason = NotEstimable("AT-S-143", f"Fewer than {min_cases:g} cases in this group: withheld.")
    return {tuple(int(k) for k in spot): reason for spot in zip(*np.nonzero(withheld), strict=True)}
