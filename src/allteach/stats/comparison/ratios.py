"""Observed against expected: standardised ratios with exact and Byar intervals, and what they do not license."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison.exact import byar_interval, mid_p_score, poisson_interval, two_sided
from allteach.stats.comparison.inputs import counts, numbers, ratio
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a reader must be told beside a result.

    Attributes:
        code: Stable code.
        reason: One plain sentence.
    """

    code: str
    reason: str


INDIRECT = Caution(
    "AT-S-130",
    "Each site is compared with what the reference would have given for its own patients. Two sites with different "
    "patients cannot be compared with each other by these ratios.",
)


@dataclass(frozen=True, slots=True)
class Ratios:
    """Observed over expected by site.

    Attributes:
        observed, expected, ratio: ``(S,)``; NaN for sites without data.
        exact_lower, exact_upper: ``(S,)`` exact Poisson interval of the ratio.
        byar_lower, byar_upper: ``(S,)`` Byar's approximation to it.
        z: ``(S,)`` (observed - expected) / sqrt(variance); variance the sum of p(1 - p) if given, else expected.
        p: ``(S,)`` two-sided mid-p by the Poisson distribution, or by z when variances are given.
        rate: ``(S,)`` ratio times the overall value; NaN when that was not given.
        overlap: ``(S,)`` share of a site's patient mix that matches the network's, 0 to 1; NaN when strata are unknown.
        cautions: What must be said beside these numbers.
    """

    observed: Floats
    expected: Floats
    ratio: Floats
    exact_lower: Floats
    exact_upper: Floats
    byar_lower: Floats
    byar_upper: Floats
    z: Floats
    p: Floats
    rate: Floats
    overlap: Floats
    cautions: tuple[Caution, ...]


def standardised_ratios(
    observed: ArrayLike,
    expected: ArrayLike,
    *,
    variance: ArrayLike | None = None,
    overall: float | None = None,
    level: float = 0.95,
) -> Ratios | NotEstimable:
    """Return observed / expected by site with intervals.

    Args:
        observed: ``(S,)`` counts.
        expected: ``(S,)`` sums of risks from a case-mix model or strata.
        variance: ``(S,)`` sums of p(1 - p); without it events are taken as rare (Poisson).
        overall: The network's proportion or rate, to express ratios as rates.
        level: Coverage.

    Returns:
        Ratios, or NotEstimable ``AT-S-110`` when no site has expected events.

    Raises:
        StatsError: ``AT-S-101`` to ``AT-S-105``.

    Source:
        breslowday1987, garwood1936.

    Example:
        >>> r = standardised_ratios([12, 5], [8.0, 9.0])
        >>> r.ratio.round(3).tolist(), r.exact_lower.round(3).tolist()
        ([1.5, 0.556], [0.775, 0.18])
    """
    o, e = counts(observed, expected, "ratio")
    if not np.isfinite(o).any():
        return NotEstimable("AT-S-110", "No site has expected events, so no ratio can be formed.")
    low, high = poisson_interval(o, level)
    byar_low, byar_high = byar_interval(o, level)
    if variance is None:
        z = (o - e) / np.sqrt(e)
        p = two_sided(mid_p_score(o, e, 1.0, "ratio"))
    else:
        spread = numbers("variances", variance)
        if spread.shape != o.shape:
            raise StatsError("AT-S-101", f"Variances have shape {spread.shape}, observed {o.shape}.")
        z = np.divide(o - e, np.sqrt(spread), out=np.full(o.shape, np.nan), where=spread > 0)
        p = two_sided(z)
    value = ratio(o, e)
    none = np.full(o.shape, np.nan)
    rate = none if overall is None else value * overall
    return Ratios(o, e, value, low / e, high / e, byar_low / e, byar_high / e, z, p, rate, none, (INDIRECT,))


def indirect_standardisation(
    events: ArrayLike, cases: ArrayLike, *, reference: ArrayLike | None = None, level: float = 0.95
) -> Ratios | NotEstimable:
    """Return standardised ratios from events and cases by site and stratum.

    Args:
        events: ``(S, G)`` counts by site and stratum.
        cases: ``(S, G)`` cases or exposure.
        reference: ``(G,)`` reference proportions or rates; None takes the network's own.
        level: Coverage.

    Returns:
        Ratios with the overlap of each site's patient mix with the network's, and a caution ``AT-S-131`` when some
        overlap falls below one half; or NotEstimable as `standardised_ratios`.

    Raises:
        StatsError: ``AT-S-101`` to ``AT-S-105``.
    """
    num, den = counts(events, cases, "rate", ndim=2)
    num, den = np.nan_to_num(num), np.nan_to_num(den)
    rates = ratio(num.sum(axis=0), den.sum(axis=0)) if reference is None else numbers("reference rates", reference)
    if rates.shape != (den.shape[1],):
        raise StatsError("AT-S-101", f"There are {den.shape[1]} strata and reference rates of shape {rates.shape}.")
    expected = (den * np.nan_to_num(rates)).sum(axis=1)
    seen = den.sum(axis=1) > 0
    overall = float(num.sum() / den.sum()) if den.sum() > 0 else None
    found = standardised_ratios(
        np.where(seen, num.sum(axis=1), np.nan), np.where(seen, expected, np.nan), overall=overall, level=level
    )
    if isinstance(found, NotEstimable):
        return found
    mix = np.divide(den, den.sum(axis=1, keepdims=True), out=np.full(den.shape, np.nan), where=seen[:, None])
    overlap = np.minimum(mix, den.sum(axis=0) / den.sum()).sum(axis=1)
    cautions = found.cautions
    if (overlap < 0.5).any():
        cautions += (
            Caution(
                "AT-S-131", "At least one site's patients differ so much from the network's that its ratio says little."
            ),
        )
    return Ratios(
        found.observed, found.expected, found.ratio, found.exact_lower, found.exact_upper, found.byar_lower,
        found.byar_upper, found.z, found.p, found.rate, overlap, cautions,
    )  # fmt: skip
