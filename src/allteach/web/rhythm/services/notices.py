"""Notices: what one person should know, told once, and mailed as one digest."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.web.ledger.services import record
from allteach.web.measuring.checkers import due_for_review
from allteach.web.people.models import Membership, Person
from allteach.web.people.selectors import in_force
from allteach.web.projects.models import Review
from allteach.web.quality.selectors import reminders
from allteach.web.rhythm.clock import Nudge, nudge
from allteach.web.rhythm.models import Action, Notice, Report
from allteach.web.rhythm.services.reports import WRITABLE, reports_ask, reports_close
from allteach.web.rhythm.words import NUDGES
from allteach.web.sites.models import Network

VOTERS = ("network_lead", "data_analyst", "qi_coach", "family_partner")
WRITERS = ("network_lead", "data_analyst")  # of measures
STAFF = ("network_lead", "qi_coach")
LINES = 3  # of a digest


@transaction.atomic
def tick(*, by: Person | None, network: Network, today: date | None = None) -> int:
    """Return how many new notices this day brings. Safe to run again: the same thing is told to a person once."""
    today = today or timezone.localdate()
    reports_ask(by=by, network=network, today=today)
    before = Notice.objects.filter(network=network).count()
    told = [
        *_report_notices(network, today),
        *_missing_notices(network, today),
        *_gate_notices(network),
        *_action_notices(network, today),
        *_data_notices(network, today),
        *_card_notices(network, today),
    ]
    Notice.objects.bulk_create(told, ignore_conflicts=True)
    new = Notice.objects.filter(network=network).count() - before
    if new:
        record(by=by, action="notices.told", network=network, count=new)
    return new


@transaction.atomic
def notices_read(*, by: Person, network: Network) -> int:
    """Return how many of the person's own notices were marked as read."""
    read = 0
    for notice in Notice.objects.filter(person=by, network=network, read_at__isnull=True):
        notice.read_at = timezone.now()
        notice.save(update_fields=["read_at"])
        read += 1
    record(by=by, action="notices.read", network=network, count=read)
    return read


@transaction.atomic
def digest_send(*, by: Person | None, network: Network) -> int:
    """Return how many people got mail: one each, with all that is new to them; silence for everyone else."""
    fresh: dict[Person, list[Notice]] = defaultdict(list)
    found = Notice.objects.filter(network=network, mailed_at__isnull=True, read_at__isnull=True).select_related(
        "person"
    )
    for notice in found:
        if notice.person.email and notice.person.is_active:
            fresh[notice.person].append(notice)
    for person, notices in fresh.items():
        send_mail(
            subject=_("%(network)s: %(count)s new for you") % {"network": network.name, "count": len(notices)},
            message=_letter(person, network, notices),
            from_email=settings.DEFAULT_FROM_EMAIL,
            recipient_list=[person.email],
        )
        for notice in notices:
            notice.mailed_at = timezone.now()
            notice.save(update_fields=["mailed_at"])
    if fresh:
        record(by=by, action="digest.sent", network=network, count=len(fresh))
    return len(fresh)


def _letter(person: Person, network: Network, notices: list[Notice]) -> str:
    """Return the letter: three lines at most, how many more there are, and one thing to do."""
    lines = [_("Hello %(name)s,") % {"name": person.display_name}, ""]
    lines += [f"- {notice.text}" for notice in notices[:LINES]]
    if len(notices) > LINES:
        lines.append("- " + _("and %(count)s more") % {"count": len(notices) - LINES})
    first = next((notice.link for notice in notices if notice.link), "")
    lines += ["", _("Begin with the first: %(where)s") % {"where": settings.ADDRESS + first}] if first else []
    lines += ["", _("You find all of this under Notices in %(network)s.") % {"network": network.name}]
    return "\n".join(str(line) for line in lines)


def _missing_notices(network: Network, today: date) -> list[Notice]:
    """Tell staff one, two and three days after a due day how many reports are in and whose are missing."""
    notices = []
    days = [today - timedelta(days=after) for after in (1, 2, 3)]
    reports = (
        Report.objects.filter(project__network=network, due__in=days).select_related("site").order_by("site__name")
    )
    by_day: dict[date, list[Report]] = defaultdict(list)
    for report in reports:
        by_day[report.due].append(report)
    staff = _people(network, STAFF) if by_day else []
    link = reverse("rhythm:reports", kwargs={"network": network.slug})
    for due, found in by_day.items():
        missing = list(dict.fromkeys(report.site.name for report in found if report.status in WRITABLE))
        if not missing:
            continue
        came = sum(report.status not in WRITABLE for report in found)
        numbers = {"came": came, "all": len(found), "sites": ", ".join(missing)}
        text = _("%(came)s of %(all)s reports are in. Missing: %(sites)s") % numbers
        notices += [_notice(pk, network, f"missing-{due}-{(today - due).days}", text, link) for pk in staff]
    return notices


def _people(network: Network, roles: tuple[str, ...], site_id: int | None = None) -> list[int]:
    found = Membership.objects.filter(in_force(), network=network, role__in=roles, person__is_active=True)
    if site_id is not None:
        found = found.filter(site_id=site_id)
    return list(found.values_list("person_id", flat=True).distinct())


def _notice(person_id: int, network: Network, key: str, text: str, link: str) -> Notice:
    return Notice(person_id=person_id, network=network, key=key, text=text[:300], link=link, at=timezone.now())


def _report_notices(network: Network, today: date) -> list[Notice]:
    found = Report.objects.filter(project__network=network, status__in=WRITABLE).select_related("project", "site")
    at_site: dict[int, list[int]] = {}
    notices, missed = [], []
    for report in found:
        say = nudge(report.due, today)
        if say is None:
            continue
        if say is Nudge.MISSED:
            if report.status != Report.Status.MISSED:
                missed.append(report)
            else:
                continue
        people = at_site.setdefault(report.site_id, _people(network, ("site_lead", "site_member"), report.site_id))
        link = reverse("rhythm:report", kwargs={"network": network.slug, "pk": report.pk})
        text = str(NUDGES[say]) % {"what": str(report)}
        notices += [_notice(pk, network, f"report-{report.pk}-{say.value}", text, link) for pk in people]
    reports_close(by=None, network=network, reports=missed)
    return notices


def _gate_notices(network: Network) -> list[Notice]:
    voters, notices = _people(network, VOTERS), []
    for review in Review.objects.filter(project__network=network, decision="").select_related("project"):
        where = {"network": network.slug, "number": review.project.number, "pk": review.pk}
        link = reverse("projects:gate", kwargs=where)
        text = _("A gate waits for your vote: %(project)s") % {"project": review.project.title}
        notices += [_notice(pk, network, f"gate-{review.pk}", text, link) for pk in voters]
    return notices


def _card_notices(network: Network, today: date) -> list[Notice]:
    """Return reminders for those who write measures: cards whose day of review has come."""
    people, notices = _people(network, WRITERS), []
    for version in due_for_review(network, today):
        link = reverse("measuring:measure", kwargs={"network": network.slug, "slug": version.measure.slug})
        text = _("Due for review: %(measure)s") % {"measure": version.measure.title}
        notices += [_notice(pk, network, f"card-{version.pk}-{version.content_hash[:8]}", text, link) for pk in people]
    return notices


def _action_notices(network: Network, today: date) -> list[Notice]:
    notices = []
    late = Action.objects.filter(meeting__network=network, done_at__isnull=True, due__lte=today).select_related(
        "meeting"
    )
    for action in late:
        link = reverse("rhythm:meeting", kwargs={"network": network.slug, "pk": action.meeting_id})
        text = _("You took this on: %(action)s") % {"action": action.text}
        notices.append(_notice(action.owner_id, network, f"action-{action.pk}", text, link))
    return notices


def _data_notices(network: Network, today: date) -> list[Notice]:
    return [
        _notice(pk, network, said.key, said.text, said.link)
        for said in reminders(network=network, today=today)
        for pk in said.people
    ]
