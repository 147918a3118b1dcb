"""One request to a web address, to a host in the server's list: no redirects, no proxies, a limit of bytes."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from allteach import __version__
from allteach.errors import StateError
from allteach.web.doors.hosts import require_listed, web_address
from allteach.web.submissions import store

PATIENCE = 60.0  # seconds without a byte
TRIES = 4
LONGEST_WAIT = 30.0  # seconds that a busy server may ask us to wait
_CHUNK = 1 << 16
pause = time.sleep


def post(url: str, form: Mapping[str, str], *, limit: int | None = None, patience: float = PATIENCE) -> bytes:
    """Return the whole answer to a form sent to an address. A busy server is asked again after a pause.

    Args:
        url: A web address whose host is in the server's list.
        form: Names and values.
        limit: Most bytes of the answer; the limit of uploads when None.
        patience: Seconds to wait for the next byte.

    Raises:
        StateError: ``AT-T-401``, ``AT-T-402``, ``AT-T-405`` to ``AT-T-409``, ``AT-T-416``, ``AT-T-417``, ``AT-T-030``.
    """
    for attempt in range(1, TRIES + 1):
        status, wait, body = _once(url, form, store.LIMIT_BYTES if limit is None else limit, patience)
        if status == 200:
            return body
        if status not in (429, 503):
            raise _refusal(status, url)
        if attempt < TRIES:
            pause(min(wait if wait is not None else 2.0**attempt, LONGEST_WAIT))
    raise StateError(
        "AT-T-416",
        _("The other side is busy and asks us to come back later."),
        where=_host(url),
        do=_("Try again in an hour, or fetch at night."),
    )


def _once(url: str, form: Mapping[str, str], limit: int, patience: float) -> tuple[int, float | None, bytes]:
    """Return status, wished pause and body of one attempt."""
    scheme, host, port, path = web_address(url)
    require_listed(host, port, 443 if scheme == "https" else 80)
    if scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=patience, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=patience)
    head = {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": f"allteach/{__version__}",
        "Connection": "close",
    }
    try:
        _reach(connection, url)
        connection.request("POST", path, urlencode(form), head)
        answer = connection.getresponse()
        return answer.status, _seconds(answer.getheader("Retry-After")), _whole(answer, limit)
    except TimeoutError:
        raise too_slow(_host(url)) from None
    except (http.client.HTTPException, OSError):
        raise broken_off(_host(url)) from None
    finally:
        connection.close()


def _reach(connection: http.client.HTTPConnection, url: str) -> None:
    try:
        connection.connect()
    except TimeoutError:
        raise too_slow(_host(url)) from None
    except ssl.SSLError as error:
        raise unreachable(_host(url), _("The encrypted connection could not be made: its certificate is not accepted.")
                          if isinstance(error, ssl.SSLCertVerificationError) else "") from None  # fmt: skip
    except (OSError, socket.gaierror):
        raise unreachable(_host(url)) from None


def _whole(answer: http.client.HTTPResponse, limit: int) -> bytes:
    """Return the body; http.client itself notices one that is shorter than it was announced."""
    parts, size = [], 0
    while chunk := answer.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise store.too_large()
        parts.append(chunk)
    if answer.length:
        raise http.client.IncompleteRead(b"")
    return b"".join(parts)


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.strip().isdigit() else None


def _host(url: str) -> str:
    return "{1}:{2}".format(*web_address(url))


def _refusal(status: int, url: str) -> StateError:
    if status in (401, 403):
        return refused(_host(url))
    if 300 <= status < 400:
        said = _("The address leads on to another one, which a door does not follow.")
    elif status == 404:
        said = _("There is nothing at this address.")
    else:
        said = _("The other side could not answer.")
    return StateError(
        "AT-T-408",
        said,
        where=f"{_host(url)}, HTTP {status}",
        do=_("Check the address of the door. If it is right, ask those who look after the other side."),
    )


def unreachable(where: str, why: str = "") -> StateError:
    """Return the error for a host that does not answer."""
    return StateError(
        "AT-T-405",
        why or _("The other side cannot be reached."),
        where=where,
        do=_("Check host and port, and ask whether the other side is running and lets this server in."),
    )


def too_slow(where: str) -> StateError:
    """Return the error for a host that takes too long."""
    return StateError(
        "AT-T-406",
        _("The other side took too long, so the fetch was given up. Nothing was kept of it."),
        where=where,
        do=_("Try again when it is less busy, or ask for less."),
    )


def refused(where: str) -> StateError:
    """Return the error for a token or password that is not accepted."""
    return StateError(
        "AT-T-407",
        _("The other side does not accept the token or password of this door."),
        where=where,
        do=_("Enter a new one, and check that its account may read this data."),
    )


def broken_off(where: str) -> StateError:
    """Return the error for an answer that ends half-way."""
    return StateError(
        "AT-T-409",
        _("The answer broke off half-way. Nothing was kept of it."),
        where=where,
        do=_("Fetch again."),
    )
