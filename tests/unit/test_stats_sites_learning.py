"""Pooling, practices, bright spots, power: against loops, simulation and each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from allteach.errors import NotEstimable, StatsError
from allteach.stats import comparison as c
from allteach.units import Direction

pytestmark = pytest.mark.filterwarnings("error")


def test_pooling_by_grid_search() -> None:
    rng = np.random.default_rng(1)
    se = rng.uniform(0.1, 0.5, 12)
    y = rng.normal(0.3, np.sqrt(0.2**2 + se**2))
    found = c.pool(y, se, small_sample=False)
    assert isinstance(found, c.Pooled)

    def restricted(tau2: float) -> float:
        w = 1 / (se**2 + tau2)
        mean = (w * y).sum() / w.sum()
        return -0.5 * (np.log(se**2 + tau2).sum() + np.log(w.sum()) + (w * (y - mean) ** 2).sum())

    grid = np.linspace(0, 0.5, 20001)
    best = grid[int(np.argmax([restricted(t) for t in grid]))]
    assert found.tau2 == pytest.approx(best, abs=5e-5)
    w = 1 / (se**2 + found.tau2)
    assert found.coefficients[0] == pytest.approx((w * y).sum() / w.sum())
    assert found.site == pytest.approx(found.coefficients[0] + (y - found.coefficients[0]) * found.tau2 * w)


def test_pooling_equals_the_one_step_model_in_large_sites() -> None:
    rng = np.random.default_rng(2)
    n = np.full(30, 4000.0)
    y = rng.binomial(4000, special.expit(-1 + rng.normal(0, 0.3, 30))).astype(float)
    two_step = c.pool(special.logit(y / n), 1 / np.sqrt(n * (y / n) * (1 - y / n)), small_sample=False)
    one_step = c.mixed_model(y[:, None], n[:, None])
    assert isinstance(two_step, c.Pooled)
    assert isinstance(one_step, c.MixedModel)
    assert two_step.coefficients[0] == pytest.approx(one_step.coefficients[0], abs=0.005)
    assert np.sqrt(two_step.tau2) == pytest.approx(one_step.between_sd[0], abs=0.01)


def test_practice_and_outcome() -> None:
    rng = np.random.default_rng(3)
    practice = rng.uniform(0.2, 0.9, 40)
    n = np.full((40, 12), 40.0)
    eta = -1.0 - 1.5 * (practice - 0.5) + rng.normal(0, 0.2, 40)
    y = rng.binomial(40, special.expit(eta)[:, None], (40, 12)).astype(float)
    found = c.practice_outcome(practice, y, n)
    assert isinstance(found, c.PracticeOutcome)
    assert found.slope_lower < -1.5 < found.slope_upper
    assert found.slope_upper < 0
    assert found.explained > 0.4
    assert found.contrast[0] == pytest.approx(np.exp(found.slope * (found.high - found.low)))
    assert special.logit(found.outcome_high) - special.logit(found.outcome_low) == pytest.approx(
        np.log(found.contrast[0])
    )
    assert [caution.code for caution in found.cautions] == ["AT-S-135"]
    size = n.sum(axis=1)
    crude = c.pool(
        special.logit(y.sum(1) / size), 1 / np.sqrt(size * (y.sum(1) / size) * (1 - y.sum(1) / size)),
        covariates=practice, small_sample=False,
    )  # fmt: skip
    assert isinstance(crude, c.Pooled)
    assert found.slope == pytest.approx(crude.coefficients[1], abs=0.05)


def test_unrelated_practice_mostly_says_so() -> None:
    rng = np.random.default_rng(4)
    says = 0
    for _ in range(60):
        y = rng.binomial(200, special.expit(-1 + rng.normal(0, 0.4, 10))).astype(float)
        found = c.practice_outcome(rng.random(10), y, np.full(10, 200.0))
        assert isinstance(found, c.PracticeOutcome)
        assert [caution.code for caution in found.cautions] == ["AT-S-135", "AT-S-136"]
        says += int(found.slope_lower > 0 or found.slope_upper < 0)
    assert says <= 10


def test_bright_spots_are_found_and_steady() -> None:
    rng = np.random.default_rng(5)
    level = np.r_[np.full(18, 0.20), 0.08, 0.20]
    over_time = np.repeat(level[:, None], 24, axis=1)
    over_time[19, :8] = 0.02  # better once, not lastingly
    n = np.full((20, 24), 40.0)
    y = rng.binomial(40, over_time).astype(float)
    stay = c.Measured(rng.binomial(40, 0.1, (20, 24)), n, direction=Direction.LOWER)
    found = c.bright_spots(c.Measured(y, n), balancing=stay, criteria=c.Criteria(gap=0.03))
    assert isinstance(found, c.BrightSpots)
    assert found.bright[18]
    assert not found.bright[19]
    assert found.stability[19] < 0.6
    assert found.bright.sum() == 1
    assert found.by_window.shape == (3, 20)


def test_a_gain_that_costs_is_set_aside() -> None:
    rng = np.random.default_rng(6)
    n = np.full((12, 12), 60.0)
    y = rng.binomial(60, np.r_[0.05, np.full(11, 0.2)][:, None], (12, 12))
    other = rng.binomial(60, np.r_[0.4, np.full(11, 0.1)][:, None], (12, 12))
    found = c.bright_spots(c.Measured(y, n), balancing=c.Measured(other, n, direction=Direction.LOWER))
    assert isinstance(found, c.BrightSpots)
    assert found.set_aside[0]
    assert not found.bright[0]
    assert found.balancing_worse[0] > 0.95


def test_few_false_bright_spots_when_all_are_alike() -> None:
    rng = np.random.default_rng(7)
    n = np.full((20, 12), 30.0)
    count = 0
    for _ in range(10):
        found = c.bright_spots(c.Measured(rng.binomial(30, 0.2, (20, 12)), n))
        assert isinstance(found, c.BrightSpots)
        count += int(found.bright.sum())
    assert count <= 2


@pytest.mark.parametrize("chart", ["p", "u", "c", "xbar"])
@pytest.mark.parametrize("run", [0, 8])
def test_chance_of_signal_by_simulation(chart: str, run: int) -> None:
    rng = np.random.default_rng(8)
    size = {"p": np.array([50, 70, 40] * 6), "u": np.full(18, 80.0), "c": np.ones(18), "xbar": np.full(18, 4.0)}[chart]
    centre, value, sd = {"p": (0.2, 0.3, 0), "u": (0.1, 0.16, 0), "c": (6.0, 9.0, 0), "xbar": (0.0, 0.4, 1.0)}[chart]
    found = c.chance_of_signal(chart, centre, size, value, sd=sd or None, run=run)
    runs = 6000
    if chart == "p":
        seen = rng.binomial(size, value, (runs, 18)) / size
        sigma = np.sqrt(centre * (1 - centre) / size)
    elif chart == "xbar":
        seen, sigma = rng.normal(value, sd / np.sqrt(size), (runs, 18)), sd / np.sqrt(size)
    else:
        seen, sigma = rng.poisson(value * size, (runs, 18)) / size, np.sqrt(centre / size)
    signal = (np.abs(seen - centre) > 3 * sigma + 1e-12).any(axis=1)
    if run:
        side = np.where(np.abs(seen - centre) < 1e-12, 0, np.sign(seen - centre))
        for k in range(runs):
            length, last = 0, 0
            for s in side[k]:
                if s == 0:
                    continue
                length, last = (length + 1, last) if s == last else (1, s)
                signal[k] |= length >= run
    assert found == pytest.approx(signal.mean(), abs=4 * np.sqrt(max(found * (1 - found), 1e-4) / runs))


def test_detectable_change_has_its_power() -> None:
    size = np.full(12, 80.0)
    found = c.detectable_change("p", 0.2, size)
    assert isinstance(found, c.Detectable)
    assert found.lower < 0.2 < found.higher
    assert c.chance_of_signal("p", 0.2, size, found.higher) == pytest.approx(0.8, abs=0.01)
    assert c.chance_of_signal("p", 0.2, size, found.lower) == pytest.approx(0.8, abs=0.01)
    assert 0 < found.chance_alone < 0.1
    larger = c.detectable_change("p", 0.2, np.full(12, 800.0))
    assert isinstance(larger, c.Detectable)
    assert larger.higher < found.higher


def test_small_charts_cannot_see_improvement() -> None:
    found = c.detectable_change("p", 0.05, np.full(6, 10.0), run=0)
    assert isinstance(found, c.Detectable)
    assert np.isnan(found.lower)


def test_detectable_in_funnel_by_scipy() -> None:
    funnel = c.funnel([10, 40, 100], [60, 200, 520], overdispersion="none")
    assert isinstance(funnel, c.Funnel)
    found = c.detectable_in_funnel(funnel, level="95")
    for k, n in enumerate([60, 200, 520]):
        beyond = stats.binom.sf(np.floor(funnel.upper_95[k] * n), n, found.higher[k])
        assert beyond == pytest.approx(0.8, abs=1e-6)
        under = stats.binom.cdf(np.ceil(funnel.lower_95[k] * n) - 1, n, found.lower[k])
        assert under == pytest.approx(0.8, abs=1e-6)
    means = c.funnel_of_means([5, 9, 20], [50, 88, 210], [520, 900, 2300])
    assert isinstance(means, c.Funnel)
    far = c.detectable_in_funnel(means)
    assert stats.norm.sf(
        means.upper_998, far.higher, np.sqrt(means.unit_variance / means.denominator)
    ) == pytest.approx(np.full(3, 0.8))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: c.pool([1, 2, 3], [1, 0, 1]), "AT-S-106"),
        (lambda: c.pool([1, 2, 3], [1, 1]), "AT-S-101"),
        (lambda: c.pool([1, 2, 3, 4], [1, 1, 1, 1], covariates=np.ones(4)), "AT-S-114"),
        (lambda: c.practice_outcome([1, 2], [[1], [2], [3]], [[4], [5], [6]]), "AT-S-101"),
        (lambda: c.bright_spots(c.Measured([[1]], [[2]], direction=Direction.NEITHER)), "AT-S-138"),
        (lambda: c.bright_spots(c.Measured([1], [2])), "AT-S-101"),
        (lambda: c.Criteria(windows=0), "AT-S-106"),
        (lambda: c.chance_of_signal("run", 0.5, [5], 0.6), "AT-S-100"),
        (lambda: c.chance_of_signal("p", 0.5, [5], 1.6), "AT-S-106"),
        (lambda: c.chance_of_signal("xbar", 0.5, [5], 1.6), "AT-S-106"),
        (lambda: c.detectable_change("p", 0.5, [5], power=1.0), "AT-S-106"),
        (lambda: c.detectable_in_funnel(c.funnel([1, 5], [10, 10]), level="90"), "AT-S-106"),
    ],
)
def test_unusable_arguments(call: object, code: str) -> None:
    with pytest.raises(StatsError) as error:
        call()  # type: ignore[operator]
    assert error.value.code == code


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (c.pool([1, 2], [1, 1]), "AT-S-119"),
        (c.practice_outcome([0.1, 0.2], [[1], [2]], [[5], [5]]), "AT-S-119"),
        (c.practice_outcome(np.full(6, 0.5), np.ones((6, 1)), np.full((6, 1), 9.0)), "AT-S-137"),
        (c.bright_spots(c.Measured([[1, 2]], [[5, 5]])), "AT-S-118"),
        (c.bright_spots(c.Measured(np.zeros((4, 6)), np.ones((4, 6)))), "AT-S-112"),
        (c.detectable_change("p", 0.2, []), "AT-S-110"),
        (c.detectable_change("u", 0.0, [5]), "AT-S-112"),
    ],
)
def test_nothing_to_tell(found: object, code: str) -> None:
    assert isinstance(found, NotEstimable)
    assert found.code == code
