"""The forecast against an independent computation, and its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from allteach.errors import NotEstimable
from allteach.stats.forecast import Forecast, forecast


def test_it_equals_ordinary_least_squares_of_another_library() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    values = 70 - 0.4 * np.arange(30) + rng.normal(0, 2, 30)
    values[[4, 22]] = np.nan
    found = forecast(values, ahead=6)
    assert isinstance(found, Forecast)
    known = np.flatnonzero(np.isfinite(values))[-12:]
    fit = sm.OLS(values[known], sm.add_constant(known.astype(float))).fit()
    frame = fit.get_prediction([[1.0, 35.0]]).summary_frame(alpha=0.05)
    assert found.value == pytest.approx(frame["mean"].iloc[0])
    assert (found.low, found.high) == pytest.approx((frame["obs_ci_lower"].iloc[0], frame["obs_ci_upper"].iloc[0]))


def test_it_covers_a_new_point_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(600):
        values = 50 + 0.3 * np.arange(15) + rng.normal(0, 4, 15)
        found = forecast(values[:12], ahead=3)
        assert isinstance(found, Forecast)
        hits += found.low <= values[14] <= found.high
    assert 0.92 <= hits / 600 <= 0.98


@given(arrays(float, 14, elements=st.floats(1, 1e3)), st.floats(-50, 50), st.floats(0.1, 20))
def test_moving_or_stretching_a_series_does_so_to_its_forecast(values: np.ndarray, by: float, to: float) -> None:
    one, other = forecast(values, ahead=4), forecast(values * to + by, ahead=4)
    assert isinstance(one, Forecast)
    assert isinstance(other, Forecast)
    for name in ("low", "value", "high"):
        assert getattr(other, name) == pytest.approx(getattr(one, name) * to + by, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("values", "code"), [(np.arange(7.0), "AT-S-090"), (np.zeros(12), "AT-S-091")])
def test_it_says_why_it_cannot(values: np.ndarray, code: str) -> None:
    found = forecast(values, ahead=1, log=True)
    assert isinstance(found, NotEstimable)
    assert found.code == code
