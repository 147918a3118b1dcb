"""Data quality over the API: outcomes, issues and queries. Counts only; a value of a patient is never in an answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Router, Schema, Status

from allteach.errors import StateError
from allteach.web.api.problems import PROBLEMS
from allteach.web.quality import selectors, services
from allteach.web.quality.models import Issue, Outcome, Query
from allteach.web.quality.services.issues import owners_of
from allteach.web.quality.services.queries import About
from allteach.web.sites.selectors import network_for, site_for
from allteach.web.submissions.selectors import submission_for, table_for

router = Router()


class OutcomeOut(Schema):
    """What one check came to in one column of one site. `status` is pass, warn or fail."""

    check: str
    table: str
    site: str
    column: str
    applicable: int
    failed: int
    share: float | None
    status: str
    months: dict[str, int]
    statistic: float | None
    at: datetime


class IssueOut(Schema):
    """One check that fails in one column of one site. `status` is open, assigned, fixed or accepted."""

    number: int
    check: str
    name: str
    table: str
    site: str
    column: str
    status: str
    level: str
    applicable: int
    failed: int
    months: dict[str, int]
    owner: str | None
    due: date | None
    reason: str
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None


class QueryOut(Schema):
    """A question of the network to one site. `status` is asked, answered or closed."""

    number: int
    site: str
    table: str
    column: str
    month: date | None
    submission: int | None
    row: int | None
    issue: int | None
    status: str
    due: date


class MessageOut(Schema):
    """What was said in a query."""

    at: datetime
    by: str
    kind: str
    text: str


class QueryDetail(QueryOut):
    """One query with what was said."""

    said: list[MessageOut]


class StepIn(Schema):
    """Words that go with a step; `owner` is a user name, for `assign`; `due` for `assign` and `again`."""

    text: str = ""
    owner: str = ""
    due: date | None = None


class QueryAsked(Schema):
    """A question to a site: about a table, and in it a column, a month, or one row of one file."""

    site: str
    table: str
    text: str
    due: date
    column: str = ""
    month: date | None = None
    submission: int | None = None
    row: int | None = None
    issue: int | None = None


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        "check": one.check_name, "table": one.run.table_slug, "site": one.site.code, "column": one.column,
        "applicable": one.applicable, "failed": one.failed,
        "share": one.failed / one.applicable if one.applicable else None,
        "status": one.status, "months": one.months, "statistic": one.statistic, "at": one.run.at,
    }  # fmt: skip


def _issue(one: Issue) -> dict[str, Any]:
    return {
        "number": one.number, "check": one.check_name, "name": one.check_kind.name, "table": one.table_slug,
        "site": one.site.code, "column": one.column, "status": one.status, "level": one.level,
        "applicable": one.applicable, "failed": one.failed, "months": one.months,
        "owner": one.owner.username if one.owner else None, "due": one.due, "reason": one.reason,
        "opened_at": one.opened_at, "seen_at": one.seen_at, "closed_at": one.closed_at,
    }  # fmt: skip


def _query(one: Query) -> dict[str, Any]:
    return {
        "number": one.number, "site": one.site.code, "table": one.table_slug, "column": one.column,
        "month": one.month, "submission": one.submission.number if one.submission else None, "row": one.row,
        "issue": one.issue.number if one.issue else None, "status": one.status, "due": one.due,
    }  # fmt: skip


def _detail(one: Query) -> dict[str, Any]:
    said = [
        {"at": m.at, "by": str(m.by), "kind": m.kind, "text": m.text} for m in one.messages.select_related("by")
    ]  # fmt: skip
    return _query(one) | {"said": said}


@router.get("/n/{slug}/quality", response={200: list[OutcomeOut]} | PROBLEMS)
def quality(request: Any, slug: str, check: str = "", site: str = "") -> Any:
    """Return the newest outcome of every check, table, column and site that the asking person may see."""
    network = network_for(user=request.user, slug=slug)
    place = site_for(user=request.user, network=network, code=site) if site else None
    found = selectors.latest_of(user=request.user, network=network, check_name=check, site=place)
    return [_outcome(one) for one in found]


@router.get("/n/{slug}/quality/issues", response={200: list[IssueOut]} | PROBLEMS)
def quality_issues(request: Any, slug: str, status: str = "", limit: int = 100) -> Any:
    """Return issues of the sites that the asking person may see."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.issues_of(user=request.user, network=network)
    if status:
        found = found.filter(status=status)
    return [_issue(one) for one in found[: max(1, min(limit, 1000))]]


@router.post("/n/{slug}/quality/issues/{number}/{step}", response={200: IssueOut} | PROBLEMS)
def quality_issue_step(request: Any, slug: str, number: int, step: str, said: StepIn) -> Any:
    """Take a step with an issue: `assign`, `comment`, `fix`, `accept` or `reopen`."""
    network = network_for(user=request.user, slug=slug)
    issue = selectors.issue_for(user=request.user, network=network, number=number)
    if step == "assign":
        owner = next((person for person in owners_of(issue) if person.username == said.owner), None)
        changed = services.issue_assign(by=request.user, issue=issue, owner=owner, due=said.due, text=said.text)
        return _issue(changed)
    steps = {
        "comment": services.issue_comment, "fix": services.issue_fix, "accept": services.issue_accept,
        "reopen": services.issue_reopen,
    }  # fmt: skip
    if step not in steps:
        raise _no_step(["assign", *steps])
    return _issue(steps[step](by=request.user, issue=issue, text=said.text))


@router.get("/n/{slug}/quality/queries", response={200: list[QueryOut]} | PROBLEMS)
def quality_queries(request: Any, slug: str, limit: int = 100) -> Any:
    """Return queries that the asking person takes part in."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.queries_of(user=request.user, network=network)
    return [_query(one) for one in found[: max(1, min(limit, 1000))]]


@router.post("/n/{slug}/quality/queries", response={201: QueryDetail} | PROBLEMS)
def quality_ask(request: Any, slug: str, asked: QueryAsked) -> Any:
    """Ask a site about its rows."""
    network, user = network_for(user=request.user, slug=slug), request.user
    site = site_for(user=user, network=network, code=asked.site)
    table = table_for(user=user, network=network, slug=asked.table)
    file = submission_for(user=user, network=network, number=asked.submission) if asked.submission else None
    issue = selectors.issue_for(user=user, network=network, number=asked.issue) if asked.issue else None
    about = About(table.slug, asked.column, asked.month, file, asked.row, issue)
    query = services.query_ask(by=user, network=network, site=site, about=about, text=asked.text, due=asked.due)
    return Status(201, _detail(query))


@router.get("/n/{slug}/quality/queries/{number}", response={200: QueryDetail} | PROBLEMS)
def quality_query(request: Any, slug: str, number: int) -> Any:
    """Return one query with what was said."""
    network = network_for(user=request.user, slug=slug)
    return _detail(selectors.query_for(user=request.user, network=network, number=number))


@router.post("/n/{slug}/quality/queries/{number}/{step}", response={200: QueryDetail} | PROBLEMS)
def quality_query_step(request: Any, slug: str, number: int, step: str, said: StepIn) -> Any:
    """Take a step with a query: `answer`, `close`, or `again` with a new `due`."""
    network = network_for(user=request.user, slug=slug)
    query = selectors.query_for(user=request.user, network=network, number=number)
    if step == "answer":
        return _detail(services.query_answer(by=request.user, query=query, text=said.text))
    if step == "close":
        return _detail(services.query_close(by=request.user, query=query, text=said.text))
    if step == "again":
        due = said.due or query.due
        return _detail(services.query_reopen(by=request.user, query=query, text=said.text, due=due))
    raise _no_step(["answer", "close", "again"])


def _no_step(known: list[str]) -> StateError:
    return StateError("AT-T-039", "There is no such step.", expected=f"One of: {', '.join(known)}.")
