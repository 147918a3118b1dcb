"""Laws that charts and signals obey whatever the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from allteach.stats.charts import KINDS, compute
from allteach.stats.reading import read
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.stats.signals import RULE_SETS, evaluate
from allteach.units import Direction

seeds = st.integers(0, 2**32 - 1)
# Sets whose rules look only at windows of points, so later points cannot take a mark away.
WINDOW_SETS = [key for key in RULE_SETS if key not in ("anhoej", "anhoej_best_box", "ihi")]


def panel_of(kind: str, seed: int, sites: int = 4, periods: int = 30, gaps: float = 0.1) -> Panel:
    random = np.random.default_rng(seed)
    shape = (sites, periods)
    hole = np.where(random.random(shape) < gaps, np.nan, 0.0)
    n = random.integers(40, 120, shape).astype(float)
    if kind in ("xbar", "s"):
        mean, spread = random.normal(50, 3, shape), random.uniform(2, 6, shape)
        return Panel(n=n, total=n * mean + hole, total_sq=n * mean**2 + (n - 1) * spread**2 + hole)
    if kind in ("p", "pprime", "u", "uprime", "iprime"):
        return Panel(numerator=random.binomial(n.astype(int), 0.3) + hole, denominator=n)
    return Panel(numerator=random.poisson(20, shape) + 1.0 + hole)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=seeds)
def test_limits_bracket_the_centre(kind, seed):
    chart = compute(kind, panel_of(kind, seed))
    drawn = np.isfinite(chart.lower)
    assert drawn.any() or kind == "run"
    assert (chart.lower[drawn] <= chart.centre[drawn]).all()
    assert (chart.centre[drawn] <= chart.upper[drawn]).all()


@pytest.mark.parametrize("kind", KINDS)
@given(seed=seeds)
def test_relabelling_sites_permutes_results(kind, seed):
    panel = panel_of(kind, seed)
    order = np.random.default_rng(seed).permutation(4)
    chart, moved = compute(kind, panel), compute(kind, panel.take(order))
    for name in ("value", "centre", "lower", "upper", "z", "used"):
        assert_array_equal(getattr(moved, name), getattr(chart, name)[order])
    for rule_set in ("nelson", "ihi"):
        assert_array_equal(evaluate(moved, rule_set).hits, evaluate(chart, rule_set).hits[:, order])


@pytest.mark.parametrize("kind", KINDS)
@given(seed=seeds)
def test_one_series_alone_reads_as_among_others(kind, seed):
    panel = panel_of(kind, seed)
    chart, alone = compute(kind, panel), compute(kind, panel.take(2))
    assert alone.value.shape == (30,)
    for name in ("value", "centre", "lower", "upper", "z"):
        assert_allclose(getattr(alone, name), getattr(chart, name)[2], rtol=1e-12)
    for rule_set in ("anhoej", "nelson", "childrens"):
        assert_array_equal(evaluate(alone, rule_set).hits, evaluate(chart, rule_set).hits[:, 2])


@pytest.mark.parametrize("kind", ["run", "i", "mr", "ewma", "cusum"])
@given(seed=seeds, factor=st.sampled_from([0.125, 3.0, 1000.0]))
def test_scaling_the_values_scales_the_chart(kind, seed, factor):
    panel = panel_of(kind, seed)
    chart, scaled = compute(kind, panel), compute(kind, Panel(numerator=panel.numerator * factor))
    for name in ("value", "centre", "lower", "upper"):
        assert_allclose(getattr(scaled, name), getattr(chart, name) * factor, rtol=1e-9, atol=1e-9 * factor)
    assert_array_equal(evaluate(scaled, "nelson").hits, evaluate(chart, "nelson").hits)


@pytest.mark.parametrize("kind", ["p", "pprime", "u", "uprime", "iprime"])
@given(seed=seeds)
def test_counting_in_another_unit_of_exposure_keeps_the_signals_of_rates(kind, seed):
    panel = panel_of(kind, seed)
    if kind in ("p", "pprime"):
        mirrored = Panel(numerator=panel.denominator - panel.numerator, denominator=panel.denominator)
        chart, other = compute(kind, panel), compute(kind, mirrored)
        assert_allclose(other.z, -chart.z, atol=1e-7)
        assert_allclose(other.lower, 1 - chart.upper, atol=1e-12)
    else:
        chart = compute(kind, panel)
        other = compute(kind, Panel(numerator=panel.numerator, denominator=panel.denominator / 1000))
        assert_allclose(other.centre, chart.centre * 1000)
        assert_allclose(other.z, chart.z, atol=1e-9)


@pytest.mark.parametrize("rule_set", list(RULE_SETS))
@given(seed=seeds)
def test_turning_the_series_upside_down_swaps_sides(rule_set, seed):
    panel = panel_of("i", seed, periods=60, gaps=0.05)
    kind = "run" if rule_set in ("anhoej", "anhoej_best_box", "ihi") else "i"
    up = evaluate(compute(kind, panel), rule_set)
    down = evaluate(compute(kind, Panel(numerator=-panel.numerator)), rule_set)
    assert_array_equal(up.side, -down.side)
    assert_array_equal(up.whole, down.whole)


@pytest.mark.parametrize("rule_set", WINDOW_SETS)
@given(seed=seeds, more=st.integers(1, 10))
def test_a_signal_survives_later_points_when_limits_are_frozen(rule_set, seed, more):
    kind = "u" if rule_set == "childrens" else "i"
    panel = panel_of(kind, seed, periods=50)
    before = Panel(**{key: value[:, : 50 - more] for key, value in panel.fields.items()})
    plan = Plan(baseline=15)
    early, late = evaluate(compute(kind, before, plan), rule_set), evaluate(compute(kind, panel, plan), rule_set)
    assert (late.hits[..., : 50 - more] >= early.hits).all()


@pytest.mark.parametrize("kind", ["run", "p", "u", "c", "g", "t", "xbar", "s"])
@given(seed=seeds, at=st.integers(0, 29))
def test_a_missing_period_changes_nothing_but_its_own_place(kind, seed, at):
    panel = panel_of(kind, seed, gaps=0.0)
    with_gap = Panel(**{key: np.insert(value, at, np.nan, axis=-1) for key, value in panel.fields.items()})
    chart, gapped = compute(kind, panel), compute(kind, with_gap)
    keep = np.arange(31) != at
    if kind != "t":  # a t chart loses the one moving range across the gap
        assert_allclose(gapped.upper[:, keep], chart.upper)
        for rule_set in RULE_SETS:
            assert_array_equal(evaluate(gapped, rule_set).hits[..., keep], evaluate(chart, rule_set).hits)
    assert_allclose(gapped.centre[:, keep], chart.centre)
    assert np.isnan(gapped.value[:, at]).all()


@pytest.mark.parametrize("kind", KINDS)
@given(seed=seeds)
def test_limits_frozen_on_a_baseline_ignore_what_comes_later(kind, seed):
    panel = panel_of(kind, seed, gaps=0.0)
    changed = Panel(**{k: np.where(np.arange(30) < 15, v, v[:, ::-1]) for k, v in panel.fields.items()})
    first, second = (compute(kind, some, Plan(baseline=15)) for some in (panel, changed))
    for name in ("centre", "lower", "upper"):
        assert_allclose(getattr(first, name)[:, :15], getattr(second, name)[:, :15])


@pytest.mark.parametrize("kind", KINDS)
@given(seed=seeds)
def test_phases_are_charts_of_their_own(kind, seed):
    panel = panel_of(kind, seed)
    chart = compute(kind, panel, Plan(phase_starts=(14,)))
    signals = evaluate(chart, "nelson")
    for part in (slice(0, 14), slice(14, 30)):
        alone = compute(kind, Panel(**{key: value[:, part] for key, value in panel.fields.items()}))
        for name in ("value", "centre", "lower", "upper", "z"):
            assert_allclose(getattr(chart, name)[:, part], getattr(alone, name), rtol=1e-9, atol=1e-12)
        assert_array_equal(signals.hits[..., part], evaluate(alone, "nelson").hits)


@given(seed=seeds, good=st.sampled_from([Direction.HIGHER, Direction.LOWER]))
def test_turning_the_good_direction_swaps_improving_and_concerning(seed, good):
    chart = compute("i", panel_of("i", seed, sites=20))
    signals = evaluate(chart, "western_electric")
    bad = Direction.LOWER if good is Direction.HIGHER else Direction.HIGHER
    one, other = (read(chart, signals, direction=way).variation for way in (good, bad))
    swap = {"improving": "concerning", "concerning": "improving"}
    assert [swap.get(word, word) for word in one.tolist()] == other.tolist()


@given(seed=seeds)
def test_pooling_keeps_totals_and_any_order_of_merging_agrees(seed):
    panel = panel_of("p", seed)
    known = panel.known
    assert_allclose(np.nansum(panel.pool().numerator), panel.numerator[known].sum())
    quarters = [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]
    one, other = panel.pool().add_periods(quarters), panel.add_periods(quarters).pool()
    assert_allclose(one.numerator, other.numerator)
    assert_allclose(one.denominator, other.denominator)


@given(seed=seeds)
def test_points_skipped_are_as_if_missing_to_the_rules(seed):
    panel = panel_of("c", seed, gaps=0.0)
    skip = np.random.default_rng(seed).random((4, 30)) < 0.1
    plan = Plan(baseline=None, exclude=skip)
    chart, gone = compute("c", panel, plan), compute("c", panel.without(skip))
    for rule_set in RULE_SETS:
        assert_array_equal(evaluate(chart, rule_set, skip=skip).hits, evaluate(gone, rule_set).hits)
