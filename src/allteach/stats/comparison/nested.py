"""Nested Laplace: the Bayesian form of the mixed model, spread integrated over a grid instead of fixed at one value."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allteach.stats.comparison.laplace import Fit, family_terms, joint_fit
from allteach.stats.comparison.rows import Rows
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Priors:
    """Priors on the link scale: normal for fixed parts, half-normal for the spread between sites.

    Args:
        intercept_sd: For the network's level, around one half for proportions and the crude rate for rates: 5 says
            next to nothing.
        slope_sd: For covariates.
        spread_sd: Scale of the half-normal for each between-site standard deviation.
    """

    intercept_sd: float = 5.0
    slope_sd: float = 1.0
    spread_sd: float = 1.0


@dataclass(frozen=True, slots=True)
class Grid:
    """Points of the spread with their posterior weights and fits.

    Attributes:
        weight: ``(G,)`` summing to 1.
        sd: ``(G, Q)`` between-site standard deviations.
        fits: One joint fit a point.
    """

    weight: Floats
    sd: Floats
    fits: tuple[Fit, ...]


class Surface:
    """Log posterior of the log spreads, each value with its fit; starts from the last fit."""

    def __init__(self, rows: Rows, priors: Priors, beta: Floats) -> None:
        self.rows, self.priors = rows, priors
        self.beta, self.u = beta, np.zeros((rows.start.size, rows.z.shape[1]))
        prior_sd = np.full(rows.x.shape[1], priors.slope_sd)
        prior_sd[0] = priors.intercept_sd
        self.precision = 1.0 / prior_sd**2

    def __call__(self, log_sd: Floats) -> tuple[float, Fit]:
        """Return the log posterior, up to a constant, and the fit."""
        sd = np.exp(log_sd)
        fit = joint_fit(self.rows, np.diag(sd), self.precision, self.beta, self.u)
        self.beta, self.u = fit.beta, fit.u
        log_det = fit.log_det_h - float(np.linalg.slogdet(fit.beta_cov)[1])
        prior = float((-0.5 * (sd / self.priors.spread_sd) ** 2 + log_sd).sum())
        return fit.log_density - 0.5 * log_det + prior, fit


def integrate(rows: Rows, priors: Priors, beta: Floats, start: Floats) -> Grid:
    """Return the grid: along one spread in steps of its own width, over two on a lattice around the mode (9 x 9)."""
    surface = Surface(rows, priors, beta)
    mode, width = _mode(surface, start)
    if mode.size == 1:
        points = _line(surface, mode, float(width[0, 0]))
    else:
        few = rows.x.shape[1] > 12  # many covariates cost time and say little about the spread
        steps = np.linspace(-2.6, 2.6, 5) if few else np.linspace(-3.5, 3.5, 9)
        points = [mode + width @ np.array([a, b]) for a in steps for b in steps]
    found = [surface(point) for point in points]
    value = np.array([item[0] for item in found]) + _log_widths(points)
    weight = np.exp(value - value.max())
    weight /= weight.sum()
    kept = np.flatnonzero(weight > 1e-7)
    weight = weight[kept] / weight[kept].sum()
    sd = np.exp(np.array(points)[kept])
    return Grid(weight, sd, tuple(centred(rows, np.diag(s), found[k][1]) for s, k in zip(sd, kept, strict=True)))


def centred(rows: Rows, chol: Floats, fit: Fit) -> Fit:
    """Return the fit with its mode moved to the mean, to second order: counts are skewed, most of all small ones.

    Source:
        tierney1989.
    """
    zl = rows.z @ chol
    inverse, cross = fit.h_inverse, fit.cross
    own = (inverse[rows.site] @ zl[:, :, None])[:, :, 0]
    free = rows.x - np.einsum("npq,nq->np", cross[rows.site], own)
    variance = (zl * own).sum(axis=1) + np.einsum("np,pr,nr->n", free, fit.beta_cov, free)
    eta = rows.x @ fit.beta + (zl * fit.u[rows.site]).sum(axis=1)
    pull = -0.5 * family_terms(rows, eta)[2] * variance
    pull_u = rows.by_site(zl * pull[:, None])
    beta = fit.beta_cov @ (rows.x.T @ pull - np.einsum("kpq,kqr,kr->p", cross, inverse, pull_u))
    u = np.einsum("kqr,kr->kq", inverse, pull_u - np.einsum("kpq,p->kq", cross, beta))
    # The series is cut after one term: never trust it for more than one standard deviation.
    beta_sd, u_sd = np.sqrt(np.diag(fit.beta_cov)), np.sqrt(np.einsum("kqq->kq", inverse))
    return replace(fit, beta=fit.beta + np.clip(beta, -beta_sd, beta_sd), u=fit.u + np.clip(u, -u_sd, u_sd))


def _mode(surface: Surface, start: Floats) -> tuple[Floats, Floats]:
    """Return the mode of the log spreads and a square root of their covariance there."""
    from scipy.optimize import minimize

    first = np.log(np.maximum(np.abs(start), 0.05))
    best = minimize(lambda t: -surface(t)[0], first, method="Nelder-Mead", options={"xatol": 0.01, "fatol": 0.001})
    mode, q = best.x, best.x.size
    step, top = 0.1, -best.fun
    curve = np.empty((q, q))
    unit = np.eye(q) * step
    for i in range(q):
        for j in range(i + 1):
            if i == j:
                curve[i, i] = (2 * top - surface(mode + unit[i])[0] - surface(mode - unit[i])[0]) / step**2
            else:
                corners = [(1, 1, 1), (-1, -1, 1), (1, -1, -1), (-1, 1, -1)]
                mixed = sum(s * surface(mode + a * unit[i] + b * unit[j])[0] for a, b, s in corners)
                curve[i, j] = curve[j, i] = -mixed / (4 * step**2)
    values, vectors = np.linalg.eigh(curve)
    return mode, vectors / np.sqrt(np.maximum(values, 0.5))


def _line(surface: Surface, mode: Floats, width: float) -> list[Floats]:
    """Return points from the mode outward, ever further apart, until the posterior has fallen to nothing."""
    top, points = surface(mode)[0], [mode]
    for sign in (-1.0, 1.0):
        step, point = 0.4 * min(abs(width), 1.0), mode
        for k in range(40):
            point = point + sign * step
            points.append(point)
            if surface(point)[0] < top - 9.0:
                break
            step *= 1.0 if k < 10 else 1.25
    return points


def _log_widths(points: list[Floats]) -> Floats:
    """Return the log of the stretch that each point of a line stands for; 0 on a lattice, where all are alike."""
    if points[0].size > 1:
        return np.zeros(len(points))
    place = np.array([point[0] for point in points])
    order = np.argsort(place)
    width = np.empty(place.size)
    width[order] = np.gradient(place[order])
    return np.log(width)


def parts(fit: Fit, chol: Floats, direction: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean and sd of each site's effect, and of network level plus effect, at one spread.

    Args:
        fit: A joint fit.
        chol: L at this spread.
        direction: ``(Q,)`` which random column is asked for, such as (1, 0).
    """
    pick = chol.T @ direction  # effect = pick . u
    effect = fit.u @ pick
    within = np.einsum("q,kqr,r->k", pick, fit.h_inverse, pick)
    lean = np.einsum("kpq,kqr,r->kp", fit.cross, fit.h_inverse, pick)  # how far the effect gives way to beta
    effect_var = within + np.einsum("kp,pr,kr->k", lean, fit.beta_cov, lean)
    level = np.zeros(fit.beta.size)
    level[_column(direction, fit.beta.size)] = 1.0
    both = level - lean
    level_var = within + np.einsum("kp,pr,kr->k", both, fit.beta_cov, both)
    return effect, np.sqrt(effect_var), effect + level @ fit.beta, np.sqrt(level_var)


def _column(direction: Floats, p: int) -> int:
    """Return the fixed column that belongs to a random one: the first, or for the slope the last."""
    return 0 if direction[0] == 1.0 else p - 1
