"""People and what they are in a network."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from allteach.web.people.roles import ROLES


class Person(AbstractUser):
    """Someone who signs in. Rights come from memberships, never from Django's own groups."""

    display_name = models.CharField(max_length=120)
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.display_name or self.username


class Membership(models.Model):
    """Ties a person to a network (or one of its sites) in a role, from a day to a day."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    network = models.ForeignKey("sites.Network", on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey("sites.Site", on_delete=models.CASCADE, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=40, choices=[(role.key, role.name) for role in ROLES.values()])
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            # Two constraints, because SQLite takes every empty site for a different one.
            models.UniqueConstraint(fields=["person", "network", "site", "role"], name="membership_once_at_site"),
            models.UniqueConstraint(
                fields=["person", "network", "role"], condition=Q(site__isnull=True), name="membership_once"
            ),
            models.CheckConstraint(
                condition=~Q(role__in=[r.key for r in ROLES.values() if r.needs_site]) | Q(site__isnull=False),
                name="membership_site_role_has_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {ROLES[self.role].name}"


class Token(models.Model):
    """A personal key for the API. Only its hash is kept; the key itself is shown once."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} of {self.person}"
