"""The notebook tutorial runs as it is written, and says what it claims."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from allteach.charts.words import difference
from allteach.units import Unit, ValueFormat


def test_notebook_tutorial_runs(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    text = (repo / "docs/tutorials/notebook.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        exec(compile(block, "notebook.md", "exec"), names)
    said = capsys.readouterr().out
    flat = re.sub(r"\s+", " ", re.sub(r"```.*?```", "", text, flags=re.S))
    for claim in re.findall(r"\*([^*]{12,})\*", flat):
        assert claim in re.sub(r"\s+", " ", said), claim
    assert {"falls.pptx", "falls.pdf", "falls.png", "falls.csv"} <= {path.name for path in tmp_path.iterdir()}
    share, expected = (float(part) for part in said.strip().splitlines()[-1].split())
    assert abs(share - expected) < 0.04


def test_commands_of_the_guide_exist(repo: Path) -> None:
    from allteach.cli import chart, funnel

    text = (repo / "docs/how-to/command-line.md").read_text(encoding="utf-8")
    known = {name.replace("_", "-") for module in (chart, funnel) for name in module.command.__annotations__}
    options = set(re.findall(r"--([a-z-]+)", text)) - {"help"}
    assert options <= known


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (0.01, ValueFormat(Unit.PERCENT), "1.0 percentage points"),
        (1.0, ValueFormat(Unit.HOURS, decimals=0), "1 hour"),
        (0.4, ValueFormat(Unit.DAYS), "0.4 days"),
        (0.0004, ValueFormat(Unit.RATE, per=1000, exposure="line days"), "0.4 per 1,000 line days"),
    ],
)
def test_differences(value: float, form: ValueFormat, expected: str) -> None:
    assert difference(value, form) == expected
