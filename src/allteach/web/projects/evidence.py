"""What the record says about a project's measures, read for its sites with the baseline before they began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from allteach.stats import charts, reading, signals
from allteach.stats.results import Plan
from allteach.units import Direction, Unit
from allteach.web.measuring.models import Measure
from allteach.web.measuring.panels import MeasurePanel, pooled
from allteach.web.measuring.selectors import panel
from allteach.web.projects.evaluation import Evidence, Proposal, propose
from allteach.web.projects.models import Project
from allteach.web.projects.selectors import sites_now
from allteach.web.projects.services import pathway_of
from allteach.web.sites.models import Network

REACHED = "meets"


@dataclass(frozen=True, slots=True)
class MeasureReading:
    """What one measure says for the project's sites together.

    Attributes:
        measure: The measure.
        variation: improving, concerning, changed, common, too_few, unjudged or none.
        assurance: meets, misses, varies, no_target or too_few.
        since: First day of the period in which the change began, if there is one.
        value: Latest value on the inside scale; None where there is none.
        shown: The latest value in words, with its denominator.
        sites: Shares of the latest periods at each site, oldest first; for proportions only.
    """

    measure: Measure
    variation: str
    assurance: str
    since: Any
    value: float | None
    shown: str
    sites: tuple[tuple[float, ...], ...]


def measure_readings(*, user: Any, project: Project) -> list[MeasureReading]:
    """Return what every measure of the project says for the sites that take part today."""
    sites = sites_now(project)
    begun = project.cohorts.exclude(kind="comparison").order_by("starts").first()
    found = []
    for watched in project.measures.select_related("measure__network"):
        at_sites = panel(user=user, measure=watched.measure, sites=sites) if sites else None
        if at_sites is not None:
            found.append(_read(watched.measure, at_sites, begun.starts if begun else None))
    return found


def proposal(*, user: Any, project: Project) -> Proposal:
    """Return what the evaluation rule makes of the project's record."""
    rule = pathway_of(project).evaluation
    readings = measure_readings(user=user, project=project)
    return propose(
        gathered(readings),
        reliability=float(rule.get("reliability", 0.8)),
        reliable_periods=int(rule.get("reliable_periods", 3)),
        reliable_share=float(rule.get("reliable_share", 2 / 3)),
    )


def gathered(readings: list[MeasureReading]) -> Evidence:
    """Return the readings sorted into the parts of the rule."""
    outcomes = [r for r in readings if r.measure.kind == Measure.Kind.OUTCOME]
    process = [r.sites for r in readings if r.measure.kind == Measure.Kind.PROCESS and any(r.sites)]
    return Evidence(
        outcome=[r.variation for r in outcomes],
        aim_reached=[None if r.assurance == "no_target" else r.assurance == REACHED for r in outcomes],
        reliability=process[0] if process else (),
        balancing=[r.variation for r in readings if r.measure.kind == Measure.Kind.BALANCING],
    )


def _read(measure: Measure, at_sites: MeasurePanel, begun: Any) -> MeasureReading:
    together = pooled(at_sites)
    card = together.card
    before = sum(period.start < begun for period in together.periods) if begun else 0
    plan = Plan(baseline=before if before >= 2 else measure.baseline)
    limits = charts.compute(card.chart, together.panel, plan)
    rules = measure.rule_set or measure.network.rule_set
    marked = signals.evaluate(limits, rules)
    read = reading.read(limits, marked, direction=Direction(card.direction), target=measure.target)
    value, at = _latest(limits.value)
    since = int(read.since)
    return MeasureReading(
        measure=measure,
        variation=str(read.variation),
        assurance=str(read.assurance),
        since=together.periods[since].start if since >= 0 else None,
        value=value,
        shown=_shown(together, value, at, measure.network),
        sites=_shares(at_sites) if card.format.unit is Unit.PERCENT else (),
    )


def _latest(values: Any) -> tuple[float | None, int]:
    known = np.flatnonzero(np.isfinite(values))
    return (float(values[known[-1]]), int(known[-1])) if known.size else (None, -1)


def _shown(together: MeasurePanel, value: float | None, at: int, network: Network) -> str:
    """Return the latest value with its denominator; small counts are withheld, since packets are read by all."""
    if value is None:
        return ""
    here = together.panel
    top, below = (None if found is None else found[at] for found in (here.numerator, here.denominator))
    cases = [found for found in (top, below, None if here.n is None else here.n[at]) if found is not None]
    if top is not None and below is not None and together.card.format.unit is Unit.PERCENT:
        cases.append(below - top)
    if not network.open_counts and any(0 < count < network.small_count for count in cases):
        return _("withheld: fewer than %(least)s cases") % {"least": network.small_count}
    said = together.card.format.text(value)
    if top is None or below is None or not np.isfinite([top, below]).all():
        return said
    return f"{said} · {top:,.0f} / {below:,.0f}"


def _shares(at_sites: MeasurePanel, most: int = 12) -> tuple[tuple[float, ...], ...]:
    top, below = at_sites.panel.numerator, at_sites.panel.denominator
    if top is None or below is None:
        return ()
    shares = np.divide(top, below, out=np.full(top.shape, np.nan), where=below > 0)
    return tuple(tuple(float(v) for v in row[np.isfinite(row)][-most:]) for row in shares)
