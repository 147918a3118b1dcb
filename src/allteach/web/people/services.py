"""Every change to people and what they are in a network."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from allteach.errors import StateError
from allteach.web.ledger.services import record
from allteach.web.people.models import Membership, Person, Token
from allteach.web.people.permissions import require
from allteach.web.people.roles import ROLES, Permission
from allteach.web.people.selectors import forget_holdings, in_force

TOKEN_DAYS = 365


def free_username(display_name: str, email: str = "") -> str:
    """Return a user name that nobody has, made from the e-mail address or the name."""
    base = re.sub(r"[^a-z0-9.]+", "", (email.split("@")[0] or slugify(display_name).replace("-", ".")).lower())[:40]
    base = base or "person"
    name, n = base, 1
    while Person.objects.filter(username=name).exists():
        n += 1
        name = f"{base}{n}"
    return name


@transaction.atomic
def create_person(
    *,
    by: Person | None,
    display_name: str,
    username: str = "",
    email: str = "",
    password: str | None = None,
    is_demo: bool = False,
    is_staff: bool = False,
) -> Person:
    """Return a new person, who can do nothing until somebody gives them a role.

    Args:
        by: Who makes the account; None for the software itself.
        display_name: The name that others read.
        username: What they sign in with; made from the name when empty.
        email: May be empty.
        password: None: they choose one through their invitation.
        is_demo: A made-up person, who can be signed in as with one click.
        is_staff: Looks after this server: may open networks.

    Raises:
        StateError: ``AT-T-003`` when the user name is taken.
    """
    username = username or free_username(display_name, email)
    if Person.objects.filter(username=username).exists():
        raise StateError("AT-T-003", f"The user name {username} is taken.", do="Choose another.")
    person = Person(username=username, display_name=display_name, email=email, is_demo=is_demo, is_staff=is_staff)
    person.set_password(password) if password is not None else person.set_unusable_password()
    person.save()
    record(by=by, action="person.created", about=display_name, username=username, is_demo=is_demo, is_staff=is_staff)
    return person


@transaction.atomic
def give_role(
    *, by: Person | None, network: Any, person: Person, role: str, site: Any = None, since: date | None = None
) -> Membership:
    """Return the membership that makes a person something in a network.

    Args:
        by: A person who may change people here; None for the software itself (opening a network, the demonstration).
        network: Where.
        person: Who.
        role: A key of `ROLES`.
        site: The site, which some roles need.
        since: First day; today when empty.

    Raises:
        Refused: ``AT-P-002`` when `by` may not change people.
        StateError: ``AT-T-004`` for an unknown role, ``AT-T-005`` when the role needs a site of this network.
    """
    if by is not None:
        require(by, Permission.PEOPLE_CHANGE, network=network)
    if role not in ROLES:
        raise StateError("AT-T-004", "There is no such role.", expected=f"Roles are {', '.join(ROLES)}.")
    if ROLES[role].needs_site and site is None:
        raise StateError("AT-T-005", f"The role {ROLES[role].name} is held at a site.", do="Choose the site.")
    if site is not None and site.network_id != network.pk:
        raise StateError("AT-T-005", "The site belongs to another network.", do="Choose a site of this network.")
    start = since or timezone.localdate()
    membership, _ = Membership.objects.update_or_create(
        person=person, network=network, site=site, role=role, defaults={"since": start, "until": None}
    )
    forget_holdings(person)
    record(by=by, action="role.given", network=network, site=site, about=person.display_name, role=role, since=start)
    return membership


@transaction.atomic
def end_role(*, by: Person, membership: Membership, reason: str) -> Membership:
    """Return the membership, ended today. What the person did stays in the ledger.

    Raises:
        Refused: ``AT-P-002`` when `by` may not change people.
        StateError: ``AT-T-002`` when nobody would be left to lead the network; ``AT-T-006`` without a reason.
    """
    network = membership.network
    require(by, Permission.PEOPLE_CHANGE, network=network)
    if not reason.strip():
        raise StateError("AT-T-006", "A reason is missing.", do="Say in a few words why.")
    leads = Membership.objects.select_for_update().filter(in_force(), network=network, role="network_lead")
    if membership.role == "network_lead" and not leads.exclude(pk=membership.pk).exists():
        raise StateError("AT-T-002", "Nobody would be left to lead the network.", do="Give the role to someone first.")
    membership.until = timezone.localdate()
    membership.save(update_fields=["until"])
    forget_holdings(membership.person)
    forget_holdings(by)
    about = membership.person.display_name
    site = membership.site
    record(by=by, action="role.ended", network=network, site=site, about=about, role=membership.role, reason=reason)
    return membership


@transaction.atomic
def change_profile(*, by: Person, display_name: str, email: str) -> Person:
    """Return the person with a new name or address; people change their own only."""
    before = {"display_name": by.display_name, "email_set": bool(by.email)}
    by.display_name, by.email = display_name, email
    by.save(update_fields=["display_name", "email"])
    record(by=by, action="profile.changed", about=display_name, before=before)
    return by


@transaction.atomic
def choose_password(*, by: Person, password: str) -> Person:
    """Return the person with the password that they chose through their invitation."""
    by.set_password(password)
    by.save(update_fields=["password"])
    record(by=by, action="password.chosen", about=by.display_name)
    return by


def key_hash(key: str) -> str:
    """Return what is kept of an API key. Keys are long and random, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def create_token(*, by: Person, name: str) -> tuple[Token, str]:
    """Return a new API token and its key, which is shown once and never again."""
    key = "at_" + secrets.token_urlsafe(32)
    now = timezone.now()
    token = Token.objects.create(
        person=by, name=name, key_hash=key_hash(key), created_at=now, expires_on=now.date() + timedelta(days=TOKEN_DAYS)
    )
    record(by=by, action="token.created", about=name, expires_on=token.expires_on)
    return token, key


@transaction.atomic
def revoke_token(*, by: Person, token: Token) -> Token:
    """Return the token, no longer of use. People revoke their own.

    Raises:
        StateError: ``AT-T-007`` when it was revoked before.
    """
    if token.revoked_at is not None:
        raise StateError("AT-T-007", "This token was revoked before.")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record(by=by, action="token.revoked", about=token.name)
    return token
