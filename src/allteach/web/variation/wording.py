"""Short words of the matrix and the lists: the two questions of a chart, each with one answer in a few words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from allteach.units import Direction, Grain, Period


@dataclass(frozen=True, slots=True)
class Word:
    """One answer as pages show it.

    Args:
        icon: Symbol on the page: u and d improving, w concerning, h and l changed, c common, f too few,
            q cannot be judged, n none.
        short: For narrow cells.
        full: For tags.
        tone: Class of the tag: good, bad, odd, flat.
    """

    icon: str
    short: Any
    full: Any
    tone: str


_VARIATION: dict[tuple[str, int], Word] = {
    ("improving", 1): Word("u", _("Better"), _("Improving"), "good"),
    ("improving", -1): Word("d", _("Better"), _("Improving"), "good"),
    ("concerning", 1): Word("w", _("Worse"), _("Worse"), "bad"),
    ("concerning", -1): Word("w", _("Worse"), _("Worse"), "bad"),
    ("changed", 1): Word("h", _("Higher"), _("Higher"), "odd"),
    ("changed", -1): Word("l", _("Lower"), _("Lower"), "odd"),
    ("changed", 0): Word("h", _("Changed"), _("Changed"), "odd"),
    ("common", 0): Word("c", _("No change"), _("No change"), "flat"),
    ("too_few", 0): Word("f", _("Too few"), _("Too few points yet"), "flat"),
    ("unjudged", 0): Word("q", _("Cannot judge"), _("Cannot be judged"), "flat"),
    ("none", 0): Word("n", _("No data"), _("No data"), "flat"),
}
_ASSURANCE = {
    "meets": _("Meets the aim"),
    "misses": _("Aim not yet met"),
    "varies": _("Hit and miss"),
    "no_target": _("No aim set"),
    "too_few": _("Cannot tell yet"),
}
_LIMIT_ASSURANCE = {
    "meets": _("Within the limit"),
    "misses": _("Outside the limit"),
}
CHANGED = ("improving", "concerning", "changed")


_STEADY = {
    "better": Word("c", _("Better, steady"), _("Steady at a better level"), "flat"),
    "worse": Word("c", _("Worse, steady"), _("Steady at a worse level"), "flat"),
    "": Word("c", _("New level"), _("Steady at a new level"), "flat"),
}


def settled(variation: str, side: int, direction: Direction) -> str:
    """Return ``better`` or ``worse`` for a chart that is steady in an agreed new phase; empty for all others."""
    if variation != "common" or not side or direction is Direction.NEITHER:
        return ""
    return "better" if (side > 0) == (direction is Direction.HIGHER) else "worse"


def variation_word(variation: str, side: int = 0, direction: Direction | None = None) -> Word:
    """Return the answer to "is it changing?"; improving and concerning without a side count as high.

    Args:
        variation: Of the standing or reading.
        side: +1 higher, -1 lower; for a chart without a signal the way of the latest agreed phase.
        direction: Which way is good; given, a steady chart says whether its new level is better.
    """
    if variation == "common" and side and direction is not None:
        return _STEADY[settled(variation, side, direction)]
    return (
        _VARIATION.get((variation, side))
        or _VARIATION.get((variation, 0))
        or _VARIATION.get((variation, 1))
        or _VARIATION["none", 0]
    )


def assurance_word(assurance: str, *, balancing: bool = False) -> Any:
    """Return the answer to "will it meet the aim?"; a balancing measure has a limit rather than an aim."""
    if balancing and assurance in _LIMIT_ASSURANCE:
        return _LIMIT_ASSURANCE[assurance]
    return _ASSURANCE.get(assurance, _ASSURANCE["no_target"])


def period_text(day: date | None, grain: Grain = Grain.MONTH) -> str:
    """Return the period that begins on this day in words of the page's language, empty for none."""
    if day is None:
        return ""
    if grain is Grain.MONTH:
        return date_format(day, "M Y")
    if grain in (Grain.QUARTER, Grain.YEAR):
        return Period(day, grain).label
    return date_format(day, "j M Y")
