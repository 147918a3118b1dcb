"""What a gate looks at, put together from the record: what is there, what is missing, what the rule proposes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.web.ideas.models import Idea
from allteach.web.projects.effects import Link
from allteach.web.projects.evidence import (
    MeasureReading,
    groups,
    linked,
    measure_readings,
    process_of,
    thresholds,
    weighed,
)
from allteach.web.projects.models import Definition, Project
from allteach.web.projects.policy import Gate
from allteach.web.projects.selectors import aims_of, counts, definitions_now, diagram_of
from allteach.web.projects.services import pathway_of


def packet(*, user: Any, project: Project, gate: Gate) -> dict[str, Any]:
    """Return the evidence for a gate as plain data that can be kept as it stood."""
    readings = measure_readings(user=user, project=project)
    found: dict[str, Any] = {
        "at": timezone.now().isoformat(timespec="seconds"),
        "items": _items(user, project, gate),
        "measures": [_measure(reading) for reading in readings],
        "tests": _tests(project),
        "bundle": _bundle(project),
        "definitions": [_definition(one) for one in definitions_now(project)],
    }
    if gate is Gate.EVALUATION:
        found |= _evaluation(user, project, readings)
    return found


def _evaluation(user: Any, project: Project, readings: list[MeasureReading]) -> dict[str, Any]:
    found = groups(user=user, project=project)
    said = weighed(project, readings, found)
    together, process = linked(project, readings), process_of(project, readings)
    proposal = {
        "decision": said.decision.value,
        "reason": said.reason,
        "outcome": said.outcome.value,
        "process": said.process.value,
        "balancing": said.balancing.value,
        "equity": said.equity.value,
        "reliable_sites": said.reliable_sites,
        "sites": said.sites,
        "design_grade": said.design_grade,
        "process_measure": process.measure.title if process else "",
        **thresholds(project, process),
    }
    return {
        "proposal": proposal,
        "groups": [{"measure": title, "rows": [asdict(row) for row in rows]} for title, rows in found.items()],
        "link": _link(*together) if together else None,
    }


def _link(outcome: MeasureReading, found: Link) -> dict[str, Any]:
    shown = outcome.at_sites.card.format.text
    return {
        "measure": outcome.measure.title,
        "reliable": shown(found.reliable),
        "others": shown(found.others),
        "reliable_sites": found.reliable_sites,
        "other_sites": found.other_sites,
    }


def _bundle(project: Project) -> dict[str, Any] | None:
    bundle = project.bundles.filter(status="published").select_related("measure").first()
    if bundle is None:
        return None
    return {
        "name": bundle.name,
        "version": bundle.version,
        "all_or_none": bundle.all_or_none,
        "measure": bundle.measure.title if bundle.measure else "",
        "elements": bundle.elements,
    }


def _definition(one: Definition) -> dict[str, Any]:
    words = {name: getattr(one, name) for name in ("counted", "out_of", "left_out", "found_in", "driver")}
    return {"measure": one.measure.title, "version": one.version, **words}


def _item(text: str, met: bool, detail: str = "") -> dict[str, Any]:
    return {"text": text, "met": met, "detail": detail}


def _items(user: Any, project: Project, gate: Gate) -> list[dict[str, Any]]:
    if gate is Gate.APPROVAL:
        items = _beginnings(user, project)
        if pathway_of(project).approval == "after_design":
            items += _design(user, project)
        return items
    if gate is Gate.READY:
        return [*_beginnings(user, project)[1:3], *_design(user, project), _determined(project)]
    if gate is Gate.EVALUATION:
        return [_learned(project), *_design(user, project)[:1]]
    reached = project.cohorts.filter(sites__stage__in=("reliable", "sustaining", "completed")).exists()
    if gate is Gate.SUSTAIN:
        waves = project.cohorts.filter(kind="spread").exists()
        return [_item(_("The spread has begun"), waves), _item(_("Sites are reliable"), reached), _learned(project)]
    return [_learned(project), _item(_("The publication plan says where it stands"), bool(project.publication_plan))]


def _beginnings(user: Any, project: Project) -> list[dict[str, Any]]:
    aims = aims_of(user=user, network=project.network, project=project)
    evidence = _evidence_of_outcome(project)
    champion = project.people.filter(part="champion").exists()
    interest = project.idea.interests.count() if project.idea else 0
    return [
        _item(_("The problem and the gap are described"), bool(project.problem)),
        _item(_("There is an aim with a number, a date and a population"), any(a.target is not None for a in aims)),
        _item(_("Resources are estimated"), bool(project.resources)),
        _item(_("There is evidence that outcomes can be better"), bool(evidence), evidence),
        _item(_("A champion stands behind it"), champion),
        _item(_("Sites are interested"), interest > 0, str(interest)),
    ]


def _evidence_of_outcome(project: Project) -> str:
    if project.parent_id:
        return str(project.parent)
    strong = (Idea.Source.INCUBATOR, Idea.Source.SINGLE_SITE, Idea.Source.VARIATION, Idea.Source.LITERATURE)
    return project.idea.get_source_display() if project.idea and project.idea.source in strong else ""


def _design(user: Any, project: Project) -> list[dict[str, Any]]:
    diagram = diagram_of(user=user, project=project)
    watched = project.measures.select_related("measure")
    kinds = {w.measure.kind for w in watched}
    defined = {one.measure_id for one in definitions_now(project)}
    undefined = sorted(w.measure.title for w in watched if w.measure_id not in defined)
    span = pathway_of(project).participants.get("test_learn", {}).get("sites", [1, 999])
    sites = counts(project)["sites"]
    return [
        _item(_("The driver diagram is published"), diagram is not None and diagram.status == "published"),
        _item(
            _("Outcome, process and balancing measures are defined"),
            kinds >= {"outcome", "process", "balancing"},
            ", ".join(sorted(w.measure.title for w in watched)),
        ),
        _item(_("Every measure has an operational definition"), bool(kinds) and not undefined, ", ".join(undefined)),
        _item(_("Sites for the test are named"), span[0] <= sites <= span[1], str(sites)),
    ]


def _determined(project: Project) -> dict[str, Any]:
    said = project.get_determination_display() if project.determination else ""
    return _item(_("It is determined whether this is improvement or research"), bool(project.determination), said)


def _learned(project: Project) -> dict[str, Any]:
    return _item(_("What was learned is written down"), bool(project.lesson.strip()))


def _measure(reading: MeasureReading) -> dict[str, Any]:
    return {
        "title": reading.measure.title,
        "slug": reading.measure.slug,
        "kind": reading.measure.get_kind_display(),
        "variation": reading.variation,
        "assurance": reading.assurance,
        "since": reading.since.isoformat() if reading.since else "",
        "shown": reading.shown,
        "effect": reading.effect_text,
        "cohorts": reading.cohort_texts,
    }


def _tests(project: Project) -> dict[str, int]:
    cycles = list(project.cycles.values_list("status", "decision"))
    found = {"all": len(cycles), "closed": sum(status == "closed" for status, _decision in cycles)}
    for _status, decision in cycles:
        if decision:
            found[decision] = found.get(decision, 0) + 1
    return found
