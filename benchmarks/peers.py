"""Charts over time next to the Python libraries for them that install from PyPI.

    python -m venv peers && peers/bin/pip install shewhart clinical-qikit && peers/bin/pip install .
    peers/bin/python benchmarks/peers.py

One core; the middle of three runs; limits and each library's own default rules. A peer that is not installed is named
and left out. `clinical-qikit` also prepares a drawing, which it does not offer to leave out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median

import numpy as np

from allteach.stats import charts, signals

POINTS, SITES, MONTHS = 100_000, 500, 60


def seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return median(taken)


def say(who: str, what: str, work: Callable[[], object]) -> None:
    print(f"{what:44} {who:16} {1000 * seconds(work):9.1f} ms")


def main() -> None:
    rng = np.random.default_rng(1)
    series = rng.normal(size=POINTS)
    cases = rng.integers(500, 2000, (SITES, MONTHS))
    events = rng.binomial(cases, 0.2)
    one, many = f"individuals, {POINTS:,} points, rules", f"p' charts, {SITES} sites x {MONTHS} months, rules"
    say("allteach", one, lambda: signals.evaluate(charts.i_chart(series), "nelson"))
    say("allteach", many, lambda: signals.evaluate(charts.pprime_chart(events * 1.0, cases * 1.0), "nelson"))
    if find_spec("shewhart"):
        import shewhart

        say("shewhart", one, lambda: shewhart.imr(series))
        say("shewhart", many, lambda: [shewhart.laney_p(e, size=c) for e, c in zip(events, cases, strict=True)])
    else:
        print("shewhart is not installed")
    if find_spec("qikit"):
        import qikit

        say("clinical-qikit", one, lambda: qikit.qic(y=series, chart="i"))
        say(
            "clinical-qikit",
            many,
            lambda: [qikit.qic(y=e, n=c, chart="pp") for e, c in zip(events, cases, strict=True)],
        )
    else:
        print("clinical-qikit is not installed")


if __name__ == "__main__":
    main()
