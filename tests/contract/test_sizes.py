"""Files, functions and argument lists stay small enough to read in one go; names say what is inside."""

from __future__ import annotations

import ast

from tests.contract.source import REPO, SRC, functions, name, python_files

LINES, FUNCTION, ARGUMENTS = 400, 40, 7
SLACK = 10  # "about forty": a signature and a docstring come on top of the body
VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "tools"}


def test_files() -> None:
    long = {name(p): n for p in python_files() if (n := len(p.read_text(encoding="utf-8").splitlines())) > LINES}
    assert long == {}, f"more than {LINES} lines: split by what a reader looks for"


def test_functions() -> None:
    long = []
    for path in python_files():
        for function in functions(path):
            body = function.body
            if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                body = body[1:]
            if body and (n := (body[-1].end_lineno or 0) - body[0].lineno + 1) > FUNCTION + SLACK:
                long.append((name(path), function.name, n))
    assert long == [], f"bodies of more than about {FUNCTION} lines: name the steps"


def test_arguments() -> None:
    many = []
    for path in python_files():
        for function in functions(path):
            a = function.args
            n = len([x for x in (*a.posonlyargs, *a.args, *a.kwonlyargs) if x.arg not in ("self", "cls", "by", "user")])
            if n > ARGUMENTS + 2 and not function.decorator_list:  # options of commands and views are arguments
                many.append((name(path), function.name, n))
    assert many == [], f"more than about {ARGUMENTS} arguments: make a dataclass"


def test_names_say_something() -> None:
    vague = [name(p) for p in SRC.rglob("*") if p.stem.lower() in VAGUE and p.suffix in ("", ".py")]
    assert vague == []


def test_nothing_is_left_to_do() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")
    files = [*python_files(), *(REPO / "tests").rglob("*.py"), *SRC.rglob("*.html"), *(REPO / "docs").rglob("*.md")]
    left = [name(p) for p in files if any(mark in p.read_text(encoding="utf-8") for mark in marks)]
    assert left == []


def test_rooms_have_the_same_doors() -> None:
    """Reading is in selectors, writing in services, and each room says in five lines what it is."""
    rooms = [p.parent for p in (SRC / "web").glob("*/models.py")] + [p.parent for p in (SRC / "web").glob("*/models")]
    assert rooms
    missing = [f"{name(room)}/README.md" for room in rooms if not (room / "README.md").exists()]
    assert missing == []
    long = [name(room) for room in rooms if len((room / "README.md").read_text().strip().splitlines()) > 8]
    assert long == [], "a room's README is about five lines"
