"""Charts in one call, for notebooks and the command line: data in, a chart with its statistics and words out."""

from __future__ import annotations

from allteach.charts.study.between_sites import FunnelChart, funnel
from allteach.charts.study.how import How
from allteach.charts.study.over_time import Chart, Multiples, chart, sites

__all__ = ["Chart", "FunnelChart", "How", "Multiples", "chart", "funnel", "sites"]
