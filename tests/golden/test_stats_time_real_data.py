"""Real public data against the second computation and against what is known of them; skipped where absent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from allteach.stats.charts import p_chart, pprime_chart, t_chart, u_chart
from allteach.stats.phases import propose
from allteach.stats.reading import read
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.stats.signals import RULE_SETS, evaluate
from allteach.units import Direction
from tests import slow_charts as slow


def rows(chart, number):
    return [
        (chart.centre[number, t], chart.lower[number, t], chart.upper[number, t]) for t in range(chart.value.shape[1])
    ]


def test_infections_of_six_hospitals(shared_data):
    table = pd.read_csv(shared_data("qicharts2_hospital_infections.csv"))
    wide = table.pivot_table(index=["hospital", "infection"], columns="month", values=["n", "days"])
    events, days = wide["n"].to_numpy(), wide["days"].to_numpy()
    assert events.shape == (18, 24)
    chart = u_chart(events, days)
    for number in range(18):
        values, lines = slow.ratio_chart("u", events[number].tolist(), days[number].tolist())
        assert_allclose(chart.value[number], values)
        assert_allclose(rows(chart, number), lines)
    for rule_set in RULE_SETS:
        read(chart, evaluate(chart, rule_set), direction=Direction.LOWER)


def test_emergency_departments_need_laney_s_chart(shared_data):
    table = pd.read_csv(shared_data("nhsr_ae_attendances.csv"))
    table = table[table["type"].astype(str) == "1"]
    breaches = table.pivot_table(index="org_code", columns="period", values="breaches").to_numpy()
    seen = table.pivot_table(index="org_code", columns="period", values="attendances").to_numpy()
    plain, prime = p_chart(breaches, seen), pprime_chart(breaches, seen)
    outside = [np.nanmean(np.abs(chart.z) > 3) for chart in (plain, prime)]
    assert outside[0] > 0.5, "binomial limits are far too narrow for thousands of patients a month"
    assert outside[1] < 0.15
    for number in range(0, len(seen), 17):
        values, lines = slow.ratio_chart("pprime", breaches[number].tolist(), seen[number].tolist())
        there = np.isfinite(prime.value[number])
        assert_allclose(prime.value[number], values)
        if np.isfinite(prime.upper[number]).any():
            expected = [line for line in lines if line is not None]
            assert_allclose(np.array(rows(prime, number))[there], expected, rtol=1e-9)


def test_national_accident_attendances(shared_data):
    """Weekly four-hour performance of England: an ordinary p chart marks nearly every week, Laney's does not."""
    table = pd.read_csv(shared_data("qicharts2_nhs_accidents.csv"))
    plain, prime = p_chart(table["r"], table["n"]), pprime_chart(table["r"], table["n"])
    assert (np.abs(plain.z) > 3).mean() > 0.6
    assert (np.abs(prime.z) > 3).mean() < 0.1
    assert prime.centre[0] == pytest.approx(table["r"].sum() / table["n"].sum())


def test_infections_with_a_dated_intervention(shared_data):
    table = pd.read_csv(shared_data("qicharts2_cdi.csv"))
    first = int((table["period"] != table["period"].iloc[0]).to_numpy().argmax())
    panel = Panel(numerator=table["n"], denominator=table["days"])
    found = propose("u", panel)
    assert found, "the fall after the intervention is proposed"
    assert found[0].side == -1
    assert abs(found[0].start - first) <= 3
    chart = u_chart(table["n"], table["days"], plan=Plan(phase_starts=(found[0].start,)))
    assert chart.centre[-1] < chart.centre[0]
    assert found[0].change.ratio.high < 1


def test_days_between_deaths_after_operations(shared_data):
    table = pd.read_csv(shared_data("qicharts2_cabg.csv"), parse_dates=["date"])
    days = table.loc[table["death"], "date"].diff().dt.days.dropna().to_numpy()
    zeros = t_chart(days)
    if (days <= 0).any():
        assert zeros.problems[()].code == "AT-S-019"
    chart = t_chart(days[days > 0])
    values, lines = slow.value_chart("t", days[days > 0].tolist())
    assert_allclose(chart.value, values)
    assert_allclose((chart.centre[0], chart.lower[0], chart.upper[0]), lines[0])
