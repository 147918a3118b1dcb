"""What the charts say: cached standings, phases with reasons, notes on charts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Standing(models.Model):
    """What one chart says now: kept so that the matrix of every measure and site is one query."""

    measure = models.ForeignKey("measuring.Measure", on_delete=models.CASCADE, related_name="standings")
    site = models.ForeignKey(
        "sites.Site",
        on_delete=models.CASCADE,
        null=True,
        related_name="standings",
        help_text="Empty: the network line.",
    )
    variation = models.CharField(
        max_length=16, help_text="improving, concerning, changed, common, too_few, unjudged, none"
    )
    side = models.SmallIntegerField(default=0, help_text="+1 higher, -1 lower")
    since = models.DateField(null=True)
    rule = models.CharField(max_length=40, blank=True)
    assurance = models.CharField(max_length=16, help_text="meets, misses, varies, no_target, too_few")
    why = models.CharField(max_length=300, blank=True, help_text="Why the chart cannot be judged, where it cannot.")
    period = models.DateField(null=True, help_text="Latest period with data.")
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    points = models.PositiveIntegerField(default=0)
    before = models.FloatField(null=True, help_text="Centre line that the signal is judged against.")
    after = models.FloatField(null=True, help_text="Mean level since the signal began.")
    small = models.BooleanField(default=False, help_text="Numbers are withheld from readers without a right.")
    spark = models.JSONField(default=list, help_text="Values for a spark line; null where missing.")
    computed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measure", "site"], name="standing_once"),
            # SQLite takes no "nulls not distinct", so the network line has a rule of its own.
            models.UniqueConstraint(fields=["measure"], condition=Q(site__isnull=True), name="standing_network_once"),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id}/{self.site_id or 'network'}: {self.variation}"


class Phase(models.Model):
    """A new phase of a chart: proposed by software or person, decided by a person with a reason."""

    class Status(models.TextChoices):
        """proposed -> accepted | rejected."""

        PROPOSED = "proposed", _("Waiting for a decision")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    class Cause(models.TextChoices):
        """Why the level moved, as far as is known."""

        TEST = "test", _("A test of a change")
        EVENT = "event", _("An event")
        DEFINITION = "definition", _("A changed definition")
        UNKNOWN = "unknown", _("Not known")

    measure = models.ForeignKey("measuring.Measure", on_delete=models.CASCADE, related_name="phases")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, null=True, related_name="phases")
    start = models.DateField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposal = models.JSONField(default=dict, help_text="What the software saw.")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: the software.",
    )
    proposed_at = models.DateTimeField()
    cause = models.CharField(max_length=20, blank=True, choices=Cause.choices)
    linked = models.ForeignKey(
        "Annotation", on_delete=models.PROTECT, null=True, related_name="phases", help_text="The note that tells of it."
    )
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    history = models.JSONField(default=list, help_text="Earlier decisions: status, cause, reason, by, at.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measure", "site", "start"], name="phase_once"),
            models.UniqueConstraint(
                fields=["measure", "start"], condition=Q(site__isnull=True), name="phase_network_once"
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(reason=""),
                name="phase_decision_has_person_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id}/{self.site_id or 'network'} from {self.start}: {self.status}"


class Annotation(models.Model):
    """A note pinned to the time axis of charts."""

    class Kind(models.TextChoices):
        """What the note tells of."""

        TEST = "test", _("Test of a change")
        CHANGE = "change", _("Change made")
        DEFINITION = "definition", _("Definition changed")
        EVENT = "event", _("Outside event")
        NOTE = "note", _("Note")

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="annotations")
    measure = models.ForeignKey("measuring.Measure", on_delete=models.CASCADE, null=True, related_name="annotations")
    site = models.ForeignKey(
        "sites.Site",
        on_delete=models.CASCADE,
        null=True,
        related_name="annotations",
        help_text="Empty: every site's chart.",
    )
    on = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.CharField(max_length=300)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.on}: {self.text}"


class PointExclusion(models.Model):
    """A point kept off the limits for a stated reason. It is still drawn and still judged."""

    measure = models.ForeignKey("measuring.Measure", on_delete=models.CASCADE, related_name="exclusions")
    site = models.ForeignKey(
        "sites.Site",
        on_delete=models.CASCADE,
        null=True,
        related_name="exclusions",
        help_text="Empty: the network line.",
    )
    period = models.DateField()
    reason = models.TextField()
    excluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    excluded_at = models.DateTimeField()
    included_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    included_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["period", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "site", "period"], condition=Q(included_at__isnull=True), name="exclusion_once"
            ),
            models.UniqueConstraint(
                fields=["measure", "period"],
                condition=Q(included_at__isnull=True, site__isnull=True),
                name="exclusion_network_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="exclusion_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id}/{self.site_id or 'network'} without {self.period}"


class CaseMix(models.Model):
    """A fitted case-mix model of a measure. It never changes; the newest is in force, the others stay readable."""

    measure = models.ForeignKey("measuring.Measure", on_delete=models.CASCADE, related_name="case_mixes")
    number = models.PositiveIntegerField(help_text="Counts up within the measure.")
    card = models.PositiveIntegerField(help_text="Version of the measure's card whose patients it was fitted on.")
    columns = models.JSONField(help_text="Columns of the table that tell what patients bring with them.")
    first = models.DateField(help_text="First day of the baseline.")
    last = models.DateField(help_text="Last day of the baseline.")
    fitted = models.JSONField(help_text="Coefficients, calibration and discrimination.")
    limit_up = models.FloatField(help_text="Limit of the chart for more events.")
    limit_down = models.FloatField(help_text="Limit of the chart for fewer events, as a number above 0.")
    run_length = models.FloatField(help_text="Patients to a false signal on average, of each chart.")
    reason = models.TextField()
    fitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    fitted_at = models.DateTimeField()

    class Meta:
        ordering = ["measure", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "number"], name="case_mix_number_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="case_mix_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id}: case mix {self.number}"
