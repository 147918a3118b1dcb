"""What the top quarter of similar sites reaches: a comparator that pulls upward, and says when there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison.inputs import numbers
from allteach.stats.results import Bools, Floats
from allteach.units import Direction

FEWEST = 9  # similar sites, so that the top quarter has three at least and shows none of them


@dataclass(frozen=True, slots=True, eq=False)
class Peers:
    """The top quarter of sites similar to one.

    Attributes:
        similar: ``(S,)`` True for similar sites; never the site itself.
        top: ``(S,)`` True for their top quarter.
        level: What the top quarter reaches together: its numerators over its denominators.
        band: Similar in size, within half to twice the site's own; False where size had to be left aside.
        reached: The site is, by its own shrunken value, as good as the least good of the top quarter.
    """

    similar: Bools
    top: Bools
    level: float
    band: bool
    reached: bool


def top_quarter(
    at: int,
    *,
    value: ArrayLike,
    numerator: ArrayLike,
    denominator: ArrayLike,
    direction: Direction,
    alike: ArrayLike,
    fewest: int = FEWEST,
    widest: float = 2.0,
) -> Peers | NotEstimable:
    """Return what the top quarter of sites like this one reaches.

    Similar is a site that is alike in kind and has between half and twice the denominator. Where fewer than `fewest`
    are, size is left aside; where even then too few are alike, nothing is said. The quarter is chosen by shrunken
    values, so that small sites do not get in by chance, and its level is what its sites come to together.

    Args:
        at: Position of the site.
        value: ``(S,)`` shrunken estimates; NaN for sites that may not be used.
        numerator: ``(S,)`` totals.
        denominator: ``(S,)`` sizes.
        direction: Which way is good.
        alike: ``(S,)`` True for sites of the same kind.
        fewest: Similar sites needed.
        widest: Largest ratio of sizes.

    Returns:
        Peers, or NotEstimable ``AT-S-147`` without a good direction, ``AT-S-148`` with too few similar sites.

    Raises:
        StatsError: ``AT-S-101`` when arrays differ in length.

    Example:
        >>> found = top_quarter(
        ...     0, value=[0.5, *[0.1 * k for k in range(1, 10)]], numerator=[50, *[10 * k for k in range(1, 10)]],
        ...     denominator=[100] * 10, direction=Direction.HIGHER, alike=[True] * 10)
        >>> int(found.top.sum()), round(found.level, 2), found.reached
        (3, 0.8, False)
    """
    v, above, below = (numbers(name, values, negative=True) for name, values in
                       (("values", value), ("numerators", numerator), ("sizes", denominator)))  # fmt: skip
    same = np.asarray(alike, dtype=bool)
    if not v.shape == above.shape == below.shape == same.shape:
        raise StatsError("AT-S-101", "Values, sizes and kinds of sites differ in length.")
    if direction is Direction.NEITHER:
        return NotEstimable("AT-S-147", "Neither way is good for this measure, so no quarter of sites is the top one.")
    usable = same & np.isfinite(v) & np.isfinite(above) & (below > 0)
    usable[at] = False
    close = usable & (below >= below[at] / widest) & (below <= below[at] * widest)
    band = int(close.sum()) >= fewest
    similar = close if band else usable
    if similar.sum() < fewest:
        return NotEstimable("AT-S-148", f"Fewer than {fewest} similar sites can be shown: there is no fair comparator.")
    sign = 1.0 if direction is Direction.HIGHER else -1.0
    order: NDArray[np.int64] = np.flatnonzero(similar)
    order = order[np.argsort(-sign * v[order], kind="stable")]
    top = np.zeros(v.shape, dtype=bool)
    top[order[: -(-order.size // 4)]] = True
    level = _together(above, below, top)
    least = float((sign * v[top]).min())
    return Peers(similar, top, level, band, bool(np.isfinite(v[at]) and sign * v[at] >= least))


def _together(above: Floats, below: Floats, top: Bools) -> float:
    return float(above[top].sum() / below[top].sum())
