"""Funnels against plain loops over scipy.stats, and what they say at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison import Funnel, exact, funnel, funnel_of_means
from allteach.stats.comparison.overdispersion import winsorised

pytestmark = pytest.mark.filterwarnings("error")
AREAS = {"lower_998": 0.001, "lower_95": 0.025, "upper_95": 0.975, "upper_998": 0.999}


def limit_by_loop(size: float, distribution: stats.rv_discrete, area: float) -> float:
    r = 0
    while distribution.cdf(r) < area:
        r += 1
    share = (distribution.cdf(r) - area) / (distribution.cdf(r) - distribution.cdf(r - 1))
    return (r - share) / size


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20)


def plain(*args: object, **options: object) -> Funnel:
    found = funnel(*args, **options)  # type: ignore[arg-type]
    assert isinstance(found, Funnel)
    return found


@pytest.mark.parametrize("kind", ["proportion", "rate", "ratio"])
def test_limits_by_loop(kind: str, rng: np.random.Generator) -> None:
    size = rng.integers(5, 400, 12).astype(float)
    share = 0.08 if kind != "ratio" else 1.0
    count = rng.binomial(size.astype(int), 0.1) if kind == "proportion" else rng.poisson(size * share)
    found = plain(count, size, kind=kind, overdispersion="none")
    for name, area in AREAS.items():
        for k, n in enumerate(size):
            law = stats.binom(n, found.target) if kind == "proportion" else stats.poisson(n * found.target)
            assert getattr(found, name)[k] == pytest.approx(limit_by_loop(n, law, area), rel=1e-9, abs=1e-12)


def test_mid_p_by_sums(rng: np.random.Generator) -> None:
    size = rng.integers(3, 90, 20).astype(float)
    count = rng.binomial(size.astype(int), 0.2)
    found = plain(count, size, target=0.2, overdispersion="none")
    for k, (y, n) in enumerate(zip(count, size, strict=True)):
        law = stats.binom(n, 0.2)
        below = sum(law.pmf(j) for j in range(y)) + law.pmf(y) / 2
        assert found.p[k] == pytest.approx(min(1.0, 2 * min(below, 1 - below)), rel=1e-9)


def test_rate_mid_p_by_sums(rng: np.random.Generator) -> None:
    size = rng.uniform(1, 50, 20)
    count = rng.poisson(size * 0.3)
    found = plain(count, size, kind="rate", target=0.3, overdispersion="none")
    for k, (y, n) in enumerate(zip(count, size, strict=True)):
        law = stats.poisson(n * 0.3)
        below = law.cdf(y) - law.pmf(y) / 2
        assert found.p[k] == pytest.approx(min(1.0, 2 * min(below, 1 - below)), rel=1e-8)


def test_overdispersion_by_loop(rng: np.random.Generator) -> None:
    size = rng.integers(100, 900, 30).astype(float)
    count = rng.binomial(size.astype(int), rng.beta(20, 80, 30))
    found = plain(count, size, overdispersion="additive")
    theta = count.sum() / size.sum()
    variance = [theta * (1 - theta) / n for n in size]
    z = sorted((y / n - theta) / v**0.5 for y, n, v in zip(count, size, variance, strict=True))
    low, high = np.quantile(z, 0.1), np.quantile(z, 0.9)
    total = sum(min(max(value, low), high) ** 2 for value in z)
    weights = [1 / v for v in variance]
    tau2 = (total - 29) / (sum(weights) - sum(w * w for w in weights) / sum(weights))
    assert found.overdispersion.phi == pytest.approx(total / 30)
    assert found.overdispersion.tau2 == pytest.approx(tau2)
    assert found.overdispersion.p == pytest.approx(stats.chi2.sf(total, 29))
    assert found.z_adjusted == pytest.approx((found.value - theta) / np.sqrt(np.array(variance) + tau2))
    narrow = plain(count, size, overdispersion="none")
    stretch = np.sqrt(1 + tau2 / np.array(variance))
    assert found.upper_95 - theta == pytest.approx((narrow.upper_95 - theta) * stretch)


def test_multiplicative_divides_by_root_phi(rng: np.random.Generator) -> None:
    size = np.full(25, 400.0)
    count = rng.binomial(400, rng.beta(20, 80, 25))
    found = plain(count, size, overdispersion="multiplicative")
    assert found.z_adjusted == pytest.approx(found.z / np.sqrt(found.overdispersion.phi))


def test_winsorising_pulls_in_and_drops_nothing() -> None:
    z = np.array([-9.0, -1, -0.5, 0, 0.1, 0.2, 0.5, 1, 2, 40])
    pulled = winsorised(z, 0.1)
    assert pulled.size == 10
    assert pulled.max() == pytest.approx(np.percentile(z, 90))
    assert stats.mstats.winsorize(np.arange(10.0), 0.1).size == 10


def test_auto_widens_only_when_the_test_says_so(rng: np.random.Generator) -> None:
    size = np.full(60, 300.0)
    assert plain(rng.binomial(300, 0.2, 60), size).overdispersion.method == "none"
    assert plain(rng.binomial(300, rng.beta(10, 40, 60)), size).overdispersion.method == "additive"


def test_limits_are_never_narrowed() -> None:
    count = np.array([20.0, 21, 20, 19, 20, 20, 21, 19])
    for method in ("additive", "multiplicative"):
        found = plain(count, np.full(8, 100.0), overdispersion=method)
        assert found.overdispersion.method == "none"
        assert found.overdispersion.phi < 1


def test_leave_one_out_judges_by_the_others() -> None:
    found = plain([30, 10, 10, 10], [100, 100, 100, 100], target="leave_one_out", overdispersion="none")
    assert found.site_target[0] == pytest.approx(0.1)
    assert found.site_target[1] == pytest.approx(50 / 300)
    se = np.sqrt(0.1 * 0.9 * (1 / 100 + 1 / 300))
    assert found.z[0] == pytest.approx((0.3 - 0.1) / se)
    exact_p = stats.fisher_exact([[30, 70], [30, 270]])[1]
    assert found.p[0] == pytest.approx(exact_p, abs=0.002)


def test_the_only_site_with_events_is_seen_by_the_others() -> None:
    found = plain([20, 0, 0, 0], [50, 300, 300, 400], target="leave_one_out", overdispersion="none")
    assert found.outside[0] == 2
    assert found.p[0] < 1e-6
    mirrored = plain([30, 300, 300, 400], [50, 300, 300, 400], target="leave_one_out", overdispersion="none")
    assert mirrored.outside[0] == -2
    rates = plain([20, 0, 0], [50.0, 300, 300], kind="rate", target="leave_one_out", overdispersion="none")
    assert rates.outside[0] == 2


@pytest.mark.parametrize(
    ("kind", "scale", "forward", "back"),
    [
        ("proportion", "arcsine", lambda v: np.arcsin(v**0.5), lambda a: np.sin(np.clip(a, 0, np.pi / 2)) ** 2),
        ("rate", "sqrt", lambda v: v**0.5, lambda a: max(a, 0) ** 2),
        ("ratio", "log", np.log, np.exp),
    ],
)
def test_other_scales_by_loop(kind: str, scale: str, forward: object, back: object, rng: np.random.Generator) -> None:
    size = rng.integers(4, 300, 15).astype(float)
    count = np.maximum(rng.binomial(size.astype(int), rng.uniform(0.1, 0.4, 15)), 1).astype(float)
    target = 0.25
    found = plain(count, size, kind=kind, target=target, scale=scale, overdispersion="additive")
    unit = 1 / target if scale == "log" else 0.25
    tau2 = found.overdispersion.tau2 if found.overdispersion.method == "additive" else 0.0
    for k, (y, n) in enumerate(zip(count, size, strict=True)):
        aim, se = forward(target), np.sqrt(unit / n)  # type: ignore[operator]
        assert found.z[k] == pytest.approx((forward(y / n) - aim) / se)  # type: ignore[operator]
        limit = back(aim + stats.norm.ppf(0.999) * np.sqrt(se**2 + tau2))  # type: ignore[operator]
        assert found.upper_998[k] == pytest.approx(limit)
    assert found.curve(size).upper_998 == pytest.approx(np.clip(found.upper_998, 0, 1 if kind == "proportion" else 1e9))


def test_arcsine_limits_never_wrap_round() -> None:
    found = plain([1, 1, 300], [2, 3, 600], scale="arcsine", overdispersion="none")
    assert found.upper_998[:2].tolist() == [1, 1]
    assert found.lower_998[:2].tolist() == [0, 0]


def test_no_events_on_a_log_scale() -> None:
    found = funnel([0, 3, 4], [5.0, 4, 3], kind="ratio", scale="log")
    assert isinstance(found, NotEstimable)
    assert found.code == "AT-S-122"
    assert isinstance(funnel([0, 3, 4], [5.0, 4, 3], kind="ratio", scale="sqrt"), Funnel)


def test_means_by_loop(rng: np.random.Generator) -> None:
    groups = [rng.normal(10, 2, k) for k in (5, 20, 60, 9)]
    n, total, square = (np.array([f(g) for g in groups]) for f in (len, np.sum, lambda g: (g**2).sum()))
    found = funnel_of_means(n, total, square, overdispersion="none")
    assert isinstance(found, Funnel)
    pooled = sum(((g - g.mean()) ** 2).sum() for g in groups) / (n.sum() - 4)
    assert found.unit_variance == pytest.approx(pooled)
    assert found.upper_95 == pytest.approx(found.target + stats.norm.ppf(0.975) * np.sqrt(pooled / n))


def test_curve_passes_through_the_sites(rng: np.random.Generator) -> None:
    size = np.array([40.0, 90, 300, 1000])
    found = plain(rng.binomial(size.astype(int), 0.3), size, overdispersion="additive")
    curve = found.curve(size)
    assert curve.upper_95 == pytest.approx(np.clip(found.upper_95, 0, 1))
    assert curve.lower_998 == pytest.approx(np.clip(found.lower_998, 0, 1))
    grid = found.curve()
    assert grid.denominator[0] <= 40
    assert grid.denominator[-1] >= 1000
    assert (np.diff(grid.denominator) > 0).all()
    assert (grid.lower_998 >= 0).all()


def test_small_sizes_reach_below_zero_until_drawn() -> None:
    found = plain([1, 30], [4, 100], overdispersion="none")
    assert found.lower_95[0] < 0
    assert found.curve([4.0]).lower_95[0] == 0


def test_zero_events_at_a_site_is_judged() -> None:
    found = plain([0, 40, 42], [100, 100, 100], overdispersion="none")
    assert found.outside[0] == -2
    assert found.p[0] < 0.001


def test_sites_without_data_are_left_out() -> None:
    found = plain([3, np.nan, 0, 9], [30, 20, 0, 40], overdispersion="none")
    assert found.sites == 2
    assert np.isnan(found.z[[1, 2]]).all()
    assert found.outside[[1, 2]].tolist() == [0, 0]
    assert found.target == pytest.approx(12 / 70)


def test_columns_of_tables_and_masked_arrays() -> None:
    import pandas as pd

    table = pd.DataFrame({"n": pd.array([3, None, 9], dtype="Int64"), "d": [30, 20, 40]})
    found = plain(table["n"], table["d"])
    assert found.sites == 2
    masked = plain(np.ma.masked_array([3, 777, 9], [0, 1, 0]), [30, 20, 40])
    assert masked.target == found.target


@pytest.mark.parametrize(
    ("numerator", "denominator", "code"),
    [
        ([], [], "AT-S-110"),
        ([np.nan], [5], "AT-S-110"),
        ([0, 0], [0, 0], "AT-S-110"),
        ([3], [10], "AT-S-111"),
        ([0, 0, 0], [10, 20, 30], "AT-S-112"),
        ([10, 20], [10, 20], "AT-S-112"),
    ],
)
def test_nothing_to_compare(numerator: list[float], denominator: list[float], code: str) -> None:
    found = funnel(numerator, denominator)
    assert isinstance(found, NotEstimable)
    assert found.code == code
    assert not found


@pytest.mark.parametrize(
    ("numerator", "denominator", "options", "code"),
    [
        ([1, 2], [3], {}, "AT-S-101"),
        (["a"], [3], {}, "AT-S-101"),
        ([[1, 2]], [[3, 4]], {}, "AT-S-101"),
        ([1, np.inf], [3, 4], {}, "AT-S-102"),
        ([1, -1], [3, 4], {}, "AT-S-103"),
        ([1, 5], [3, 4], {}, "AT-S-104"),
        ([1, 5], [3, 0], {"kind": "rate"}, "AT-S-104"),
        ([1.5, 1], [3, 4], {}, "AT-S-105"),
        ([1, 2], [3, 4], {"kind": "percent"}, "AT-S-100"),
        ([1, 2], [3, 4], {"target": 1.5}, "AT-S-106"),
        ([1, 2], [3, 4], {"winsorise": 0.6}, "AT-S-106"),
        ([1, 2], [3, 4], {"overdispersion": "much"}, "AT-S-107"),
        ([1, 2], [3, 4], {"target": "median"}, "AT-S-108"),
        ([1, 2], [3, 4], {"scale": "log"}, "AT-S-121"),
        ([1, 2], [3, 4], {"scale": "arcsine", "kind": "rate"}, "AT-S-121"),
    ],
)
def test_unusable_arguments(numerator: list, denominator: list, options: dict, code: str) -> None:
    with pytest.raises(StatsError) as error:
        funnel(numerator, denominator, **options)
    assert error.value.code == code


def test_errors_name_the_place_and_no_value() -> None:
    with pytest.raises(StatsError) as error:
        funnel([1, 7777], [3, 4])
    assert "position 1" in str(error.value)
    assert "7777" not in str(error.value)


def test_all_equal_sites() -> None:
    found = plain([10] * 5, [100] * 5)
    assert found.outside.tolist() == [0] * 5
    assert found.overdispersion.phi == 0
    assert found.overdispersion.method == "none"


def test_huge_denominators(rng: np.random.Generator) -> None:
    size = np.array([2e6, 5e6, 9e6])
    found = plain([2e5, 5.01e5, 9.3e5], size, overdispersion="none")
    assert np.isfinite(found.upper_998).all()
    assert found.outside[2] == 2
    assert 0 < found.p[2] < 1e-40


def test_intervals_by_search() -> None:
    low, high = exact.binomial_interval([0, 3, 10], [10, 10, 10])
    assert low[0] == 0
    assert high[2] == 1
    assert stats.binom.sf(2, 10, low[1]) == pytest.approx(0.025)
    assert stats.binom.cdf(3, 10, high[1]) == pytest.approx(0.025)
    low, high = exact.poisson_interval([7])
    assert stats.poisson.sf(6, low[0]) == pytest.approx(0.025)
    assert stats.poisson.cdf(7, high[0]) == pytest.approx(0.025)
    assert np.isnan(exact.wilson_interval([1], [0])[0]).all()
    assert np.isnan(exact.binomial_interval([np.nan], [4])[0]).all()
