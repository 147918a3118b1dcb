"""The ledger: every act, append-only, hash-chained, without foreign keys so that it outlives what it tells of."""

from __future__ import annotations

from django.db import models


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

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.about}"
