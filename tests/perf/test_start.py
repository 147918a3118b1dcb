"""What a later start has to do: few statements, no migration read, nothing compressed, nothing heavy loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

STEPS = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "allteach.web.settings.production"
from importlib import import_module
said = []
serving = import_module("allteach.web.serving")
import django.core.management
called, call = [], django.core.management.call_command
def note(name, *args, **more):
    called.append(name)
    return call(name, *args, **more)
django.core.management.call_command = note
serving.prepare(demo=False, say=said.append)
from django.db import connection
from django.test.utils import CaptureQueriesContext
with CaptureQueriesContext(connection) as asked:
    serving.prepare(demo=False, say=said.append)
import_module("allteach.web.urls")
print(json.dumps({
    "said": said, "called": called, "asked": len(asked), "modules": len(sys.modules),
    "migrations": [name for name in sys.modules if ".migrations.0" in name],
    "heavy": [name for name in HEAVY if name in sys.modules],
}))
"""
# What takes longest to load and no sign-in page needs: the SQL printer, statistics, spreadsheets, slides, Spark.
HEAVY = ("sqlglot", "scipy", "openpyxl", "pptx", "typst", "pandas", "statsmodels", "pyspark")


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """What two starts in a row did, each in a process of its own: the first in an empty folder."""
    home = tmp_path_factory.mktemp("home")
    source = Path(__file__).resolve().parents[2] / "src"
    found = []
    for _ in range(2):
        code = STEPS.replace("HEAVY", repr(HEAVY))
        answer = subprocess.run(
            [sys.executable, "-c", code],
            env={"ALLTEACH_HOME": str(home), "PYTHONPATH": str(source), "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.append(json.loads(answer.stdout.splitlines()[-1]))
    return found


def test_the_first_start_sets_up_and_says_so(starts: list[dict[str, object]]) -> None:
    assert starts[0]["said"] == ["Setting up the database."]
    assert starts[0]["called"] == ["migrate", "collectstatic"]


def test_a_later_start_finds_everything_done(starts: list[dict[str, object]]) -> None:
    later = starts[1]
    assert (later["said"], later["called"]) == ([], [])
    assert int(str(later["asked"])) <= 4
    assert later["migrations"] == []


def test_a_later_start_loads_nothing_heavy(starts: list[dict[str, object]]) -> None:
    assert starts[1]["heavy"] == []
    assert int(str(starts[1]["modules"])) < 1900
