"""Every change to measures and to what they came to."""

from allteach.web.measuring.services.cards import (
    change_settings,
    create_measure,
    release,
    retire,
    revise,
)
from allteach.web.measuring.services.results import recompute

__all__ = ["change_settings", "create_measure", "recompute", "release", "retire", "revise"]
