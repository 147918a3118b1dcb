"""What sites send: tables that a network collects, the files sent for them, and what was found in each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Table(models.Model):
    """One table that a network collects, as a versioned dictionary (see `allteach.intake.contract`)."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="tables")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    dictionary = models.TextField(help_text="The data dictionary, YAML.")
    content_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "slug", "version"], name="table_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Submission(models.Model):
    """One file sent for one table. Moves only through services; nothing accepted is ever destroyed."""

    class Status(models.TextChoices):
        """received -> checked -> accepted | rejected; accepted -> superseded | withdrawn."""

        RECEIVED = "received", "Received"
        CHECKED = "checked", "Checked, waiting for a decision"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        SUPERSEDED = "superseded", "Replaced by a later file"
        WITHDRAWN = "withdrawn", "Withdrawn"

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="submissions")
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="submissions")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, null=True, blank=True, help_text="Sender's site; empty for a network-wide file.")
    number = models.PositiveIntegerField(help_text="Counts up within the network; people quote it.")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RECEIVED)
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField(default=0)
    scope = models.JSONField(default=dict, help_text="Sites and periods that the file speaks for.")
    rows_read = models.PositiveIntegerField(default=0)
    rows_kept = models.PositiveIntegerField(default=0)
    rows_held = models.PositiveIntegerField(default=0, help_text="Rows in quarantine: kept, counted, not in measures.")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    sent_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaces")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="submission_number_once"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="submission_decided_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"Submission {self.number}: {self.file_name}"


class Finding(models.Model):
    """Something a check found: one rule in one column, with the rows it concerns."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=12)
    severity = models.CharField(max_length=8, choices=[("reject", "Stops the file"), ("hold", "Row held back"), ("warn", "Please check")])
    column = models.CharField(max_length=200, blank=True)
    rows = models.JSONField(default=list, help_text="The first 1,000 row numbers as in the sender's file.")
    count = models.PositiveIntegerField(default=1)
    message = models.TextField()
    fix = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
