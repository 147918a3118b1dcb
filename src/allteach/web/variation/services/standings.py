"""Keeping what every chart says, so that a page of thousands of charts is one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from allteach.web.ledger.services import record
from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import measures_of, panel
from allteach.web.people.models import Person
from allteach.web.sites.models import Network
from allteach.web.variation.charting import Question, lines_of
from allteach.web.variation.models import Standing
from allteach.web.variation.selectors.charts import decided
from allteach.web.variation.services.proposals import proposals_write
from allteach.web.variation.standing import standings_for
from allteach.web.variation.wording import CHANGED

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
        rows += standings_for(network, measure, found, lines)
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
