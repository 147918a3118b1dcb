"""Mixed model for means: closed-form site effects, spread by restricted maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allteach.errors import NotEstimable
from allteach.stats.comparison.laplace import inverse_and_log_det
from allteach.stats.comparison.rows import Rows
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class NormalFit:
    """Estimates: beta ``(P,)`` and covariance, effects ``(K, Q)``, relative L ``(Q, Q)``, residual variance.

    Attributes:
        beta, beta_cov, chol: Fixed part and L of the random part (b = L u).
        effect: ``(K, Q)`` b.
        inverse: ``(K, Q, Q)`` variance of u given beta.
        cross: ``(K, P, Q)`` X'WZL by site, W the precision.
        residual_var: Variance of one value.
        criterion: -2 times the restricted log-likelihood.
    """

    beta: Floats
    beta_cov: Floats
    chol: Floats
    effect: Floats
    inverse: Floats
    cross: Floats
    residual_var: float
    criterion: float


class Restricted:
    """-2 restricted log-likelihood as a function of L relative to the residual spread, from cross-products by site."""

    def __init__(self, rows: Rows) -> None:
        x, z, n, value = rows.x, rows.z, rows.n, rows.y / rows.n
        self.q, self.size, self.p = z.shape[1], value.size, x.shape[1]
        self.low = np.tril_indices(self.q)
        self.zz = rows.by_site(n[:, None, None] * z[:, :, None] * z[:, None, :])
        self.xz = rows.by_site(n[:, None, None] * x[:, :, None] * z[:, None, :])
        self.zy = rows.by_site((n * value)[:, None] * z)
        self.xx, self.xy, self.yy = (x.T * n) @ x, x.T @ (n * value), float(n @ value**2)
        self.log_n = float(np.log(n).sum())

    def solve(self, entries: Floats) -> tuple[float, NormalFit]:
        """Return the criterion and all estimates at these entries of L."""
        lower = np.zeros((self.q, self.q))
        lower[self.low] = entries
        inverse, log_det = inverse_and_log_det(lower.T @ self.zz @ lower + np.eye(self.q))
        xzl, zly = self.xz @ lower, self.zy @ lower
        through = xzl @ inverse
        info = self.xx - np.einsum("kpq,krq->pr", through, xzl)
        right = self.xy - np.einsum("kpq,kq->p", through, zly)
        cov = np.linalg.inv(info)
        beta = cov @ right
        rss = self.yy - np.einsum("kq,kqr,kr->", zly, inverse, zly) - right @ beta
        df = self.size - self.p
        variance = max(float(rss) / df, 1e-300)
        log_info = float(np.linalg.slogdet(info)[1])
        criterion = log_det + log_info - self.log_n + df * (1.0 + np.log(2.0 * np.pi * variance))
        u = np.einsum("kqr,kr->kq", inverse, zly - np.einsum("kpq,p->kq", xzl, beta))
        sd = np.sqrt(variance)
        fit = NormalFit(beta, cov * variance, lower * sd, u @ lower.T, inverse, xzl / sd, variance, float(criterion))
        return float(criterion), fit


def fit_normal(rows: Rows) -> NormalFit | NotEstimable:
    """Return the fit, or NotEstimable ``AT-S-113`` when values do not differ within any site."""
    from scipy.optimize import minimize, minimize_scalar

    goal = Restricted(rows)
    value = rows.y / rows.n
    inside = value - (rows.by_site(rows.n * value) / rows.by_site(rows.n))[rows.site]
    scale = float(np.abs(value).max()) or 1.0
    if value.size <= max(rows.start.size, goal.p) or np.abs(inside).max() <= 1e-10 * scale:
        return NotEstimable("AT-S-113", "Values do not differ within any site, so chance spread cannot be measured.")
    if goal.q == 1:
        found = minimize_scalar(lambda t: goal.solve(np.array([np.exp(t)]))[0], bounds=(-12.0, 8.0), method="bounded")
        entries = np.array([np.exp(found.x)])
        if goal.solve(np.zeros(1))[0] <= found.fun + 1e-8:
            entries = np.zeros(1)
    else:
        start = np.eye(goal.q)[goal.low]
        best = minimize(lambda t: goal.solve(t)[0], start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
        best = minimize(
            lambda t: goal.solve(t)[0], best.x, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}
        )
        entries = best.x
    return goal.solve(entries)[1]
