"""Every change to doors, and fetching through them: what comes becomes a submission like any other file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import AllteachError, StateError
from allteach.intake.contract import load
from allteach.web.doors import landing, policies, secret
from allteach.web.doors.bringing import KINDS, Order, bring
from allteach.web.doors.models import Door, Fetch
from allteach.web.doors.selectors import at_work
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.sites.models import Network, Site
from allteach.web.sites.numbering import next_number
from allteach.web.submissions import jobs, selectors, services

ADDRESS = ("url", "host", "port", "database", "user")
State = Fetch.State


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a door.

    Args:
        name: What people call it.
        kind: ``redcap``, ``postgresql`` or ``omop``.
        table: Short name of the table that it fills.
        settings: Address and what is asked for.
        site: The site that it speaks for; None for the whole network.
        every: How often it is fetched by itself: empty, ``day``, ``week`` or ``month``.
    """

    name: str
    kind: str
    table: str
    settings: dict[str, Any]
    site: Site | None = None
    every: str = ""


@transaction.atomic
def door_make(*, by: Person, network: Network, wish: Wish, token: str) -> Door:
    """Return a new door. Nothing is fetched yet.

    Args:
        by: The person.
        network: The network.
        wish: What the door is.
        token: Token or password of the other side; stored encrypted.

    Raises:
        Refused: ``AT-P-041``.
        StateError: ``AT-T-401``, ``AT-T-402``, ``AT-T-412``, ``AT-T-417`` when it could never be fetched.
        IntakeError: ``AT-I-065`` for an OMOP door whose concepts or schema cannot be used.
    """
    policies.require_change(by, network)
    table = selectors.table_for(user=by, network=network, slug=wish.table)
    _require_usable(wish, load(table.dictionary))
    door = Door.objects.create(
        network=network,
        number=next_number(Door, network),
        name=wish.name,
        kind=wish.kind,
        table_slug=table.slug,
        site=wish.site,
        settings=wish.settings,
        secret=secret.sealed(token),
        every=wish.every,
        made_by=by,
        made_at=timezone.now(),
        sender=by,
    )
    _record(by, door, "door.made", **_said(door))
    return door


@transaction.atomic
def door_change(*, by: Person, door: Door, wish: Wish, token: str = "") -> Door:
    """Change a door and return it. An empty token keeps the stored one, unless the address changes.

    Raises:
        Refused: ``AT-P-041``.
        StateError: ``AT-T-418`` when the address changes and no token is given; otherwise as `door_make`.
    """
    policies.require_change(by, door.network)
    table = selectors.table_for(user=by, network=door.network, slug=wish.table)
    _require_usable(wish, load(table.dictionary))
    moved = any(wish.settings.get(key) != door.settings.get(key) for key in ADDRESS)
    if moved and door.secret and not token:
        # else whoever changes doors could have the stored secret sent to an address of their own
        raise StateError(
            "AT-T-418",
            _("The address or account of this door changes, so its token or password is needed again."),
            do=_("Enter the token or password that belongs to the new address."),
        )
    before = _said(door)
    door.name, door.table_slug, door.site = wish.name, table.slug, wish.site
    door.settings, door.every, door.sender = wish.settings, wish.every, by
    if token:
        door.secret = secret.sealed(token)
    door.save()
    changed = {key: [before[key], value] for key, value in _said(door).items() if before[key] != value}
    _record(by, door, "door.changed", changed=changed, new_secret=bool(token))
    return door


@transaction.atomic
def door_switch(*, by: Person, door: Door, is_open: bool) -> Door:
    """Open or close a door and return it.

    Raises:
        Refused: ``AT-P-041``.
    """
    policies.require_change(by, door.network)
    if door.is_open != is_open:
        door.is_open = is_open
        door.save(update_fields=["is_open"])
        _record(by, door, "door.opened" if is_open else "door.closed")
    return door


@transaction.atomic
def fetch_queue(*, by: Person, door: Door, by_clock: bool = False) -> Fetch:
    """Say that a door is to be fetched, and return the fetch; a job does the work.

    Raises:
        Refused: ``AT-P-040``.
        StateError: ``AT-T-401``, ``AT-T-402``, ``AT-T-417`` when its host may not be reached, ``AT-T-403`` when it is
            closed, ``AT-T-404`` when it is being fetched.
    """
    policies.require_fetch(by, door)
    Door.objects.select_for_update().get(pk=door.pk)
    if not door.is_open:
        raise StateError("AT-T-403", _("This door is closed."), where=door.name, do=_("Open it first."))
    latest = door.fetches.first()
    if latest is not None and at_work(latest):
        raise StateError(
            "AT-T-404", _("This door is being fetched already."), where=door.name, do=_("Wait until it is done.")
        )
    KINDS[door.kind][1](order_of(door))
    fetch = Fetch.objects.create(door=door, by=by, by_clock=by_clock, at=timezone.now())
    _record(by, door, "door.asked", by_clock=by_clock, **_statement(door))
    return fetch


def fetch_run(*, by: Person, fetch: Fetch) -> Fetch:
    """Fetch what the other side holds, send it down the road of a file, and return the fetch as it ended.

    The long work is done outside any transaction. What fails leaves no file and says why.
    """
    door = fetch.door
    _move(fetch, State.RUNNING)
    try:
        policies.require_fetch(by, door)
        table = selectors.table_for(user=by, network=door.network, slug=door.table_slug)
        order = order_of(door)
        incoming, rows = landing.land(order, bring(door.kind, order), f"door-{door.number}-{door.table_slug}.csv")
        if not rows:
            incoming.path.unlink(missing_ok=True)
            raise StateError(
                "AT-T-411",
                _("The other side has no rows for this table, so there is nothing to send."),
                where=door.name,
                do=_("Check what the door asks for; test it to see what it would bring."),
            )
        receipt = services.receive(by=by, network=door.network, incoming=incoming, table=table, site=door.site)
    except AllteachError as error:
        return _failed(by, fetch, error)
    except Exception:
        what = _("The fetch stopped because of a fault in this software. Nothing was kept of it.")
        _failed(by, fetch, StateError("AT-T-421", what, do=_("Tell the people who look after this server.")))
        raise
    fetch = _ended(by, fetch, receipt, rows)
    if receipt.submission.status == receipt.submission.Status.RECEIVED:
        jobs.check_now_or_later(by=by, submission=receipt.submission)
    return fetch


def order_of(door: Door, most: int | None = None) -> Order:
    """Return what is asked of the other side of a door.

    Raises:
        StateError: ``AT-T-414`` when its secret cannot be read.
    """
    table = selectors.dictionary_of(door.network, door.table_slug)
    return Order(table, door.settings, secret.opened(door.secret), door.site.code if door.site else "", most)


def _require_usable(wish: Wish, table: Any) -> None:
    KINDS[wish.kind][1](Order(table, wish.settings, "", wish.site.code if wish.site else ""))


def _move(fetch: Fetch, state: Fetch.State) -> None:
    """Write down the state, outside any long transaction, so that others see it at once."""
    fetch.state = state
    fetch.save(update_fields=["state"])


@transaction.atomic
def _failed(by: Person, fetch: Fetch, error: AllteachError) -> Fetch:
    fetch.state, fetch.ended_at = State.FAILED, timezone.now()
    said = {"code": error.code, "what": error.what, "where": error.where, "expected": error.expected, "do": error.do}
    fetch.problem = {key: str(value) for key, value in said.items()}
    fetch.save()
    _record(by, fetch.door, "door.fetch_failed", code=error.code)
    return fetch


@transaction.atomic
def _ended(by: Person, fetch: Fetch, receipt: services.Receipt, rows: int) -> Fetch:
    fetch.state = State.SAME if receipt.again else State.NEW
    fetch.submission, fetch.rows, fetch.ended_at = receipt.submission, rows, timezone.now()
    fetch.save()
    number = receipt.submission.number
    _record(by, fetch.door, "door.fetched", rows=rows, submission=number, again=receipt.again)
    return fetch


def _said(door: Door) -> dict[str, Any]:
    """Return a door for the ledger: everything but its secret."""
    site = door.site.code if door.site else ""
    return {"name": door.name, "kind": door.kind, "table": door.table_slug, "site": site, "every": door.every} | {
        f"setting_{key}": value for key, value in sorted(door.settings.items())
    }


def _statement(door: Door) -> dict[str, Any]:
    return {key: door.settings[key] for key in ("statement", "mapping") if key in door.settings}


def _record(by: Person, door: Door, action: str, **detail: Any) -> None:
    detail.pop("site", None)
    record(by=by, action=action, network=door.network, site=door.site, about=f"door {door.number}", **detail)
