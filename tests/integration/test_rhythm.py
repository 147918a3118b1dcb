"""The monthly clock: reports with two independent scores, meetings, checklists, notices and the calendar feed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from allteach.errors import StateError
from allteach.web.projects import services as projects
from allteach.web.rhythm.clock import Nudge, months_to_ask, nudge, report_due
from allteach.web.rhythm.ical import fold
from allteach.web.rhythm.models import Meeting, Notice, Report, Task
from allteach.web.rhythm.services import meetings, notices, reports

TODAY = date(2026, 11, 11)


def _client(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _at(name: str, **kwargs: Any) -> str:
    return reverse(f"rhythm:{name}", kwargs={"network": "hearts", **kwargs})


@pytest.fixture
def project(people: Any, sites: Any, network: Any) -> Any:
    """An incubator that tests at two sites."""
    found = projects.project_start(by=people.dee, network=network, title="Tubes", pathway="single_site")
    cohort = projects.cohort_add(by=people.dee, project=found, name="First", kind="test", starts=date(2026, 9, 1))
    for site in sites[:2]:
        projects.cohort_join(by=people.dee, cohort=cohort, site=site, on=date(2026, 9, 1))
    projects.project_advance(by=people.dee, project=found)
    return projects.project_advance(by=people.dee, project=found)


@pytest.mark.django_db
def test_reports_are_asked_once_for_months_that_are_over(project: Any, network: Any, people: Any) -> None:
    made = reports.reports_ask(by=None, network=network, today=TODAY)
    assert {(r.site.code, r.month) for r in made} == {
        (code, month) for code in ("alder", "birch") for month in (date(2026, 9, 1), date(2026, 10, 1))
    }
    assert reports.reports_ask(by=None, network=network, today=TODAY) == []


@pytest.mark.django_db
def test_two_people_score_on_their_own_and_the_site_gets_words(project: Any, network: Any, people: Any) -> None:
    reports.reports_ask(by=None, network=network, today=TODAY)
    report = Report.objects.filter(site__code="birch").first()
    hal, dee, ada = _client(people.hal), _client(people.dee), _client(people.ada)
    where = _at("report", pk=report.pk)
    assert hal.post(where, {"wins": "", "submit": "1"}).status_code == 409
    assert hal.post(where, {"wins": "Nine of ten.", "self_score": "3.0", "submit": "1"}).status_code == 302
    assert _client(people.ben).get(where).status_code == 404
    judge = _at("judge", pk=report.pk, step="score")
    assert dee.post(judge, {"score": "3.0", "reason": "Tests worked."}).status_code == 302
    assert b"Tests worked." not in ada.get(where).content
    assert hal.post(judge, {"score": "5.0", "reason": "We are great."}).status_code == 403
    ada.post(judge, {"score": "3.5", "reason": "More than modest."})
    report.refresh_from_db()
    assert (report.status, report.score) == ("reviewed", Decimal("3.0"))
    answer = _at("judge", pk=report.pk, step="answer")
    assert dee.post(answer, {"score": "3.0", "feedback": "Keep going; try the weekend next."}).status_code == 302
    page = hal.get(where).content
    assert b"try the weekend next" in page
    assert b"Tests worked." not in page


@pytest.mark.django_db
def test_scores_that_differ_by_more_than_half_a_step_are_left_to_people(
    project: Any, network: Any, people: Any
) -> None:
    report = reports.reports_ask(by=None, network=network, today=TODAY)[0]
    reports.report_write(by=people.ben, report=report, submit=True, wins="All well.")
    reports.report_score(by=people.dee, report=report, score=Decimal("2.0"), reason="Little.")
    reports.report_score(by=people.ada, report=report, score=Decimal("4.0"), reason="Much.")
    report.refresh_from_db()
    assert report.score is None
    with pytest.raises(StateError, match="AT-T-206"):
        reports.report_answer(by=people.ada, report=report, score=Decimal("3.0"), feedback=" ")


@pytest.mark.django_db
def test_a_day_is_told_once_and_mailed_as_one_letter_a_person(project: Any, network: Any, people: Any) -> None:
    assert notices.tick(by=None, network=network, today=TODAY) > 0
    assert notices.tick(by=None, network=network, today=TODAY) == 0
    mailed = notices.digest_send(by=None, network=network)
    assert mailed == len(mail.outbox) == Notice.objects.values("person").distinct().count()
    assert notices.digest_send(by=None, network=network) == 0
    letters = {letter.to[0]: letter.body for letter in mail.outbox}
    assert "Oct 2026" in letters[people.hal.email]
    assert "0 of 2 reports are in" in letters[people.dee.email]


@pytest.mark.django_db
def test_meetings_keep_who_was_there_and_feed_calendars(network: Any, people: Any) -> None:
    start = datetime(2026, 12, 1, 14, tzinfo=UTC)
    dee = _client(people.dee)
    said = {
        "title": "Learning session; winter",
        "kind": "learning",
        "starts": "2026-12-01T14:00",
        "ends": "2026-12-01T16:00",
    }
    assert dee.post(_at("call"), said).status_code == 302
    meeting = Meeting.objects.get()
    assert meeting.starts == start
    dee.post(_at("meeting_act", pk=meeting.pk, step="there"), {"people": [people.fay.pk, people.ben.pk]})
    agreed = {"text": "Translate the leaflet", "owner": people.fay.pk, "due": "2026-12-20"}
    dee.post(_at("meeting_act", pk=meeting.pk, step="agree"), agreed)
    assert meeting.attendance.count() == 2
    fay = _client(people.fay)
    assert fay.post(_at("finish", pk=meeting.actions.get().pk)).status_code == 302
    page = fay.get(_at("calendar")).content.decode()
    feed = page.split("<code>")[1].split("</code>")[0]
    answer = Client().get(feed)
    assert answer["Content-Type"].startswith("text/calendar")
    assert b"SUMMARY:Learning session\\; winter" in answer.content
    assert b"\r\n" in answer.content
    assert Client().get(feed.replace(".ics", "x.ics")).status_code == 404


@pytest.mark.django_db
def test_a_coaching_hour_is_seen_by_its_own_site_only(network: Any, people: Any, sites: Any) -> None:
    start = datetime(2026, 12, 1, 14, tzinfo=UTC)
    meeting = meetings.meeting_call(
        by=people.dee, network=network, title="Hour", kind="coaching", starts=start, ends=start, site=sites[0]
    )
    assert _client(people.ben).get(_at("meeting", pk=meeting.pk)).status_code == 200
    assert _client(people.hal).get(_at("meeting", pk=meeting.pk)).status_code == 404


@pytest.mark.django_db
def test_a_checklist_survives_leaving_and_only_its_site_moves_it(people: Any, sites: Any) -> None:
    ada, ben, hal = (_client(p) for p in (people.ada, people.ben, people.hal))
    where = _at("checklist", code="alder")
    assert ada.post(where, {"kind": "joining"}).status_code == 302
    task = Task.objects.first()
    assert ben.post(_at("task", pk=task.pk), {"state": "doing"}).status_code == 302
    assert hal.post(_at("task", pk=task.pk), {"state": "done"}).status_code == 403
    assert hal.get(where).status_code == 403
    assert b"In progress" in ben.get(where).content


@pytest.mark.django_db
def test_what_a_phase_expects_is_owed_until_it_is_met(project: Any, people: Any, sites: Any) -> None:
    dee, hal = _client(people.dee), _client(people.hal)
    where = _at("expectations", number=project.number)
    dee.post(where, {"phase": "test_learn", "text": "Run one test", "days": "30"})
    assert hal.get(where).content.count(b"Run one test") == 3
    expectation = project.expectations.get()
    assert hal.post(_at("meet", pk=expectation.pk), {"site": sites[0].pk}).status_code == 403
    assert hal.post(_at("meet", pk=expectation.pk), {"site": sites[1].pk}).status_code == 302
    assert hal.get(where).content.count(b"Run one test") == 2


@pytest.mark.parametrize(
    ("days", "say"),
    [
        (-7, Nudge.WEEK_BEFORE), (-6, None), (-1, Nudge.DAY_BEFORE), (0, None), (1, Nudge.ASK), (3, Nudge.LATE),
        (4, None), (21, Nudge.MISSED),
    ],
)  # fmt: skip
def test_reminders_come_on_the_stated_days_and_no_other(days: int, say: Nudge | None) -> None:
    due = report_due(date(2026, 10, 1))
    assert due == date(2026, 11, 10)
    assert nudge(due, due + timedelta(days=days)) is say


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_no_month_is_asked_for_before_it_is_over(first: date, days: int) -> None:
    today = first + timedelta(days=days)
    asked = months_to_ask(first, today)
    assert asked == sorted(set(asked))
    assert all((m.replace(day=28) + timedelta(days=4)).replace(day=1) <= today for m in asked)


@given(st.text())
def test_folded_lines_hold_the_same_text_in_75_octets(line: str) -> None:
    pieces = fold(line)
    assert all(len(piece.encode("utf-8", "surrogatepass")) <= 75 for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line


LETTER = """Hello Dee Lindqvist,

- 0 of 2 reports are in. Missing: Alder Hospital, Birch Hospital
- A gate waits for your vote: One
- A gate waits for your vote: Two
- and 1 more

Begin with the first: http://127.0.0.1:8000/n/hearts/reports/

You find all of this under Notices in Hearts."""


@pytest.mark.django_db
def test_staff_get_the_list_of_the_missing_on_three_days_and_one_letter_of_three_lines(
    project: Any, network: Any, people: Any
) -> None:
    reports.reports_ask(by=None, network=network, today=date(2026, 10, 5))
    lists = Notice.objects.filter(person=people.dee, key__startswith="missing-")
    counts = []
    for day in (9, 10, 11, 12, 13, 14):
        notices.tick(by=None, network=network, today=date(2026, 10, day))
        counts.append(lists.count())
    assert counts == [0, 0, 1, 2, 3, 3]
    assert not Notice.objects.filter(person=people.ben, key__startswith="missing-").exists()


@pytest.mark.django_db
def test_a_letter_has_three_lines_and_one_thing_to_do(network: Any, people: Any) -> None:
    where = "/n/hearts/reports/"
    said = ["0 of 2 reports are in. Missing: Alder Hospital, Birch Hospital"]
    said += [f"A gate waits for your vote: {name}" for name in ("One", "Two", "Three")]
    people.dee.display_name, network.name = "Dee Lindqvist", "Hearts"
    found = [Notice(person=people.dee, network=network, key=text, text=text, link=where, at=None) for text in said]
    assert notices._letter(people.dee, network, found) == LETTER
