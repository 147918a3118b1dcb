"""Queries, whose turn it is, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404
from django.utils import timezone

from allteach.intake import contract
from allteach.intake.checks import ROW
from allteach.intake.contract import Privacy
from allteach.web.people.permissions import may, may_somewhere, own_site_ids, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.quality.models import Issue, Query
from allteach.web.quality.selectors.issues import OPEN
from allteach.web.quality.services.queries import may_answer
from allteach.web.sites.models import Network
from allteach.web.submissions import manifest, summaries
from allteach.web.submissions.models import RegistryFile


def _seen(user: Any, network: Network) -> QuerySet[Query]:
    if not may_somewhere(user, Permission.QUALITY_WORK, network=network):
        require(user, Permission.QUALITY_WORK, network=network)
    found = Query.objects.filter(network=network).select_related("site", "asked_by", "submission", "issue")
    allowed = site_ids_where(user, Permission.QUALITY_WORK, network=network)
    return found if allowed is None else found.filter(site_id__in=allowed)


def queries_of(*, user: Any, network: Network) -> QuerySet[Query]:
    """Return queries that the person takes part in: open ones by due date first."""
    rank = Case(When(status=Query.Status.CLOSED, then=Value(1)), default=Value(0), output_field=IntegerField())
    return _seen(user, network).order_by(rank, "due", "-number")


def query_for(*, user: Any, network: Network, number: int) -> Query:
    """Return one query.

    Raises:
        Http404: there is none that this person may see.
    """
    query = _seen(user, network).select_related("network").filter(number=number).first()
    if query is None:
        raise Http404
    return query


def row_value(*, user: Any, query: Query) -> str | None:
    """Return what a query's row says in its column, for the site's own people only; None for everybody else.

    Nobody outside of the site gets it, whatever their role, and a column that identifies persons is not stored at all.
    """
    if query.row is None or not query.column or query.submission is None or not may_answer(user, query):
        return None
    if not may(user, Permission.ROW_VIEW, network=query.network, site=query.site_id):
        return None
    table = query.submission.table
    assert table is not None
    dictionary = contract.load(table.dictionary)
    stored = {f.name for f in dictionary.fields if f.privacy is not Privacy.DIRECT}
    files = RegistryFile.objects.filter(submission=query.submission, network=query.network)
    paths = manifest.paths(query.network, files)
    if not paths or query.column not in stored:
        return None
    site, column = summaries.quoted(summaries.site_column(dictionary)), summaries.quoted(query.column)
    with duckdb.connect(":memory:") as db:
        names = [str(path) for path in paths]
        said = f"SELECT CAST({column} AS VARCHAR) FROM read_parquet(?, union_by_name = true)"
        row = db.execute(f"{said} WHERE {ROW} = ? AND {site} = ?", [names, query.row, query.site.code]).fetchone()
    return None if row is None else str(row[0] if row[0] is not None else "")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one person.

    Args:
        issues: Open issues that are theirs, or that nobody at their site has taken.
        overdue: Of these, past their due date.
        questions: Queries that their site has to answer.
        answers: Answers that the network has to look at.
    """

    issues: int = 0
    overdue: int = 0
    questions: int = 0
    answers: int = 0


def waiting(*, user: Any, network: Network, today: date | None = None) -> Waiting:
    """Return what waits for a person, in two queries; nothing for those who do not work with data."""
    if not may_somewhere(user, Permission.QUALITY_WORK, network=network):
        return Waiting()
    today = today or timezone.localdate()
    own = own_site_ids(user, network=network)
    mine = Q(owner=user) | Q(owner__isnull=True, site_id__in=own)
    if not own:
        mine |= Q(owner__isnull=True)
    issues = list(Issue.objects.filter(mine, network=network, status__in=OPEN).values_list("due", flat=True))
    turn = Query.objects.filter(network=network).exclude(status=Query.Status.CLOSED).values_list("status", "site_id")
    asks = may(user, Permission.QUERY_ASK, network=network)
    states = list(turn)
    return Waiting(
        issues=len(issues),
        overdue=sum(1 for due in issues if due is not None and due < today),
        questions=sum(1 for status, site in states if status == Query.Status.ASKED and site in own),
        answers=sum(1 for status, _site in states if status == Query.Status.ANSWERED) if asks else 0,
    )
