"""Network lines, composition, cohorts, variance, bundles, equity: each by plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from allteach.errors import NotEstimable, StatsError
from allteach.stats import comparison as c

pytestmark = pytest.mark.filterwarnings("error")


def panel(seed: int = 1, sites: int = 7, periods: int = 10) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 60, (sites, periods)).astype(float)
    y = rng.binomial(n.astype(int), rng.beta(4, 16, (sites, 1))).astype(float)
    y[rng.random(n.shape) < 0.15] = np.nan
    return y, n


def test_two_lines_by_loop() -> None:
    y, n = panel()
    line = c.network_line(y, n)
    assert isinstance(line, c.NetworkLine)
    for t in range(10):
        known = [s for s in range(7) if not np.isnan(y[s, t])]
        assert line.reporting[t] == len(known)
        assert line.pooled[t] == pytest.approx(sum(y[s, t] for s in known) / sum(n[s, t] for s in known))
        assert line.mean_of_sites[t] == pytest.approx(np.mean([y[s, t] / n[s, t] for s in known]))
        if len(known) >= 4:
            assert line.lower_quarter[t] == pytest.approx(np.quantile([y[s, t] / n[s, t] for s in known], 0.25))


def test_the_two_lines_part_when_a_large_site_differs() -> None:
    line = c.network_line([[90.0], [1], [1]], [[100.0], [10], [10]])
    assert isinstance(line, c.NetworkLine)
    assert line.pooled[0] > 0.7
    assert line.mean_of_sites[0] < 0.4


def test_joining_and_leaving_are_marked_across_an_empty_month() -> None:
    y = np.array([[1, np.nan, 1, 1], [1, np.nan, np.nan, np.nan], [np.nan, np.nan, 1, 1]], float)
    line = c.network_line(y, np.full(y.shape, 9.0))
    assert isinstance(line, c.NetworkLine)
    assert line.joined[2, 2]
    assert line.left[1, 2]
    assert line.composition_changed.tolist() == [False, False, True, False]
    assert np.isnan(line.pooled[1])
    assert line.reporting[1] == 0


def test_composition_parts_by_loop_and_add_up() -> None:
    y, n = panel(2)
    found = c.composition(y, n)
    assert isinstance(found, c.Composition)
    assert found.within + found.composition == pytest.approx(found.change, nan_ok=True)
    for t in range(1, 10):
        both = [s for s in range(7) if not np.isnan(y[s, t]) and not np.isnan(y[s, t - 1])]
        old, new = sum(n[s, t - 1] for s in both), sum(n[s, t] for s in both)
        within = sum(
            (n[s, t] / new + n[s, t - 1] / old) / 2 * (y[s, t] / n[s, t] - y[s, t - 1] / n[s, t - 1]) for s in both
        )
        assert found.within[t] == pytest.approx(within)
        stay = sum(y[s, t] for s in both) / new
        everyone = [s for s in range(7) if not np.isnan(y[s, t])]
        assert found.joined[t] == pytest.approx(sum(y[s, t] for s in everyone) / sum(n[s, t] for s in everyone) - stay)


def test_a_joining_site_moves_the_line_while_care_stays() -> None:
    y = np.array([[20, 20, 20], [20, 20, 20], [np.nan, 80, 80]], float)
    found = c.composition(y, np.full(y.shape, 100.0))
    assert isinstance(found, c.Composition)
    assert found.change[1] == pytest.approx(0.2)
    assert found.within[1] == 0
    assert found.joined[1] == pytest.approx(0.2)
    assert found.change[2] == 0


def test_cohort_rules_in_order() -> None:
    n = np.array([[5.0, 5, 5, 5, 5], [np.nan, 5, 5, 5, 5], [5, 5, np.nan, 0, 5]])
    capture = np.array([[1, 1, 0.5, 1, 1], [1, 1, 1, 1, np.nan], [1, 1, 1, 1, 1.0]])
    rules = c.InclusionRules(min_capture=0.75, min_periods=2, drop_first=2)
    found = c.cohort(n, rules=rules, capture=capture)
    expected = np.zeros(n.shape, bool)
    for s in range(3):
        has = [t for t in range(5) if n[s, t] > 0]
        for t in has:
            expected[s, t] = t >= has[0] + 2 and capture[s, t] >= 0.75
        if expected[s].sum() < 2:
            expected[s] = False
    assert (found.included == expected).all()
    assert found.sites.tolist() == [True, False, False]
    assert found.count("few_periods") == 2
    assert found.count("no_data") == 3
    assert np.isnan(found.keep(n)[1]).all()


def test_members_only_while_they_are() -> None:
    member = c.membership([0, 2, np.nan], [3, np.nan, np.nan], 5)
    assert member.sum(axis=0).tolist() == [1, 1, 2, 2, 1]
    found = c.cohort(np.ones((3, 5)), member=member)
    assert (found.included == member).all()
    assert found.count("not_member") == 8


def test_variance_components_by_all_pairs() -> None:
    y, n = panel(3, 6, 5)
    found = c.variance_components(y, n)
    assert isinstance(found, c.VarianceComponents)
    cells = [(s, t) for s in range(6) for t in range(5) if not np.isnan(y[s, t]) and n[s, t] > 1]
    total = sum(n[a] for a in cells)
    mean = sum(y[a] for a in cells) / total
    sums = {"site": [0.0, 0.0], "period": [0.0, 0.0], "apart": [0.0, 0.0], "own": [0.0, 0.0]}
    for a in cells:
        for b in cells:
            name = "own" if a == b else "site" if a[0] == b[0] else "period" if a[1] == b[1] else "apart"
            sums[name][0] += n[a] * n[b] * (y[a] / n[a] - mean) * (y[b] / n[b] - mean)
            sums[name][1] += n[a] * n[b]
    part = {name: top / bottom for name, (top, bottom) in sums.items()}
    chance = sum(n[a] ** 2 * (y[a] / n[a]) * (1 - y[a] / n[a]) / (n[a] - 1) for a in cells)
    chance /= sum(n[a] ** 2 for a in cells)
    assert found.between_sites == pytest.approx(max(0, part["site"] - part["apart"]))
    assert found.common == pytest.approx(max(0, part["period"] - part["apart"]))
    rest = part["own"] - chance - part["site"] - part["period"] + part["apart"]
    assert found.within_sites == pytest.approx(max(0, rest), abs=1e-12)
    assert found.chance == pytest.approx(chance)
    assert found.shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("kind", ["proportion", "rate", "mean"])
def test_variance_components_find_the_truth(kind: str) -> None:
    rng = np.random.default_rng(4)
    shape = (120, 48)
    site, month = rng.normal(0, 0.05, (120, 1)), rng.normal(0, 0.03, (1, 48))
    level = 0.4 + site + month + rng.normal(0, 0.04, shape)
    n = rng.integers(30, 80, shape).astype(float)
    square = None
    if kind == "proportion":
        y = rng.binomial(n.astype(int), np.clip(level, 0.01, 0.99)).astype(float)
    elif kind == "rate":
        y = rng.poisson(n * np.maximum(level, 0.01)).astype(float)
    else:
        y = n * (level + rng.normal(0, 1, shape) / np.sqrt(n))
        square = y**2 / n + (n - 1) * rng.chisquare(n - 1) / (n - 1)
    found = c.variance_components(y, n, square, kind=kind)
    assert isinstance(found, c.VarianceComponents)
    assert found.between_sites == pytest.approx(0.0025, rel=0.35)
    assert found.common == pytest.approx(0.0009, rel=0.5)
    assert found.within_sites == pytest.approx(0.0016, rel=0.35)


def test_pure_chance_is_called_chance() -> None:
    rng = np.random.default_rng(5)
    n, shares = np.full((40, 30), 50.0), []
    for _ in range(30):
        found = c.variance_components(rng.binomial(50, 0.3, (40, 30)).astype(float), n)
        assert isinstance(found, c.VarianceComponents)
        shares.append(found.shares[3])
    assert np.mean(shares) > 0.95


def test_bundle_by_loop() -> None:
    rng = np.random.default_rng(6)
    done = rng.choice([0, 1, 1, 1, np.nan], (60, 4))
    due = rng.random((60, 4)) < 0.85
    site = rng.choice(["a", "b", "c"], 60)
    for way in ("leave_out", "not_done"):
        found = c.bundle(done, applicable=due, group=site, missing=way)
        assert isinstance(found, c.Bundle)
        for g, name in enumerate(found.labels):
            hit = asked = whole = judged = open_ = 0
            for k in np.flatnonzero(site == name):
                items = [done[k, j] for j in range(4) if due[k, j]]
                recorded = [v for v in items if v == v]
                counted = recorded if way == "leave_out" else [0.0 if v != v else v for v in items]
                hit, asked = hit + sum(counted), asked + len(counted)
                if not items:
                    continue
                lacks = len(recorded) < len(items)
                fails = any(v == 0 for v in counted)
                if way == "leave_out" and lacks and not fails:
                    open_ += 1
                    continue
                open_ += int(lacks and way == "not_done")
                judged += 1
                whole += int(all(v == 1 for v in counted))
            assert (found.composite_done[g], found.composite_due[g]) == (hit, asked)
            assert (found.all_done[g], found.all_due[g]) == (whole, judged)
            assert found.incomplete[g] == open_


def test_all_or_none_is_never_above_the_items() -> None:
    rng = np.random.default_rng(7)
    found = c.bundle(rng.choice([0, 1, 1, 1], (200, 5)))
    assert isinstance(found, c.Bundle)
    assert found.all_or_none[0] <= found.item.min()
    assert found.item.min() <= found.composite[0] <= found.item.max()
    assert found.lower_bound == pytest.approx(found.all_or_none)


def test_reliability_levels() -> None:
    assert c.reliability_level([999, 960, 88, 70, 1], [1000, 1000, 100, 100, 0])[:4] == [
        "10^-3",
        "10^-2",
        "10^-1",
        "unstable",
    ]
    assert isinstance(c.reliability_level([1], [0])[0], NotEstimable)
    assert c.reliability_level([9], [10], sure=0.95) == ["unstable"]


def test_equity_by_hand() -> None:
    found = c.equity_gaps([30, 12, 0], [100, 60, 20], unknown=20)
    assert isinstance(found, c.EquityGaps)
    assert found.reference == 0
    assert found.difference == pytest.approx([0, -0.1, -0.3])
    assert found.ratio == pytest.approx([1, 2 / 3, 0])
    se = np.sqrt(1 / 12 - 1 / 60 + 1 / 30 - 1 / 100)
    assert found.ratio_upper[1] == pytest.approx(2 / 3 * np.exp(stats.norm.ppf(0.975) * se))
    assert np.isnan(found.ratio_lower[2])
    assert found.problems[(2,)].code == "AT-S-142"
    assert found.share_unknown == pytest.approx(0.1)
    assert found.share.sum() == pytest.approx(1.0)
    assert found.widest == pytest.approx(0.3)


def test_equity_over_time_and_withheld() -> None:
    found = c.equity_gaps([[9, 8], [3, 1]], [[30, 30], [12, 4]], min_cases=5, unknown=[2, np.nan])
    assert isinstance(found, c.EquityGaps)
    assert found.withheld.tolist() == [[False, False], [False, True]]
    assert np.isnan(found.value[1, 1])
    assert found.problems[(1, 1)].code == "AT-S-143"
    assert np.isnan(found.widest[1])
    assert found.widest[0] == pytest.approx(0.05)


def test_rate_gap_covers() -> None:
    rng = np.random.default_rng(8)
    hit = 0
    for _ in range(400):
        y = rng.poisson([30, 18])
        found = c.equity_gaps(y, [1000.0, 800.0], kind="rate", reference=0)
        assert isinstance(found, c.EquityGaps)
        hit += int(found.difference_lower[1] <= 18 / 800 - 30 / 1000 <= found.difference_upper[1])
    assert 0.92 <= hit / 400 <= 0.99


def test_gap_of_means_by_scipy() -> None:
    rng = np.random.default_rng(9)
    groups = [rng.normal(10, 3, 40), rng.normal(12, 3, 25), np.array([7.0])]
    n, total, square = (np.array([f(g) for g in groups]) for f in (len, np.sum, lambda g: (g**2).sum()))
    found = c.equity_gaps_of_means(n, total, square)
    assert isinstance(found, c.EquityGaps)
    for k in (0, 1):
        ends = stats.t.interval(0.95, len(groups[k]) - 1, groups[k].mean(), stats.sem(groups[k]))
        assert (found.lower[k], found.upper[k]) == pytest.approx(ends)
    welch = stats.ttest_ind(groups[1], groups[0], equal_var=False).confidence_interval()
    assert (found.difference_lower[1], found.difference_upper[1]) == pytest.approx((welch.low, welch.high), abs=0.06)
    assert found.ratio[1] == pytest.approx(groups[1].mean() / groups[0].mean())
    assert found.ratio_lower[1] < found.ratio[1] < found.ratio_upper[1]
    assert np.isnan(found.lower[2])
    assert found.value[2] == 7
    below = c.equity_gaps_of_means([5, 5], [10.0, -10.0], [30.0, 30.0])
    assert isinstance(below, c.EquityGaps)
    assert below.problems[(1,)].code == "AT-S-144"
    assert np.isnan(below.ratio[1])
    assert below.difference[1] == pytest.approx(-4)


def test_network_line_of_means() -> None:
    total, n = np.array([[-10.0, 20], [30, np.nan]]), np.array([[10.0, 10], [10, 10]])
    line = c.network_line(total, n, kind="mean")
    assert isinstance(line, c.NetworkLine)
    assert line.pooled.tolist() == [1, 2]
    found = c.composition(total, n, kind="mean")
    assert isinstance(found, c.Composition)
    assert found.within[1] == 3
    assert found.left[1] == -2
    assert found.change[1] == 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: c.network_line([[1, 2]], [[1, 2, 3]]), "AT-S-101"),
        (lambda: c.network_line([1, 2], [1, 2]), "AT-S-101"),
        (lambda: c.network_line([[1, 2]], [[1]], kind="mean"), "AT-S-101"),
        (lambda: c.equity_gaps_of_means([1], [1], [1, 2]), "AT-S-101"),
        (lambda: c.membership([3], [1], 5), "AT-S-139"),
        (lambda: c.membership([3], [1, 2], 5), "AT-S-101"),
        (lambda: c.cohort([[1.0]], rules=c.InclusionRules(min_capture=0.5)), "AT-S-140"),
        (lambda: c.cohort([[1.0]], member=[[True, True]]), "AT-S-101"),
        (lambda: c.InclusionRules(min_capture=2), "AT-S-106"),
        (lambda: c.variance_components([[1, 2]], [[3, 4]], kind="mean"), "AT-S-101"),
        (lambda: c.bundle([[2]]), "AT-S-132"),
        (lambda: c.bundle([1, 0]), "AT-S-101"),
        (lambda: c.bundle([[1]], missing="ignore"), "AT-S-109"),
        (lambda: c.bundle([[1]], applicable=[[True, True]]), "AT-S-101"),
        (lambda: c.bundle([[1]], group=[1, 2]), "AT-S-101"),
        (lambda: c.equity_gaps([1, 2], [3, 4], reference=7), "AT-S-106"),
        (lambda: c.equity_gaps(1, 2), "AT-S-101"),
    ],
)
def test_unusable_arguments(call: object, code: str) -> None:
    with pytest.raises(StatsError) as error:
        call()  # type: ignore[operator]
    assert error.value.code == code


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (c.network_line(np.full((2, 3), np.nan), np.ones((2, 3))), "AT-S-110"),
        (c.composition([[1.0]], [[2.0]]), "AT-S-118"),
        (c.variance_components(np.full((2, 2), np.nan), np.ones((2, 2))), "AT-S-110"),
        (c.variance_components([[1, 2]], [[5, 5]]), "AT-S-111"),
        (c.variance_components([[1], [2]], [[5], [5]]), "AT-S-118"),
        (c.variance_components(np.full((3, 3), 2.0), np.full((3, 3), 4.0)), "AT-S-113"),
        (c.bundle(np.empty((0, 3))), "AT-S-110"),
        (c.equity_gaps([1, 0], [5, 0]), "AT-S-141"),
    ],
)
def test_nothing_to_tell(found: object, code: str) -> None:
    assert isinstance(found, NotEstimable)
    assert found.code == code
