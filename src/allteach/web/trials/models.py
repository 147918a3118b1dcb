"""Tests of change: PDSA cycles with a prediction that locks when the test starts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

PERSON = settings.AUTH_USER_MODEL


class Cycle(models.Model):
    """One PDSA cycle. Moves only through services: planned -> running -> studied -> closed."""

    class Status(models.TextChoices):
        """Where the cycle is."""

        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        STUDIED = "studied", "Studied"
        CLOSED = "closed", "Closed"

    class Scale(models.TextChoices):
        """How large the test is."""

        ONE_PATIENT = "one_patient", "One patient"
        ONE_CLINICIAN = "one_clinician", "One clinician or shift"
        ONE_UNIT = "one_unit", "One unit"
        SOME_UNITS = "some_units", "Several units"
        WHOLE_SITE = "whole_site", "The whole site"

    class Decision(models.TextChoices):
        """What to do next."""

        ADOPT = "adopt", "Adopt"
        ADAPT = "adapt", "Adapt"
        ABANDON = "abandon", "Abandon"
        EXPAND = "expand", "Try on a larger scale"

    class Cost(models.TextChoices):
        """What it costs to be wrong."""

        LOW = "low", "Little: easily put back"
        MEDIUM = "medium", "Some: work or trust is lost"
        HIGH = "high", "Much: a patient could be harmed"

    class Readiness(models.TextChoices):
        """How those who would do it feel about it."""

        AGAINST = "against", "Against it"
        UNSURE = "unsure", "Unsure"
        READY = "ready", "Ready"

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="cycles")
    number = models.PositiveIntegerField()
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="cycles")
    project = models.ForeignKey(
        "projects.Project", on_delete=models.PROTECT, null=True, blank=True, related_name="cycles"
    )
    idea = models.ForeignKey("ideas.Idea", on_delete=models.PROTECT, null=True, blank=True, related_name="cycles")
    driver = models.CharField(
        max_length=160, blank=True, help_text="The driver or change idea of the diagram that it tests."
    )
    ramp = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="next_cycles",
        help_text="The cycle that it builds on.",
    )
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies")
    title = models.CharField(max_length=120)
    question = models.TextField()
    plan = models.TextField(blank=True, help_text="Who, what, when, where.")
    context = models.CharField(max_length=200, blank=True, help_text="Unit, shift, kind of patients.")
    cost = models.CharField(max_length=6, choices=Cost.choices, default=Cost.LOW)
    readiness = models.CharField(max_length=7, choices=Readiness.choices, default=Readiness.UNSURE)
    scale = models.CharField(max_length=14, choices=Scale.choices, default=Scale.ONE_PATIENT)
    measure = models.ForeignKey(
        "measuring.Measure", on_delete=models.PROTECT, null=True, blank=True, related_name="cycles"
    )
    predicted = models.TextField(help_text="What do you think will happen?")
    predicted_low = models.FloatField(null=True, blank=True)
    predicted_high = models.FloatField(null=True, blank=True)
    belief = models.PositiveSmallIntegerField(help_text="How sure are you that it will work, 0 to 100?")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PLANNED)
    started_at = models.DateTimeField(null=True, blank=True)
    observed = models.TextField(blank=True, help_text="What happened?")
    result = models.FloatField(null=True, blank=True)
    compared = models.TextField(blank=True, help_text="How does that compare with the prediction?")
    surprise = models.TextField(blank=True, help_text="What surprised you?")
    belief_after = models.PositiveSmallIntegerField(null=True, blank=True)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)
    next_step = models.TextField(blank=True)
    written_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="cycles")
    written_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="cycle_number_once"),
            models.CheckConstraint(condition=Q(belief__lte=100), name="cycle_belief_to_100"),
            models.CheckConstraint(
                condition=Q(belief_after__isnull=True) | Q(belief_after__lte=100),
                name="cycle_belief_after_to_100",
            ),
            models.CheckConstraint(condition=Q(status="planned") | Q(started_at__isnull=False), name="cycle_started"),
            models.CheckConstraint(
                condition=Q(status__in=["planned", "running"]) | ~Q(compared="") & ~Q(observed=""),
                name="cycle_study_compares_with_prediction",
            ),
            models.CheckConstraint(condition=~Q(status="closed") | ~Q(decision=""), name="cycle_closed_decided"),
        ]

    def __str__(self) -> str:
        return f"Test {self.number}: {self.title}"
