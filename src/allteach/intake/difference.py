"""What changed between two versions of a data dictionary, one line a thing, in words."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from allteach.intake.contract import Field, TableDictionary
from allteach.intake.describe import allowed_words, type_words


class Change(StrEnum):
    """What happened to a part of the dictionary."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Args:
        change: What happened.
        part: Where: a column, a rule, or the table itself.
        about: The word that changed, such as ``required``; empty where the whole part came or went.
        before: As it was, in words.
        after: As it is, in words.
    """

    change: Change
    part: str
    about: str = ""
    before: str = ""
    after: str = ""


def differences(old: TableDictionary, new: TableDictionary) -> tuple[Difference, ...]:
    """Return what changed from one version to another, in the order of the new one.

    Example:
        >>> from allteach.intake.contract import load
        >>> first = load("{name: t, title: T, fields: [{name: a}]}")
        >>> second = load("{name: t, title: T, fields: [{name: a, required: true}, {name: b}]}")
        >>> [(d.change.value, d.part, d.about) for d in differences(first, second)]
        [('changed', 'a', 'required'), ('added', 'b', '')]
    """
    out = _of_table(old, new)
    before = {field.name: field for field in old.fields}
    gone = dict(before)
    for field in new.fields:
        earlier = before.get(field.name) or next((before[name] for name in field.was if name in before), None)
        if earlier is None:
            out.append(Difference(Change.ADDED, field.name, "", "", allowed_words(field)))
            continue
        gone.pop(earlier.name, None)
        if earlier.name != field.name:
            out.append(Difference(Change.RENAMED, field.name, "name", earlier.name, field.name))
        out += _of_field(earlier, field)
    out += [Difference(Change.REMOVED, name, "", allowed_words(field), "") for name, field in gone.items()]
    return tuple(out + _of_rules(old, new))


def _of_table(old: TableDictionary, new: TableDictionary) -> list[Difference]:
    out = []
    for about in ("title", "description", "key", "grain", "missing", "sources"):
        before, after = getattr(old, about), getattr(new, about)
        if before != after:
            out.append(Difference(Change.CHANGED, "", about, _text(before), _text(after)))
    return out


def _of_field(old: Field, new: Field) -> list[Difference]:
    out = []
    for spec in fields(Field):
        if spec.name in ("name", "was"):
            continue
        before, after = getattr(old, spec.name), getattr(new, spec.name)
        if before != after:
            said = (type_words(old), type_words(new)) if spec.name == "type" else (_text(before), _text(after))
            out.append(Difference(Change.CHANGED, new.name, spec.name, *said))
    return out


def _of_rules(old: TableDictionary, new: TableDictionary) -> list[Difference]:
    before, after = ({rule.id: rule for rule in said.rules} for said in (old, new))
    out = []
    for name, rule in after.items():
        if name not in before:
            out.append(Difference(Change.ADDED, name, "rule", "", rule.must))
        elif before[name] != rule:
            earlier = before[name]
            same = earlier.must == rule.must
            said = (earlier.message, rule.message) if same else (earlier.must, rule.must)
            out.append(Difference(Change.CHANGED, name, "rule", *said))
    return out + [Difference(Change.REMOVED, n, "rule", r.must, "") for n, r in before.items() if n not in after]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(" = ".join(p for p in item if p) if isinstance(item, tuple) else str(item) for item in value)
    return str(value)
