"""Mixed models of sites over periods: how far sites really differ, and each site's shrunken value with an interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.laplace import Fit, Marginal, joint_fit, site_modes
from allteach.stats.comparison.nested import Priors, integrate, parts
from allteach.stats.comparison.normal_mixed import fit_normal
from allteach.stats.comparison.posterior import Mixture
from allteach.stats.comparison.rows import Rows, rows_of
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class MixedModel:
    """A fitted model. Link scale: log odds for proportions, log for rates and ratios, as is for means.

    Attributes:
        kind, method: As asked; ``method`` is ``laplace``, ``nested`` or ``reml``.
        labels: ``(S,)`` sites; ``sites`` of them have data.
        coefficients, standard_errors: ``(P,)`` on the link scale: network level, covariates (centred), then the slope.
        between_sd: ``(Q,)`` spread between sites of level and slope, link scale.
        correlation: Between level and slope; NaN without a slope or in the nested form, where it is taken as 0.
        residual_sd: Spread of one value for means, else NaN.
        log_likelihood: Laplace (or restricted) log-likelihood; NaN for the nested form.
        effects: Mixture of each site's distance from the network, link scale.
        levels: Mixture of each site's own level, link scale.
        slopes: Mixture of each site's own slope, or None.
        raw: ``(S,)`` plain value of each site.
        network: Network level on the natural scale: that of a typical site.
        value, lower, upper: ``(S,)`` shrunken value with interval, natural scale.
        singular: True when the data give no sign of any difference between sites; Laplace intervals are then too narrow
            and the nested form is to be preferred.
    """

    kind: str
    method: str
    labels: NDArray[np.generic]
    sites: int
    coefficients: Floats
    standard_errors: Floats
    between_sd: Floats
    correlation: float
    residual_sd: float
    log_likelihood: float
    effects: Mixture
    levels: Mixture
    slopes: Mixture | None
    raw: Floats
    network: float
    value: Floats
    lower: Floats
    upper: Floats
    singular: bool

    @property
    def shrinkage(self) -> Floats:
        """``(S,)`` share of the way from the raw value to the network's, 0 to 1, by variance."""
        between = float(self.between_sd[0]) ** 2
        if between == 0:
            return np.where(np.isnan(self.value), np.nan, 1.0)
        return np.clip(self.effects.spread**2 / between, 0.0, 1.0)

    def probability_above(self, gap: float = 0.0) -> Floats:
        """Return ``(S,)`` probabilities of lying above the network by more than `gap`, natural scale."""
        base = float(self.coefficients[0])
        return self.effects.above(to_link(to_natural(base, self.kind) + gap, self.kind) - base)

    def probability_below(self, gap: float = 0.0) -> Floats:
        """Return ``(S,)`` probabilities of lying below the network by more than `gap`, natural scale."""
        base = float(self.coefficients[0])
        return self.effects.below(to_link(to_natural(base, self.kind) - gap, self.kind) - base)


@dataclass(frozen=True, slots=True)
class _Estimate:
    """What a fitting method hands on: weighted fits at their L, errors of beta, spread between sites."""

    method: str
    pieces: list[tuple[float, Floats, Fit]]
    errors: Floats
    sd: Floats
    correlation: float = np.nan
    residual_sd: float = np.nan
    log_likelihood: float = np.nan


def mixed_model(
    numerator: ArrayLike,
    denominator: ArrayLike,
    site: ArrayLike | None = None,
    *,
    kind: str = "proportion",
    fixed: ArrayLike | None = None,
    slope: ArrayLike | None = None,
    method: str = "laplace",
    priors: Priors | None = None,
    level: float = 0.95,
) -> MixedModel | NotEstimable:
    """Return a random-intercept model of sites, with a random slope when one is asked for.

    Args:
        numerator: ``(S, T)`` sites by periods, or ``(N,)`` rows with `site`; totals for ``mean``. NaN is missing.
        denominator: Same shape: cases, exposure, expected counts, or number of values.
        site: ``(N,)`` names, for rows; None for sites by periods.
        kind: ``proportion``, ``rate``, ``ratio`` or ``mean``.
        fixed: Covariates of the rows, last axis the columns; centred, so that the level is that of average conditions.
        slope: A covariate whose effect differs between sites; 0 is where levels are read, so centre it at will.
        method: ``laplace`` (maximum likelihood) or ``nested`` (Bayesian); means are always fitted by REML.
        priors: For ``nested``.
        level: Coverage of the intervals.

    Returns:
        A MixedModel, or NotEstimable: ``AT-S-110`` no data, ``AT-S-111`` one site, ``AT-S-112`` no events or nothing
        but events, ``AT-S-113`` means that do not vary within any site, ``AT-S-115`` no maximum found.

    Raises:
        StatsError: ``AT-S-100`` to ``AT-S-105`` for unusable arguments, ``AT-S-109`` for an unknown method,
            ``AT-S-114`` for covariates that repeat each other.

    Assumes:
        Site effects are normal on the link scale and have nothing to do with site size. Means have one residual
        variance, divided by the number of values.

    Not for:
        Ranking sites; see `expected_ranks` for what can be said of ranks.

    Source:
        breslow1993, rue2009, bates2015lme4.
    """
    if method not in ("laplace", "nested"):
        raise StatsError("AT-S-109", f"There is no method {method!r}.", expected="laplace or nested.")
    rows = rows_of(numerator, denominator, kind, site, fixed, slope)
    if isinstance(rows, NotEstimable):
        return rows
    raw = rows.spread(rows.by_site(rows.y) / rows.by_site(rows.n))
    if rows.family == "normal":
        return _normal(rows, raw, level)
    if method == "nested":
        return _nested(rows, kind, raw, priors or Priors(), level)
    return _laplace(rows, kind, raw, level)


def _start(rows: Rows, spread: float) -> Fit:
    """Return a joint fit at a plausible spread, from the crude overall value."""
    crude = rows.y.sum() / rows.n.sum()
    beta = np.zeros(rows.x.shape[1])
    beta[0] = special.logit(crude) if rows.family == "binomial" else np.log(crude)
    none = np.full(beta.size, 1e-6)  # keeps covariates that separate the events finite here
    return joint_fit(rows, np.eye(rows.z.shape[1]) * spread, none, beta, np.zeros((rows.start.size, rows.z.shape[1])))


def _laplace(rows: Rows, kind: str, raw: Floats, level: float) -> MixedModel | NotEstimable:
    from scipy.optimize import minimize

    goal = Marginal(rows)
    first = _start(rows, 0.4)
    goal.u = first.u
    p, entries = rows.x.shape[1], 0.4 * np.eye(goal.q)[goal.low]
    # Steps in units of the standard errors make BFGS quick however many covariates there are.
    scale = np.linalg.cholesky(first.beta_cov)
    unit = np.eye(p + entries.size)
    unit[:p, :p] = scale
    unit[p:, p:] *= 1.0 / np.sqrt(2.0 * rows.start.size)
    origin = np.concatenate([first.beta, entries])

    def value(step: Floats) -> tuple[float, Floats]:
        minus, slope = goal(origin + unit @ step)
        return minus, unit.T @ slope

    found = minimize(value, np.zeros(origin.size), jac=True, method="BFGS", options={"gtol": 1e-4, "maxiter": 500})
    params = origin + unit @ found.x
    reach = np.abs(params[1:p]) * np.ptp(rows.x[:, 1:], axis=0)
    if not np.isfinite(found.fun) or (reach > 25.0).any() or abs(params[0]) > 50.0:
        return NotEstimable("AT-S-115", "The model has no finite best fit: a covariate separates events from the rest.")
    chol = goal.chol(params[p:])
    chol = chol * np.where(np.diag(chol) < 0, -1.0, 1.0)
    fit = joint_fit(rows, chol, np.zeros(p), params[:p], goal.u * 0.0)
    fit = _at(goal, rows, params, chol, fit)
    sd = np.sqrt((chol**2).sum(axis=1))
    errors = _standard_errors(value, found.x, unit, p, fit)
    correlation = float((chol[0] @ chol[-1]) / (sd[0] * sd[-1])) if sd.size > 1 and sd.min() > 0 else np.nan
    estimate = _Estimate("laplace", [(1.0, chol, fit)], errors, sd, correlation, log_likelihood=-float(found.fun))
    return _result(rows, kind, raw, level, estimate)


def _at(goal: Marginal, rows: Rows, params: Floats, chol: Floats, fit: Fit) -> Fit:
    """Return the fit with beta at the maximum of the marginal likelihood rather than at the joint mode."""
    p = rows.x.shape[1]
    u = site_modes(rows, rows.x @ params[:p], rows.z @ chol, fit.u)
    return Fit(params[:p], u, fit.log_density, fit.h_inverse, fit.log_det_h, fit.beta_cov, fit.cross)


def _standard_errors(value: object, at: Floats, unit: Floats, p: int, fit: Fit) -> Floats:
    """Return standard errors from the curvature of the marginal likelihood, by differencing its gradient."""
    size, step = at.size, 1e-3
    curve = np.empty((size, size))
    for k, e in enumerate(np.eye(size) * step):
        curve[k] = (value(at + e)[1] - value(at - e)[1]) / (2.0 * step)  # type: ignore[operator]
    curve = 0.5 * (curve + curve.T)
    if np.linalg.eigvalsh(curve).min() > 1e-6:
        return np.sqrt(np.diag(unit @ np.linalg.inv(curve) @ unit.T)[:p])
    return np.sqrt(np.diag(fit.beta_cov))


def _nested(rows: Rows, kind: str, raw: Floats, priors: Priors, level: float) -> MixedModel:
    # A rate comes in any unit, so the prior of its level is centred at the crude rate.
    crude = float(rows.y.sum() / rows.n.sum()) if rows.family == "poisson" else 1.0
    scaled = replace(rows, n=rows.n * crude)
    first = _start(scaled, 0.4)
    spread = np.sqrt(np.square(first.u).mean(axis=0) * 0.16 + 0.01)
    grid = integrate(scaled, priors, first.beta, spread)
    shift = np.zeros(first.beta.size)
    shift[0] = np.log(crude)
    fits = [replace(fit, beta=fit.beta + shift) for fit in grid.fits]
    sd = grid.weight @ grid.sd
    pieces = [(float(w), np.diag(s), fit) for w, s, fit in zip(grid.weight, grid.sd, fits, strict=True)]
    beta = grid.weight @ np.array([fit.beta for fit in fits])
    var = sum(w * (np.diag(fit.beta_cov) + (fit.beta - beta) ** 2) for w, _, fit in pieces)
    return _result(rows, kind, raw, level, _Estimate("nested", pieces, np.sqrt(var), sd))


def _normal(rows: Rows, raw: Floats, level: float) -> MixedModel | NotEstimable:
    found = fit_normal(rows)
    if isinstance(found, NotEstimable):
        return found
    variance, chol = found.residual_var, found.chol
    relative = chol / np.sqrt(variance)
    u = found.effect * 0.0
    if chol.any():
        u = np.asarray(np.linalg.lstsq(chol, found.effect.T, rcond=None)[0].T, float)
    fit = Fit(found.beta, u, np.nan, found.inverse, np.nan, found.beta_cov, found.cross)
    sd = np.sqrt((chol**2).sum(axis=1))
    correlation = (
        float((relative[0] @ relative[-1]) * variance / (sd[0] * sd[-1])) if sd.size > 1 and sd.min() else np.nan
    )
    errors = np.sqrt(np.diag(found.beta_cov))
    size = float(np.sqrt(variance))
    estimate = _Estimate("reml", [(1.0, chol, fit)], errors, sd, correlation, size, -0.5 * found.criterion)
    return _result(rows, "mean", raw, level, estimate)


def _result(rows: Rows, kind: str, raw: Floats, level: float, found: _Estimate) -> MixedModel:
    q = rows.z.shape[1]
    weight = np.array([piece[0] for piece in found.pieces])
    effects, levels, slopes = [], [], []
    for _, chol, fit in found.pieces:
        effect, effect_sd, own, own_sd = parts(fit, chol, np.eye(q)[0])
        effects.append((effect, effect_sd))
        levels.append((own, own_sd))
        if q > 1:
            slopes.append(parts(fit, chol, np.eye(q)[1])[2:])
    beta = weight @ np.array([fit.beta for _, _, fit in found.pieces])
    own_level = _mixture(rows, weight, levels)
    tail = (1.0 - level) / 2.0
    return MixedModel(
        kind=kind,
        method=found.method,
        labels=rows.labels,
        sites=rows.start.size,
        coefficients=beta,
        standard_errors=found.errors,
        between_sd=found.sd,
        correlation=found.correlation,
        residual_sd=found.residual_sd,
        log_likelihood=found.log_likelihood,
        effects=_mixture(rows, weight, effects),
        levels=own_level,
        slopes=_mixture(rows, weight, slopes) if slopes else None,
        raw=raw,
        network=to_natural(float(beta[0]), kind),
        value=to_natural(own_level.centre, kind),
        lower=to_natural(own_level.quantile(tail), kind),
        upper=to_natural(own_level.quantile(1.0 - tail), kind),
        singular=bool(found.sd[0] < 1e-4),
    )


def _mixture(rows: Rows, weight: Floats, pieces: list[tuple[Floats, Floats]]) -> Mixture:
    mean = np.array([rows.spread(piece[0]) for piece in pieces])
    return Mixture(weight, mean, np.array([rows.spread(piece[1]) for piece in pieces]))


def to_natural(value, kind: str):  # type: ignore[no-untyped-def]
    """Return a link-scale value on the natural scale."""
    if kind == "mean":
        return value
    return special.expit(value) if kind == "proportion" else np.exp(value)


def to_link(value: float, kind: str) -> float:
    """Return a natural value on the link scale; beyond what is possible is infinite."""
    if kind == "mean":
        return value
    if value <= 0:
        return -np.inf
    if kind == "proportion":
        return np.inf if value >= 1 else float(special.logit(value))
    return float(np.log(value))
