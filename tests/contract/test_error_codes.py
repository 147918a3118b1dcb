"""One code means one thing: it belongs to one part of the software."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

from tests.contract.source import SRC, python_files, tree

RAISES = {
    "IntakeError", "RegistryError", "MeasureError", "StatsError", "ChartError", "Refused", "StateError", "NotEstimable",
}  # fmt: skip
LETTER = {
    "IntakeError": "I", "RegistryError": "R", "MeasureError": "M", "StatsError": "S", "ChartError": "C", "Refused": "P",
    "StateError": "T",
}  # fmt: skip


EVERYWHERE = {"AT-T-006"}  # a reason is missing


def raised() -> dict[str, dict[str, set[str]]]:
    """Return code -> part of the house -> kinds of error that it is raised as there."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in python_files():
        inside = path.relative_to(SRC).parts
        part = "/".join(inside[: 2 if inside[0] == "web" else 1])
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISES and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and re.fullmatch(r"AT-[A-Z]-\d{3}", str(first.value)):
                    found[str(first.value)][part].add(node.func.id)
    return found


def test_a_code_belongs_to_one_room() -> None:
    shared = {
        code: sorted(parts)
        for code, parts in raised().items()
        if code not in EVERYWHERE and len([p for p in parts if p.startswith("web/")]) > 1
    }
    assert shared == {}


def test_a_code_says_its_family() -> None:
    wrong = {
        code: sorted(kinds)
        for code, parts in raised().items()
        for kinds in parts.values()
        if any(LETTER.get(kind, code[3]) != code[3] for kind in kinds)
    }
    assert wrong == {}
