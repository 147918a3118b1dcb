"""allteach: run a clinical learning network. All teach, all learn.

In a notebook::

    import allteach

    falls = allteach.chart("falls.csv", numerator="falls", denominator="bed_days", date="month", direction="lower")
    falls                    # draws the chart
    falls.sentence           # says it in words
    falls.save("falls.pptx") # makes the slide

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "chart": "allteach.charts.study.over_time",
    "sites": "allteach.charts.study.over_time",
    "funnel": "allteach.charts.study.between_sites",
    "Panel": "allteach.stats.series",
    "Plan": "allteach.stats.results",
    "compute": "allteach.stats.charts",
    "evaluate": "allteach.stats.signals",
    "read": "allteach.stats.reading",
    "RULE_SETS": "allteach.stats.signals",
    "Direction": "allteach.units",
    "Period": "allteach.units",
    "ValueFormat": "allteach.units",
    "Remark": "allteach.charts.about",
    "NotEstimable": "allteach.errors",
    "AllteachError": "allteach.errors",
}

__all__ = [
    "RULE_SETS",
    "AllteachError",
    "Direction",
    "NotEstimable",
    "Panel",
    "Period",
    "Plan",
    "Remark",
    "ValueFormat",
    "__version__",
    "chart",
    "compute",
    "evaluate",
    "funnel",
    "read",
    "sites",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'allteach' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
