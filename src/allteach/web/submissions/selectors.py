"""Reading tables, submissions and findings. A person sees files of the sites whose rows they may see."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import Http404
from django.utils import timezone

from allteach.errors import MeasureError, Refused
from allteach.intake.contract import Role, TableDictionary, load
from allteach.units import Period
from allteach.web.people.permissions import may_somewhere, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.sites.selectors import sites_for
from allteach.web.submissions import manifest, policies, rows
from allteach.web.submissions.models import Finding, RegistryFile, Submission, Table, View
from allteach.web.submissions.rows import Span

Status = Submission.Status
STOPPED_AFTER = timedelta(seconds=120)
PATIENCE = timedelta(seconds=60)


def tables_of(*, user: Any, network: Network) -> list[Table]:
    """Return the newest version of every table of a network."""
    require(user, Permission.NETWORK_VIEW, network=network)
    newest: dict[str, Table] = {}
    for table in Table.objects.filter(network=network).order_by("name", "version"):
        newest[table.slug] = table
    return list(newest.values())


def table_for(*, user: Any, network: Network, slug: str) -> Table:
    """Return the newest version of one table.

    Raises:
        Http404: the network has no such table.
    """
    require(user, Permission.NETWORK_VIEW, network=network)
    table = Table.objects.filter(network=network, slug=slug).order_by("-version").first()
    if table is None:
        raise Http404
    return table


def read(table: Table) -> TableDictionary:
    """Return the dictionary of a table."""
    return load(table.dictionary)


def views_of(*, user: Any, table: Table) -> list[View]:
    """Return the newest version of every view of a table, by type of resource."""
    require(user, Permission.NETWORK_VIEW, network=table.network)
    newest: dict[str, View] = {}
    found = View.objects.filter(network=table.network, table_slug=table.slug).select_related("made_by")
    for view in found.order_by("resource", "number"):
        newest[view.resource] = view
    return list(newest.values())


def _visible(user: Any, network: Network) -> QuerySet[Submission]:
    found = Submission.objects.filter(network=network).select_related("table", "site", "sent_by", "decided_by")
    sites = site_ids_where(user, Permission.ROW_VIEW, network=network)
    return found if sites is None else found.filter(site__in=sites)


def submissions_of(*, user: Any, network: Network, status: str = "", site: Site | None = None) -> QuerySet[Submission]:
    """Return the submissions that a person may see, newest first."""
    require(user, Permission.NETWORK_VIEW, network=network)
    found = _visible(user, network)
    if status:
        found = found.filter(status=status)
    return found if site is None else found.filter(site=site)


def submission_for(*, user: Any, network: Network, number: int) -> Submission:
    """Return one submission.

    Raises:
        Http404: there is none of this number.
        Refused: ``AT-P-023`` when it belongs to a place whose rows the person may not see.
    """
    require(user, Permission.NETWORK_VIEW, network=network)
    submission = (
        Submission.objects.filter(network=network, number=number)
        .select_related("network", "table", "site", "sent_by", "decided_by", "replaced_by")
        .first()
    )
    if submission is None:
        raise Http404
    if not policies.may_see(user, submission):
        raise Refused(
            "AT-P-023",
            "This file belongs to another site, or to the whole network.",
            do="Ask the network's data analyst if you need something from it.",
        )
    return submission


def findings_of(*, user: Any, submission: Submission) -> list[Finding]:
    """Return the findings of a submission, what stops the file first, then held rows by count.

    Raises:
        Refused: ``AT-P-002``.
    """
    require(user, Permission.ROW_VIEW, network=submission.network, site=submission.site)
    order = {"reject": 0, "hold": 1, "warn": 2}
    return sorted(submission.findings.all(), key=lambda finding: (order[finding.severity], -finding.count, finding.id))


def sites_to_send_for(*, user: Any, network: Network) -> tuple[list[Site], bool]:
    """Return the sites a person may send for, and whether they may send for the whole network at once."""
    allowed = site_ids_where(user, Permission.DATA_SUBMIT, network=network)
    sites = sites_for(user=user, network=network)
    if allowed is None:
        return list(sites), True
    return list(sites.filter(pk__in=allowed)), False


def waiting(*, user: Any, network: Network) -> dict[str, int]:
    """Return counts for the data page: files waiting for a decision, files at work, rows in quarantine."""
    return _visible(user, network).aggregate(
        checked=Count("pk", filter=Q(status=Status.CHECKED)),
        received=Count("pk", filter=Q(status=Status.RECEIVED)),
        held=Sum("rows_held", filter=Q(status=Status.ACCEPTED), default=0),
    )


def may_see_data(*, user: Any, network: Network) -> bool:
    """Return whether the person may see any submitted rows in this network."""
    return may_somewhere(user, Permission.ROW_VIEW, network=network)


def span_of(submission: Submission) -> tuple[date | None, date | None, int]:
    """Return first and last day that a checked file speaks for, and its number of sites."""
    sites = submission.scope.get("sites", {})
    if not sites:
        return None, None, 0
    first, last = min(said["first"] for said in sites.values()), max(said["last"] for said in sites.values())
    return date.fromisoformat(first), date.fromisoformat(last), len(sites)


def is_stopped(submission: Submission) -> bool:
    """Return whether the work on a file seems to have died with its process."""
    if not submission.step or submission.step == "queue" or submission.step_at is None:
        return submission.status == Status.RECEIVED and not submission.step
    return timezone.now() - submission.step_at > STOPPED_AFTER


def waits_long(submission: Submission) -> bool:
    """Return whether a file has waited for its turn so long that the worker may not be running."""
    return (
        submission.step == "queue" and submission.step_at is not None and timezone.now() - submission.step_at > PATIENCE
    )


def state_token(submission: Submission) -> str:
    """Return a mark of what a person sees before deciding: other files accepted meanwhile change it."""
    newest = (
        RegistryFile.objects.filter(network=submission.network)
        .aggregate(latest=Max("current_from"), ended=Max("current_until"))
        .values()
    )
    seen = (submission.pk, submission.status, submission.scope.get("file"), submission.plan.get("holds"), *newest)
    said = " ".join(str(item) for item in seen)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def dictionary_of(network: Network, table_slug: str) -> TableDictionary:
    """Return the newest dictionary of a table, for measures that read it.

    Raises:
        MeasureError: ``AT-M-005`` when the network has no such table.
    """
    table = Table.objects.filter(network=network, slug=table_slug).order_by("-version").first()
    if table is None:
        known = Table.objects.filter(network=network).values_list("slug", flat=True).distinct()
        raise MeasureError(
            "AT-M-005",
            f'The network has no table called "{table_slug}".',
            expected=f"It has: {', '.join(known) or 'none'}.",
            do="Name one of its tables.",
        )
    return load(table.dictionary)


def rows_of_period(*, user: Any, table: Table, site: Site, period: Period) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return what is accepted now for one site and period: values of the group columns -> column -> value.

    Raises:
        Refused: ``AT-P-002`` when the person may not see the site's rows.
    """
    require(user, Permission.ROW_VIEW, network=table.network, site=site)
    said = load(table.dictionary)
    columns = manifest.columns_of(said)
    files = manifest.paths(table.network, manifest.current(table.network, table.slug))
    if not files:
        return {}
    span = Span(site.code, period.start.isoformat(), period.end.isoformat())
    groups = [field.name for field in said.with_role(Role.STRATUM)]
    found = rows.inside(files, [span], columns).to_pylist()
    return {tuple(str(row[name]) for name in groups): row for row in found}
