"""Which hosts doors may reach. Without a list, a door could be used to feel around the hospital's inner network."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from allteach.errors import StateError

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\Z")


def are_on() -> bool:
    """Return whether doors may be used on this server at all."""
    return bool(settings.ALLTEACH_DOOR_HOSTS)


def listed() -> tuple[str, ...]:
    """Return the hosts that doors may reach, as the people who run the server wrote them."""
    return tuple(settings.ALLTEACH_DOOR_HOSTS)


def is_here(host: str) -> bool:
    """Return whether a host is this machine, where nobody listens on the way."""
    if host.startswith("/") or host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_listed(host: str, port: int, usual_port: int) -> None:
    """Let a door reach a host, or refuse.

    Args:
        host: A name or address, or the folder of a local socket.
        port: The port.
        usual_port: The port that a listed host without one stands for.

    Raises:
        StateError: ``AT-T-401`` when doors are off on this server, ``AT-T-402`` when the host is not in the list.
    """
    if not are_on():
        raise StateError(
            "AT-T-401",
            _("Doors are switched off on this server."),
            expected=_("The setting ALLTEACH_DOOR_HOSTS lists the hosts that doors may reach."),
            do=_("Ask whoever looks after this server to list the host."),
        )
    names = {f"{host}:{port}".lower()}
    if port == usual_port or host.startswith("/"):
        names.add(host.lower())
    if not names & {one.lower() for one in listed()}:
        raise StateError(
            "AT-T-402",
            _("This server's doors may not reach that host."),
            where=f"{host}:{port}",
            expected=_("One of the hosts that the setting ALLTEACH_DOOR_HOSTS lists."),
            do=_("Check the address, or ask whoever looks after this server to list the host."),
        )


def plain_host(host: str) -> str:
    """Return a host as written, when it is one name, address or folder and nothing more.

    Raises:
        StateError: ``AT-T-417``.
    """
    host = host.strip()
    try:
        ip_address(host)
    except ValueError:
        if not (_NAME.match(host) or re.fullmatch(r"/[A-Za-z0-9_./-]+", host)):
            raise _wrong_address() from None
    return host


def web_address(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path of a web address that a door may use.

    Raises:
        StateError: ``AT-T-417`` when it is none, or would send the token unencrypted to another machine.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise _wrong_address() from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise _wrong_address()
    host = plain_host(parts.hostname)
    if parts.scheme == "http" and not is_here(host):
        raise StateError(
            "AT-T-417",
            _("The address begins with http, so the token would travel unencrypted."),
            expected=_("An address that begins with https."),
            do=_("Use the https address of the server."),
        )
    return parts.scheme, host, port, parts.path or "/"


def _wrong_address() -> StateError:
    return StateError(
        "AT-T-417",
        _("This is not an address that a door can use."),
        expected=_("A host such as db.example.org, or a web address such as https://hospital.example.org/api/."),
        do=_("Correct the address."),
    )
