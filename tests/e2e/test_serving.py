"""Starting and stopping: nothing stays behind, and a second start finds everything."""

from __future__ import annotations

import os
import signal
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.browser import start

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]


def jobs_of(process: int) -> list[int]:
    """Return the job processes that a server has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if b"db_worker" in words and parent == process:
                found.append(int(entry.name))
    return found


def test_ctrl_c_stops_everything_and_the_next_start_finds_it(tmp_path: Path) -> None:
    first = start(tmp_path / "data", "--no-demo")
    try:
        said = first.log.read_text()
        assert "Ctrl-C stops it" in said
        path = said.split(first.address)[-1].split()[0]
        with urllib.request.urlopen(first.address + path) as page:
            assert b"Make the first account" in page.read()
        with urllib.request.urlopen(first.address + "/accounts/login/") as page:
            sheet = page.read().decode().split('rel="stylesheet" href="')[1].split('"')[0]
        request = urllib.request.Request(first.address + sheet, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
        jobs = jobs_of(first.process.pid)
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(20) == 0
        assert not [pid for pid in jobs if os.path.exists(f"/proc/{pid}")]
    finally:
        first.stop()
    second = start(tmp_path / "data", "--no-demo")
    second.stop()
    assert "Setting up the database" not in second.log.read_text()
