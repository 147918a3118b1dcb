"""The small-number rule: what may be shown, and the proof that totals do not give the rest away."""

from allteach.stats.disclosure.attack import exposed, feasible_ranges
from allteach.stats.disclosure.rule import DEFAULT, SmallNumbers, small, small_difference, small_proportion
from allteach.stats.disclosure.table import Suppressed, SuppressedProportion, suppress, suppress_proportion

__all__ = [
    "DEFAULT",
    "SmallNumbers",
    "Suppressed",
    "SuppressedProportion",
    "exposed",
    "feasible_ranges",
    "small",
    "small_difference",
    "small_proportion",
    "suppress",
    "suppress_proportion",
]
