"""Runs of checks with their outcomes, issues, and queries."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from allteach.intake.quality import Check, check_of

PERSON = settings.AUTH_USER_MODEL


class Limit(models.Model):
    """A network's own limits of one check."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="quality_limits")
    check_name = models.CharField(max_length=40)
    warn = models.FloatField()
    fail = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "check_name"], name="quality_limit_once")]


class Run(models.Model):
    """One time that the rows of a table were checked."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="quality_runs")
    table_slug = models.SlugField(max_length=60)
    submission = models.ForeignKey(
        "submissions.Submission",
        on_delete=models.PROTECT,
        null=True,
        related_name="quality_runs",
        help_text="The file that was accepted; empty where somebody asked.",
    )
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["network", "table_slug", "-at"], name="quality_run_newest")]


class Issue(models.Model):
    """One check that fails in one column of one site; it lives through every time it comes and goes."""

    class Status(models.TextChoices):
        """open -> assigned -> fixed | accepted; open again when a check finds it anew."""

        OPEN = "open", _("Open")
        ASSIGNED = "assigned", _("Somebody is on it")
        FIXED = "fixed", _("Fixed")
        ACCEPTED = "accepted", _("Accepted as it is")

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="quality_issues")
    number = models.PositiveIntegerField(help_text="Counts up within the network; people quote it.")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="quality_issues")
    table_slug = models.SlugField(max_length=60)
    table_name = models.CharField(max_length=120, help_text="As people call it.")
    check_name = models.CharField(max_length=40)
    column = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True, help_text="The column in words.")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    level = models.CharField(max_length=4, choices=[("warn", _("Please look")), ("fail", _("Must be mended"))])
    applicable = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    months = models.JSONField(default=dict, help_text="Month -> how many failed.")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="Last time that a check found it.")
    closed_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="quality_issues")
    due = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it is accepted as it is.")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="quality_issue_number_once"),
            models.UniqueConstraint(fields=["site", "table_slug", "check_name", "column"], name="quality_issue_once"),
            models.CheckConstraint(condition=~Q(status="accepted") | ~Q(reason=""), name="quality_accepted_has_reason"),
            models.CheckConstraint(condition=~Q(status="assigned") | Q(owner__isnull=False), name="quality_has_owner"),
        ]

    def __str__(self) -> str:
        where = f": {self.label}" if self.label else ""
        return f"{self.check_kind.name}{where}"

    @property
    def check_kind(self) -> Check:
        """The kind of check that fails."""
        return check_of(self.check_name)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in (self.Status.OPEN, self.Status.ASSIGNED)

    @property
    def overdue(self) -> bool:
        """Whether it is open after its day."""
        return self.is_open and self.due is not None and self.due < timezone.localdate()

    @property
    def share(self) -> float:
        """Share failed, 0-1."""
        return self.failed / self.applicable if self.applicable else 0.0


DELTAS = [("new", _("New")), ("persisting", _("Still there")), ("resolved", _("Resolved"))]


class Outcome(models.Model):
    """What one check came to in one column of one site in one run."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="outcomes")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="+")
    check_name = models.CharField(max_length=40)
    column = models.CharField(max_length=200, blank=True)
    applicable = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    status = models.CharField(max_length=4, choices=[("pass", "Pass"), ("warn", "Warn"), ("fail", "Fail")])
    months = models.JSONField(default=dict)
    statistic = models.FloatField(null=True)
    delta = models.CharField(max_length=10, choices=DELTAS, blank=True)
    issue = models.ForeignKey(Issue, on_delete=models.SET_NULL, null=True, related_name="outcomes")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "site", "check_name", "column"], name="quality_outcome_once")
        ]

    @property
    def check_kind(self) -> Check:
        """The kind of check."""
        return check_of(self.check_name)


class Event(models.Model):
    """One line of an issue's history."""

    class Kind(models.TextChoices):
        """What happened."""

        OPENED = "opened", _("Found")
        AGAIN = "again", _("Came back")
        RESOLVED = "resolved", _("No longer found")
        ASSIGNED = "assigned", _("Given to somebody")
        COMMENT = "comment", _("Comment")
        FIXED = "fixed", _("Said to be fixed")
        ACCEPTED = "accepted", _("Accepted as it is")
        REOPENED = "reopened", _("Opened again")

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.TextField(blank=True)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]


class Query(models.Model):
    """A question of the network to one site about its rows: asked -> answered -> closed, or asked again."""

    class Status(models.TextChoices):
        """Whose turn it is."""

        ASKED = "asked", _("Waits for the site")
        ANSWERED = "answered", _("Waits for the network")
        CLOSED = "closed", _("Closed")

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="queries")
    number = models.PositiveIntegerField(help_text="Counts up within the network; people quote it.")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="queries")
    table_slug = models.SlugField(max_length=60)
    submission = models.ForeignKey("submissions.Submission", on_delete=models.PROTECT, null=True, related_name="+")
    row = models.PositiveIntegerField(null=True, blank=True, help_text="Row number as in the site's file.")
    column = models.CharField(max_length=200, blank=True)
    month = models.DateField(null=True, blank=True)
    issue = models.ForeignKey(Issue, on_delete=models.SET_NULL, null=True, related_name="queries")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ASKED)
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due = models.DateField()

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "queries"
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="query_number_once"),
            models.CheckConstraint(
                condition=Q(row__isnull=True) | Q(submission__isnull=False), name="query_row_names_its_file"
            ),
        ]

    def __str__(self) -> str:
        return f"Query {self.number}"


class Message(models.Model):
    """What was said in a query."""

    class Kind(models.TextChoices):
        """What the words do."""

        ASKED = "asked", _("asks")
        ANSWERED = "answered", _("answers")
        CLOSED = "closed", _("closes it")
        AGAIN = "again", _("asks again")

    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="messages")
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.TextField()

    class Meta:
        ordering = ["at", "id"]

    def said(self) -> Any:
        """Return what the words do, as a verb."""
        return self.get_kind_display()
