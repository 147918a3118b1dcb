"""Closed-form shrinkage, reliability, ranks, false discoveries and budgets, each recomputed another way."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from allteach.errors import NotEstimable, StatsError
from allteach.stats import comparison as c
from allteach.stats.comparison.empirical_bayes import _beta_binomial, _gamma_poisson
from allteach.units import Direction

pytestmark = pytest.mark.filterwarnings("error")


def proportions(seed: int = 1, sites: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 300, sites)
    return rng.binomial(n, rng.beta(8, 72, sites)).astype(float), n.astype(float)


def shrunken(*args: object, **options: object) -> c.Shrunken:
    found = c.shrink(*args, **options)  # type: ignore[arg-type]
    assert isinstance(found, c.Shrunken)
    return found


def test_beta_binomial_likelihood_by_scipy() -> None:
    y, n = proportions()
    found = shrunken(y, n)
    best = optimize.minimize(
        lambda t: -stats.betabinom.logpmf(y, n, np.exp(t[0]), np.exp(t[1])).sum(), [1.0, 3.0], method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-8},
    )  # fmt: skip
    assert (found.alpha, found.beta) == pytest.approx(tuple(np.exp(best.x)), rel=2e-3)


def test_gamma_poisson_likelihood_by_scipy() -> None:
    rng = np.random.default_rng(2)
    exposure = rng.uniform(100, 2000, 40)
    y = rng.poisson(exposure * rng.gamma(5, 0.002, 40)).astype(float)
    found = shrunken(y, exposure, kind="rate")

    def minus(t: np.ndarray) -> float:
        a, b = np.exp(t)
        return -float(stats.nbinom.logpmf(y, a, b / (b + exposure)).sum())

    best = optimize.minimize(minus, [1.0, 6.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8})
    assert (found.alpha, found.beta) == pytest.approx(tuple(np.exp(best.x)), rel=2e-3)


@pytest.mark.parametrize("law", [_beta_binomial, _gamma_poisson])
def test_gradients_by_differences(law: object) -> None:
    y, n = proportions(3, 12)

    def value(t: np.ndarray) -> float:
        mean = 1 / (1 + np.exp(-t[0])) if law is _beta_binomial else np.exp(t[0])
        return law(y, n, mean, np.exp(t[1]))[0]  # type: ignore[operator]

    at = np.array([-2.0, 3.0])
    mean = 1 / (1 + np.exp(2.0)) if law is _beta_binomial else np.exp(-2.0)
    slow = [(value(at + e) - value(at - e)) / 2e-6 for e in np.eye(2) * 1e-6]
    assert law(y, n, mean, np.exp(3.0))[1] == pytest.approx(slow, rel=1e-4, abs=1e-4)  # type: ignore[operator]


def test_posterior_by_integration() -> None:
    y, n = proportions(4, 15)
    found = shrunken(y, n)
    for k in range(3):
        law = lambda p, k=k: stats.beta.pdf(p, found.alpha, found.beta) * stats.binom.pmf(y[k], n[k], p)  # noqa: E731
        mass = integrate.quad(law, 0, 1, points=[found.value[k]], limit=200)[0]
        mean = integrate.quad(lambda p: p * law(p), 0, 1, points=[found.value[k]], limit=200)[0] / mass  # noqa: B023
        assert found.value[k] == pytest.approx(mean, rel=1e-5)
    assert found.above(found.lower) == pytest.approx(np.full(15, 0.975))


def test_rate_posterior_covers_as_said() -> None:
    found = shrunken([3, 9, 20], [100.0, 150.0, 900.0], kind="rate")
    assert found.above(found.upper) == pytest.approx(np.full(3, 0.025))
    draws = found.draws(40000, np.random.default_rng(1))
    assert draws.mean(axis=0) == pytest.approx(found.value, rel=0.02)


@pytest.mark.parametrize("method", ["ml", "moments"])
def test_moments_and_likelihood_see_the_same_network(method: str) -> None:
    y, n = proportions(5, 400)
    found = shrunken(y, n, method=method)
    assert found.network == pytest.approx(0.1, abs=0.005)
    assert found.between_sd == pytest.approx(np.sqrt(0.1 * 0.9 / 81), rel=0.15)


def test_no_spread_pulls_all_the_way() -> None:
    found = shrunken([10, 10, 11, 10, 9], [100.0] * 5)
    assert found.between_sd == 0
    assert found.value == pytest.approx(np.full(5, 0.1), abs=1e-5)
    assert c.reliability(found).rankability == 0  # type: ignore[union-attr]


def test_two_cases_are_never_certain() -> None:
    found = shrunken([0, 2, 0], [1, 2, 1])
    assert found.value[1] < 0.99
    assert found.lower[1] < 0.7
    assert found.upper[0] > 0.4
    rates = shrunken([0, 50, 0], [1.0, 1.0, 1.0], kind="rate")
    assert rates.upper[0] > 0.0
    assert rates.alpha >= 0.1 - 1e-12


def test_site_without_events_is_not_called_reliable() -> None:
    y, n = proportions(6)
    y[0], n[0] = 0, 6
    found = c.reliability(shrunken(y, n))
    assert isinstance(found, c.Reliability)
    assert found.site[0] < 0.2
    assert found.site == pytest.approx(n / (n + shrunken(y, n).alpha + shrunken(y, n).beta))
    assert found.cases_for_70 / (found.cases_for_70 + shrunken(y, n).alpha + shrunken(y, n).beta) == pytest.approx(0.7)


def test_reliability_is_the_squared_correlation_with_the_truth() -> None:
    rng = np.random.default_rng(7)
    truth = rng.beta(20, 80, 4000)
    n = np.full(4000, 60.0)
    found = c.reliability(shrunken(rng.binomial(60, truth).astype(float), n))
    seen = rng.binomial(60, truth) / 60
    assert isinstance(found, c.Reliability)
    assert found.median == pytest.approx(np.corrcoef(truth, seen)[0, 1] ** 2, abs=0.04)
    assert found.rankability == pytest.approx(found.median, abs=0.02)


def test_reliability_of_a_mixed_model() -> None:
    y, n = proportions(8)
    found = c.reliability(c.mixed_model(y[:, None], n[:, None]))
    assert isinstance(found, c.Reliability)
    assert (np.diff(found.site[np.argsort(n)]) > -0.15).all()
    assert 0 < found.rankability < 1
    assert c.reliability(NotEstimable("X", "y")) == NotEstimable("X", "y")
    with pytest.raises(StatsError):
        c.reliability("model")  # type: ignore[arg-type]


def test_expected_ranks_closed_form_by_simulation() -> None:
    y, n = proportions(9, 12)
    model = c.mixed_model(y[:, None], n[:, None])
    assert isinstance(model, c.MixedModel)
    found = c.expected_ranks(model, direction=Direction.LOWER)
    assert isinstance(found, c.ExpectedRanks)
    draws = model.effects.draws(20000, np.random.default_rng(3))
    slow = stats.rankdata(draws, axis=1).mean(axis=0)
    assert found.expected == pytest.approx(slow, abs=0.1)
    assert found.expected.sum() == pytest.approx(12 * 13 / 2)
    assert (found.lower <= found.expected).all()
    assert (found.expected <= found.upper).all()
    assert found.best_quarter.sum() == pytest.approx(3.0)


def test_ranks_follow_the_direction_and_the_seed() -> None:
    y, n = proportions(10, 9)
    y[4] = np.nan
    model = shrunken(y, n)
    low = c.expected_ranks(model, direction=Direction.LOWER)
    high = c.expected_ranks(model, direction=Direction.HIGHER)
    again = c.expected_ranks(model, direction=Direction.LOWER)
    assert isinstance(low, c.ExpectedRanks)
    assert isinstance(high, c.ExpectedRanks)
    assert isinstance(again, c.ExpectedRanks)
    assert np.isnan(low.expected[4])
    keep = np.arange(9) != 4
    assert low.expected[keep] + high.expected[keep] == pytest.approx(np.full(8, 9.0), abs=0.15)
    assert (low.expected[keep] == again.expected[keep]).all()


def test_equal_sites_share_the_middle() -> None:
    found = c.expected_ranks(shrunken([10] * 7, [100.0] * 7))
    assert isinstance(found, c.ExpectedRanks)
    assert found.expected == pytest.approx(np.full(7, 4.0), abs=0.15)
    assert found.upper.min() >= 6


@pytest.mark.parametrize("method", ["bh", "by"])
def test_false_discovery_by_definition(method: str) -> None:
    rng = np.random.default_rng(11)
    p = np.concatenate([rng.random(30), rng.random(10) / 500])
    p[5] = np.nan
    found = c.false_discovery(p, rate=0.1, method=method)
    assert isinstance(found, c.Discoveries)
    known = sorted(float(v) for v in p if v == v)
    factor = sum(1 / k for k in range(1, 40)) if method == "by" else 1.0
    cut = max([v for k, v in enumerate(known, 1) if v <= 0.1 * k / 39 / factor], default=-1.0)
    assert found.tested == 39
    assert found.found.tolist() == [bool(v <= cut) for v in p]
    other = stats.false_discovery_control(p[~np.isnan(p)], method=method)
    assert found.adjusted[~np.isnan(p)] == pytest.approx(other)


def test_budget_by_counting_all_cases() -> None:
    rates = [0.1, 0.2, 0.2, 0.05, 0.5]
    share = np.zeros(6)
    for which in itertools.product([0, 1], repeat=5):
        share[sum(which)] += np.prod([r if w else 1 - r for r, w in zip(rates, which, strict=True)])
    found = c.false_alarm_budget(rates, seen=3)
    assert isinstance(found, c.Budget)
    assert found.expected == pytest.approx(1.05)
    assert found.beyond_chance == pytest.approx(share[3:].sum())
    assert (found.low, found.high) == (
        int(np.searchsorted(np.cumsum(share), 0.025)),
        int(np.searchsorted(np.cumsum(share), 0.975)),
    )


def test_budget_of_a_large_network_adds_up() -> None:
    rng = np.random.default_rng(12)
    found = c.false_alarm_budget(rng.choice([0.01, 0.05, 0.3, np.nan], 30000))
    assert isinstance(found, c.Budget)
    assert found.low < found.expected < found.high
    per_set = c.budget_by_rule_set({"one": [0.1, 0.1], "none": [np.nan]})
    assert isinstance(per_set["none"], NotEstimable)
    assert c.rate_within_budget(10, 100) == 1.0


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: c.shrink([1, 2], [3, 4], method="guess"), "AT-S-109"),
        (lambda: c.expected_ranks(c.shrink([1, 2], [3, 4]), draws=3), "AT-S-106"),
        (lambda: c.false_discovery([0.5, 1.2]), "AT-S-106"),
        (lambda: c.false_discovery([0.5], method="holm"), "AT-S-109"),
        (lambda: c.false_discovery([0.5], rate=0), "AT-S-106"),
        (lambda: c.false_alarm_budget([0.5], seen=2), "AT-S-106"),
        (lambda: c.false_alarm_budget([-0.5]), "AT-S-106"),
        (lambda: c.rate_within_budget(0, 1), "AT-S-106"),
    ],
)
def test_unusable_arguments(call: object, code: str) -> None:
    with pytest.raises(StatsError) as error:
        call()  # type: ignore[operator]
    assert error.value.code == code


@pytest.mark.parametrize(
    ("y", "n", "code"),
    [([], [], "AT-S-110"), ([3], [9], "AT-S-111"), ([0, 0], [9, 9], "AT-S-112"), ([9, 9], [9, 9], "AT-S-112")],
)
def test_nothing_to_shrink(y: list, n: list, code: str) -> None:
    found = c.shrink(y, n)
    assert isinstance(found, NotEstimable)
    assert found.code == code
    assert c.expected_ranks(found) is found
    assert isinstance(c.false_discovery([np.nan]), NotEstimable)
    assert isinstance(c.false_alarm_budget([]), NotEstimable)
