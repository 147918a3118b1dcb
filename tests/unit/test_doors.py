"""Parts of doors that need neither a database nor the other side."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allteach.errors import IntakeError, StateError
from allteach.intake import omop
from allteach.intake.contract import Field, FieldType
from allteach.measures.library import shelf
from allteach.web.doors import hosts, secret
from allteach.web.doors.bringing.order import written
from allteach.web.doors.bringing.postgresql import require_select
from allteach.web.doors.schedule import is_due


@pytest.mark.parametrize(
    ("every", "last", "due"),
    [
        ("", None, False), ("day", None, True), ("day", date(2026, 3, 9), False), ("day", date(2026, 3, 8), True),
        ("week", date(2026, 3, 3), False), ("week", date(2026, 3, 2), True), ("month", date(2026, 3, 1), False),
        ("month", date(2026, 2, 28), True), ("month", date(2025, 12, 31), True),
    ],
)  # fmt: skip
def test_when_a_door_is_due(every: str, last: date | None, due: bool) -> None:
    assert is_due(every, last, date(2026, 3, 9)) is due


def test_only_listed_hosts_are_reached(settings: Any) -> None:
    settings.ALLTEACH_DOOR_HOSTS = ()
    with pytest.raises(StateError, match="AT-T-401"):
        hosts.require_listed("db.example.org", 5432, 5432)
    settings.ALLTEACH_DOOR_HOSTS = ("db.example.org", "other.example.org:5433", "/run/postgresql")
    hosts.require_listed("DB.example.org", 5432, 5432)
    hosts.require_listed("other.example.org", 5433, 5432)
    hosts.require_listed("/run/postgresql", 5432, 5432)
    for host, port in (("db.example.org", 22), ("other.example.org", 5432), ("127.0.0.1", 5432), ("/tmp", 5432)):
        with pytest.raises(StateError, match="AT-T-402"):
            hosts.require_listed(host, port, 5432)


@pytest.mark.parametrize(
    "url",
    [
        "http://redcap.example.org/api/", "ftp://redcap.example.org/", "redcap.example.org/api/", "https://a:b@c/api/",
        "https://redcap.example.org/api/?x=1", "https://db,evil.example.org/", "https://", "https://host:99999/",
    ],
)  # fmt: skip
def test_addresses_that_a_door_does_not_take(url: str) -> None:
    with pytest.raises(StateError, match="AT-T-417"):
        hosts.web_address(url)


def test_an_address_is_taken_apart() -> None:
    assert hosts.web_address("https://redcap.example.org/api/") == ("https", "redcap.example.org", 443, "/api/")
    assert hosts.web_address("http://127.0.0.1:8080/api/") == ("http", "127.0.0.1", 8080, "/api/")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM visits", "SELECT 1; DROP TABLE visits", "SELECT * INTO copy FROM visits", "", "EXPLAIN SELECT 1",
        "COPY visits TO '/tmp/x'",
        "WITH gone AS (DELETE FROM visits RETURNING *) SELECT * FROM gone", "SELECT * FROM visits FOR UPDATE",
        "UPDATE visits SET a = 1", "CREATE TABLE x AS SELECT 1",
    ],
)  # fmt: skip
def test_statements_that_are_not_one_select(statement: str) -> None:
    with pytest.raises(StateError, match="AT-T-412"):
        require_select(statement)


def test_statements_that_read() -> None:
    for statement in ("SELECT 1", "select a from b;", "WITH a AS (SELECT 1) SELECT * FROM a UNION SELECT 2"):
        require_select(statement)


def test_values_are_written_as_the_table_writes_them() -> None:
    day = Field("d", FieldType.DATE, formats=("DD/MM/YYYY",))
    assert written(date(2024, 3, 1), day) == "01/03/2024"
    assert written(datetime(2024, 3, 1, 23, 59), Field("d", FieldType.DATE)) == "2024-03-01"
    assert written(date(2024, 5, 1), Field("d", FieldType.DATE, formats=("YYYY-Qn",))) == "2024-Q2"
    assert written(Decimal("1E+2"), Field("n", FieldType.NUMBER)) == "100"
    assert written(3.0, Field("n", FieldType.INTEGER)) == "3"
    assert written(3.25, Field("n", FieldType.NUMBER, decimal=",")) == "3,25"
    assert [written(v, Field("b", FieldType.BOOLEAN)) for v in (True, False, None)] == ["true", "false", ""]
    assert written("007", Field("t")) == "007"


def test_secrets_are_stored_so_that_only_this_folder_reads_them(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path / "one"
    stored = secret.sealed("letmein")
    assert "letmein" not in stored
    assert secret.opened(stored) == "letmein"
    assert (tmp_path / "one" / "door_key").stat().st_mode & 0o077 == 0
    assert secret.sealed("") == secret.opened("") == ""
    settings.HOME = tmp_path / "two"
    with pytest.raises(StateError, match="AT-T-414"):
        secret.opened(stored)


def test_shipped_mappings_belong_to_shipped_dictionaries() -> None:
    tables = {table.name: table for name in ("ibd", "heart", "harm", "perinatal") for table in shelf(name).tables}
    assert set(omop.mappings()) >= {"ibd-visits", "heart-operations"}
    for mapping in omop.mappings().values():
        require_select(mapping.statement("cdm").replace("%(", "'").replace(")s", "'"))
        assert mapping.name in tables
        assert all(f"%({one.name})s" in mapping.sql for one in mapping.concepts)


def test_concepts_and_schemas_that_cannot_be_used() -> None:
    mapping = omop.mapping("ibd-visits")
    assert mapping.values({"steroids": "RxNorm:8640, 1506270"})["steroids"] == ["RxNorm:8640", "1506270"]
    assert mapping.values({})["crohn"] == ["SNOMED:34000006"]
    for wrong in ('x"; DROP TABLE y', "", "a b"):
        with pytest.raises(IntakeError, match="AT-I-065"):
            mapping.statement(wrong)
    for said in ({"steroids": "x' OR 1=1"}, {"steroids": "prednisone"}):
        with pytest.raises(IntakeError, match="AT-I-065"):
            mapping.values(said)
    with pytest.raises(IntakeError, match="AT-I-065"):
        omop.mapping("nothing")
