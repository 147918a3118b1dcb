"""Projects on their pathways: aims, theory, people, cohorts of sites, and the gates they pass."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from allteach.web.projects.policy import Decision, Gate, Phase

PERSON = settings.AUTH_USER_MODEL


class Policy(models.Model):
    """One version of a network's pathways. Projects keep the version that they began under."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="policies")
    version = models.PositiveIntegerField()
    text = models.TextField(help_text="YAML, see pathways.yaml.")
    reason = models.CharField(max_length=300, blank=True)
    written_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["network", "version"], name="policy_version_once")]


class Project(models.Model):
    """A piece of improvement work. Moves only through services and its own gates."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="projects")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    problem = models.TextField(blank=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="projects")
    pathway = models.CharField(max_length=40)
    phase = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Phase], default=Phase.DRAFT)
    on_hold = models.BooleanField(default=False)
    hold_reason = models.CharField(max_length=300, blank=True)
    idea = models.ForeignKey("ideas.Idea", on_delete=models.PROTECT, null=True, blank=True, related_name="projects")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", help_text="Promoted from."
    )
    lesson = models.TextField(blank=True, help_text="What the network learned.")
    determination = models.CharField(
        max_length=12, blank=True, choices=[("qi", "Quality improvement"), ("research", "Research"), ("both", "Both")]
    )
    determination_note = models.CharField(max_length=200, blank=True)
    publication_plan = models.TextField(blank=True)
    resources = models.TextField(blank=True, help_text="What it takes: people, time, money, tools.")
    started_at = models.DateTimeField()
    phase_since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="project_number_once"),
            models.CheckConstraint(condition=~Q(phase="closed") | ~Q(lesson=""), name="project_closed_owes_lesson"),
            models.CheckConstraint(condition=Q(on_hold=False) | ~Q(hold_reason=""), name="project_hold_has_reason"),
        ]

    def __str__(self) -> str:
        return f"Project {self.number}: {self.title}"


class ProjectPerson(models.Model):
    """Someone's part in a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(
        max_length=8,
        choices=[
            ("leader", "Leader"),
            ("expert", "Subject expert"),
            ("staff", "Network staff"),
            ("family", "Family partner"),
            ("champion", "Champion"),
        ],
    )

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["project", "person", "part"], name="project_part_once")]


class Aim(models.Model):
    """How much, for whom, by when. Of the network, a project or a site in a project."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="aims")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, blank=True, related_name="aims")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, null=True, blank=True, related_name="aims")
    measure = models.ForeignKey(
        "measuring.Measure", on_delete=models.PROTECT, null=True, blank=True, related_name="aims"
    )
    text = models.CharField(max_length=300)
    population = models.CharField(max_length=200)
    start = models.FloatField(null=True, blank=True, help_text="Where we are now, on the inside scale.")
    target = models.FloatField(null=True, blank=True, help_text="Where we want to be, on the inside scale.")
    due = models.DateField()
    written_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]


class Diagram(models.Model):
    """One version of a key driver diagram: aim, drivers, change ideas and their links."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="diagrams")
    version = models.PositiveIntegerField()
    status = models.CharField(
        max_length=10,
        choices=[("draft", "Draft"), ("published", "Published"), ("superseded", "Replaced")],
        default="draft",
    )
    nodes = models.JSONField(default=list, blank=True, help_text="[{key, kind, text, parents, measures, status}]")
    written_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="diagram_version_once"),
            models.UniqueConstraint(fields=["project"], condition=Q(status="draft"), name="diagram_one_draft"),
            models.UniqueConstraint(fields=["project"], condition=Q(status="published"), name="diagram_one_published"),
        ]


class Bundle(models.Model):
    """One version of a project's bundle: elements of care that are done together."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="bundles")
    version = models.PositiveIntegerField()
    status = models.CharField(
        max_length=10,
        choices=[("draft", "Draft"), ("published", "Published"), ("superseded", "Replaced")],
        default="draft",
    )
    name = models.CharField(max_length=120)
    all_or_none = models.BooleanField(default=True)
    measure = models.ForeignKey(
        "measuring.Measure", on_delete=models.PROTECT, null=True, blank=True, related_name="bundles"
    )
    elements = models.JSONField(default=list, help_text="[{text, kind, applies, evidence, driver, measure}]")
    written_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="bundle_version_once"),
            models.UniqueConstraint(fields=["project"], condition=Q(status="draft"), name="bundle_one_draft"),
            models.UniqueConstraint(fields=["project"], condition=Q(status="published"), name="bundle_one_published"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Definition(models.Model):
    """One version of how a project's sites count a measure, in words that two people read alike."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="definitions")
    measure = models.ForeignKey("measuring.Measure", on_delete=models.PROTECT, related_name="definitions")
    version = models.PositiveIntegerField()
    counted = models.TextField(help_text="Numerator: what is counted.")
    out_of = models.TextField(blank=True, help_text="Denominator: out of which patients or days.")
    left_out = models.TextField(blank=True, help_text="Who or what is not counted.")
    found_in = models.CharField(max_length=200, help_text="Where it is found, and who writes it down.")
    driver = models.CharField(max_length=160, blank=True, help_text="The driver of the diagram that it shows.")
    reason = models.CharField(max_length=300, help_text="Why this version was written.")
    written_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["measure__title", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["project", "measure", "version"], name="definition_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.measure} v{self.version}"


class ProjectMeasure(models.Model):
    """A measure that the project watches."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="measures")
    measure = models.ForeignKey("measuring.Measure", on_delete=models.PROTECT, related_name="projects")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["project", "measure"], name="project_measure_once")]


class Cohort(models.Model):
    """Sites that start together."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="cohorts")
    name = models.CharField(max_length=60)
    kind = models.CharField(
        max_length=10, choices=[("test", "Test"), ("spread", "Spread"), ("comparison", "Comparison")]
    )
    starts = models.DateField()
    drawn = models.BooleanField(default=False, help_text="The order of the sites was drawn by lot.")

    class Meta:
        ordering = ["starts", "id"]


class CohortSite(models.Model):
    """A site's time in a cohort; history stays true when it leaves."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="sites")
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="cohorts")
    joined = models.DateField()
    left = models.DateField(null=True, blank=True)
    left_reason = models.CharField(max_length=200, blank=True)
    stage = models.CharField(
        max_length=12,
        default="committed",
        choices=[
            ("committed", "Committed"),
            ("baseline", "Collecting baseline"),
            ("testing", "Testing"),
            ("implementing", "Putting in place"),
            ("reliable", "Reliable"),
            ("sustaining", "Sustaining"),
            ("completed", "Completed"),
            ("paused", "Paused"),
        ],
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "site"], condition=Q(left__isnull=True), name="cohort_site_once"),
            models.CheckConstraint(
                condition=Q(left__isnull=True) | Q(left__gte=models.F("joined")),
                name="cohort_left_after_joined",
            ),
        ]


class Review(models.Model):
    """One meeting of a project with a gate."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reviews")
    gate = models.CharField(max_length=10, choices=[(g.value, g.value) for g in Gate])
    opened_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due = models.DateField()
    packet = models.JSONField(default=dict, blank=True, help_text="The evidence as it stood when the gate was opened.")
    warnings = models.JSONField(default=list, blank=True)
    warnings_reason = models.TextField(blank=True)
    proposed = models.CharField(max_length=12, blank=True, help_text="What the evaluation rule proposes.")
    decision = models.CharField(max_length=12, blank=True, choices=[(d.value, d.value) for d in Decision])
    sentence = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["project"], condition=Q(decision=""), name="review_one_open"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True, decided_by__isnull=True)
                | ~Q(decision="") & ~Q(sentence="") & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="review_decision_has_person_and_sentence",
            ),
        ]


class Vote(models.Model):
    """One person's vote at a gate."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=12, choices=[(d.value, d.value) for d in Decision] + [("recuse", "recuse")])
    sentence = models.TextField()
    cast_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "person"], name="vote_once"),
            models.CheckConstraint(condition=~Q(sentence=""), name="vote_has_sentence"),
        ]
