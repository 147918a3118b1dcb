"""Every write of this room."""

from allteach.web.variation.services.annotations import annotation_add, annotation_withdraw
from allteach.web.variation.services.exclusions import point_exclude, point_include
from allteach.web.variation.services.phases import Decision, phase_decide, phase_propose, phases_decide
from allteach.web.variation.services.standings import refresh_standings

__all__ = [
    "Decision",
    "annotation_add",
    "annotation_withdraw",
    "phase_decide",
    "phase_propose",
    "phases_decide",
    "point_exclude",
    "point_include",
    "refresh_standings",
]
