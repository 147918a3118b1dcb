"""Doors: standing connections from which a table is fetched, and what came through them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

PERSON = settings.AUTH_USER_MODEL


class Door(models.Model):
    """A connection from which one table is fetched, for one site or the whole network. Its secret is never shown."""

    class Kind(models.TextChoices):
        """What stands on the other side."""

        REDCAP = "redcap", "REDCap"
        POSTGRESQL = "postgresql", "PostgreSQL"
        OMOP = "omop", "OMOP"

    class Every(models.TextChoices):
        """How often it is fetched by itself."""

        NEVER = "", "Only when somebody asks"
        DAY = "day", "Every day"
        WEEK = "week", "Every week"
        MONTH = "month", "Every month"

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="doors")
    number = models.PositiveIntegerField(help_text="Counts up within the network; people quote it.")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    table_slug = models.SlugField(max_length=60, help_text="Its newest version is fetched.")
    site = models.ForeignKey(
        "sites.Site",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="doors",
        help_text="Empty for a door of the whole network.",
    )
    settings = models.JSONField(default=dict, help_text="Address and what is asked for; no secret.")
    secret = models.TextField(blank=True, help_text="Token or password, encrypted.")
    every = models.CharField(max_length=8, choices=Every.choices, blank=True, default="")
    is_open = models.BooleanField(default=True)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    sender = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, related_name="+", help_text="In whose name files are sent by the clock."
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="door_number_once"),
            models.CheckConstraint(condition=Q(kind__in=["redcap", "postgresql", "omop"]), name="door_kind_known"),
            models.CheckConstraint(condition=Q(every__in=["", "day", "week", "month"]), name="door_every_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Fetch(models.Model):
    """One time that a door was asked."""

    class State(models.TextChoices):
        """queued -> running -> new | same | failed."""

        QUEUED = "queued", "Waiting for its turn"
        RUNNING = "running", "Being fetched"
        NEW = "new", "A new file"
        SAME = "same", "The same as before"
        FAILED = "failed", "Failed"

    door = models.ForeignKey(Door, on_delete=models.CASCADE, related_name="fetches")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    by_clock = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    submission = models.ForeignKey("submissions.Submission", on_delete=models.PROTECT, null=True, related_name="+")
    problem = models.JSONField(default=dict, help_text="Code and words of what went wrong.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "new", "same", "failed"]), name="fetch_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["new", "same"]) | Q(submission__isnull=False), name="fetch_ended_in_a_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.door}, {self.at:%Y-%m-%d %H:%M}"
