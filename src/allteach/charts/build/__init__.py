"""Builders: statistics and facts in, a complete `ChartSpec` out."""

from __future__ import annotations

from allteach.charts.build.monitor import Running, running
from allteach.charts.build.over_time import control, on_one_scale
from allteach.charts.build.sites import About as AboutSites
from allteach.charts.build.sites import Row, caterpillar, funnel

__all__ = ["AboutSites", "Row", "Running", "caterpillar", "control", "funnel", "on_one_scale", "running"]
