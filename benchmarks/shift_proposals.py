"""Measure proposals of new phases: how often on charts of chance, how often after a real shift, and how late.

Run: ``python benchmarks/shift_proposals.py [charts]``. Independent normal values on individuals charts.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from allteach.stats.phases import STABLE_SHIFT, ShiftSettings, propose
from allteach.stats.series import Panel

SETTINGS = {"usual settings": ShiftSettings(), "Stable Shift Algorithm": STABLE_SHIFT}


def shares(settings: ShiftSettings, charts: int, points: int, shift: float, at: int) -> tuple[float, float]:
    """Return the share of charts with a proposal, and of those with one within three points of the shift."""
    values = np.random.default_rng(points).standard_normal((charts, points))
    values[:, at:] += shift
    found = propose("i", Panel(numerator=values), settings=settings)
    some = {proposal.series for proposal in found}
    near = {proposal.series for proposal in found if abs(proposal.start - at) <= 3 and proposal.side * shift > 0}
    return len(some) / charts, len(near) / charts


def main(charts: int) -> None:
    """Print one line for each setting and case."""
    for name, settings in SETTINGS.items():
        for points, at in ((24, 14), (36, 20), (60, 30)):
            start = time.perf_counter()
            false, _ = shares(settings, charts, points, 0.0, at)
            seconds = time.perf_counter() - start
            found = [shares(settings, charts, points, shift, at)[1] for shift in (1.0, 1.5, 2.0)]
            print(
                f"{name:24} {points} points: by chance {false:.1%}; shift of 1, 1.5, 2 sigmas at {at} found within "
                f"3 points: {', '.join(f'{share:.0%}' for share in found)} ({1000 * seconds / charts:.2f} ms a chart)"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
