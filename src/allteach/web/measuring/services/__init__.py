"""Every change to measures and to what they came to."""

from allteach.web.measuring.services.cards import change_settings, create_measure, revise
from allteach.web.measuring.services.frozen import freeze
from allteach.web.measuring.services.life import check, pilot, release, retain, retire
from allteach.web.measuring.services.results import recompute

__all__ = [
    "change_settings",
    "check",
    "create_measure",
    "freeze",
    "pilot",
    "recompute",
    "release",
    "retain",
    "retire",
    "revise",
]
