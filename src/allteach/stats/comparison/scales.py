"""Scales on which funnels can be drawn: the exact distribution, or a transformed value with normal limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from allteach.errors import StatsError
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Scale:
    """A transformation with its inverse and the chance variance of a transformed value at size 1."""

    forward: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]
    unit_variance: Callable[[Floats], Floats]


def _angle_back(angle: Floats) -> Floats:
    # Beyond these ends the sine would come back and small sites would look ordinary.
    return np.sin(np.clip(angle, 0.0, np.pi / 2.0)) ** 2


SCALES = {
    "arcsine": Scale(lambda v: np.arcsin(np.sqrt(v)), _angle_back, lambda t: np.full_like(t, 0.25)),
    "sqrt": Scale(np.sqrt, lambda v: np.square(np.maximum(v, 0.0)), lambda t: np.full_like(t, 0.25)),
    "log": Scale(np.log, np.exp, lambda t: 1.0 / t),
}
ALLOWED = {"proportion": ("exact", "arcsine"), "rate": ("exact", "sqrt", "log"), "ratio": ("exact", "sqrt", "log")}


def scale_of(name: str, kind: str) -> Scale | None:
    """Return the scale, or None for exact limits.

    Raises:
        StatsError: ``AT-S-121`` when this kind of funnel has no such scale.
    """
    if name not in ALLOWED[kind]:
        raise StatsError("AT-S-121", f"A funnel of a {kind} has no scale {name!r}.", expected=", ".join(ALLOWED[kind]))
    return SCALES.get(name)
