"""Bad input gets a clear answer each time: an error with a code, or a reason in place of limits. Never a warning."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from allteach.errors import StatsError
from allteach.stats import charts
from allteach.stats.charts import KINDS, compute
from allteach.stats.reading import read
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.stats.signals import RULE_SETS, evaluate
from allteach.units import Direction

NAN, INF = np.nan, np.inf


@pytest.fixture(autouse=True)
def _warnings_are_errors():
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        yield


def panel(values, sizes=None) -> Panel:
    """A panel that every kind of chart can read."""
    x = np.asarray(values, float)
    n = np.full(x.shape, 50.0) if sizes is None else np.asarray(sizes, float)
    with np.errstate(all="ignore"):
        return Panel(numerator=x, denominator=n, n=n, total=x, total_sq=x**2)


AWKWARD = {
    "one point": [3.0],
    "two points": [3.0, 4.0],
    "all missing": [NAN] * 12,
    "one known": [NAN] * 6 + [4.0] + [NAN] * 5,
    "all equal": [4.0] * 20,
    "all zero": [0.0] * 20,
    "mostly zero": ([0.0] * 9 + [1.0]) * 3,
    "mostly one value": ([7.0] * 9 + [8.0]) * 3,
    "every other missing": [3.0, NAN, 5.0, NAN, 4.0, NAN, 6.0, NAN] * 2,
    "an infinite value": [3.0, INF, 5.0, 4.0] * 5,
    "a negative value": [3.0, -2.0, 5.0, 4.0] * 5,
    "minus infinity": [3.0, -INF, 5.0, 4.0] * 5,
    "huge values": [1e300, 3e300, 2e300, 1e308] * 5,
    "tiny values": [1e-300, 3e-300, 2e-300, 1e-308] * 5,
    "above its denominator": [3.0, 51.0, 5.0, 4.0] * 5,
}


@pytest.mark.parametrize("name", list(AWKWARD))
@pytest.mark.parametrize("kind", KINDS)
def test_awkward_series_never_warn_and_never_mark_everything(kind, name):
    chart = compute(kind, panel(AWKWARD[name]))
    there = np.isfinite(chart.value)
    for rule_set in RULE_SETS:
        signals = evaluate(chart, rule_set)
        reading = read(chart, signals, direction=Direction.LOWER, target=5.0)
        if name in ("all equal", "all zero", "mostly zero", "mostly one value", "one point", "two points"):
            marked = signals.any & there
            assert marked.sum() * 4 <= max(there.sum(), 1), f"{rule_set} marks {marked.sum()} of {there.sum()} points"
        assert str(reading.variation) in ("improving", "concerning", "changed", "common", "too_few", "unjudged", "none")
    drawn = np.isfinite(chart.upper)
    assert (chart.lower[drawn] <= chart.upper[drawn]).all()
    if not drawn.any() and kind != "run":
        assert chart.problems[()].code.startswith("AT-S-")
        assert "{" not in chart.problems[()].reason


@pytest.mark.parametrize("name", list(AWKWARD))
@pytest.mark.parametrize("sizes", [[0.0], [NAN], [INF], [-5.0], [1.0], [1e-9]])
def test_awkward_denominators(name, sizes):
    x = np.asarray(AWKWARD[name])
    for kind in ("p", "u", "pprime", "uprime", "iprime", "xbar", "s"):
        chart = compute(kind, panel(x, np.broadcast_to(sizes, x.shape)))
        evaluate(chart, "nelson")
        assert not np.isinf(chart.value).any()


@pytest.mark.parametrize(
    ("chart", "code"),
    [
        (charts.i_chart([5.0] * 12), "AT-S-016"),
        (charts.i_chart([5.0]), "AT-S-011"),
        (charts.i_chart([NAN] * 4), "AT-S-010"),
        (charts.i_chart([1.0, NAN, 2.0, NAN, 3.0]), "AT-S-020"),
        (charts.i_chart([1.0, INF, 2.0]), "AT-S-012"),
        (charts.i_chart(([0.0] * 9 + [1.0]) * 3), "AT-S-017"),
        (charts.c_chart([1.0, -1.0, 2.0]), "AT-S-013"),
        (charts.c_chart([0.0] * 12), "AT-S-018"),
        (charts.p_chart([3, 9, 4], [10, 8, 10]), "AT-S-014"),
        (charts.p_chart([10, 10, 10], [10, 10, 10]), "AT-S-018"),
        (charts.pprime_chart([0, 0, 0], [10, 10, 10]), "AT-S-018"),
        (charts.pprime_chart([3, 6, 9], [10, 20, 30]), "AT-S-016"),
        (charts.u_chart([1, 2, 3], [-1, 2, 3]), "AT-S-013"),
        (charts.t_chart([3.0, 0.0, 4.0]), "AT-S-019"),
        (charts.xbar_chart([1, 1, 1], [3, 4, 5], [9, 16, 25]), "AT-S-021"),
        (charts.s_chart([1, 1, 1], [3, 4, 5], [9, 16, 25]), "AT-S-021"),
        (charts.xbar_chart([5, 5, 5], [50, 55, 45], [10, 620, 415]), "AT-S-023"),
    ],
)
def test_reasons(chart, code):
    assert chart.problems[()].code == code
    assert not np.isfinite(chart.upper).any() or code == "AT-S-017"


def test_events_without_a_denominator_are_left_out_and_said():
    chart = charts.u_chart([4, 3, 5, 6], [100, 0, 120, 110])
    assert np.isnan(chart.value[1])
    assert chart.centre[0] == pytest.approx(15 / 330)
    assert chart.notes[()].code == "AT-S-015"
    assert not chart.problems
    assert not evaluate(chart, "nelson").hits[:, 1].any()
    assert int(evaluate(chart, "anhoej").runs.useful) == 3


def test_events_with_no_denominators_at_all():
    chart = charts.p_chart([3, 4, 5], [NAN, NAN, 0])
    assert chart.problems[()].code == "AT-S-015"
    assert np.isnan(chart.centre).all()
    assert not charts.p_chart([0, 4, 5], [0, 40, 50]).notes, "nothing was lost"


def test_a_missing_numerator_takes_its_denominator_along():
    chart = charts.p_chart([5, NAN, 7], [100, 1000, 110])
    assert chart.centre[0] == pytest.approx(12 / 210)


def test_one_bad_site_leaves_the_others_alone():
    y = np.array([[3.0, 4, 5, 6], [3, INF, 5, 6], [9, 4, 5, 99], [3, 4, 5, 7]])
    chart = charts.p_chart(y, 50)
    assert {key: reason.code for key, reason in chart.problems.items()} == {(1,): "AT-S-012", (2,): "AT-S-014"}
    assert np.isfinite(chart.upper[[0, 3]]).all()
    assert np.isnan(chart.value[[1, 2]]).all(), "a chart of impossible values would lie"


def test_trouble_in_an_earlier_phase_is_a_note_not_a_problem():
    chart = charts.i_chart([5.0] * 6 + [4.0, 6, 5, 7, 6, 5], plan=Plan(phase_starts=(6,)))
    assert not chart.problems
    assert chart.notes[()].code == "AT-S-016"
    assert "phase 1" in chart.notes[()].reason
    assert np.isfinite(chart.upper[6:]).all()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: charts.p_chart([1, 2], None), "AT-S-001"),
        (lambda: compute("p", Panel(numerator=[1.0, 2])), "AT-S-001"),
        (lambda: compute("xbar", Panel(numerator=[1.0, 2])), "AT-S-001"),
        (lambda: Panel(denominator=[1.0, 2]), "AT-S-001"),
        (lambda: charts.p_chart([1, 2], [1, 2, 3]), "AT-S-002"),
        (lambda: Panel(numerator=[1.0, 2], denominator=[1.0, 2, 3]), "AT-S-002"),
        (lambda: charts.i_chart(5.0), "AT-S-002"),
        (lambda: charts.i_chart([]), "AT-S-002"),
        (lambda: Panel(numerator=3.0), "AT-S-002"),
        (lambda: Panel(numerator=[1.0, 2]).pool(), "AT-S-002"),
        (lambda: compute("pie", Panel(numerator=[1.0, 2])), "AT-S-003"),
        (lambda: evaluate(charts.i_chart([1.0, 2]), "mine"), "AT-S-004"),
        (lambda: charts.i_chart([1.0, 2], plan=Plan(baseline=1)), "AT-S-005"),
        (lambda: charts.i_chart([1.0, 2], plan=Plan(phase_starts=(2,))), "AT-S-005"),
        (lambda: charts.i_chart([1.0, 2, 3], plan=Plan(phase_starts=(2, 1))), "AT-S-005"),
        (lambda: charts.i_chart([1.0, 2, 3], plan=Plan(phase_starts=(-1,))), "AT-S-005"),
        (lambda: charts.i_chart([1.0, 2], plan=Plan(mr_constant="mine")), "AT-S-005"),
        (lambda: charts.i_chart([1.0, 2], plan=Plan(exclude=np.array([0, 1]))), "AT-S-005"),
        (lambda: charts.i_chart([1.0, 2], plan=Plan(exclude=np.array([True] * 3))), "AT-S-002"),
        (lambda: charts.ewma_chart([1.0, 2], weight=0), "AT-S-005"),
        (lambda: charts.ewma_chart([1.0, 2], sigma=-1), "AT-S-005"),
        (lambda: charts.cusum_chart([1.0, 2], decision=0), "AT-S-005"),
        (lambda: charts.g_chart([1.0, 2], centre="mode"), "AT-S-005"),
        (lambda: charts.s_chart([2, 2], [1, 2], [3, 4], pooling="mine"), "AT-S-005"),
        (lambda: Panel(numerator=[1.0, 2]).add_periods([1]), "AT-S-005"),
        (lambda: Panel(numerator=[1.0, 2]).rolling(3), "AT-S-005"),
        (lambda: charts.i_chart(["a", "b"]), "AT-S-006"),
        (lambda: Panel(numerator=[object()]), "AT-S-006"),
    ],
)
def test_unusable_arguments(call, code):
    with pytest.raises(StatsError) as raised:
        call()
    assert raised.value.code == code


def test_no_sites_at_all():
    chart = compute("p", Panel(numerator=np.zeros((0, 12)), denominator=np.zeros((0, 12))))
    signals = evaluate(chart, "nelson")
    assert signals.hits.shape == (8, 0, 12)
    assert read(chart, signals, direction=Direction.HIGHER, target=0.5).variation.shape == (0,)


def test_missing_values_in_masked_arrays_and_data_frames():
    import pandas as pd

    masked = np.ma.MaskedArray([3, 4, 5], mask=[False, True, False])
    assert np.isnan(charts.run_chart(masked).value[1])
    column = pd.Series([3, None, 5], dtype="Int64")
    assert np.isnan(charts.run_chart(column).value[1])
    assert np.isnan(charts.run_chart([3, None, 5]).value[1])


def test_the_caller_s_arrays_stay_as_they_were():
    y, n = np.array([3.0, 4, INF, NAN]), np.array([0.0, 50, 50, 50])
    kept = y.copy(), n.copy()
    for kind in KINDS:
        compute(kind, Panel(numerator=y, denominator=n, n=n, total=y, total_sq=y))
    np.testing.assert_array_equal(y, kept[0])
    np.testing.assert_array_equal(n, kept[1])


def test_exact_limits_are_for_counts_only():
    for call in (
        lambda: charts.i_chart([1.0, 2, 3], plan=Plan(limits="exact")),
        lambda: charts.pprime_chart([1, 2], [5, 5], plan=Plan(limits="exact")),
        lambda: charts.c_chart([1.0, 2], plan=Plan(limits="mine")),
    ):
        with pytest.raises(StatsError) as raised:
            call()
        assert raised.value.code == "AT-S-005"


@pytest.mark.parametrize("name", list(AWKWARD))
@pytest.mark.parametrize("kind", ["p", "u", "c"])
def test_exact_limits_of_awkward_series(kind, name):
    chart = compute(kind, panel(AWKWARD[name]), Plan(limits="exact"))
    drawn = np.isfinite(chart.upper)
    assert (chart.lower[drawn] <= chart.centre[drawn]).all()
    assert (chart.centre[drawn] <= chart.upper[drawn] + 1).all()
    evaluate(chart, "nelson")
