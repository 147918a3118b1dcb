"""Reading people and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from allteach.web.people.models import Membership, Person, Token
from allteach.web.people.roles import ROLES, Role


@dataclass(frozen=True, slots=True)
class Holding:
    """One role that a person holds today."""

    role: Role
    network_id: int
    site_id: int | None


def in_force(prefix: str = "") -> Q:
    """Return the condition that a membership counts today. A membership that ends today has ended."""
    today = timezone.localdate()
    return Q(**{f"{prefix}since__lte": today}) & (
        Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": today})
    )


def holdings(user: Any) -> tuple[Holding, ...]:
    """Return the roles a person holds today, read once per request."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return ()
    # The signed-in person is a lazy wrapper; the cache must live on the object inside it.
    kept = getattr(user, "_holdings", None)
    if kept is None:
        rows = Membership.objects.filter(in_force(), person_id=user.pk).values_list("role", "network_id", "site_id")
        kept = tuple(Holding(ROLES[role], network, site) for role, network, site in rows if role in ROLES)
        user._holdings = kept
    return kept


def forget_holdings(user: Any) -> None:
    """Read this person's roles afresh next time."""
    if hasattr(user, "_holdings"):
        del user._holdings


def leads_of(*, network: Any) -> list[str]:
    """Return the names of those who lead a network, to be asked when something is refused."""
    return list(
        Person.objects.filter(
            in_force("memberships__"), memberships__network=network, memberships__role="network_lead", is_active=True
        )
        .order_by("display_name")
        .distinct()
        .values_list("display_name", flat=True)
    )


def memberships_of(*, user: Any, network: Any) -> QuerySet[Membership]:
    """Return the memberships in force that this person may see: all, or those of their own sites."""
    from allteach.web.people.permissions import own_site_ids, site_ids_where
    from allteach.web.people.roles import Permission

    found = (
        Membership.objects.filter(in_force(), network=network)
        .select_related("person", "site")
        .order_by(F("site__name").asc(nulls_first=True), "person__display_name", "role")
    )
    sites = site_ids_where(user, Permission.PEOPLE_VIEW, network=network)
    if sites is None:
        return found
    # Everyone may know who leads the network and who is in their own team.
    return found.filter(Q(site__in=sites | own_site_ids(user, network=network)) | Q(role="network_lead"))


def roles_in(*, user: Any, network: Any) -> list[Membership]:
    """Return what this person is in a network."""
    return list(
        Membership.objects.filter(in_force(), network=network, person=user).select_related("site").order_by("id")
    )


def demonstration_people() -> list[Membership]:
    """Return one membership for each demonstration person, to sign in as with one click."""
    rows = (
        Membership.objects.filter(in_force(), person__is_demo=True, person__is_active=True, network__is_demo=True)
        .select_related("person", "network", "site")
        .order_by("person__username", "id")
    )
    first: dict[int, Membership] = {}
    for row in rows:
        first.setdefault(row.person_id, row)
    order = list(ROLES)
    return sorted(first.values(), key=lambda m: (order.index(m.role), m.person.display_name))


def demonstration_person(*, username: str) -> Person | None:
    """Return the demonstration person of this name, or None. Real people never match."""
    return Person.objects.filter(username=username, is_demo=True, is_active=True).first()


def person_by_token(*, key_hash: str) -> Person | None:
    """Return the person whose API key has this hash, while the key is valid."""
    today = timezone.localdate()
    token = (
        Token.objects.select_related("person")
        .filter(key_hash=key_hash, revoked_at__isnull=True, expires_on__gte=today, person__is_active=True)
        .first()
    )
    return token.person if token else None


def tokens_of(*, user: Person) -> QuerySet[Token]:
    """Return a person's API tokens that still work."""
    return user.tokens.filter(revoked_at__isnull=True, expires_on__gte=timezone.localdate())


def own_memberships(*, user: Person) -> QuerySet[Membership]:
    """Return everything a person is today, over all networks."""
    return (
        Membership.objects.filter(in_force(), person=user)
        .select_related("network", "site")
        .order_by("network__name", "site__name", "role")
    )


def membership_for(*, user: Any, network: Any, pk: int) -> Membership | None:
    """Return one membership in force that this person may see, or None."""
    return memberships_of(user=user, network=network).filter(pk=pk).first()


def person_by_email(*, email: str) -> Person | None:
    """Return the one active person with this e-mail address; None when there is none or several."""
    found = list(Person.objects.filter(email__iexact=email, is_active=True)[:2]) if email else []
    return found[0] if len(found) == 1 else None


def may_be_invited(*, person: Person, network: Any) -> bool:
    """Return whether this network may hand out an invitation: for those who never signed in and belong nowhere else.

    Otherwise the lead of one network could choose the password of somebody who has a role in another.
    """
    new = not person.is_demo and person.last_login is None
    return new and not person.memberships.exclude(network=network).exists()
