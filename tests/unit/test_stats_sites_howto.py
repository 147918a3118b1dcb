"""The notebook page about comparing sites does what it says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

pytestmark = pytest.mark.filterwarnings("error")


def test_the_page_runs(repo: Path) -> None:
    text = (repo / "docs/how-to/compare-sites.md").read_text(encoding="utf-8")
    bare = "\n".join("" if line.startswith("```") else line for line in text.splitlines())
    example = doctest.DocTestParser().get_doctest(bare, {}, "compare-sites", None, 0)
    assert len(example.examples) > 30
    said: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert result.failed == 0, "".join(said)


def test_every_citation_has_its_reference(repo: Path) -> None:
    import re

    from allteach.stats.sources import SOURCES, reference

    cited = set()
    for folder in ("comparison", "disclosure"):
        for path in (repo / "src/allteach/stats" / folder).glob("*.py"):
            for block in re.findall(r"Source:\n((?: {8,}.+\n)+)", path.read_text(encoding="utf-8")):
                cited |= set(re.findall(r"\b[a-z]+\d{4}\w*|cms_cell_size", block))
    assert cited
    assert cited <= set(SOURCES)
    assert reference("steiner2000").startswith("Steiner SH")
