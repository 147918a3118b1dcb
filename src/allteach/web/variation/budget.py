"""How many signals chance alone would show: the false-alarm budget of a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.utils.translation import gettext as _

from allteach.stats.signals import RULE_SETS

FEWEST = 12  # charts with fewer points get no verdict, so they raise no false signal


@lru_cache(maxsize=4096)
def rate_of(rule_set: str, points: int) -> float:
    """Return the share of charts of this length whose latest point carries a signal by chance alone."""
    rules = RULE_SETS.get(rule_set)
    return float(rules.false_standing_rate(points)) if rules is not None and points >= FEWEST else 0.0


def expected_false_signals(charts: Mapping[tuple[str, int], int]) -> float:
    """Return how many charts would carry a signal if nothing had changed anywhere.

    Args:
        charts: (rule set, points) -> number of charts.
    """
    return sum(number * rate_of(rule_set, points) for (rule_set, points), number in charts.items())


def budget_text(expected: float, *, page: bool = True) -> str:
    """Return the number in words: none, fewer than 0.1, one decimal below 10, whole above.

    Args:
        expected: False signals to expect.
        page: About everything on a page; False about charts named just before.
    """
    number = (
        "0"
        if expected <= 0
        else "0.1"
        if expected < 0.1
        else f"{expected:.1f}"
        if expected < 10
        else f"{expected:,.0f}"
    )
    if page:
        words = (
            _("no false signals expected on this page"),
            _("fewer than %(n)s false signals expected on this page"),
            _("about %(n)s false signals expected on this page"),
        )
    else:
        words = (
            _("none of them signals by chance alone"),
            _("fewer than %(n)s of them signal by chance alone"),
            _("about %(n)s of them signal by chance alone"),
        )
    return words[0 if expected <= 0 else 1 if expected < 0.1 else 2] % {"n": number}
