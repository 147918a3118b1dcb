"""The demonstration in the test database, loaded once for a module and gone after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from allteach.web.sites.models import Network


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> Iterator[Network]:
    """The loaded demonstration network; what a test writes is rolled back after it, as ever."""
    from django.db import transaction

    from allteach.web.demo.services import load

    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield load()
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)
