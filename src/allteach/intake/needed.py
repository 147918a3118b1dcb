"""Which empty fields of a form the rules over several columns ask for, given what has been filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allteach.intake.contract import TableDictionary
from allteach.intake.expression import Node, evaluate
from allteach.intake.expression.tree import Column, Missing, children
from allteach.intake.findings import Severity


def asked_for(dictionary: TableDictionary, row: Mapping[str, Any]) -> dict[str, str]:
    """Return column -> why, for empty columns whose absence breaks a rule.

    Args:
        dictionary: The table.
        row: Typed values; None for what is not filled in.

    Example:
        >>> from allteach.intake.contract import load
        >>> said = load('''
        ... name: t
        ... title: T
        ... fields: [{name: died, type: boolean}, {name: cause}]
        ... rules: [{id: cause, must: "not died or cause is present", message: Say why.}]
        ... ''')
        >>> asked_for(said, {"died": True, "cause": None}), asked_for(said, {"died": False, "cause": None})
        ({'cause': 'Say why.'}, {})
    """
    whole = {field.name: row.get(field.name) for field in dictionary.fields}
    out: dict[str, str] = {}
    for rule in dictionary.rules:
        if rule.severity is Severity.WARN or evaluate(rule.condition, whole) is not False:
            continue
        for name in sorted(asks_about(rule.condition)):
            if whole.get(name) is None and name not in out:
                out[name] = rule.message
    return out


def may_be_asked_for(dictionary: TableDictionary) -> frozenset[str]:
    """Return the columns that some rule can make necessary."""
    return frozenset().union(*(asks_about(rule.condition) for rule in dictionary.rules))


def asks_about(node: Node) -> frozenset[str]:
    """Return the columns that an expression asks to be present or missing."""
    if isinstance(node, Missing):
        return frozenset({node.of.name}) if isinstance(node.of, Column) else frozenset()
    return frozenset().union(*(asks_about(child) for child in children(node)))
