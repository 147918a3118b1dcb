"""Phases that the software proposes. They wait in a queue; nothing is re-fitted before a person accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils import timezone

from allteach.errors import NotEstimable
from allteach.stats.phases import Change, propose
from allteach.web.measuring.models import Measure
from allteach.web.variation.charting import Line
from allteach.web.variation.models import Phase

NORMAL_95 = 1.959964  # standard errors on each side of a 95 % interval


def proposals_write(measure: Measure, lines: Sequence[Line], waiting: Mapping[int | None, Sequence[Phase]]) -> int:
    """Return how many phases were newly proposed.

    A start that people decided on before is not proposed again. A proposal of the software that the newer data no
    longer support is taken back while nobody has decided on it.
    """
    decided = {
        (site, start)
        for site, start in Phase.objects.filter(measure=measure)
        .exclude(status=Phase.Status.PROPOSED)
        .values_list("site_id", "start")
    }
    fresh: list[Phase] = []
    gone: list[int] = []
    everything = _seen(lines)
    for line in lines:
        key = line.site.pk if line.site is not None else None
        wanted = {start: seen for start, seen in everything.get(key, {}).items() if (key, start) not in decided}
        held = {phase.start: phase for phase in waiting.get(key, ())}
        fresh += [
            Phase(measure=measure, site=line.site, start=start, proposal=seen, proposed_at=timezone.now())
            for start, seen in wanted.items()
            if start not in held
        ]
        gone += [phase.pk for start, phase in held.items() if phase.proposed_by_id is None and start not in wanted]
    Phase.objects.filter(pk__in=gone, status=Phase.Status.PROPOSED).delete()
    Phase.objects.bulk_create(fresh)
    return len(fresh)


def _strength(change: Change | NotEstimable) -> float:
    """Return how far the level moved in standard errors; 0 where that cannot be told."""
    if isinstance(change, NotEstimable):
        return 0.0
    half = (change.difference.high - change.difference.low) / 2
    return round(min(abs(change.difference.estimate) / half * NORMAL_95, 99.0), 2) if half > 0 else 0.0


def _seen(lines: Sequence[Line]) -> dict[int | None, dict[date, dict[str, object]]]:
    """Return what the software sees: chart -> first day of the new phase -> facts. Charts of one batch together."""
    batches: dict[int, list[Line]] = {}
    for line in lines:
        batches.setdefault(id(line.block), []).append(line)
    found: dict[int | None, dict[date, dict[str, object]]] = {}
    for members in batches.values():
        first = members[0]
        by_row = {line.at: line for line in members}
        for proposal in propose(first.limits.kind, first.block.panel.without(first.block.incomplete), plan=first.plan):
            line = by_row[proposal.series[0]]
            key = line.site.pk if line.site is not None else None
            found.setdefault(key, {})[line.periods[proposal.start].start] = {
                "run": proposal.run,
                "points": proposal.points,
                "side": proposal.side,
                "before": proposal.before,
                "after": proposal.after,
                "z": _strength(proposal.change),
            }
    return found
