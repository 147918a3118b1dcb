"""Measures of a network and what they came to, per site and period."""

from __future__ import annotations

from django.db import models


class Measure(models.Model):
    """What a network watches. The definition is in its versions."""

    class Kind(models.TextChoices):
        """What role the measure has."""

        OUTCOME = "outcome", "Outcome"
        PROCESS = "process", "Process"
        BALANCING = "balancing", "Balancing"

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="measures")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    order = models.PositiveIntegerField(default=0)
    target = models.FloatField(
        null=True, blank=True, help_text="On the inside scale: proportions 0-1, rates per one unit."
    )
    target_label = models.CharField(max_length=80, blank=True)
    baseline = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Limits come from the first so many periods."
    )
    rule_set = models.CharField(max_length=40, blank=True, help_text="Empty: the network's.")
    blinded = models.BooleanField(null=True, help_text="Empty: the network's setting.")

    class Meta:
        ordering = ["order", "title"]
        constraints = [models.UniqueConstraint(fields=["network", "slug"], name="measure_slug_once")]

    def __str__(self) -> str:
        return self.title


class MeasureVersion(models.Model):
    """One version of a measure's card (see `allteach.measures.card`). A released card never changes."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    card = models.TextField(help_text="The measure card, YAML.")
    content_hash = models.CharField(max_length=64)
    status = models.CharField(
        max_length=10,
        choices=[("draft", "Draft"), ("released", "Released"), ("retired", "Retired")],
        default="released",
    )
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure", "number"], name="measure_version_once")]

    def __str__(self) -> str:
        return f"{self.measure} v{self.number}"


class Observation(models.Model):
    """Sufficient statistics of one measure version at one site in one period (or for one event)."""

    version = models.ForeignKey(MeasureVersion, on_delete=models.CASCADE, related_name="observations")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="observations")
    period = models.DateField(help_text="First day of the period; the day of the event for sequences of events.")
    order = models.PositiveIntegerField(default=0, help_text="Position among events of the same day.")
    stratum = models.CharField(max_length=80, blank=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    n = models.BigIntegerField(null=True)
    total = models.FloatField(null=True, help_text="Sum of values (of their logarithms where the card says log).")
    total_sq = models.FloatField(null=True)
    held = models.PositiveIntegerField(default=0, help_text="Rows in quarantine for this site and period.")
    complete = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "site", "period", "order", "stratum"], name="observation_once")
        ]
