"""Why this chart: the reasons of the chart helper in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from allteach.charts.voice import ENGLISH, Voice, gettext_noop
from allteach.charts.words.standing import kind_name

if TYPE_CHECKING:
    from allteach.stats.advice import Advice, Reason

_REASONS: Final[Mapping[str, str]] = {
    "few_points": gettext_noop(
        "There are {points:.0f} points; limits need {needed:.0f}, so a median is drawn instead."
    ),
    "proportion": gettext_noop("Each point is a share of cases."),
    "rate": gettext_noop("Each point is events for the time or cases at risk."),
    "count": gettext_noop("Each point is a count of events."),
    "value": gettext_noop("Each point is one value."),
    "mean": gettext_noop("Each point is a mean of cases."),
    "gap_cases": gettext_noop("Each point counts the cases between two events."),
    "gap_time": gettext_noop("Each point is the time between two events."),
    "rare_events": gettext_noop(
        "Events are rare ({events_per_period:.1f} in a period); the time between them would show more."
    ),
    "few_events": gettext_noop("Events are few ({events_per_period:.1f} in a period), so the limits are rough."),
    "more_variation": gettext_noop(
        "Periods vary {factor:.1f} times as much as by chance; the limits are wider for that."
    ),
    "less_variation": gettext_noop("Periods vary less than by chance; check if the same cases are counted twice."),
    "equal_denominators": gettext_noop("What stands at risk is the same in every period."),
    "skewed": gettext_noop("Values have a long tail; a log scale may show them better."),
    "no_spread": gettext_noop("The spread within a period is not known."),
    "zero_gaps": gettext_noop("Some events follow each other at once, which a t chart cannot show."),
    "season": gettext_noop("Much of the change comes with the season; signals may be no more than that."),
    "alike_neighbours": gettext_noop("Neighbouring points are alike, so signals come more often by chance."),
    "one_value": gettext_noop("More than half of the points have the same value, so limits would say little."),
}


def reason(entry: Reason, voice: Voice = ENGLISH) -> str:
    """Return one reason in a sentence."""
    text = _REASONS.get(entry.key)
    return voice.gettext(text).format(**entry.numbers) if text else ""


def advice(found: Advice, voice: Voice = ENGLISH) -> tuple[str, ...]:
    """Return why a chart was chosen and what to keep in mind, one sentence each."""
    first = voice.gettext("{kind} chosen.").format(kind=kind_name(found.kind, voice=voice))
    return (first, *(said for entry in (*found.reasons, *found.warnings) if (said := reason(entry, voice))))
