"""Ratios, case-mix models and risk-adjusted monitors against loops and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from allteach.errors import NotEstimable, StatsError
from allteach.stats import comparison as c
from allteach.stats.comparison.casemix import c_statistic
from allteach.stats.comparison.risk_cusum import path, weights

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def patients() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    risk = special.expit(-2.6 + rng.normal(0, 1.0, 3000))
    return (rng.random(3000) < risk).astype(float), risk


def test_ratios_by_scipy() -> None:
    observed, expected = np.array([0, 4, 12, 40.0]), np.array([2.5, 8.0, 9.0, 31.0])
    found = c.standardised_ratios(observed, expected, overall=0.1)
    assert isinstance(found, c.Ratios)
    for k, (o, e) in enumerate(zip(observed, expected, strict=True)):
        low = 0.0 if o == 0 else stats.chi2.ppf(0.025, 2 * o) / 2
        assert found.exact_lower[k] == pytest.approx(low / e)
        assert found.exact_upper[k] == pytest.approx(stats.chi2.ppf(0.975, 2 * (o + 1)) / 2 / e)
        below = stats.poisson.cdf(o, e) - stats.poisson.pmf(o, e) / 2
        assert found.p[k] == pytest.approx(min(1, 2 * min(below, 1 - below)))
    assert found.byar_lower[1:] == pytest.approx(found.exact_lower[1:], rel=0.03)
    assert found.byar_upper == pytest.approx(found.exact_upper, rel=0.03)
    assert found.byar_lower[0] == 0
    assert found.rate == pytest.approx(found.ratio * 0.1)
    assert [caution.code for caution in found.cautions] == ["AT-S-130"]


def test_indirect_standardisation_by_loop() -> None:
    events = np.array([[2, 8], [10, 4], [0, 0]], float)
    cases = np.array([[100, 40], [300, 10], [0, 0]], float)
    found = c.indirect_standardisation(events, cases)
    assert isinstance(found, c.Ratios)
    rates = [12 / 400, 12 / 50]
    for s in range(2):
        expected = sum(cases[s, g] * rates[g] for g in range(2))
        assert found.expected[s] == pytest.approx(expected)
        assert found.ratio[s] == pytest.approx(events[s].sum() / expected)
    assert np.isnan(found.ratio[2])
    mix = [400 / 450, 50 / 450]
    assert found.overlap[0] == pytest.approx(min(100 / 140, mix[0]) + min(40 / 140, mix[1]))


def test_sites_with_other_patients_get_a_caution() -> None:
    found = c.indirect_standardisation([[5, 0, 0], [0, 5, 5]], [[100, 0, 0], [0, 400, 400]])
    assert isinstance(found, c.Ratios)
    assert "AT-S-131" in [caution.code for caution in found.cautions]


def test_same_ratios_for_the_same_care_only_with_the_same_patients() -> None:
    """Two sites with identical care in every stratum may differ in their ratios: why these do not rank sites."""
    strata = np.array([[0.02, 0.40], [0.02, 0.40], [0.04, 0.20]])
    cases = np.array([[900.0, 100], [100, 900], [500, 500]])
    found = c.indirect_standardisation(np.round(strata * cases), cases)
    assert isinstance(found, c.Ratios)
    assert abs(found.ratio[0] - found.ratio[1]) > 0.1


def test_c_statistic_by_pairs() -> None:
    rng = np.random.default_rng(3)
    y, p = (rng.random(80) < 0.3).astype(float), rng.integers(1, 9, 80) / 10
    pairs = [(a > b) + 0.5 * (a == b) for a in p[y == 1] for b in p[y == 0]]
    assert c_statistic(y, p) == pytest.approx(np.mean(pairs))


def test_calibration_of_true_risks(patients: tuple[np.ndarray, np.ndarray]) -> None:
    y, p = patients
    found = c.calibration(y, p)
    assert isinstance(found, c.Calibration)
    assert found.slope == pytest.approx(1.0, abs=0.2)
    assert found.cases.sum() == 3000
    assert found.observed.sum() == y.sum()
    assert (np.diff(found.expected / found.cases) > 0).all()


def test_model_finds_the_coefficients(patients: tuple[np.ndarray, np.ndarray]) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(20000, 2))
    y = (rng.random(20000) < special.expit(-2 + x @ [0.5, -0.8])).astype(float)
    found = c.case_mix_model(y, x)
    assert isinstance(found, c.CaseMixModel)
    assert found.coefficients == pytest.approx([-2, 0.5, -0.8], abs=0.1)
    assert found.risk(x).mean() == pytest.approx(y.mean(), rel=1e-6)
    assert np.isnan(found.risk([[np.nan, 1.0]])[0])


@pytest.mark.parametrize(
    ("y", "x", "code"),
    [
        ([], np.empty((0, 1)), "AT-S-110"),
        (np.zeros(50), np.arange(50.0), "AT-S-112"),
        (np.arange(400) > 200, np.arange(400.0), "AT-S-115"),
        (np.arange(40) > 36, np.arange(40.0) % 7, "AT-S-116"),
    ],
)
def test_no_model(y: np.ndarray, x: np.ndarray, code: str) -> None:
    found = c.case_mix_model(np.asarray(y, float), x)
    assert isinstance(found, NotEstimable)
    assert found.code == code


def test_cusum_by_loop(patients: tuple[np.ndarray, np.ndarray]) -> None:
    y, p = patients
    found = c.risk_adjusted_cusum(y, p, limit_up=2.0, limit_down=1.5)
    assert isinstance(found, c.RiskCusum)
    up = down = 0.0
    seen_up, seen_down = [], []
    for k in range(y.size):
        top = 2.0 if y[k] else 1.0
        up = max(0.0, up + np.log(top / (1 - p[k] + 2 * p[k])))
        down = max(0.0, down + np.log((0.5 if y[k] else 1.0) / (1 - p[k] + 0.5 * p[k])))
        assert found.rising[k] == pytest.approx(up, abs=1e-9)
        assert found.falling[k] == pytest.approx(-down, abs=1e-9)
        if up >= 2.0:
            seen_up.append(k)
            up = 0.0
        if down >= 1.5:
            seen_down.append(k)
            down = 0.0
    assert found.signals_up.tolist() == seen_up
    assert found.signals_down.tolist() == seen_down
    assert (found.rising[found.signals_up] >= 2.0).all()  # what crossed is what is stored


def test_long_paths_cross_blocks() -> None:
    rng = np.random.default_rng(5)
    step = rng.normal(-0.01, 0.3, 30000)
    value, at = path(step, 4.0)
    last, signals = 0.0, []
    for k, w in enumerate(step):
        last = max(0.0, last + w)
        assert abs(value[k] - last) < 1e-9
        if last >= 4.0:
            signals.append(k)
            last = 0.0
    assert at.tolist() == signals


def test_weights_are_log_likelihood_ratios() -> None:
    p = 0.2
    odds = 2 * p / (1 - p)
    changed = odds / (1 + odds)
    both = weights(np.array([1.0, 0.0]), np.array([p, p]), 2.0)
    assert both == pytest.approx([np.log(changed / p), np.log((1 - changed) / (1 - p))])


@pytest.mark.parametrize(("odds", "true"), [(2.0, 1.0), (0.5, 1.0), (2.0, 2.0)])
def test_run_length_by_simulation(patients: tuple[np.ndarray, np.ndarray], odds: float, true: float) -> None:
    risk = patients[1]
    chain = c.average_run_length(risk, odds, 2.0, true_odds=true)
    runs = c.simulated_run_lengths(risk, odds, 2.0, true_odds=true, runs=1500, seed=2)
    assert chain == pytest.approx(runs.mean(), abs=3.5 * runs.std() / np.sqrt(1500))


def test_limit_gives_its_run_length(patients: tuple[np.ndarray, np.ndarray]) -> None:
    limit = c.limit_for_run_length(patients[1], 2.0, 800.0)
    assert c.average_run_length(patients[1], 2.0, limit) == pytest.approx(800.0, rel=0.02)


def test_higher_limits_wait_longer(patients: tuple[np.ndarray, np.ndarray]) -> None:
    lengths = [c.average_run_length(patients[1], 2.0, h, states=150) for h in (1, 2, 3, 4)]
    assert (np.diff(lengths) > 0).all()


def test_missing_patients_change_nothing(patients: tuple[np.ndarray, np.ndarray]) -> None:
    y, p = patients[0][:200].copy(), patients[1][:200].copy()
    whole = c.risk_adjusted_cusum(y, p, limit_up=3, limit_down=3)
    gap = c.risk_adjusted_cusum(np.insert(y, 50, np.nan), np.insert(p, 50, 0.1), limit_up=3, limit_down=3)
    assert isinstance(whole, c.RiskCusum)
    assert isinstance(gap, c.RiskCusum)
    assert np.isnan(gap.rising[50])
    assert np.delete(gap.rising, 50) == pytest.approx(whole.rising)


def test_vlad_by_loop() -> None:
    y, p = [0, 1, np.nan, 0], [0.1, 0.3, 0.2, 0.2]
    found = c.vlad(y, p)
    assert isinstance(found, c.Vlad)
    assert found.value == pytest.approx([0.1, -0.6, -0.6, -0.4])
    assert (found.observed, found.cases) == (1, 3)
    assert found.expected == pytest.approx(0.6)


def test_ewma_by_loop(patients: tuple[np.ndarray, np.ndarray]) -> None:
    y, p = patients[0][:400], patients[1][:400]
    found = c.risk_adjusted_ewma(y, p, weight=0.05)
    assert isinstance(found, c.RiskEwma)
    seen = due = p[0]
    variance = 0.0
    for k in range(400):
        seen = 0.95 * seen + 0.05 * y[k]
        due = 0.95 * due + 0.05 * p[k]
        variance = 0.95**2 * variance + 0.05**2 * p[k] * (1 - p[k])
        assert found.observed[k] == pytest.approx(seen)
        assert found.expected[k] == pytest.approx(due)
        assert found.z[k] == pytest.approx((seen - due) / np.sqrt(variance))
    assert (found.lower >= 0).all()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: c.risk_adjusted_cusum([0, 2], [0.1, 0.1]), "AT-S-132"),
        (lambda: c.risk_adjusted_cusum([0, 1], [0.1, 1.0]), "AT-S-133"),
        (lambda: c.risk_adjusted_cusum([0, 1], [0.1, 0.2], odds_up=0.5), "AT-S-134"),
        (lambda: c.risk_adjusted_cusum([0, 1], [0.1, 0.2], limit_up=-1), "AT-S-134"),
        (lambda: c.risk_adjusted_cusum([0, 1], [0.1]), "AT-S-101"),
        (lambda: c.limit_for_run_length([0.1], 2.0, 1.0), "AT-S-134"),
        (lambda: c.risk_adjusted_ewma([0, 1], [0.1, 0.2], weight=1.5), "AT-S-106"),
        (lambda: c.case_mix_model([0, 3], [1, 2]), "AT-S-132"),
        (lambda: c.case_mix_model([0, 1, 0, 1], np.ones(4)), "AT-S-114"),
        (lambda: c.by_site([0], [0.1], ["a", "b"]), "AT-S-101"),
        (lambda: c.standardised_ratios([1], [0.0]), "AT-S-104"),
        (lambda: c.standardised_ratios([1, 2], [1, 2], variance=[1]), "AT-S-101"),
        (lambda: c.indirect_standardisation([[1]], [[2]], reference=[0.1, 0.2]), "AT-S-101"),
    ],
)
def test_unusable_arguments(call: object, code: str) -> None:
    with pytest.raises(StatsError) as error:
        call()  # type: ignore[operator]
    assert error.value.code == code


def test_nothing_to_monitor() -> None:
    for found in (
        c.risk_adjusted_cusum([], []),
        c.vlad([np.nan], [0.1]),
        c.risk_adjusted_ewma([], []),
        c.standardised_ratios([np.nan], [1.0]),
    ):
        assert isinstance(found, NotEstimable)
        assert found.code == "AT-S-110"
    assert isinstance(c.calibration([0, 1], [0.1, 0.2]), NotEstimable)
