"""A server killed with ``kill -9`` at any instant loses nothing accepted and leaves what was sent to be taken up."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.integration.killed import month_file

ROUNDS = int(os.environ.get("ALLTEACH_KILLS", "4"))


def falls_in(number):
    return float(sum(int(line.split(",")[3]) for line in month_file(number).splitlines()[1:]))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9 on Windows")
def test_killed_at_any_instant_nothing_accepted_is_lost(tmp_path, repo):
    environment = os.environ | {
        "ALLTEACH_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "allteach.web.settings.base",
        "PYTHONPATH": os.pathsep.join([str(repo / "src"), str(repo)]),
        "DATABASE_URL": "",
    }
    program = [sys.executable, "-m", "tests.integration.killed", str(ROUNDS), "20260101"]
    done = subprocess.run(program, env=environment, cwd=repo, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    for told in json.loads(done.stdout):
        month = next(line.split(",")[1][:7] for line in month_file(told["number"]).splitlines()[1:])
        before, killed, resumed = told["before"], told["killed"], told["resumed"]
        whole = before["rows"] | {month: falls_in(told["number"])}
        assert killed["rows"] in (before["rows"], whole), "all of the file counts, or none of it"
        assert killed["points"] == killed["rows"], "results belong to the rows"
        assert killed["kept"], "every file that was written down is on disk"
        assert set(killed["statuses"].values()) <= {"received", "checked", "accepted"}
        assert resumed["rows"] == resumed["points"] == whole
        assert set(resumed["statuses"].values()) == {"accepted"}
