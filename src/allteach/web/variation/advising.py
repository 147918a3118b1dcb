"""The chart helper in words: which chart suits a measure's data, why, and what to keep in mind."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from allteach.charts.words import kind_name
from allteach.errors import StatsError
from allteach.measures.card import Card, MeasureKind
from allteach.stats.advice import Advice, Reason, recommend, time_warnings
from allteach.stats.series import Panel
from allteach.units import Grain
from allteach.web.variation.charting import Line
from allteach.web.variation.presenting import voice

_SEASONS = {Grain.DAY: 7, Grain.WEEK: 52, Grain.MONTH: 12, Grain.QUARTER: 4}

_NATURES = {
    MeasureKind.PROPORTION: "proportion",
    MeasureKind.BUNDLE: "proportion",
    MeasureKind.RATE: "rate",
    MeasureKind.OBSERVED_EXPECTED: "rate",
    MeasureKind.COUNT: "count",
    MeasureKind.MEAN: "mean",
    MeasureKind.DURATION: "mean",
    MeasureKind.MEDIAN: "value",
    MeasureKind.TIME_BETWEEN: "gap_time",
    MeasureKind.CASES_BETWEEN: "gap_cases",
}


def advice_for(card: Card, panel: Panel) -> Advice | None:
    """Return the helper's advice for a measure; None when its data cannot be judged."""
    try:
        return recommend(panel, nature=_NATURES[card.kind], log=card.log)
    except StatsError:
        return None


def keep_in_mind(line: Line) -> list[str]:
    """Return what makes ordinary periods of a chart look unusual: season, and neighbours that are alike."""
    season = _SEASONS.get(line.periods[0].grain, 0) if line.periods else 0
    return [_reason(reason) for reason in time_warnings(line.limits, at=(line.at,), season=season)]


def advice_words(advice: Advice) -> dict[str, Any]:
    """Return the advice in words: the chart, the one for later, why, and what to keep in mind."""
    said = voice()
    return {
        "kind": advice.kind,
        "name": kind_name(advice.kind, voice=said),
        "then": kind_name(advice.then, voice=said) if advice.then else "",
        "reasons": [_reason(reason) for reason in advice.reasons],
        "warnings": [_reason(reason) for reason in advice.warnings],
    }


def _reason(reason: Reason) -> str:
    words = {
        "few_points": _(
            "There are %(points)s points; limits need %(needed)s. Until then a run chart says what can be said."
        ),
        "proportion": _("It is a share of cases, each with or without the event."),
        "rate": _("It counts events over an exposure that differs from period to period."),
        "count": _("It counts events while the exposure stays about the same."),
        "value": _("There is one value for each period."),
        "mean": _("It is a mean of cases, so the spread within each period is known."),
        "gap_cases": _("It counts cases from one event to the next."),
        "gap_time": _("It measures the time from one event to the next."),
        "rare_events": _("Events are so rare that most periods have none: time or cases between events says more."),
        "few_events": _("There are few events in each period, so limits are crude."),
        "more_variation": _(
            "Periods vary more than the cases alone explain (factor %(factor)s), so limits are widened."
        ),
        "less_variation": _("Periods vary less than cases alone would (factor %(factor)s); ask how the data are made."),
        "equal_denominators": _("Denominators are much the same, so a simpler chart would do as well."),
        "skewed": _("Values are skewed; the log scale shows them more fairly."),
        "no_spread": _("There is no spread within periods to set limits from."),
        "zero_gaps": _("Some events fell on the same day, so cases between events are counted instead of time."),
        "season": _("There is a season in these data; compare like months before reading a signal."),
        "alike_neighbours": _("Neighbouring points are alike, so runs come up more often than the rules expect."),
        "one_value": _("More than half of the points have one value, so runs mean nothing here."),
    }
    text = words.get(reason.key, reason.key)
    return text % {key: f"{value:.3g}" for key, value in reason.numbers.items()} if reason.numbers else text
