"""Rules at their edges, readings, panels: the conventions that published tools differ on."""

from __future__ import annotations

import numpy as np
import pytest

from allteach.stats.charts import c_chart, i_chart, p_chart, run_chart, u_chart
from allteach.stats.reading import read
from allteach.stats.results import Limits, Plan
from allteach.stats.series import Panel
from allteach.stats.signals import RULE_SETS, evaluate
from allteach.units import Direction

HIGHER, LOWER, NEITHER = Direction.HIGHER, Direction.LOWER, Direction.NEITHER


def chart(z, centre=0.0) -> Limits:
    """An individuals chart with known centre and a sigma of one."""
    value = np.asarray(z, float) + centre
    flat = np.full(value.shape, centre)
    there = np.isfinite(value)
    return Limits("i", value, flat, flat - 3, flat + 3, value - centre, there, np.zeros(value.shape[-1], np.int64))


def marked(z, rule_set, rule):
    signals = evaluate(chart(z), rule_set)
    number = signals.rules.index(rule)
    return np.flatnonzero(signals.hits[number]).tolist()


def test_a_point_on_the_limit_is_inside():
    assert marked([0.0, 3.0, 3.01, -3.0, -3.01], "western_electric", "beyond_limits") == [2, 4]


def test_nhs_two_of_three_needs_all_three_on_one_side_and_marks_only_the_outer_ones():
    assert marked([2.5, 0.5, 2.5], "nhs", "two_of_three_nhs") == [0, 2]
    assert marked([2.5, -0.5, 2.5], "nhs", "two_of_three_nhs") == []
    assert marked([2.5, -0.5, 2.5], "western_electric", "two_of_three") == [0, 2]


def test_a_point_on_the_mean_breaks_an_nhs_run_and_is_skipped_by_provost_and_murray():
    run = [1.0] * 4 + [0.0] + [1.0] * 4
    assert marked(run, "nhs", "shift_7") == []
    assert marked(run, "provost_murray", "shift_8") == [0, 1, 2, 3, 5, 6, 7, 8]


def test_an_equal_neighbour_breaks_an_nhs_trend_and_is_skipped_by_provost_and_murray():
    rise = [0.1, 0.2, 0.3, 0.4, 0.4, 0.5, 0.6, 0.7]
    assert marked(rise, "nhs", "trend_7") == []
    assert marked(rise, "provost_murray", "trend_6") == list(range(8))


def test_missing_months_neither_break_nor_lengthen():
    nan = np.nan
    assert marked([1, 1, nan, 1, 1, 1, nan, 1, 1, 1.0], "eight_in_a_row", "shift_8") == [0, 1, 3, 4, 5, 7, 8, 9]
    assert marked([1, 1, nan, 1, 1, 1, nan, 1, 1.0], "eight_in_a_row", "shift_8") == []


def test_the_turning_point_of_two_trends_belongs_to_the_later():
    signals = evaluate(chart([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]), "nelson")
    assert signals.side[2].tolist() == [1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1]


def test_ten_of_eleven_does_not_need_ten_in_a_row():
    mixed = [1.0] * 5 + [-1.0] + [1.0] * 5
    assert marked(mixed, "childrens", "most_10_of_11") == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10]
    assert marked(mixed, "childrens", "shift_8") == []


def test_aggregate_point_rule_finds_a_shift_before_eight_points():
    events, exposure = [22.0, 18.0] * 10 + [31.0] * 4, [1000.0] * 24
    limits = u_chart(events, exposure, plan=Plan(baseline=20))
    signals = evaluate(limits, "childrens")
    assert np.flatnonzero(signals.hits[-1]).tolist() == [20, 21, 22, 23]
    assert not signals.hits[:-1].any(), "no single point and no run of eight would have"
    # (31 - 20) * sqrt(m) / sqrt(20) passes 3 from m = 2 on.
    first = u_chart([22.0, 18.0] * 10 + [31.0], [1000.0] * 21, plan=Plan(baseline=20))
    assert not evaluate(first, "childrens").any.any()


def test_runs_and_windows_stop_at_a_new_phase():
    x = [5.0, 6, 5, 6, 5, 6, 7, 7, 7, 7, 8.0, 8, 8, 8, 5, 5, 5, 5]
    one = evaluate(run_chart(x, plan=Plan(phase_starts=(10,))), "eight_in_a_row")
    assert not one.any.any()
    assert int(one.runs.useful) == 8, "the runs analysis is of the latest phase"


def test_too_few_crossings_mark_the_series_not_its_points():
    x = np.repeat([4.0, 14, 4, 14, 4, 14], 4) + np.tile([0.0, 2, 1, 3], 6)
    signals = evaluate(run_chart(x), "anhoej")
    assert signals.whole.tolist() == [False, True]
    assert not signals.hits.any()
    said = read(run_chart(x), signals, direction=HIGHER)
    assert (str(said.variation), str(said.rule), int(said.side)) == ("changed", "few_crossings", 0)


def test_only_limits_are_judged_where_neighbours_share_data():
    from allteach.stats.charts import cusum_chart, ewma_chart, mr_chart

    x = np.concatenate([np.tile([5.0, 6, 4], 5), np.tile([6.0, 7, 5], 5)])
    for limits in (mr_chart(x), ewma_chart(x), cusum_chart(x)):
        for rule_set in RULE_SETS:
            signals = evaluate(limits, rule_set)
            for number, key in enumerate(signals.rules):
                assert key == "beyond_limits" or not signals.hits[number].any()
            assert not signals.whole.any()


SHIFT = [0.2, -0.4, 0.3, -0.1, 0.5, -0.6, 0.1, -0.2, 0.4, -0.3, 0.2, -0.5]


def say(z, direction=HIGHER, rule_set="eight_in_a_row", **options):
    limits = chart(z)
    return read(limits, evaluate(limits, rule_set, skip=options.get("skip")), direction=direction, **options)


def test_a_signal_that_holds_is_dated_from_its_first_point():
    said = say([*SHIFT, *[1.0] * 8])
    assert (str(said.variation), int(said.side), int(said.since), str(said.rule)) == ("improving", 1, 12, "shift_8")
    assert str(say([*SHIFT, *[1.0] * 8], LOWER).variation) == "concerning"
    assert str(say([*SHIFT, *[1.0] * 8], NEITHER).variation) == "changed"


def test_a_signal_that_has_ended_does_not_count():
    said = say([*SHIFT, *[1.0] * 8, -1.0])
    assert (str(said.variation), int(said.since), str(said.rule)) == ("common", -1, "")


def test_a_gap_or_a_point_on_the_line_inside_a_run_does_not_move_its_start():
    said = say([*SHIFT, 1, 1, 1, np.nan, 1, 0.0, 1, 1, 1, 1.0])
    assert (str(said.variation), int(said.since)) == ("improving", 12)


def test_of_several_rules_the_one_that_has_held_longest_is_named():
    said = say([*SHIFT, *[1.0] * 8, 4.0], rule_set="western_electric")
    assert (str(said.rule), int(said.since)) == ("shift_8", 12)


def test_signals_both_ways():
    z = [*SHIFT, 2.9, 2.5, 2.1, 1.7, 1.3, 0.9, 0.5]
    assert str(say(z, rule_set="nhs").variation) == "improving", "as the NHS Excel tool has it"
    assert bool(say(z, rule_set="nhs").both_ways)
    assert str(say(z, LOWER, rule_set="nhs").variation) == "improving"
    assert str(say(z, rule_set="nhs", both="changed").variation) == "changed"


def test_too_few_points_say_so():
    assert str(say([1.0] * 9).variation) == "too_few"
    assert str(say([1.0] * 9, min_points=8).variation) == "improving"
    assert str(say([1.0] * 9, target=-9).assurance) == "too_few"
    assert str(say([np.nan] * 20).variation) == "none"


def test_an_incomplete_last_point_can_be_left_out():
    skip = np.arange(20) == 19
    full = say([*SHIFT, *[1.0] * 7, -9.0])
    assert int(full.latest) == 19
    said = say([*SHIFT, *[1.0] * 7, -9.0], skip=skip, rule_set="nhs")
    assert (int(said.latest), int(said.points), str(said.variation)) == (18, 19, "improving")


@pytest.mark.parametrize(
    ("direction", "target", "answer"),
    [
        (HIGHER, -3.5, "meets"),
        (HIGHER, -3.0, "varies"),
        (HIGHER, 3.0, "varies"),
        (HIGHER, 3.5, "misses"),
        (LOWER, 3.5, "meets"),
        (LOWER, -3.5, "misses"),
        (NEITHER, 0.0, "no_target"),
        (HIGHER, None, "no_target"),
        (HIGHER, float("nan"), "no_target"),
    ],
)
def test_the_target_must_be_strictly_outside_the_limits(direction, target, answer):
    assert str(say(SHIFT, direction, target=target).assurance) == answer


def test_assurance_reads_the_limits_of_the_latest_phase():
    x = [10.0, 12, 11, 13, 12, 11, 12, 10, 13, 12, 11, 12, 30.0, 32, 31, 33, 32, 31, 32, 30, 33, 32, 31, 32]
    one, two = i_chart(x), i_chart(x, plan=Plan(phase_starts=(12,)))
    answers = [read(c, evaluate(c, "nhs"), direction=HIGHER, target=20).assurance for c in (one, two)]
    assert [str(a) for a in answers] == ["varies", "meets"]


def test_a_site_that_is_always_at_a_hundred_per_cent_meets_its_target():
    limits = p_chart([40] * 24, [40] * 24)
    said = read(limits, evaluate(limits, "nhs"), direction=HIGHER, target=0.95)
    assert (str(said.variation), str(said.assurance)) == ("unjudged", "meets")
    zero = c_chart([0] * 24)
    assert str(read(zero, evaluate(zero, "nhs"), direction=LOWER, target=0).assurance) == "meets"


def test_a_run_chart_is_assured_by_its_points():
    x = [5.0, 6, 7, 6, 5, 7, 6, 5, 6, 7, 5, 6]
    for target, answer in ((4, "meets"), (5.5, "varies"), (8, "misses")):
        limits = run_chart(x)
        said = read(limits, evaluate(limits, "anhoej"), direction=HIGHER, target=target)
        assert str(said.assurance) == answer


def test_readings_of_many_series_keep_their_shape():
    values = np.random.default_rng(5).poisson(20, (3, 4, 24)).astype(float)
    limits = c_chart(values)
    said = read(limits, evaluate(limits, "nelson"), direction=LOWER, target=10)
    assert said.variation.shape == said.assurance.shape == said.since.shape == (3, 4)
    one = c_chart(values[2, 1])
    alone = read(one, evaluate(one, "nelson"), direction=LOWER, target=10)
    assert str(alone.variation) == str(said.variation[2, 1])


def test_false_signal_rates_are_measured_and_interpolated():
    for key, rule_set in RULE_SETS.items():
        rates = [rule_set.false_signal_rate(n) for n in (6, 12, 24, 60, 120, 400)]
        assert 0 <= rates[0] <= 0.05
        assert rates[-1] <= 1
        assert key.startswith("anhoej") or rates == sorted(rates)
        assert rule_set.false_standing_rate(36) <= rule_set.false_signal_rate(36)
        assert all(rule.label for rule in rule_set.rules)
    low, mid, high = (RULE_SETS["nhs"].false_signal_rate(n) for n in (24, 27, 30))
    assert mid == pytest.approx((low + high) / 2)


@pytest.mark.parametrize("rule_set", list(RULE_SETS))
def test_a_small_sample_agrees_with_the_measured_rates(rule_set):
    import importlib.util
    from pathlib import Path

    path = Path(__file__).parents[2] / "benchmarks" / "false_signals.py"
    spec = importlib.util.spec_from_file_location("false_signals_benchmark", path)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    charts = 3000
    for points in (12, 24, 60):
        found = benchmark.measure(rule_set, charts, points, seed=99)
        known = RULE_SETS[rule_set].false_signal_rate(points)
        # Five standard errors of a sample of this size, and a little for the table's own.
        assert found["any"] == pytest.approx(known, abs=5 * np.sqrt(known * (1 - known) / charts) + 0.004)


def test_published_false_signal_rates():
    """The shares measured by others on random normal series, rounded to whole per cent."""
    published = {"anhoej": (1, 3, 4, 5), "eight_in_a_row": (0, 2, 5, 13)}
    for key, shares in published.items():
        for points, share in zip((12, 24, 36, 60), shares, strict=True):
            # Around the mean of an individuals chart runs are a little longer than around the median.
            assert RULE_SETS[key].false_signal_rate(points) == pytest.approx(share / 100, abs=0.03)


def test_panels_pool_merge_and_drop():
    nan = np.nan
    panel = Panel(numerator=[[1, nan, 3], [4, 5, 6]], denominator=[[10, 10, 0], [10, nan, 10]])
    pooled = panel.pool()
    np.testing.assert_array_equal(pooled.numerator, [5, nan, 6])
    np.testing.assert_array_equal(pooled.denominator, [20, nan, 10])
    assert panel.reporting().tolist() == [2, 0, 1]
    assert np.isnan(panel.add_periods([0, 2], complete=True).value[0, 0])
    assert panel.add_periods([0, 2]).value[0, 0] == pytest.approx(0.1)
    assert np.isnan(panel.without(np.array([True, False, False])).value[:, 0]).all()
    assert panel.take(1).value[2] == pytest.approx(0.6)


def test_rolling_rates():
    nan = np.nan
    panel = Panel(numerator=[1, nan, 3, 4], denominator=[10, 10, 10, 20])
    np.testing.assert_allclose(panel.rolling(3).value, [nan, nan, 4 / 20, 7 / 30])
    np.testing.assert_allclose(panel.rolling(1).value, panel.value)


def test_geometric_means_are_drawn_in_the_unit_of_the_values():
    hours = np.array([[10.0, 20, 40], [15, 30, 60], [12, 24, 48], [11, 22, 44]])
    logs = np.log(hours)
    panel = Panel(n=np.full(4, 3.0), total=logs.sum(axis=1), total_sq=(logs**2).sum(axis=1), log=True)
    from allteach.stats.charts import compute

    limits = compute("xbar", panel)
    np.testing.assert_allclose(limits.value, [20, 30, 24, 22])
    assert limits.lower[0] > 0
    np.testing.assert_allclose(limits.centre[0] ** 2, limits.lower[0] * limits.upper[0])
    np.testing.assert_allclose(panel.value, limits.value)


def test_a_lasting_signal_answers_for_the_target_instead_of_the_limits_it_has_left():
    risen = [
        0.3,
        0.4,
        0.35,
        0.3,
        0.4,
        0.35,
        0.3,
        0.4,
        0.3,
        0.35,
        0.4,
        0.3,
        *[0.85, 0.9, 0.84, 0.88, 0.86, 0.9, 0.85, 0.88],
    ]
    chart = i_chart(risen, plan=Plan(baseline=12))
    answers = {
        (rules, target): str(read(chart, evaluate(chart, rules), direction=HIGHER, target=target).assurance)
        for rules in ("childrens", "nhs")
        for target in (0.8, 0.87, 0.95)
    }
    assert [answers["childrens", target] for target in (0.8, 0.87, 0.95)] == ["meets", "varies", "misses"]
    assert [answers["nhs", target] for target in (0.8, 0.87, 0.95)] == ["misses", "misses", "misses"]


def test_one_point_outside_does_not_answer_for_the_target():
    chart = i_chart([10.0, 12, 11, 13, 12, 11, 12, 10, 13, 12, 11, 30], plan=Plan(baseline=11))
    assert str(read(chart, evaluate(chart, "western_electric"), direction=HIGHER, target=20).assurance) == "misses"
