"""The heavy pages of Results stay within their budget of queries and bytes, however many sites there are."""

from __future__ import annotations

import gzip
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allteach.web.variation.models import Standing
from tests.results import PLAINS, fill, make_measure, month

pytestmark = pytest.mark.django_db
N = "/n/hearts/results/"
KIB = 1024


def more_sites(network: Any, number: int, start: int = 0) -> list[Any]:
    from allteach.web.sites.models import Site

    return Site.objects.bulk_create(
        Site(network=network, code=f"site-{i}", name=f"Hospital {i}", letter=f"X{i}")
        for i in range(start, start + number)
    )


def sign_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def queries(client: Client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(page).status_code == 200
    return len(seen)


PAGES = ("", "?changed=1", "m/criteria/", "m/tube-hours/compare/", "m/criteria/all/", "phases/", "signals/", "build/")


def test_queries_do_not_grow_with_the_number_of_sites(network: Any, sites: list[Any], people: SimpleNamespace) -> None:
    network.open_counts = True
    network.save()
    client = sign_in(people.ada)
    measures = fill(network, sites, by=people.ada, plains=PLAINS[:2])
    few = {page: queries(client, N + page) for page in PAGES}
    for measure in measures:
        measure.delete()
    fill(network, [*sites, *more_sites(network, 12)], by=people.ada, plains=PLAINS[:2])
    many = {page: queries(client, N + page) for page in PAGES}
    assert many == few
    assert max(many.values()) <= 30


def test_the_matrix_of_50_measures_and_100_sites_weighs_less_than_100_kib(
    network: Any, sites: list[Any], people: SimpleNamespace
) -> None:
    from dataclasses import replace

    everyone = [*sites, *more_sites(network, 97)]
    answers = [("improving", -1), ("concerning", 1), ("common", 0), ("too_few", 0), ("changed", 1), ("common", 0)]
    rows = []
    for order in range(50):
        plain = replace(
            PLAINS[order % 4], slug=f"measure-with-a-long-name-{order}", title=f"Measure with a name {order}"
        )
        measure = make_measure(network, plain, order)
        for at, site in enumerate([None, *everyone]):
            variation, side = answers[(order * 7 + at * at) % len(answers)]
            rows.append(
                Standing(
                    measure=measure, site=site, variation=variation, side=side, assurance="varies", points=36,
                    period=month(35), since=month(20), value=0.5, numerator=50, denominator=100,
                    spark=[0.5 + ((at * k) % 7) / 10 for k in range(36)],
                )
            )  # fmt: skip
    Standing.objects.bulk_create(rows)
    answer = sign_in(people.ada).get(N, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) <= 100 * KIB
    assert gzip.decompress(answer.content).count(b"/s/") == 50 * 100


def test_a_page_of_60_small_charts_weighs_less_than_100_kib(
    network: Any, sites: list[Any], people: SimpleNamespace
) -> None:
    fill(network, [*sites, *more_sites(network, 57)], by=people.ada, plains=PLAINS[:1])
    answer = sign_in(people.ada).get(f"{N}m/tube-hours/", headers={"Accept-Encoding": "gzip"})
    assert len(answer.content) <= 100 * KIB
    assert gzip.decompress(answer.content).count(b"<li><a href") >= 60


def test_more_than_60_sites_go_to_further_pages(network: Any, sites: list[Any], people: SimpleNamespace) -> None:
    fill(network, [*sites, *more_sites(network, 70)], by=people.ada, plains=PLAINS[:1])
    client = sign_in(people.ada)
    first = client.get(f"{N}m/tube-hours/?sort=size").content.decode()
    second = client.get(f"{N}m/tube-hours/?sort=size&page=2").content.decode()
    assert (first.count("m/tube-hours/s/"), second.count("m/tube-hours/s/")) == (60, 13)
    assert "page=2&amp;sort=size" in first
    assert "73 sites" in first or "of 73" in first
