"""Laws that hold for any network: relabelling, merging, scale, shrinkage, totals."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allteach.errors import NotEstimable, StatsError
from allteach.stats import comparison as c
from allteach.stats.disclosure import SmallNumbers, feasible_ranges, suppress, suppress_proportion
from allteach.stats.disclosure.attack import with_totals

pytestmark = pytest.mark.filterwarnings("error")


@st.composite
def sites(draw: st.DrawFn, low: int = 2, high: int = 12) -> tuple[np.ndarray, np.ndarray]:
    size = draw(st.lists(st.integers(1, 500), min_size=low, max_size=high))
    count = [draw(st.integers(0, n)) for n in size]
    return np.array(count, float), np.array(size, float)


@st.composite
def panels(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    shape = (draw(st.integers(2, 7)), draw(st.integers(2, 6)))
    n = rng.integers(1, 60, shape).astype(float)
    y = rng.binomial(n.astype(int), rng.beta(2, 6, (shape[0], 1))).astype(float)
    y[rng.random(shape) < 0.2] = np.nan
    return y, n


@given(sites(), st.randoms(use_true_random=False))
def test_relabelling_sites_permutes_a_funnel(data: tuple[np.ndarray, np.ndarray], random: object) -> None:
    y, n = data
    order = np.array(random.sample(range(y.size), y.size))  # type: ignore[attr-defined]
    for target in (None, "leave_one_out"):
        first, second = c.funnel(y, n, target=target), c.funnel(y[order], n[order], target=target)
        if isinstance(first, NotEstimable):
            assert first == second
            continue
        assert isinstance(second, c.Funnel)
        assert second.upper_998 == pytest.approx(first.upper_998[order], nan_ok=True, rel=1e-6)
        assert second.p == pytest.approx(first.p[order], nan_ok=True, rel=1e-6)


@given(sites())
def test_limits_bracket_the_target(data: tuple[np.ndarray, np.ndarray]) -> None:
    found = c.funnel(*data)
    if isinstance(found, NotEstimable):
        return
    assert (found.lower_998 <= found.lower_95).all()
    # With very few cases the interpolated lower limit lies below the target, as the upper lies above.
    assert (found.lower_95 <= found.target).all()
    assert (found.target <= found.upper_998).all()
    assert (found.upper_95 <= found.upper_998).all()
    assert ((found.p > 0) & (found.p <= 1)).all()
    assert (found.p_adjusted >= found.p - 1e-12).all()


@given(sites())
def test_mirrored_outcomes_mirror_the_funnel(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, n = data
    first, second = c.funnel(y, n, overdispersion="none"), c.funnel(n - y, n, overdispersion="none")
    if isinstance(first, NotEstimable):
        return
    assert isinstance(second, c.Funnel)
    assert second.z == pytest.approx(-first.z, abs=1e-9)
    assert second.p == pytest.approx(first.p, rel=1e-6)


@given(sites(), st.floats(0.01, 100))
def test_exposure_unit_does_not_matter(data: tuple[np.ndarray, np.ndarray], unit: float) -> None:
    y, n = data
    first, second = c.funnel(y, n, kind="rate"), c.funnel(y, n * unit, kind="rate")
    if isinstance(first, NotEstimable):
        return
    assert isinstance(second, c.Funnel)
    assert second.upper_95 * unit == pytest.approx(first.upper_95, rel=1e-6, abs=1e-9)
    assert second.z == pytest.approx(first.z, rel=1e-6, abs=1e-9)


@given(sites(4), st.sampled_from([1e-4, 1e3, 1e7]))
def test_shrinkage_does_not_depend_on_the_unit(data: tuple[np.ndarray, np.ndarray], unit: float) -> None:
    y, n = data
    first, second = c.shrink(y, n, kind="rate"), c.shrink(y, n * unit, kind="rate")
    if isinstance(first, NotEstimable):
        return
    assert isinstance(second, c.Shrunken)
    assert second.value * unit == pytest.approx(first.value, rel=1e-3, abs=1e-6)
    assert (second.between_sd == 0) == (first.between_sd == 0)


@given(sites(3), st.sampled_from(["proportion", "rate"]))
def test_shrinkage_lies_between_raw_and_network(data: tuple[np.ndarray, np.ndarray], kind: str) -> None:
    found = c.shrink(*data, kind=kind)
    if isinstance(found, NotEstimable):
        return
    low, high = np.minimum(found.raw, found.network), np.maximum(found.raw, found.network)
    assert (found.value >= low - 1e-6).all()
    assert (found.value <= high + 1e-6).all()
    assert (found.lower <= found.value + 1e-9).all()
    assert (found.value <= found.upper + 1e-9).all()


@given(panels())
def test_mixed_model_shrinks_and_relabels(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, n = data
    first = c.mixed_model(y, n)
    if isinstance(first, NotEstimable):
        return
    second = c.mixed_model(y[::-1], n[::-1])
    assert isinstance(second, c.MixedModel)
    assert second.value[::-1] == pytest.approx(first.value, nan_ok=True, abs=2e-3)
    known = np.isfinite(first.value)
    ends = np.sort(np.stack([first.raw, np.full(first.raw.shape, first.network)]), axis=0)
    assert (first.value[known] >= ends[0][known] - 1e-6).all()
    assert (first.value[known] <= ends[1][known] + 1e-6).all()
    nested = c.mixed_model(y, n, method="nested")
    assert isinstance(nested, c.MixedModel)
    assert (nested.lower[known] < nested.upper[known]).all()


@given(panels(), st.sampled_from([1e-4, 1e6]))
def test_rates_do_not_depend_on_the_unit(data: tuple[np.ndarray, np.ndarray], unit: float) -> None:
    y, n = data
    for method in ("laplace", "nested"):
        first, second = (c.mixed_model(y, n * u, kind="rate", method=method) for u in (1.0, unit))
        if isinstance(first, NotEstimable):
            return
        assert isinstance(second, c.MixedModel)
        assert second.value * unit == pytest.approx(first.value, nan_ok=True, rel=5e-3)
        assert second.between_sd == pytest.approx(first.between_sd, abs=5e-3)


@given(panels())
def test_network_line_survives_merging_sites(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, n = data
    line = c.network_line(y, n)
    known = np.isfinite(y)
    merged_y, merged_n = np.where(known, y, 0).sum(0), np.where(known, n, 0).sum(0)
    if isinstance(line, NotEstimable):
        assert not known.any()
        return
    one = c.network_line(merged_y[None], merged_n[None])
    assert isinstance(one, c.NetworkLine)
    assert one.pooled == pytest.approx(line.pooled, nan_ok=True)


@given(panels())
def test_composition_always_adds_up(data: tuple[np.ndarray, np.ndarray]) -> None:
    found = c.composition(*data)
    if isinstance(found, NotEstimable):
        return
    total = found.within + found.mix + found.joined + found.left
    known = np.isfinite(total)
    assert total[known] == pytest.approx(found.change[known], abs=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.01, 0.5))
def test_fewer_found_under_any_dependence(p: list[float], rate: float) -> None:
    bh, by = c.false_discovery(p, rate=rate), c.false_discovery(p, rate=rate, method="by")
    assert isinstance(bh, c.Discoveries)
    assert isinstance(by, c.Discoveries)
    assert (bh.found | ~by.found).all()
    assert (bh.adjusted >= np.array(p) - 1e-12).all()


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(2, 5), st.integers(2, 11), st.booleans())
def test_suppression_is_never_undone_by_totals(
    seed: int, rows: int, columns: int, threshold: int, spread: bool
) -> None:
    rng = np.random.default_rng(seed)
    table = rng.negative_binomial(0.8, 0.03, (rows, columns)) if spread else rng.poisson(threshold, (rows, columns))
    found = suppress(table, rule=SmallNumbers(threshold))
    full = with_totals(table.astype(float), (0, 1))
    shown = ~np.isnan(found.shown)
    assert (found.shown[shown] == full[shown]).all()
    assert not ((full[shown] > 0) & (full[shown] < threshold)).any()
    low, high = feasible_ranges(full, found.withheld, (0, 1))
    assert (high - low)[found.primary].min(initial=np.inf) >= threshold - 1e-6


@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 4))
def test_no_small_part_of_a_proportion_is_given_away(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    den = rng.poisson(40, (rows, columns)).astype(float)
    num = rng.binomial(den.astype(int), rng.uniform(0.1, 0.95))
    found = suppress_proportion(num, den)
    full = with_totals(np.stack([num, den - num], axis=-1), (0, 1, 2))
    hidden = np.isnan(np.stack([found.numerator, np.full(found.numerator.shape, np.nan), found.denominator], axis=-1))
    # The complement is never shown as such: where both parts are, it is known.
    both = ~hidden[..., 0] & ~hidden[..., 2]
    hidden[..., 1] = ~both
    low, high = feasible_ranges(full, hidden, (0, 1, 2))
    tiny = (full > 0) & (full < 11)
    assert not (tiny & ~hidden).any()
    assert (high - low)[tiny].min(initial=np.inf) >= 11 - 1e-6


@given(st.lists(st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.integers(-5, 50)), max_size=8), st.data())
def test_any_numbers_get_an_answer_or_a_reason(values: list[float], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.one_of(st.floats(), st.integers(-2, 90)), min_size=len(values), max_size=len(values)))
    for call in (
        lambda: c.funnel(values, other),
        lambda: c.funnel(values, other, kind="rate", target="leave_one_out"),
        lambda: c.shrink(values, other, kind="rate"),
        lambda: c.standardised_ratios(values, other),
        lambda: c.equity_gaps(values, other),
        lambda: c.pool(values, other),
        lambda: c.vlad(values, other),
    ):
        with contextlib.suppress(StatsError):
            assert call() is not None


@given(sites(2, 6))
def test_tiny_networks_never_break_the_models(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, n = data
    assume(y.size >= 2)
    for method in ("laplace", "nested"):
        model = c.mixed_model(y[:, None], n[:, None], method=method)
        if isinstance(model, NotEstimable):
            continue
        assert np.isfinite(model.value).all()
        assert ((model.value > 0) & (model.value < 1)).all()
        ranks = c.expected_ranks(model, draws=200)
        assert isinstance(ranks, c.ExpectedRanks)
        assert ranks.expected.sum() == pytest.approx(y.size * (y.size + 1) / 2)
