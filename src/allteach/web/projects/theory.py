"""Every change to a project's theory: its driver diagram, in versions."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from allteach.errors import StateError
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.projects.diagram import parse_outline
from allteach.web.projects.models import Diagram, Project
from allteach.web.projects.services import living


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
    draft.nodes, draft.written_by, draft.written_at = nodes, by, timezone.now()
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


def _told(diagram: Diagram, by: Person, action: str) -> Diagram:
    about = f"{diagram.project} · diagram v{diagram.version}"
    record(by=by, action=action, network=diagram.project.network, about=about)
    return diagram
