"""Charts that tests share: made by the real statistics from numbers with a known story."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np

from allteach.charts import build
from allteach.charts.about import About, Mark, Remark
from allteach.charts.spec import ChartSpec
from allteach.stats.charts import compute
from allteach.stats.comparison import Funnel, funnel
from allteach.stats.reading import read
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.stats.signals import evaluate
from allteach.units import Direction, Grain, Period, Unit, ValueFormat, periods_between

MONTHS = periods_between(Period(date(2023, 1, 1), Grain.MONTH), Period(date(2025, 12, 1), Grain.MONTH))
HOURS = ValueFormat(Unit.HOURS, decimals=0)


@cache
def hours() -> Panel:
    """Geometric means: about 72 hours for 18 months, then about 60; month 10 is missing."""
    rng = np.random.default_rng(4)
    n = rng.integers(20, 40, 36).astype(float)
    level = np.where(np.arange(36) < 18, np.log(72), np.log(60))
    values = [rng.normal(mean, 0.25, int(size)) for mean, size in zip(level, n, strict=True)]
    total, square = (np.array([(part**power).sum() for part in values]) for power in (1, 2))
    for part in (n, total, square):
        part[9] = np.nan
    return Panel(n=n, total=total, total_sq=square, log=True)


def about(**changes: Any) -> About:
    """What the example is about, with changes."""
    facts: dict[str, Any] = {
        "measure": "Chest tube duration",
        "periods": MONTHS,
        "site": "Site 7",
        "format": HOURS,
        "direction": Direction.LOWER,
        "target": 58.0,
        "target_label": "by June 2026",
        "counted": "children",
        "definition": "Geometric mean hours to removal",
        "source": "Heart network registry",
        "refreshed": date(2026, 1, 12),
    }
    return About(**(facts | changes))


def draw(
    facts: About, panel: Panel, kind: str, rules: str = "eight_in_a_row", plan: Plan | None = None, **more: Any
) -> ChartSpec:
    """The chart of a panel, by the real statistics."""
    limits = compute(kind, panel, plan or Plan())
    signals = evaluate(limits, rules)
    reading = read(limits, signals, direction=facts.direction, target=facts.target, min_points=facts.needed)
    return build.control(facts, panel, limits, signals, reading, **more)


@cache
def shifted() -> ChartSpec:
    """Frozen limits: the fall of July 2024 is a signal."""
    return draw(about(lower_words="tubes come out {difference} sooner"), hours(), "xbar", plan=Plan(baseline=17))


@cache
def rephased() -> ChartSpec:
    """The same with an accepted phase, flags, an incomplete and an excluded point, and a demonstration notice."""
    facts = about(
        remarks=(
            Remark(date(2024, 2, 3), "Test 3: removal on day 1"),
            Remark(date(2024, 7, 1), "Criteria version 2 in all units"),
            Remark(date(2024, 8, 9), "Weekend rounds"),
        ),
        marks=(Mark(35, "incomplete", "two files are late", "Ward office"), Mark(4, "excluded", "flood")),
        notices=("Demonstration network. All people, sites and numbers are made up.",),
    )
    return draw(facts, hours(), "xbar", plan=Plan(phase_starts=(18,)))


@cache
def compared() -> Funnel:
    """Seventeen sites, one far above, one far below, one without data."""
    rng = np.random.default_rng(2)
    size = np.array([60, 120, 300, 450, 800, 1500, 220, 90, 640, 1100, 30, 510, 700, 260, 180, 95, 1300.0])
    share = np.full(17, 0.11)
    share[5], share[9] = 0.2, 0.06
    events = rng.binomial(size.astype(int), share).astype(float)
    events[10] = np.nan
    found = funnel(events, size, overdispersion="none")
    assert isinstance(found, Funnel)
    return found


def sites(**changes: Any) -> build.AboutSites:
    """What the comparison is about."""
    facts: dict[str, Any] = {
        "measure": "Readmission within 30 days",
        "names": tuple(f"Site {number}" for number in range(1, 18)),
        "own": frozenset({3}),
        "period": "Jan 2025 to Dec 2025",
        "format": ValueFormat(Unit.PERCENT),
        "direction": Direction.LOWER,
        "counted": "discharges",
        "source": "Heart network registry",
        "target": 0.1,
    }
    return build.AboutSites(**(facts | changes))


@cache
def funnelled() -> ChartSpec:
    """The funnel of the comparison."""
    return build.funnel(sites(), compared())


@cache
def caterpillared() -> ChartSpec:
    """The same sites with intervals."""
    found = compared()
    rows = [
        None
        if not np.isfinite(value)
        else build.Row(value, max(0.0, value - 3 * (value / n) ** 0.5), value + 3 * (value / n) ** 0.5, events, n)
        for value, n, events in zip(found.value, found.denominator, found.numerator, strict=True)
    ]
    return build.caterpillar(sites(), rows, centre=found.target)
