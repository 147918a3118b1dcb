"""Reading reports, meetings, lists and notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Prefetch, QuerySet
from django.http import Http404
from django.utils import timezone

from allteach.web.people.permissions import may, own_site_ids, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.projects.models import CohortSite, Project
from allteach.web.rhythm.models import Action, Expectation, Meeting, Met, Notice, Report, Score, Task
from allteach.web.rhythm.services.reports import WRITABLE
from allteach.web.sites.models import Network, Site
from allteach.web.sites.selectors import sites_for


def reports_of(*, user: Any, network: Network) -> QuerySet[Report]:
    """Return the reports a person may read: all for coaches and leads, those of the own site for its team."""
    require(user, Permission.PROJECT_VIEW, network=network)
    found = Report.objects.filter(project__network=network).select_related("project", "site")
    ids = site_ids_where(user, Permission.TEST_WRITE, network=network)
    if ids is not None:
        found = found.filter(site_id__in=ids | own_site_ids(user, network=network))
    return found.annotate(scored=Count("scores"))


def report_for(*, user: Any, network: Network, pk: int) -> Report:
    """Return one report.

    Raises:
        Http404: there is none that this person may read.
    """
    report = reports_of(user=user, network=network).filter(pk=pk).first()
    if report is None:
        raise Http404
    return report


def scores_seen(*, user: Any, report: Report) -> list[Score]:
    """Return the scores this person may see: staff their own until both are in, nobody else before the answer."""
    scores = list(report.scores.select_related("person"))
    if report.status in (Report.Status.REVIEWED, Report.Status.ANSWERED):
        if may(user, Permission.PROJECT_CHANGE, network=report.project.network):
            return scores
        return []
    return [score for score in scores if score.person_id == user.pk]


def missing_reports(*, user: Any, network: Network, today: date | None = None) -> list[Report]:
    """Return the reports that are due and not in, the longest missing first; what was closed as missed is left out."""
    today = today or timezone.localdate()
    waiting = (Report.Status.DUE, Report.Status.DRAFT)
    found = reports_of(user=user, network=network).filter(status__in=waiting, due__lte=today)
    return list(found.order_by("due", "site__name"))


def unanswered(*, user: Any, network: Network) -> tuple[int, int]:
    """Return how many reports wait for a score or an answer, and at how many sites one of them asks for help."""
    waiting = (Report.Status.SUBMITTED, Report.Status.REVIEWED)
    found = reports_of(user=user, network=network).filter(status__in=waiting).values_list("site_id", "help_wanted")
    rows = list(found)
    return len(rows), len({site for site, help_wanted in rows if help_wanted.strip()})


def meetings_of(*, user: Any, network: Network) -> QuerySet[Meeting]:
    """Return the meetings, earliest first; a coaching hour with one site only for that site and for coaches."""
    require(user, Permission.PROJECT_VIEW, network=network)
    found = Meeting.objects.filter(network=network).select_related("project", "site", "called_by")
    if not may(user, Permission.PROJECT_CHANGE, network=network):
        own = own_site_ids(user, network=network)
        found = found.exclude(pk__in=found.filter(kind="coaching", site__isnull=False).exclude(site_id__in=own))
    return found


def meeting_for(*, user: Any, network: Network, pk: int) -> Meeting:
    """Return one meeting with who was there and what was agreed.

    Raises:
        Http404: there is none that this person may see.
    """
    people = Prefetch("actions", Action.objects.select_related("owner"))
    meeting = (
        meetings_of(user=user, network=network).prefetch_related(people, "attendance__person").filter(pk=pk).first()
    )
    if meeting is None:
        raise Http404
    return meeting


def notices_of(*, user: Any, network: Network) -> QuerySet[Notice]:
    """Return a person's own notices, newest first."""
    require(user, Permission.NETWORK_VIEW, network=network)
    return Notice.objects.filter(person=user, network=network)


def tasks_of(*, user: Any, site: Site) -> list[Task]:
    """Return a site's checklists, for its own team and for those who look after sites."""
    if site.pk not in own_site_ids(user, network=site.network):
        require(user, Permission.SITE_CHANGE, network=site.network, site=site)
    return list(site.tasks.all())


@dataclass(frozen=True, slots=True)
class Owed:
    """What one site still owes a project: the expectation, and by when."""

    site: Site
    expectation: Expectation
    due: date
    late: bool


def owed(*, user: Any, project: Project, today: date | None = None) -> list[Owed]:
    """Return what the project's phase expects and its sites have not met, the most urgent first."""
    require(user, Permission.PROJECT_VIEW, network=project.network)
    today = today or timezone.localdate()
    expected = list(project.expectations.filter(phase=project.phase))
    met = set(Met.objects.filter(expectation__in=expected).values_list("expectation_id", "site_id"))
    members = CohortSite.objects.filter(cohort__project=project, left__isnull=True).select_related("site")
    found = [
        Owed(member.site, one, due := member.joined + timedelta(days=one.days), due < today)
        for member in members
        for one in expected
        if (one.pk, member.site_id) not in met
    ]
    return sorted(found, key=lambda item: (item.due, item.site.name))


@dataclass(frozen=True, slots=True)
class Minimums:
    """The least a site does to count as taking part, over the latest months.

    Args:
        reports: Reports sent in six months.
        meetings: Meetings attended by anyone of the site in six months.
    """

    reports: int = 1
    meetings: int = 1


def below_minimum(
    *, user: Any, network: Network, today: date, least: Minimums | None = None
) -> list[tuple[Site, list[str]]]:
    """Return the active sites that fall below the stated minimums, with what is missing. People decide on a pause."""
    least = least or Minimums()
    since = today - timedelta(days=183)
    sites = list(sites_for(user=user, network=network).filter(status=Site.Status.ACTIVE))
    asked = Report.objects.filter(project__network=network, due__gte=since, due__lte=today)
    expected = dict(asked.values("site_id").annotate(n=Count("id")).values_list("site_id", "n"))
    sent = dict(
        asked.exclude(status__in=WRITABLE).values("site_id").annotate(n=Count("id")).values_list("site_id", "n")
    )
    held = Meeting.objects.filter(network=network, starts__date__gte=since, ends__date__lte=today, cancelled=False)
    there = dict(
        held.filter(attendance__person__memberships__site__isnull=False)
        .values("attendance__person__memberships__site_id")
        .annotate(n=Count("id", distinct=True))
        .values_list("attendance__person__memberships__site_id", "n")
    )
    met = held.exists()
    found = []
    for site in sites:
        missing = []
        if expected.get(site.pk) and sent.get(site.pk, 0) < least.reports:
            missing.append("reports")
        if met and there.get(site.pk, 0) < least.meetings:
            missing.append("meetings")
        if missing:
            found.append((site, missing))
    return found


def latest_scores(*, user: Any, network: Network) -> dict[int, float]:
    """Return site id -> the score of its newest answered report, for the network's own people."""
    require(user, Permission.PROJECT_CHANGE, network=network)
    answered = Report.objects.filter(project__network=network, status=Report.Status.ANSWERED)
    newest = answered.values("site_id").annotate(last=Max("month"))
    months = {row["site_id"]: row["last"] for row in newest}
    rows = answered.values_list("site_id", "month", "score")
    return {site: float(score) for site, month, score in rows if months[site] == month and score is not None}
