"""Pages, API, command line and clock of doors: who may do what; no page shows a secret."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from allteach.errors import StateError
from allteach.web.doors.asking import ask
from allteach.web.doors.jobs import fetch_due
from allteach.web.doors.models import Door, Fetch
from allteach.web.submissions.models import Submission, Table, TableDraft
from allteach.web.submissions.services import draft_release
from tests.fake_redcap import TOKEN, FakeRedcap, dictionary_csv, serving, visits
from tests.integration.doors import fetched, redcap_door, visits_table

pytestmark = pytest.mark.django_db
DOORS = "/n/hearts/data/doors/"


@pytest.fixture
def project(settings: Any) -> Iterator[FakeRedcap]:
    with serving(FakeRedcap(visits(6))) as running:
        settings.ALLTEACH_DOOR_HOSTS = (running.url.split("/")[2],)
        yield running


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_doors_that_are_off_say_how_to_switch_them_on(people: Any, settings: Any) -> None:
    settings.ALLTEACH_DOOR_HOSTS = ()
    text = signed_in(people.chi).get(DOORS).content.decode()
    assert "Doors are switched off on this server" in text
    assert "ALLTEACH_DOOR_HOSTS" in text


def test_a_table_of_a_data_dictionary_and_a_door_by_the_pages(people: Any, network: Any, project: FakeRedcap) -> None:
    chi = signed_in(people.chi)
    assert "redcap-dictionary" in chi.get("/n/hearts/data/send/").content.decode()
    sent = chi.post(
        f"{DOORS}redcap-dictionary/", {"file": SimpleUploadedFile("Heart_DataDictionary_2026.csv", dictionary_csv())}
    )
    assert b"The data dictionary has 13 questions" in sent.content
    answers = {
        "title": "Visits", "rows": "visit", "instruments": ["enrolment", "visit"], "day": "visit_date",
        "site": "hospital", "missing": "UNK, Unknown", "dictionary": dictionary_csv().decode(), "action": "look",
    }  # fmt: skip
    seen = chi.post(f"{DOORS}redcap-dictionary/", answers).content.decode()
    assert "Free text is left out" in seen
    assert "symptoms___1" in seen
    begun = chi.post(f"{DOORS}redcap-dictionary/", answers | {"action": "draft"})
    assert begun.status_code == 302
    draft_release(by=people.chi, draft=TableDraft.objects.get(), reason="From REDCap")
    assert Table.objects.get(slug="visits").version == 1
    chi.post(f"{DOORS}redcap-dictionary/", answers | {"action": "draft", "free_text": "on"})
    assert "story" in TableDraft.objects.get().content, "a later data dictionary begins the next version"
    form = {
        "name": "Our REDCap", "table": "visits", "place": "network", "url": project.url, "instrument": "visit",
        "event": "", "every": "week", "secret": TOKEN,
    }  # fmt: skip
    made = chi.post(f"{DOORS}new/redcap/", form)
    assert made.status_code == 302
    door = Door.objects.get()
    assert TOKEN not in door.secret
    tried = chi.post(f"{DOORS}{door.number}/test/").content.decode()
    assert "Of the first 10 rows, 10 could be kept" in tried
    assert "Alder Hospital" in tried
    assert chi.post(f"{DOORS}{door.number}/fetch/").status_code == 302
    page = chi.get(f"{DOORS}{door.number}/").content.decode()
    assert f"/n/hearts/data/files/{Submission.objects.get().number}/" in page
    again = chi.post(f"{DOORS}{door.number}/change/", form | {"secret": "", "name": "REDCap of the network"})
    assert again.status_code == 302
    pages = [chi.get(path).content.decode() for path in (DOORS, f"{DOORS}1/", f"{DOORS}1/change/")]
    assert all(TOKEN not in text for text in pages)
    assert "REDCap of the network" in pages[0]


def test_who_sees_and_does_what(people: Any, network: Any, sites: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    whole = redcap_door(people, network, project)
    own = redcap_door(people, network, project, site=sites[0])
    answers = {}
    for name in ("ada", "ben", "chi", "dee", "eve", "hal"):
        client = signed_in(getattr(people, name))
        answers[name] = [
            client.get(DOORS).status_code,
            client.get(f"{DOORS}new/redcap/").status_code,
            *(client.post(f"{DOORS}{door.number}/test/").status_code for door in (whole, own)),
        ]
    assert answers == {
        "ada": [200, 200, 200, 200], "chi": [200, 200, 200, 200], "ben": [200, 403, 404, 200],
        "hal": [200, 403, 404, 404], "dee": [403, 403, 403, 403], "eve": [403, 403, 403, 403],
    }  # fmt: skip
    assert "Visits in REDCap" not in signed_in(people.hal).get(DOORS).content.decode()


def test_a_failed_fetch_is_on_the_page_in_words(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project)
    project.mood = "cut"
    signed_in(people.chi).post(f"{DOORS}{door.number}/fetch/")
    text = signed_in(people.chi).get(f"{DOORS}{door.number}/").content.decode()
    assert "broke off half-way" in text
    assert "AT-T-409" in text


def test_forms_say_what_is_wrong(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    chi = signed_in(people.chi)
    form = {"name": "X", "table": "visits", "place": "network", "every": "never", "secret": "s"}
    answer = chi.post(f"{DOORS}new/redcap/", form | {"url": "https://elsewhere.example.org/api/"})
    assert (answer.status_code, b"AT-T-402" in answer.content) == (422, True)
    database = form | {"host": "db.example.org", "port": "5432", "database": "d", "user": "u", "tls": "prefer"}
    answer = chi.post(f"{DOORS}new/postgresql/", database | {"statement": "SELECT 1"})
    assert b"Choose an encrypted connection" in answer.content
    unknown = database | {"tls": "require", "schema": "cdm", "mapping": "ibd-visits", "concepts": "nothing: 1"}
    assert b"There is no list called nothing" in chi.post(f"{DOORS}new/omop/", unknown).content
    assert chi.get(f"{DOORS}new/other/").status_code == 404
    assert not Door.objects.exists()


def test_the_api_makes_tests_and_fetches(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    chi = signed_in(people.chi)

    def post(path: str, said: Any = None) -> Any:
        return chi.post(f"/api/n/hearts/doors{path}", json.dumps(said or {}), content_type="application/json")

    settings = {"url": project.url, "instrument": "visit"}
    made = post("", {"name": "D", "kind": "redcap", "table": "visits", "settings": settings, "secret": TOKEN})
    assert made.status_code == 201
    assert TOKEN not in made.content.decode()
    assert post("/1/test").json()["kept"] == 10
    assert post("/1/fetches").json()["state"] == "new"
    assert chi.get("/api/n/hearts/doors/1/fetches").json()[0]["rows"] == 12
    assert post("/1/open", {"is_open": False}).json()["is_open"] is False
    assert post("/1/fetches").json()["code"] == "AT-T-403"
    assert post("", {"name": "D", "kind": "fax", "table": "visits", "settings": {}, "secret": ""}).status_code == 409


def test_the_command_line_lists_tests_and_fetches(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    redcap_door(people, network, project)
    said: list[str] = []
    given: dict[str, Any] = {"network": "hearts", "username": "chi", "say": said.append}
    assert len(ask(number=None, test=False, **given)["doors"]) == 1
    assert ask(number=1, test=True, **given)["could_be_kept"] == 10
    assert ask(number=1, test=False, **given)["state"] == "new"
    assert ask(number=1, test=False, **given)["state"] == "same"
    project.mood = "broken"
    assert ask(number=1, test=False, **given)["problem"]["code"] == "AT-T-408"
    assert any("became submission 1" in line for line in said)
    for wrong in ({"network": "gone"}, {"username": "gone"}):
        with pytest.raises(StateError, match="AT-T-419"):
            ask(number=1, test=False, **(given | wrong))


def test_the_clock_fetches_what_is_due_once(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project, every="week")
    redcap_door(people, network, project)
    out = io.StringIO()
    call_command("clock", "--no-mail", stdout=out)
    assert "1 doors fetched" in out.getvalue()
    fetch = Fetch.objects.get()
    assert (fetch.door, fetch.by_clock, fetch.by, fetch.state) == (door, True, people.chi, "new")
    today = timezone.localdate()
    assert fetch_due(network=network, today=today) == ([], [])
    assert [one.state for one in fetch_due(network=network, today=today + timedelta(days=7))[0]] == ["same"]


def test_the_clock_sends_nothing_for_people_who_may_not_send_any_more(
    people: Any, network: Any, project: FakeRedcap
) -> None:
    visits_table(people, network)
    redcap_door(people, network, project, every="day")
    people.chi.memberships.update(until=date(2024, 1, 1))
    fetches, kept_back = fetch_due(network=network, today=timezone.localdate())
    assert fetches == []
    assert "AT-P-040" in kept_back[0]
    assert not project.asked


def test_a_fetch_that_was_killed_does_not_block_the_door(people: Any, network: Any, project: FakeRedcap) -> None:
    visits_table(people, network)
    door = redcap_door(people, network, project)
    killed = Fetch.objects.create(door=door, by=people.chi, at=timezone.now(), state="running")
    with pytest.raises(StateError, match="AT-T-404"):
        fetched(people.chi, door)
    killed.at = timezone.now() - timedelta(hours=2)
    killed.save()
    assert "Stopped half-way" in signed_in(people.chi).get(f"{DOORS}{door.number}/").content.decode()
    assert fetched(people.chi, door).state == "new"
