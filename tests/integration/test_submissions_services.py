"""The road of a file through its services: states, same bytes, replacing, withdrawing, refusing."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from allteach.errors import Refused, StateError
from allteach.intake.contract import load
from allteach.web.ledger.models import Entry
from allteach.web.submissions import manifest, previewing, services
from allteach.web.submissions.models import RegistryFile, Submission
from tests.integration.submitting import FALLS, accepted, checked, falls, land, sent

pytestmark = pytest.mark.django_db
Status = Submission.Status


@pytest.fixture
def table(ada, network):
    return services.save_table(by=ada, network=network, dictionary=falls())


def current_rows(network):
    import duckdb

    paths = [str(path) for path in manifest.paths(network, manifest.current(network, "falls"))]
    if not paths:
        return []
    query = (
        "SELECT site, CAST(month AS VARCHAR), ward, falls, days FROM read_parquet(?, union_by_name=true) ORDER BY ALL"
    )
    return duckdb.execute(query, [paths]).fetchall()


def test_a_good_file_goes_from_received_to_accepted(ada, network, sites, table):
    submission = sent(ada, network, FALLS, table=table)
    assert submission.status == Status.RECEIVED
    services.check(by=ada, submission=submission)
    assert (submission.status, submission.rows_read, submission.rows_kept, submission.rows_held) == ("checked", 5, 5, 0)
    assert current_rows(network) == []
    services.accept(by=ada, submission=submission)
    assert submission.status == Status.ACCEPTED
    assert submission.decided_by == ada
    assert len(current_rows(network)) == 5
    assert [e.action for e in Entry.objects.filter(action__startswith="submission").order_by("id")] == [
        "submission.received", "submission.checked", "submission.accepted",
    ]  # fmt: skip


def test_the_same_bytes_twice_do_nothing_and_say_so(ada, network, sites, table):
    first = accepted(ada, network, FALLS, table=table)
    again = services.receive(by=ada, network=network, incoming=land(FALLS), table=table)
    assert again.again
    assert again.submission == first
    assert Submission.objects.count() == 1


def test_the_database_itself_refuses_the_same_bytes_twice(ada, network, sites, table):
    first = accepted(ada, network, FALLS, table=table)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(
            network=network, table=table, number=99, status="checked", file_name="x", file_hash=first.file_hash,
            sent_by=ada, sent_at=first.sent_at,
        )  # fmt: skip


def test_a_later_file_replaces_its_sites_and_months_and_nothing_else(ada, network, sites, table):
    first = accepted(ada, network, FALLS, table=table)
    correction = "site,month,ward,falls,days\nalder,2024-02-01,A,7,310\nalder,2024-03-01,A,1,300\n"
    second = checked(ada, network, correction, table=table)
    seen = previewing.preview(user=ada, submission=second)
    assert (seen.rows.added, seen.rows.removed, seen.rows.changed, seen.rows.same) == (1, 0, 1, 0)
    assert seen.rows.columns == {"falls": 1}
    assert seen.replaces == (first,)
    services.accept(by=ada, submission=second)
    first.refresh_from_db()
    assert first.status == Status.ACCEPTED, "part of it still counts"
    assert current_rows(network) == [
        ("alder", "2024-01-01", "A", 3, 300), ("alder", "2024-01-01", "B", 1, 200),
        ("alder", "2024-02-01", "A", 7, 310), ("alder", "2024-03-01", "A", 1, 300),
        ("birch", "2024-01-01", "A", 4, 410), ("birch", "2024-02-01", "A", 5, 400),
    ]  # fmt: skip


def test_a_file_of_which_nothing_is_left_is_superseded(ada, network, sites, table):
    first = accepted(ada, network, FALLS, table=table)
    second = accepted(ada, network, FALLS.replace(",3,300", ",2,300"), table=table)
    first.refresh_from_db()
    assert (first.status, first.replaced_by) == (Status.SUPERSEDED, second)
    assert len(current_rows(network)) == 5


def test_the_rows_of_any_earlier_moment_can_be_found_again(ada, network, sites, table):
    first = accepted(ada, network, FALLS, table=table)
    accepted(ada, network, FALLS.replace(",3,300", ",2,300"), table=table)
    then = manifest.current(network, "falls", as_of=first.decided_at)
    assert [file.submission for file in then] == [first]


def test_withdrawing_takes_the_rows_out_and_keeps_the_record(ada, network, sites, table):
    first = accepted(ada, network, FALLS, table=table)
    services.withdraw(by=ada, submission=first, note="Sent by mistake.")
    assert current_rows(network) == []
    assert RegistryFile.objects.count() == 1
    assert first.status == Status.WITHDRAWN


def test_withdrawing_brings_back_what_was_replaced(ada, network, sites, table):
    first = accepted(ada, network, FALLS, table=table)
    before = current_rows(network)
    second = accepted(ada, network, FALLS.replace(",3,300", ",2,300"), table=table)
    assert current_rows(network) != before
    services.withdraw(by=ada, submission=second, note="Wrong month.")
    assert current_rows(network) == before
    first.refresh_from_db()
    assert (first.status, first.replaced_by) == (Status.ACCEPTED, None)


@pytest.mark.parametrize("step", ["accept", "reject", "check"])
def test_a_decided_file_does_not_move_again(ada, network, sites, table, step):
    first = accepted(ada, network, FALLS, table=table)
    with pytest.raises(StateError, match="AT-T-033"):
        getattr(services, step)(by=ada, submission=first, **({"note": "No."} if step == "reject" else {}))


def test_two_people_cannot_both_decide(ada, chi, network, sites, table):
    submission = checked(ada, network, FALLS, table=table)
    same = Submission.objects.get(pk=submission.pk)
    services.reject(by=chi, submission=submission, note="Wrong year.")
    with pytest.raises(StateError, match="AT-T-033"):
        services.accept(by=ada, submission=same)
    assert current_rows(network) == []


def test_rejecting_needs_a_reason(ada, network, sites, table):
    submission = checked(ada, network, FALLS, table=table)
    with pytest.raises(StateError, match="AT-T-035"):
        services.reject(by=ada, submission=submission, note=" ")


def test_bad_rows_are_held_and_good_rows_kept(ada, network, sites, table):
    bad = FALLS + "birch,2024-03-01,A,-4,400\nbirch,not a date,A,1,400\n"
    submission = checked(ada, network, bad, table=table)
    assert (submission.rows_kept, submission.rows_held) == (5, 2)
    codes = {finding.column: finding.rows for finding in submission.findings.filter(severity="hold")}
    assert codes == {"falls": [7], "month": [8]}
    assert submission.scope["held"] == {"birch": {"2024-03-01": 1}}


def test_unknown_sites_are_held_until_somebody_adds_them(ada, network, sites, table):
    more = FALLS + "Dogwood House,2024-01-01,A,1,100\n"
    submission = checked(ada, network, more, table=table)
    assert (submission.rows_kept, submission.rows_held) == (5, 1)
    assert submission.scope["unknown_sites"] == [{"spelling": "Dogwood House", "code": "dogwood-house", "rows": 1}]
    services.plan_new_sites(by=ada, submission=submission)
    services.check(by=ada, submission=submission)
    assert (submission.rows_kept, submission.rows_held) == (6, 0)
    assert network.sites.count() == 3, "a site joins only with the acceptance"
    services.accept(by=ada, submission=submission)
    assert network.sites.get(code="dogwood-house").name == "Dogwood House"


def test_a_site_may_be_called_by_code_or_name_in_any_case(ada, network, sites, table):
    text = FALLS.replace("alder", "ALDER").replace("birch", "Birch Hospital")
    submission = checked(ada, network, text, table=table)
    assert submission.rows_kept == 5
    assert set(submission.scope["sites"]) == {"alder", "birch"}


def test_a_site_lead_sends_and_decides_for_the_own_site_only(ben, network, sites, table, ada):
    alder, birch = sites[0], sites[1]
    submission = checked(ben, network, FALLS, table=table, site=alder)
    assert submission.rows_kept == 3
    assert {f.code for f in submission.findings.filter(severity="hold")} == {"AT-I-046"}
    services.accept(by=ben, submission=submission)
    assert {row[0] for row in current_rows(network)} == {"alder"}
    with pytest.raises(Refused):
        sent(ben, network, FALLS, table=table, site=birch)
    with pytest.raises(Refused):
        sent(ben, network, FALLS, table=table)


def test_a_site_member_sends_but_does_not_decide(hal, network, sites, table):
    submission = checked(hal, network, FALLS, table=table, site=sites[1])
    with pytest.raises(Refused):
        services.accept(by=hal, submission=submission)


@pytest.mark.parametrize("who", ["dee", "eve", "fay", "gus", "zed"])
def test_others_cannot_send(people, who, network, sites, table):
    with pytest.raises(Refused):
        sent(getattr(people, who), network, FALLS, table=table)


def test_a_file_that_stops_is_rejected_and_says_why(ada, network, sites, table):
    submission = checked(ada, network, "a,b\n1,2\n", table=table)
    assert submission.status == Status.REJECTED
    assert submission.decision_note
    assert submission.findings.filter(severity="reject").exists()


def test_a_file_said_to_hold_a_part_adds_and_corrects_by_key(ada, network, sites, table):
    first = accepted(ada, network, FALLS, table=table)
    part = "site,month,ward,falls,days\nalder,2024-01-01,B,9,200\nalder,2024-02-01,B,1,90\n"
    second = checked(ada, network, part, table=table)
    assert previewing.preview(user=ada, submission=second).rows.removed == 2
    services.declare(by=ada, submission=second, holds="part")
    seen = previewing.preview(user=ada, submission=second)
    assert (seen.rows.added, seen.rows.changed, seen.rows.removed) == (1, 1, 0)
    before = current_rows(network)
    services.accept(by=ada, submission=second)
    assert current_rows(network) == [
        ("alder", "2024-01-01", "A", 3, 300), ("alder", "2024-01-01", "B", 9, 200),
        ("alder", "2024-02-01", "A", 2, 310), ("alder", "2024-02-01", "B", 1, 90),
        ("birch", "2024-01-01", "A", 4, 410), ("birch", "2024-02-01", "A", 5, 400),
    ]  # fmt: skip
    services.withdraw(by=ada, submission=second, note="Wrong ward.")
    assert current_rows(network) == before
    first.refresh_from_db()
    assert first.status == Status.ACCEPTED


def test_only_rows_with_a_name_can_be_corrected(ada, network, sites):
    from dataclasses import replace

    table = services.save_table(by=ada, network=network, dictionary=replace(falls(), key=()))
    submission = checked(ada, network, FALLS, table=table)
    with pytest.raises(StateError, match="AT-T-063"):
        services.declare(by=ada, submission=submission, holds="part")


ARRESTS = """
name: arrests
title: Arrests
fields:
- {name: site, role: site, required: true}
- {name: day, type: date, role: date, required: true, formats: [YYYY-MM-DD]}
"""


def test_the_calendar_tells_late_from_nothing_to_report(ada, ben, network, sites):
    """Of rare cases a site may have none in the newest month of a file for the whole network."""
    from allteach.web.submissions.calendars import calendar_of

    table = services.save_table(by=ada, network=network, dictionary=load(ARRESTS))
    rows = "site,day\nalder,2024-01-05\nalder,2024-02-05\nbirch,2024-01-05\nbirch,2024-02-05\nbirch,2024-03-05\n"
    accepted(ada, network, rows, table=table)
    calendar = calendar_of(user=ada, network=network, months=4)
    states = {line.site.code: [cell.state for cell in line.cells] for line in calendar.lines}
    assert states == {
        "alder": ["before", "accepted", "accepted", "missing"],
        "birch": ["before", "accepted", "accepted", "accepted"],
        "cedar": ["before"] * 4,
    }
    assert ([site.code for site in calendar.late], [site.code for site in calendar.silent]) == ([], ["alder"])
    accepted(ada, network, "site,day\nbirch,2024-04-01\n", table=table, site=sites[1])
    calendar = calendar_of(user=ada, network=network, months=4)
    assert [site.code for site in calendar.late] == ["alder"]
    assert [cell.state for cell in calendar.lines[0].cells] == ["accepted", "accepted", "missing", "late"]
    assert [line.site.code for line in calendar_of(user=ben, network=network).lines] == ["alder"]


def test_replacing_one_site_leaves_the_files_of_the_others_alone(ada, network, table, sites, monkeypatch):
    from allteach.registry.store import Registry

    monkeypatch.setattr(Registry.pieces, "__kwdefaults__", Registry.pieces.__kwdefaults__ | {"size": 2})
    first = accepted(ada, network, FALLS, table=table)
    files = {next(iter(file.sites)): file.path for file in manifest.current(network, "falls")}
    assert set(files) == {"alder", "birch"}
    assert sum(file.rows for file in manifest.current(network, "falls")) == first.rows_kept
    text = "site,month,ward,falls,days\nalder,2024-01-01,A,9,300\n"
    second = accepted(ada, network, text, table=table, site=sites[0])
    now = list(manifest.current(network, "falls"))
    assert [file.path for file in now if "birch" in file.sites] == [files["birch"]]
    assert sorted((file.submission_id, file.rows) for file in now if "alder" in file.sites) == [
        (first.pk, 1), (second.pk, 1),
    ]  # fmt: skip
    services.withdraw(by=ada, submission=second, note="Wrong file")
    assert {next(iter(file.sites)): file.path for file in manifest.current(network, "falls")} == files


def test_counts_by_month_are_late_where_a_month_has_no_row(ada, network, sites, table):
    """Every month has its row of counts, so a file for all that ends early for one site leaves that site late."""
    from allteach.web.submissions.calendars import calendar_of

    accepted(ada, network, FALLS + "birch,2024-03-01,A,1,400\n", table=table)
    calendar = calendar_of(user=ada, network=network, months=4)
    assert [cell.state for cell in calendar.lines[0].cells] == ["before", "accepted", "accepted", "late"]
    assert ([site.code for site in calendar.late], calendar.silent) == (["alder"], ())
