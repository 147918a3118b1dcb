"""What one chart says, as the row that the matrix is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isfinite
from typing import Any

from django.utils import timezone

from allteach.web.measuring.engine import end_of
from allteach.web.measuring.models import Measure
from allteach.web.measuring.panels import MeasurePanel
from allteach.web.measuring.selectors import panel
from allteach.web.sites.models import Network
from allteach.web.variation.asked import Asked
from allteach.web.variation.charting import Line, Question, lines_of
from allteach.web.variation.models import Standing
from allteach.web.variation.policies import small_charts
from allteach.web.variation.selectors.charts import decided

SPARK_POINTS = 36
UNJUDGED = "The points cannot be judged: they give no limits and no runs."


def standings_of(user: Any, network: Network, measure: Measure, *, as_of: date) -> list[Standing]:
    """Return what every chart of a measure said as known at the end of a day. Nothing is stored."""
    found = panel(user=user, measure=measure, as_of=as_of, joined=True)
    if found is None:
        return []
    agreed, _waiting = decided(measure=measure, as_of=end_of(as_of))
    rules = measure.rule_set or network.rule_set
    lines = lines_of(found, Question(measure, found.card, rules, agreed, Asked(as_known=as_of)))
    return standings_for(network, measure, found, lines)


def standings_for(network: Network, measure: Measure, found: MeasurePanel, lines: Sequence[Line]) -> list[Standing]:
    """Return the standings of these charts, not yet stored."""
    hidden, closed = small_charts(found, network.small_count)
    withheld = {site.pk for site, gone in zip(found.sites, hidden, strict=True) if gone}
    return [_standing(measure, line, small=closed if line.site is None else line.site.pk in withheld) for line in lines]


def _standing(measure: Measure, line: Line, *, small: bool) -> Standing:
    latest = line.latest
    before, after = line.levels()
    numerator, denominator = _parts(line, latest)
    since = line.since or line.settled
    return Standing(
        measure=measure,
        site=line.site,
        variation=line.variation,
        side=line.side,
        since=since.start if since is not None else None,
        rule=str(line.reading.rule[line.at]),
        assurance=str(line.reading.assurance[line.at]),
        why=_why(line),
        period=line.periods[latest].start if latest >= 0 else None,
        value=_number(line.value[latest]) if latest >= 0 else None,
        numerator=numerator,
        denominator=denominator,
        points=line.points,
        before=before,
        after=after,
        small=small,
        computed_at=timezone.now(),
        spark=[_rounded(value) for value in line.value[max(line.breaks, default=0) :][-SPARK_POINTS:]],
    )


def _why(line: Line) -> str:
    """Return why the chart cannot be judged, as it is to be translated; empty where it can."""
    if line.variation != "unjudged":
        return ""
    problem = line.alone.problem
    return problem.reason if problem is not None else UNJUDGED


def _parts(line: Line, latest: int) -> tuple[float | None, float | None]:
    """Return numerator and denominator of the latest point (patients behind a mean as the denominator)."""
    if latest < 0:
        return None, None
    panel = line.block.panel
    if panel.total is not None:
        return None, _number(panel.n[line.at, latest])
    below = _number(panel.denominator[line.at, latest]) if panel.denominator is not None else None
    return _number(panel.numerator[line.at, latest]), below


def _number(value: Any) -> float | None:
    return float(value) if isfinite(value) else None


def _rounded(value: Any) -> float | None:
    """Return the value with four digits: a spark line needs no more."""
    return float(f"{value:.4g}") if isfinite(value) else None
