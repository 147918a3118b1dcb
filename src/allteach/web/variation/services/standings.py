"""Keeping what every chart says, so that a page of thousands of charts is one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import isfinite
from typing import Any

from django.db import transaction
from django.utils import timezone

from allteach.web.ledger.services import record
from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import measures_of, panel
from allteach.web.people.models import Person
from allteach.web.sites.models import Network
from allteach.web.variation.charting import Line, Question, lines_of
from allteach.web.variation.models import Standing
from allteach.web.variation.policies import small_charts
from allteach.web.variation.selectors.charts import decided
from allteach.web.variation.services.proposals import proposals_write
from allteach.web.variation.wording import CHANGED

SPARK_POINTS = 36
UNJUDGED = "The points cannot be judged: they give no limits and no runs."
Said = dict[tuple[int, int | None], tuple[str, date | None]]


@transaction.atomic
def refresh_standings(*, network: Network, by: Person, measures: Iterable[Measure] | None = None) -> dict[str, int]:
    """Return how many charts say something new after every standing was computed afresh.

    Args:
        network: The network.
        by: Who asked, or whose file changed the numbers.
        measures: Only these; None for all.
    """
    chosen = list(measures_of(user=by, network=network)) if measures is None else list(measures)
    facts = standings_write(network, chosen, by=by)
    record(by=by, action="standings.refreshed", network=network, about=f"{len(chosen)} measures", **facts)
    return facts


def standings_write(network: Network, measures: Sequence[Measure], *, by: Person) -> dict[str, int]:
    """Return facts about what changed; replaces the standings of these measures and writes proposals of phases.

    For use inside another service of this room, which writes the ledger entry.
    """
    before = _said(measures)
    rows: list[Standing] = []
    proposed = 0
    for measure in measures:
        found = panel(user=by, measure=measure, joined=True)
        if found is None:
            continue
        agreed, waiting = decided(measure=measure)
        lines = lines_of(found, Question(measure, found.card, measure.rule_set or network.rule_set, agreed))
        hidden, closed = small_charts(found, network.small_count)
        withheld = {site.pk for site, gone in zip(found.sites, hidden, strict=True) if gone}
        rows += [
            _standing(measure, line, small=closed if line.site is None else line.site.pk in withheld) for line in lines
        ]
        proposed += proposals_write(measure, lines, waiting)
    Standing.objects.filter(measure__in=[measure.pk for measure in measures]).delete()
    Standing.objects.bulk_create(rows, batch_size=500)
    new = sum(
        1
        for row in rows
        if row.variation in CHANGED
        and before.get((row.measure_id, row.site_id), ("", None)) != (row.variation, row.since)
    )
    return {"new_signals": new, "new_proposals": proposed}


def _said(measures: Sequence[Measure]) -> Said:
    kept = Standing.objects.filter(measure__in=[m.pk for m in measures]).values_list(
        "measure_id", "site_id", "variation", "since"
    )
    return {(measure, site): (variation, since) for measure, site, variation, since in kept}


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
