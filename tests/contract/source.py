"""Walking the source for the contract tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
SRC = REPO / "src" / "allteach"
PURE = ("stats", "intake", "registry", "measures", "charts", "reports", "simulate", "federation")


def python_files(*folders: str) -> list[Path]:
    """Return our Python files under folders of the package (all of it when none is named), without migrations."""
    roots = [SRC / folder for folder in folders] or [SRC]
    return sorted(p for root in roots for p in root.rglob("*.py") if "migrations" not in p.parts)


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a file, nested ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def name(path: Path) -> str:
    """Return the path as people write it."""
    return path.relative_to(REPO).as_posix()
