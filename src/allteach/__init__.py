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
    "propose": "allteach.stats.phases",
    "recommend": "allteach.stats.advice",
    "shrink": "allteach.stats.comparison",
    "mixed_model": "allteach.stats.comparison",
    "expected_ranks": "allteach.stats.comparison",
    "variance_components": "allteach.stats.comparison",
    "bright_spots": "allteach.stats.comparison",
    "network_line": "allteach.stats.comparison",
    "equity_gaps": "allteach.stats.comparison",
    "false_discovery": "allteach.stats.comparison",
    "standardised_ratios": "allteach.stats.comparison",
    "fit_risk_model": "allteach.stats.comparison",
    "risk_monitor": "allteach.stats.comparison",
    "by_period": "allteach.stats.comparison",
    "limit_for_run_length": "allteach.stats.comparison",
    "top_quarter": "allteach.stats.comparison",
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
    "bright_spots",
    "by_period",
    "chart",
    "compute",
    "equity_gaps",
    "evaluate",
    "expected_ranks",
    "false_discovery",
    "fit_risk_model",
    "funnel",
    "limit_for_run_length",
    "mixed_model",
    "network_line",
    "propose",
    "read",
    "recommend",
    "risk_monitor",
    "shrink",
    "sites",
    "standardised_ratios",
    "top_quarter",
    "variance_components",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'allteach' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
