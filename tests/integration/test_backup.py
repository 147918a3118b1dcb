"""The worst night: the server dies, and last night's backup is restored on another machine."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.source import REPO

ROWS = "".join(f"ash,2024-{month:02}-01,{month % 4},{900 + month}\n" for month in range(1, 13))
FALLS = "site,month,falls,days\n" + ROWS
ASKED = (
    "SELECT v.content_hash, o.period, o.numerator, o.denominator, o.n FROM measuring_observation o"
    " JOIN measuring_measureversion v ON v.id = o.version_id ORDER BY 1, 2"
)


def allteach(home: Path, *arguments: str, ok: bool = True) -> str:
    said = {k: v for k, v in os.environ.items() if not k.startswith(("ALLTEACH_", "DJANGO_", "DATABASE_"))}
    command = [sys.executable, "-c", "from allteach.cli import main; main()", *arguments, "--home", str(home)]
    said["PYTHONPATH"] = str(REPO / "src")
    done = subprocess.run(command, capture_output=True, text=True, env=said)
    assert (done.returncode == 0) == ok, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one accepted file."""
    home = tmp_path_factory.mktemp("home")
    file = home.parent / "falls.csv"
    file.write_text(FALLS)
    allteach(home, "load", str(file), "--network", "Falls", "--accept")
    return home


def observations(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "allteach.sqlite3") as db:
        return db.execute(ASKED).fetchall()


def test_a_backup_is_restored_on_another_machine(lived: Path, tmp_path: Path) -> None:
    leftover = lived / "received" / "incoming" / "half.part"
    leftover.parent.mkdir(parents=True, exist_ok=True)
    leftover.write_bytes(b"a file that the killed server was receiving")
    allteach(lived, "backup", str(tmp_path / "night"))
    assert not list((tmp_path / "night").rglob("*.part"))
    assert "is whole" in allteach(lived, "restore", str(tmp_path / "night"), "--check")
    home = tmp_path / "elsewhere"
    allteach(home, "restore", str(tmp_path / "night"))
    assert observations(home) == observations(lived) != []
    assert (home / "secret_key").read_bytes() == (lived / "secret_key").read_bytes()
    again = json.loads(allteach(home, "load", str(lived.parent / "falls.csv"), "--network", "Falls", "--json"))
    assert again["status"] == "accepted", "the same bytes are known there"
    assert "AT-T-043" in allteach(home, "restore", str(tmp_path / "night"), ok=False)


def test_a_damaged_backup_is_found_before_anything_is_written(lived: Path, tmp_path: Path) -> None:
    allteach(lived, "backup", str(tmp_path / "night"))
    assert "AT-T-042" in allteach(lived, "backup", str(tmp_path / "night"), ok=False)
    rows = next((tmp_path / "night" / "registry").rglob("*.parquet"))
    rows.write_bytes(rows.read_bytes()[:-1])
    assert "AT-T-044" in allteach(tmp_path / "elsewhere", "restore", str(tmp_path / "night"), ok=False)
    assert not (tmp_path / "elsewhere" / "registry").exists()
