"""What every test shares: quick reproducible property tests, the folder of real data, the named people."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.people", "tests.demonstration", "tests.browser", "tests.postgres_rows"]

REPO = Path(__file__).resolve().parents[1]

# Two shared cores: laws are checked on few examples each time, on many by `make thorough`.
settings.register_profile("quick", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def repo() -> Path:
    """The folder that holds pyproject.toml."""
    return REPO


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function that finds a file of real data by name, or skips the test with the reason."""
    folder = Path(os.environ.get("ALLTEACH_SHARED_DATA", REPO.parent / "shared" / "data"))

    def find(name: str) -> Path:
        path = folder / name
        if not path.exists():
            pytest.skip(f"{name} is not here: real data is not part of the repository (ALLTEACH_SHARED_DATA)")
        return path

    return find
