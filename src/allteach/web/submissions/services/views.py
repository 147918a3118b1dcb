"""How FHIR resources become rows: the views of a network's tables, and of a file whose table is not there yet."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.intake.fhir import views
from allteach.intake.fhir.rows import Rows
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.submissions import policies
from allteach.web.submissions.models import Submission, Table, View


@transaction.atomic
def save_view(*, by: Person, table: Table, text: str) -> View:
    """Return the view of a table with this text: the newest version when nothing changed, else a new version.

    Raises:
        Refused: ``AT-P-022`` when the person may not name columns here.
        IntakeError: ``AT-I-120`` or ``AT-I-121`` when the text is no view.
    """
    policies.require_naming(by, table.network)
    said = views.load(text)
    Rows(said)  # names of constants are known
    earlier = View.objects.filter(network=table.network, table_slug=table.slug, resource=said.resource)
    newest = earlier.order_by("-number").first()
    if newest and newest.content_hash == said.content_hash:
        return newest
    view = View.objects.create(
        network=table.network,
        table_slug=table.slug,
        resource=said.resource,
        number=newest.number + 1 if newest else 1,
        title=(said.title or said.name or said.resource)[:120],
        text=text,
        content_hash=said.content_hash,
        made_by=by,
        made_at=timezone.now(),
    )
    record(
        by=by,
        action="view.described",
        network=table.network,
        about=f"view {table.slug} {view.resource} v{view.number}",
        hash=view.content_hash,
    )
    return view


@transaction.atomic
def read_by(*, by: Person, submission: Submission, text: str) -> Submission:
    """Say by which view a file is read whose columns have no names yet, and return the submission.

    Raises:
        Refused: ``AT-P-022`` when the person may not name columns here.
        IntakeError: ``AT-I-120`` or ``AT-I-121`` when the text is no view.
        StateError: ``AT-T-037`` when the file belongs to a table, whose view it is read by.
    """
    policies.require_naming(by, submission.network)
    if submission.table is not None and not submission.plan.get("named_here"):
        raise StateError(
            "AT-T-037",
            _("This file belongs to a table, and the table's view reads it."),
            where=submission.table.name,
            do=_("Change the view of the table, then have the file checked again."),
        )
    said = views.load(text)
    Rows(said)
    submission.plan = submission.plan | {"view": text}
    submission.save(update_fields=["plan"])
    record(
        by=by,
        action="submission.view_said",
        network=submission.network,
        site=submission.site,
        about=f"submission {submission.number}",
        resource=said.resource,
        hash=said.content_hash,
    )
    return submission
