"""Closed-form shrinkage: beta-binomial for proportions, gamma-Poisson for rates and ratios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.inputs import counts, ratio
from allteach.stats.results import Floats

# Beyond this many prior cases (for rates, mean exposures) the spread between sites is nil for every practical end.
NO_SPREAD = 1e8
# A distribution of sites with less weight than this would make sites of two cases certain of themselves.
LEAST_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Each site's value pulled towards the network's by as much as its size deserves.

    Attributes:
        kind: As given.
        raw: ``(S,)`` plain values; NaN for sites without data.
        value, lower, upper: ``(S,)`` posterior mean and interval.
        alpha, beta: Of the beta (proportions) or gamma (rates: shape and rate) distribution of sites.
        network: Its mean, the value of a typical site.
        between_sd: Its standard deviation: how far sites really differ. 0 when there is no sign that they do.
        weight: ``(S,)`` how much of the site's own data counts, 0 to 1.
        numerator, denominator: As given.
    """

    kind: str
    raw: Floats
    value: Floats
    lower: Floats
    upper: Floats
    alpha: float
    beta: float
    network: float
    between_sd: float
    weight: Floats
    numerator: Floats
    denominator: Floats

    def above(self, value: float | Floats) -> Floats:
        """Return ``(S,)`` probabilities that a site's true value lies above this one."""
        if self.kind == "proportion":
            a, b = self.alpha + self.numerator, self.beta + self.denominator - self.numerator
            inside = np.clip(value, 0.0, 1.0)
            return 1.0 - special.betainc(a, b, inside)
        return special.gammaincc(self.alpha + self.numerator, (self.beta + self.denominator) * np.maximum(value, 0.0))

    def draws(self, count: int, rng: np.random.Generator) -> Floats:
        """Return ``(count, S)`` draws of the sites' true values; NaN for sites without data."""
        known = np.isfinite(self.raw)
        y, n = self.numerator[known], self.denominator[known]
        full = np.full((count, known.size), np.nan)
        if self.kind == "proportion":
            full[:, known] = rng.beta(self.alpha + y, self.beta + n - y, size=(count, y.size))
        else:
            full[:, known] = rng.gamma(self.alpha + y, 1.0 / (self.beta + n), size=(count, y.size))
        return full


def shrink(
    numerator: ArrayLike, denominator: ArrayLike, *, kind: str = "proportion", method: str = "ml", level: float = 0.95
) -> Shrunken | NotEstimable:
    """Return shrunken site values from the closed-form posterior.

    Args:
        numerator: ``(S,)`` counts; NaN for missing.
        denominator: ``(S,)`` cases, exposure or expected counts.
        kind: ``proportion``, ``rate`` or ``ratio``.
        method: ``ml`` fits the distribution of sites by maximum likelihood, ``moments`` by weighted moments.
        level: Coverage of the intervals, which take the distribution of sites as known.

    Returns:
        A Shrunken, or NotEstimable ``AT-S-110`` (no data), ``AT-S-111`` (one site), ``AT-S-112`` (no events, or
        nothing but events).

    Raises:
        StatsError: ``AT-S-100`` to ``AT-S-105``, ``AT-S-109`` unknown method.

    Source:
        kleinman1973, clayton1987.

    Example:
        >>> s = shrink([2, 9, 4], [10, 20, 40])
        >>> bool(((s.value - s.network) * (s.raw - s.value) >= 0).all())
        True
    """
    if method not in ("ml", "moments"):
        raise StatsError("AT-S-109", f"There is no method {method!r}.", expected="ml or moments.")
    num, den = counts(numerator, denominator, kind)
    known = np.isfinite(num)
    y, n = num[known], den[known]
    if y.size < 2:
        code, what = ("AT-S-111", "Only one site has data") if y.size else ("AT-S-110", "No site has data")
        return NotEstimable(code, f"{what}: there is nothing to compare.")
    if y.sum() == 0 or (kind == "proportion" and y.sum() == n.sum()):
        return NotEstimable("AT-S-112", "There are no events, or nothing but events, so sites do not differ.")
    mean, size = moments(y, n, kind) if method == "moments" else _likelihood(y, n, kind)
    size = max(size, LEAST_WEIGHT if kind == "proportion" else LEAST_WEIGHT / mean)
    alpha, beta = (mean * size, (1.0 - mean) * size) if kind == "proportion" else (mean * size, size)
    tail = (1.0 - level) / 2.0
    if kind == "proportion":
        a, b = alpha + num, beta + den - num
        value, between = a / (a + b), np.sqrt(mean * (1.0 - mean) / (size + 1.0))
        lower, upper = special.betaincinv(a, b, tail), special.betaincinv(a, b, 1.0 - tail)
    else:
        value, between = (alpha + num) / (beta + den), np.sqrt(mean / size)
        lower = special.gammaincinv(alpha + num, tail) / (beta + den)
        upper = special.gammaincinv(alpha + num, 1.0 - tail) / (beta + den)
    between = 0.0 if size >= 0.999 * NO_SPREAD * _unit(n, kind) else float(between)
    weight = den / (den + size)
    return Shrunken(
        kind, ratio(num, den), value, lower, upper, float(alpha), float(beta), float(mean), between, weight, num, den
    )


def moments(y: Floats, n: Floats, kind: str) -> tuple[float, float]:
    """Return mean and prior size (alpha + beta, or the gamma's rate) by weighted moments.

    The prior size tells how many cases of its own a site needs to count for half.
    """
    mean, total = y.sum() / n.sum(), n.sum()
    spread = float((n * (y / n - mean) ** 2).sum())
    effective = total - (n * n).sum() / total
    if kind == "proportion":
        chance = mean * (1.0 - mean)
        between = (spread - (y.size - 1) * chance) / max(effective - (y.size - 1), 1e-300)
        if between <= 0:
            return float(mean), NO_SPREAD
        return float(mean), float(np.clip(chance / between - 1.0, 1e-3, NO_SPREAD))
    between = (spread - (y.size - 1) * mean) / effective
    most = NO_SPREAD * _unit(n, kind)
    return float(mean), float(min(mean / between, most)) if between > 0 else most


def _unit(n: Floats, kind: str) -> float:
    """Return what sizes are counted in: cases, or mean exposures, since exposure comes in any unit."""
    return 1.0 if kind == "proportion" else float(n.mean())


def _likelihood(y: Floats, n: Floats, kind: str) -> tuple[float, float]:
    """Return mean and prior size at the maximum of the marginal likelihood, over (link of mean, log size)."""
    from scipy.optimize import minimize

    binomial = kind == "proportion"
    mean0, size0 = moments(y, n, kind)
    unit = _unit(n, kind)

    def minus(params: Floats) -> tuple[float, Floats]:
        size = np.exp(params[1]) * unit
        if binomial:
            return _beta_binomial(y, n, float(special.expit(params[0])), size)
        return _gamma_poisson(y, n, float(np.exp(params[0])), size)

    link = special.logit(mean0) if binomial else np.log(mean0)
    top = np.log(NO_SPREAD)
    bounds = [(link - 12.0, link + 12.0), (np.log(LEAST_WEIGHT) if binomial else -12.0, top)]
    best = None
    for first in (min(size0 / unit, 1e4), 10.0, 1000.0) if binomial else (min(size0 / unit, 1e4), 0.1, 10.0):
        found = minimize(minus, [link, np.log(max(first, LEAST_WEIGHT))], jac=True, method="L-BFGS-B", bounds=bounds)
        if best is None or found.fun < best.fun - 1e-9:
            best = found
    assert best is not None
    mean = y.sum() / n.sum()  # without spread the pooled value is the best there is
    flat = special.xlogy(y, mean) + (special.xlog1py(n - y, -mean) if binomial else -mean * n)
    if -float(flat.sum()) <= best.fun + 1e-4:
        return float(mean), NO_SPREAD * unit
    found_mean = float(special.expit(best.x[0]) if binomial else np.exp(best.x[0]))
    return found_mean, float(np.exp(best.x[1]) * unit)


def _beta_binomial(y: Floats, n: Floats, mean: float, size: float) -> tuple[float, Floats]:
    a, b = mean * size, (1.0 - mean) * size
    value = special.betaln(a + y, b + n - y) - special.betaln(a, b)
    common = special.digamma(size) - special.digamma(size + n)
    da = (special.digamma(a + y) - special.digamma(a) + common).sum()
    db = (special.digamma(b + n - y) - special.digamma(b) + common).sum()
    return -float(value.sum()), -np.array([(da - db) * size * mean * (1.0 - mean), a * da + b * db])


def _gamma_poisson(y: Floats, n: Floats, mean: float, size: float) -> tuple[float, Floats]:
    a = mean * size
    value = special.gammaln(a + y) - special.gammaln(a) + a * np.log(size) - (a + y) * np.log(size + n)
    da = (special.digamma(a + y) - special.digamma(a) + np.log(size / (size + n))).sum()
    dsize = (a / size - (a + y) / (size + n)).sum()
    # The likelihood in y alone: n^y and y! are constants.
    return -float(value.sum()), -np.array([a * da, a * da + size * dsize])
