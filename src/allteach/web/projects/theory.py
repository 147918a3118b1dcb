"""Every change to a project's theory, in versions: driver diagram, bundle, operational definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from allteach.errors import StateError
from allteach.web.ledger import moment
from allteach.web.ledger.services import record
from allteach.web.measuring.models import Measure
from allteach.web.people.models import Person
from allteach.web.projects.diagram import parse_outline
from allteach.web.projects.models import Bundle, Definition, Diagram, Project
from allteach.web.projects.services import living

ELEMENT = ("text", "kind", "applies", "evidence", "driver", "measure")
KINDS_OF_ELEMENT = ("standard", "recommended")
EVIDENCE = ("A", "B", "C", "D", "E")


@transaction.atomic
def diagram_write(*, by: Person, project: Project, outline: str) -> Diagram:
    """Return the draft of the driver diagram; published versions stay as they are.

    Raises:
        StateError: ``AT-T-150`` when a line of the outline does not fit.
    """
    project = living(project)
    nodes = parse_outline(outline)
    draft = project.diagrams.filter(status="draft").first()
    if draft is None:
        last = project.diagrams.aggregate(last=Max("version"))["last"] or 0
        draft = Diagram(project=project, version=last + 1)
    draft.nodes, draft.written_by, draft.written_at = nodes, by, moment.now()
    draft.save()
    return _told(draft, by, "diagram.written")


@transaction.atomic
def diagram_publish(*, by: Person, project: Project) -> Diagram:
    """Return the published diagram; the one before it is kept as replaced.

    Raises:
        StateError: ``AT-T-151`` when there is no draft, or it is empty.
    """
    project = living(project)
    draft = project.diagrams.filter(status="draft").first()
    if draft is None or not draft.nodes:
        raise StateError("AT-T-151", "There is no draft to publish.", where=str(project), do="Write the diagram first.")
    for before in project.diagrams.filter(status="published"):
        before.status = "superseded"
        before.save()
    draft.status = "published"
    draft.save()
    return _told(draft, by, "diagram.published")


@transaction.atomic
def bundle_write(
    *,
    by: Person,
    project: Project,
    name: str,
    elements: Sequence[Mapping[str, str]],
    all_or_none: bool = True,
    measure: Measure | None = None,
) -> Bundle:
    """Return the draft of the bundle; published versions stay as they are.

    Args:
        by: Who writes.
        project: Whose bundle.
        name: Such as ``Removal bundle``.
        elements: Each with text, kind (standard or recommended), applies, evidence (A to E), driver, measure (slug).
        all_or_none: A patient counts only if every element that applies was done.
        measure: The measure that counts it.

    Raises:
        StateError: ``AT-T-152`` without an element, or with one that has no text or an unknown kind or class.
    """
    project = living(project)
    kept = [{key: str(element.get(key, "")).strip() for key in ELEMENT} for element in elements]
    for element in kept:
        if not element["text"] or element["kind"] not in KINDS_OF_ELEMENT or element["evidence"] not in EVIDENCE:
            raise StateError(
                "AT-T-152", "An element of the bundle is not complete.", where=element["text"] or name,
                expected="Its words, standard or recommended, and a class of evidence from A to E.",
            )  # fmt: skip
    if not kept:
        raise StateError("AT-T-152", "A bundle needs elements.", where=name, do="Write three to five.")
    draft = project.bundles.filter(status="draft").first()
    if draft is None:
        last = project.bundles.aggregate(last=Max("version"))["last"] or 0
        draft = Bundle(project=project, version=last + 1)
    draft.name, draft.elements, draft.all_or_none, draft.measure = name, kept, all_or_none, measure
    draft.written_by, draft.written_at = by, moment.now()
    draft.full_clean()
    draft.save()
    record(by=by, action="bundle.written", network=project.network, about=f"{project} · {draft}")
    return draft


@transaction.atomic
def bundle_publish(*, by: Person, project: Project) -> Bundle:
    """Return the published bundle; the one before it is kept as replaced.

    Raises:
        StateError: ``AT-T-153`` when there is no draft.
    """
    project = living(project)
    draft = project.bundles.filter(status="draft").first()
    if draft is None:
        raise StateError("AT-T-153", "There is no draft to publish.", where=str(project), do="Write the bundle first.")
    project.bundles.filter(status="published").update(status="superseded")
    draft.status = "published"
    draft.save()
    record(by=by, action="bundle.published", network=project.network, about=f"{project} · {draft}")
    return draft


@transaction.atomic
def definition_write(*, by: Person, project: Project, measure: Measure, **words: Any) -> Definition:
    """Return a new version of how the project's sites count a measure; earlier versions stay.

    Args:
        by: Who writes.
        project: Whose definition.
        measure: A measure that the project watches.
        words: counted, out_of, left_out, found_in, driver, reason.

    Raises:
        StateError: ``AT-T-154`` when the project does not watch the measure.
    """
    project = living(project)
    if not project.measures.filter(measure=measure).exists():
        raise StateError("AT-T-154", "The project does not watch this measure.", where=str(measure), do="Add it first.")
    last = project.definitions.filter(measure=measure).aggregate(last=Max("version"))["last"] or 0
    kept = Definition(
        project=project, measure=measure, version=last + 1, written_by=by, written_at=moment.now(), **words
    )
    kept.full_clean()
    kept.save()
    record(by=by, action="definition.written", network=project.network, about=f"{project} · {kept}"[:120])
    return kept


def _told(diagram: Diagram, by: Person, action: str) -> Diagram:
    about = f"{diagram.project} · diagram v{diagram.version}"
    record(by=by, action=action, network=diagram.project.network, about=about)
    return diagram
