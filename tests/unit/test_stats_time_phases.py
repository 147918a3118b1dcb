"""Proposals of new phases, sizes of change, season and likeness of neighbours, and the chart helper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from allteach.errors import NotEstimable, StatsError
from allteach.stats.advice import recommend
from allteach.stats.change import Interval, compare
from allteach.stats.charts import i_chart, p_chart, run_chart
from allteach.stats.dependence import dependence
from allteach.stats.phases import STABLE_SHIFT, ShiftSettings, propose
from allteach.stats.results import Plan
from allteach.stats.series import Panel

OLD = [10.0, 12, 11, 9, 10, 11, 12, 10, 9, 11, 10, 12]
NEW = [18.0, 17, 19, 18, 20, 18, 17, 19, 18, 17, 20, 19]


def starts(values, **options):
    return [found.start for found in propose("i", Panel(numerator=values), **options)]


def test_a_lasting_rise_is_proposed_at_its_first_point_and_nothing_is_refitted():
    panel = Panel(numerator=OLD + NEW)
    (found,) = propose("i", panel)
    assert (found.start, found.side, found.run, found.points, found.provisional) == (12, 1, 12, 12, False)
    assert found.before == pytest.approx(np.mean(OLD))
    assert found.after == pytest.approx(np.mean(NEW))
    assert found.change.difference.estimate == pytest.approx(np.mean(NEW) - np.mean(OLD))
    assert found.series == ()


def test_a_short_confirmation_is_provisional_and_less_than_a_run_is_nothing():
    assert propose("i", Panel(numerator=OLD + NEW[:8]))[0].provisional
    assert starts(OLD + NEW[:7]) == []


def test_a_passing_shift_is_not_proposed():
    assert starts(OLD + NEW[:8] + OLD) == []
    assert starts(OLD + NEW[:9] + [7.0, 8, 7, 8]) == [], "a run back may be under way at the end of the data"


def test_two_shifts_are_proposed_in_order():
    assert starts(OLD + NEW + [30.0 + v for v in OLD]) == [12, 24]


def test_only_the_latest_accepted_phase_is_searched():
    values = OLD + NEW + [30.0 + v for v in OLD]
    assert starts(values, plan=Plan(phase_starts=(12,))) == [24]
    assert starts(values, plan=Plan(phase_starts=(12, 24))) == []


def test_the_published_algorithm_waits_for_twenty_one_points():
    before, after = (OLD * 2)[:21], (NEW * 2)[:21]
    assert starts(before + after[:20], settings=STABLE_SHIFT) == []
    assert starts(before + after, settings=STABLE_SHIFT) == [], "its last point could begin a run back"
    assert starts([*before, *after, 20.0], settings=STABLE_SHIFT) == [21]


def test_an_extreme_point_is_left_out_of_the_proposed_limits():
    after = NEW.copy()
    after[5] = 60.0
    (found,) = propose("i", Panel(numerator=OLD + after))
    assert found.excluded == (17,)
    assert found.after == pytest.approx(np.mean(NEW[:5] + NEW[6:]))


def test_levels_are_those_the_chart_would_show():
    values = OLD + [v - 1 for v in OLD] + NEW
    (found,) = propose("i", Panel(numerator=values))
    shown = i_chart(values, plan=Plan(phase_starts=(found.start,)))
    assert (found.before, found.after) == pytest.approx((shown.centre[0], shown.centre[-1]))
    (frozen,) = propose("i", Panel(numerator=values), plan=Plan(baseline=12))
    assert frozen.before == pytest.approx(np.mean(OLD))


def test_missing_months_and_excluded_points():
    values = [*OLD, np.nan, *NEW[:4], np.nan, *NEW[4:]]
    assert starts(values) == [13]
    exclude = np.arange(len(values)) == 14
    (found,) = propose("i", Panel(numerator=values), plan=Plan(exclude=exclude))
    assert found.start == 13


def test_many_series_name_their_own():
    flat = np.tile(OLD, 2)
    panel = Panel(numerator=np.array([[flat, OLD + NEW], [OLD + NEW, flat]]))
    assert [found.series for found in propose("i", panel)] == [(0, 1), (1, 0)]


def test_proportions_and_charts_without_a_level():
    n = np.full(24, 100.0)
    (found,) = propose("p", Panel(numerator=np.repeat([30.0, 60.0], 12) + np.tile([0, 2, -1], 8), denominator=n))
    assert found.start == 12
    assert found.change.percent.estimate == pytest.approx(100, abs=3)
    for kind in ("mr", "ewma", "cusum", "s"):
        assert propose(kind, Panel(numerator=OLD + NEW)) == ()


def test_rare_events_are_not_proposed_from_empty_months():
    rare = ([0.0] * 9 + [1.0]) * 4
    assert propose("c", Panel(numerator=rare)) == ()


def test_settings_must_make_sense():
    with pytest.raises(StatsError) as raised:
        ShiftSettings(run=8, confirm=4)
    assert raised.value.code == "AT-S-005"


def test_newcombe_s_difference_of_proportions():
    """Newcombe 1998, Stat Med 17:873, table II, method 10, contrast (a): 56/70 - 48/80."""
    panel = Panel(numerator=[28.0, 28, 24, 24], denominator=[35.0, 35, 40, 40])
    moved = compare("p", panel, slice(2, 4), slice(0, 2))
    assert moved.difference.estimate == pytest.approx(0.2)
    assert (moved.difference.low, moved.difference.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_exact_poisson_interval_of_a_rate():
    """Ten events: 95 % interval 4.80 to 18.39 (exact, Garwood 1936)."""
    panel = Panel(numerator=[5.0, 5, 0, 0], denominator=[1.0] * 4)
    moved = compare("u", panel, slice(2, 4), slice(0, 2))
    assert 2 * (moved.after - (moved.difference.estimate - moved.difference.low)) < 10
    from allteach.stats.change import _rate_level

    level = _rate_level(np.array([5.0, 5.0]), np.array([1.0, 1.0]), 0.95)
    assert (2 * level.low, 2 * level.high) == pytest.approx((4.795, 18.390), abs=1e-3)


def test_no_ratio_from_a_level_of_zero():
    moved = compare("c", Panel(numerator=[0.0, 0, 3, 4]), slice(0, 2), slice(2, 4))
    assert isinstance(moved.ratio, NotEstimable)
    assert isinstance(moved.percent, NotEstimable)
    assert moved.difference.low > 0


def test_variation_between_periods_widens_but_never_narrows():
    steady = Panel(numerator=[50.0] * 12, denominator=[100.0] * 12)
    wild = Panel(numerator=np.tile([20.0, 80], 6), denominator=[100.0] * 12)
    widths = []
    for panel in (steady, wild):
        difference = compare("p", panel, slice(0, 6), slice(6, 12)).difference
        widths.append(difference.high - difference.low)
    assert widths[1] > 4 * widths[0]


def test_run_charts_compare_by_ranks():
    moved = compare("run", Panel(numerator=OLD + NEW), slice(0, 12), slice(12, 24))
    assert moved.method == "ranks"
    assert moved.difference.low <= moved.difference.estimate <= moved.difference.high
    assert moved.difference.low > 6
    assert isinstance(moved.ratio, Interval)


def test_too_few_points_have_no_change():
    assert isinstance(compare("i", Panel(numerator=[1.0, 2, 3]), slice(0, 1), slice(1, 3)), NotEstimable)


@pytest.mark.parametrize("kind", ["p", "u", "c", "i", "run", "g", "t"])
def test_intervals_cover_what_they_promise(kind):
    random = np.random.default_rng(12)
    covered, rounds = 0, 300
    for _ in range(rounds):
        n = random.integers(50, 150, 24).astype(float)
        rate = np.repeat([0.3, 0.2], 12)
        if kind in ("p", "u"):
            y = random.binomial(n.astype(int), rate) if kind == "p" else random.poisson(n * rate)
            panel, truth = Panel(numerator=y, denominator=n), -0.1
        elif kind == "c":
            panel, truth = Panel(numerator=random.poisson(100 * rate)), -10
        elif kind in ("g", "t"):
            panel, truth = Panel(numerator=random.exponential(1 / rate)), 1 / 0.2 - 1 / 0.3
        else:
            panel, truth = Panel(numerator=random.normal(rate * 100, 5)), -10
        found = compare(kind, panel, slice(0, 12), slice(12, 24)).difference
        covered += found.low <= truth <= found.high
    assert 0.91 <= covered / rounds <= 0.99


def test_season_and_neighbours_alike():
    random = np.random.default_rng(3)
    noise = random.normal(size=(200, 48))
    found = dependence(i_chart(noise))
    assert found.warn_lag1.mean() < 0.05
    assert found.warn_season.mean() < 0.03
    wave = noise + 2 * np.sin(np.arange(48) * np.pi / 6)
    assert dependence(i_chart(wave)).warn_season.mean() > 0.95
    drift = np.cumsum(noise, axis=-1)
    assert dependence(i_chart(drift)).warn_lag1.mean() > 0.95


def test_an_accepted_phase_is_not_mistaken_for_likeness_of_neighbours():
    random = np.random.default_rng(4)
    values = random.normal(size=40) + np.repeat([0.0, 6.0], 20)
    assert bool(dependence(i_chart(values)).warn_lag1)
    assert not bool(dependence(i_chart(values, plan=Plan(phase_starts=(20,)))).warn_lag1)


def test_lag_one_correlation_against_its_definition():
    values = np.random.default_rng(8).normal(size=30)
    away = values - values.mean()
    expected = (away[1:] * away[:-1]).sum() / (away**2).sum()
    assert float(dependence(i_chart(values)).lag1) == pytest.approx(expected)


def test_too_short_for_season_or_likeness():
    found = dependence(run_chart(OLD))
    assert math.isnan(found.lag1)
    assert math.isnan(found.season_p)
    assert not bool(found.warn_lag1)
    assert not bool(found.warn_season)


def ratio_panel(rate, n, between=0.0, sites=6, periods=30):
    random = np.random.default_rng(1)
    rates = np.clip(rate * np.exp(between * random.normal(size=(sites, periods))), 0, 1)
    size = np.full((sites, periods), n)
    return Panel(numerator=random.binomial(size, rates), denominator=size)


@pytest.mark.parametrize(
    ("panel", "nature", "kind", "reason"),
    [
        (ratio_panel(0.3, 80), "proportion", "p", "proportion"),
        (ratio_panel(0.3, 50_000, between=0.05), "proportion", "pprime", "more_variation"),
        (ratio_panel(0.002, 100), "proportion", "g", "rare_events"),
        (ratio_panel(0.998, 100), "proportion", "g", "rare_events"),
        (ratio_panel(0.05, 300), "rate", "u", "rate"),
        (ratio_panel(0.0005, 500), "rate", "t", "rare_events"),
        (ratio_panel(0.3, 80, periods=8), "proportion", "run", "few_points"),
        (Panel(numerator=np.random.default_rng(2).poisson(9, 30)), "count", "c", "count"),
        (Panel(numerator=np.random.default_rng(2).poisson(0.2, 60)), "count", "t", "rare_events"),
        (Panel(numerator=np.random.default_rng(2).normal(50, 4, 30)), "value", "i", "value"),
        (Panel(numerator=[0.0] * 25 + [3.0] * 5), "value", "run", "one_value"),
        (Panel(numerator=np.random.default_rng(2).integers(5, 90, 20)), "gap_cases", "g", "gap_cases"),
        (Panel(numerator=np.random.default_rng(2).exponential(9, 20)), "gap_time", "t", "gap_time"),
        (Panel(numerator=[0.0] + [4.0, 9, 2] * 6), "gap_time", "g", "zero_gaps"),
        (Panel(n=[20] * 24, total=[200.0] * 24, total_sq=[2300.0] * 24), "mean", "xbar", "mean"),
        (Panel(total=np.random.default_rng(2).normal(50, 4, 30)), "mean", "i", "no_spread"),
    ],
)
def test_the_chart_helper(panel, nature, kind, reason):
    advice = recommend(panel, nature=nature)
    assert advice.kind == kind
    assert advice.reasons[0].key == reason


def test_the_chart_helper_warns_of_season_and_of_long_tails():
    months = np.arange(48)
    wave = Panel(numerator=50 + 20 * np.sin(months * np.pi / 6) + np.random.default_rng(1).normal(size=48))
    assert {"season", "alike_neighbours"} <= {w.key for w in recommend(wave, nature="value").warnings}
    waits = np.random.default_rng(1).exponential(10, (24, 30)) ** 2
    panel = Panel(n=np.full(24, 30.0), total=waits.sum(axis=1), total_sq=(waits**2).sum(axis=1))
    assert "skewed" in {w.key for w in recommend(panel, nature="mean").warnings}


def test_the_chart_helper_needs_denominators_and_a_known_nature():
    with pytest.raises(StatsError) as raised:
        recommend(Panel(numerator=OLD), nature="proportion")
    assert raised.value.code == "AT-S-001"
    with pytest.raises(StatsError) as raised:
        recommend(Panel(numerator=OLD), nature="pie")
    assert raised.value.code == "AT-S-003"


def test_percentages_shown_match_the_chart():
    n = np.full(24, 100.0)
    panel = Panel(numerator=np.repeat([30.0, 60.0], 12), denominator=n)
    moved = compare("p", panel, slice(0, 12), slice(12, 24))
    chart = p_chart(panel.numerator, n, plan=Plan(phase_starts=(12,)))
    assert (moved.before, moved.after) == pytest.approx((chart.centre[0], chart.centre[-1]))
