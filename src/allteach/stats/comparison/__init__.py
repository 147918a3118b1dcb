"""Comparing sites fairly: funnels, ratios, shrinkage, monitors, variation between sites, network lines."""

from allteach.stats.comparison.funnel import LEAVE_ONE_OUT, Funnel, FunnelCurve, funnel, funnel_of_means
from allteach.stats.comparison.overdispersion import Overdispersion

__all__ = ["LEAVE_ONE_OUT", "Funnel", "FunnelCurve", "Overdispersion", "funnel", "funnel_of_means"]
