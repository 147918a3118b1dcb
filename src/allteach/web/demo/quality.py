"""What the people of the demonstration did about the quality of their data, by the services that any click uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils import timezone

from allteach.web.people.models import Person
from allteach.web.quality import services
from allteach.web.quality.models import Issue, Query
from allteach.web.quality.services.queries import About
from allteach.web.sites.models import Network, Site
from allteach.web.submissions.models import Submission


def load_quality(network: Network, people: Mapping[str, Person], sites: Mapping[str, Site]) -> None:
    """Give issues to people, accept one, and ask sites; call it after the files are in."""
    today = timezone.localdate()
    _issues(network, people, sites, today)
    _queries(network, people, sites, today)


def _issue(sites: Mapping[str, Site], site: str, check: str, table: str = "operations") -> Issue:
    return Issue.objects.get(site=sites[site], check_name=check, table_slug=table)


def _issues(network: Network, people: Mapping[str, Person], sites: Mapping[str, Site], today: date) -> None:
    chi = people["chi"]
    gap = _issue(sites, "cedar-sound", "months-here")
    lead = people["lead-cedar-sound"]
    services.issue_assign(by=chi, issue=gap, owner=lead, due=today + timedelta(days=14))
    services.issue_comment(by=lead, issue=gap, text="We changed our record system then. The rows exist on paper.")
    lost = _issue(sites, "quillbridge", "months-here")
    services.issue_assign(by=chi, issue=lost, owner=people["lead-quillbridge"], due=today - timedelta(days=3))
    for table in ("operations", "audits", "months"):
        late = _issue(sites, "oakhollow", "up-to-date", table)
        services.issue_assign(by=chi, issue=late, owner=people["lead-oakhollow"], due=today + timedelta(days=5))
    unlike = _issue(sites, "larkmead", "like-the-others")
    reason = "Tubes come out earlier here: we have worked with removal criteria since 2022. The numbers are right."
    services.issue_accept(by=people["lead-larkmead"], issue=unlike, text=reason)


def _queries(network: Network, people: Mapping[str, Person], sites: Mapping[str, Site], today: date) -> None:
    chi, soon = people["chi"], today + timedelta(days=7)

    def ask(site: str, about: About, text: str, due: date = soon) -> Query:
        return services.query_ask(by=chi, network=network, site=sites[site], about=about, text=text, due=due)

    ask(
        "northquay",
        About("months", "unplanned_extubations", month=date(2026, 1, 1)),
        "Since January there are about three times as many. Is the counting still the same?",
    )
    own = Submission.objects.filter(network=network, site=sites["alderbrook"], table__slug="operations").first()
    ask(
        "alderbrook",
        About("operations", "chest_tube_hours", submission=own, row=4),
        "Is this number in hours? It is far from the others of that week.",
    )
    gap = _issue(sites, "cedar-sound", "months-here")
    asked = ask(
        "cedar-sound", About("operations", month=date(2025, 8, 1), issue=gap), "Will August and September still come?"
    )
    services.query_answer(
        by=people["lead-cedar-sound"], query=asked, text="Yes, by the end of the month, typed in from paper."
    )
    done = ask("birchwick", About("operations", "high_pain_on_day_2", month=date(2026, 9, 1)), "The column is empty.")
    services.query_answer(by=people["lead-birchwick"], query=done, text="A fault of the extract; it is sent again.")
    services.query_close(by=chi, query=done, text="It is there now, thank you.")
