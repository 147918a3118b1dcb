"""Issues live from one file to the next, queries go back and forth, and nobody sees a value of another site."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from allteach.errors import Refused, StateError
from allteach.intake.contract import load
from allteach.measures.files import load as load_card
from allteach.web.ledger.models import Entry
from allteach.web.measuring.services import create_measure
from allteach.web.quality import selectors, services
from allteach.web.quality.models import Event, Issue, Outcome, Query, Run
from allteach.web.quality.services.queries import About
from allteach.web.rhythm.models import Notice
from allteach.web.rhythm.services.notices import tick
from allteach.web.submissions.calendars import calendar_of
from allteach.web.submissions.services import save_table, withdraw
from tests.integration.submitting import accepted

pytestmark = pytest.mark.django_db
DICTIONARY = """
name: stays
title: Stays
key: [stay]
fields:
- {name: stay, role: record, required: true}
- {name: site, role: site, required: true}
- {name: day, type: date, role: date, required: true, formats: [YYYY-MM-DD]}
- {name: ward, type: code, codes: {a: "", b: ""}}
- {name: hours, type: number, role: value, minimum: 0, maximum: 500}
"""


def stays(site: str, months: int = 6, *, hours: str = "", skip: int = 0, bad: int = 0) -> str:
    """Return rows of one site: ten a month; `hours` for every third row, `bad` rows with a code that is not listed."""
    lines = []
    for month in range(1, months + 1):
        for n in range(10):
            if month == skip:
                continue
            said = hours if hours != "" and n % 3 == 0 else f"{20 + 3 * n + month}.5"
            ward = "zz" if n < bad and month == months else "ab"[n % 2]
            lines.append(
                f"{site}{month}-{n},{site},2024-{month:02d}-{2 + 2 * n:02d},{ward},{'' if said == '-' else said}"
            )
    return "\n".join(lines) + "\n"


HEAD = "stay,site,day,ward,hours\n"


@pytest.fixture
def table(people: Any, network: Any) -> Any:
    return save_table(by=people.ada, network=network, dictionary=load(DICTIONARY))


def send(people: Any, table: Any, text: str, site: Any, by: str = "ben") -> Any:
    return accepted(by=getattr(people, by), network=table.network, text=HEAD + text, table=table, site=site)


def newest() -> Run:
    run = Run.objects.first()
    assert run is not None
    return run


def issue_of(name: str) -> Issue:
    return Issue.objects.get(check_name=name)


def test_an_issue_is_new_then_persists_then_is_resolved_and_can_come_back(people: Any, table: Any, sites: Any) -> None:
    site = sites[0]
    file = send(people, table, stays("alder", hours="-"), site)
    issue = issue_of("optional-filled")
    assert (issue.status, issue.level, issue.applicable, issue.failed) == ("open", "fail", 60, 24)
    assert issue.months == dict.fromkeys([f"2024-{m:02d}" for m in range(1, 7)], 4)
    assert file.facts["quality"] == {"new": 1, "persisting": 0, "resolved": 0, "run": newest().pk}

    send(people, table, stays("alder", 7, hours="-"), site)
    assert newest().outcomes.get(issue=issue).delta == "persisting"

    send(people, table, stays("alder", 7), site)
    assert newest().outcomes.get(issue=issue).delta == "resolved"
    issue.refresh_from_db()
    assert (issue.status, issue.closed_at is not None) == ("fixed", True)

    send(people, table, stays("alder", 8, hours="-"), site)
    issue.refresh_from_db()
    assert issue.status == "open"
    kinds = list(issue.events.values_list("kind", flat=True))
    assert kinds == ["opened", "resolved", "again"]
    assert Entry.objects.filter(action="quality.checked").count() == 4


def test_rows_held_back_count_as_failed_and_are_told_by_month(people: Any, table: Any, sites: Any) -> None:
    send(people, table, stays("alder", bad=4), sites[0])
    issue = issue_of("listed-code")
    assert (issue.failed, issue.applicable, issue.months) == (4, 60, {"2024-06": 4})
    assert issue_of("rows-held").failed == 4


def test_persistence_against_the_file_before(people: Any, table: Any, sites: Any) -> None:
    send(people, table, stays("alder", 8), sites[0])
    assert not Issue.objects.filter(check_name="rows-persist").exists()
    send(people, table, stays("alder", 8, skip=3), sites[0])
    assert issue_of("rows-persist").months == {"2024-03": 10}
    assert issue_of("months-here").months == {"2024-03": 0}


def test_a_site_that_falls_behind_is_late_until_it_sends(people: Any, table: Any, sites: Any) -> None:
    send(people, table, stays("birch"), sites[1], by="ada")
    send(people, table, stays("alder", 8), sites[0])
    late = issue_of("up-to-date")
    assert (late.site, late.level, list(late.months)) == (sites[1], "fail", ["2024-07", "2024-08"])
    send(people, table, stays("birch", 8), sites[1], by="ada")
    late.refresh_from_db()
    assert late.status == "fixed"


def test_when_another_site_sends_is_not_told(people: Any, table: Any, sites: Any) -> None:
    """A file of another site can make a site late; its issue says so, but not whose file it was."""
    send(people, table, stays("alder"), sites[0])
    send(people, table, stays("birch", 8), sites[1], by="ada")
    theirs, late = newest(), issue_of("up-to-date")
    assert late.site == sites[0]
    ben, chi, at = signed_in(people.ben), signed_in(people.chi), "/n/hearts/data/quality/"
    assert ben.get(f"{at}runs/{theirs.pk}/").status_code == 404
    assert chi.get(f"{at}runs/{theirs.pk}/").status_code == 200
    assert f"runs/{theirs.pk}/" not in ben.get(at).content.decode()
    page = f"{at}issues/{late.number}/"
    assert "Ada Okafor ·" not in ben.get(page).content.decode()
    assert f"runs/{theirs.pk}/" not in ben.get(page).content.decode()
    assert f"runs/{theirs.pk}/" in chi.get(page).content.decode()


def test_people_take_mend_and_accept_issues(people: Any, table: Any, sites: Any) -> None:
    send(people, table, stays("alder", hours="-"), sites[0])
    issue, due = issue_of("optional-filled"), date(2026, 12, 1)
    with pytest.raises(StateError) as refused:
        services.issue_assign(by=people.ben, issue=issue, owner=people.hal, due=due)
    assert refused.value.code == "AT-T-241"
    services.issue_assign(by=people.chi, issue=issue, owner=people.ben, due=due)
    services.issue_comment(by=people.ben, issue=issue, text="Lost in the extract.")
    with pytest.raises(StateError) as refused:
        services.issue_fix(by=people.ben, issue=issue, text=" ")
    assert refused.value.code == "AT-T-242"
    services.issue_fix(by=people.ben, issue=issue, text="Mended.")
    with pytest.raises(StateError) as refused:
        services.issue_fix(by=people.ben, issue=issue, text="Mended.")
    assert refused.value.code == "AT-T-240"
    services.quality_check(by=people.chi, network=table.network, table_slug="stays")
    issue.refresh_from_db()
    assert issue.status == "assigned"  # the check still finds it, and it has its owner
    services.issue_accept(by=people.ben, issue=issue, text="The ward never measures it.")
    services.quality_check(by=people.chi, network=table.network, table_slug="stays")
    issue.refresh_from_db()
    assert (issue.status, issue.reason) == ("accepted", "The ward never measures it.")
    services.issue_reopen(by=people.chi, issue=issue, text="Please ask again.")
    kinds = list(Event.objects.filter(issue=issue).values_list("kind", flat=True))
    assert kinds == ["opened", "assigned", "comment", "fixed", "again", "accepted", "reopened"]
    for person in (people.dee, people.hal, people.eve, people.fay):
        with pytest.raises(Refused):
            services.issue_comment(by=person, issue=issue, text="Me too.")


def test_limits_of_the_network_hold_from_the_next_check(people: Any, table: Any, sites: Any) -> None:
    send(people, table, stays("alder", hours="-"), sites[0])
    services.limit_set(by=people.chi, network=table.network, check_name="optional-filled", warn=0.5, fail=0.9)
    services.quality_check(by=people.chi, network=table.network, table_slug="stays")
    assert issue_of("optional-filled").status == "fixed"
    with pytest.raises(StateError) as refused:
        services.limit_set(by=people.chi, network=table.network, check_name="optional-filled", warn=0.9, fail=0.5)
    assert refused.value.code == "AT-T-245"


def test_a_withdrawn_file_takes_its_issues_with_it(people: Any, table: Any, sites: Any) -> None:
    send(people, table, stays("alder"), sites[0])
    second = send(people, table, stays("alder", 7, hours="-"), sites[0])
    withdraw(by=people.ben, submission=second, note="Wrong export")
    assert issue_of("optional-filled").status == "fixed"


def test_a_query_goes_to_the_site_and_back(people: Any, table: Any, sites: Any) -> None:
    file = send(people, table, stays("alder", hours="321.5"), sites[0])
    about = About("stays", "hours", submission=file, row=2)
    with pytest.raises(Refused):
        services.query_ask(by=people.ben, network=table.network, site=sites[0], about=about, text="Why?", due=date.max)
    due = timezone.localdate() + timedelta(days=3)
    query = services.query_ask(
        by=people.chi, network=table.network, site=sites[0], about=about, text="Is the unit right?", due=due
    )
    assert selectors.row_value(user=people.ben, query=query) == "321.5"
    for person in (people.chi, people.ada, people.hal, people.dee, people.fay):
        assert selectors.row_value(user=person, query=query) is None
    for person in (people.chi, people.hal):
        with pytest.raises(Refused):
            services.query_answer(by=person, query=query, text="Yes.")
    assert selectors.waiting(user=people.ben, network=table.network).questions == 1
    query = services.query_answer(by=people.ben, query=query, text="Yes, it was a long one.")
    assert (query.status, selectors.waiting(user=people.chi, network=table.network).answers) == ("answered", 1)
    query = services.query_reopen(by=people.chi, query=query, text="Which day?", due=due)
    services.query_answer(by=people.ben, query=query, text="The fifth.")
    query = services.query_close(by=people.chi, query=query, text="Thank you.")
    with pytest.raises(StateError) as refused:
        services.query_answer(by=people.ben, query=query, text="One more thing.")
    assert refused.value.code == "AT-T-244"
    said = Entry.objects.filter(action__startswith="query.").values_list("action", flat=True)
    assert list(said) == ["query.asked", "query.answered", "query.again", "query.answered", "query.closed"]
    wrong = About("stays", submission=file)
    with pytest.raises(StateError) as refused:
        services.query_ask(by=people.chi, network=table.network, site=sites[2], about=wrong, text="?", due=due)
    assert refused.value.code == "AT-T-243"


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_pages_show_own_sites_only_and_never_a_value(people: Any, table: Any, sites: Any) -> None:
    file = send(people, table, stays("alder", hours="-", bad=3) + "", sites[0])
    send(people, table, stays("birch", hours="-"), sites[1], by="ada")
    birch = Issue.objects.get(check_name="optional-filled", site=sites[1])
    about = About("stays", "hours", submission=file, row=3)
    network, due = table.network, date.max
    query = services.query_ask(by=people.chi, network=network, site=sites[0], about=about, text="Why?", due=due)
    own = Issue.objects.get(check_name="optional-filled", site=sites[0])
    at = "/n/hearts/data/quality/"
    paths = ["", "checks/", "checks/optional-filled/", "issues/", f"runs/{newest().pk}/", f"issues/{own.number}/",
             "sites/alder/", "queries/", f"queries/{query.number}/"]  # fmt: skip
    for path in paths:
        text = signed_in(people.ben).get(at + path).content.decode()
        assert "Birch" not in text, path
        text = signed_in(people.chi).get(at + path).content.decode()
        assert "24.5" not in text, path  # what row 3 says
    assert "24.5" in signed_in(people.ben).get(f"{at}queries/{query.number}/").content.decode()
    for path in (f"issues/{birch.number}/", f"issues/{birch.number}/comment/"):
        client = signed_in(people.ben)
        assert (client.post if "comment" in path else client.get)(at + path).status_code == 404
    assert signed_in(people.ben).get(f"{at}sites/birch/").status_code == 403
    assert signed_in(people.eve).get(at).status_code == 403
    assert signed_in(people.dee).get(f"{at}issues/{own.number}/").status_code == 200
    assert signed_in(people.fay).get(at).status_code == 200
    assert signed_in(people.fay).get(f"{at}queries/").status_code == 403


def test_forms_on_the_pages_do_what_they_say(people: Any, table: Any, sites: Any) -> None:
    send(people, table, stays("alder", hours="-"), sites[0])
    issue = issue_of("optional-filled")
    at, ben, chi = f"/n/hearts/data/quality/issues/{issue.number}/", signed_in(people.ben), signed_in(people.chi)
    assert ben.post(f"{at}assign/", {"owner": people.ben.pk, "due": "2026-12-01"}).status_code == 302
    assert ben.post(f"{at}fix/", {"fix-text": ""}).status_code == 422
    assert ben.post(f"{at}accept/", {"accept-text": "True here."}).status_code == 302
    issue.refresh_from_db()
    assert (issue.status, issue.owner) == ("accepted", people.ben)
    ask = {"site": sites[0].pk, "about": "stays|hours", "month": "2024-03", "due": "2026-12-01", "text": "Why so few?"}
    assert chi.post(f"/n/hearts/data/quality/queries/ask/?issue={issue.number}", ask).status_code == 302
    query = Query.objects.get()
    assert (query.issue, query.month, query.column) == (issue, date(2024, 3, 1), "hours")
    assert chi.post("/n/hearts/data/quality/queries/ask/", ask | {"row": "4"}).status_code == 422
    assert (
        ben.post(f"/n/hearts/data/quality/queries/{query.number}/answer/", {"answer-text": "A leave."}).status_code
        == 302
    )
    assert (
        chi.post(f"/n/hearts/data/quality/queries/{query.number}/close/", {"close-text": "Thanks."}).status_code == 302
    )
    assert chi.post("/n/hearts/data/quality/checks/far-out/limits/", {"warn": "2", "fail": "1"}).status_code == 422
    assert chi.post("/n/hearts/data/quality/checks/far-out/limits/", {"warn": "2", "fail": "8"}).status_code == 302
    assert chi.post("/n/hearts/data/quality/run/").status_code == 302
    assert ben.post("/n/hearts/data/quality/run/").status_code == 403
    assert Outcome.objects.exists()


def chart(client: Client, tail: str = "") -> str:
    return client.get(f"/n/hearts/results/m/stay-hours/s/alder/{tail}").content.decode()


CARD = """
id: stay-hours
title: Hours
kind: mean
table: stays
site: site
date: day
grain: month
value: hours
unit: hours
"""


def test_a_chart_says_which_points_are_in_doubt_and_who_is_on_it(people: Any, table: Any, sites: Any) -> None:
    table.network.open_counts = True
    table.network.save()
    create_measure(by=people.ada, network=table.network, card=load_card(CARD))
    send(people, table, stays("birch", 12), sites[1], by="ada")
    send(people, table, stays("alder", 11, skip=5), sites[0])
    gap = Issue.objects.get(check_name="months-here", site=sites[0])
    text = chart(signed_in(people.ben))
    assert "May 2024 is in doubt: no rows came for it, with Ben Silva." in text
    assert "Dec 2024 is late: not sent yet, with Ben Silva." in text
    assert 'data-say="May 2024: no data, no rows came for it, with Ben Silva"' in text
    services.issue_assign(by=people.chi, issue=gap, owner=people.chi, due=None)
    services.issue_comment(by=people.ben, issue=gap, text="Lost.")
    table_page, csv = chart(signed_in(people.ben), "table/"), chart(signed_in(people.ben), "chart.csv")
    assert "no rows came for it, with Chi Nakamura" in table_page
    assert "no rows came for it, with Chi Nakamura" in csv
    other = signed_in(people.hal).get(f"/n/hearts/results/m/stay-hours/s/letter-{sites[0].letter.lower()}/")
    assert "someone at Site M" in other.content.decode()
    assert "Chi Nakamura" not in other.content.decode()
    services.issue_accept(by=people.ben, issue=gap, text="The ward was closed.")
    assert "May 2024 is in doubt" not in chart(signed_in(people.ben))


def test_a_chart_marks_where_the_table_means_something_else(people: Any, table: Any, sites: Any) -> None:
    create_measure(by=people.ada, network=table.network, card=load_card(CARD))
    send(people, table, stays("alder", 6), sites[0])
    changed = DICTIONARY.replace("type: number,", "type: number, description: From the first incision,")
    later = save_table(by=people.ada, network=table.network, dictionary=load(changed))
    rows = "".join(line for line in stays("alder", 9).splitlines(keepends=True) if line[15:22] > "2024-06")
    send(people, later, rows, sites[0])
    assert "From Jul 2024 on it is counted in another way: a column has another meaning" in chart(signed_in(people.ben))


def test_reminders_reach_the_site_the_asker_and_the_owner_once(people: Any, table: Any, sites: Any) -> None:
    send(people, table, stays("alder", hours="-"), sites[0])
    issue, today = issue_of("optional-filled"), timezone.localdate()
    services.issue_assign(by=people.chi, issue=issue, owner=people.ben, due=today + timedelta(days=1))
    about = About("stays", "hours")
    query = services.query_ask(by=people.chi, network=table.network, site=sites[0], about=about, text="Why?", due=today)
    tick(by=None, network=table.network, today=today)
    tick(by=None, network=table.network, today=today)
    told = list(Notice.objects.filter(person=people.ben).values_list("text", flat=True))
    assert len(told) == 3
    assert any("due tomorrow" in text for text in told)
    tick(by=None, network=table.network, today=today + timedelta(days=1))
    assert Notice.objects.filter(person=people.ben, text__contains="due yesterday").count() == 1
    services.query_answer(by=people.ben, query=query, text="A leave.")
    tick(by=None, network=table.network, today=today)
    assert Notice.objects.filter(person=people.chi, text__contains="has an answer").count() == 1
    assert not Notice.objects.filter(person=people.hal).exists()


def test_months_are_due_then_late_where_the_network_has_fixed_a_day(people: Any, table: Any, sites: Any) -> None:
    network = table.network
    network.due_days = 10
    network.save()
    send(people, table, stays("birch", 7), sites[1], by="ada")
    send(people, table, stays("alder", 6), sites[0])

    def states(today: date) -> dict[str, list[str]]:
        found = calendar_of(user=people.ada, network=network, months=3, today=today)
        return {line.site.code: [cell.state for cell in line.cells] for line in found.lines}

    before = states(date(2024, 8, 9))
    assert (before["alder"], before["birch"]) == (["accepted", "accepted", "due"], ["accepted"] * 3)
    assert states(date(2024, 8, 11))["alder"] == ["accepted", "accepted", "late"]
    after = states(date(2024, 9, 20))
    assert (after["alder"][1:], after["birch"][1:]) == (["late", "late"], ["accepted", "late"])
    calendar = calendar_of(user=people.ada, network=network, today=date(2024, 8, 9))
    assert (calendar.late, str(calendar.due_on)) == ((), "2024-08-10")


def test_the_api_does_what_the_pages_do(people: Any, table: Any, sites: Any) -> None:
    send(people, table, stays("alder", hours="-"), sites[0])
    send(people, table, stays("birch", hours="-"), sites[1], by="ada")
    ben, chi, at = signed_in(people.ben), signed_in(people.chi), "/api/n/hearts/quality"
    assert {one["site"] for one in ben.get(at).json()} == {"alder"}
    assert {one["site"] for one in chi.get(f"{at}?check=optional-filled").json()} == {"alder", "birch"}
    number = ben.get(f"{at}/issues").json()[0]["number"]

    def post(client: Client, tail: str, **said: Any) -> Any:
        return client.post(f"{at}/{tail}", said, content_type="application/json")

    assert post(ben, f"issues/{number}/assign", owner="ben", due="2026-12-01").json()["owner"] == "ben"
    assert post(ben, f"issues/{number}/assign", owner="hal").json()["code"] == "AT-T-241"
    assert post(ben, f"issues/{number}/accept", text="True here.").json()["status"] == "accepted"
    assert post(ben, f"issues/{number}/dance").json()["code"] == "AT-T-039"
    asked = post(chi, "queries", site="alder", table="stays", column="hours", text="Why?", due="2026-12-01")
    assert asked.status_code == 201
    query = asked.json()["number"]
    assert post(ben, f"queries/{query}/answer", text="A leave.").json()["status"] == "answered"
    assert post(chi, f"queries/{query}/again", text="When?", due="2026-12-05").json()["due"] == "2026-12-05"
    assert post(ben, f"queries/{query}/close", text="Done.").status_code == 403
    assert [one["kind"] for one in chi.get(f"{at}/queries/{query}").json()["said"]] == ["asked", "answered", "again"]
    assert len(chi.get(f"{at}/queries").json()) == 1
    assert signed_in(people.eve).get(at).status_code == 403
