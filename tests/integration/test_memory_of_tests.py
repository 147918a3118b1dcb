"""Every test is found again, by idea and site; a team alone sees how good its predictions are."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from allteach.web.trials import services
from allteach.web.trials.models import Cycle

pytestmark = pytest.mark.django_db


def _page(person: Any, name: str, query: str = "", **kwargs: Any) -> str:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(name, kwargs={"network": "hearts", **kwargs}) + query).content.decode()


@pytest.fixture
def failed(people: Any, sites: Any, network: Any) -> Cycle:
    """A test at Hal's site that missed its prediction and was abandoned."""
    test = services.cycle_plan(
        by=people.hal, network=network, site=sites[1], title="Posters", question="Do they help?", predicted="Two more",
        predicted_low=0.8, predicted_high=1.0, belief=80, scale="whole_site", driver="Poster", context="Night shift",
        cost="high",
    )  # fmt: skip
    services.cycle_start(by=people.hal, cycle=test)
    services.cycle_study(by=people.hal, cycle=test, observed="Nothing.", compared="None of it.", result=0.5)
    return services.cycle_act(by=people.hal, cycle=test, decision="abandon", belief_after=10)


@pytest.mark.parametrize(
    "query", ["driver=poster", "context=night", "scale=whole_site", "text=night", "decision=abandon"]
)
def test_a_failed_test_is_found_by_what_it_was_about(failed: Cycle, people: Any, query: str) -> None:
    assert "Posters" in _page(people.ben, "trials:index", f"?{query}")
    assert "Posters" not in _page(people.ben, "trials:index", f"?{query}x")


def test_the_matrix_names_idea_site_and_decision_and_keeps_letters(failed: Cycle, people: Any) -> None:
    seen = _page(people.dee, "trials:matrix")
    assert "Poster" in seen
    assert "Abandon" in seen
    assert "10 % sure" in seen
    assert failed.site.name in seen
    assert failed.site.name not in _page(people.ben, "trials:matrix")


def test_only_the_own_team_sees_how_good_its_predictions_are(failed: Cycle, people: Any) -> None:
    own = _page(people.hal, "trials:learning")
    assert "0.64" in own  # (0.8 - 0) squared
    assert "0 of 1" in own
    for other in (people.ada, people.ben, people.dee):
        assert "0.64" not in _page(other, "trials:learning")
    assert "Prediction score" in _page(people.hal, "trials:cycle", number=failed.number)
    assert "Prediction score" not in _page(people.ada, "trials:cycle", number=failed.number)


def test_a_test_larger_than_belief_and_cost_allow_is_told_so(people: Any, sites: Any, network: Any) -> None:
    test = services.cycle_plan(
        by=people.hal, network=network, site=sites[1], title="All at once", question="?", predicted="Yes", belief=30,
        scale="whole_site", cost="high", readiness="unsure",
    )  # fmt: skip
    assert "begin with one patient at most" in _page(people.hal, "trials:cycle", number=test.number)
