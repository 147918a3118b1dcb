"""Reading how the network works: taking part, giving, waiting, maturity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone

from allteach.web.health.grid import Grid, Standing, parse, shipped_text, standings
from allteach.web.health.models import GridText, Rating, YearPlan
from allteach.web.ideas.models import Idea
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.projects.models import Project, Review
from allteach.web.rhythm.models import Attendance, Meeting, Report
from allteach.web.rhythm.selectors import meetings_of
from allteach.web.rhythm.services.reports import WRITABLE
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import naming_for
from allteach.web.submissions.models import Submission
from allteach.web.trials.models import Cycle

YEAR = timedelta(days=365)


def grid_of(*, user: Any, network: Network) -> Grid:
    """Return the maturity grid in force."""
    require(user, Permission.NETWORK_VIEW, network=network)
    found = GridText.objects.filter(network=network).first()
    return parse(found.text if found else shipped_text())


def maturity(*, user: Any, network: Network, year: int) -> list[Standing]:
    """Return what the raters of a year make of each component."""
    grid = grid_of(user=user, network=network)
    rated = Rating.objects.filter(grid__network=network, year=year).values_list("levels", flat=True)
    return standings(grid, rated)


def own_rating(*, user: Any, network: Network, year: int) -> Rating | None:
    """Return the person's own rating of a year."""
    return Rating.objects.filter(grid__network=network, year=year, person=user).order_by("-grid__version").first()


def plans_of(*, user: Any, network: Network) -> list[YearPlan]:
    """Return the plans of the network, the newest first."""
    require(user, Permission.NETWORK_VIEW, network=network)
    found = YearPlan.objects.filter(network=network).select_related("written_by").prefetch_related("projects")
    return list(found)


YEARLY = (Meeting.Kind.PLANNING, Meeting.Kind.LEARNING, Meeting.Kind.REVIEW)


def dates_of(*, user: Any, network: Network) -> dict[int, list[Meeting]]:
    """Return year -> the planning days, learning sessions and reviews of the yearly cycle, in order."""
    found: dict[int, list[Meeting]] = {}
    held = meetings_of(user=user, network=network).filter(kind__in=YEARLY, cancelled=False)
    for meeting in held:
        found.setdefault(timezone.localtime(meeting.starts).year, []).append(meeting)
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """What one site gave and was asked for in the last twelve months."""

    name: str
    ideas: int
    tests: int
    reports: int
    asked: int
    meetings: int
    files: int

    @property
    def gave(self) -> int:
        """Ideas and tests: what others can learn from."""
        return self.ideas + self.tests


def participation(*, user: Any, network: Network, today: date | None = None) -> list[Part]:
    """Return what every active site gave and was asked for, by name; counts of work, never of patients."""
    require(user, Permission.PROJECT_VIEW, network=network)
    since = (today or timezone.localdate()) - YEAR
    naming = naming_for(user=user, network=network)
    sites = Site.objects.filter(network=network, status=Site.Status.ACTIVE).order_by("name")

    def counted(rows: Any, site: str = "site_id") -> dict[int, int]:
        return dict(rows.order_by().values_list(site).annotate(n=Count("id")))

    ideas = counted(Idea.objects.filter(network=network, proposed_at__date__gte=since, site__isnull=False))
    tests = counted(Cycle.objects.filter(network=network, written_at__date__gte=since))
    asked_rows = Report.objects.filter(project__network=network, due__gte=since)
    asked, reports = counted(asked_rows), counted(asked_rows.exclude(status__in=WRITABLE))
    files = counted(Submission.objects.filter(network=network, sent_at__date__gte=since, site__isnull=False))
    there = Attendance.objects.filter(meeting__network=network, meeting__starts__date__gte=since)
    there = there.filter(person__memberships__network=network, person__memberships__site__isnull=False)
    met = dict(there.order_by().values_list("person__memberships__site_id").annotate(n=Count("meeting", distinct=True)))
    found = [
        Part(naming.name(s), *(counts.get(s.pk, 0) for counts in (ideas, tests, reports, asked, met, files)))
        for s in sites
    ]
    return sorted(found, key=lambda part: part.name)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one step takes: the middle of so many cases, in days; None where there is none yet."""

    key: str
    days: float | None
    cases: int


def waits(*, user: Any, network: Network) -> list[Wait]:
    """Return the times from idea to project, to first test, to decision, to spread."""
    require(user, Permission.PROJECT_VIEW, network=network)
    projects = Project.objects.filter(network=network).annotate(first=Min("cycles__started_at")).select_related("idea")
    rows = list(projects)
    decided = {
        (project, gate): at
        for project, gate, at in Review.objects.filter(project__network=network)
        .exclude(decision="")
        .order_by("decided_at")
        .values_list("project_id", "gate", "decided_at")
        if at is not None
    }
    to_project = [(p.idea.proposed_at, p.started_at) for p in rows if p.idea]
    to_test = [(p.started_at, p.first) for p in rows if p.first]
    to_decision = [(p.started_at, decided[p.pk, "evaluation"]) for p in rows if (p.pk, "evaluation") in decided]
    to_practice = [
        (p.idea.proposed_at, decided[p.pk, "sustain"]) for p in rows if p.idea and (p.pk, "sustain") in decided
    ]
    return [
        _wait("idea_to_project", to_project),
        _wait("project_to_test", to_test),
        _wait("project_to_decision", to_decision),
        _wait("idea_to_practice", to_practice),
    ]


def _wait(key: str, spans: list[tuple[datetime, datetime]]) -> Wait:
    days = [max((end - start).total_seconds() / 86400, 0.0) for start, end in spans]
    return Wait(key, median(days) if days else None, len(days))
