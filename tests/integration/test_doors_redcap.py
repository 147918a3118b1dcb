"""Records of a REDCap project come through a door and take the road of a file; what fails loses nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from allteach.errors import Refused, StateError
from allteach.web.doors import services, trying
from allteach.web.doors.bringing import redcap, web
from allteach.web.doors.services import Wish
from allteach.web.ledger.models import Entry
from allteach.web.submissions import store
from allteach.web.submissions.models import Submission
from allteach.web.submissions.services import accept
from tests.fake_redcap import FakeRedcap, own_certificate, serving, visits
from tests.integration.doors import VISITS, fetched, redcap_door, visits_table

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRedcap]:
    monkeypatch.setattr(web, "pause", lambda seconds: None)
    with serving(FakeRedcap(visits(60))) as running:
        settings.ALLTEACH_DOOR_HOSTS = (running.url.split("/")[2],)
        yield running


def half_files() -> set[str]:
    """Return the files that are being written; other tests of the same process may have left some."""
    return {path.name for path in (store.received_folder() / "incoming").glob("*.part")}


def lines_of(submission: Submission) -> list[str]:
    return store.original(submission.network.slug, submission.file_hash).read_text().splitlines()


def test_records_take_the_road_of_a_file(
    people: Any, network: Any, project: FakeRedcap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redcap, "PAGE", 25)
    visits_table(people, network)
    door = redcap_door(people, network, project)
    fetch = fetched(people.chi, door)
    assert (fetch.state, fetch.rows) == ("new", 120)
    submission = Submission.objects.get(pk=fetch.submission_id)
    assert (submission.status, submission.rows_read, submission.rows_held) == ("checked", 120, 0)
    asked = [form for form in project.asked if any(key.startswith("records[") for key in form)]
    assert len(asked) == 3, "25 records in each request"
    every_field = {value for form in project.asked for key, value in form.items() if key.startswith("fields[")}
    assert not {"mrn", "story"} & every_field, "what identifies persons is never asked for"
    head, *rows = lines_of(submission)
    assert head.split(",")[:4] == ["record_id", "redcap_repeat_instance", "hospital", "visit_date"]
    assert "Alder Hospital" in rows[0]
    assert not any("MRN" in row or "Anna" in row for row in rows)
    accept(by=people.chi, submission=submission)
    submission.refresh_from_db()
    assert submission.status == "accepted"


def test_the_same_records_again_are_nothing_new(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project)
    first = fetched(people.chi, door)
    project.rows.reverse()  # another order is no other data
    again = fetched(people.chi, door)
    assert (again.state, again.submission_id) == ("same", first.submission_id)
    project.rows[0]["weight"] = "44.5"
    assert fetched(people.chi, door).state == "new"
    assert Submission.objects.count() == 2


def test_missing_codes_and_choices_are_read(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    fetch = fetched(people.chi, redcap_door(people, network, project))
    submission = Submission.objects.get(pk=fetch.submission_id)
    assert any(",UNK," in line for line in lines_of(submission))
    assert not submission.findings.exclude(severity="warn").exists()


def test_branching_rules_hold_rows_back(people: Any, network: Any, project: FakeRedcap) -> None:
    project.rows = visits(3, each=1)
    project.rows[1]["steroid_name"] = ""  # record 1 takes steroids and does not say which
    visits_table(people, network)
    submission = Submission.objects.get(pk=fetched(people.chi, redcap_door(people, network, project)).submission_id)
    assert (submission.rows_kept, submission.rows_held) == (2, 1)
    held = [found.message for found in submission.findings.filter(severity="hold")]
    assert held == ["An answer is needed here: Which steroid."]


def test_a_door_of_one_site_keeps_rows_of_others_back(
    people: Any, network: Any, sites: Any, project: FakeRedcap
) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project, site=sites[0])
    submission = Submission.objects.get(pk=fetched(people.ben, door).submission_id)
    assert (submission.site, submission.rows_kept, submission.rows_held) == (sites[0], 60, 60)
    with pytest.raises(Refused, match="AT-P-040"):
        fetched(people.hal, door)


def test_one_row_a_record_with_access_groups(people: Any, network: Any, project: FakeRedcap) -> None:
    project.rows = [row | {"redcap_data_access_group": "alder"} for row in visits(4, each=0)]
    for n, row in enumerate(project.rows):
        row["visit_date"] = f"2024-03-0{n + 1} 10:30"  # as a question of a form that does not repeat
    for item in project.metadata:
        item["form_name"] = "enrolment"
    visits_table(people, network, replace(VISITS, repeating="", site="redcap_data_access_group"))
    door = redcap_door(people, network, project, settings={"instrument": ""})
    submission = Submission.objects.get(pk=fetched(people.chi, door).submission_id)
    assert lines_of(submission)[1].split(",")[:2] == ["1", "alder"]
    assert submission.rows_read == 4


def test_events_of_a_project_are_rows_of_their_own(people: Any, network: Any, project: FakeRedcap) -> None:
    own = visits(2, each=0)
    seen = {"visit_date": "2024-02-01", "steroids": "0"}
    project.rows = [
        row | {"redcap_event_name": event} | (seen if event == "visit_arm_1" else {})
        for row in own
        for event in ("enrolment_arm_1", "visit_arm_1")
    ]
    for item in project.metadata:
        item["form_name"] = "enrolment"
    visits_table(people, network, replace(VISITS, repeating="", longitudinal=True))
    both = Submission.objects.get(
        pk=fetched(people.chi, redcap_door(people, network, project, settings={"instrument": ""})).submission_id
    )
    assert (both.rows_read, both.rows_held) == (4, 2), "at enrolment nothing says when"
    event = {"instrument": "", "event": "visit_arm_1"}
    one = Submission.objects.get(
        pk=fetched(people.chi, redcap_door(people, network, project, settings=event)).submission_id
    )
    assert (one.rows_read, one.rows_kept) == (2, 2)
    assert lines_of(one)[1].split(",")[:3] == ["1", "visit_arm_1", "Alder Hospital"]


def test_a_busy_server_is_asked_again(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project)
    project.busy = 2
    assert fetched(people.chi, door).state == "new"
    project.busy = 99
    assert fetched(people.chi, door).problem["code"] == "AT-T-416"


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ("cut", "AT-T-409"),
        ("short", "AT-T-409"),
        ("page", "AT-T-408"),
        ("elsewhere", "AT-T-408"),
        ("broken", "AT-T-408"),
    ],
)
def test_moods_of_the_other_side(people: Any, network: Any, project: FakeRedcap, mood: str, code: str) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project)
    project.mood, before = mood, half_files()
    fetch = fetched(people.chi, door)
    assert (fetch.state, fetch.problem["code"]) == ("failed", code)
    assert not Submission.objects.exists()
    assert half_files() == before
    project.mood = ""
    assert fetched(people.chi, door).state == "new"


def test_a_refused_token_and_a_wrong_table(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    assert fetched(people.chi, redcap_door(people, network, project, token="wrong")).problem["code"] == "AT-T-407"
    project.metadata = [item for item in project.metadata if item["field_name"] != "visit_date"]
    fetch = fetched(people.chi, redcap_door(people, network, project))
    assert (fetch.problem["code"], fetch.problem["where"]) == ("AT-T-410", "visit_date")
    project.rows = []
    assert fetched(people.chi, redcap_door(people, network, project, settings={"instrument": "gone"})).problem[
        "code"
    ] == ("AT-T-410")


def test_a_token_that_may_not_export_dates(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    project.withheld = {"visit_date"}
    fetch = fetched(people.chi, redcap_door(people, network, project))
    assert (fetch.problem["code"], fetch.problem["where"]) == ("AT-T-410", "visit_date")
    assert "may export" in fetch.problem["expected"]


def test_no_rows_and_nobody_there(people: Any, network: Any, project: FakeRedcap, settings: Any) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project)
    project.rows = []
    assert fetched(people.chi, door).problem["code"] == "AT-T-411"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        port = unused.getsockname()[1]
        settings.ALLTEACH_DOOR_HOSTS = (f"127.0.0.1:{port}",)
        nobody = redcap_door(people, network, project, settings={"url": f"http://127.0.0.1:{port}/api/"})
        assert fetched(people.chi, nobody).problem["code"] == "AT-T-405"


def test_a_silent_server_is_given_up(people: Any, network: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PATIENCE", 0.05)
    visits_table(people, network)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api/"
        settings.ALLTEACH_DOOR_HOSTS = (url.split("/")[2],)
        door = redcap_door(people, network, FakeRedcap([]), settings={"url": url})
        assert fetched(people.chi, door).problem["code"] == "AT-T-406"


def test_only_certificates_that_the_server_knows_are_accepted(
    people: Any, network: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = own_certificate(tmp_path)
    visits_table(people, network)
    with serving(FakeRedcap(visits(3)), certificate) as running:
        settings.ALLTEACH_DOOR_HOSTS = (running.url.split("/")[2],)
        door = redcap_door(people, network, running)
        problem = fetched(people.chi, door).problem
        assert (problem["code"], "certificate" in problem["what"]) == ("AT-T-405", True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert fetched(people.chi, door).state == "new"


def test_a_test_keeps_nothing(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    before = half_files()
    trial = trying.attempt(user=people.chi, door=redcap_door(people, network, project))
    assert (trial.total, trial.read, trial.kept) == (60, 10, 10)
    assert trial.rows is not None
    assert trial.rows[0][:3] == ["1", "1", "Alder Hospital"]
    assert not Submission.objects.exists()
    assert half_files() == before


def test_what_the_ledger_says_and_does_not_say(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project)
    fetched(people.chi, door)
    project.mood = "page"
    fetched(people.chi, door)
    actions = list(Entry.objects.order_by("id").values_list("action", flat=True))
    assert actions[1:] == [
        "door.made", "door.asked", "submission.received", "door.fetched", "submission.checked", "door.asked",
        "door.fetch_failed",
    ]  # fmt: skip
    text = " ".join(str(detail) for detail in Entry.objects.values_list("detail", flat=True))
    assert "9A81268476645C4E" not in text
    assert "Alder Hospital" not in text


def test_the_stored_token_never_goes_to_a_new_address(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project)
    elsewhere = Wish(door.name, "redcap", "visits", door.settings | {"url": project.url + "other/"})
    with pytest.raises(StateError, match="AT-T-418"):
        services.door_change(by=people.chi, door=door, wish=elsewhere)
    kept = Wish("Another name", "redcap", "visits", door.settings, every="week")
    changed = services.door_change(by=people.chi, door=door, wish=kept)
    assert fetched(people.chi, changed).state == "new"


def test_closed_doors_and_hosts_that_were_taken_off_the_list(
    people: Any, network: Any, project: FakeRedcap, settings: Any
) -> None:
    visits_table(people, network)
    door = services.door_switch(by=people.chi, door=redcap_door(people, network, project), is_open=False)
    with pytest.raises(StateError, match="AT-T-403"):
        fetched(people.chi, door)
    door = services.door_switch(by=people.chi, door=door, is_open=True)
    settings.ALLTEACH_DOOR_HOSTS = ("elsewhere.example.org",)
    with pytest.raises(StateError, match="AT-T-402"):
        fetched(people.chi, door)
    settings.ALLTEACH_DOOR_HOSTS = ()
    with pytest.raises(StateError, match="AT-T-401"):
        fetched(people.chi, door)
    assert not project.asked


def test_more_than_the_limit_of_uploads_keeps_nothing(
    people: Any, network: Any, project: FakeRedcap, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project)
    monkeypatch.setattr(store, "LIMIT_BYTES", 200)
    assert fetched(people.chi, door).problem["code"] == "AT-T-030"
    assert not Submission.objects.exists()
