"""How long charts take to make and what they weigh: 60 small charts of a page, one chart, 10 slides, a 60-page PDF.

Run: python benchmarks/charts_drawing.py
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import date

import numpy as np

from allteach.charts import build, pdf, png, pptx, svg
from allteach.charts.about import About
from allteach.charts.spec import ChartSpec
from allteach.stats.charts import compute
from allteach.stats.reading import read
from allteach.stats.series import Panel
from allteach.stats.signals import evaluate
from allteach.units import Direction, Grain, Period, Unit, ValueFormat, periods_between

SITES, MONTHS = 60, 36


def main() -> None:
    """Print one line for each job: milliseconds (best of 5) and KiB."""
    rng = np.random.default_rng(1)
    size = rng.integers(40, 200, (SITES, MONTHS)).astype(float)
    panel = Panel(numerator=rng.binomial(size.astype(int), 0.12).astype(float), denominator=size)
    first = Period(date(2023, 1, 1), Grain.MONTH)
    periods = periods_between(first, first.next(MONTHS - 1))

    def specs(brief: bool) -> tuple[ChartSpec, ...]:
        limits = compute("p", panel)
        signals = evaluate(limits, "eight_in_a_row")
        reading = read(limits, signals, direction=Direction.LOWER, target=0.1)
        made = [
            build.control(
                About("Readmission", periods, site=f"Site {at + 1}", format=ValueFormat(Unit.PERCENT),
                      direction=Direction.LOWER, target=0.1, counted="patients"),
                panel, limits, signals, reading, at=(at,), brief=brief,
            )
            for at in range(SITES)
        ]  # fmt: skip
        return build.on_one_scale(made)

    small, whole = specs(True), specs(False)
    page = "".join(svg.draw(spec, "small") for spec in small)
    report("60 charts: limits, signals, words", lambda: specs(True))
    report("60 small drawings", lambda: [svg.draw(spec, "small") for spec in small])
    print(f"{'60 small drawings, compressed':<40} {len(gzip.compress(page.encode())) / 1024:10.1f} KiB")
    report("5,000 spark lines", lambda: [svg.spark([point.value for point in small[0].points]) for _ in range(5000)])
    report("1 chart for a page", lambda: svg.draw(whole[0], "page"))
    report("1 PNG", lambda: png.draw(whole[0]))
    report("10 slides, pictures", lambda: pptx.draw(whole[:10]))
    report("10 slides, editable", lambda: pptx.draw(whole[:10], editable=True))
    report("60 charts in a PDF with tables", lambda: pdf.draw(whole))


def report(name: str, job: Callable[[], object], rounds: int = 5) -> None:
    """Print the shortest of some runs in processor time."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        job()
        best = min(best, time.process_time() - start)
    print(f"{name:<40} {best * 1000:10.1f} ms")


if __name__ == "__main__":
    main()
