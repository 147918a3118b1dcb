"""No loop over series or points: the number of Python calls is the same for one site as for a thousand."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from allteach.stats.charts import KINDS, compute
from allteach.stats.reading import read
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.stats.signals import RULE_SETS, evaluate
from allteach.units import Direction


def panel(sites: int, periods: int) -> Panel:
    random = np.random.default_rng(1)
    n = random.integers(40, 90, (sites, periods)).astype(float)
    y = random.binomial(n.astype(int), 0.4) + 1.0
    y[:, ::9] = np.nan
    return Panel(numerator=y, denominator=n, n=n, total=n * 5 + y, total_sq=n * 30 + y * 10)


def calls(work) -> int:
    count = 0

    def watch(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("kind", KINDS)
def test_calls_do_not_grow_with_sites_or_periods(kind):
    def work(data: Panel) -> None:
        limits = compute(kind, data, Plan(baseline=15, phase_starts=(20,)))
        for rule_set in RULE_SETS:
            read(limits, evaluate(limits, rule_set), direction=Direction.LOWER, target=0.3)

    small, large = panel(3, 40), panel(120, 120)
    work(small)
    work(large)
    few, many = calls(lambda: work(small)), calls(lambda: work(large))
    assert many <= 1.25 * few, f"{few} calls for 3 x 40 points, {many} for 120 x 120"
