"""Where later rooms hook into the road of a file. Functions are added when the rooms start; see `measuring.apps`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# called with submission=, by= inside the transaction that accepts or withdraws; returns facts to show and keep
accepted: list[Callable[..., Mapping[str, Any] | None]] = []

# called with submission=, user= before acceptance; returns what each measure would change to
previews: list[Callable[..., list[Change]]] = []


@dataclass(frozen=True, slots=True)
class Change:
    """What one measure would change to if a file were accepted.

    Args:
        title: The measure.
        before: Its newest point now, such as ``58 % (120 of 207), May 2025``; empty when there is none.
        after: Its newest point then.
        new_points: Points of a site and period that were not there.
        changed_points: Points that would have another value.
        lost_points: Points that would go away.
        is_new: The measure would begin with this file.
    """

    title: str
    before: str
    after: str
    new_points: int
    changed_points: int
    lost_points: int
    is_new: bool = False


# called with network=, dictionary= before a version of a table is released; returns who could not read it, in words
readers: list[Callable[..., list[str]]] = []
