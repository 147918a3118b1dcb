"""Exact limits of counts against SciPy's distributions, and what they cost by chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm, poisson

from allteach.stats.charts import c_chart, p_chart, u_chart
from allteach.stats.charts.exact import exact_lines
from allteach.stats.results import Plan
from allteach.stats.signals import evaluate

TAIL = norm.sf(3)
EXACT = Plan(limits="exact")


@given(mean=st.floats(0.02, 400), seed=st.integers(0, 2**32 - 1))
def test_poisson_limits_are_quantiles(mean, seed):
    y = np.random.default_rng(seed).poisson(mean, 12).astype(float)[None]
    low, high, z = exact_lines(y, np.ones_like(y), np.array([[mean]]), binomial=False)
    assert high[0, 0] == poisson.isf(TAIL, mean)
    assert low[0, 0] == poisson.ppf(TAIL, mean)
    assert ((y > high) == (z > 3)).all()
    assert ((y < low) == (z < -3)).all()


@given(p=st.floats(0.002, 0.998), n=st.integers(1, 500), seed=st.integers(0, 2**32 - 1))
def test_binomial_limits_are_quantiles(p, n, seed):
    y = np.random.default_rng(seed).binomial(n, p, 12).astype(float)[None]
    low, high, z = exact_lines(y, np.full_like(y, n), np.array([[p]]), binomial=True)
    assert n * high[0, 0] == pytest.approx(binom.isf(TAIL, n, p))
    assert n * low[0, 0] == pytest.approx(binom.ppf(TAIL, n, p))
    assert ((y / n > high + 1e-12) == (z > 3)).all()
    assert ((y / n < low - 1e-12) == (z < -3)).all()


def test_few_events_no_longer_signal_by_chance():
    random = np.random.default_rng(7)
    counts = random.poisson(0.5, (4000, 24)).astype(float)
    marked = []
    for plan in (Plan(), EXACT):
        chart = c_chart(counts, plan=plan)
        marked.append(float(evaluate(chart, "western_electric").hits[0].any(axis=-1).mean()))
    assert marked[0] > 0.2
    assert marked[1] < 0.05


def test_with_many_events_the_two_kinds_agree():
    random = np.random.default_rng(7)
    n = random.integers(4000, 6000, 24)
    y = random.binomial(n, 0.4)
    usual, exact = p_chart(y, n), p_chart(y, n, plan=EXACT)
    np.testing.assert_allclose(exact.upper, usual.upper, atol=4e-4)
    np.testing.assert_allclose(exact.z, usual.z, atol=0.02)


def test_missing_months_and_unequal_exposure():
    chart = u_chart([3, np.nan, 1, 9], [100.0, 100, 0, 180], plan=EXACT)
    assert np.isfinite(chart.upper[[0, 3]]).all()
    assert np.isnan(chart.upper[[1, 2]]).all()
    assert chart.upper[3] * 180 == poisson.isf(TAIL, 12 / 280 * 180)
