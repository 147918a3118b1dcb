"""People over the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Router, Schema

from allteach.web.api.problems import PROBLEMS
from allteach.web.people import selectors
from allteach.web.people.roles import ROLES
from allteach.web.sites.selectors import network_for

router = Router()


class RoleOut(Schema):
    """What a person is somewhere."""

    role: str
    role_name: str
    network: str
    site: str | None
    since: date


class MeOut(Schema):
    """The person who asks."""

    username: str
    display_name: str
    roles: list[RoleOut]


class MemberOut(Schema):
    """A person in a network."""

    display_name: str
    role: str
    role_name: str
    site: str | None
    since: date


def _site(membership: Any) -> str | None:
    return membership.site.code if membership.site else None


@router.get("/me", response={200: MeOut} | PROBLEMS)
def me(request: Any) -> Any:
    """Return who is asking, and their roles in every network."""
    held = selectors.own_memberships(user=request.user)
    roles = [
        RoleOut(role=m.role, role_name=ROLES[m.role].name, network=m.network.slug, site=_site(m), since=m.since)
        for m in held
    ]
    return MeOut(username=request.user.username, display_name=request.user.display_name, roles=roles)


@router.get("/n/{slug}/people", response={200: list[MemberOut]} | PROBLEMS)
def people(request: Any, slug: str) -> Any:
    """Return the people of a network that the asking person may see."""
    network = network_for(user=request.user, slug=slug)
    return [
        MemberOut(
            display_name=m.person.display_name, role=m.role, role_name=ROLES[m.role].name, site=_site(m), since=m.since
        )
        for m in selectors.memberships_of(user=request.user, network=network)
    ]
