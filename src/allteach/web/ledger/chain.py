"""The hash chain: what an entry's hash covers, and the first broken link of a chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from allteach.web.ledger.models import Entry

START = "0" * 64


def entry_hash(entry: Entry) -> str:
    """Return the SHA-256 of everything an entry says and of the entry before it."""
    said = [
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.actor,
        entry.network,
        entry.site,
        entry.action,
        entry.about,
        entry.detail,
        entry.previous_hash,
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking the chain found: how many entries hold, and the first one that does not."""

    checked: int
    broken_at: int | None = None
    why: str = ""

    def __bool__(self) -> bool:
        return self.broken_at is None


def verify(entries: Iterable[Entry]) -> Verdict:
    """Return whether every entry, oldest first, follows from the one before it and says what it said when written."""
    previous, count = START, 0
    for entry in entries:
        if entry.previous_hash != previous:
            return Verdict(count, entry.pk, "an entry before it is missing or was changed")
        if entry_hash(entry) != entry.hash:
            return Verdict(count, entry.pk, "its text was changed after it was written")
        previous, count = entry.hash, count + 1
    return Verdict(count)
