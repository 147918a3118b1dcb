"""Issues, and what one submission changed about them."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404

from allteach.web.people.permissions import may_somewhere, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.quality.models import Event, Issue, Outcome, Run
from allteach.web.sites.models import Network, Site
from allteach.web.sites.selectors import reporting_sites

OPEN = (Issue.Status.OPEN, Issue.Status.ASSIGNED)


def _allowed(user: Any, network: Network) -> frozenset[int] | None:
    """Return ids of the sites whose quality the person sees; None for all.

    Raises:
        Refused: ``AT-P-002`` when there is none.
    """
    if not may_somewhere(user, Permission.QUALITY_VIEW, network=network):
        require(user, Permission.QUALITY_VIEW, network=network)
    return site_ids_where(user, Permission.QUALITY_VIEW, network=network)


def sites_seen(*, user: Any, network: Network) -> list[Site]:
    """Return the reporting sites whose quality the person sees, by name."""
    allowed = _allowed(user, network)
    return [site for site in reporting_sites(user=user, network=network) if allowed is None or site.pk in allowed]


def issues_of(*, user: Any, network: Network, only_open: bool = False, site: Site | None = None) -> QuerySet[Issue]:
    """Return issues that the person sees: what must be mended first, then what is due first."""
    allowed = _allowed(user, network)
    found = Issue.objects.filter(network=network).select_related("site", "owner")
    if allowed is not None:
        found = found.filter(site_id__in=allowed)
    if only_open:
        found = found.filter(status__in=OPEN)
    if site is not None:
        found = found.filter(site=site)
    rank = Case(When(level="fail", then=Value(0)), default=Value(1), output_field=IntegerField())
    return found.order_by(rank, "due", "-seen_at", "number")


def issue_for(*, user: Any, network: Network, number: int) -> Issue:
    """Return one issue.

    Raises:
        Http404: there is none that this person may see; that another site has one is not told.
    """
    issue = issues_of(user=user, network=network).filter(number=number).select_related("network").first()
    if issue is None:
        raise Http404
    return issue


def runs_of(*, user: Any, network: Network) -> list[Run]:
    """Return the newest runs that concern the person's sites: after files of theirs, of all sites, or on request."""
    return list(_runs(user, network)[:12])


def _runs(user: Any, network: Network) -> QuerySet[Run]:
    """Return runs that the person may know of: when another site sends what is not theirs to see."""
    allowed = _allowed(user, network)
    found = Run.objects.filter(network=network).select_related("submission__table", "submission__site", "by", "network")
    if allowed is None:
        return found
    own = Outcome.objects.filter(run__network=network, site_id__in=allowed).values("run")
    whole = Q(submission=None) | Q(submission__site=None)
    return found.filter(Q(submission__site__in=allowed) | (whole & Q(pk__in=own)))


def run_for(*, user: Any, network: Network, pk: int) -> Run:
    """Return one run.

    Raises:
        Http404: there is none that this person may know of.
    """
    run = _runs(user, network).filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def events_of(*, user: Any, issue: Issue) -> list[Event]:
    """Return the history of an issue; that a file of another site led to a line is left out of it."""
    allowed = _allowed(user, issue.network)
    events = list(issue.events.select_related("by", "run__submission"))
    for event in events:
        sent = event.run.submission if event.run else None
        if allowed is not None and sent is not None and sent.site_id is not None and sent.site_id not in allowed:
            event.by = event.run = None
    return events


def delta_of(*, user: Any, run: Run) -> dict[str, list[Outcome]]:
    """Return what a run found at the sites that the person sees: ``new``, ``persisting`` and ``resolved``."""
    allowed = _allowed(user, run.network)
    found = run.outcomes.exclude(delta="").select_related("site", "issue__owner").order_by("site__name", "id")
    if allowed is not None:
        found = found.filter(site_id__in=allowed)
    parts: dict[str, list[Outcome]] = {"new": [], "persisting": [], "resolved": []}
    for outcome in found:
        parts[outcome.delta].append(outcome)
    return parts
