"""Mixed models against quadrature, brute force and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison import MixedModel, Priors, median_odds_ratio, mixed_model
from allteach.stats.comparison.laplace import Marginal
from allteach.stats.comparison.posterior import Mixture
from allteach.stats.comparison.rows import rows_of

pytestmark = pytest.mark.filterwarnings("error")


def network(seed: int, sites: int, periods: int, *, rate: bool = False) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 40, (sites, periods)).astype(float)
    eta = -1.2 + rng.normal(0, 0.6, (sites, 1)) + np.zeros((1, periods))
    y = rng.poisson(n * np.exp(eta)) if rate else rng.binomial(n.astype(int), special.expit(eta))
    return y.astype(float), n


def fitted(*args: object, **options: object) -> MixedModel:
    model = mixed_model(*args, **options)  # type: ignore[arg-type]
    assert isinstance(model, MixedModel)
    return model


def exact_log_likelihood(y: np.ndarray, n: np.ndarray, level: float, sd: float, *, rate: bool) -> float:
    """Gauss-Hermite with 60 points, site by site, from scipy.stats alone."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    total = 0.0
    for k in range(y.shape[0]):
        inside = 0.0
        for u, w in zip(points, weights, strict=True):
            eta = level + sd * u
            if rate:
                each = stats.poisson.logpmf(y[k], n[k] * np.exp(eta)).sum()
            else:
                each = stats.binom.logpmf(y[k], n[k], special.expit(eta)).sum()
            inside += w / np.sqrt(2 * np.pi) * np.exp(each)
        total += np.log(inside)
    return total


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_likelihood_close_to_quadrature(kind: str) -> None:
    y, n = network(1, 8, 4, rate=kind == "rate")
    model = fitted(y, n, kind=kind)
    other = exact_log_likelihood(y, n, model.coefficients[0], model.between_sd[0], rate=kind == "rate")
    assert model.log_likelihood == pytest.approx(other, abs=0.05)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_maximum_close_to_that_of_quadrature(kind: str) -> None:
    y, n = network(2, 8, 3, rate=kind == "rate")
    model = fitted(y, n, kind=kind)
    start = [model.coefficients[0] + 0.3, model.between_sd[0] * 1.5]
    best = optimize.minimize(
        lambda t: -exact_log_likelihood(y, n, t[0], abs(t[1]), rate=kind == "rate"), start, method="Nelder-Mead"
    )
    assert model.coefficients[0] == pytest.approx(best.x[0], abs=0.01)
    assert model.between_sd[0] == pytest.approx(abs(best.x[1]), abs=0.01)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_gradient_by_differences(kind: str) -> None:
    y, n = network(3, 6, 5, rate=kind == "rate")
    rows = rows_of(y, n, kind, None, np.random.default_rng(0).normal(size=y.shape), np.linspace(-1, 1, 5))
    assert not isinstance(rows, NotEstimable)
    goal, at = Marginal(rows), np.array([-1.0, 0.2, 0.1, 0.5, 0.1, 0.3])
    gradient = goal(at)[1]
    steps = np.eye(at.size) * 1e-5
    slow = [(goal(at + e)[0] - goal(at - e)[0]) / 2e-5 for e in steps]
    assert gradient == pytest.approx(slow, rel=1e-5, abs=1e-5)


def test_shrunken_effect_by_quadrature() -> None:
    y, n = network(4, 10, 3)
    model = fitted(y, n)
    for k in (0, 3, 7):
        law = lambda b, k=k: (  # noqa: E731
            stats.norm.pdf(b, 0, model.between_sd[0])
            * np.exp(stats.binom.logpmf(y[k], n[k], special.expit(model.coefficients[0] + b)).sum())
        )
        mass = integrate.quad(law, -4, 4)[0]
        mean = integrate.quad(lambda b: b * law(b), -4, 4)[0] / mass  # noqa: B023
        assert model.effects.centre[k] == pytest.approx(mean, abs=0.03)


def test_slopes_recover_the_truth() -> None:
    rng = np.random.default_rng(5)
    t = np.linspace(-1, 1, 24)
    n = np.full((80, 24), 60.0)
    level, tilt = rng.normal(0, 0.5, (80, 1)), rng.normal(0, 0.3, (80, 1))
    y = rng.binomial(60, special.expit(-1 + level + (0.4 + tilt) * t))
    model = fitted(y, n, slope=t)
    assert model.coefficients == pytest.approx([-1.0, 0.4], abs=0.12)
    assert model.between_sd == pytest.approx([0.5, 0.3], abs=0.08)
    assert model.slopes is not None
    assert np.corrcoef(model.slopes.centre, tilt[:, 0])[0, 1] > 0.7


def test_means_equal_statsmodels() -> None:
    import warnings

    import statsmodels.api as sm

    rng = np.random.default_rng(6)
    x = rng.normal(size=(15, 6))
    value = 3 + 0.8 * x + rng.normal(0, 1.0, (15, 1)) + rng.normal(0, 1.5, (15, 6))
    model = fitted(value, np.ones_like(value), kind="mean", fixed=x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        design = sm.add_constant((x - x.mean()).ravel())
        other = sm.MixedLM(value.ravel(), design, groups=np.repeat(np.arange(15), 6)).fit(reml=True)
    assert model.coefficients == pytest.approx(other.fe_params, abs=1e-4)
    assert model.between_sd[0] ** 2 == pytest.approx(float(np.asarray(other.cov_re)[0, 0]), rel=1e-3)
    assert model.residual_sd**2 == pytest.approx(other.scale, rel=1e-3)
    assert model.log_likelihood == pytest.approx(other.llf, abs=1e-3)
    assert model.effects.centre == pytest.approx([float(e.iloc[0]) for e in other.random_effects.values()], abs=1e-3)


def test_summed_values_are_weighted_means() -> None:
    rng = np.random.default_rng(8)
    single = rng.normal(5, 1, (10, 4, 30)) + rng.normal(0, 0.5, (10, 1, 1))
    model = fitted(single.sum(axis=2), np.full((10, 4), 30.0), kind="mean")
    assert model.raw == pytest.approx(single.mean(axis=(1, 2)))
    assert model.residual_sd == pytest.approx(1.0, abs=0.25)


def test_nested_by_brute_force() -> None:
    """The posterior of level and spread on a fine grid, site effects by quadrature; no code of the product."""
    y, n = network(9, 5, 1)
    model = fitted(y, n, method="nested")
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    levels, spreads = np.linspace(-5.0, 2.0, 130), np.linspace(0.005, 3.2, 140)
    log, effect = np.empty((levels.size, spreads.size)), np.empty((levels.size, spreads.size, 5))
    for i, level in enumerate(levels):
        for j, sd in enumerate(spreads):
            each = stats.binom.pmf(y, n, special.expit(level + sd * points)[None, :]) * weights / np.sqrt(2 * np.pi)
            log[i, j] = np.log(each.sum(axis=1)).sum() + stats.norm.logpdf(level, 0, 5) - 0.5 * sd**2
            effect[i, j] = each @ (sd * points) / each.sum(axis=1)
    mass = np.exp(log - log.max())
    mass /= mass.sum()
    assert model.coefficients[0] == pytest.approx(float((mass.sum(1) * levels).sum()), abs=0.02)
    assert model.between_sd[0] == pytest.approx(float((mass.sum(0) * spreads).sum()), abs=0.02)
    assert model.effects.centre == pytest.approx(np.einsum("ij,ijk->k", mass, effect), abs=0.02)


def test_nested_agrees_with_laplace_in_a_large_network() -> None:
    y, n = network(10, 60, 12)
    first, second = fitted(y, n), fitted(y, n, method="nested")
    # One gives the mode, the other the mean, of a slightly skewed posterior.
    assert first.effects.centre == pytest.approx(second.effects.centre, abs=0.05)
    assert np.abs(first.effects.centre - second.effects.centre).mean() < 0.01
    assert first.between_sd[0] == pytest.approx(second.between_sd[0], abs=0.03)


def test_nested_keeps_some_doubt_where_laplace_sees_no_spread() -> None:
    n = np.full((4, 3), 50.0)
    y = np.array([[10, 10, 11], [10, 11, 10], [11, 10, 10], [10, 10, 10]], float)
    laplace, nested = fitted(y, n), fitted(y, n, method="nested")
    assert laplace.singular
    assert laplace.shrinkage == pytest.approx(1.0)
    assert nested.between_sd[0] > 0.02
    assert ((nested.upper - nested.lower) > (laplace.upper - laplace.lower)).all()


def test_probabilities_follow_the_gap() -> None:
    y, n = network(11, 20, 6)
    model = fitted(y, n, method="nested")
    assert model.probability_above(0.0) + model.probability_below(0.0) == pytest.approx(1.0)
    assert (model.probability_above(0.05) <= model.probability_above(0.0)).all()
    assert (model.probability_below(0.9) == 0).all()


def test_rows_and_panels_agree() -> None:
    y, n = network(12, 9, 4)
    panel = fitted(y, n)
    order = np.random.default_rng(0).permutation(36)
    site = np.repeat(np.arange(9), 4)[order]
    rows = fitted(y.ravel()[order], n.ravel()[order], site)
    assert rows.value == pytest.approx(panel.value, rel=1e-6)
    assert rows.log_likelihood == pytest.approx(panel.log_likelihood, abs=1e-6)


def test_missing_sites_stay_in_their_place() -> None:
    y, n = network(13, 8, 4)
    y[3] = np.nan
    n[5] = 0
    y[5] = 0
    model = fitted(y, n)
    assert model.sites == 6
    assert np.isnan(model.value[[3, 5]]).all()
    assert np.isfinite(np.delete(model.value, [3, 5])).all()


def test_site_without_events_gets_a_finite_value() -> None:
    y, n = network(14, 10, 4)
    y[2] = 0
    model = fitted(y, n)
    assert 0 < model.value[2] < model.network
    assert model.raw[2] == 0


def test_mixture_quantiles_and_draws() -> None:
    mixture = Mixture(np.array([0.3, 0.7]), np.array([[0.0], [1.0]]), np.array([[1.0], [0.5]]))
    middle = float(mixture.quantile(0.9)[0])
    area = 0.3 * stats.norm.cdf(middle) + 0.7 * stats.norm.cdf(middle, 1, 0.5)
    assert area == pytest.approx(0.9)
    draws = mixture.draws(20000, np.random.default_rng(1))
    assert draws.mean() == pytest.approx(mixture.centre[0], abs=0.02)
    assert draws.std() == pytest.approx(mixture.spread[0], abs=0.02)


def test_median_odds_ratio_by_simulation() -> None:
    y, n = network(15, 30, 5)
    model = fitted(y, n)
    pairs = np.random.default_rng(2).normal(0, model.between_sd[0], (200000, 2))
    assert median_odds_ratio(model) == pytest.approx(np.median(np.exp(np.abs(pairs[:, 0] - pairs[:, 1]))), rel=0.01)


@pytest.mark.parametrize(
    ("y", "n", "options", "code"),
    [
        (np.zeros((0, 3)), np.zeros((0, 3)), {}, "AT-S-110"),
        (np.full((3, 2), np.nan), np.ones((3, 2)), {}, "AT-S-110"),
        ([[1, 2]], [[5, 5]], {}, "AT-S-111"),
        (np.zeros((4, 3)), np.full((4, 3), 9.0), {}, "AT-S-112"),
        (np.full((4, 3), 9.0), np.full((4, 3), 9.0), {}, "AT-S-112"),
        (np.full((4, 3), 2.0), np.ones((4, 3)), {"kind": "mean"}, "AT-S-113"),
    ],
)
def test_nothing_to_fit(y: np.ndarray, n: np.ndarray, options: dict, code: str) -> None:
    found = mixed_model(y, n, **options)
    assert isinstance(found, NotEstimable)
    assert found.code == code


def test_separation_is_said() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, (20, 5)).astype(float)
    n = np.full((20, 5), 10.0)
    found = mixed_model(n * x, n, fixed=x)
    assert isinstance(found, NotEstimable)
    assert found.code == "AT-S-115"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"method": "guess"}, "AT-S-109"),
        ({"kind": "speed"}, "AT-S-100"),
        ({"fixed": np.ones((6, 4))}, "AT-S-114"),
        ({"fixed": np.ones((2, 9))}, "AT-S-101"),
    ],
)
def test_unusable_arguments(options: dict, code: str) -> None:
    y, n = network(16, 6, 4)
    with pytest.raises(StatsError) as error:
        mixed_model(y, n, **options)
    assert error.value.code == code


def test_priors_can_be_given() -> None:
    y, n = network(17, 6, 2)
    tight = fitted(y, n, method="nested", priors=Priors(spread_sd=0.05))
    assert tight.between_sd[0] < fitted(y, n, method="nested").between_sd[0]
