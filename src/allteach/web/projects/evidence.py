"""What the record says about a project's measures, read for its sites with the baseline before they began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from allteach.stats import charts, reading, signals
from allteach.stats.results import Plan
from allteach.units import Direction, Unit
from allteach.web.measuring.models import Measure
from allteach.web.measuring.panels import MeasurePanel, pooled
from allteach.web.measuring.selectors import panel, strata_panels
from allteach.web.projects.effects import LATEST, Effect, Group, Link, effect, level, link, rows_of
from allteach.web.projects.evaluation import Evidence, Proposal, design_grade, propose
from allteach.web.projects.models import Aim, Cohort, Project
from allteach.web.projects.selectors import cohorts_of, sites_now
from allteach.web.projects.services import pathway_of
from allteach.web.sites.models import Network

REACHED = "meets"
BASELINE = 12  # points before the start that make a baseline


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
        sites: Site id -> shares of the latest periods, oldest first; for proportions only.
        effect: Levels before and after the change; None where there is no baseline.
        cohorts: Name of each cohort with its own levels before and after its own start.
        baseline: Points before the start.
        stable: Those points show nothing but chance.
        at_sites: The observations it was read from.
    """

    measure: Measure
    variation: str
    assurance: str
    since: Any
    value: float | None
    shown: str
    sites: Mapping[int, tuple[float, ...]]
    effect: Effect | None
    cohorts: tuple[tuple[str, Effect], ...]
    baseline: int
    stable: bool
    at_sites: MeasurePanel = field(repr=False)

    @property
    def effect_text(self) -> str:
        """The effect in words; empty where there is none."""
        return self.effect.text(self.at_sites.card) if self.effect else ""

    @property
    def cohort_texts(self) -> list[tuple[str, str]]:
        """Each cohort's effect in words."""
        return [(name, found.text(self.at_sites.card)) for name, found in self.cohorts]


def measure_readings(*, user: Any, project: Project) -> list[MeasureReading]:
    """Return what every measure of the project says for the sites that take part today."""
    sites = sites_now(project)
    cohorts = [cohort for cohort in cohorts_of(user=user, project=project) if cohort.kind != "comparison"]
    aims = Aim.objects.filter(project=project, site=None, withdrawn_at=None, target__isnull=False)
    targets = {aim.measure_id: aim.target for aim in aims}
    found = []
    for watched in project.measures.select_related("measure__network").prefetch_related("measure__versions"):
        at_sites = panel(user=user, measure=watched.measure, sites=sites) if sites else None
        if at_sites is not None and at_sites.periods:
            target = targets.get(watched.measure_id, watched.measure.target)
            found.append(_read(watched.measure, at_sites.without_incomplete(), cohorts, target))
    return found


def proposal(*, user: Any, project: Project) -> Proposal:
    """Return what the evaluation rule makes of the project's record."""
    return weighed(project, measure_readings(user=user, project=project), groups(user=user, project=project))


def thresholds(project: Project, process: MeasureReading | None) -> dict[str, Any]:
    """Return the thresholds of the pathway's evaluation rule; what is reliable is the process measure's own target.

    Where that measure has no target, the pathway says it.
    """
    rule = pathway_of(project).evaluation
    own = process.measure.target if process else None
    return {
        "reliability": float(rule.get("reliability", 0.8) if own is None else own),
        "reliable_periods": int(rule.get("reliable_periods", 3)),
        "reliable_share": float(rule.get("reliable_share", 2 / 3)),
        "least_grade": str(rule.get("least_grade", "")),
    }


def weighed(project: Project, readings: list[MeasureReading], found: Mapping[str, list[Group]]) -> Proposal:
    """Return what the rule makes of readings and groups of patients that were read before."""
    wider = pathway_of(project).spread.get("scope") != "all_sites" and bool(pathway_of(project).may_become)
    return propose(
        gathered(project, readings, found), wider=wider, **thresholds(project, process_of(project, readings))
    )


def gathered(project: Project, readings: list[MeasureReading], found: Mapping[str, list[Group]]) -> Evidence:
    """Return the readings sorted into the parts of the rule."""
    outcomes = [r for r in readings if r.measure.kind == Measure.Kind.OUTCOME]
    process = process_of(project, readings)
    return Evidence(
        outcome=[r.variation for r in outcomes],
        aim_reached=[None if r.assurance == "no_target" else r.assurance == REACHED for r in outcomes],
        reliability=list(process.sites.values()) if process else (),
        balancing=[r.variation for r in readings if r.measure.kind == Measure.Kind.BALANCING],
        equity=[group.variation for found_groups in found.values() for group in found_groups],
        design_grade=grade(project, readings),
    )


def process_of(project: Project, readings: list[MeasureReading]) -> MeasureReading | None:
    """Return the reading that says how reliable the process is.

    That of the bundle's own measure; without one, of the process measure that is done least often: a chain is as
    strong as its weakest link.
    """
    bundle = project.bundles.filter(status="published").first()
    process = [r for r in readings if r.measure.kind == Measure.Kind.PROCESS and any(r.sites.values())]
    if bundle and bundle.measure_id in {r.measure.pk for r in process}:
        return next(r for r in process if r.measure.pk == bundle.measure_id)
    return min(process, key=lambda r: 1.0 if r.value is None else r.value, default=None)


def reliable_ids(process: MeasureReading, rule: Mapping[str, Any]) -> set[int]:
    """Return the sites that were reliable in each of the latest periods."""
    n, least = rule["reliable_periods"], rule["reliability"]
    return {pk for pk, shares in process.sites.items() if len(shares) >= n and all(v >= least for v in shares[-n:])}


def linked(project: Project, readings: list[MeasureReading]) -> tuple[MeasureReading, Link] | None:
    """Return the first outcome with the levels of reliable sites and of the others; None where that says nothing."""
    process = process_of(project, readings)
    outcome = next((r for r in readings if r.measure.kind == Measure.Kind.OUTCOME), None)
    if process is None or outcome is None:
        return None
    found = link(outcome.at_sites, reliable_ids(process, thresholds(project, process)), outcome.measure.network)
    return (outcome, found) if found else None


def grade(project: Project, readings: list[MeasureReading]) -> str:
    """Return the grade of the design, A to D, from the cohorts on record and the baseline of the outcomes."""
    cohorts = list(project.cohorts.all())
    outcomes = [r for r in readings if r.measure.kind == Measure.Kind.OUTCOME]
    return design_grade(
        drawn=len({c.starts for c in cohorts if c.drawn}) + sum(c.drawn and c.kind == "comparison" for c in cohorts),
        compared=any(c.kind == "comparison" for c in cohorts),
        baseline=min((r.baseline for r in outcomes), default=0),
        stable=bool(outcomes) and all(r.stable for r in outcomes),
    )


def groups(*, user: Any, project: Project) -> dict[str, list[Group]]:
    """Return for each outcome that can be split what its groups of patients say, by the title of the measure."""
    sites = sites_now(project)
    cohorts = [c for c in cohorts_of(user=user, project=project) if c.kind != "comparison"]
    watched = project.measures.filter(measure__kind=Measure.Kind.OUTCOME).select_related("measure__network")
    found = {}
    for one in watched.prefetch_related("measure__versions"):
        parts = strata_panels(user=user, measure=one.measure, sites=sites)
        if parts:
            found[one.measure.title] = _groups(one.measure, parts, cohorts)
    return found


def _groups(measure: Measure, parts: Mapping[str, MeasurePanel], cohorts: list[Cohort]) -> list[Group]:
    """Levels of all groups of a feature are withheld together: the total would give a single one away."""
    rows = {name: _read(measure, found.without_incomplete(), cohorts[:1], None) for name, found in parts.items()}
    levels = {name: _latest_level(row.at_sites, measure.network) for name, row in rows.items()}
    withheld = {name.split("=", 1)[0] for name, value in levels.items() if value is None}
    return [
        Group(
            name.replace("_", " ").replace("=", ": "),
            row.variation,
            _("withheld") if name.split("=", 1)[0] in withheld else row.at_sites.card.format.text(levels[name] or 0.0),
        )
        for name, row in rows.items()
    ]


def _latest_level(at_sites: MeasurePanel, network: Network) -> float | None:
    line = pooled(at_sites)
    latest = np.arange(line.panel.periods) >= line.panel.periods - LATEST
    return level(line.panel, latest, network, line.card)


def _read(measure: Measure, at_sites: MeasurePanel, cohorts: list[Cohort], target: float | None) -> MeasureReading:
    together = pooled(at_sites)
    card = together.card
    begun = min((cohort.starts for cohort in cohorts), default=None)
    before = sum(period.start < begun for period in together.periods) if begun else 0
    limits = charts.compute(card.chart, together.panel, Plan(baseline=before if before >= 2 else measure.baseline))
    rules = measure.rule_set or measure.network.rule_set
    read = reading.read(limits, signals.evaluate(limits, rules), direction=Direction(card.direction), target=target)
    value, at = _latest(limits.value)
    since = together.periods[int(read.since)].start if int(read.since) >= 0 else None
    own = [(cohort.name, _cohort_effect(at_sites, cohort, measure.network)) for cohort in cohorts]
    return MeasureReading(
        measure=measure,
        variation=str(read.variation),
        assurance=str(read.assurance),
        since=since,
        value=value,
        shown=_shown(together, value, at, measure.network),
        sites=_shares(at_sites) if card.format.unit is Unit.PERCENT else {},
        effect=effect(together, begun, measure.network, since),
        cohorts=tuple((name, found) for name, found in own if found) if len(cohorts) > 1 else (),
        baseline=before,
        stable=before >= BASELINE and _stable(together, before, measure),
        at_sites=at_sites,
    )


def _cohort_effect(at_sites: MeasurePanel, cohort: Cohort, network: Network) -> Effect | None:
    part = rows_of(at_sites, {member.site_id for member in cohort.sites.all()})
    return effect(pooled(part), cohort.starts, network) if part.sites else None


def _stable(together: MeasurePanel, before: int, measure: Measure) -> bool:
    early = type(together.panel)(
        **{name: values[:before] for name, values in together.panel.fields.items()}, log=together.panel.log
    )
    limits = charts.compute(together.card.chart, early, Plan(baseline=before))
    marked = signals.evaluate(limits, measure.rule_set or measure.network.rule_set)
    read = reading.read(limits, marked, direction=Direction(together.card.direction))
    return str(read.variation) == "common"


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


def _shares(at_sites: MeasurePanel, most: int = 12) -> dict[int, tuple[float, ...]]:
    top, below = at_sites.panel.numerator, at_sites.panel.denominator
    if top is None or below is None:
        return {}
    shares = np.divide(top, below, out=np.full(top.shape, np.nan), where=below > 0)
    return {
        site.pk: tuple(float(v) for v in row[np.isfinite(row)][-most:])
        for site, row in zip(at_sites.sites, shares, strict=True)
    }
