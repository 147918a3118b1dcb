"""Pooling of site results that come with their own standard errors: random effects by REML, with covariates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.inputs import numbers
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Pooled:
    """A random-effects summary.

    Attributes:
        coefficients, standard_errors: ``(P,)`` the mean first (at covariates of 0), then covariates.
        lower, upper: ``(P,)`` 95 % (or `level`) interval; t-based with the small-sample factor when asked.
        tau2: Between-site variance, restricted maximum likelihood.
        q, q_p: Cochran's Q of the residuals, and its probability by chance.
        i2: Share of the spread that is not chance, 0 to 1, from Q.
        prediction: Interval for the true value at a new site, or None below 3 sites or with covariates.
        site: ``(S,)`` shrunken site values; NaN where missing.
        sites: How many there were.
    """

    coefficients: Floats
    standard_errors: Floats
    lower: Floats
    upper: Floats
    tau2: float
    q: float
    q_p: float
    i2: float
    prediction: tuple[float, float] | None
    site: Floats
    sites: int


def pool(
    effect: ArrayLike,
    standard_error: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    small_sample: bool = True,
    level: float = 0.95,
) -> Pooled | NotEstimable:
    """Return the pooled effect of sites, with a covariate when one is given.

    Args:
        effect: ``(S,)`` site effects on a scale where they are nearly normal; NaN is missing.
        standard_error: ``(S,)`` above 0.
        covariates: ``(S,)`` or ``(S, K)``.
        small_sample: Widen by the Hartung-Knapp-Sidik-Jonkman factor, never below 1, with t quantiles.
        level: Coverage.

    Returns:
        Pooled, or NotEstimable ``AT-S-119`` with fewer than 3 sites or no more sites than coefficients.

    Raises:
        StatsError: ``AT-S-101``, ``AT-S-102``, ``AT-S-106`` a standard error of 0, ``AT-S-114`` covariates that repeat.

    Source:
        viechtbauer2010, hartung2001, higgins2009.
    """
    y, se = numbers("effects", effect, negative=True), numbers("standard errors", standard_error)
    if y.shape != se.shape:
        raise StatsError("AT-S-101", f"There are {y.size} effects and {se.size} standard errors.")
    if (se == 0).any() or (
        np.nan_to_num(np.maximum(np.abs(y), se)).max(initial=0.0) > 1e12 * np.nanmin(se, initial=1e30)
    ):
        raise StatsError("AT-S-106", "A standard error is 0, or next to nothing beside the effects.")
    x = np.ones((y.size, 1))
    if covariates is not None:
        extra = numbers("covariates", covariates, ndim=None, negative=True)
        x = np.concatenate([x, extra.reshape(y.size, -1)], axis=1)
    known = np.isfinite(y) & np.isfinite(se) & np.isfinite(x).all(axis=1)
    y, x, v = y[known], x[known], se[known] ** 2
    k, p = x.shape
    if k < 3 or k <= p:
        return NotEstimable("AT-S-119", "Fewer than 3 sites have a result: there is no telling how far sites differ.")
    if np.linalg.matrix_rank(x) < p:
        raise StatsError("AT-S-114", "Covariates repeat each other or never change.", do="Leave one of them out.")
    tau2 = reml_tau2(y, v, x)
    weight = 1.0 / (v + tau2)
    cov = np.linalg.inv((x.T * weight) @ x)
    beta = cov @ (x.T @ (weight * y))
    rest = y - x @ beta
    fixed = np.linalg.solve((x.T / v) @ x, x.T @ (y / v))
    q = float(((y - x @ fixed) ** 2 / v).sum())
    widen = max(1.0, float((weight * rest**2).sum()) / (k - p)) if small_sample else 1.0
    errors = np.sqrt(np.diag(cov) * widen)
    quantile = float(special.stdtrit(k - p, 0.5 + level / 2) if small_sample else special.ndtri(0.5 + level / 2))
    prediction = None
    if p == 1:
        reach = float(special.stdtrit(max(k - 2, 1), 0.5 + level / 2)) if small_sample else quantile
        half = reach * np.sqrt(tau2 + errors[0] ** 2)
        prediction = (float(beta[0] - half), float(beta[0] + half))
    i2 = max(0.0, 1.0 - (k - p) / q) if q > 0 else 0.0
    site = np.full(known.size, np.nan)
    site[known] = x @ beta + rest * tau2 / (tau2 + v)
    return Pooled(
        beta, errors, beta - quantile * errors, beta + quantile * errors, tau2, q,
        float(special.gammaincc((k - p) / 2, q / 2)), i2, prediction, site, k,
    )  # fmt: skip


def reml_tau2(y: Floats, v: Floats, x: Floats) -> float:
    """Return the between-site variance by restricted maximum likelihood, by Fisher scoring with halved steps."""

    def likelihood(tau2: float) -> float:
        weight = 1.0 / (v + tau2)
        info = (x.T * weight) @ x
        rest = y - x @ np.linalg.solve(info, x.T @ (weight * y))
        return float(0.5 * (np.log(weight).sum() - np.linalg.slogdet(info)[1] - (weight * rest**2).sum()))

    tau2 = max(0.0, float(np.var(y) - v.mean()))
    now = likelihood(tau2)
    for _ in range(200):
        weight = 1.0 / (v + tau2)
        info = (x.T * weight) @ x
        hat = np.diag(weight) - (weight[:, None] * x) @ np.linalg.solve(info, x.T * weight)
        py = hat @ y
        step = float((py @ py - np.trace(hat)) / (hat * hat).sum())
        while True:
            new = max(0.0, tau2 + step)
            value = likelihood(new)
            if value >= now - 1e-12 or abs(step) < 1e-12:
                break
            step /= 2.0
        if abs(new - tau2) < 1e-10 * (1.0 + tau2):
            return new
        tau2, now = new, value
    return tau2
