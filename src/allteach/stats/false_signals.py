"""How often each rule set marks a chart in which nothing has changed, measured by ``benchmarks/false_signals.py``."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

import numpy as np


@cache
def _table() -> dict[str, Any]:
    text = resources.files("allteach.stats").joinpath("false_signals.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def rate(rule_set: str, what: str, points: int) -> float:
    """Return a measured share of charts, by straight lines between the numbers of points that were measured.

    Beyond the longest series measured, chance is taken to go on at the rate of the last stretch.

    Args:
        rule_set: Key of the set.
        what: ``any`` for a signal somewhere, ``latest`` for one that holds at the latest point, or a rule's key.
        points: Points on the chart.
    """
    table = _table()
    sizes, shares = np.array(table["points"], float), np.array(table["sets"][rule_set][what], float)
    if points <= sizes[-1]:
        return float(np.interp(points, sizes, shares, left=0.0))
    if what == "latest":
        return float(shares[-1])
    quiet = np.log1p(-np.minimum(shares[-2:], 1 - 1e-6))
    slope = (quiet[1] - quiet[0]) / (sizes[-1] - sizes[-2])
    return float(1 - np.exp(quiet[1] + min(slope, 0.0) * (points - sizes[-1])))
