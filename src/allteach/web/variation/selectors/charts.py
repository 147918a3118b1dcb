"""Reading one measure: its charts with everything people decided about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.http import Http404

from allteach.web.measuring.engine import end_of
from allteach.web.measuring.models import Measure
from allteach.web.measuring.panels import MeasurePanel
from allteach.web.measuring.selectors import panel
from allteach.web.quality.selectors import Doubts, doubts_of
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import Naming, naming_for
from allteach.web.variation.asked import Asked
from allteach.web.variation.charting import Agreed, Line, Question, lines_of
from allteach.web.variation.models import Annotation, Phase, PointExclusion
from allteach.web.variation.policies import Openness, openness_of


@dataclass(frozen=True, slots=True)
class Charted:
    """One measure, computed for the network and every site that reports.

    Attributes:
        network: Where.
        measure: What.
        found: The panel: sites x periods.
        question: How it was computed.
        lines: The network line first, where there is one, then the sites in the panel's order.
        naming: Who is named for this person.
        openness: Whose numbers this person may see.
        proposals: Phases that wait for a decision, by site id (None for the network line).
        others: All periods by each version of the measure, where they are to be drawn beside.
        doubts: Which points are in doubt, and who is on it.
    """

    network: Network
    measure: Measure
    found: MeasurePanel
    question: Question
    lines: tuple[Line, ...]
    naming: Naming
    openness: Openness
    proposals: dict[int | None, tuple[Phase, ...]]
    others: tuple[MeasurePanel, ...] = ()
    doubts: Doubts = field(default_factory=Doubts)

    @property
    def whole(self) -> Line | None:
        """The network line."""
        return next((line for line in self.lines if line.site is None), None)

    @property
    def sites(self) -> tuple[Line, ...]:
        """The sites' lines."""
        return tuple(line for line in self.lines if line.site is not None)

    def line(self, site: Site | None) -> Line | None:
        """Return one line; None when there are no data."""
        key = site.pk if site is not None else None
        return next((line for line in self.lines if (line.site.pk if line.site else None) == key), None)

    def site_of(self, key: str) -> Site:
        """Return the site that an address names.

        Raises:
            Http404: none, or one that this person sees by letter only.
        """
        site = self.naming.find(self.found.sites, key)
        if site is None and self.naming.named is None:
            # Who may know every name can open an address that a blinded reader sent.
            letter = key.removeprefix("letter-").upper()
            site = next((s for s in self.found.sites if s.letter.upper() == letter), None)
        if site is None:
            raise Http404
        return site


def charted(*, user: Any, network: Network, measure: Measure, asked: Asked | None = None) -> Charted | None:
    """Return a measure's charts as one person may see them; None when its card is not released.

    Args:
        user: Who asks.
        network: The network.
        measure: The measure.
        asked: Rule set, last period, baseline and phases other than agreed.
    """
    asked = asked or Asked()
    found = panel(
        user=user,
        measure=measure,
        as_of=asked.as_known,
        stratum=asked.stratum,
        joined=True,
        number=asked.version,
    )
    if found is None:
        return None
    agreed, proposals = decided(measure=measure, as_of=end_of(asked.as_known) if asked.as_known else None)
    rule_set = asked.rules or measure.rule_set or network.rule_set
    question = Question(measure, found.card, rule_set, agreed, asked)
    naming = naming_for(user=user, network=network, measure=measure)
    return Charted(
        network=network,
        measure=measure,
        found=found,
        question=question,
        lines=tuple(lines_of(found, question)),
        naming=naming,
        openness=openness_of(naming, found, another_state=asked.another_state),
        proposals={} if asked.as_known else proposals,
        others=_others(user, measure, found, asked),
        # What is in doubt is so today; of an earlier day nobody knows.
        doubts=Doubts() if asked.as_known else doubts_of(user=user, network=network, card=found.card),
    )


def _others(user: Any, measure: Measure, found: MeasurePanel, asked: Asked) -> tuple[MeasurePanel, ...]:
    """Return all periods by each of the versions that a chart is made of, where somebody asks to see both."""
    if not asked.both or not found.breaks:
        return ()
    numbers = [found.breaks[0].before, *(item.number for item in found.breaks)]
    panels = [
        panel(user=user, measure=measure, sites=found.sites, as_of=asked.as_known, stratum=asked.stratum, number=number)
        for number in numbers
    ]
    return tuple(item for item in panels if item is not None)


def decided(*, measure: Measure, as_of: datetime | None = None) -> tuple[Agreed, dict[int | None, tuple[Phase, ...]]]:
    """Return what people decided about a measure's charts, and what waits; with `as_of` what was decided then."""
    phases: dict[int | None, list[Phase]] = defaultdict(list)
    waiting: dict[int | None, list[Phase]] = defaultdict(list)
    rows = Phase.objects.filter(measure=measure).exclude(status=Phase.Status.REJECTED).order_by("start")
    if as_of is not None:
        rows = rows.filter(decided_at__lte=as_of)
    for phase in rows.select_related("decided_by", "proposed_by", "linked"):
        (phases if phase.status == Phase.Status.ACCEPTED else waiting)[phase.site_id].append(phase)
    exclusions: dict[int | None, list[PointExclusion]] = defaultdict(list)
    kept = Q(included_at__isnull=True)
    if as_of is not None:
        kept = Q(excluded_at__lte=as_of) & (kept | Q(included_at__gt=as_of))
    for exclusion in PointExclusion.objects.filter(kept, measure=measure):
        exclusions[exclusion.site_id].append(exclusion)
    return Agreed(_tuples(phases), _tuples(exclusions)), _tuples(waiting)


def _tuples(groups: dict[int | None, list[Any]]) -> dict[int | None, tuple[Any, ...]]:
    return {key: tuple(rows) for key, rows in groups.items()}


def annotations_for(*, measure: Measure, site: Site | None, as_known: date | None = None) -> list[Annotation]:
    """Return the notes on one chart, by day: of its site, of every site, of this measure or of all."""
    standing = Q(withdrawn_at__isnull=True)
    if as_known is not None:
        moment = end_of(as_known)
        standing = Q(written_at__lte=moment) & (standing | Q(withdrawn_at__gt=moment))
    notes = Annotation.objects.filter(standing, network=measure.network_id)
    notes = notes.filter(measure__isnull=True) | notes.filter(measure=measure)
    own: Iterable[Annotation] = notes.select_related("written_by", "site").order_by("on", "id")
    key = site.pk if site is not None else None
    return [note for note in own if note.site_id is None or note.site_id == key]
