"""Medians from counts in bins, so that they can be pooled over sites without rows."""

from __future__ import annotations

from collections.abc import Sequence


def median(counts: Sequence[int], edges: Sequence[float]) -> float | None:
    """Return the median read off counted bins, in a straight line inside the bin it falls in.

    Args:
        counts: How many values lie at or below the first edge, between each two edges, and above the last.
        edges: Upper edges of all bins but the last, going upwards.

    Returns:
        The median; None without values, or when it lies in the open bin above the last edge.

    Example:
        >>> median([0, 4, 4, 0], [0.0, 1.0, 2.0])
        1.0
    """
    total = sum(counts)
    if not total:
        return None
    half, below = total / 2, 0
    for at, count in enumerate(counts):
        if below + count >= half and count:
            if at >= len(edges):
                return None
            low = edges[at - 1] if at else edges[0]
            return low + (edges[at] - low) * (half - below) / count
        below += count
    return None


def pool(groups: Sequence[Sequence[int]]) -> list[int]:
    """Return the counts of several sites added up, bin by bin.

    Example:
        >>> pool([[1, 2], [3, 4]])
        [4, 6]
    """
    return [sum(bins) for bins in zip(*groups, strict=True)]
