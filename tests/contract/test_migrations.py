"""The database of a new installation is the one that the models describe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_an_empty_data_folder_migrates_and_holds_an_intact_ledger(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "ALLTEACH_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "allteach.web.settings.local",
    }
    environment.pop("DATABASE_URL", None)
    for command in (["migrate", "-v", "0"], ["verify_ledger"]):
        done = subprocess.run(
            [sys.executable, "-m", "django", *command], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
