"""Published and well-known results that the comparison of sites must reproduce."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from allteach.stats import comparison as c

# Contagious bovine pleuropneumonia in 15 herds over 4 periods: herd, cases, size, period (R lme4 `cbpp`).
CBPP = np.array(
    """1 2 14 1|1 3 12 2|1 4 9 3|1 0 5 4|2 3 22 1|2 1 18 2|2 1 21 3|3 8 22 1|3 2 16 2|3 0 16 3|3 2 20 4|4 2 10 1|
    4 0 10 2|4 2 9 3|4 0 6 4|5 5 18 1|5 0 25 2|5 0 24 3|5 1 4 4|6 3 17 1|6 0 17 2|6 0 18 3|6 1 20 4|7 8 16 1|
    7 1 10 2|7 3 9 3|7 0 5 4|8 12 34 1|9 2 9 1|9 0 6 2|9 0 8 3|9 0 6 4|10 1 22 1|10 1 22 2|10 0 18 3|10 2 22 4|
    11 0 25 1|11 5 27 2|11 3 22 3|11 1 22 4|12 2 10 1|12 1 8 2|12 0 6 3|12 0 5 4|13 1 21 1|13 2 24 2|13 0 19 3|
    13 0 23 4|14 11 19 1|
    14 0 2 2|14 0 3 3|14 0 2 4|15 1 19 1|15 1 15 2|15 1 15 3|15 0 15 4""".replace("\n", "")
    .replace("|", " ")
    .split(),
    dtype=float,
).reshape(-1, 4)

# Yield of dyestuff from 6 batches, 5 samples each (R lme4 `Dyestuff`; Davies 1947).
DYESTUFF = np.array(
    [
        [1545, 1440, 1440, 1520, 1580],
        [1540, 1555, 1490, 1560, 1495],
        [1595, 1550, 1605, 1510, 1560],
        [1445, 1440, 1595, 1465, 1545],
        [1595, 1630, 1515, 1635, 1625],
        [1520, 1455, 1450, 1480, 1445],
    ],
    float,
)

# Reaction times of 18 people over 10 days (R lme4 `sleepstudy`; Belenky 2003), people by days.
SLEEP = """249.56 258.7047 250.8006 321.4398 356.8519 414.6901 382.2038 290.1486 430.5853 466.3535
222.7339 205.2658 202.9778 204.707 207.7161 215.9618 213.6303 217.7272 224.2957 237.3142
199.0539 194.3322 234.32 232.8416 229.3074 220.4579 235.4208 255.7511 261.0125 247.5153
321.5426 300.4002 283.8565 285.133 285.7973 297.5855 280.2396 318.2613 305.3495 354.0487
287.6079 285.0 301.8206 320.1153 316.2773 293.3187 290.075 334.8177 293.7469 371.5811
234.8606 242.8118 272.9613 309.7688 317.4629 309.9976 454.1619 346.8311 330.3003 253.8644
283.8424 289.555 276.7693 299.8097 297.171 338.1665 332.0265 348.8399 333.36 362.0428
265.4731 276.2012 243.3647 254.6723 279.0244 284.1912 305.5248 331.5229 335.7469 377.299
241.6083 273.9472 254.4907 270.8021 251.4519 254.6362 245.4523 235.311 235.7541 237.2466
312.3666 313.8058 291.6112 346.1222 365.7324 391.8385 404.2601 416.6923 455.8643 458.9167
236.1032 230.3167 238.9256 254.922 250.7103 269.7744 281.5648 308.102 336.2806 351.6451
256.2968 243.4543 256.2046 255.5271 268.9165 329.7247 379.4445 362.9184 394.4872 389.0527
250.5265 300.0576 269.8939 280.5891 271.8274 304.6336 287.7466 266.5955 321.5418 347.5655
221.6771 298.1939 326.8785 346.8555 348.7402 352.8287 354.4266 360.4326 375.6406 388.5417
271.9235 268.4369 257.2424 277.6566 314.8222 317.2135 298.1353 348.1229 340.28 366.5131
225.264 234.5235 238.9008 240.473 267.5373 344.1937 281.1481 347.5855 365.163 372.2288
269.8804 272.4428 277.8989 281.7895 279.1705 284.512 259.2658 304.6306 350.7807 369.4692
269.4117 273.474 297.5968 310.6316 287.1726 329.6076 334.4818 343.2199 369.1417 364.1236"""

# BCG vaccine trials: cases and others, vaccinated and not, and latitude (R metafor `dat.bcg`; Colditz 1994).
BCG = np.array(
    """4 119 11 128 44|6 300 29 274 55|3 228 11 209 42|62 13536 248 12619 52|33 5036 47 5761 13|180 1361 372 1079 44|
    8 2537 10 619 19|505 87886 499 87892 13|29 7470 45 7232 27|17 1699 65 1600 42|186 50448 141 27197 18|
    5 2493 3 2338 33|27 16886 29 17825 33""".replace("\n", "")
    .replace("|", " ")
    .split(),
    dtype=float,
).reshape(-1, 5)


def test_binomial_mixed_model_of_cbpp() -> None:
    """Laplace estimates as R's glmmTMB 1.1 prints them; lme4 stops a little earlier (sd 0.6421, -1.3983)."""
    period = np.stack([(CBPP[:, 3] == k).astype(float) for k in (2, 3, 4)], axis=1)
    model = c.mixed_model(CBPP[:, 1], CBPP[:, 2], CBPP[:, 0], fixed=period)
    assert isinstance(model, c.MixedModel)
    assert model.coefficients[1:] == pytest.approx([-0.9923, -1.1287, -1.5803], abs=1e-4)
    assert model.standard_errors[1:] == pytest.approx([0.3066, 0.3266, 0.4274], abs=1e-4)
    centres = np.average(period, axis=0, weights=CBPP[:, 2])
    assert model.coefficients[0] - centres @ model.coefficients[1:] == pytest.approx(-1.3985, abs=1e-4)
    assert model.between_sd[0] == pytest.approx(0.6423, abs=1e-4)
    assert -2 * model.log_likelihood == pytest.approx(184.0525, abs=2e-3)


def test_normal_mixed_model_of_dyestuff() -> None:
    """REML as lme4 prints it: 1527.5 (19.38), batch 42.00, residual 49.51, criterion 319.6543."""
    model = c.mixed_model(DYESTUFF, np.ones_like(DYESTUFF), kind="mean")
    assert isinstance(model, c.MixedModel)
    assert model.coefficients[0] == pytest.approx(1527.5)
    assert model.standard_errors[0] == pytest.approx(19.38, abs=0.005)
    assert model.between_sd[0] == pytest.approx(42.00, abs=0.005)
    assert model.residual_sd == pytest.approx(49.51, abs=0.005)
    assert -2 * model.log_likelihood == pytest.approx(319.6543, abs=1e-4)


def test_normal_mixed_model_with_slopes_of_sleepstudy() -> None:
    """REML as lme4 prints it: 251.405 (6.825), 10.467 (1.546), sd 24.74, 5.92, correlation 0.07, residual 25.59."""
    reaction = np.array([row.split() for row in SLEEP.splitlines()], float)
    model = c.mixed_model(reaction, np.ones_like(reaction), kind="mean", slope=np.arange(10.0))
    assert isinstance(model, c.MixedModel)
    assert model.coefficients == pytest.approx([251.405, 10.467], abs=1e-3)
    assert model.standard_errors == pytest.approx([6.825, 1.546], abs=1e-3)
    assert model.between_sd == pytest.approx([24.74, 5.92], abs=0.01)
    assert model.correlation == pytest.approx(0.066, abs=0.005)
    assert model.residual_sd == pytest.approx(25.592, abs=0.002)
    assert -2 * model.log_likelihood == pytest.approx(1743.628, abs=2e-3)


def bcg() -> tuple[np.ndarray, np.ndarray]:
    a, b, d, e = BCG[:, 0], BCG[:, 1], BCG[:, 2], BCG[:, 3]
    effect = np.log(a / (a + b)) - np.log(d / (d + e))
    return effect, np.sqrt(1 / a - 1 / (a + b) + 1 / d - 1 / (d + e))


def test_pooling_of_bcg_trials() -> None:
    """REML as metafor prints it: -0.7145 (0.1798), tau2 0.3132, Q 152.2330, prediction -1.8667 to 0.4377."""
    effect, se = bcg()
    pooled = c.pool(effect, se, small_sample=False)
    assert isinstance(pooled, c.Pooled)
    assert pooled.coefficients[0] == pytest.approx(-0.7145, abs=5e-5)
    assert pooled.standard_errors[0] == pytest.approx(0.1798, abs=5e-5)
    assert pooled.tau2 == pytest.approx(0.3132, abs=1e-4)
    assert pooled.q == pytest.approx(152.2330, abs=1e-4)
    assert pooled.prediction == pytest.approx((-1.867, 0.438), abs=1e-3)


def test_pooling_of_bcg_trials_for_small_numbers() -> None:
    """The Hartung-Knapp-Sidik-Jonkman interval: -1.108 to -0.321."""
    effect, se = bcg()
    pooled = c.pool(effect, se)
    assert isinstance(pooled, c.Pooled)
    assert (pooled.lower[0], pooled.upper[0]) == pytest.approx((-1.108, -0.321), abs=1e-3)


def test_latitude_of_bcg_trials() -> None:
    """Meta-regression on latitude as metafor prints it: 0.2515 (0.2491), -0.0291 (0.0072), tau2 0.0764."""
    effect, se = bcg()
    pooled = c.pool(effect, se, covariates=BCG[:, 4], small_sample=False)
    assert isinstance(pooled, c.Pooled)
    assert pooled.coefficients == pytest.approx([0.2515, -0.0291], abs=1e-4)
    assert pooled.standard_errors == pytest.approx([0.2491, 0.0072], abs=1e-4)
    assert pooled.tau2 == pytest.approx(0.0764, abs=1e-4)


def test_exact_poisson_interval() -> None:
    """Exact 95 % limits for counts, as in every table of Poisson limits since Garwood."""
    lower, upper = c.poisson_interval([0, 1, 2, 5, 10, 20])
    assert lower == pytest.approx([0, 0.0253, 0.2422, 1.6235, 4.7954, 12.2165], abs=1e-4)
    assert upper == pytest.approx([3.6889, 5.5716, 7.2247, 11.6683, 18.3904, 30.8884], abs=1e-4)


def test_wilson_interval_of_newcombe() -> None:
    """Newcombe 1998 (single proportion paper), example 81 of 263: Wilson 0.2553 to 0.3662; 0 of 20: 0 to 0.1611."""
    lower, upper = c.wilson_interval([81, 0], [263, 20])
    assert lower == pytest.approx([0.2553, 0.0], abs=5e-5)
    assert upper == pytest.approx([0.3662, 0.1611], abs=5e-5)


def test_difference_of_newcombe() -> None:
    """Newcombe 1998 (difference paper), method 10: 56/70 - 48/80 is 0.0524 to 0.3339; 10/10 - 0/10 is 0.6075 to 1."""
    gaps = c.equity_gaps([48, 56], [80, 70], reference=0)
    assert isinstance(gaps, c.EquityGaps)
    assert (gaps.difference_lower[1], gaps.difference_upper[1]) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    edge = c.equity_gaps([0, 10], [10, 10], reference=0)
    assert isinstance(edge, c.EquityGaps)
    assert (edge.difference_lower[1], edge.difference_upper[1]) == pytest.approx((0.6075, 1.0), abs=5e-5)


def test_false_discovery_of_benjamini_and_hochberg() -> None:
    """Benjamini & Hochberg 1995, the 15 ordered probabilities of their worked example: the four smallest are found."""
    p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
        0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
    ]  # fmt: skip
    found = c.false_discovery(p, rate=0.05)
    assert isinstance(found, c.Discoveries)
    assert found.found.sum() == 4


def test_shewhart_operating_characteristic() -> None:
    """Three-sigma limits: a false signal every 370.4 points, and 43.9 points to find a shift of one sigma."""
    assert 1 / c.chance_of_signal("xbar", 0.0, [1.0], 0.0, sd=1.0, run=0) == pytest.approx(370.4, abs=0.05)
    assert 1 / c.chance_of_signal("xbar", 0.0, [1.0], 1.0, sd=1.0, run=0) == pytest.approx(43.9, abs=0.05)


def test_run_of_eight_operating_characteristic() -> None:
    """Champ & Woodall 1987: limits with runs of eight have an average run length of 152.7 points in control."""
    silent = np.array([1.0 - c.chance_of_signal("xbar", 0.0, np.ones(k), 0.0, sd=1.0) for k in range(120)])
    rest = silent[-1] / (1.0 - silent[-1] / silent[-2]) - silent[-1]  # it falls by the same share from then on
    assert silent.sum() + rest == pytest.approx(152.73, abs=0.02)


@pytest.fixture(scope="module")
def surgery(shared_data: Callable[[str], Path]) -> dict[str, np.ndarray]:
    """Cardiac operations of seven surgeons (Steiner 2000, as in R spcadjust): death within 30 days, Parsonnet score."""
    with shared_data("spcadjust_cardiacsurgery.csv").open() as file:
        rows = list(csv.DictReader(file))
    number = {k: np.array([float(row[k]) for row in rows]) for k in ("date", "time", "status", "Parsonnet")}
    died = ((number["status"] == 1) & (number["time"] <= 30)).astype(float)
    first = number["date"] < 2 * 365
    return {
        "died": died,
        "score": number["Parsonnet"],
        "first": first,
        "surgeon": np.array([r["surgeon"] for r in rows]),
    }


def test_limit_from_run_length_on_real_patients(surgery: dict[str, np.ndarray]) -> None:
    """The R package vlad gives 1.8592 for a run length of 370 on the first two years (odds doubled, Markov chain)."""
    first = surgery["first"]
    model = c.case_mix_model(surgery["died"][first], surgery["score"][first])
    assert isinstance(model, c.CaseMixModel)
    limit = c.limit_for_run_length(model.risk(surgery["score"][first]), 2.0, 370.0)
    assert limit == pytest.approx(1.8592, abs=0.01)


def test_case_mix_model_equals_statsmodels(surgery: dict[str, np.ndarray]) -> None:
    import statsmodels.api as sm

    first = surgery["first"]
    y, x = surgery["died"][first], surgery["score"][first]
    other = sm.GLM(y, sm.add_constant(x), family=sm.families.Binomial()).fit()
    model = c.case_mix_model(y, x)
    assert isinstance(model, c.CaseMixModel)
    assert model.coefficients == pytest.approx(other.params, rel=1e-7)
    assert model.standard_errors == pytest.approx(other.bse, rel=1e-6)
    assert model.deviance == pytest.approx(other.deviance, rel=1e-9)


def test_expected_equal_observed_where_the_model_was_fitted(surgery: dict[str, np.ndarray]) -> None:
    model = c.case_mix_model(surgery["died"], surgery["score"])
    assert isinstance(model, c.CaseMixModel)
    site = c.by_site(surgery["died"], model.risk(surgery["score"]), surgery["surgeon"])
    assert site.expected.sum() == pytest.approx(site.observed.sum(), rel=1e-8)
    ratios = c.standardised_ratios(site.observed, site.expected, variance=site.variance)
    assert isinstance(ratios, c.Ratios)
    assert ratios.ratio.size == 7
    line = c.vlad(surgery["died"], model.risk(surgery["score"]))
    assert isinstance(line, c.Vlad)
    assert line.value[-1] == pytest.approx(0.0, abs=1e-6)


def test_scores_of_one_patient_as_published() -> None:
    """Steiner 2000 p. 446: log odds -3.68 + 0.077 x Parsonnet; a death counts 0.67 at score 0 and 0.26 at 50.

    Rigdon & Fricker 2015 p. 225-226: with -3.67, a survivor of score 19 counts 0.05083 on the chart for halved odds.
    """
    from allteach.stats.comparison.risk_cusum import weights

    def risk(score: float, intercept: float = -3.68) -> np.ndarray:
        return np.array([1.0 / (1.0 + np.exp(-(intercept + 0.077 * score)))])

    died, lived = np.ones(1), np.zeros(1)
    assert weights(died, risk(0), 2.0)[0] == pytest.approx(0.67, abs=0.005)
    assert weights(lived, risk(0), 2.0)[0] == pytest.approx(-0.024, abs=0.0005)
    assert weights(died, risk(50), 2.0)[0] == pytest.approx(0.26, abs=0.005)
    assert weights(lived, risk(50), 2.0)[0] == pytest.approx(-0.43, abs=0.005)
    assert weights(lived, risk(19, -3.67), 0.5)[0] == pytest.approx(0.05083, abs=5e-6)


def test_monitor_of_real_patients(surgery: dict[str, np.ndarray]) -> None:
    """The model of the first two years lies near the paper's; the whole road gives the same as its pieces."""
    first = surgery["first"]
    model = c.fit_risk_model(surgery["died"][first], {"Parsonnet": surgery["score"][first]})
    assert isinstance(model, c.RiskModel)
    assert model.intercept == pytest.approx(-3.68, abs=0.15)
    assert model.terms[0].estimate == pytest.approx(0.077, abs=0.005)
    risk = model.risk({"Parsonnet": surgery["score"]})
    at = np.zeros(risk.size, dtype=int)
    made = c.risk_monitor(surgery["died"], risk, at, limit_up=4.5, limit_down=4.0)
    other = c.risk_adjusted_cusum(surgery["died"], risk, limit_up=4.5, limit_down=4.0)
    assert isinstance(made, c.RiskMonitor)
    assert isinstance(other, c.RiskCusum)
    assert np.array_equal(made.rising, other.rising)
    assert np.array_equal(made.falling, other.falling)
    assert made.vlad[-1] == pytest.approx(risk.sum() - surgery["died"].sum())
