"""A view: which columns a row has and where in a resource each is found, in the shape of SQL-on-FHIR v2.

A documented part of the standard is understood; the rest is refused by name, so that no view means less than it says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from allteach.errors import IntakeError
from allteach.intake.fhir.moments import read_moment
from allteach.intake.fhir.parse import parse
from allteach.intake.fhir.tree import Node, Value

ZONE_TAG = "zone"
MAX_LETTERS = 60_000
# What says who made a view, and does not change what it gives.
_ABOUT = {
    "resourceType", "id", "meta", "implicitRules", "language", "text", "extension", "url", "identifier", "version",
    "versionAlgorithmString", "name", "title", "status", "experimental", "date", "publisher", "contact", "description",
    "useContext", "jurisdiction", "purpose", "copyright", "copyrightLabel", "fhirVersion", "profile",
}  # fmt: skip
_COLUMN = {"name", "path", "type", "description", "collection", "tag", "extension", "id"}
_SELECT = {"column", "select", "forEach", "forEachOrNull", "unionAll", "extension", "id"}
_CONSTANTS = {
    "valueString": str, "valueCode": str, "valueId": str, "valueUri": str, "valueUrl": str, "valueCanonical": str,
    "valueOid": str, "valueUuid": str, "valueBoolean": bool, "valueInteger": int, "valuePositiveInt": int,
    "valueUnsignedInt": int, "valueDecimal": float, "valueDate": "moment", "valueDateTime": "moment",
    "valueInstant": "moment",
}  # fmt: skip
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the rows.

    Args:
        name: Its name.
        path: Where it is found, as written.
        node: The same as a tree.
        type: FHIR type; ``date`` cuts times down to days.
        zone: Time zone in which days are wanted; empty for the one a time is written in.
        description: Words for people.
    """

    name: str
    path: str
    node: Node
    type: str = ""
    zone: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Select:
    """Columns that are found together.

    Args:
        columns: Columns.
        inner: Further columns, each combined with each row so far.
        union: Alternatives with the same columns; their rows are put below each other.
        each: One row for every item found here; None for one row.
        or_null: One empty row where `each` finds nothing.
    """

    columns: tuple[Column, ...] = ()
    inner: tuple[Select, ...] = ()
    union: tuple[Select, ...] = ()
    each: Node | None = None
    or_null: bool = False

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Columns of a row, in order."""
        found = list(self.columns)
        for part in self.inner:
            found += part.all_columns
        return (*found, *(self.union[0].all_columns if self.union else ()))


@dataclass(frozen=True, slots=True)
class View:
    """A view of one type of resource.

    Args:
        resource: The type, such as ``Encounter``.
        select: Parts of a row.
        where: Conditions that a resource has to meet.
        constants: Name -> value, for ``%name``.
        name: Short name.
        title: Words for people.
        description: What a row stands for.
        source: The view as it was written.
    """

    resource: str
    select: tuple[Select, ...]
    where: tuple[Node, ...] = ()
    constants: Mapping[str, Value] = field(default_factory=dict)
    name: str = ""
    title: str = ""
    description: str = ""
    source: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of a row, in order."""
        return tuple(column for part in self.select for column in part.all_columns)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the content, whatever the text looked like."""
        text = json.dumps(yaml.safe_load(self.source), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def load(text: str) -> View:
    """Return the view written in a JSON or YAML text.

    Raises:
        IntakeError: ``AT-I-121`` when it is no view or uses what is not understood, ``AT-I-120`` for a path.

    Example:
        >>> view = load('{"resource": "Patient", "select": [{"column": [{"name": "id", "path": "getResourceKey()"}]}]}')
        >>> view.resource, [column.name for column in view.columns]
        ('Patient', ['id'])
    """
    if len(text) > MAX_LETTERS:
        raise _wrong("", f"The view is longer than {MAX_LETTERS:,} letters.")
    try:
        plain = yaml.safe_load(text)  # JSON is YAML
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        raise _wrong(
            f"Line {place.line + 1}" if place else "", "The view is neither JSON nor YAML.",
            "Look for a missing comma, bracket or quotation mark.",
        ) from None  # fmt: skip
    if not isinstance(plain, Mapping):
        raise _wrong("", "The view is not a mapping of words to values.", 'Begin with {"resource": "Encounter", ...}.')
    view = _view(plain, text)
    _check_names(view)
    return view


def _wrong(where: str, what: str, do: str = "Correct the view and save it again.", expected: str = "") -> IntakeError:
    return IntakeError("AT-I-121", what, where=where, expected=expected, do=do)


def _view(plain: Mapping[str, Any], text: str) -> View:
    kind = plain.get("resourceType", "ViewDefinition")
    if kind != "ViewDefinition":
        raise _wrong("", f'This is a resource of the type "{kind}", not a view.', "Paste a ViewDefinition.")
    _known(plain, _ABOUT | {"resource", "constant", "select", "where"}, "The view")
    resource = plain.get("resource")
    if not isinstance(resource, str) or not resource[:1].isupper() or not resource.isalpha():
        raise _wrong("", "The view does not say which type of resource it is of.", 'Add "resource": "Encounter".')
    selects = tuple(_select(part, f"select {at}", 0) for at, part in enumerate(_list(plain.get("select"), "select"), 1))
    if not selects:
        raise _wrong("", "The view selects nothing.", 'Add "select" with a list of columns.')
    where = []
    for at, part in enumerate(_list(plain.get("where", []), "where"), 1):
        _known(part, {"path", "description", "extension", "id"}, f"where {at}")
        where.append(_path(part.get("path"), f"where {at}"))
    said = {word: str(plain[word]) for word in ("name", "title", "description") if plain.get(word)}
    return View(resource, selects, tuple(where), _constants(plain.get("constant", [])), source=text, **said)


def _select(plain: Any, where: str, depth: int) -> Select:
    if depth > _DEPTH:
        raise _wrong(where, f"Selects stand in each other more than {_DEPTH} deep.")
    _known(plain, _SELECT, where)
    if "forEach" in plain and "forEachOrNull" in plain:
        raise _wrong(where, "forEach and forEachOrNull cannot stand in one select.", "Keep one of them.")
    each = plain.get("forEach", plain.get("forEachOrNull"))
    union = _parts(plain, "unionAll", where, depth)
    names = {tuple(column.name for column in part.all_columns) for part in union}
    if len(names) > 1:
        raise _wrong(where, "The alternatives of unionAll do not have the same columns in the same order.")
    return Select(
        tuple(
            _column(item, f"{where}, column {at}")
            for at, item in enumerate(_list(plain.get("column", []), f"{where}, column"), 1)
        ),
        _parts(plain, "select", where, depth),
        union,
        None if each is None else _path(each, f"{where}, forEach"),
        "forEachOrNull" in plain,
    )


def _parts(plain: Mapping[str, Any], word: str, where: str, depth: int) -> tuple[Select, ...]:
    given = _list(plain.get(word, []), f"{where}, {word}")
    return tuple(_select(part, f"{where}, {word} {at}", depth + 1) for at, part in enumerate(given, 1))


def _column(plain: Any, where: str) -> Column:
    _known(plain, _COLUMN, where)
    name = plain.get("name")
    if not isinstance(name, str) or not name.strip():
        raise _wrong(where, "The column has no name.", 'Add "name".')
    where = f'Column "{name}"'
    if plain.get("collection"):
        raise _wrong(
            where, "A column with several values in one cell is not possible: tables hold one text in a cell.",
            "Take first(), put the values together by join(', '), or make a row of each by forEach.",
        )  # fmt: skip
    path = plain.get("path")
    return Column(
        name.strip(), str(path), _path(path, where), str(plain.get("type", "")), _zone(plain.get("tag", []), where),
        str(plain.get("description", "")),
    )  # fmt: skip


def _zone(tags: Any, where: str) -> str:
    for tag in _list(tags, f"{where}, tag"):
        if isinstance(tag, Mapping) and tag.get("name") == ZONE_TAG:
            name = str(tag.get("value", ""))
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise _wrong(
                    where, f'There is no time zone "{name}".', "Write it as America/New_York or Europe/London."
                ) from None
            return name
    return ""


def _path(plain: Any, where: str) -> Node:
    if not isinstance(plain, str) or not plain.strip():
        raise _wrong(where, "There is no path.", 'Add "path", such as "period.start".')
    try:
        return parse(plain)
    except IntakeError as error:
        raise IntakeError(error.code, error.what, where=f"{where}: {error.where}", do=error.do) from None


def _constants(plain: Any) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for at, item in enumerate(_list(plain, "constant"), 1):
        where = f"constant {at}"
        _known(item, {"name", "extension", "id"} | set(_CONSTANTS), where)
        given = [key for key in item if key in _CONSTANTS]
        if not isinstance(item.get("name"), str) or len(given) != 1:
            raise _wrong(
                where, "A constant has a name and one value.", 'Write {"name": "system", "valueString": "..."}.'
            )
        found[item["name"]] = _constant(item[given[0]], _CONSTANTS[given[0]], where)
    return found


def _constant(value: Any, kind: Any, where: str) -> Value:
    if kind == "moment":
        moment = read_moment(str(value).replace(" ", "T"))
        if moment is None:
            raise _wrong(where, "This is no date.", "Write it as 2024-03-01.")
        return moment
    if kind is float and type(value) in (int, float):
        return float(value)
    if type(value) is not kind:
        raise _wrong(where, "The value is not of the kind that its name says.")
    return kind(value)


def _list(plain: Any, where: str) -> list[Any]:
    if not isinstance(plain, list):
        raise _wrong(where, "A list is expected here.", "Put it in square brackets.")
    return plain


def _known(plain: Any, words: set[str], where: str) -> None:
    if not isinstance(plain, Mapping):
        raise _wrong(where, "A mapping of words to values is expected here.")
    unknown = [str(key) for key in plain if key not in words]
    if unknown:
        known = ", ".join(sorted(words - _ABOUT - {"extension", "id"}))
        raise _wrong(where, f'The word "{unknown[0]}" is not understood.', expected=f"Understood are: {known}.")


def _check_names(view: View) -> None:
    names = [column.name for column in view.columns]
    if not names:
        raise _wrong("", "The view has no columns.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise _wrong(f'Column "{twice[0]}"', "Two columns have this name.", "Give each a name of its own.")
