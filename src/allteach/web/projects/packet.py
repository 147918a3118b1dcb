"""What a gate looks at, put together from the record: what is there, what is missing, what the rule proposes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.web.ideas.models import Idea
from allteach.web.projects.evaluation import propose
from allteach.web.projects.evidence import MeasureReading, gathered, measure_readings
from allteach.web.projects.models import Project
from allteach.web.projects.policy import Gate
from allteach.web.projects.selectors import aims_of, counts, diagram_of
from allteach.web.projects.services import pathway_of


def packet(*, user: Any, project: Project, gate: Gate) -> dict[str, Any]:
    """Return the evidence for a gate as plain data that can be kept as it stood: items, measures, tests, proposal."""
    readings = measure_readings(user=user, project=project)
    found: dict[str, Any] = {
        "at": timezone.now().isoformat(timespec="seconds"),
        "items": _items(user, project, gate),
        "measures": [_measure(reading) for reading in readings],
        "tests": _tests(project),
    }
    if gate is Gate.EVALUATION:
        rule = pathway_of(project).evaluation
        thresholds = {
            "reliability": float(rule.get("reliability", 0.8)),
            "reliable_periods": int(rule.get("reliable_periods", 3)),
            "reliable_share": float(rule.get("reliable_share", 2 / 3)),
        }
        said = propose(gathered(readings), **thresholds)  # type: ignore[arg-type]
        found["proposal"] = {
            "decision": said.decision.value,
            "reason": said.reason,
            "outcome": said.outcome.value,
            "process": said.process.value,
            "balancing": said.balancing.value,
            "equity": said.equity.value,
            "reliable_sites": said.reliable_sites,
            "sites": said.sites,
            **thresholds,
        }
    return found


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
    span = pathway_of(project).participants.get("test_learn", {}).get("sites", [1, 999])
    sites = counts(project)["sites"]
    return [
        _item(_("The driver diagram is published"), diagram is not None and diagram.status == "published"),
        _item(
            _("Outcome, process and balancing measures are defined"),
            kinds >= {"outcome", "process", "balancing"},
            ", ".join(sorted(w.measure.title for w in watched)),
        ),
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
    }


def _tests(project: Project) -> dict[str, int]:
    cycles = list(project.cycles.values_list("status", "decision"))
    found = {"all": len(cycles), "closed": sum(status == "closed" for status, _decision in cycles)}
    for _status, decision in cycles:
        if decision:
            found[decision] = found.get(decision, 0) + 1
    return found
