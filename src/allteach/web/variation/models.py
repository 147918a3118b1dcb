"""What the charts say: cached standings, phases with reasons, notes on charts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Standing(models.Model):
    """What one chart says now: kept so that the matrix of every measure and site is one query."""

    measure = models.ForeignKey("measuring.Measure", on_delete=models.CASCADE, related_name="standings")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, null=True, related_name="standings", help_text="Empty: the network line.")
    variation = models.CharField(max_length=16, help_text="improving, concerning, changed, common, too_few, none")
    side = models.SmallIntegerField(default=0, help_text="+1 higher, -1 lower")
    since = models.DateField(null=True)
    rule = models.CharField(max_length=40, blank=True)
    assurance = models.CharField(max_length=16, help_text="meets, misses, varies, no_target, too_few")
    period = models.DateField(null=True, help_text="Latest period with data.")
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    points = models.PositiveIntegerField(default=0)
    spark = models.JSONField(default=list, help_text="Values for a spark line; null where missing.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure", "site"], name="standing_once", nulls_distinct=False)]


class Phase(models.Model):
    """A new phase of a chart: proposed by software or person, decided by a person with a reason."""

    class Status(models.TextChoices):
        """proposed -> accepted | rejected."""

        PROPOSED = "proposed", "Waiting for a decision"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"

    measure = models.ForeignKey("measuring.Measure", on_delete=models.CASCADE, related_name="phases")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, null=True, related_name="phases")
    start = models.DateField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposal = models.JSONField(default=dict, help_text="What the software saw.")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty: the software.")
    proposed_at = models.DateTimeField()
    cause = models.CharField(max_length=20, blank=True, choices=[("test", "A test of a change"), ("event", "An event"), ("definition", "A changed definition"), ("unknown", "Not known")])
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measure", "site", "start"], name="phase_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at__isnull=True) | Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(reason=""),
                name="phase_decision_has_person_and_reason",
            ),
        ]


class Annotation(models.Model):
    """A note pinned to the time axis of charts."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="annotations")
    measure = models.ForeignKey("measuring.Measure", on_delete=models.CASCADE, null=True, related_name="annotations")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, null=True, related_name="annotations", help_text="Empty: every site's chart.")
    on = models.DateField()
    kind = models.CharField(max_length=12, choices=[("test", "Test of a change"), ("change", "Change made"), ("definition", "Definition changed"), ("event", "Outside event"), ("note", "Note")])
    text = models.CharField(max_length=300)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["on", "id"]
