"""Reading a kept file as a table of texts; FHIR resources by the view of its table."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from allteach.intake import reader
from allteach.intake.fhir import shipped, views
from allteach.intake.fhir.read import types_in
from allteach.intake.fhir.views import View as Said
from allteach.intake.raw import RawTable
from allteach.web.sites.models import Network
from allteach.web.submissions import store
from allteach.web.submissions.models import Submission, View

Status = Submission.Status


def read(submission: Submission, sheet: str = "", *, limit: int = 0) -> tuple[RawTable, Said | None]:
    """Return a file as texts, and the view by which it was read where it holds FHIR resources.

    Args:
        submission: The file.
        sheet: Which sheet of a workbook; the one that was said before, or the first, when empty.
        limit: Read only so many resources, for a first look; 0 for all.

    Raises:
        IntakeError: ``AT-I`` when no table can be made of the file.
    """
    view = view_of(submission)
    raw = read_with(submission, view, sheet, limit=limit)
    return raw, view if raw.fhir is None else view or shipped.default(raw.fhir.resource)


def read_with(submission: Submission, view: Said | None, sheet: str = "", *, limit: int = 0) -> RawTable:
    """Return a file as texts, resources by this view.

    Raises:
        IntakeError: ``AT-I`` when no table can be made of the file.
    """
    return reader.read(
        store.original(submission.network.slug, submission.file_hash),
        name=submission.file_name,
        sheet=sheet or submission.plan.get("sheet", ""),
        view=view,
        site=sender(submission),
        limit=limit,
    )


def sender(submission: Submission) -> str:
    """Return the code of the one site that a file is from; empty where it speaks for several."""
    return submission.site.code if submission.site else str(submission.plan.get("one_site", ""))


def types_of(submission: Submission) -> tuple[str, ...]:
    """Return the types of FHIR resources at the beginning of a file; empty for other files."""
    return types_in(store.original(submission.network.slug, submission.file_hash))


def view_of(submission: Submission) -> Said | None:
    """Return the view that reads a file: its own, its table's, or one that is shipped; None for other kinds of files.

    A file that is decided is read by the version it was checked with.
    """
    types = types_of(submission)
    if not types:
        return None
    decided = submission.status not in (Status.RECEIVED, Status.CHECKED)
    used = submission.scope.get("fhir", {}).get("text") if decided else ""
    if text := used or submission.plan.get("view"):
        return views.load(text)
    if submission.table is None:
        return shipped.views().get(types[0])
    newest = {view.resource: view for view in _views(submission.network, submission.table.slug, types)}
    for kind in types:
        if kind in newest:
            return views.load(newest[kind].text)
    return next((said for kind in types if (said := shipped.for_table(submission.table.slug, kind))), None)


def _views(network: Network, table: str, types: Collection[str]) -> QuerySet[View]:
    return View.objects.filter(network=network, table_slug=table, resource__in=types).order_by("number")


def facts(raw: RawTable, view: Said | None) -> dict[str, Any]:
    """Return how resources were read, to be kept with a checked file; empty for other files."""
    if raw.fhir is None or view is None:
        return {}
    return {
        "resource": raw.fhir.resource,
        "resources": raw.fhir.resources,
        "validated": raw.fhir.validated,
        "others": raw.fhir.others,
        "view": view.title or view.name or view.resource,
        "hash": view.content_hash,
        "text": view.source,
    }
