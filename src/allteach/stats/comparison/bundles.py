"""Bundles of care: each item, all items together, and all-or-none, with not-applicable and missing kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.inputs import ratio
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Bundle:
    """Counts of each way to score, by group G (one group when none is given).

    Attributes:
        labels: ``(G,)`` groups.
        item_done, item_due: ``(G, K)`` done, and due (applicable and, under ``leave_out``, recorded).
        composite_done, composite_due: ``(G,)`` sums over items.
        all_done, all_due: ``(G,)`` patients with every due item done, and patients that can be judged.
        incomplete: ``(G,)`` patients with an applicable item not recorded (``leave_out``: those it leaves open).
        not_applicable: ``(G, K)`` patients to whom the item does not apply.
        missing: ``leave_out`` or ``not_done``: how an unrecorded item was taken.
    """

    labels: np.ndarray
    item_done: Floats
    item_due: Floats
    composite_done: Floats
    composite_due: Floats
    all_done: Floats
    all_due: Floats
    incomplete: Floats
    not_applicable: Floats
    missing: str

    @property
    def item(self) -> Floats:
        """``(G, K)`` item-by-item reliability."""
        return ratio(self.item_done, self.item_due)

    @property
    def composite(self) -> Floats:
        """``(G,)`` items done of all items due."""
        return ratio(self.composite_done, self.composite_due)

    @property
    def all_or_none(self) -> Floats:
        """``(G,)`` patients who got everything due to them."""
        return ratio(self.all_done, self.all_due)

    @property
    def lower_bound(self) -> Floats:
        """``(G,)`` all-or-none if every incomplete patient missed an item."""
        extra = self.incomplete if self.missing == "leave_out" else np.zeros_like(self.incomplete)
        return ratio(self.all_done, self.all_due + extra)


def bundle(
    done: ArrayLike,
    *,
    applicable: ArrayLike | None = None,
    group: ArrayLike | None = None,
    missing: str = "leave_out",
) -> Bundle | NotEstimable:
    """Return item-by-item, composite and all-or-none counts.

    Args:
        done: ``(N, K)`` patients by items: 1 done, 0 not done, NaN not recorded.
        applicable: ``(N, K)`` False where an item does not apply to a patient; such items are never due. A patient to
            whom nothing applies is not judged.
        group: ``(N,)`` such as sites or months.
        missing: An applicable item not recorded: ``leave_out`` takes the item out of item and composite, and the
            patient out of all-or-none unless a recorded item already fails; ``not_done`` counts it as not done.

    Returns:
        A Bundle, or NotEstimable ``AT-S-110`` without patients or items.

    Raises:
        StatsError: ``AT-S-101`` shapes, ``AT-S-109`` unknown way with missing items, ``AT-S-132`` values but 0 and 1.

    Source:
        nolan2006.

    Example:
        >>> b = bundle([[1, 1], [1, 0], [1, float("nan")]])
        >>> b.item.tolist(), b.all_or_none.tolist(), b.incomplete.tolist()
        ([[1.0, 0.5]], [0.5], [1.0])
    """
    if missing not in ("leave_out", "not_done"):
        raise StatsError(
            "AT-S-109", f"There is no way {missing!r} with missing items.", expected="leave_out or not_done."
        )
    d = np.asarray(done, float)
    if d.ndim != 2:
        raise StatsError("AT-S-101", f"Items have {d.ndim} dimensions, patients by items expected.")
    if (np.isfinite(d) & (d != 0) & (d != 1)).any() or np.isinf(d).any():
        raise StatsError("AT-S-132", "An item is neither done (1) nor not done (0).")
    due = np.ones(d.shape, bool) if applicable is None else np.asarray(applicable, bool)
    if due.shape != d.shape:
        raise StatsError("AT-S-101", f"Items have shape {d.shape}, what applies {due.shape}.")
    if d.size == 0:
        return NotEstimable("AT-S-110", "There is no patient with an item of this bundle.")
    names = np.zeros(d.shape[0], int) if group is None else np.asarray(group)
    if names.shape != d.shape[:1]:
        raise StatsError("AT-S-101", f"There are {d.shape[0]} patients and groups of shape {names.shape}.")
    labels, code = np.unique(names, return_inverse=True)
    return _counts(d, due, labels, code, missing)


def _counts(d: Floats, due: np.ndarray, labels: np.ndarray, code: np.ndarray, missing: str) -> Bundle:
    unknown = due & np.isnan(d)
    judged = due if missing == "not_done" else due & ~unknown
    hit = judged & (d == 1)
    failed = (judged & ~hit).any(axis=1)
    incomplete = np.asarray(unknown.any(axis=1))
    undecided = incomplete & ~failed if missing == "leave_out" else incomplete
    can_judge = due.any(axis=1) & (failed | ~incomplete | (missing == "not_done"))

    def add(values: np.ndarray) -> Floats:
        total = np.zeros((labels.size, *values.shape[1:]))
        np.add.at(total, code, values.astype(float))
        return total

    item_done, item_due = add(hit), add(judged)
    return Bundle(
        labels, item_done, item_due, item_done.sum(axis=1), item_due.sum(axis=1), add(can_judge & ~failed),
        add(can_judge), add(undecided), add(~due), missing,
    )  # fmt: skip


# Failures that each level still allows, from the literature on reliable design.
LEVELS = ((0.005, "10^-3"), (0.05, "10^-2"), (0.20, "10^-1"))


def reliability_level(done: ArrayLike, due: ArrayLike, *, sure: float = 0.5) -> list[str | NotEstimable]:
    """Return the level of reliability that each process has reached, in words of powers of ten.

    Args:
        done: ``(G,)`` successes.
        due: ``(G,)`` opportunities.
        sure: Probability with which failures must be at or below the level's allowance (uniform prior); 0.5 asks for
            the better guess, 0.95 for proof.

    Returns:
        For each: ``10^-3`` (at most 5 in 1,000 fail), ``10^-2`` (at most 5 in 100), ``10^-1`` (at most 20 in 100),
        ``unstable``, or NotEstimable ``AT-S-110`` with nothing due.

    Source:
        nolan2004.

    Example:
        >>> reliability_level([85, 60], [100, 100])
        ['10^-1', 'unstable']
    """
    found: list[str | NotEstimable] = []
    for hit, n in zip(np.atleast_1d(np.asarray(done, float)), np.atleast_1d(np.asarray(due, float)), strict=True):
        if not n > 0 or not hit <= n:
            found.append(NotEstimable("AT-S-110", "Nothing was due."))
            continue
        chance = [special.betainc(n - hit + 1.0, hit + 1.0, allowed) for allowed, _ in LEVELS]
        names = [name for p, (_, name) in zip(chance, LEVELS, strict=True) if p >= sure]
        found.append(names[0] if names else "unstable")
    return found
