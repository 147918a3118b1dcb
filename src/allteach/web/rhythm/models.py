"""Reports, meetings, coaching, checklists and notices."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

PERSON = settings.AUTH_USER_MODEL
LOWEST, HIGHEST = Decimal("0.5"), Decimal("5.0")


class Expectation(models.Model):
    """What one phase of a project expects of every site that takes part."""

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="expectations")
    phase = models.CharField(max_length=12)
    text = models.CharField(max_length=200)
    days = models.PositiveSmallIntegerField(default=30, help_text="Due so many days after the site joined.")

    class Meta:
        ordering = ["days", "id"]

    def __str__(self) -> str:
        return self.text


class Met(models.Model):
    """A site has met an expectation."""

    expectation = models.ForeignKey(Expectation, on_delete=models.CASCADE, related_name="met")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["expectation", "site"], name="expectation_met_once")]


class Report(models.Model):
    """A site's report on a project for one month: due -> draft -> submitted -> reviewed -> answered, or missed."""

    class Status(models.TextChoices):
        """Where the report is."""

        DUE = "due", _("Due")
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        REVIEWED = "reviewed", _("Scored")
        ANSWERED = "answered", _("Feedback sent")
        MISSED = "missed", _("Missed")

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="reports")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="reports")
    month = models.DateField(help_text="First day of the month that is reported on.")
    due = models.DateField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DUE)
    wins = models.TextField(blank=True)
    barriers = models.TextField(blank=True)
    help_wanted = models.TextField(blank=True)
    plan = models.TextField(blank=True)
    self_score = models.DecimalField(max_digits=2, decimal_places=1, null=True, blank=True)
    submitted_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    score = models.DecimalField(max_digits=2, decimal_places=1, null=True, blank=True, help_text="As reconciled.")
    feedback = models.TextField(blank=True)
    answered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-month", "site__name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "site", "month"], name="report_once"),
            models.CheckConstraint(
                condition=Q(status__in=["due", "draft", "missed"]) | Q(submitted_at__isnull=False),
                name="report_submitted_has_time",
            ),
            models.CheckConstraint(condition=~Q(status="answered") | ~Q(feedback=""), name="report_answer_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.project.title} · {self.site} · {self.month:%b %Y}"


class Score(models.Model):
    """One staff member's own score of a report, given before seeing the other's."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="scores")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    score = models.DecimalField(
        max_digits=2, decimal_places=1, validators=[MinValueValidator(LOWEST), MaxValueValidator(HIGHEST)]
    )
    reason = models.TextField()
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "person"], name="score_once"),
            models.CheckConstraint(condition=Q(score__gte=LOWEST, score__lte=HIGHEST), name="score_on_the_scale"),
        ]


class Meeting(models.Model):
    """A learning session, an action period call, a webinar, a coaching hour."""

    class Kind(models.TextChoices):
        """What it is."""

        LEARNING = "learning", _("Learning session")
        ACTION = "action", _("Action period call")
        WEBINAR = "webinar", _("Webinar")
        COACHING = "coaching", _("Coaching")
        PLANNING = "planning", _("Planning")
        REVIEW = "review", _("Review")

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="meetings")
    project = models.ForeignKey(
        "projects.Project", on_delete=models.SET_NULL, null=True, blank=True, related_name="meetings"
    )
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=120)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    place = models.CharField(max_length=300, blank=True, help_text="A room or a link.")
    agenda = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    called_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    cancelled = models.BooleanField(default=False)

    class Meta:
        ordering = ["starts"]
        constraints = [models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="meeting_ends_after_start")]

    def __str__(self) -> str:
        return self.title


class Attendance(models.Model):
    """Somebody was there."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendance")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="attendance_once")]


class Action(models.Model):
    """Something agreed at a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="actions")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="actions")
    due = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due", "id"]


class Task(models.Model):
    """One line of a site's joining or leaving checklist."""

    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="tasks")
    list = models.CharField(max_length=8, choices=[("joining", _("Joining")), ("leaving", _("Leaving"))])
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    state = models.CharField(
        max_length=8,
        default="open",
        choices=[
            ("open", _("Not started")),
            ("doing", _("In progress")),
            ("network", _("With the network")),
            ("done", _("Done")),
        ],
    )
    changed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["list", "order"]
        constraints = [models.UniqueConstraint(fields=["site", "list", "order"], name="task_once")]


class Notice(models.Model):
    """Something one person should know. Told once: `key` names the occasion."""

    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="notices")
    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="notices")
    key = models.CharField(max_length=120)
    text = models.CharField(max_length=300)
    link = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="notice_once")]
