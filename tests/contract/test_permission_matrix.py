"""Every address x every named person, checked in as a table that people can read and review.

After a wanted change: ``ALLTEACH_WRITE=1 pytest tests/contract/test_permission_matrix.py`` and look at the difference.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from tests.contract.addresses import LEFT_OUT, Address, addresses, filled, walk
from tests.people import PEOPLE

pytest_plugins = ["tests.contract.world"]
KEPT = Path(__file__).with_name("permission_matrix.tsv")
NOBODY = "nobody"
WHO = (*PEOPLE, NOBODY)
PARTS = 4  # so that several processes can share the work


def _answer(client: Client, method: str, path: str) -> str:
    with transaction.atomic():
        body = {"data": "{}", "content_type": "application/json"} if path.startswith("/api/") else {}
        response = client.get(path) if method == "GET" else client.post(path, **body)
        transaction.set_rollback(True)
    if response.status_code == 302 and "/accounts/login/" in response.url:
        return "sign-in"
    return str(response.status_code)


def _clients(people: Any) -> dict[str, Client]:
    clients = {}
    for name in WHO:
        clients[name] = Client(raise_request_exception=False)
        if name != NOBODY:
            clients[name].force_login(getattr(people, name))
    return clients


def _matrix(people: Any, world: Any, some: list[Address]) -> list[str]:
    clients = _clients(people)
    lines = []
    for address in some:
        for n, path in enumerate(filled(address, world), start=1):
            label = address.name if n == 1 else f"{address.name} ({n})"
            for method in ("GET", "POST"):
                answers = [_answer(clients[name], method, path) for name in WHO]
                if set(answers) != {"405"}:
                    lines.append("\t".join((label, method, *answers)))
    return lines


def _kept(names: set[str]) -> tuple[list[str], list[str]]:
    """Return the checked-in lines of these addresses, and the others."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()[1:] if KEPT.exists() else []
    mine = [line for line in lines if line.split("\t")[0].split(" ")[0] in names]
    return mine, [line for line in lines if line not in mine]


def _order(line: str) -> tuple[str, int, str]:
    label, method = line.split("\t")[:2]
    name, _, number = label.partition(" (")
    return name, int(number.rstrip(")") or 1), method


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_matrix(people: Any, world: Any, part: int) -> None:
    some = addresses()[part::PARTS]
    found = _matrix(people, world, some)
    broken = [line for line in found if "500" in line.split("\t")]
    assert broken == [], "an address fails"
    kept, others = _kept({address.name for address in some})
    if os.environ.get("ALLTEACH_WRITE"):
        known = {address.name for address in addresses()}
        others = [line for line in others if line.split("\t")[0].split(" ")[0] in known]
        head = "\t".join(("address", "method", *WHO))
        KEPT.write_text("\n".join([head, *sorted(others + found, key=_order)]) + "\n", encoding="utf-8")
        kept = found
    assert found == kept


def test_no_line_is_left_from_an_address_that_is_gone() -> None:
    _mine, others = _kept({address.name for address in addresses()})
    assert others == []


def test_strangers_and_the_signed_out_open_nothing_of_a_network() -> None:
    """The checked-in table itself: whoever changes it cannot let a stranger in by mistake."""
    head, *lines = [line.split("\t") for line in KEPT.read_text(encoding="utf-8").splitlines()]
    zed, nobody = head.index("zed"), head.index(NOBODY)
    outside = (
        "ui:",
        "people_outside:",
        "sites_outside:",
        "submissions_outside:",
        "health",
        "api:openapi",
        "api:api-root",
    )
    own = ("api:me", "api:networks")
    for line in lines:
        if not line[0].startswith(outside):
            assert line[nobody] in ("sign-in", "401", "404", "405", "403"), line
            if not line[0].startswith(own):
                unread = ("400", "422") if line[0].startswith("api:") else ()  # what is sent is read before who asks
                assert line[zed] in ("403", "404", "405", *unread), line


def test_no_two_addresses_share_a_name() -> None:
    """Of two with one name only one would be asked here, and a leak in the other would stay unseen."""
    routes: dict[str, set[str]] = {}
    for address in walk(get_resolver(), (), ""):
        routes.setdefault(address.name, set()).add(address.route)
    assert not {name: found for name, found in routes.items() if len(found) > 1 and not name.startswith(LEFT_OUT)}
