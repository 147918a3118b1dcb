"""Questions of the network to a site about its rows, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import Refused, StateError
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.people.permissions import may, own_site_ids, require
from allteach.web.people.roles import Permission
from allteach.web.quality.models import Issue, Message, Query
from allteach.web.sites.models import Network, Site
from allteach.web.submissions.models import Submission

Status = Query.Status


@dataclass(frozen=True, slots=True)
class About:
    """What a query is about: never a value.

    Args:
        table_slug: The table.
        column: Name of a column, if one.
        month: First day of a month, if one.
        submission: The site's file, where a row is meant.
        row: Row number in that file.
        issue: The issue that gave rise to it.
    """

    table_slug: str
    column: str = ""
    month: date | None = None
    submission: Submission | None = None
    row: int | None = None
    issue: Issue | None = None


def may_answer(person: Person, query: Query) -> bool:
    """Return whether the person answers for the site: one of its own people who work with its data."""
    own = query.site_id in own_site_ids(person, network=query.network)
    return own and may(person, Permission.QUALITY_WORK, network=query.network, site=query.site_id)


@transaction.atomic
def query_ask(*, by: Person, network: Network, site: Site, about: About, text: str, due: date) -> Query:
    """Return a new query to a site.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-242`` without words, ``AT-T-243`` when the file is not one with rows of that site.
    """
    require(by, Permission.QUERY_ASK, network=network)
    said = _words(text)
    if about.submission is not None and not _has_rows_of(about.submission, site):
        raise StateError(
            "AT-T-243",
            _("This file holds no rows of that site."),
            where=_("submission %(number)d") % {"number": about.submission.number},
            do=_("Choose another file, or leave file and row empty."),
        )
    last = Query.objects.filter(network=network).aggregate(last=Max("number"))["last"] or 0
    query = Query(
        network=network, number=last + 1, site=site, table_slug=about.table_slug, column=about.column,
        month=about.month, submission=about.submission, row=about.row, issue=about.issue,
        asked_by=by, asked_at=timezone.now(), due=due,
    )  # fmt: skip
    return _keep(by, query, Message.Kind.ASKED, said)


@transaction.atomic
def query_answer(*, by: Person, query: Query, text: str) -> Query:
    """Return the query with the site's answer.

    Raises:
        Refused: ``AT-P-028`` when the person does not answer for the site.
        StateError: ``AT-T-244`` when it is closed, ``AT-T-242`` without words.
    """
    query = _locked(query)
    if not may_answer(by, query):
        raise Refused(
            "AT-P-028", _("The site that was asked answers this."), do=_("Leave it to the people of that site.")
        )
    if query.status == Status.CLOSED:
        raise _closed(query)
    query.status = Status.ANSWERED
    return _keep(by, query, Message.Kind.ANSWERED, _words(text))


@transaction.atomic
def query_close(*, by: Person, query: Query, text: str) -> Query:
    """Return the closed query, with what came of it.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-244`` when it is closed already, ``AT-T-242`` without words.
    """
    require(by, Permission.QUERY_ASK, network=query.network)
    query = _locked(query)
    if query.status == Status.CLOSED:
        raise _closed(query)
    query.status = Status.CLOSED
    return _keep(by, query, Message.Kind.CLOSED, _words(text))


@transaction.atomic
def query_reopen(*, by: Person, query: Query, text: str, due: date) -> Query:
    """Return the query, asked again with a new due date: after an answer that leaves doubts, or after it was closed.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-244`` while the site has not answered yet, ``AT-T-242`` without words.
    """
    require(by, Permission.QUERY_ASK, network=query.network)
    query = _locked(query)
    if query.status == Status.ASKED:
        raise StateError("AT-T-244", _("The site has not answered yet."), where=str(query), do=_("Wait, or call."))
    query.status, query.due = Status.ASKED, due
    return _keep(by, query, Message.Kind.AGAIN, _words(text))


def _has_rows_of(submission: Submission, site: Site) -> bool:
    scope = submission.scope
    return submission.site_id == site.pk or site.code in scope.get("sites", {}) or site.code in scope.get("held", {})


def _closed(query: Query) -> StateError:
    return StateError("AT-T-244", _("This query is closed."), where=str(query), do=_("The network can ask again."))


def _words(text: str) -> str:
    if not text.strip():
        raise StateError("AT-T-242", _("A few words are needed."), do=_("Write one sentence."))
    return text.strip()


def _locked(query: Query) -> Query:
    return Query.objects.select_for_update(of=("self",)).select_related("network", "site").get(pk=query.pk)


def _keep(by: Person, query: Query, kind: Message.Kind, text: str) -> Query:
    query.full_clean(exclude=["issue", "submission"])
    query.save()
    Message.objects.create(query=query, at=timezone.now(), by=by, kind=kind, text=text)
    record(
        by=by, action=f"query.{kind.value}", network=query.network, site=query.site, about=f"query {query.number}",
        table=query.table_slug, column=query.column,
    )  # fmt: skip
    return query
