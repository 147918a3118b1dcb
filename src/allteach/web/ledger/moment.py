"""When something happened: now, or the day that is being told where a network brings its history along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time

from django.utils import timezone

_TOLD: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """Return the present moment, or the one that is being told."""
    return _TOLD.get() or timezone.now()


def today() -> date:
    """Return the day of that moment, in the house's time."""
    return timezone.localdate(now())


@contextmanager
def told_on(day: date | None) -> Iterator[None]:
    """Let what happens inside count as having happened at noon of a day; the ledger still says when it was told.

    Args:
        day: The day; None changes nothing.
    """
    token = _TOLD.set(datetime.combine(day, time(12), UTC) if day else _TOLD.get())
    try:
        yield
    finally:
        _TOLD.reset(token)
