"""Why this chart: the reasons of the chart helper in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from allteach.charts.voice import ENGLISH, N_, Voice
from allteach.charts.words.standing import kind_name

if TYPE_CHECKING:
    from allteach.stats.advice import Advice, Reason

_REASONS: Final[Mapping[str, str]] = {
    "few_points": N_("There are {points:.0f} points; limits need {needed:.0f}, so a median is drawn instead."),
    "proportion": N_("Each point is a share of cases."),
    "rate": N_("Each point is events for the time or cases at risk."),
    "count": N_("Each point is a count of events."),
    "value": N_("Each point is one value."),
    "mean": N_("Each point is a mean of cases."),
    "gap_cases": N_("Each point counts the cases between two events."),
    "gap_time": N_("Each point is the time between two events."),
    "rare_events": N_("Events are rare ({events_per_period:.1f} in a period); the time between them would show more."),
    "few_events": N_("Events are few ({events_per_period:.1f} in a period), so the limits are rough."),
    "more_variation": N_("Periods vary {factor:.1f} times as much as by chance; the limits are wider for that."),
    "less_variation": N_("Periods vary less than by chance; check if the same cases are counted twice."),
    "equal_denominators": N_("What stands at risk is the same in every period."),
    "skewed": N_("Values have a long tail; a log scale may show them better."),
    "no_spread": N_("The spread within a period is not known."),
    "zero_gaps": N_("Some events follow each other at once, which a t chart cannot show."),
    "season": N_("Much of the change comes with the season; signals may be no more than that."),
    "alike_neighbours": N_("Neighbouring points are alike, so signals come more often by chance."),
    "one_value": N_("More than half of the points have the same value, so limits would say little."),
}  # fmt: skip


def reason(entry: Reason, voice: Voice = ENGLISH) -> str:
    """Return one reason in a sentence."""
    text = _REASONS.get(entry.key)
    return voice.gettext(text).format(**entry.numbers) if text else ""


def advice(found: Advice, voice: Voice = ENGLISH) -> tuple[str, ...]:
    """Return why a chart was chosen and what to keep in mind, one sentence each."""
    first = voice.gettext("{kind} chosen.").format(kind=kind_name(found.kind, voice=voice))
    return (first, *(said for entry in (*found.reasons, *found.warnings) if (said := reason(entry, voice))))
