"""What `allteach serve` sets up, and what it says when it cannot."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from allteach.errors import StateError
from allteach.web import serving
from allteach.web.settings.database import database
from allteach.web.settings.folder import data_folder, secret_key


def test_a_port_in_use_is_named_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StateError, match=rf"AT-T-040.*127\.0\.0\.1:{port}.*--port {port + 1}"):
            serving._free_port("127.0.0.1", port)
    assert serving._free_port("127.0.0.1", 0) > 0


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(StateError, match="AT-T-040"):
        serving._free_port("203.0.113.9", 8000)


def test_a_data_folder_that_cannot_be_written(settings: object, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.HOME = tmp_path / "file" / "data"  # type: ignore[attr-defined]
    with pytest.raises(StateError, match=r"AT-T-041.*--home"):
        serving.prepare(demo=False, say=print)


def test_the_signing_key_is_made_once_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLTEACH_SECRET_KEY", raising=False)
    key = secret_key(tmp_path / "data")
    kept = tmp_path / "data" / "secret_key"
    assert len(key) > 60
    assert secret_key(tmp_path / "data") == key
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    monkeypatch.setenv("ALLTEACH_SECRET_KEY", "from outside")
    assert secret_key(tmp_path / "data") == "from outside"


def test_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLTEACH_HOME", str(tmp_path / "here"))
    assert data_folder() == (tmp_path / "here").resolve()
    monkeypatch.delenv("ALLTEACH_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert data_folder() == tmp_path / "allteach"


def test_addresses_of_databases(tmp_path: Path) -> None:
    assert database("", tmp_path)["NAME"] == str(tmp_path / "allteach.sqlite3")
    assert database("", tmp_path)["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    found = database("postgresql://anna:p%40ss@db.example.org:5433/learn?sslmode=require", tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "anna",
        "p@ss",
        "db.example.org",
        "5433",
    )
    assert (found["NAME"], found["OPTIONS"]) == ("learn", {"sslmode": "require"})
    with pytest.raises(ImproperlyConfigured):
        database("mysql://x/y", tmp_path)


def test_names_of_the_server() -> None:
    assert serving._names("127.0.0.1") == ["127.0.0.1", "[::1]", "localhost"]
    assert socket.gethostname() in serving._names("0.0.0.0")
    assert "0.0.0.0" not in serving._names("0.0.0.0")


@pytest.mark.django_db
def test_an_empty_server_prints_the_way_to_its_first_account(client: object) -> None:
    lines = "\n".join(serving._welcome("0.0.0.0", 8000))
    assert "http://127.0.0.1:8000" in lines
    path = lines.split("http://127.0.0.1:8000")[-1].split()[0]
    assert client.get(path).status_code == 200  # type: ignore[attr-defined]
