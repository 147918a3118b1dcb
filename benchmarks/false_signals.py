"""Measure how often each rule set marks a chart in which nothing has changed, and write the table the product quotes.

Run: ``python benchmarks/false_signals.py [charts] [--write]``. With 20,000 charts it takes about two minutes.

Charts: independent normal values, limits from the series itself. Run chart sets (both of Anhøj, ihi) are measured
around the median, the others on individuals charts. The aggregate point rule needs counts, so the children's set is
measured on u charts of Poisson counts with a mean of 20; its other rules hardly differ on individuals charts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from allteach.stats.charts import i_chart, run_chart, u_chart
from allteach.stats.results import Limits
from allteach.stats.signals import RULE_SETS, evaluate

POINTS = (8, 10, 12, 15, 18, 20, 24, 30, 36, 48, 60, 72, 84, 96, 120)
AROUND_MEDIAN = ("anhoej", "anhoej_best_box", "ihi")
POISSON_MEAN = 20.0
TABLE = Path(__file__).parents[1] / "src" / "allteach" / "stats" / "false_signals.json"


def chart_of(rule_set: str, charts: int, points: int, random: np.random.Generator) -> Limits:
    """Return charts of pure chance as the rule set is meant to read them."""
    if rule_set == "childrens":
        return u_chart(random.poisson(POISSON_MEAN, (charts, points)), np.ones((charts, points)))
    values = random.standard_normal((charts, points))
    return run_chart(values) if rule_set in AROUND_MEDIAN else i_chart(values)


def measure(rule_set: str, charts: int, points: int, seed: int = 1) -> dict[str, float]:
    """Return the share of charts marked anywhere, at the latest point, and by each rule."""
    random = np.random.default_rng([seed, points])
    signals = evaluate(chart_of(rule_set, charts, points, random), rule_set)
    anywhere = signals.hits.any(axis=-1) | signals.whole
    latest = signals.hits[..., -1] | signals.whole
    shares = {"any": anywhere.any(axis=0).mean(), "latest": latest.any(axis=0).mean()}
    shares |= dict(zip(signals.rules, anywhere.mean(axis=-1), strict=True))
    return {key: round(float(share), 4) for key, share in shares.items()}


def main(charts: int, write: bool) -> None:
    """Print the table and, when asked, write it."""
    sets: dict[str, dict[str, list[float]]] = {}
    for key in RULE_SETS:
        rows = [measure(key, charts, points) for points in POINTS]
        sets[key] = {what: [row[what] for row in rows] for what in rows[0]}
        print(f"{key:18}", *(f"{points}:{share:.1%}" for points, share in zip(POINTS, sets[key]["any"], strict=True)))
    if write:
        table = {"charts": charts, "points": POINTS, "sets": sets}
        text = json.dumps(table, indent=1)
        TABLE.write_text(compact(text) + "\n", encoding="utf-8")


def compact(text: str) -> str:
    """Return the JSON with lists of numbers on one line."""
    import re

    return re.sub(
        r"\[[^\[\]{}]*\]", lambda found: re.sub(r"\s+", " ", found.group()).replace("[ ", "[").replace(" ]", "]"), text
    )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(numbers[0] if numbers else 20_000, "--write" in sys.argv)
