"""Results as FHIR reports: by page, API and command line, never more than a person may see."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from fhir.resources.R4B.bundle import Bundle

from allteach.errors import Refused, StateError
from allteach.web.measuring.models import Observation
from allteach.web.variation import commands
from allteach.web.variation.selectors.points import reports_of
from tests.results import Plain, fill, make_measure, month

pytestmark = pytest.mark.django_db
PAGE = "/n/hearts/results/m/{}/reports.{}"
API = "/api/n/hearts/measures/{}/{}"


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def measure(network: Any, sites: list[Any], people: Any) -> Any:
    """Cedar has one small count; it is withheld from those who are not there."""
    made = make_measure(network, Plain("falls", "Falls", "proportion"))
    version = made.versions.get()
    for at, site in enumerate(sites):
        for n in range(4):
            met = 3 if site.code == "cedar" and n == 2 else 30 + at
            Observation.objects.create(version=version, site=site, period=month(n), numerator=met, denominator=90)
    return made


def counts(reports: list[dict[str, Any]]) -> dict[tuple[str, str], list[Any]]:
    return {
        (r["reporter"]["identifier"]["value"], r["period"]["start"]): [
            p.get("count") for p in r["group"][0]["population"]
        ]
        for r in reports
    }


def test_every_door_gives_the_same_and_it_is_valid(network: Any, measure: Any, people: Any) -> None:
    client = signed_in(people.chi)
    page = client.get(PAGE.format("falls", "ndjson"))
    lines = [json.loads(line) for line in page.content.decode().splitlines()]
    over_api = client.get(API.format("falls", "reports")).json()
    Bundle.model_validate(over_api)
    assert client.get(PAGE.format("falls", "json")).json() == over_api
    assert [entry["resource"] for entry in over_api["entry"]] == lines
    assert commands.reports(network="hearts", measure="falls", username="chi") == lines
    assert len(lines) == 12
    assert [3, 90] in [found[::-1] for found in counts(lines).values()]
    assert client.get(API.format("falls", "fhir")).json()["resourceType"] == "Measure"
    assert client.get(PAGE.format("falls", "xml")).status_code == 404
    assert client.get("/n/hearts/data/measures/falls/measure-v1.json").json()["url"].endswith(":falls")
    assert "Results as FHIR" in client.get("/n/hearts/data/measures/falls/").content.decode()


def test_small_counts_and_names_are_those_of_the_pages(
    network: Any, sites: list[Any], measure: Any, people: Any
) -> None:
    network.naming, network.open_counts = "blinded", False
    network.save()
    for person in (people.ben, people.gus, people.fay, people.hal, people.chi):
        client = signed_in(person)
        points = client.get(API.format("falls", "observations")).json()
        made = reports_of(user=person, measure=measure)
        expected = {(p["site"], p["period"]): [p["denominator"], p["numerator"]] for p in points}
        assert counts(made) == expected
        masked = {key[0] for key, found in counts(made).items() if None in found}
        assert masked == {p["site"] for p in points if p["withheld"]}
        text = json.dumps(made)
        own = {membership.site.name for membership in person.memberships.all() if membership.site}
        if person != people.chi:
            assert masked
            assert not [site.name for site in sites if site.name in text and site.name not in own]
            hidden = [r for r in made if counts([r]).values() and None in next(iter(counts([r]).values()))]
            assert all("measureScore" not in r["group"][0] for r in hidden)


def test_who_may_not_take_results_away_gets_none(network: Any, measure: Any, people: Any) -> None:
    assert signed_in(people.eve).get(PAGE.format("falls", "ndjson")).status_code == 403
    assert signed_in(people.zed).get(API.format("falls", "reports")).status_code in (403, 404)
    with pytest.raises(Refused):
        commands.reports(network="hearts", measure="falls", username="eve")
    for who, what in (("nobody", "falls"), ("chi", "nothing")):
        with pytest.raises(StateError):
            commands.reports(network="hearts", measure=what, username=who)


def test_kinds_without_sums_of_cases(network: Any, sites: list[Any], people: Any) -> None:
    for made in fill(network, sites, by=people.ada):
        reports = reports_of(user=people.ada, measure=made)
        assert reports
        assert commands.measure(network="hearts", measure=made.slug, username="chi")["resourceType"] == "Measure"
