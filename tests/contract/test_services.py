"""Every public service writes exactly where it should: keyword-only, atomic, by a person, into the ledger."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from tests.contract.source import SRC, functions, name, python_files, tree

LEDGER = "record"
# Reads that live beside the writes they prepare, or parts of an act that another service records as one.
NOT_SERVICES = {"free_username", "key_hash"}
# Steps that several services of one room share; each runs inside the transaction of its caller.
PARTS = {"move", "stop", "standings_write", "apply_submission"}
# Also where services of one room are kept apart: decisions at gates, the list of current files.
SERVICE_FILES = {"services.py", "gates.py"}
WRITERS = SERVICE_FILES | {"manifest.py"}


def service_files() -> list[Path]:
    """Return the files of every room's services, but the ledger's own."""
    return [
        path
        for path in python_files("web")
        if (path.name in SERVICE_FILES or path.parent.name == "services") and "ledger" not in path.parts
    ]


def _calls(node: ast.AST) -> set[str]:
    found = set()
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            target = call.func
            found.add(target.id if isinstance(target, ast.Name) else getattr(target, "attr", ""))
    return found


def _is_service(node: ast.FunctionDef) -> bool:
    return any(a.arg == "by" for a in node.args.kwonlyargs + node.args.args)


@cache
def all_functions() -> dict[str, list[tuple[Path, ast.FunctionDef]]]:
    """Return every function of the web half that may take part in an act: name -> where it is defined."""
    found: dict[str, list[tuple[Path, ast.FunctionDef]]] = defaultdict(list)
    for path in python_files("web"):
        for node in functions(path):
            if isinstance(node, ast.FunctionDef):
                found[node.name].append((path, node))
    return found


def records(path: Path, node: ast.FunctionDef, seen: frozenset[str] = frozenset()) -> bool:
    """Return whether a function writes to the ledger, itself or through what it calls in its file or elsewhere."""
    calls = _calls(node)
    if LEDGER in calls:
        return True
    for called in calls - seen:
        places = all_functions().get(called, [])
        here = [place for place in places if place[0] == path] or places
        if any(records(*place, seen | calls | {node.name}) for place in here if place[1] is not node):
            return True
    return False


def services() -> list[tuple[str, Path, ast.FunctionDef]]:
    """Return every public service: a top-level function of a services file that acts for a person."""
    found = []
    for path in service_files():
        for node in tree(path).body:
            public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if public and node.name not in NOT_SERVICES and _is_service(node):
                found.append((f"{name(path)}:{node.name}", path, node))
    return found


def test_there_are_services() -> None:
    assert len(services()) > 20


@pytest.mark.parametrize(("label", "path", "node"), services(), ids=[s[0] for s in services()])
def test_a_service_is_keyword_only_and_recorded(label: str, path: Path, node: ast.FunctionDef) -> None:
    assert node.name in PARTS or not node.args.args, f"{label} takes arguments by position"
    assert records(path, node), f"{label} leaves no entry in the ledger"


def test_services_are_atomic() -> None:
    loose = [
        label
        for label, _path, node in services()
        if node.name not in PARTS
        and not any("atomic" in ast.unparse(d) for d in node.decorator_list)
        and "atomic" not in ast.unparse(node)
        and not (_calls(node) & {s[2].name for s in services()})
    ]
    assert loose == []


def test_bulk_writes_live_in_services_only() -> None:
    """`.update(`, `.bulk_create(` and `.delete()` on models pass by save(), signals and the ledger."""
    bulk = {"bulk_create", "bulk_update", "update_or_create", "get_or_create"}
    allowed = ("services", "management", "migrations", "demo")
    wrong = []
    for path in python_files("web"):
        if path.name in WRITERS or set(path.parts) & set(allowed):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                text = ast.unparse(node.func)
                query = ".objects" in text and node.func.attr in {"update", "delete", "create"}
                if query or node.func.attr in bulk:
                    wrong.append(f"{name(path)}:{node.lineno} {text}")
    assert wrong == []


def test_service_files_are_found() -> None:
    rooms = {path.relative_to(SRC / "web").parts[0] for path in service_files()}
    assert {"people", "sites", "submissions", "measuring", "variation"} <= rooms
