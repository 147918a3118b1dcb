"""Pages of Results: they open, say what they must, and keep what they must not say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tests.results import fill

pytestmark = pytest.mark.django_db
N = "/n/hearts/results/"
PAGES = (
    N,
    N + "?changed=1",
    N + "?kind=outcome",
    N + "signals/",
    N + "phases/",
    N + "build/",
    N + "m/tube-hours/",
    N + "m/criteria/?sort=size",
    N + "m/criteria/?sort=signal&scale=own",
    N + "m/criteria/compare/",
    N + "m/tube-hours/compare/",
    N + "m/extubation/compare/?window=all",
    N + "m/criteria/compare/estimates/",
    N + "m/tube-hours/compare/estimates/",
    N + "m/criteria/compare/variance/?practice=criteria",
    N + "m/tube-hours/compare/variance/?practice=criteria",
    N + "m/criteria/compare/bright/",
    N + "m/tube-hours/compare/bright/",
    N + "m/tube-hours/all/",
    N + "m/tube-hours/all/table/",
    N + "m/tube-hours/all/method/",
)


@pytest.fixture
def filled(network: Any, sites: list[Any], people: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(network=network, sites=sites, people=people, measures=fill(network, sites, by=people.ada))


def sign_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_the_network_lead(filled: SimpleNamespace, page: str) -> None:
    answer = sign_in(filled.people.ada).get(page)
    assert answer.status_code == 200, answer.content[-2000:]
