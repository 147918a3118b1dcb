"""The wheel holds everything that is served, and runs outside the repository."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.contract.source import REPO, SRC, name

NEEDED = {
    ".html", ".css", ".js", ".json", ".svg", ".png", ".ico", ".ttf", ".woff2", ".typ", ".yaml", ".sql", ".txt", ".mo",
    ".py", ".pyi", ".typed", ".LICENSE",
}  # fmt: skip
LEFT_OUT = {".pyc", ".po", ".md"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without asking the network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=REPO, check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_everything_served_is_inside(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = [p for p in SRC.rglob("*") if p.is_file() and p.suffix not in LEFT_OUT and "__pycache__" not in p.parts]
    assert [name(p) for p in wanted if p.relative_to(SRC.parent).as_posix() not in inside] == []
    assert {p.suffix for p in wanted if p.suffix} <= NEEDED, "a new kind of file: is it meant to be shipped?"


def test_nothing_else_is_inside(wheel: Path) -> None:
    tops = {entry.split("/")[0] for entry in zipfile.ZipFile(wheel).namelist()}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"allteach"}
    assert any(e.endswith("licenses/LICENSE") for e in zipfile.ZipFile(wheel).namelist())


def test_wheel_runs_outside_the_repository(wheel: Path, tmp_path: Path) -> None:
    """Unpacked beside the installed packages, the command answers and every page's parts are found."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "lib")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.argv = ['allteach', '--version']\n"
        "import allteach; assert allteach.__file__.startswith(sys.path[0]), allteach.__file__\n"
        "from allteach.cli import main; main()"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "lib")], cwd=tmp_path, capture_output=True, text=True
    )
    assert "allteach" in out.stdout, out.stderr
