"""Who should be told of what today about issues and queries. The room `rhythm` turns it into notices and mail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from allteach.web.people.models import Membership
from allteach.web.people.selectors import in_force
from allteach.web.quality.models import Issue, Query
from allteach.web.quality.selectors.issues import OPEN
from allteach.web.sites.models import Network

WEEK, DAY = timedelta(days=7), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something that people should know.

    Args:
        people: Ids of the persons.
        key: The occasion; the same one is told once.
        text: One line, without a value of a patient.
        link: Where it is.
    """

    people: tuple[int, ...]
    key: str
    text: str
    link: str


def reminders(*, network: Network, today: date) -> list[Reminder]:
    """Return what is to be told on a day, in three queries."""
    return [*_of_queries(network, today), *_of_issues(network, today)]


def _teams(network: Network) -> dict[int, tuple[int, ...]]:
    """Return site id -> ids of the people who answer for its data."""
    held = Membership.objects.filter(
        in_force(), network=network, role__in=("site_lead", "site_member"), person__is_active=True
    )
    found: dict[int, list[int]] = defaultdict(list)
    for site, person in held.values_list("site_id", "person_id").order_by("site_id", "person_id"):
        if site is not None:
            found[site].append(person)
    return {site: tuple(people) for site, people in found.items()}


def _of_queries(network: Network, today: date) -> Iterator[Reminder]:
    teams = _teams(network)
    waiting = Query.objects.filter(network=network).exclude(status=Query.Status.CLOSED).annotate(said=Count("messages"))
    for query in waiting:
        link = reverse("quality:query", kwargs={"network": network.slug, "number": query.number})
        if query.status == Query.Status.ANSWERED:
            text = _("Your query %(number)d has an answer") % {"number": query.number}
            yield Reminder((query.asked_by_id,), f"query-{query.pk}-{query.said}", text, link)
            continue
        team = teams.get(query.site_id, ())
        text = _("The network asks your site about its data: query %(number)d") % {"number": query.number}
        yield Reminder(team, f"query-{query.pk}-{query.said}", text, link)
        if when := _when(query.due, today):
            text = _("Query %(number)d waits for your site's answer, %(when)s") % {"number": query.number, "when": when}
            yield Reminder(team, f"query-{query.pk}-{query.said}-{(today - query.due).days}", text, link)


def _of_issues(network: Network, today: date) -> Iterator[Reminder]:
    for issue in Issue.objects.filter(network=network, status__in=OPEN, owner__isnull=False):
        link = reverse("quality:issue", kwargs={"network": network.slug, "number": issue.number})
        people = (issue.owner_id,) if issue.owner_id else ()
        said = {"issue": str(issue)}
        yield Reminder(people, f"issue-{issue.pk}-yours", _("A data issue is yours: %(issue)s") % said, link)
        if issue.due and (when := _when(issue.due, today)):
            text = _("A data issue of yours, %(when)s: %(issue)s") % {**said, "when": when}
            yield Reminder(people, f"issue-{issue.pk}-{(today - issue.due).days}", text, link)


def _when(due: date, today: date) -> str:
    """Return how a due date lies, on the days on which people are reminded; empty on quiet days."""
    return {
        WEEK: _("due in a week"),
        DAY: _("due tomorrow"),
        -DAY: _("due yesterday"),
        -WEEK: _("due a week ago"),
    }.get(due - today, "")
