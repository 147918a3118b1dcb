"""Turns resources into rows of texts by a view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from allteach.intake.fhir.evaluate import Items, Several, compiled, text_of, truth
from allteach.intake.fhir.moments import day_of
from allteach.intake.fhir.tree import Node, Value
from allteach.intake.fhir.views import Column, Select, View

SITE = "site"  # the one constant that every view has: who sends the file, empty when it is for several sites
SEVERAL, OBJECT, UTC_DAY = "several", "object", "utc"
Row = list[str]


@dataclass(slots=True)
class Notes:
    """What was met while rows were made.

    Attributes:
        at: The line that is being read.
        found: What and column -> lines.
    """

    at: int = 0
    found: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, what: str, column: str) -> None:
        """Write down that something was met in a column of this line."""
        lines = self.found.setdefault((what, column), [])
        if not lines or lines[-1] != self.at:
            lines.append(self.at)


class Rows:
    """A view made ready for many resources.

    Args:
        view: The view.
        site: Code of the site that sends, for ``%site``; empty for several.

    Raises:
        IntakeError: ``AT-I-120`` when a path names a constant that there is not.
    """

    def __init__(self, view: View, site: str = "") -> None:
        self.notes = Notes()
        self._constants: Mapping[str, Value | None] = {**view.constants, SITE: site or None}
        self._resource = view.resource
        self._where = [self._path(node) for node in view.where]
        self._parts = [self._select(part) for part in view.select]

    def of(self, resource: dict[str, Any]) -> list[Row]:
        """Return the rows of one resource."""
        items = [resource]
        try:
            if self._where and not all(truth(condition(items)) for condition in self._where):
                return []
            if len(self._parts) == 1:
                return self._parts[0](items)
            return _combined([part(items) for part in self._parts])
        except Several:
            self.notes.add(SEVERAL, "")
            return []

    def _path(self, node: Node) -> Callable[[Items], Items]:
        return compiled(node, self._constants, self._resource)

    def _select(self, select: Select) -> Callable[[Items], list[Row]]:
        columns = [(column.name, self._path(column.node), self._cell(column)) for column in select.columns]
        inner = [self._select(part) for part in select.inner]
        union = [self._select(part) for part in select.union]
        each = None if select.each is None else self._path(select.each)
        add = self.notes.add

        def one(items: Items) -> list[Row]:
            row = []
            for name, path, cell in columns:
                try:
                    row.append(cell(path(items)))
                except Several:
                    add(SEVERAL, name)
                    row.append("")
            if not inner and not union:
                return [row]
            parts = [[row]] + [part(items) for part in inner]
            if union:
                parts.append([found for part in union for found in part(items)])
            return _combined(parts)

        if each is None:
            return one

        def every(items: Items) -> list[Row]:
            found = each(items)
            if not found:
                return one([]) if select.or_null else []
            return [row for item in found for row in one([item])]

        return every

    def _cell(self, column: Column) -> Callable[[Items], str]:
        """Return what makes a text of what a path found."""
        add, name = self.notes.add, column.name
        day = column.type == "date"
        zone = ZoneInfo(column.zone) if column.zone else None

        def cell(items: Items) -> str:
            if not items:
                return ""
            if len(items) > 1:
                raise Several
            value = items[0]
            if type(value) is dict or type(value) is list:
                add(OBJECT, name)
                return ""
            text = text_of(value)
            if not day:
                return text
            text, doubtful = day_of(text, zone)
            if doubtful:
                add(UTC_DAY, name)
            return text

        return cell


def _combined(parts: list[list[Row]]) -> list[Row]:
    return [[cell for row in rows for cell in row] for rows in product(*parts)]
