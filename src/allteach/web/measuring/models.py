"""Measures of a network and what they came to, per site and period."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


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
    """One version of a measure's card (see `allteach.measures.card`). A card that left the draft never changes."""

    class Status(models.TextChoices):
        """draft -> piloted -> active -> retained | replaced -> retired; moves through services only."""

        DRAFT = "draft", _("Draft")
        PILOTED = "piloted", _("Pilot")
        ACTIVE = "active", _("Active")
        RETAINED = "retained", _("Kept to sustain")
        REPLACED = "replaced", _("Replaced")
        RETIRED = "retired", _("Retired")

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    card = models.TextField(help_text="The measure card, YAML.")
    content_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    released_at = models.DateTimeField(null=True)
    effective_from = models.DateField(
        null=True, help_text="First day that charts count by this version; empty: from the beginning."
    )
    reason = models.TextField(blank=True, help_text="Why the definition changed.")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    check_note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measure", "number"], name="measure_version_once"),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | Q(written_by__isnull=True) | ~Q(checked_by=F("written_by")),
                name="measure_version_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "piloted", "active", "retained", "replaced", "retired"]),
                name="measure_version_status_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} v{self.number}"


# Charts show the newest of these; the others are worked out beside it, so that both can be looked at.
SHOWN = (MeasureVersion.Status.ACTIVE, MeasureVersion.Status.RETAINED)
COMPUTED = (*SHOWN, MeasureVersion.Status.PILOTED, MeasureVersion.Status.REPLACED)


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


class Computation(models.Model):
    """What the numbers of a version rest on: one row for each state of files, dictionary, engine and code."""

    version = models.ForeignKey(MeasureVersion, on_delete=models.CASCADE, related_name="computations")
    at = models.DateTimeField(help_text="When the numbers were worked out last from this.")
    manifest = models.CharField(max_length=64, help_text="SHA-256 over the current files and their submissions.")
    files = models.PositiveIntegerField(help_text="Number of files.")
    dictionary = models.PositiveIntegerField(help_text="Version of the table's data dictionary.")
    dictionary_hash = models.CharField(max_length=64)
    engine = models.CharField(max_length=60)
    code = models.CharField(max_length=60)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.version} at {self.at:%Y-%m-%d %H:%M}"


class Correction(models.Model):
    """A published point that a later file moved: what it was until then."""

    version = models.ForeignKey(MeasureVersion, on_delete=models.CASCADE, related_name="corrections")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, related_name="+")
    period = models.DateField()
    order = models.PositiveIntegerField(default=0)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    n = models.BigIntegerField(null=True)
    total = models.FloatField(null=True)
    until = models.DateTimeField(help_text="When it changed.")

    class Meta:
        ordering = ["-until", "-period", "id"]
        indexes = [models.Index(fields=["version", "site"], name="correction_of_chart")]

    def __str__(self) -> str:
        return f"{self.version}/{self.site_id} {self.period} until {self.until:%Y-%m-%d}"


class FrozenReport(models.Model):
    """The numbers of a network as known at a moment, with what they rest on, so that they can be worked out again."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="frozen_reports")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    moment = models.DateTimeField(help_text="As known then.")
    manifest = models.JSONField(help_text="Versions of measures and dictionaries, files by hash, engine and code.")
    manifest_id = models.CharField(max_length=64, help_text="SHA-256 of the manifest.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the report's bytes.")
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["network", "number"], name="frozen_report_number_once")]

    def __str__(self) -> str:
        return self.title
