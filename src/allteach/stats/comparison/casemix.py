"""Case-mix model: logistic regression of an outcome on what patients bring with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.inputs import first_place, numbers
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class CaseMixModel:
    """A fitted logistic model.

    Attributes:
        coefficients, standard_errors: ``(P,)``, the intercept first.
        covariance: ``(P, P)``.
        deviance, null_deviance: -2 log-likelihood with and without covariates.
        cases, events: Patients that it rests on.
        c_statistic: Probability that a patient with the outcome had the higher predicted risk.
        brier: Mean squared distance of prediction from outcome.
        iterations: Steps taken.
    """

    coefficients: Floats
    standard_errors: Floats
    covariance: Floats
    deviance: float
    null_deviance: float
    cases: int
    events: int
    c_statistic: float
    brier: float
    iterations: int

    def risk(self, covariates: ArrayLike) -> Floats:
        """Return ``(N,)`` predicted risks, NaN where a covariate is missing."""
        return special.expit(_design(covariates) @ self.coefficients)


@dataclass(frozen=True, slots=True)
class SiteExpectation:
    """``(S,)`` observed, expected and variance by site, for `standardised_ratios`; labels name the sites."""

    labels: np.ndarray
    cases: Floats
    observed: Floats
    expected: Floats
    variance: Floats


@dataclass(frozen=True, slots=True)
class Calibration:
    """Groups of rising predicted risk.

    Attributes:
        cases, observed, expected: ``(G,)`` by group.
        intercept, slope: Of the outcome on the logit of the prediction: 0 and 1 for a model that fits these patients.
    """

    cases: Floats
    observed: Floats
    expected: Floats
    intercept: float
    slope: float


def case_mix_model(outcome: ArrayLike, covariates: ArrayLike) -> CaseMixModel | NotEstimable:
    """Return a logistic model fitted by iteratively reweighted least squares.

    Args:
        outcome: ``(N,)`` 0 or 1; rows with a missing outcome or covariate are left out.
        covariates: ``(N,)`` or ``(N, P - 1)``.

    Returns:
        A CaseMixModel, or NotEstimable: ``AT-S-110`` no rows, ``AT-S-112`` no outcomes or nothing but outcomes,
        ``AT-S-115`` a covariate separates the two, ``AT-S-116`` fewer than 10 events (or non-events) per covariate.

    Raises:
        StatsError: ``AT-S-101``, ``AT-S-102``, ``AT-S-114`` covariates that repeat each other, ``AT-S-132`` outcomes
            other than 0 and 1.

    Source:
        mccullagh1989; peduzzi1996 for events per covariate.
    """
    y, x = numbers("outcomes", outcome, negative=True), _design(covariates)
    if x.shape[0] != y.size:
        raise StatsError("AT-S-101", f"There are {y.size} outcomes and {x.shape[0]} rows of covariates.")
    wrong = np.isfinite(y) & (y != 0) & (y != 1)
    if wrong.any():
        raise StatsError("AT-S-132", "An outcome is neither 0 nor 1.", where=first_place(wrong))
    keep = np.isfinite(y) & np.isfinite(x).all(axis=1)
    y, x = y[keep], x[keep]
    blocked = _blocked(y, x)
    if blocked is not None:
        return blocked
    fitted = fit_logistic(y, x)
    if isinstance(fitted, NotEstimable):
        return fitted
    beta, cov, steps = fitted
    risk = special.expit(x @ beta)
    share = y.mean()
    return CaseMixModel(
        beta, np.sqrt(np.diag(cov)), cov, _deviance(y, risk), _deviance(y, np.full(y.size, share)), y.size,
        int(y.sum()), c_statistic(y, risk), float(np.square(y - risk).mean()), steps,
    )  # fmt: skip


def _design(covariates: ArrayLike) -> Floats:
    x = numbers("covariates", covariates, ndim=None, negative=True)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2:
        raise StatsError("AT-S-101", f"Covariates have {x.ndim} dimensions, 1 or 2 expected.")
    return np.concatenate([np.ones((x.shape[0], 1)), x], axis=1)


def _blocked(y: Floats, x: Floats) -> NotEstimable | None:
    if y.size == 0:
        return NotEstimable("AT-S-110", "No patient has an outcome and all covariates.")
    fewer = min(y.sum(), y.size - y.sum())
    if fewer == 0:
        return NotEstimable("AT-S-112", "Nobody, or everybody, had the outcome.")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise StatsError("AT-S-114", "Covariates repeat each other or never change.", do="Leave one of them out.")
    if fewer < 10 * (x.shape[1] - 1):
        return NotEstimable("AT-S-116", "Fewer than 10 events for each covariate: the model would follow chance.")
    return None


def fit_logistic(y: Floats, x: Floats) -> tuple[Floats, Floats, int] | NotEstimable:
    """Return coefficients, covariance and steps of a logistic fit, or NotEstimable ``AT-S-115``."""
    beta = np.zeros(x.shape[1])
    beta[0] = special.logit(np.clip(y.mean(), 1e-12, 1 - 1e-12))
    last = np.inf
    for step in range(1, 51):
        risk = special.expit(x @ beta)
        weight = np.maximum(risk * (1.0 - risk), 1e-300)
        info = (x.T * weight) @ x
        if not np.isfinite(info).all() or np.linalg.cond(info) > 1e15:
            break
        beta = beta + np.linalg.solve(info, x.T @ (y - risk))
        now = _deviance(y, special.expit(x @ beta))
        if now < 1e-6:
            break
        if abs(last - now) < 1e-10 * (abs(now) + 0.1):
            return beta, np.linalg.inv(info), step
        last = now
    return NotEstimable("AT-S-115", "A covariate separates those with the outcome from those without.")


def _deviance(y: Floats, risk: Floats) -> float:
    return -2.0 * float((special.xlogy(y, risk) + special.xlog1py(1.0 - y, -risk)).sum())


def c_statistic(outcome: Floats, risk: Floats) -> float:
    """Return the probability that a case with the outcome had the higher risk, ties counting a half."""
    order = np.argsort(risk, kind="stable")
    _, first, size = np.unique(risk[order], return_index=True, return_counts=True)
    rank = np.empty(risk.size)
    rank[order] = np.repeat(first + (size + 1) / 2.0, size)
    events = outcome.sum()
    return float((rank[outcome == 1].sum() - events * (events + 1) / 2.0) / (events * (outcome.size - events)))


def by_site(outcome: ArrayLike, risk: ArrayLike, site: ArrayLike) -> SiteExpectation:
    """Return observed and expected events by site; rows with anything missing are left out.

    Raises:
        StatsError: ``AT-S-101`` when lengths differ.
    """
    y, p, names = numbers("outcomes", outcome), numbers("risks", risk), np.asarray(site)
    if not y.shape == p.shape == names.shape:
        raise StatsError("AT-S-101", "Outcomes, risks and sites differ in length.")
    labels, code = np.unique(names, return_inverse=True)
    keep = np.isfinite(y) & np.isfinite(p)
    y, p, code = y[keep], p[keep], code[keep]

    def add(values: Floats) -> Floats:
        return np.bincount(code, weights=values, minlength=labels.size).astype(float)

    return SiteExpectation(labels, add(np.ones(y.size)), add(y), add(p), add(p * (1.0 - p)))


def calibration(outcome: ArrayLike, risk: ArrayLike, *, groups: int = 10) -> Calibration | NotEstimable:
    """Return observed against expected in groups of equal size by predicted risk, with intercept and slope.

    Raises:
        StatsError: ``AT-S-101`` when lengths differ.

    Source:
        cox1958two.
    """
    y, p = numbers("outcomes", outcome), numbers("risks", risk)
    if y.shape != p.shape:
        raise StatsError("AT-S-101", "Outcomes and risks differ in length.")
    keep = np.isfinite(y) & np.isfinite(p) & (p > 0) & (p < 1)
    y, p = y[keep], p[keep]
    if y.size < groups or y.sum() in (0, y.size) or p.min() == p.max():
        return NotEstimable("AT-S-117", "Too few patients, outcomes or different risks to judge calibration.")
    fitted = fit_logistic(y, np.stack([np.ones(y.size), special.logit(p)], axis=1))
    if isinstance(fitted, NotEstimable):
        return fitted
    parts = np.array_split(np.argsort(p, kind="stable"), groups)
    cases, seen, due = (
        np.array([f(part) for part in parts]) for f in (len, lambda k: y[k].sum(), lambda k: p[k].sum())
    )
    return Calibration(cases.astype(float), seen, due, float(fitted[0][0]), float(fitted[0][1]))
