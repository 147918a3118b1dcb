"""What a file changes about a measure, in numbers that a person can compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from allteach.measures.card import Card
from allteach.measures.files import to_plain
from allteach.web.measuring.panels import Row, build_line, point_text
from allteach.web.submissions.hooks import Change

Key = tuple[int, object, int, str]
_CLOSE = 1e-9


def change(title: str, card: Card, before: Iterable[Row], after: Iterable[Row], *, is_new: bool = False) -> Change:
    """Return what a measure's observations change to.

    Args:
        title: The measure's title.
        card: Its card.
        before: Observations now.
        after: Observations then.
        is_new: The measure would begin.
    """
    old, new = _whole(before), _whole(after)
    same = old.keys() & new.keys()
    return Change(
        title=title,
        before=newest_point(card, old.values()),
        after=newest_point(card, new.values()),
        new_points=len(new.keys() - same),
        changed_points=sum(1 for key in same if differs(old[key], new[key])),
        lost_points=len(old.keys() - same),
        is_new=is_new,
    )


def moved(old: Row, new: Row) -> bool:
    """Return whether the numbers of a point changed, whatever became of its completeness."""
    return differs((*old[:9], 0, True), (*new[:9], 0, True))


_NOT_MEANING = {"id", "version", "tests", "checker", "reviewed", "review_by"}


def differences(old: Card, new: Card) -> list[tuple[str, str, str]]:
    """Return what a newer card says otherwise: the word on the card, before, after."""
    before, after = _flat(to_plain(old)), _flat(to_plain(new))
    return [
        (name, before.get(name, ""), after.get(name, ""))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _flat(plain: Mapping[str, Any]) -> dict[str, str]:
    out: dict[str, str] = {}
    for name, value in plain.items():
        if name in _NOT_MEANING:
            continue
        if isinstance(value, Mapping):
            out |= {f"{name}: {part}": str(text) for part, text in value.items()}
        elif isinstance(value, list):
            out[name] = "; ".join(
                ", ".join(f"{k} {v}" for k, v in item.items()) if isinstance(item, Mapping) else str(item)
                for item in value
            )
        else:
            out[name] = str(value)
    return out


def differs(old: Row, new: Row) -> bool:
    """Return whether two observations of one point say different things."""
    for a, b in zip(old[4:9], new[4:9], strict=True):
        if (a is None) != (b is None):
            return True
        if a is not None and b is not None and abs(a - b) > _CLOSE * max(1.0, abs(a)):
            return True
    return old[9:] != new[9:]


def key_of(row: Row) -> Key:
    """Return what names an observation."""
    return row[0], row[1], row[2], row[3]


def _whole(rows: Iterable[Row]) -> Mapping[Key, Row]:
    return {key_of(row): row for row in rows if not row[3]}


def newest_point(card: Card, rows: Iterable[Row]) -> str:
    """Return the newest point of all sites together, such as ``58 % (120 of 207), May 2025``; empty without any."""
    line = build_line(card, list(rows))
    if line is None:
        return ""
    panel, periods = line
    value = panel.value
    there = np.flatnonzero(np.isfinite(value))
    if not there.size:
        return ""
    at = int(there[-1])
    return f"{point_text(card, panel, at)}, {periods[at].label}"
