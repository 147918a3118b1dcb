"""Ideas for what to change, from anyone in the network."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Idea(models.Model):
    """Something that might make care better. Moves only through services."""

    class Status(models.TextChoices):
        """submitted -> needs_info | triaged -> accepted | parked | declined | merged."""

        SUBMITTED = "submitted", "New"
        NEEDS_INFO = "needs_info", "Waiting for an answer"
        TRIAGED = "triaged", "Looked at"
        ACCEPTED = "accepted", "Became a project"
        PARKED = "parked", "Parked"
        DECLINED = "declined", "Declined"
        MERGED = "merged", "Joined with another idea"

    class Source(models.TextChoices):
        """Where the idea comes from."""

        SINGLE_SITE = "single_site", "It worked at one site"
        INCUBATOR = "incubator", "It worked in an incubator"
        VARIATION = "variation", "A difference between sites in our data"
        LITERATURE = "literature", "Published research"
        FAMILY = "family", "What matters to patients and families"
        SAFETY_EVENT = "safety_event", "A safety event"
        OTHER_TEST = "other_test", "Another site's test"
        FRONT_LINE = "front_line", "Daily work"

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="ideas")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    problem = models.TextField(help_text="What goes wrong, for whom, how often?")
    change = models.TextField(blank=True, help_text="What could we do differently?")
    population = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.FRONT_LINE)
    link = models.CharField(max_length=500, blank=True, help_text="The chart, paper, event or test that it comes from.")
    equity = models.TextField(blank=True, help_text="Who might gain less, or be harmed?")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ideas")
    proposed_at = models.DateTimeField()
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="ideas")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.SUBMITTED)
    pathway = models.CharField(max_length=40, blank=True, help_text="Key of the pathway suggested at triage.")
    pathway_reasons = models.JSONField(default=list, blank=True)
    question = models.TextField(blank=True, help_text="What the triage asked.")
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="idea_number_once"),
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False)
                | ~Q(status="merged") & Q(merged_into__isnull=True),
                name="idea_merged_into_one",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["accepted", "parked", "declined", "merged"])
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision_note=""),
                name="idea_decision_has_person_and_sentence",
            ),
        ]

    def __str__(self) -> str:
        return f"Idea {self.number}: {self.title}"


class Interest(models.Model):
    """A site that would take part."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="interests")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["idea", "site"], name="interest_once")]
