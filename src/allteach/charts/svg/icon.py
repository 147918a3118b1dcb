"""The two icons beside every measure. The words stand next to them, so they are decoration for a screen reader."""

from __future__ import annotations

from allteach.charts.palette import LIMIT, PAPER, STATE, TARGET
from allteach.charts.spec import Shape
from allteach.charts.svg.ink import outline

_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">'


def variation_icon(variation: str, side: int = 0) -> str:
    """Return the icon of *is it changing?*: triangle, diamond, square, dot, or an open ring for no verdict yet.

    Example:
        >>> "#0079c2" in variation_icon("improving", -1)
        True
    """
    if variation in ("improving", "concerning", "changed"):
        shape = Shape(variation)
        return f'{_OPEN}<path d="{outline(shape, side, 8, 8, 5)}" fill="{STATE[shape]}"/></svg>'
    if variation == "common":
        return f'{_OPEN}<circle cx="8" cy="8" r="5" fill="{STATE[Shape.COMMON]}"/></svg>'
    return f'{_OPEN}<circle cx="8" cy="8" r="4.5" fill="{PAPER}" stroke="{LIMIT}" stroke-dasharray="2 2"/></svg>'


def assurance_icon(assurance: str) -> str:
    """Return the icon of *will it meet the aim?*: inside, across or outside the ring of a target."""
    ring = f'<circle cx="8" cy="8" r="5" fill="none" stroke="{TARGET}" stroke-width="1.5"/>'
    if assurance == "meets":
        return f'{_OPEN}{ring}<circle cx="8" cy="8" r="2.2" fill="{TARGET}"/></svg>'
    if assurance == "varies":
        return f'{_OPEN}{ring}<path d="M1 11l5-6 4 6 5-6" fill="none" stroke="{TARGET}" stroke-width="1.5"/></svg>'
    if assurance == "misses":
        return f'{_OPEN}{ring}<path d="M2 2l12 12" stroke="{TARGET}" stroke-width="1.5"/></svg>'
    return f'{_OPEN}<circle cx="8" cy="8" r="5" fill="none" stroke="{LIMIT}" stroke-dasharray="2 2"/></svg>'
