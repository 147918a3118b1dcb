"""Key driver diagrams as outlines: written as indented lines, kept as nodes, drawn as a table, compared line by line.

An outline has one line a node, two blanks deeper for each level:

    Children go home sooner [los]
      Tubes come out when they can
        Everyone knows the criteria
          Card at the bedside <- Rounds decide each day
      ...

The first line is the aim, then primary drivers, secondary drivers, change ideas. ``[slug]`` links a measure,
``<- text`` adds a second parent.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allteach.errors import StateError

KINDS = ("aim", "primary", "secondary", "idea")
Node = Mapping[str, Any]


def parse_outline(text: str) -> list[dict[str, Any]]:
    """Return the nodes of an outline: key, kind, text, parents (keys), measures (slugs).

    Raises:
        StateError: ``AT-T-150`` with the line when it is indented wrongly, too deep, or names an unknown parent.
    """
    nodes: list[dict[str, Any]] = []
    above: list[str] = []
    second: list[tuple[int, str, dict[str, Any]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        depth, rest = divmod(len(line) - len(line.lstrip(" ")), 2)
        if rest or depth > len(above) or depth >= len(KINDS) or (depth == 0 and nodes):
            raise StateError(
                "AT-T-150",
                "The line does not fit under the one above it.",
                where=f"Line {number}",
                expected="One aim first; two blanks more for each of driver, smaller driver and change idea.",
            )
        words, _, other = line.strip().partition("<-")
        measures = re.findall(r"\[([\w-]+)\]", words)
        words = re.sub(r"\s*\[[\w-]+\]", "", words).strip(" -*")
        node: dict[str, Any] = {
            "key": f"n{len(nodes) + 1}",
            "kind": KINDS[depth],
            "text": words,
            "parents": above[depth - 1 : depth] if depth else [],
            "measures": measures,
        }
        del above[depth:]
        above.append(node["key"])
        nodes.append(node)
        if other.strip():
            second.append((number, other.strip(), node))
    keys = {node["text"]: node["key"] for node in nodes}
    for number, name, node in second:
        if name not in keys:
            raise StateError("AT-T-150", f"There is no driver called '{name}'.", where=f"Line {number}")
        node["parents"].append(keys[name])
    return nodes


def to_outline(nodes: Sequence[Node]) -> str:
    """Return the outline of nodes, the way back from `parse_outline`."""
    names = {node["key"]: node["text"] for node in nodes}
    lines = []
    for node in nodes:
        links = "".join(f" [{slug}]" for slug in node["measures"])
        more = "".join(f" <- {names[key]}" for key in node["parents"][1:])
        lines.append("  " * KINDS.index(node["kind"]) + node["text"] + links + more)
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of the drawn diagram: its node and how many rows it spans; None fills a place without one."""

    node: Node | None
    span: int


def rows(nodes: Sequence[Node]) -> list[list[Cell]]:
    """Return the rows of the table that draws the diagram, one row for each node without children."""
    children: dict[str, list[Node]] = {}
    for node in nodes:
        if node["parents"]:
            children.setdefault(node["parents"][0], []).append(node)

    def drawn(node: Node, depth: int) -> list[list[Cell]]:
        below = [row for child in children.get(node["key"], []) for row in drawn(child, depth + 1)]
        if not below:
            below = [[Cell(None, 1)] * (len(KINDS) - 1 - depth)]
        below[0] = [Cell(node, len(below)), *below[0]]
        return below

    return drawn(nodes[0], 0) if nodes else []


def changes(before: Sequence[Node], after: Sequence[Node]) -> list[tuple[str, str]]:
    """Return the lines added (``+``) and taken away (``-``) between two versions."""
    found = difflib.ndiff(to_outline(before).splitlines(), to_outline(after).splitlines())
    return [(line[0], line[2:].strip()) for line in found if line[0] in "+-"]
