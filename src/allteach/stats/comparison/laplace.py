"""Log-likelihood of a binomial or Poisson model with random site effects, by Laplace's method, with its gradient.

Random effects are written b = L u with u standard normal, so that a spread of 0 is an ordinary point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allteach.stats import special
from allteach.stats.comparison.rows import Rows
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """State at the mode: shapes with P fixed columns, Q random ones, K sites.

    Attributes:
        beta, u: ``(P,)`` and ``(K, Q)`` mode.
        log_density: Log-likelihood of the data plus log prior of u and beta at the mode, without constants of u.
        h_inverse: ``(K, Q, Q)`` inverse curvature of each site's u.
        log_det_h: Sum of log determinants of the curvature.
        beta_cov: ``(P, P)`` inverse of the Schur complement.
        cross: ``(K, P, Q)`` X'WZL by site.
    """

    beta: Floats
    u: Floats
    log_density: float
    h_inverse: Floats
    log_det_h: float
    beta_cov: Floats
    cross: Floats


def family_terms(rows: Rows, eta: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, weight and slope of the weight at each row."""
    if rows.family == "binomial":
        p = special.expit(eta)
        weight = rows.n * p * (1.0 - p)
        return rows.n * p, weight, weight * (1.0 - 2.0 * p)
    mean = rows.n * np.exp(np.minimum(eta, 300.0))
    return mean, mean, mean


def log_likelihood(rows: Rows, eta: Floats) -> float:
    """Return the log-likelihood of all rows, constants included."""
    if rows.family == "binomial":
        inside = rows.y * eta - rows.n * np.logaddexp(0.0, eta)
    else:
        inside = rows.y * eta - rows.n * np.exp(np.minimum(eta, 300.0))
    return float(inside.sum()) + rows.constant


def inverse_and_log_det(h: Floats) -> tuple[Floats, float]:
    """Return inverses of 1 x 1 or 2 x 2 curvature matrices and the sum of their log determinants."""
    if h.shape[-1] == 1:
        return 1.0 / h, float(np.log(h).sum())
    a, b, d = h[:, 0, 0], h[:, 0, 1], h[:, 1, 1]
    det = a * d - b * b
    inverse = np.stack([np.stack([d, -b], -1), np.stack([-b, a], -1)], -2) / det[:, None, None]
    return inverse, float(np.log(det).sum())


def _curvature(rows: Rows, zl: Floats, weight: Floats) -> Floats:
    return rows.by_site(weight[:, None, None] * zl[:, :, None] * zl[:, None, :]) + np.eye(zl.shape[1])


def site_modes(rows: Rows, offset: Floats, zl: Floats, u: Floats) -> Floats:
    """Return the mode of u for a fixed part `offset`, by Newton steps of bounded length."""
    for _ in range(200):
        eta = offset + (zl * u[rows.site]).sum(axis=1)
        mean, weight, _ = family_terms(rows, eta)
        slope = rows.by_site(zl * (rows.y - mean)[:, None]) - u
        inverse, _ = inverse_and_log_det(_curvature(rows, zl, weight))
        step = np.clip((inverse @ slope[..., None])[..., 0], -3.0, 3.0)
        u = u + step
        if np.abs(step).max() < 1e-9:
            break
    return u


def joint_fit(rows: Rows, chol: Floats, precision: Floats, beta: Floats, u: Floats) -> Fit:
    """Return the joint mode of beta and u for a given spread, by Newton with the Schur complement.

    Args:
        rows: Data.
        chol: ``(Q, Q)`` L.
        precision: ``(P,)`` prior precisions of beta around 0; 0 for none.
        beta: Start.
        u: Start.
    """
    zl = rows.z @ chol
    for _ in range(200):
        eta = rows.x @ beta + (zl * u[rows.site]).sum(axis=1)
        mean, weight, _ = family_terms(rows, eta)
        inverse, log_det = inverse_and_log_det(_curvature(rows, zl, weight))
        rest = rows.y - mean
        slope_u = rows.by_site(zl * rest[:, None]) - u
        slope_beta = rows.x.T @ rest - precision * beta
        cross = rows.by_site((weight[:, None] * rows.x)[:, :, None] * zl[:, None, :])
        through = cross @ inverse
        schur = (rows.x.T * weight) @ rows.x + np.diag(precision) - np.einsum("kpq,krq->pr", through, cross)
        beta_cov = np.linalg.inv(schur)
        step = np.clip(beta_cov @ (slope_beta - np.einsum("kpq,kq->p", through, slope_u)), -3.0, 3.0)
        step_u = (inverse @ (slope_u - np.einsum("kpq,p->kq", cross, step))[..., None])[..., 0]
        beta, u = beta + step, u + np.clip(step_u, -3.0, 3.0)
        if max(np.abs(step).max(), np.abs(step_u).max()) < 1e-8:
            break
    eta = rows.x @ beta + (zl * u[rows.site]).sum(axis=1)
    density = log_likelihood(rows, eta) - 0.5 * float((u * u).sum()) - 0.5 * float((precision * beta * beta).sum())
    return Fit(beta, u, density, inverse, log_det, beta_cov, cross)


class Marginal:
    """Minus the Laplace log-likelihood and its gradient as functions of (beta, entries of L)."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.p, self.q = rows.x.shape[1], rows.z.shape[1]
        self.low = np.tril_indices(self.q)
        self.u = np.zeros((rows.start.size, self.q))

    def chol(self, entries: Floats) -> Floats:
        """Return L from its lower-triangular entries."""
        lower = np.zeros((self.q, self.q))
        lower[self.low] = entries
        return lower

    def __call__(self, params: Floats) -> tuple[float, Floats]:
        """Return the value and the gradient; the mode of u is kept as the next start."""
        rows, beta, lower = self.rows, params[: self.p], self.chol(params[self.p :])
        zl, offset = rows.z @ lower, rows.x @ beta
        u = self.u = site_modes(rows, offset, zl, self.u)
        eta = offset + (zl * u[rows.site]).sum(axis=1)
        mean, weight, slope = family_terms(rows, eta)
        inverse, log_det = inverse_and_log_det(_curvature(rows, zl, weight))
        value = log_likelihood(rows, eta) - 0.5 * float((u * u).sum()) - 0.5 * log_det
        return -value, -self._gradient(zl, u, rows.y - mean, weight, slope, inverse)

    def _gradient(self, zl: Floats, u: Floats, rest: Floats, weight: Floats, slope: Floats, inverse: Floats) -> Floats:
        rows = self.rows
        spread = (inverse[rows.site] @ zl[:, :, None])[:, :, 0]  # H^-1 z, by row
        k = slope * (zl * spread).sum(axis=1)
        pull = (inverse @ rows.by_site(zl * k[:, None])[:, :, None])[:, :, 0]  # H^-1 sum(z k), by site
        along = (zl * pull[rows.site]).sum(axis=1)
        gradient = np.empty(self.p + self.low[0].size)
        gradient[: self.p] = rows.x.T @ (rest - 0.5 * (k - weight * along))
        for place, (r, c) in enumerate(zip(*self.low, strict=True)):
            step = rows.z[:, r] * u[rows.site, c]  # change of eta at fixed u
            direct = (rest * step).sum()
            shape = 2.0 * (weight * spread[:, c] * rows.z[:, r]).sum() + (k * step).sum()
            moved = (rest * rows.z[:, r] * pull[rows.site, c]).sum() - (weight * step * along).sum()
            gradient[self.p + place] = direct - 0.5 * (shape + moved)
        return gradient
