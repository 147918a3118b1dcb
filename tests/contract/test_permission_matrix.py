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

from tests.contract.addresses import addresses, filled
from tests.people import PEOPLE

pytest_plugins = ["tests.contract.world"]
KEPT = Path(__file__).with_name("permission_matrix.tsv")
NOBODY = "nobody"
WHO = (*PEOPLE, NOBODY)


def _answer(client: Client, method: str, path: str) -> str:
    with transaction.atomic():
        response = client.get(path) if method == "GET" else client.post(path)
        transaction.set_rollback(True)
    if response.status_code == 302 and "/accounts/login/" in response.url:
        return "sign-in"
    return str(response.status_code)


def _matrix(people: Any, world: Any) -> list[str]:
    clients = {}
    for name in WHO:
        clients[name] = Client(raise_request_exception=False)
        if name != NOBODY:
            clients[name].force_login(getattr(people, name))
    lines = ["\t".join(("address", "method", *WHO))]
    for address in addresses():
        for n, path in enumerate(filled(address, world), start=1):
            label = address.name if n == 1 else f"{address.name} ({n})"
            for method in ("GET", "POST"):
                answers = [_answer(clients[name], method, path) for name in WHO]
                if set(answers) != {"405"}:
                    lines.append("\t".join((label, method, *answers)))
    return lines


@pytest.mark.django_db
def test_matrix(people: Any, world: Any) -> None:
    found = _matrix(people, world)
    broken = [line for line in found if "500" in line.split("\t")]
    assert broken == [], "an address fails"
    if os.environ.get("ALLTEACH_WRITE"):
        KEPT.write_text("\n".join(found) + "\n", encoding="utf-8")
    kept = KEPT.read_text(encoding="utf-8").splitlines()
    assert found == kept


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
                assert line[zed] in ("403", "404", "405"), line
