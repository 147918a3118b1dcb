"""Aims roll up from sites to projects to the network; priorities and load are read from the record."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from allteach.web.health.services import plan_write
from allteach.web.people.models import Person
from allteach.web.projects import services
from allteach.web.projects.models import Project
from allteach.web.projects.planning import aim_tree, load_of, opportunities
from allteach.web.rhythm.models import Report
from allteach.web.sites.models import Network

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demonstration")]


def _person(name: str) -> Person:
    return Person.objects.get(username=name)


def _page(name: str, room: str, **kwargs: Any) -> str:
    client = Client()
    client.force_login(_person(name), backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(room, kwargs={"network": "little-hearts", **kwargs})).content.decode()


def test_aims_of_sites_come_together_under_their_project_and_the_network(demonstration: Network) -> None:
    top = aim_tree(user=_person("ada"), network=demonstration)[0]
    project = top.below[0]
    assert (top.aim.project, project.aim.project.title) == (None, "Chest tubes out in time")
    assert {line.aim.site.code for line in project.below} == {"alderbrook", "glenwater", "northquay"}
    assert project.together
    assert all(line.found and line.found.ahead for line in (top, project))
    # Were every site to aim at one number, together they would reach exactly that.
    tubes, ada = Project.objects.get(title="Chest tubes out in time"), _person("ada")
    services.aim_withdraw(by=ada, aim=tubes.aims.get(site__code="northquay"))
    for member in Project.objects.get(pk=tubes.pk).cohorts.values_list("sites__site", flat=True):
        tubes.aims.filter(site=member).delete()
        services.aim_set(
            by=ada, network=demonstration, project=tubes, site_id=member, measure=project.aim.measure,
            text="Sixty hours", population="All", target=60.0, due=date(2027, 6, 30),
        )  # fmt: skip
    again = aim_tree(user=ada, network=demonstration)[0].below[0]
    assert (again.together, again.enough) == ("60.0 h", True)


def test_the_aim_of_a_site_is_read_by_those_who_may_name_it(demonstration: Network) -> None:
    number = Project.objects.get(title="Chest tubes out in time").number
    for room, kwargs in (("projects:aims", {}), ("projects:project", {"number": number})):
        assert "Glenwater" in _page("dee", room, **kwargs)
        assert "Glenwater" not in _page("hal", room, **kwargs)
        assert "Alderbrook takes tubes out" in _page("hal", room, **kwargs)
    assert "own aims come to" in _page("dee", "projects:aims")
    assert "own aims come to" not in _page("hal", "projects:aims")


def test_a_site_lead_sets_an_aim_for_the_own_site_only(demonstration: Network) -> None:
    project = Project.objects.get(title="Home a day sooner")
    client = Client()
    client.force_login(_person("hal"), backend="django.contrib.auth.backends.ModelBackend")
    where = reverse("projects:site_aim", kwargs={"network": "little-hearts", "number": project.number})
    said = {"text": "Home in eight days", "population": "All", "due": "2027-06-30"}
    other = {site.code: site.pk for site in demonstration.sites.all()}
    assert client.post(where, said | {"site": other["northquay"]}).status_code == 422
    assert client.post(where, said | {"site": other["alderbrook"]}).status_code == 302
    assert project.aims.get(site__isnull=False).site.code == "alderbrook"
    client.force_login(_person("gus"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(where).status_code == 403


def test_priorities_are_ordered_and_add_up(demonstration: Network) -> None:
    found = opportunities(user=_person("eve"), network=demonstration)
    gains = [one.gain for one in found]
    assert gains == sorted(gains, reverse=True)
    assert found[-1].share == pytest.approx(1)
    assert min(gains) >= 0
    page = _page("eve", "projects:plan")
    assert found[0].measure.title in page


def test_load_counts_what_runs(demonstration: Network) -> None:
    load = load_of(user=_person("dee"), network=demonstration)
    running = Project.objects.exclude(phase__in=("draft", "closed", "stopped")).filter(on_hold=False)
    assert sum(sum(counts) for _name, counts in load.pathways) == running.count()
    assert [n for _name, n, _tests in load.sites] == sorted((n for _, n, _ in load.sites), reverse=True)


def test_the_year_has_dates_and_projects(demonstration: Network) -> None:
    page = _page("eve", "health:index")
    assert "Planning the year" in page
    assert "Projects that serve it" in page
    plan_write(by=_person("ada"), network=demonstration, year=2027, priorities="Hold it.")
    assert "Planning the year 2027" in _page("eve", "health:index")


def test_reports_are_in_every_state(demonstration: Network) -> None:
    assert set(Report.objects.values_list("status", flat=True)) == set(Report.Status.values)


def test_home_tells_coaches_who_asks_for_help_and_nobody_else(demonstration: Network) -> None:
    for name, told in (("dee", True), ("ada", True), ("ben", False), ("eve", False)):
        page = _page(name, "home:home")
        assert ("asking for help" in page) is told, name
        assert ("to score or answer" in page) is told, name
