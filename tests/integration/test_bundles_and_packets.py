"""Bundles and operational definitions in versions, and the evaluation gate's packet read from the record."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from allteach.errors import StateError
from allteach.web.measuring.models import Measure
from allteach.web.projects import gates, services, theory
from allteach.web.projects.models import Project
from allteach.web.projects.packet import packet
from allteach.web.projects.policy import Gate
from tests.results import fill

pytestmark = pytest.mark.django_db

ELEMENTS = [{"text": "Asked on both rounds", "kind": "standard", "evidence": "A"}]


def _client(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _at(name: str, **kwargs: Any) -> str:
    return reverse(f"projects:{name}", kwargs={"network": "hearts", **kwargs})


@pytest.fixture
def project(people: Any, network: Any) -> Project:
    return services.project_start(by=people.dee, network=network, title="Tubes", pathway="incubator")


def test_a_published_bundle_is_kept_when_a_new_version_replaces_it(project: Project, people: Any) -> None:
    dee = _client(people.dee)
    rows = {
        "name": "Removal", "all_or_none": "on", "element-TOTAL_FORMS": "2", "element-INITIAL_FORMS": "0",
        "element-0-text": "Asked on both rounds", "element-0-kind": "standard", "element-0-evidence": "A",
        "element-1-text": "", "element-1-kind": "standard", "element-1-evidence": "D",
    }  # fmt: skip
    assert dee.post(_at("write_bundle", number=1), rows).status_code == 302
    assert dee.post(_at("publish_bundle", number=1)).status_code == 302
    theory.bundle_write(by=people.dee, project=project, name="Removal", elements=[*ELEMENTS, *ELEMENTS])
    theory.bundle_publish(by=people.dee, project=project)
    assert list(project.bundles.values_list("version", "status")) == [(2, "published"), (1, "superseded")]
    page = _client(people.eve).get(_at("bundle", number=1) + "?version=1").content
    assert b"Asked on both rounds" in page
    assert _client(people.hal).post(_at("write_bundle", number=1), rows).status_code == 403


@pytest.mark.parametrize("element", [{"text": ""}, {"text": "A", "kind": "maybe"}, {"text": "A", "kind": "standard"}])
def test_a_bundle_needs_whole_elements(project: Project, people: Any, element: dict[str, str]) -> None:
    with pytest.raises(StateError, match="AT-T-152"):
        theory.bundle_write(by=people.dee, project=project, name="Removal", elements=[element])
    with pytest.raises(StateError, match="AT-T-153"):
        theory.bundle_publish(by=people.dee, project=project)


def test_a_definition_is_a_new_version_each_time_and_the_gate_asks_for_it(
    project: Project, people: Any, network: Any, sites: Any
) -> None:
    measure = fill(network, sites, by=people.ada)[0]
    with pytest.raises(StateError, match="AT-T-154"):
        theory.definition_write(by=people.dee, project=project, measure=measure, counted="A", found_in="B", reason="C")
    services.measure_watch(by=people.dee, project=project, measure=measure)

    def asked() -> bool:
        items = packet(user=people.dee, project=project, gate=Gate.APPROVAL)["items"]
        return next(item["met"] for item in items if "operational definition" in item["text"])

    assert not asked()
    where = _at("define", number=1, slug=measure.slug)
    for reason in ("First", "Weekends too"):
        said = {"counted": "Every tube", "found_in": "Flow sheet", "reason": reason}
        assert _client(people.dee).post(where, said).status_code == 302
    assert asked()
    page = _client(people.eve).get(_at("definitions", number=1)).content.decode()
    assert "Version 2" in page
    assert "Version 1" in page
    assert _client(people.dee).get(_at("define", number=1, slug="nothing")).status_code == 404


def test_a_decision_other_than_the_proposed_one_is_recorded_as_such(people: Any, network: Any) -> None:
    project = services.project_start(by=people.dee, network=network, title="Alone", pathway="single_site")
    for _ in range(2):
        services.project_advance(by=people.dee, project=project)
    found = packet(user=people.dee, project=project, gate=Gate.EVALUATION)
    assert found["proposal"]["decision"] == "extend"
    review = gates.review_open(by=people.dee, project=project, due=date(2026, 12, 1), packet=found)
    gates.review_decide(by=people.ada, review=review, decision="share_only", sentence="We learned enough.")
    review.refresh_from_db()
    assert (review.proposed, review.decision) == ("extend", "share_only")
    page = _client(people.eve).get(_at("gate", number=project.number, pk=review.pk)).content.decode()
    assert "other than the rule" in page
    assert Measure.objects.count() == 0
