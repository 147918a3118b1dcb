"""Networks and their sites."""

from __future__ import annotations

from django.db import models


class Network(models.Model):
    """Care sites that share one aim."""

    class Naming(models.TextChoices):
        """Who sees which site is which."""

        NAMED = "named", "Sites are named inside the network"
        BLINDED = "blinded", "Each site sees itself named and others as letters"

    class Engine(models.TextChoices):
        """What works measures out."""

        DUCKDB = "duckdb", "DuckDB, in this server"
        SPARK = "spark", "Spark, for very many rows"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    condition = models.CharField(max_length=200, blank=True)
    aim = models.TextField(blank=True)
    naming = models.CharField(max_length=10, choices=Naming.choices, default=Naming.NAMED)
    small_count = models.PositiveSmallIntegerField(default=11, help_text="Counts from 1 to below this are withheld.")
    open_counts = models.BooleanField(default=False, help_text="Members agreed to show small counts to each other.")
    rule_set = models.CharField(max_length=40, default="eight_in_a_row")
    timezone = models.CharField(max_length=60, default="UTC")
    due_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Data of a month are due so many days after its end; empty: no fixed day."
    )
    engine = models.CharField(max_length=10, choices=Engine.choices, default=Engine.DUCKDB)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """One hospital, clinic or unit."""

    class Status(models.TextChoices):
        """Where a site is in its life in the network."""

        PROSPECT = "prospect", "Prospect"
        ONBOARDING = "onboarding", "Joining"
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="sites")
    code = models.SlugField(max_length=60, help_text="What files call the site.")
    name = models.CharField(max_length=160)
    letter = models.CharField(max_length=6, help_text="Stable name where sites are blinded; random, never by size.")
    kind = models.CharField(max_length=60, blank=True)
    region = models.CharField(max_length=80, blank=True)
    cohort = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    status_note = models.CharField(max_length=200, blank=True)
    joined_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["network", "code"], name="site_code_once"),
            models.UniqueConstraint(fields=["network", "letter"], name="site_letter_once"),
        ]

    def __str__(self) -> str:
        return self.name
