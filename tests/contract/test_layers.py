"""The house has one direction, and its pure half knows no Django."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from importlinter.cli import lint_imports

from tests.contract.source import PURE, REPO, SRC, python_files


def test_imports_go_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPO)
    assert lint_imports(no_cache=True) == 0, (
        "a module imports against the order in pyproject.toml; see the output above"
    )


def test_pure_half_does_not_load_django() -> None:
    pure = [folder for folder in PURE if (SRC / folder).exists()]
    modules = ["allteach", "allteach.errors", "allteach.units"]
    modules += [
        ".".join(path.relative_to(SRC.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in python_files(*pure)
    ]
    code = (
        "import importlib, json, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(json.dumps([n for n in sys.modules if n.split('.')[0] == 'django' or n.startswith('allteach.web')]))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(out.splitlines()[-1]) == []


def test_import_allteach_is_light() -> None:
    """Slow packages are imported where they are needed, so that the command line answers at once."""
    heavy = {"pandas", "statsmodels", "duckdb", "django", "pptx"}
    code = f"import sys, allteach, allteach.cli; print(sorted({heavy} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
