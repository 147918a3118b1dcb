"""The maturity grid, its ratings, and the plan of the year."""

from __future__ import annotations

from django.conf import settings
from django.db import models

PERSON = settings.AUTH_USER_MODEL


class GridText(models.Model):
    """One version of a network's maturity grid."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="grids")
    version = models.PositiveIntegerField()
    text = models.TextField()
    written_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["network", "version"], name="grid_version_once")]


class Rating(models.Model):
    """One person's view of the network in one year."""

    grid = models.ForeignKey(GridText, on_delete=models.PROTECT, related_name="ratings")
    year = models.PositiveSmallIntegerField()
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    levels = models.JSONField(help_text="Component -> level 1 to 5.")
    comment = models.TextField(blank=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grid", "year", "person"], name="rating_once")]


class YearPlan(models.Model):
    """What the network sets out to do in a year."""

    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="plans")
    year = models.PositiveSmallIntegerField()
    priorities = models.TextField()
    reviewed = models.TextField(blank=True, help_text="What became of it.")
    projects = models.ManyToManyField("projects.Project", blank=True, related_name="+", help_text="What serves it.")
    written_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["network", "year"], name="plan_once_a_year")]
