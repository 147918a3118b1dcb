"""What sites send: tables that a network collects, the files sent for them, and what was found in each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from allteach.intake.contract import load_draft


class Table(models.Model):
    """One table that a network collects, as a versioned dictionary (see `allteach.intake.contract`)."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="tables")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    dictionary = models.TextField(help_text="The data dictionary, YAML.")
    content_hash = models.CharField(max_length=64)
    reason = models.TextField(blank=True, help_text="Why this version was made.")
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "slug", "version"], name="table_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class View(models.Model):
    """How FHIR resources of one type become rows of a table: one version of a view (see `allteach.intake.fhir.views`).

    A version never changes, so that a file can be read again as it was read.
    """

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="views")
    table_slug = models.SlugField(max_length=60)
    resource = models.CharField(max_length=60)
    number = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    text = models.TextField(help_text="The view, JSON or YAML.")
    content_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["table_slug", "resource", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "table_slug", "resource", "number"], name="view_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class TableDraft(models.Model):
    """A data dictionary that is being written. It need not be whole; nothing uses it before it is released."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="table_drafts")
    slug = models.SlugField(max_length=60, help_text="Short name of the table that it becomes.")
    based_on = models.ForeignKey(Table, on_delete=models.PROTECT, null=True, help_text="The version it changes.")
    content = models.TextField(help_text="The dictionary so far, YAML.")
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["network", "slug"], name="table_draft_once")]

    def __str__(self) -> str:
        return f"Draft of {self.slug}"

    @property
    def title(self) -> str:
        """The table's name for people."""
        return load_draft(self.content).title


class CaseDraft(models.Model):
    """A form for one case that somebody has begun and not sent. Only that person sees it; sending removes it."""

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="case_drafts")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="case_drafts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="case_drafts")
    values = models.JSONField(default=dict, help_text="Column -> text as typed.")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return f"Draft {self.pk}"


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
    table = models.ForeignKey(
        Table,
        on_delete=models.PROTECT,
        null=True,
        related_name="submissions",
        help_text="Empty until its columns are named.",
    )
    site = models.ForeignKey(
        "sites.Site",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="submissions",
        help_text="Sender's site; empty for a network-wide file.",
    )
    number = models.PositiveIntegerField(help_text="Counts up within the network; people quote it.")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RECEIVED)
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField(default=0)
    plan = models.JSONField(
        default=dict, help_text="What the sender said of the file: new sites, measure cards, length of a period."
    )
    scope = models.JSONField(default=dict, help_text="Sites and periods that the file speaks for.")
    facts = models.JSONField(default=dict, help_text="What acceptance changed, as shown to the person who accepted.")
    step = models.CharField(max_length=20, blank=True, help_text="What is being done now; empty when nothing is.")
    step_at = models.DateTimeField(null=True)
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
            # SQLite takes no "nulls not distinct", so network-wide files have a rule of their own.
            models.UniqueConstraint(
                fields=["network", "table", "site", "file_hash"],
                condition=Q(status__in=["checked", "accepted"]),
                name="submission_same_bytes_once",
            ),
            models.UniqueConstraint(
                fields=["network", "table", "file_hash"],
                condition=Q(status__in=["checked", "accepted"], site__isnull=True),
                name="submission_same_network_bytes_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "checked", "accepted", "rejected", "superseded", "withdrawn"]),
                name="submission_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "rejected"]) | Q(table__isnull=False),
                name="submission_checked_against_a_table",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "checked"], decided_by__isnull=True, decided_at__isnull=True)
                | Q(
                    status__in=["accepted", "rejected", "superseded", "withdrawn"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="submission_decided_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | ~Q(decision_note=""), name="submission_rejected_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"Submission {self.number}: {self.file_name}"


SEVERITIES = [("reject", "Stops the file"), ("hold", "Row held back"), ("warn", "Please check")]


class Finding(models.Model):
    """Something a check found: one rule in one column, with the rows it concerns."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=12)
    severity = models.CharField(max_length=8, choices=SEVERITIES)
    column = models.CharField(max_length=200, blank=True)
    rows = models.JSONField(default=list, help_text="The first 1,000 row numbers as in the sender's file.")
    count = models.PositiveIntegerField(default=1)
    message = models.TextField()
    fix = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.code} {self.column}"

    @property
    def beyond(self) -> int:
        """How many rows there are beyond the twelve that a page lists."""
        return max(0, self.count - 12)


class RegistryFile(models.Model):
    """The manifest: which files of accepted rows are current, and from when until when each was.

    Files never change. Where a later submission speaks for a part of an older one, the rest of the older one is
    written anew and takes its place here, so that the rows as known on any day can be found again.
    """

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="registry_files")
    table_slug = models.SlugField(max_length=60)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="registry_files")
    path = models.CharField(max_length=300, help_text="Below the registry folder.")
    rows = models.PositiveIntegerField()
    sites = models.JSONField(default=dict, help_text="Site code -> first day, last day, rows.")
    current_from = models.DateTimeField()
    current_until = models.DateTimeField(null=True, help_text="Empty: still current.")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["network", "table_slug", "current_until"], name="registry_file_current")]

    def __str__(self) -> str:
        return self.path
