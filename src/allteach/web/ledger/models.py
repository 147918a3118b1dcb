"""The ledger: every act, append-only, hash-chained, without foreign keys so that it outlives what it tells of."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from allteach.errors import StateError


def _refuse() -> NoReturn:
    raise StateError(
        "AT-T-001",
        "Ledger entries are never changed or removed.",
        do="Record a new entry that says what is now true.",
    )


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads only; bulk writes are refused."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse()

    def delete(self) -> NoReturn:
        """Refuse."""
        _refuse()


class Entry(models.Model):
    """One act."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=160)
    network = models.CharField(max_length=60, blank=True, db_index=True)
    site = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=60, db_index=True)
    about = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.about}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new entry; refuse to change an old one."""
        if not self._state.adding:
            _refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse()
