"""Every write of this room."""

from allteach.web.variation.services.annotations import annotation_add, annotation_withdraw
from allteach.web.variation.services.casemix import Recipe, case_mix_fit
from allteach.web.variation.services.exclusions import point_exclude, point_include
from allteach.web.variation.services.phases import Decision, phase_decide, phase_propose, phases_decide
from allteach.web.variation.services.standings import refresh_standings

__all__ = [
    "Decision",
    "Recipe",
    "annotation_add",
    "annotation_withdraw",
    "case_mix_fit",
    "phase_decide",
    "phase_propose",
    "phases_decide",
    "point_exclude",
    "point_include",
    "refresh_standings",
]
