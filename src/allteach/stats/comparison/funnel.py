"""Funnel plots: each site against a target, with exact limits for its size and over-dispersion stated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison import exact
from allteach.stats.comparison.inputs import between, counts, numbers, ratio
from allteach.stats.comparison.overdispersion import Overdispersion, measure
from allteach.stats.comparison.scales import Scale, scale_of
from allteach.stats.results import Floats

# Areas below each drawn limit: 95 % and 99.8 %, as in the paper.
AREAS = {"lower_998": 0.001, "lower_95": 0.025, "upper_95": 0.975, "upper_998": 0.999}
LEAVE_ONE_OUT = "leave_one_out"


@dataclass(frozen=True, slots=True)
class FunnelCurve:
    """Limits over a grid of sizes, for drawing; clipped to what is possible.

    Attributes:
        denominator: ``(G,)`` rising sizes.
        lower_998, lower_95, upper_95, upper_998: ``(G,)`` limits.
    """

    denominator: Floats
    lower_998: Floats
    lower_95: Floats
    upper_95: Floats
    upper_998: Floats


@dataclass(frozen=True, slots=True)
class Funnel:
    """Every site against the target.

    Attributes:
        kind: ``proportion``, ``rate``, ``ratio`` or ``mean``.
        numerator, denominator, value: ``(S,)`` as given; NaN where a site has no data and is left out.
        target: The line of the drawing.
        target_kind: ``pooled``, ``given`` or ``leave_one_out`` (each site against all others).
        site_target: ``(S,)`` what each site was judged against.
        lower_998, lower_95, upper_95, upper_998: ``(S,)`` limits at the site, over-dispersion included, unclipped.
        z: ``(S,)`` plain score (value - target) / chance standard error.
        p: ``(S,)`` two-sided exact mid-p, chance alone.
        z_adjusted, p_adjusted: ``(S,)`` the same with the widening applied.
        outside: ``(S,)`` -2, -1, 0, 1, 2: below 99.8 %, below 95 %, within, above 95 %, above 99.8 %.
        overdispersion: What was found and what was done.
        unit_variance: Chance variance of a value at size 1, on the scale used (within-site variance for means).
        scale: ``exact``, ``arcsine``, ``sqrt`` or ``log``; z and tau2 are on this scale, values and limits never.
    """

    kind: str
    numerator: Floats
    denominator: Floats
    value: Floats
    target: float
    target_kind: str
    site_target: Floats
    lower_998: Floats
    lower_95: Floats
    upper_95: Floats
    upper_998: Floats
    z: Floats
    p: Floats
    z_adjusted: Floats
    p_adjusted: Floats
    outside: NDArray[np.int8]
    overdispersion: Overdispersion
    unit_variance: float
    scale: str = "exact"

    @property
    def sites(self) -> int:
        """How many sites have data."""
        return int(np.isfinite(self.value).sum())

    def curve(self, denominators: ArrayLike | None = None, *, points: int = 200) -> FunnelCurve:
        """Return limits over a grid of sizes; by default from a little below the smallest site to above the largest.

        Raises:
            StatsError: ``AT-S-101`` to ``AT-S-103`` for a grid that is no list of sizes.
        """
        grid = self._grid(points) if denominators is None else numbers("denominators", denominators)
        grid = np.where(grid > 0, grid, np.nan)
        widen = self.overdispersion.inflation(self.unit_variance / grid)
        drawn = None if self.kind == "mean" else scale_of(self.scale, self.kind)
        limits = _limits(grid, np.full(grid.shape, self.target), widen, self.kind, self.unit_variance, drawn)
        low, high = (-np.inf if self.kind == "mean" else 0.0), (1.0 if self.kind == "proportion" else np.inf)
        return FunnelCurve(grid, **{name: np.clip(line, low, high) for name, line in limits.items()})

    def _grid(self, points: int) -> Floats:
        smallest, largest = np.nanmin(self.denominator), np.nanmax(self.denominator)
        first, last = max(smallest * 0.8, min(smallest, 1.0)), largest * 1.05
        # Limits bend most at small sizes, so half of the steps are finer there.
        grid = np.unique(
            np.concatenate([np.geomspace(first, last, points // 2), np.linspace(first, last, points // 2)])
        )
        if self.kind == "proportion":
            grid = np.unique(np.maximum(np.round(grid), 1.0))
        return grid


def funnel(
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    kind: str = "proportion",
    target: float | str | None = None,
    overdispersion: str = "auto",
    winsorise: float = 0.1,
    scale: str = "exact",
) -> Funnel | NotEstimable:
    """Return every site against a target with 95 % and 99.8 % limits, exact unless another scale is named.

    Args:
        numerator: ``(S,)`` counts; NaN for missing.
        denominator: ``(S,)`` cases, exposure, or expected counts (``ratio``); a site with 0 or NaN is left out.
        kind: ``proportion`` (binomial), ``rate`` (Poisson per exposure) or ``ratio`` (observed / expected, Poisson).
        target: A number; None for the pooled value of all sites (1 for a ratio); ``"leave_one_out"`` to judge each
            site against all others, which small networks need.
        overdispersion: ``auto``, ``none``, ``multiplicative`` or ``additive``.
        winsorise: Share of z-scores pulled in at each end when over-dispersion is measured.
        scale: ``exact``; or ``arcsine`` (proportions), ``sqrt`` or ``log`` (rates, ratios) with normal limits.

    Returns:
        A Funnel, or NotEstimable: ``AT-S-110`` no site with data, ``AT-S-111`` one site and no target to compare with,
        ``AT-S-112`` no events anywhere, or nothing but events; ``AT-S-122`` a site without events on the log scale.

    Raises:
        StatsError: ``AT-S-100`` to ``AT-S-108`` for unusable arguments, ``AT-S-121`` no such scale.

    Assumes:
        Cases are independent within a site and of the same risk, apart from the between-site spread stated.

    Source:
        spiegelhalter2005funnel, spiegelhalter2005handling.

    Example:
        >>> f = funnel([3, 10, 30], [50, 100, 120], overdispersion="none")
        >>> round(f.target, 4), f.outside.tolist()
        (0.1593, [0, 0, 1])
    """
    num, den = counts(numerator, denominator, kind)
    known = np.isfinite(num)
    found = _target(num, den, known, kind, target)
    if isinstance(found, NotEstimable):
        return found
    line, site_target, target_kind = found
    drawn = scale_of(scale, kind)
    if scale == "log" and (num == 0).any():
        return NotEstimable(
            "AT-S-122", "A site without events has no place on a log scale; use the exact or sqrt scale."
        )
    value = ratio(num, den)
    shown, aim = (value, site_target) if drawn is None else (drawn.forward(value), drawn.forward(site_target))
    unit, chance = _unit(line, kind, drawn), _unit(site_target, kind, drawn) / den
    # With a site's own data left out of its target, the others' value is an estimate too.
    apart = 1.0 + den / (np.nansum(den) - den) if target_kind == LEAVE_ONE_OUT else np.ones(den.shape)
    variance = chance * apart
    z = (shown - aim) / np.sqrt(variance)
    extra = measure(z, variance, asked=overdispersion, winsorise=winsorise, estimated=target_kind != "given")
    widen = extra.inflation(variance)
    score = exact.mid_p_score(num, den, site_target, kind) / np.sqrt(apart)
    limits = _limits(den, np.where(known, site_target, np.nan), widen * np.sqrt(apart), kind, unit, drawn)
    return Funnel(
        kind=kind,
        numerator=num,
        denominator=den,
        value=value,
        target=line,
        target_kind=target_kind,
        site_target=np.where(known, site_target, np.nan),
        lower_998=limits["lower_998"],
        lower_95=limits["lower_95"],
        upper_95=limits["upper_95"],
        upper_998=limits["upper_998"],
        z=z,
        p=exact.two_sided(score),
        z_adjusted=z / widen,
        p_adjusted=exact.two_sided(score / widen),
        outside=_outside(value, limits),
        overdispersion=extra,
        unit_variance=float(unit),
        scale=scale,
    )


def _unit(target: float | Floats, kind: str, scale: Scale | None) -> Floats:
    """Return the chance variance of a value of size 1, on the scale used."""
    theta = np.asarray(target, float)
    if scale is not None:
        return scale.unit_variance(theta)
    return theta * (1.0 - theta) if kind == "proportion" else theta


def funnel_of_means(
    n: ArrayLike,
    total: ArrayLike,
    total_sq: ArrayLike,
    *,
    target: float | None = None,
    overdispersion: str = "auto",
    winsorise: float = 0.1,
) -> Funnel | NotEstimable:
    """Return every site's mean against a target, with normal limits from the pooled within-site variance.

    Args:
        n: ``(S,)`` values behind each mean.
        total: ``(S,)`` sum of the values.
        total_sq: ``(S,)`` sum of their squares.
        target: A number, or None for the mean of all values.
        overdispersion: As in `funnel`.
        winsorise: As in `funnel`.

    Returns:
        A Funnel of kind ``mean`` (numerator is the total), or NotEstimable: ``AT-S-110``, ``AT-S-111``, or
        ``AT-S-113`` when values do not differ within any site.

    Raises:
        StatsError: ``AT-S-101`` to ``AT-S-107``.

    Source:
        spiegelhalter2005funnel.
    """
    size = whole_sizes(n)
    sums, squares = numbers("totals", total, negative=True), numbers("totals of squares", total_sq)
    if not size.shape == sums.shape == squares.shape:
        raise StatsError("AT-S-101", "Sizes, totals and totals of squares differ in shape.")
    known = np.isfinite(size) & np.isfinite(sums) & np.isfinite(squares) & (size > 0)
    size, sums, squares = (np.where(known, part, np.nan) for part in (size, sums, squares))
    blocked = _too_few(int(known.sum()), target is not None)
    if blocked is not None:
        return blocked
    value = ratio(sums, size)
    inside = np.nansum(np.maximum(squares - sums * value, 0.0))
    df = np.nansum(size) - known.sum()
    if df <= 0 or inside <= 1e-12 * np.nansum(squares):
        return NotEstimable("AT-S-113", "Values do not differ within any site, so chance spread cannot be measured.")
    unit = float(inside / df)
    line = float(target) if target is not None else float(np.nansum(sums) / np.nansum(size))
    z = (value - line) / np.sqrt(unit / size)
    extra = measure(z, unit / size, asked=overdispersion, winsorise=winsorise, estimated=target is None)
    widen = extra.inflation(unit / size)
    limits = _limits(size, np.full(size.shape, line), widen, "mean", unit)
    return Funnel(
        kind="mean",
        numerator=sums,
        denominator=size,
        value=value,
        target=line,
        target_kind="pooled" if target is None else "given",
        site_target=np.where(known, line, np.nan),
        lower_998=limits["lower_998"],
        lower_95=limits["lower_95"],
        upper_95=limits["upper_95"],
        upper_998=limits["upper_998"],
        z=z,
        p=exact.two_sided(z),
        z_adjusted=z / widen,
        p_adjusted=exact.two_sided(z / widen),
        outside=_outside(value, limits),
        overdispersion=extra,
        unit_variance=unit,
    )


def whole_sizes(n: ArrayLike) -> Floats:
    """Return sizes as floats; a size of 0 is missing."""
    size = numbers("sizes", n)
    return np.where(size > 0, size, np.nan)


def _too_few(sites: int, has_target: bool) -> NotEstimable | None:
    if sites == 0:
        return NotEstimable("AT-S-110", "No site has data for this measure.")
    if sites == 1 and not has_target:
        return NotEstimable("AT-S-111", "Only one site has data: there is nothing to compare it with.")
    return None


def _target(
    num: Floats, den: Floats, known: NDArray[np.bool_], kind: str, target: float | str | None
) -> tuple[float, Floats, str] | NotEstimable:
    """Return the line to draw, each site's target, and which kind of target it is."""
    if isinstance(target, str) and target != LEAVE_ONE_OUT:
        raise StatsError("AT-S-108", f"There is no target {target!r}.", expected="A number or 'leave_one_out'.")
    if target is None and kind == "ratio":
        target = 1.0
    given = target is not None and not isinstance(target, str)
    blocked = _too_few(int(known.sum()), given)
    if blocked is not None:
        return blocked
    if given:
        line = between("target", float(target), 0.0, 1.0 if kind == "proportion" else np.inf)  # type: ignore[arg-type]
        return line, np.full(den.shape, line), "given"
    events, size = float(np.nansum(num)), float(np.nansum(den))
    if events == 0 or (kind == "proportion" and events == size):
        what = "No site had an event" if events == 0 else "Every case at every site had the event"
        return NotEstimable("AT-S-112", f"{what}, so sites do not differ and no limits can be drawn.")
    line = events / size
    if target == LEAVE_ONE_OUT:
        others, rest = events - np.where(known, num, 0.0), size - np.where(known, den, 0.0)
        # Where all others have no events, or nothing but events, half a case stands for what they might have had.
        edge = (others == 0) | ((others == rest) & (kind == "proportion"))
        part = np.where(edge, (others + 0.5) / (rest + (1.0 if kind == "proportion" else 0.0)), others / rest)
        return line, part, LEAVE_ONE_OUT
    return line, np.full(den.shape, line), "pooled"


def _limits(
    size: Floats, target: Floats, widen: Floats, kind: str, unit_variance: float | Floats, scale: Scale | None = None
) -> dict[str, Floats]:
    """Return the four limits; the distance from the target is stretched by `widen`, on the scale used."""
    if kind == "mean":
        return {
            name: target + widen * special.ndtri(area) * np.sqrt(unit_variance / size) for name, area in AREAS.items()
        }
    if scale is not None:
        reach = widen * np.sqrt(scale.unit_variance(target) / size)
        return {name: scale.back(scale.forward(target) + special.ndtri(a) * reach) for name, a in AREAS.items()}
    lines = {name: exact.interpolated_limit(size, target, area, kind) for name, area in AREAS.items()}
    return {name: target + widen * (line - target) for name, line in lines.items()}


def _outside(value: Floats, limits: dict[str, Floats]) -> NDArray[np.int8]:
    high = (value > limits["upper_95"]).astype(np.int8) + (value > limits["upper_998"])
    low = (value < limits["lower_95"]).astype(np.int8) + (value < limits["lower_998"])
    return (high - low).astype(np.int8)
