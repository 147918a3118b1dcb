"""What runs is free to use in a hospital: no package under the GPL is among it, and ours is stated everywhere alike."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

from tests.contract.source import REPO

LGPL_WITH_LINKING = {"psycopg", "psycopg-binary"}  # LGPL: used as a library, unchanged


def running() -> list[str]:
    """Return the names in the lock for running that are installed here."""
    text = (REPO / "requirements" / "run.lock").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z0-9._-]+)==", text, re.M | re.I)
    installed = {re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower() for d in metadata.distributions()}
    return sorted({re.sub(r"[-_.]+", "-", n).lower() for n in names} & installed)


def licence(package: str) -> str:
    """Return what a package says about its licence, in one line."""
    meta = metadata.metadata(package)
    said = [meta.get("License-Expression", ""), *(c for c in meta.get_all("Classifier", []) if c.startswith("License"))]
    if not any(said):
        said.append((meta.get("License") or "").splitlines()[0] if meta.get("License") else "")
    return " | ".join(part for part in said if part)


def test_nothing_that_runs_is_gpl() -> None:
    packages = running()
    assert len(packages) > 30
    gpl = {
        p: said
        for p in packages
        if re.search(r"\bA?GPL|GNU (Affero )?General", said := licence(p)) and p not in LGPL_WITH_LINKING
    }
    gpl = {p: said for p, said in gpl.items() if not re.search(r"\bOR\b|LGPL|Lesser|exception", said)}
    assert gpl == {}


def test_ours_is_apache() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (REPO / "LICENSE").read_text()
