"""Charts against worked examples printed in books and handbooks. Numbers are as printed, to the digits printed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from allteach.stats.charts import (
    c_chart,
    compute,
    cusum_chart,
    ewma_chart,
    i_chart,
    mr_chart,
    p_chart,
    r_chart,
    s_chart,
    t_chart,
    u_chart,
    xbar_chart,
    xbar_r_chart,
)
from allteach.stats.dependence import dependence
from allteach.stats.results import Limits, Plan
from allteach.stats.runs import best_box_limits, crossings_needed, longest_allowed, run_count_limits
from allteach.stats.series import Panel
from allteach.stats.signals import evaluate

# Montgomery, Introduction to Statistical Quality Control, 7th edition, Tables 7.1 and 7.2: juice cans, 50 a sample.
JUICE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
JUICE_AFTER = [9, 6, 12, 5, 6, 4, 6, 3, 7, 6, 2, 4, 3, 6, 5, 4, 8, 5, 6, 7, 5, 6, 3, 5]

# Montgomery, Table 6.3: inside diameters of piston rings (mm), 25 samples of 5.
RINGS = """
74.030 74.002 74.019 73.992 74.008  73.995 73.992 74.001 74.011 74.004  73.988 74.024 74.021 74.005 74.002
74.002 73.996 73.993 74.015 74.009  73.992 74.007 74.015 73.989 74.014  74.009 73.994 73.997 73.985 73.993
73.995 74.006 73.994 74.000 74.005  73.985 74.003 73.993 74.015 73.988  74.008 73.995 74.009 74.005 74.004
73.998 74.000 73.990 74.007 73.995  73.994 73.998 73.994 73.995 73.990  74.004 74.000 74.007 74.000 73.996
73.983 74.002 73.998 73.997 74.012  74.006 73.967 73.994 74.000 73.984  74.012 74.014 73.998 73.999 74.007
74.000 73.984 74.005 73.998 73.996  73.994 74.012 73.986 74.005 74.007  74.006 74.010 74.018 74.003 74.000
73.984 74.002 74.003 74.005 73.997  74.000 74.010 74.013 74.020 74.003  73.982 74.001 74.015 74.005 73.996
74.004 73.999 73.990 74.006 74.009  74.010 73.989 73.990 74.009 74.014  74.015 74.008 73.993 74.000 74.010
73.982 73.984 73.995 74.017 74.013
"""

# Montgomery, Table 9.1: 20 observations with mean 10 and 10 with mean 11, standard deviation 1.
CUSUM_DATA = [9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08]
CUSUM_DATA += [9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52]

# Accidental deaths in the USA by month, 1973-1978 (Brockwell & Davis).
ACCIDENTS = """
9007 8106 8928 9137 10017 10826 11317 10744 9713 9938 9161 8927 7750 6981 8038 8422 8714 9512 10120 9823 8743 9129 8710
8680 8162 7306 8124 7870 9387 9556 10093 9620 8285 8466 8160 8034 7717 7461 7767 7925 8623 8945 10078 9179 8037 8488
7874 8647 7792 6957 7726 8106 8890 9299 10625 9302 8314 8850 8265 8796 7836 6892 7791 8192 9115 9434 10484 9827 9110
9070 8633 9240
"""


def lines(chart, at=0):
    return float(chart.centre[at]), float(chart.lower[at]), float(chart.upper[at])


def outside(chart):
    return np.flatnonzero(evaluate(chart, "western_electric").hits[0]).tolist()


def test_montgomery_example_7_1_p_chart_with_two_samples_set_aside():
    chart = p_chart(JUICE, 50)
    assert_allclose(lines(chart), (0.2313, 0.0524, 0.4102), atol=5e-5)
    assert outside(chart) == [14, 22]
    exclude = np.zeros(30, bool)
    exclude[[14, 22]] = True
    again = p_chart(JUICE, 50, plan=Plan(exclude=exclude))
    assert_allclose(lines(again), (0.2150, 0.0407, 0.3893), atol=5e-5)
    assert set(outside(again)) >= {14, 22}, "points off the limits are still judged"


def test_montgomery_example_7_1_second_phase():
    chart = p_chart(JUICE + JUICE_AFTER, 50, plan=Plan(phase_starts=(30,)))
    assert_allclose(lines(chart, 30), (0.1108, 0.0, 0.2440), atol=5e-5)
    assert chart.phase.tolist() == [0] * 30 + [1] * 24


def test_montgomery_example_7_3_c_chart():
    counts = [21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15]
    chart = c_chart(counts)
    assert_allclose(lines(chart), (19.85, 6.48, 33.22), atol=0.02)
    assert outside(chart) == [5, 19]
    exclude = np.zeros(26, bool)
    exclude[[5, 19]] = True
    assert_allclose(lines(c_chart(counts, plan=Plan(exclude=exclude))), (19.67, 6.36, 32.97), atol=0.01)


def test_montgomery_example_7_4_u_chart_equal_sizes():
    errors = [2, 3, 8, 1, 1, 4, 1, 4, 5, 1, 8, 2, 4, 3, 4, 1, 8, 3, 7, 4]
    assert_allclose(lines(u_chart(errors, 50)), (0.0740, 0.0, 0.1894), atol=5e-5)


def test_montgomery_example_7_5_u_chart_unequal_sizes():
    units = [10.0, 8.0, 13.0, 10.0, 9.5, 10.0, 12.0, 10.5, 12.0, 12.5]
    chart = u_chart([14, 12, 20, 11, 7, 10, 21, 16, 19, 23], units)
    assert_allclose(chart.centre, 1.42, atol=0.005)
    # The book rounds the centre to 1.42 before it goes on, hence the tolerance.
    assert_allclose(chart.upper[[0, 1, 2]], (2.55, 2.68, 2.41), atol=0.01)
    assert_allclose(chart.lower[[0, 1, 2]], (0.29, 0.16, 0.43), atol=0.005)


def test_montgomery_example_6_5_individuals_and_moving_ranges():
    cost = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304]
    assert_allclose(lines(i_chart(cost)), (300.5, 279.78, 321.22), atol=0.005)
    ranges = mr_chart(cost)
    assert_allclose((ranges.centre[0], ranges.upper[0]), (7.79, 25.45), atol=0.005)


def test_montgomery_example_6_3_means_and_standard_deviations():
    rings = np.array(RINGS.split(), float).reshape(25, 5)
    # Working in thousandths from 74 keeps the sums of squares exact enough.
    rings = (rings - 74) * 1000
    n, total, squares = np.full(25, 5.0), rings.sum(axis=1), (rings**2).sum(axis=1)
    assert_allclose(lines(xbar_chart(n, total, squares)), (1.0, -12.0, 14.5), atol=0.5)
    spread = s_chart(n, total, squares)
    assert_allclose((spread.centre[0], spread.lower[0], spread.upper[0]), (9.4, 0.0, 19.6), atol=0.05)
    means = xbar_r_chart(n, rings.mean(axis=1), np.ptp(rings, axis=1))
    assert_allclose(lines(means), (1.0, -12.0, 14.5), atol=0.5)
    ranges = r_chart(n, np.ptp(rings, axis=1))
    assert_allclose((ranges.centre[0], ranges.upper[0]), (23.24, 49.1), atol=0.05)


def test_montgomery_example_7_6_time_between_failures():
    hours = [286, 948, 536, 124, 816, 729, 4, 143, 431, 8, 2837, 596, 81, 227, 603, 492, 1199, 1214, 2831, 96]
    chart = t_chart(hours)
    # The book rounds the power 1/3.6 to 0.2777.
    assert_allclose(np.array(hours[:2]) ** 0.2777, (4.80986, 6.70903), atol=5e-6)
    assert_allclose(chart.centre[0] ** 0.2777, 5.386, atol=0.005)
    assert chart.lower[0] == 0.0, "the limit on the transformed scale is negative"
    assert not evaluate(chart, "nelson").any.any()


def test_montgomery_example_9_1_tabular_cusum():
    chart = cusum_chart(CUSUM_DATA, target=10, sigma=1, slack=0.5, decision=5)
    upper = [0, 0, 0, 1.16, 2.82, 2.50, 0.04, 1.00, 0, 0, 0, 0.97, 0.98, 0, 0, 0, 0.12, 0, 0, 0.34, 0.74, 0, 1.79]
    upper += [2.79, 2.89, 3.47, 3.35, 4.47, 5.28, 5.30]
    assert_allclose(chart.value, upper, atol=0.005)
    assert_allclose(-chart.second[:11], [0.05, 1.56, 1.77, 0, 0, 0, 1.46, 0, 0.30, 0, 0.47], atol=0.005)
    assert outside(chart) == [28, 29]


def test_montgomery_example_9_2_ewma():
    chart = ewma_chart(CUSUM_DATA, target=10, sigma=1, weight=0.1, width=2.7)
    assert_allclose(chart.value[[0, 1]], (9.945, 9.7495), atol=5e-6)
    assert_allclose((chart.upper[0], chart.upper[1], chart.upper[-1]), (10.27, 10.36, 10.62), atol=0.006)
    assert outside(chart) == [28, 29]


def test_nist_handbook_individuals_chart():
    """NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.2.2 (individuals control charts, flowrate)."""
    flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    assert_allclose(lines(i_chart(flow)), (50.81, 45.8159, 55.8041), atol=5e-5)


def test_nist_handbook_ewma():
    """NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.2.4 (EWMA control charts)."""
    data = [52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6]
    chart = ewma_chart([*data, 52.4, 53.6, 52.1], target=50, sigma=2.0539, weight=0.3)
    printed = [50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11, 49.36, 49.52, 50.05]
    assert_allclose(chart.value, [*printed, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99], atol=0.0051)
    assert_allclose((chart.lower[-1], chart.upper[-1]), (47.4115, 52.5884), atol=1e-4)


def test_nist_handbook_cusum():
    """NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.2.3 (cusum control charts, target 325)."""
    data = [324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600, 324.625, 325.150]
    data += [328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350]
    chart = cusum_chart(data, target=325, sigma=0.635, slack=0.5, decision=4.1959 / 0.635)
    assert_allclose(chart.value[12:], [3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16.00, 19.04], atol=0.0051)
    assert outside(chart) == list(range(13, 20))


@pytest.mark.parametrize(
    ("useful", "longest"), [(10, 6), (11, 6), (12, 7), (22, 7), (23, 8), (45, 8), (46, 9), (91, 10)]
)
def test_anhoej_longest_run_table(useful, longest):
    """Anhøj & Olesen 2014, PLoS ONE 9:e113825: upper limits for the longest run by number of useful observations."""
    assert longest_allowed(np.array([useful]))[0] == longest


def test_anhoej_crossings_are_binomial_quantiles():
    from scipy.stats import binom

    useful = np.arange(10, 400)
    assert crossings_needed(useful).tolist() == binom.ppf(0.05, useful - 1, 0.5).astype(int).tolist()
    assert crossings_needed(np.array([100_000]))[0] == binom.ppf(0.05, 99_999, 0.5)


def test_run_count_table_of_perla_provost_and_murray():
    """Perla, Provost & Murray 2011, BMJ Qual Saf 20:46, table of expected runs: the even numbers of points.

    For some odd numbers the printed table, which halves an odd number in its own way, differs by one.
    """
    table = {10: (3, 9), 12: (3, 11), 14: (4, 12), 16: (5, 13), 18: (6, 14), 20: (6, 16), 22: (7, 17), 24: (8, 18)}
    table |= {26: (9, 19), 28: (10, 20), 30: (11, 21), 32: (11, 23), 34: (12, 24), 36: (13, 25), 38: (14, 26)}
    table |= {40: (15, 27), 50: (19, 33), 60: (24, 38)}
    low, high = run_count_limits(np.array(list(table)))
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == list(table.values())


def test_nist_constants_for_subgroups():
    """Montgomery, appendix table VI: c4, A3, B3 and B4 (as printed)."""
    from allteach.stats.charts.ranges import c4

    n = np.array([2, 3, 5, 10, 25.0])
    assert_allclose(c4(n), [0.7979, 0.8862, 0.9400, 0.9727, 0.9896], atol=5e-5)
    assert_allclose(3 / (c4(n) * np.sqrt(n)), [2.659, 1.954, 1.427, 0.975, 0.606], atol=5e-4)
    spread = 3 * np.sqrt(1 - c4(n) ** 2) / c4(n)
    assert_allclose(np.maximum(1 - spread, 0), [0, 0, 0, 0.284, 0.565], atol=5e-4)
    assert_allclose(1 + spread, [3.267, 2.568, 2.089, 1.716, 1.435], atol=5e-4)


def test_range_constants_are_the_moments_of_a_normal_range():
    """The printed d2 and d3 against numerical integration of the distribution of the range."""
    from scipy.special import ndtr

    from allteach.stats.charts.ranges import D2, D3

    x = np.linspace(-8, 8, 801)
    step = x[1] - x[0]
    for n in (2, 5, 10, 25):
        upper, lower = ndtr(x), ndtr(-x)
        mean = np.sum(1 - upper**n - lower**n) * step
        assert mean == pytest.approx(D2[n - 2], abs=6e-4)
        both = 1 - upper[None, :] ** n - lower[:, None] ** n + np.clip(upper[None, :] - upper[:, None], 0, 1) ** n
        square = 2 * (np.sum(np.triu(both, 1)) + np.trace(both) / 2) * step * step
        assert np.sqrt(square - mean**2) == pytest.approx(D3[n - 2], abs=3e-3)


def test_accidental_deaths_are_season_not_signal():
    deaths = np.array(ACCIDENTS.split(), float)
    chart = i_chart(deaths)
    assert evaluate(chart, "nhs").any.sum() == 30
    found = dependence(chart)
    assert found.lag1 == pytest.approx(0.71, abs=0.005)
    assert bool(found.warn_season)
    assert bool(found.warn_lag1)
    assert found.season_share > 0.7


def runs_within(points, longest, up):
    """Share of series by number of runs, none longer than `longest`; each point is above with chance `up`."""
    ends = {side: np.zeros((points + 1, points + 1)) for side in (0, 1)}
    for end in range(1, points + 1):
        for length in range(1, min(longest, end) + 1):
            for side, chance in ((0, 1 - up), (1, up)):
                if length == end:
                    ends[side][end, 1] += chance**length
                else:
                    ends[side][end, 1:] += ends[1 - side][end - length, :-1] * chance**length
    return (ends[0] + ends[1])[points, 1:]


@pytest.mark.parametrize("points", [10, 16, 21, 26, 30])
def test_best_boxes_are_best(points):
    """Anhøj & Wentzel-Larsen 2020, PLoS ONE 15:e0233920: the box that keeps least of a shift."""
    from scipy.special import ndtr

    boxes = []
    for longest in range(3, 15):
        kept = np.cumsum(runs_within(points, longest, 0.5)[::-1])[::-1]
        shifted = np.cumsum(runs_within(points, longest, float(ndtr(0.8)))[::-1])[::-1]
        boxes += [(shifted[c], longest, c) for c in range(points) if kept[c] >= 0.925]
    _, longest, crossings = min(boxes)
    found = best_box_limits(np.array([points]))
    assert (int(found[0][0]), int(found[1][0])) == (longest, crossings)
    assert best_box_limits(np.array([9, 101]))[0].tolist() == longest_allowed(np.array([9, 101])).tolist()


@pytest.mark.parametrize(("rule_set", "published"), [("western_electric", 91.75), ("eight_in_a_row", 255.0)])
def test_average_run_lengths_of_known_processes(rule_set, published):
    """Points to the first false signal when centre and sigma are known.

    All Western Electric rules: 91.75 (Champ & Woodall 1987, quoted by Montgomery in the chapter on methods and
    philosophy); a run of eight on either side of the centre: 2^8 - 1.
    """
    z = np.random.default_rng(5).standard_normal((20_000, 180))
    quiet = {}
    for points in (60, 180):
        part = z[:, :points]
        flat, there = np.zeros(part.shape), np.ones(part.shape, bool)
        limits = Limits("i", part, flat, flat - 3, flat + 3, part, there, np.zeros(points, np.int64))
        quiet[points] = 1 - evaluate(limits, rule_set).hits.any(axis=(0, -1)).mean()
    # After its first few points a series meets a false signal at a steady rate.
    wait = 120 / np.log(quiet[60] / quiet[180])
    start = 60 + wait * np.log(quiet[60])
    assert start + wait + 0.5 == pytest.approx(published, rel=0.04)


@pytest.mark.parametrize(
    ("mean", "one", "some"), [(0.3, 3.7, 59), (0.5, 1.4, 29), (1, 0.4, 8), (5, 0.5, 12), (20, 0.3, 7)]
)
def test_documented_cost_of_three_sigmas_with_few_events(mean, one, some):
    from scipy.stats import poisson

    high, low = mean + 3 * np.sqrt(mean), mean - 3 * np.sqrt(mean)
    outside = poisson.sf(np.floor(high), mean) + poisson.cdf(np.ceil(low) - 1, mean)
    assert (100 * outside, 100 * (1 - (1 - outside) ** 24)) == (
        pytest.approx(one, abs=0.05),
        pytest.approx(some, abs=0.5),
    )


# Share of steady charts with a false signal, per cent, of 4,000 random normal series each, for 12, 24, 36, 60 points.
MEASURED_ELSEWHERE = {
    "anhoej": (1, 3, 4, 5),
    "ihi": (12, 35, 55, 78),
    "nhs": (0, 7, 13, 29),
    "eight_in_a_row": (0, 2, 5, 13),
}


@pytest.mark.parametrize(("rule_set", "shares"), MEASURED_ELSEWHERE.items())
def test_false_signals_agree_with_an_independent_measurement(rule_set, shares):
    """Run charts around their own median; the same four columns were measured with other code, to a few per cent."""
    rng = np.random.default_rng(11)
    for points, share in zip((12, 24, 36, 60), shares, strict=True):
        limits = compute("run", Panel(numerator=rng.normal(size=(2000, points))))
        found = evaluate(limits, rule_set)
        marked = found.hits.any(axis=(0, 2)) | found.whole.any(axis=0)
        assert 100 * marked.mean() == pytest.approx(share, abs=3.0)
