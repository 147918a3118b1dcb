"""Every chart and every rule against the slow second computation, on drawn series with gaps, ties and exclusions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from allteach.stats import charts
from allteach.stats.results import Limits, Plan
from allteach.stats.runs import anhoej_limits, best_box_limits, run_count_limits
from allteach.stats.signals import LEAST_RUNS, RULE_SETS, evaluate
from tests import slow_charts as slow

RATIOS = ("p", "u", "pprime", "uprime", "iprime")
VALUES = ("run", "c", "g", "i", "mr", "t")
FUNCTIONS = {
    "p": charts.p_chart,
    "u": charts.u_chart,
    "pprime": charts.pprime_chart,
    "uprime": charts.uprime_chart,
    "iprime": charts.iprime_chart,
    "run": charts.run_chart,
    "c": charts.c_chart,
    "g": charts.g_chart,
    "i": charts.i_chart,
    "mr": charts.mr_chart,
    "t": charts.t_chart,
}


# Seeds instead of drawn lists: a list of forty drawn numbers costs hypothesis more than the charts do.
seeds = st.integers(0, 2**32 - 1)


@st.composite
def plans(draw, periods):
    random = np.random.default_rng(draw(seeds))
    exclude = random.random(periods) < draw(st.sampled_from([0.0, 0.1, 0.3]))
    baseline = draw(st.none() | st.integers(4, periods))
    return Plan(baseline=baseline, exclude=exclude, screen_ranges=draw(st.booleans()))


@st.composite
def series(draw, least=1, most=60):
    random = np.random.default_rng(draw(seeds))
    size = draw(st.integers(6, 40))
    x = random.integers(least, draw(st.sampled_from([least + 4, most])), size).astype(float)
    x[random.random(size) < draw(st.sampled_from([0.0, 0.1, 0.3]))] = np.nan
    return x


def agree(found: Limits, values, lines):
    assert_allclose(found.value, values, rtol=1e-9, atol=1e-12)
    for t, line in enumerate(lines):
        if line is not None and np.isfinite(found.upper[t]):
            assert_allclose((found.centre[t], found.lower[t], found.upper[t]), line, rtol=1e-7, atol=1e-9)


def drawable(found: Limits) -> bool:
    return bool(np.isfinite(found.upper).any())


@pytest.mark.parametrize("kind", RATIOS)
@given(data=st.data())
def test_ratio_charts(kind, data):
    y = data.draw(series(least=1, most=30))
    n = y + np.random.default_rng(data.draw(seeds)).integers(1, 60, len(y))
    n = np.where(np.isnan(y), 50.0, n)
    plan = data.draw(plans(len(y)))
    found = FUNCTIONS[kind](y, n, plan=plan)
    assume(drawable(found))
    values, lines = slow.ratio_chart(kind, y, n, plan.baseline, plan.exclude, plan.screen_ranges)
    agree(found, values, lines)


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data())
def test_value_charts(kind, data):
    x = data.draw(series())
    plan = data.draw(plans(len(x)))
    found = FUNCTIONS[kind](x, plan=plan)
    assume(kind == "run" or drawable(found))
    values, lines = slow.value_chart(kind, list(x), plan.baseline, plan.exclude, plan.screen_ranges)
    if kind == "run":
        assert_allclose(found.value, x)
        there = np.isfinite(x) & ~plan.exclude
        assume(there.any() and np.isfinite(found.centre).all())
        assert_allclose(found.centre, lines[0][0])
    else:
        agree(found, values, lines)


@given(data=st.data(), weight=st.sampled_from([0.1, 0.2, 0.5, 1.0]))
def test_ewma(data, weight):
    x = data.draw(series())
    plan = Plan(baseline=data.draw(st.none() | st.integers(4, len(x))))
    found = charts.ewma_chart(x, weight=weight, width=2.7, plan=plan)
    assume(drawable(found))
    values, lines = slow.ewma(list(x), weight, 2.7, plan.baseline)
    assert_allclose(found.value, values, rtol=1e-9)
    for t, line in enumerate(lines):
        if line is not None:
            assert_allclose((found.centre[t], found.lower[t], found.upper[t]), line, rtol=1e-9)


@given(data=st.data())
def test_cusum(data):
    x = data.draw(series())
    plan = Plan(baseline=data.draw(st.none() | st.integers(4, len(x))))
    found = charts.cusum_chart(x, slack=0.5, decision=4, plan=plan)
    assume(drawable(found))
    upper, lower, limit = slow.cusum(list(x), 0.5, 4, plan.baseline)
    scale = np.abs(x[np.isfinite(x)]).max() * 1e-10
    assert_allclose(found.value, upper, atol=scale)
    assert_allclose(found.second, lower, atol=scale)
    assert_allclose(found.upper, limit, rtol=1e-9)


@given(data=st.data(), equal=st.booleans())
def test_subgroup_charts(data, equal):
    random = np.random.default_rng(data.draw(seeds))
    counts = [4 if equal else int(random.integers(0, 6)) for _ in range(data.draw(st.integers(4, 15)))]
    groups = [random.integers(0, 50, count).astype(float).tolist() for count in counts]
    n = np.array([len(g) for g in groups], float)
    total, squares = np.array([sum(g) for g in groups]), np.array([sum(v * v for v in g) for g in groups])
    assume((n > 1).sum() >= 2)
    xbar, s = charts.xbar_chart(n, total, squares), charts.s_chart(n, total, squares)
    assume(drawable(xbar) and drawable(s))
    means, mean_lines, spreads, spread_lines = slow.subgroup_charts(groups)
    agree(xbar, means, mean_lines)
    agree(s, spreads, spread_lines)


def packed(limits: Limits):
    """Return positions, values, sides and z of the points there are."""
    at = np.flatnonzero(np.isfinite(limits.value))
    value, centre = limits.value[at], limits.centre[at]
    sides = [0 if abs(v - c) <= 1e-12 * abs(c) else (1 if v > c else -1) for v, c in zip(value, centre, strict=True)]
    return at, value.tolist(), sides, limits.z[at].tolist()


SLOW_RULES = {
    "beyond_limits": lambda v, s, z: slow.rule_beyond(v, s, z),
    "shift_6": lambda v, s, z: slow.rule_shift(s, 6, True),
    "shift_8": lambda v, s, z: slow.rule_shift(s, 8, True),
    "trend_5": lambda v, s, z: slow.rule_trend(v, 5, True),
    "trend_6": lambda v, s, z: slow.rule_trend(v, 6, True),
    "two_of_three": lambda v, s, z: slow.rule_window(z, s, 2, 3, 2),
    "two_of_three_nhs": lambda v, s, z: slow.rule_window(z, s, 2, 3, 2, True),
    "four_of_five": lambda v, s, z: slow.rule_window(z, s, 4, 5, 1),
    "inner_third": lambda v, s, z: slow.rule_row([abs(a) < 1 for a in z], 15),
    "avoiding_centre": lambda v, s, z: slow.rule_row([abs(a) > 1 for a in z], 8),
    "alternating_14": lambda v, s, z: slow.rule_alternating(v, 14),
    "most_10_of_11": lambda v, s, z: slow.rule_most(s, 10, 11),
    "most_12_of_14": lambda v, s, z: slow.rule_most(s, 12, 14),
    "most_14_of_17": lambda v, s, z: slow.rule_most(s, 14, 17),
    "most_16_of_20": lambda v, s, z: slow.rule_most(s, 16, 20),
}
BREAKING = {
    ("western_electric", "shift_8"): lambda v, s, z: slow.rule_shift(s, 8, False),
    ("nelson", "shift_9"): lambda v, s, z: slow.rule_shift(s, 9, False),
    ("nelson", "trend_6"): lambda v, s, z: slow.rule_trend(v, 6, False),
    ("nhs", "shift_7"): lambda v, s, z: slow.rule_shift(s, 7, False),
    ("nhs", "trend_7"): lambda v, s, z: slow.rule_trend(v, 7, False),
}


@st.composite
def walks(draw):
    """Series with plenty of runs, trends, ties and gaps: coarse steps of a slow walk plus noise."""
    size = draw(st.integers(5, 60))
    random = np.random.default_rng(draw(seeds))
    kind = draw(st.sampled_from(["walk", "noise", "saw", "coarse"]))
    x = random.normal(size=size)
    if kind == "walk":
        x = np.cumsum(x) / 2 + 0.5 * x
    elif kind == "saw":
        x = np.where(np.arange(size) % 2, 1.0, -1.0) + 0.3 * x
    x = np.round(x * (2 if kind == "coarse" else 6)) + 100
    x[random.random(size) < draw(st.sampled_from([0.0, 0.1]))] = np.nan
    return x


@pytest.mark.parametrize("rule_set", list(RULE_SETS))
@given(x=walks(), median=st.booleans())
def test_rules(rule_set, x, median):
    limits = charts.run_chart(x) if rule_set in ("anhoej", "anhoej_best_box", "ihi") or median else charts.i_chart(x)
    assume(not bool(limits.runs_withheld))
    signals = evaluate(limits, rule_set)
    at, values, sides, z = packed(limits)
    for number, key in enumerate(signals.rules):
        find = BREAKING.get((rule_set, key)) or SLOW_RULES.get(key)
        if find is None:
            continue
        expected = np.zeros(len(x), int)
        expected[at] = find(values, sides, [0.0 if np.isnan(a) else a for a in z])
        if np.isnan(limits.z[at]).all() and key in ("inner_third",):
            expected[:] = 0
        found = signals.side[number] if RULE_SETS[rule_set].rules[number].directed else signals.hits[number].astype(int)
        assert found.tolist() == expected.tolist(), key


@given(x=walks())
def test_runs_analysis(x):
    limits = charts.run_chart(x)
    assume(not bool(limits.runs_withheld))
    at, _, sides, _ = packed(limits)
    useful, longest, crossings = slow.runs_of(sides)
    for rule_set in ("anhoej", "anhoej_best_box", "ihi"):
        signals = evaluate(limits, rule_set)
        runs = signals.runs
        assert (int(runs.useful), int(runs.longest), int(runs.crossings)) == (useful, longest, crossings)
        count = np.array([useful])
        enough = useful >= LEAST_RUNS
        if rule_set != "ihi":
            box = best_box_limits if rule_set == "anhoej_best_box" else anhoej_limits
            longest_run, fewest = box(count)
            allowed = int(longest_run[0])
            marks = slow.rule_shift(sides, allowed + 1, True) if enough else [0] * len(at)
            assert signals.side[0][at].tolist() == marks
            assert bool(signals.whole[1]) == (enough and crossings < fewest[0])
        else:
            low, high = run_count_limits(count)
            assert bool(signals.whole[2]) == (enough and crossings + 1 < low[0])
            assert bool(signals.whole[3]) == (enough and crossings + 1 > high[0])


@pytest.mark.parametrize("kind", ["p", "u"])
@given(data=st.data())
def test_aggregate_point_rule(kind, data):
    y = data.draw(series(least=2, most=40))
    n = np.where(np.isnan(y), 80.0, y + 60)
    limits = FUNCTIONS[kind](y, n)
    assume(drawable(limits) and not bool(limits.runs_withheld))
    signals = evaluate(limits, "childrens")
    at, _, sides, _ = packed(limits)
    marks = slow.rule_aggregate(sides, y[at].tolist(), n[at].tolist(), float(limits.centre[at[0]]), kind == "p")
    assert signals.side[-1][at].tolist() == marks
