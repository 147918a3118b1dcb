"""Every change to networks and their sites."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import product
from string import ascii_uppercase
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from allteach.errors import Refused, StateError
from allteach.web.ledger.services import record
from allteach.web.people.models import Membership, Person
from allteach.web.people.permissions import may_create_network, require
from allteach.web.people.roles import Permission
from allteach.web.people.selectors import forget_holdings
from allteach.web.sites.models import Network, Site

CHANGEABLE = (
    "name", "condition", "aim", "naming", "small_count", "open_counts", "rule_set", "timezone", "due_days",
    "engine",
)  # fmt: skip
SITE_CHANGEABLE = ("name", "kind", "region", "cohort", "joined_on")
_CLEAR = [letter for letter in ascii_uppercase if letter not in "IO"]


def _free_slug(name: str) -> str:
    base = slugify(name)[:44] or "network"
    slug, n = base, 1
    while Network.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{base}-{n}"
    return slug


def _check_setting(field: str, value: Any) -> None:
    if field == "timezone" and value not in available_timezones():
        raise StateError("AT-T-008", "There is no such time zone.", expected="Such as Europe/Berlin or UTC.")
    if field == "naming" and value not in Network.Naming.values:
        raise StateError("AT-T-008", "There is no such naming of sites.", expected="Named or blinded.")
    if field == "engine" and value not in Network.Engine.values:
        raise StateError("AT-T-008", "There is no such engine.", expected=", ".join(Network.Engine.values))
    if field == "engine" and value == Network.Engine.SPARK:
        # Here, not above: hardly any network chooses it.
        from allteach.measures.spark import check_installed

        check_installed()


@transaction.atomic
def create_network(*, by: Person, name: str, slug: str = "", is_demo: bool = False, **settings: Any) -> Network:
    """Return a new network, led by the person who opened it.

    Args:
        by: Who opens it.
        name: What people call it.
        slug: Its place in addresses; made from the name when empty.
        is_demo: Everything in it is made up.
        **settings: Any of condition, aim, naming, small_count, open_counts, rule_set, timezone, due_days, engine.

    Raises:
        Refused: ``AT-P-003`` when the person may not open networks.
        StateError: ``AT-T-008`` when a setting is not usable.
    """
    if not (may_create_network(by) or is_demo):
        raise Refused(
            "AT-P-003",
            "Opening a network is for those who look after this server or lead a network already.",
            do="Ask whoever looks after this server.",
        )
    for field, value in settings.items():
        if field not in CHANGEABLE:
            raise StateError("AT-T-008", f"A network has no setting {field}.", expected=", ".join(CHANGEABLE))
        _check_setting(field, value)
    network = Network.objects.create(name=name, slug=slug or _free_slug(name), is_demo=is_demo, **settings)
    # The first lead is named in the entry of the opening itself: one act, one entry.
    _first_lead(by, network)
    record(by=by, action="network.opened", network=network, about=name, lead=by.username, **settings)
    return network


def _first_lead(person: Person, network: Network) -> None:
    Membership.objects.create(person=person, network=network, role="network_lead", since=timezone.localdate())
    forget_holdings(person)


@transaction.atomic
def change_network(*, by: Person, network: Network, reason: str, **changes: Any) -> Network:
    """Return the network with new settings. What was and what is, and why, goes to the ledger.

    Raises:
        Refused: ``AT-P-002`` when the person may not change the network.
        StateError: ``AT-T-006`` without a reason; ``AT-T-008`` when a setting is not usable; ``AT-T-009`` when
            nothing would change.
        MeasureError: ``AT-M-020`` or ``AT-M-021`` when Spark is chosen and something it needs is not installed.
    """
    require(by, Permission.NETWORK_CHANGE, network=network)
    if not reason.strip():
        raise StateError("AT-T-006", "A reason is missing.", do="Say in a few words why.")
    changed = _apply(network, changes, CHANGEABLE)
    network.save(update_fields=list(changed))
    record(by=by, action="network.changed", network=network, about=network.name, reason=reason, changed=changed)
    return network


def _apply(thing: Network | Site, changes: dict[str, Any], allowed: Sequence[str]) -> dict[str, list[Any]]:
    """Set what differs, and return field -> [before, after]."""
    changed = {}
    for field, value in changes.items():
        if field not in allowed:
            raise StateError("AT-T-008", f"There is no setting {field}.", expected=", ".join(allowed))
        _check_setting(field, value)
        before = getattr(thing, field)
        if before != value:
            setattr(thing, field, value)
            changed[field] = [before, value]
    if not changed:
        raise StateError("AT-T-009", "Nothing was changed.", do="Change something, or leave the page.")
    return changed


def _letters(network: Network, count: int) -> list[str]:
    """Return unused letters drawn at random, so that a letter says nothing about size, name or date of joining."""
    used = set(Site.objects.filter(network=network).values_list("letter", flat=True))
    free: list[str] = []
    for length in (1, 2, 3):
        free = [word for parts in product(_CLEAR, repeat=length) if (word := "".join(parts)) not in used]
        if len(free) >= count:
            break
    return secrets.SystemRandom().sample(free, count)


@transaction.atomic
def add_sites(
    *, by: Person, network: Network, sites: Iterable[tuple[str, str]], status: str = Site.Status.ACTIVE
) -> list[Site]:
    """Return new sites, made from pairs of code and name in one act.

    Raises:
        Refused: ``AT-P-002`` when the person may not change sites.
        StateError: ``AT-T-015`` when a code is taken or there is none.
    """
    require(by, Permission.SITE_CHANGE, network=network)
    pairs = [(slugify(code)[:60], name.strip()[:160] or code) for code, name in sites]
    codes = [code for code, _ in pairs]
    taken = set(Site.objects.filter(network=network, code__in=codes).values_list("code", flat=True))
    if taken or len(set(codes)) < len(codes) or "" in codes:
        raise StateError(
            "AT-T-015",
            "Each site needs a code of its own, made of letters, digits or hyphens.",
            where=f"site code {', '.join(sorted(taken)) or 'in the list'}",
            do="Choose other codes; files keep using the code to name the site.",
        )
    letters = _letters(network, len(pairs))
    made = Site.objects.bulk_create(
        Site(network=network, code=code, name=name, letter=letter, status=status)
        for (code, name), letter in zip(pairs, letters, strict=True)
    )
    record(by=by, action="sites.added", network=network, about=f"{len(made)} sites", codes=codes)
    return made


@transaction.atomic
def change_site(*, by: Person, site: Site, **changes: Any) -> Site:
    """Return the site with new facts (name, kind, region, cohort, day of joining). Its code and letter never change.

    Raises:
        Refused: ``AT-P-002`` when the person may not change sites.
        StateError: ``AT-T-008`` for a fact that sites do not have; ``AT-T-009`` when nothing would change.
    """
    require(by, Permission.SITE_CHANGE, network=site.network, site=site)
    changed = _apply(site, changes, SITE_CHANGEABLE)
    site.save(update_fields=list(changed))
    record(by=by, action="site.changed", network=site.network, site=site, about=site.name, changed=changed)
    return site


MOVES: dict[str, tuple[str, ...]] = {
    Site.Status.PROSPECT: (Site.Status.ONBOARDING, Site.Status.WITHDRAWN),
    Site.Status.ONBOARDING: (Site.Status.ACTIVE, Site.Status.PAUSED, Site.Status.WITHDRAWN),
    Site.Status.ACTIVE: (Site.Status.PAUSED, Site.Status.WITHDRAWN),
    Site.Status.PAUSED: (Site.Status.ACTIVE, Site.Status.WITHDRAWN),
    Site.Status.WITHDRAWN: (Site.Status.ONBOARDING,),
}


@transaction.atomic
def move_site(*, by: Person, site: Site, status: str, reason: str, on: date | None = None) -> Site:
    """Return the site in another status, with the reason that pages show beside it.

    Raises:
        Refused: ``AT-P-002`` when the person may not change sites.
        StateError: ``AT-T-006`` without a reason; ``AT-T-016`` when this status cannot follow the present one.
    """
    require(by, Permission.SITE_CHANGE, network=site.network, site=site)
    if not reason.strip():
        raise StateError("AT-T-006", "A reason is missing.", do="Say in a few words why.")
    if status not in MOVES[site.status]:
        expected = ", ".join(str(Site.Status(s).label) for s in MOVES[site.status])
        raise StateError("AT-T-016", "The site cannot take this step now.", expected=f"Next can be: {expected}.")
    before, site.status, site.status_note = site.status, status, reason.strip()[:200]
    site.save(update_fields=["status", "status_note"])
    record(
        by=by,
        action="site.moved",
        network=site.network,
        site=site,
        about=site.name,
        before=before,
        after=status,
        reason=reason,
        on=on,
    )
    return site
