"""Tables and files over the API: the same road, forms and permissions as the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from allteach.errors import StateError
from allteach.web.api.problems import PROBLEMS
from allteach.web.sites.selectors import network_for, site_for
from allteach.web.submissions import jobs, selectors, services, store
from allteach.web.submissions.models import Submission

router = Router()


class TableOut(Schema):
    """A table that a network collects. `dictionary` is YAML."""

    slug: str
    name: str
    version: int
    content_hash: str
    dictionary: str


class ViewOut(Schema):
    """How FHIR resources of one type become rows of a table. `text` is the view, JSON or YAML."""

    resource: str
    number: int
    title: str
    content_hash: str
    text: str


class ViewGiven(Schema):
    """A view in the shape of a SQL-on-FHIR ViewDefinition, as JSON or YAML text."""

    text: str


class FindingOut(Schema):
    """Something a check found: rule, column and rows as in the sender's file. Never a value."""

    code: str
    severity: str
    column: str
    count: int
    rows: list[int]
    message: str
    fix: str


class SubmissionOut(Schema):
    """One file."""

    number: int
    status: str
    table: str | None
    site: str | None
    file_name: str
    file_hash: str
    rows_read: int
    rows_kept: int
    rows_held: int
    sent_at: datetime
    decided_at: datetime | None
    decision_note: str


class SubmissionDetail(SubmissionOut):
    """One file with its findings, and what its acceptance changed."""

    findings: list[FindingOut]
    facts: dict[str, Any]


class NoteIn(Schema):
    """A sentence that goes with a decision."""

    note: str = ""


def _out(item: Submission) -> dict[str, Any]:
    return {
        "number": item.number,
        "status": item.status,
        "table": item.table.slug if item.table else None,
        "site": item.site.code if item.site else None,
        "file_name": item.file_name,
        "file_hash": item.file_hash,
        "rows_read": item.rows_read,
        "rows_kept": item.rows_kept,
        "rows_held": item.rows_held,
        "sent_at": item.sent_at,
        "decided_at": item.decided_at,
        "decision_note": item.decision_note,
    }


def _detail(request: Any, item: Submission) -> dict[str, Any]:
    findings = selectors.findings_of(user=request.user, submission=item)
    return _out(item) | {"findings": findings, "facts": item.facts}


@router.get("/n/{slug}/tables", response={200: list[TableOut]} | PROBLEMS)
def tables(request: Any, slug: str) -> Any:
    """Return the newest version of every table."""
    return selectors.tables_of(user=request.user, network=network_for(user=request.user, slug=slug))


@router.get("/n/{slug}/tables/{table}/views", response={200: list[ViewOut]} | PROBLEMS)
def views(request: Any, slug: str, table: str) -> Any:
    """Return the newest view of a table for each type of FHIR resource."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.table_for(user=request.user, network=network, slug=table)
    return selectors.views_of(user=request.user, table=found)


@router.post("/n/{slug}/tables/{table}/views", response={200: ViewOut} | PROBLEMS)
def give_view(request: Any, slug: str, table: str, said: ViewGiven) -> Any:
    """Give a table a view: a new version, or the newest when nothing changed."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.table_for(user=request.user, network=network, slug=table)
    return services.save_view(by=request.user, table=found, text=said.text)


@router.get("/n/{slug}/submissions", response={200: list[SubmissionOut]} | PROBLEMS)
def submissions(request: Any, slug: str, status: str = "", limit: int = 100) -> Any:
    """Return the files that the asking person may see, newest first."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.submissions_of(user=request.user, network=network, status=status)
    return [_out(item) for item in found[: max(1, min(limit, 1000))]]


@router.post("/n/{slug}/submissions", response={200: SubmissionDetail, 201: SubmissionDetail} | PROBLEMS)
def send(request: Any, slug: str, file: File[UploadedFile], table: Form[str], site: Form[str] = "") -> Any:
    """Send a file for a table, have it checked and return what was found; 200 when the same bytes were here already.

    A large file is checked in the background: ask for it again until its status is no longer `received`.
    """
    network = network_for(user=request.user, slug=slug)
    place = site_for(user=request.user, network=network, code=site) if site else None
    described = selectors.table_for(user=request.user, network=network, slug=table)
    incoming = store.land(file.name or "file", file.chunks())
    receipt = services.receive(by=request.user, network=network, incoming=incoming, table=described, site=place)
    if receipt.again:
        return Status(200, _detail(request, receipt.submission))
    return Status(201, _detail(request, jobs.check_now_or_later(by=request.user, submission=receipt.submission)))


@router.get("/n/{slug}/submissions/{number}", response={200: SubmissionDetail} | PROBLEMS)
def submission(request: Any, slug: str, number: int) -> Any:
    """Return one file with its findings."""
    network = network_for(user=request.user, slug=slug)
    return _detail(request, selectors.submission_for(user=request.user, network=network, number=number))


@router.post("/n/{slug}/submissions/{number}/{step}", response={200: SubmissionDetail} | PROBLEMS)
def decide(request: Any, slug: str, number: int, step: str, said: NoteIn) -> Any:
    """Take a step with a file: `accept`, `reject` or `withdraw`; the last two need a note."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.submission_for(user=request.user, network=network, number=number)
    steps: dict[str, Callable[..., Any]] = {
        "reject": services.reject, "withdraw": services.withdraw, "accept": jobs.accept_now_or_later,
    }  # fmt: skip
    if step not in steps:
        raise StateError("AT-T-039", "There is no such step.", expected=f"One of: {', '.join(steps)}.")
    return _detail(request, steps[step](by=request.user, submission=found, note=said.note))
