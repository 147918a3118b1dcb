"""Cards of measure versions. A released card never changes, so one is read once per process."""

from __future__ import annotations

from functools import lru_cache

from allteach.measures.card import Card
from allteach.measures.files import load
from allteach.web.measuring.models import MeasureVersion


@lru_cache(maxsize=512)
def _load(content_hash: str, text: str) -> Card:
    return load(text)


def card_of(version: MeasureVersion) -> Card:
    """Return the card of a version."""
    return _load(version.content_hash, version.card)
