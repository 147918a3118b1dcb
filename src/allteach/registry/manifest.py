"""Says which files are current, now or on any earlier day. The list itself lives in the application's database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from allteach.errors import RegistryError
from allteach.intake.checks import Scope
from allteach.registry.store import Registry, Span, Stored


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the list, and when it counted.

    Args:
        path: The file, below the registry's folder.
        submission: The number of the submission its rows came with.
        since: From when its rows were current.
        until: Until when; None while they are.
        sites: Site code -> what the file holds of it.
    """

    path: str
    submission: int
    since: datetime
    until: datetime | None = None
    sites: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission as it was accepted.

    Args:
        submission: Its number.
        file: Its rows.
        scope: What it speaks for: all earlier rows there are replaced. None when it adds and corrects by key.
        key: Columns that name a row, for corrections.
    """

    submission: int
    file: Stored
    scope: Scope | None = None
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the table name the site and the day; a file sent for one site has ``_site``."""

    site: str
    day: str


def current(entries: Iterable[Entry], as_of: datetime | None = None) -> tuple[Entry, ...]:
    """Return the entries that count now, or counted at a moment.

    Args:
        entries: The list of one table.
        as_of: The moment; None for now.
    """
    if as_of is None:
        return tuple(entry for entry in entries if entry.until is None)
    return tuple(e for e in entries if e.since <= as_of and (e.until is None or e.until > as_of))


def touches(entry: Entry, scope: Scope) -> bool:
    """Return whether a scope speaks for any row that a file may hold."""
    for code, span in entry.sites.items():
        if scope.sites and code not in scope.sites:
            continue
        before = scope.first and span.last and span.last < scope.first
        after = scope.last and span.first and span.first > scope.last
        if not before and not after:
            return True
    return not entry.sites


def accept(
    registry: Registry, entries: Iterable[Entry], new: Accepted, *, at: datetime, columns: Columns
) -> tuple[Entry, ...]:
    """Return the list after a submission is accepted.

    Files that the submission replaces in part end, and their other rows go on in a new file of the same submission. No
    file is changed or removed, so every earlier state can still be read.

    Args:
        registry: Where the files are.
        entries: The list before.
        new: What is accepted.
        at: When.
        columns: Which columns name site and day.

    Raises:
        RegistryError: ``AT-R-005`` when `at` is before an entry that is still current.
    """
    out: list[Entry] = []
    for entry in entries:
        if entry.until is not None or (new.scope is not None and not touches(entry, new.scope)):
            out.append(entry)
            continue
        if at < entry.since:
            raise RegistryError("AT-R-005", "A submission cannot be accepted before the one it replaces.")
        left = _left(registry, entry, new, columns)
        if left is not None and left.path == entry.path:
            out.append(entry)
            continue
        out.append(replace(entry, until=at))
        if left is not None:
            out.append(Entry(left.path, entry.submission, at, None, left.sites))
    return (*out, Entry(new.file.path, new.submission, at, None, new.file.sites))


def _left(registry: Registry, entry: Entry, new: Accepted, columns: Columns) -> Stored | None:
    if new.scope is not None:
        return registry.rest(entry.path, new.scope, site=columns.site, day=columns.day)
    return registry.without(entry.path, new.file.path, new.key, site=columns.site, day=columns.day)


def withdraw(
    registry: Registry,
    entries: Iterable[Entry],
    remaining: Sequence[Accepted],
    *,
    at: datetime,
    columns: Columns,
) -> tuple[Entry, ...]:
    """Return the list after a submission is taken back, as if it had never been accepted.

    Args:
        registry: Where the files are.
        entries: The list before.
        remaining: All accepted submissions of the table but the one taken back, in the order of acceptance.
        at: When it is taken back.
        columns: Which columns name site and day.
    """
    wanted: tuple[Entry, ...] = ()
    for accepted in remaining:
        wanted = current(accept(registry, wanted, accepted, at=at, columns=columns))
    out = []
    missing = {(entry.path, entry.submission): entry for entry in wanted}
    for entry in entries:
        if entry.until is None and missing.pop((entry.path, entry.submission), None) is None:
            entry = replace(entry, until=at)
        out.append(entry)
    return (*out, *missing.values())
