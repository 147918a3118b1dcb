"""How the network itself works: several raters, taking part, waiting, the plan of the year."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from allteach.errors import StateError
from allteach.web.health import selectors, services
from allteach.web.health.grid import parse, shipped_text, standings
from allteach.web.health.models import Rating, YearPlan
from allteach.web.ideas.services import idea_submit
from allteach.web.projects.services import project_start

GRID = parse(shipped_text())


def _client(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _at(name: str) -> str:
    return reverse(f"health:{name}", kwargs={"network": "hearts"})


def test_the_shipped_grid_covers_the_six_published_domains() -> None:
    assert len({component.domain for component in GRID.components}) == 6


SIX_LEVELS = shipped_text().replace("levels: [", "levels: [More, ")


@pytest.mark.parametrize("text", ["[", "levels: [1]\ndomains: []", SIX_LEVELS])
def test_a_text_that_is_no_grid_is_refused(text: str) -> None:
    with pytest.raises(StateError, match="AT-T-220"):
        parse(text)


@given(st.lists(st.dictionaries(st.sampled_from([c.key for c in GRID.components]), st.integers(1, 5))))
def test_mean_and_spread_are_those_of_the_raters_of_each_line(ratings: list[dict[str, int]]) -> None:
    for standing in standings(GRID, ratings):
        levels = [r[standing.component.key] for r in ratings if standing.component.key in r]
        assert standing.raters == len(levels)
        if len(levels) > 1:
            centre = sum(levels) / len(levels)
            variance = sum((level - centre) ** 2 for level in levels) / (len(levels) - 1)
            assert standing.mean == pytest.approx(centre)
            assert standing.spread == pytest.approx(variance**0.5)


@pytest.mark.django_db
def test_two_raters_who_disagree_are_told_to_talk(people: Any, network: Any) -> None:
    assert _client(people.fay).post(_at("rate"), {"purpose": "1", "comment": "Nobody told us."}).status_code == 302
    assert _client(people.ada).post(_at("rate"), {"purpose": "5"}).status_code == 302
    assert _client(people.ada).post(_at("rate"), {"purpose": "4"}).status_code == 302
    assert Rating.objects.count() == 2
    page = _client(people.eve).get(_at("index")).content.decode()
    assert "talk first" in page
    assert "2.5" in page
    assert _client(people.eve).get(_at("rate")).status_code == 403


@pytest.mark.django_db
def test_the_plan_of_a_year_is_written_by_the_lead_and_kept(people: Any) -> None:
    plan = {"year": "2027", "priorities": "Spread the bundle.", "reviewed": ""}
    assert _client(people.dee).post(_at("plan"), plan).status_code == 403
    assert _client(people.ada).post(_at("plan"), plan).status_code == 302
    assert _client(people.ada).post(_at("plan") + "?year=2027", plan | {"reviewed": "Done."}).status_code == 302
    assert YearPlan.objects.get().reviewed == "Done."


@pytest.mark.django_db
def test_waiting_and_taking_part_are_counted_from_the_record(people: Any, sites: Any, network: Any) -> None:
    idea = idea_submit(by=people.fay, network=network, site=sites[0], title="T", problem="P")
    project_start(by=people.dee, network=network, title="T", pathway="single_site", idea=idea)
    waits = {wait.key: wait for wait in selectors.waits(user=people.eve, network=network)}
    assert waits["idea_to_project"].cases == 1
    assert waits["idea_to_practice"].days is None
    parts = selectors.participation(user=people.ben, network=network)
    assert [(part.name, part.ideas) for part in parts] == [("Alder Hospital", 1), ("Site C", 0), ("Site R", 0)]


@pytest.mark.django_db
def test_a_rating_outside_the_grid_is_refused(people: Any, network: Any) -> None:
    with pytest.raises(StateError, match="AT-T-221"):
        services.rating_give(by=people.ada, network=network, year=2026, levels={"purpose": 6})
