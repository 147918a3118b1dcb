"""What the top quarter of similar sites reaches, in the running product: drawn, said, and never whose."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from allteach.web.sites.models import Site
from tests.people import JOINED
from tests.results import Plain, fill

pytestmark = pytest.mark.django_db
RATE = Plain("criteria", "Removal criteria followed", "proportion", "process", "higher", 0.6, size=200.0)
N = "/n/hearts/results/m/criteria/"


@pytest.fixture
def many(network: Any, sites: list[Site], people: SimpleNamespace) -> SimpleNamespace:
    more = [
        Site.objects.create(network=network, code=f"s{k}", name=f"Quietwood {k}", letter=f"X{k}", joined_on=JOINED)
        for k in range(10)
    ]
    fill(network, [*sites, *more], by=people.ada, plains=[RATE], periods=24)
    return SimpleNamespace(network=network, sites=[*sites, *more], people=people)


def get(person: Any, address: str) -> str:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_own_chart_shows_what_similar_sites_reach_but_not_which(many: SimpleNamespace) -> None:
    for address in (f"{N}s/alder/", f"{N}s/alder/table/", f"{N}s/alder/chart.txt", f"{N}s/alder/chart.svg"):
        text = get(many.people.ben, address)
        if address.endswith(("/", "txt")):
            assert "Peers: the top quarter of 12 similar sites (3 sites together) reaches" in text
        assert "Quietwood" not in text
    assert "peers 6" in get(many.people.ben, f"{N}s/alder/chart.svg")
    assert "What was tested on this measure" in get(many.people.ben, f"{N}s/alder/")
    assert "They are" not in get(many.people.ben, f"{N}s/alder/")


def test_names_only_where_sites_are_named(many: SimpleNamespace) -> None:
    assert "They are Quietwood" in get(many.people.ada, f"{N}s/alder/")


def test_too_few_similar_sites_is_said(many: SimpleNamespace) -> None:
    Site.objects.filter(code__in=[f"s{k}" for k in range(6)]).update(kind="Clinic")
    text = get(many.people.ben, f"{N}s/alder/")
    assert "No comparator: fewer than 9 sites like this one can be shown" in text


def test_there_is_none_for_all_sites_together(many: SimpleNamespace) -> None:
    assert "similar sites" not in get(many.people.ben, f"{N}all/")
