"""How long the comparison of sites takes on one core: `python benchmarks/sites_speed.py`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import numpy as np
from scipy import special

from allteach.stats import comparison as c
from allteach.stats.disclosure import suppress

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def best_of(task: Callable[[], object], runs: int = 5) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def network(sites: int, periods: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    n = rng.poisson(30, (sites, periods)).astype(float) + 1
    after = (np.arange(periods) > periods // 2).astype(float)
    eta = -1.4 + rng.normal(0, 0.5, (sites, 1)) + (-0.3 + rng.normal(0, 0.2, (sites, 1))) * after
    return rng.binomial(n.astype(int), special.expit(eta)).astype(float), n, after


def main() -> None:
    y, n, after = network(100, 60)
    rng = np.random.default_rng(2)
    risk = special.expit(-2.6 + rng.normal(0, 1, 5000))
    died = (rng.random(5000) < risk).astype(float)
    big = rng.integers(1, 5000, 1_000_000)
    tasks: list[tuple[str, float, Callable[[], object]]] = [
        ("mixed model, 100 sites x 60 months, random intercept", 0.3, lambda: c.mixed_model(y, n)),
        ("mixed model, the same with a random slope", 0.3, lambda: c.mixed_model(y, n, slope=after)),
        (
            "nested Laplace, the same with a random slope",
            0.9,
            lambda: c.mixed_model(y, n, slope=after, method="nested"),
        ),
        ("funnel of 150 sites", 0.01, lambda: c.funnel(y.sum(1), n.sum(1))),
        ("funnel of 1,000,000 sites", 5.0, lambda: c.funnel(rng.binomial(big, 0.1), big)),
        ("closed-form shrinkage of 100 sites", 0.05, lambda: c.shrink(y.sum(1), n.sum(1))),
        ("variance components, 100 x 60", 0.01, lambda: c.variance_components(y, n)),
        ("limit of a risk-adjusted CUSUM", 0.5, lambda: c.limit_for_run_length(risk, 2.0, 5000)),
        ("case-mix model of 5,000 patients", 0.05, lambda: c.case_mix_model(died, special.logit(risk))),
        ("bright spots, 100 x 60", 0.5, lambda: c.bright_spots(c.Measured(y, n))),
        ("small numbers, 12 x 12 with all totals", 0.5, lambda: suppress(rng.poisson(14, (12, 12)))),
    ]
    for name, goal, task in tasks:
        print(f"{name:60s} {best_of(task):8.4f} s   (goal {goal:g} s)")


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in THREADS):  # read when NumPy is loaded, so start afresh
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | dict.fromkeys(THREADS, "1"))
    main()
