"""Rows of site and period as the mixed models take them: checked, sorted by site, summed by site."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison import inputs
from allteach.stats.results import Floats

FAMILIES = {"proportion": "binomial", "rate": "poisson", "ratio": "poisson", "mean": "normal"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows with data, sorted by site.

    Attributes:
        family: ``binomial``, ``poisson`` or ``normal``.
        y, n: ``(N,)`` numerator (total for a mean) and denominator.
        x: ``(N, P)`` fixed columns, the first all ones, the others centred.
        z: ``(N, Q)`` columns with a random effect, the first all ones.
        start: ``(K,)`` first row of each site with data.
        site: ``(N,)`` number of the site with data, 0 to K - 1.
        place: ``(K,)`` position of each site with data among all sites.
        sites: How many sites there are, with or without data.
        labels: Their names in order.
        constant: Part of the log-likelihood that holds no parameter.
    """

    family: str
    y: Floats
    n: Floats
    x: Floats
    z: Floats
    start: NDArray[np.int64]
    site: NDArray[np.int64]
    place: NDArray[np.int64]
    sites: int
    labels: NDArray[np.generic]
    constant: float

    def by_site(self, values: Floats) -> Floats:
        """Return sums over the rows of each site."""
        return np.add.reduceat(values, self.start, axis=0)

    def spread(self, values: Floats, fill: float = np.nan) -> Floats:
        """Return values of the sites with data placed among all sites."""
        full = np.full((self.sites, *values.shape[1:]), fill)
        full[self.place] = values
        return full


def rows_of(
    numerator: ArrayLike,
    denominator: ArrayLike,
    kind: str,
    site: ArrayLike | None,
    fixed: ArrayLike | None,
    slope: ArrayLike | None,
) -> Rows | NotEstimable:
    """Return checked rows, or NotEstimable (``AT-S-110``, ``AT-S-111``, ``AT-S-112``).

    Raises:
        StatsError: ``AT-S-100`` to ``AT-S-105``.
    """
    if kind not in FAMILIES:
        raise StatsError("AT-S-100", f"There is no kind {kind!r}.", expected=f"Kinds are {', '.join(FAMILIES)}.")
    ndim = 2 if site is None else 1
    if kind == "mean":
        y, n = (
            inputs.numbers("totals", numerator, ndim=ndim, negative=True),
            inputs.numbers("n", denominator, ndim=ndim),
        )
        if y.shape != n.shape:
            raise StatsError("AT-S-101", f"Totals have shape {y.shape}, sizes {n.shape}.")
    else:
        y, n = inputs.counts(numerator, denominator, kind, ndim=ndim)
    labels, code = _codes(y.shape, site)
    extra = [] if fixed is None else [_column(part, y.shape) for part in _columns(fixed, y.shape)]
    tilt = [] if slope is None else [_column(slope, y.shape)]
    y, n = y.ravel(), n.ravel()
    keep = np.isfinite(y) & np.isfinite(n) & (n > 0)
    for column in (*extra, *tilt):
        keep &= np.isfinite(column)
    if not keep.any():
        return NotEstimable("AT-S-110", "No site has data for this measure.")
    order = np.flatnonzero(keep)[np.argsort(code[keep], kind="stable")]
    y, n, code = y[order], n[order], code[order]
    place, start, number = np.unique(code, return_index=True, return_inverse=True)
    blocked = _blocked(y, n, place.size, kind)
    if blocked is not None:
        return blocked
    ones = np.ones(order.size)
    fixed_part = [column[order] for column in extra]
    fixed_part = [column - np.average(column, weights=n) for column in fixed_part]
    tilt_part = [column[order] for column in tilt]
    x, z = np.stack([ones, *fixed_part, *tilt_part], axis=1), np.stack([ones, *tilt_part], axis=1)
    _check_rank(x)
    constant = _constant(FAMILIES[kind], y, n)
    rows = Rows(FAMILIES[kind], y, n, x, z, start, number, place, labels.size, labels, constant)
    return rows if kind == "mean" else _gathered(rows)


def _gathered(rows: Rows) -> Rows:
    """Return rows with those of one site and the same covariates added up: only the time it takes changes."""
    columns = rows.x[:, 1:]  # a slope is among them
    if columns.shape[1] > 6:
        return rows
    order = np.lexsort((*columns.T, rows.site))
    x, site = rows.x[order], rows.site[order]
    new = np.ones(site.size, bool)
    new[1:] = (site[1:] != site[:-1]) | (x[1:] != x[:-1]).any(axis=1)
    first = np.flatnonzero(new)
    if first.size > 0.7 * site.size:
        return rows
    y, n = np.add.reduceat(rows.y[order], first), np.add.reduceat(rows.n[order], first)
    start = np.flatnonzero(np.diff(site[first], prepend=-1))
    return replace(rows, y=y, n=n, x=x[first], z=rows.z[order][first], start=start, site=site[first])


def _constant(family: str, y: Floats, n: Floats) -> float:
    if family == "binomial":
        return float((special.gammaln(n + 1) - special.gammaln(y + 1) - special.gammaln(n - y + 1)).sum())
    if family == "poisson":
        return float((special.xlogy(y, n) - special.gammaln(y + 1)).sum())
    return 0.0


def _codes(shape: tuple[int, ...], site: ArrayLike | None) -> tuple[NDArray[np.generic], NDArray[np.int64]]:
    if site is None:
        return np.arange(shape[0]), np.repeat(np.arange(shape[0]), shape[1])
    names = np.asarray(site)
    if names.shape != shape:
        raise StatsError("AT-S-101", f"Sites have shape {names.shape}, numerators {shape}.")
    labels, code = np.unique(names, return_inverse=True)
    return labels, code.ravel()


def _columns(fixed: ArrayLike, shape: tuple[int, ...]) -> list[Floats]:
    array = inputs.numbers("covariates", fixed, ndim=None, negative=True)
    if array.ndim == len(shape):
        array = array[..., None]
    return [array[..., k] for k in range(array.shape[-1])]


def _column(values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = inputs.numbers("covariates", values, ndim=None, negative=True)
    try:
        return np.broadcast_to(array, shape).ravel()
    except ValueError as error:
        raise StatsError("AT-S-101", f"A covariate has shape {array.shape}, numerators {shape}.") from error


def _blocked(y: Floats, n: Floats, sites: int, kind: str) -> NotEstimable | None:
    if sites == 1:
        return NotEstimable("AT-S-111", "Only one site has data: there is nothing to compare it with.")
    if kind != "mean" and (y.sum() == 0 or (kind == "proportion" and y.sum() == n.sum())):
        return NotEstimable("AT-S-112", "There are no events, or nothing but events, so sites do not differ.")
    return None


def _check_rank(x: Floats) -> None:
    if x.shape[0] < x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise StatsError(
            "AT-S-114", "Covariates repeat each other or never change.", do="Leave out the column that adds nothing."
        )
