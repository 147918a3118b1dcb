"""Time limits, runs and rules on one core, against the levels the product promises.

Run: ``OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/time_charts.py``. Prints the best of several rounds and the
largest memory; leaves with 1 when a level is missed.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from allteach.stats.charts import i_chart, pprime_chart, run_chart
from allteach.stats.reading import read
from allteach.stats.signals import RULE_SETS, evaluate
from allteach.units import Direction

RANDOM = np.random.default_rng(1)


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the shortest time of several rounds, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def memory() -> float:
    """Return the largest memory this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sites(measures: int, count: int, periods: int) -> tuple[np.ndarray, np.ndarray]:
    """Return counts of a network with a few missing months."""
    n = RANDOM.integers(20, 400, (measures, count, periods)).astype(float)
    y = RANDOM.binomial(n.astype(int), 0.3).astype(float)
    y[RANDOM.random(y.shape) < 0.02] = np.nan
    return y, n


def one_series(values: np.ndarray, rule_set: str) -> None:
    """Compute one chart and all that its rule set marks."""
    draw = run_chart if rule_set in ("anhoej", "anhoej_best_box", "ihi") else i_chart
    evaluate(draw(values), rule_set)


def network(y: np.ndarray, n: np.ndarray, rule_set: str) -> None:
    """Compute the p' charts of a network, their signals and what each says now."""
    chart = pprime_chart(y, n)
    read(chart, evaluate(chart, rule_set), direction=Direction.LOWER, target=0.25)


def main() -> int:
    """Print a line for each promise."""
    missed = 0

    def check(name: str, milliseconds: float, level: float) -> None:
        nonlocal missed
        missed += milliseconds > level
        print(f"{name:66} {milliseconds:9.1f} ms  (level {level:,.0f} ms)")

    long = RANDOM.standard_normal(100_000)
    for key in RULE_SETS:
        name = f"one series of 100,000 points, limits, runs and rules: {key}"
        check(name, best(partial(one_series, long, key), 30), 10)
    y, n = sites(1, 500, 60)
    check("500 sites x 60 months, p' limits alone", best(partial(pprime_chart, y[0], n[0]), 20), 50)
    check("500 sites x 60 months, p', nelson, readings", best(partial(network, y[0], n[0], "nelson"), 20), 50)
    y, n = sites(200, 150, 60)
    before = memory()
    for key in ("western_electric", "nelson", "childrens"):
        name = f"200 measures x 150 sites x 60 months, p', {key}, readings"
        check(name, best(partial(network, y, n, key), 3), 2000)
    print(f"memory: {memory():,.0f} MiB at most, {before:,.0f} MiB with the data alone (level 1,024 MiB)")
    missed += memory() > 1024
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
