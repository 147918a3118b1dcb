"""Case-mix models over named columns, patients against their risk, and the top quarter of similar sites."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allteach.errors import NotEstimable, StatsError
from allteach.stats import comparison as c
from allteach.units import Direction


@pytest.fixture(scope="module")
def patients() -> dict[str, np.ndarray]:
    """2,400 invented patients: risk rises with age, and with one of three operations."""
    rng = np.random.default_rng(20)
    kind = rng.choice(["plain", "hard", "rarest"], size=2400, p=[0.6, 0.395, 0.005]).astype(object)
    age = rng.normal(5.0, 2.0, size=2400)
    chance = 1.0 / (1.0 + np.exp(-(-2.5 + 0.8 * (kind == "hard") + 0.15 * age)))
    return {"kind": kind, "age": age, "died": (rng.random(2400) < chance).astype(float)}


def test_model_over_columns_equals_statsmodels(patients: dict[str, np.ndarray]) -> None:
    import statsmodels.api as sm

    model = c.fit_risk_model(patients["died"], {"kind": patients["kind"], "age": patients["age"]})
    assert isinstance(model, c.RiskModel)
    common = patients["kind"] != "rarest"
    x = np.column_stack([np.ones(common.sum()), patients["kind"][common] == "hard", patients["age"][common]])
    other = sm.GLM(patients["died"][common], x.astype(float), family=sm.families.Binomial()).fit()
    assert [model.intercept, *(term.estimate for term in model.terms)] == pytest.approx(other.params, rel=1e-6)
    assert [term.error for term in model.terms] == pytest.approx(other.bse[1:], rel=1e-5)
    assert (model.usual, model.columns) == ({"kind": "plain"}, ("kind", "age"))
    assert model.left_out == int((~common).sum())
    odds, low, high = model.terms[0].odds
    assert low < math.exp(0.8) < high
    assert odds == pytest.approx(math.exp(model.terms[0].estimate))


def test_model_is_kept_and_used_again_to_the_last_digit(patients: dict[str, np.ndarray]) -> None:
    columns = {"kind": patients["kind"], "age": patients["age"]}
    model = c.fit_risk_model(patients["died"], columns)
    assert isinstance(model, c.RiskModel)
    again = c.RiskModel.from_plain(json.loads(json.dumps(model.to_plain())))
    assert np.array_equal(model.risk(columns), again.risk(columns), equal_nan=True)
    assert again.calibration is not None
    assert again.calibration.slope == pytest.approx(1.0)
    risk = model.risk(columns)
    assert np.nansum(risk) == pytest.approx(patients["died"][patients["kind"] != "rarest"].sum())


def test_a_patient_with_an_unknown_level_or_no_age_has_no_risk(patients: dict[str, np.ndarray]) -> None:
    model = c.fit_risk_model(patients["died"], {"kind": patients["kind"], "age": patients["age"]})
    assert isinstance(model, c.RiskModel)
    found = model.risk({"kind": ["plain", "new", "plain", None], "age": [5.0, 5.0, None, 5.0]})
    assert np.isfinite(found).tolist() == [True, False, False, False]
    with pytest.raises(StatsError, match="AT-S-101"):
        model.risk({"kind": ["plain"]})


@pytest.mark.parametrize(
    ("outcome", "columns", "code"),
    [
        ([0, 1] * 5, {"kind": ["a", "b"] * 5}, "AT-S-110"),  # no level has enough patients
        ([0, 1] * 50, {"kind": ["a"] * 100}, "AT-S-110"),  # nothing varies
        ([0] * 100, {"age": list(range(100))}, "AT-S-112"),
        ([0] * 95 + [1] * 5, {"age": [k % 7 for k in range(100)]}, "AT-S-116"),
    ],
)
def test_no_model_where_the_data_carry_none(outcome: list[int], columns: dict[str, list[object]], code: str) -> None:
    found = c.fit_risk_model(outcome, columns)
    assert isinstance(found, NotEstimable)
    assert found.code == code


def test_monitor_by_loop() -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(0.02, 0.4, 300)
    y = (rng.random(300) < np.where(np.arange(300) > 150, 2.0, 1.0) * p / 1.2).astype(float)
    at = np.sort(rng.integers(0, 12, 300))
    made = c.risk_monitor(y, p, at, limit_up=1.5, limit_down=1.5)
    assert isinstance(made, c.RiskMonitor)
    up = down = total = 0.0
    for k in range(300):
        up = max(0.0, up + math.log(2.0 ** y[k] / (1 - p[k] + 2 * p[k])))
        down = max(0.0, down + math.log(0.5 ** y[k] / (1 - p[k] + 0.5 * p[k])))
        total += p[k] - y[k]
        assert (made.rising[k], made.falling[k], made.vlad[k]) == pytest.approx((up, -down, total))
        assert (made.up[k], made.down[k]) == (up >= 1.5, down >= 1.5)
        up, down = (0.0 if up >= 1.5 else up), (0.0 if down >= 1.5 else down)
    assert made.up.any()
    gathered = c.by_period(made, 14)
    for period in range(14):
        own = np.flatnonzero(at == period)
        assert gathered.cases[period] == own.size
        assert gathered.observed[period] == y[own].sum()
        assert gathered.expected[period] == pytest.approx(p[own].sum())
        assert gathered.up[period] == made.up[own].any()
        if own.size:
            crossed = own[made.up[own]]
            assert gathered.rising[period] == made.rising[crossed[-1] if crossed.size else own[-1]]
            assert gathered.vlad[period] == pytest.approx(made.vlad[own[-1]])
        else:
            assert np.isnan(gathered.rising[period])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.floats(0.01, 0.9), st.integers(0, 8)), min_size=1, max_size=60),
    st.lists(st.integers(0, 60), max_size=5),
)
def test_patients_without_a_risk_change_nothing(rows: list[tuple[bool, float, int]], holes: list[int]) -> None:
    rows = sorted(rows, key=lambda row: row[2])
    y, p, at = (np.array([row[k] for row in rows], dtype=float) for k in range(3))
    plain = c.risk_monitor(y, p, at, limit_up=2.0, limit_down=2.0)
    places = [min(hole, y.size) for hole in holes]
    gaps = c.risk_monitor(
        np.insert(y, places, 1.0), np.insert(p, places, np.nan),
        np.sort(np.insert(at, places, [at[min(place, y.size - 1)] for place in places])), limit_up=2.0, limit_down=2.0,
    )  # fmt: skip
    assert isinstance(plain, c.RiskMonitor)
    assert isinstance(gaps, c.RiskMonitor)
    assert np.array_equal(plain.rising, gaps.rising)
    assert np.array_equal(plain.vlad, gaps.vlad)
    assert gaps.left_out == len(holes)
    whole = c.by_period(plain, 9)
    assert whole.cases.sum() == y.size
    assert whole.observed.sum() - whole.expected.sum() == pytest.approx(-plain.vlad[-1])


def test_monitor_refuses_what_it_cannot_draw() -> None:
    for wrong in ({"limit_up": 0.0}, {"odds_up": 0.9}, {"odds_down": 1.5}):
        with pytest.raises(StatsError, match="AT-S-134"):
            c.risk_monitor([0.0], [0.1], [0], **({"limit_up": 1.0, "limit_down": 1.0} | wrong))
    with pytest.raises(StatsError, match="AT-S-101"):
        c.risk_monitor([0.0, 1.0], [0.1, 0.1], [1, 0], limit_up=1.0, limit_down=1.0)
    nothing = c.risk_monitor([np.nan], [0.1], [0], limit_up=1.0, limit_down=1.0)
    assert isinstance(nothing, NotEstimable)


def quarter(at: int = 0, **more: object) -> c.Peers | NotEstimable:
    size = np.array([100.0] * 12 + [1000.0, 10.0])
    value = np.linspace(0.1, 0.75, 14)
    given = {
        "value": value,
        "numerator": np.round(value * size),
        "denominator": size,
        "direction": Direction.HIGHER,
        "alike": np.ones(14, dtype=bool),
    } | more
    return c.top_quarter(at, **given)  # type: ignore[arg-type]


def test_top_quarter_by_hand() -> None:
    found = quarter()
    assert isinstance(found, c.Peers)
    assert found.band
    assert np.flatnonzero(found.similar).tolist() == list(range(1, 12))  # neither itself, nor the large, nor the small
    assert np.flatnonzero(found.top).tolist() == [9, 10, 11]
    assert found.level == pytest.approx((55 + 60 + 65) / 300)
    assert not found.reached
    best = quarter(11)
    assert isinstance(best, c.Peers)
    assert best.reached
    low = quarter(direction=Direction.LOWER)
    assert isinstance(low, c.Peers)
    assert np.flatnonzero(low.top).tolist() == [1, 2, 3]
    assert low.reached


def test_size_is_left_aside_before_nothing_is_said() -> None:
    alone = quarter(12)
    assert isinstance(alone, c.Peers)
    assert not alone.band
    assert alone.similar.sum() == 13
    few = quarter(alike=np.arange(14) < 9)
    assert isinstance(few, NotEstimable)
    assert few.code == "AT-S-148"
    neither = quarter(direction=Direction.NEITHER)
    assert isinstance(neither, NotEstimable)
    assert neither.code == "AT-S-147"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(50, 400)), min_size=2, max_size=30), st.data())
def test_the_quarter_is_of_three_others_at_least(rows: list[tuple[float, int]], data: st.DataObject) -> None:
    value, size = np.array([row[0] for row in rows]), np.array([float(row[1]) for row in rows])
    at = data.draw(st.integers(0, len(rows) - 1))
    found = c.top_quarter(
        at, value=value, numerator=np.round(value * size), denominator=size, direction=Direction.LOWER,
        alike=np.ones(len(rows), dtype=bool),
    )  # fmt: skip
    if isinstance(found, NotEstimable):
        assert found.code == "AT-S-148"
        return
    assert found.top.sum() >= 3
    assert not found.top[at]
    assert not (found.top & ~found.similar).any()
    assert value[found.top].max() <= value[found.similar & ~found.top].min()
