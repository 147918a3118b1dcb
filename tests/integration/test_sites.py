"""Networks and sites: opening, changing, pausing; and the one policy of names."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.http import Http404

from allteach.errors import MeasureError, Refused, StateError
from allteach.web.ledger.models import Entry
from allteach.web.people.permissions import may
from allteach.web.people.roles import Permission
from allteach.web.sites import services
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import naming_for
from allteach.web.sites.selectors import network_for, networks_for, reporting_sites, shown_name, site_for

pytestmark = pytest.mark.django_db


def test_opening_a_network_makes_its_lead(ada, eve):
    made = services.create_network(by=ada, name="Lungs & breath", naming="blinded")
    assert (made.slug, made.naming) == ("lungs-breath", "blinded")
    assert may(ada, Permission.NETWORK_CHANGE, network=made)
    assert services.create_network(by=ada, name="Lungs & breath").slug == "lungs-breath-2"
    assert Entry.objects.filter(action="network.opened").count() == 2
    with pytest.raises(Refused, match="AT-P-003"):
        services.create_network(by=eve, name="Not mine to open")
    with pytest.raises(StateError, match="AT-T-008"):
        services.create_network(by=ada, name="Odd", timezone="Mars/Olympus")
    with pytest.raises(StateError, match="AT-T-008"):
        services.create_network(by=ada, name="Odd", slug="odd", is_open=True)
    assert not Network.objects.filter(name="Odd").exists()


def test_settings_change_with_a_reason_only(ada, chi, network):
    services.change_network(by=ada, network=network, reason="Voted on 3 May", naming="named", small_count=5)
    kept = Entry.objects.get(action="network.changed").detail
    assert kept == {"reason": "Voted on 3 May", "changed": {"naming": ["blinded", "named"], "small_count": [11, 5]}}
    for reason, changes, code in [
        ("", {"name": "X"}, "006"),
        ("r", {"slug": "x"}, "008"),
        ("r", {"name": network.name}, "009"),
    ]:
        with pytest.raises(StateError, match=f"AT-T-{code}"):
            services.change_network(by=ada, network=network, reason=reason, **changes)
    with pytest.raises(Refused):
        services.change_network(by=chi, network=network, reason="I would like to", name="Mine")


def test_an_engine_is_chosen_with_a_reason_and_only_when_it_can_run(ada, network, client, monkeypatch):
    from allteach.measures import spark

    monkeypatch.setattr(spark, "find_spec", lambda _name: None)
    client.force_login(ada)
    page = f"/n/{network.slug}/network/settings/"
    form = client.get(page).context["form"]
    sent = {name: form.initial.get(name) or "" for name in form.fields} | {"engine": "spark", "reason": "Too many rows"}
    del sent["open_counts"]
    answer = client.post(page, sent)
    assert "AT-M-020" in answer.content.decode()
    assert "pip install" in answer.content.decode()
    with pytest.raises(MeasureError, match="AT-M-020"):
        services.change_network(by=ada, network=network, reason="Too many rows", engine="spark")
    with pytest.raises(StateError, match="AT-T-008"):
        services.change_network(by=ada, network=network, reason="r", engine="abacus")
    network.refresh_from_db()
    assert network.engine == "duckdb"
    monkeypatch.setattr(spark, "check_installed", lambda: None)
    assert client.post(page, sent).status_code == 302
    kept = Entry.objects.get(action="network.changed").detail
    assert kept == {"reason": "Too many rows", "changed": {"engine": ["duckdb", "spark"]}}
    assert "Spark" in client.get(f"/n/{network.slug}/network/").content.decode()


def test_sites_get_random_letters_that_never_repeat(ada, network):
    made = services.add_sites(by=ada, network=network, sites=[(f"s{n}", f"Site number {n}") for n in range(40)])
    letters = set(Site.objects.filter(network=network).values_list("letter", flat=True))
    assert len(letters) == 43
    assert [s.letter for s in made] != sorted(s.letter for s in made)
    assert Entry.objects.filter(action="sites.added").count() == 1
    for pairs in ([("alder", "Again")], [("x", "X"), ("X", "X")], [("???", "No code")]):
        with pytest.raises(StateError, match="AT-T-015"):
            services.add_sites(by=ada, network=network, sites=pairs)


def test_a_site_moves_along_its_life_only(ada, ben, sites):
    site = sites[0]
    services.move_site(by=ada, site=site, status="paused", reason="New record system")
    assert (site.status, site.status_note) == ("paused", "New record system")
    with pytest.raises(StateError, match="AT-T-016"):
        services.move_site(by=ada, site=site, status="prospect", reason="Back to the start")
    with pytest.raises(StateError, match="AT-T-006"):
        services.move_site(by=ada, site=site, status="active", reason=" ")
    with pytest.raises(Refused):
        services.move_site(by=ben, site=site, status="active", reason="Ready")
    services.change_site(by=ada, site=site, region="North")
    assert Entry.objects.get(action="site.changed").detail["changed"] == {"region": ["", "North"]}


def test_withdrawn_sites_leave_the_results(ada, network, sites):
    services.move_site(by=ada, site=sites[2], status="withdrawn", reason="Agreement ended")
    assert [s.code for s in reporting_sites(user=ada, network=network)] == ["alder", "birch"]


def test_finding_networks_and_sites(ada, zed, network, sites):
    assert network_for(user=ada, slug="hearts") == network
    assert list(networks_for(user=zed)) == []
    with pytest.raises(Refused):
        network_for(user=zed, slug="hearts")
    with pytest.raises(Http404):
        network_for(user=ada, slug="nothing")
    with pytest.raises(Http404):
        site_for(user=ada, network=network, code="nothing")


def test_blinded_names(people, network, sites):
    alder, birch, _cedar = sites
    assert shown_name(user=people.ben, network=network, site=alder) == "Alder Hospital"
    assert shown_name(user=people.ben, network=network, site=birch) == "Site C"
    for name in ("eve", "gus", "fay"):
        naming = naming_for(user=getattr(people, name), network=network)
        for site in sites:
            if site.pk not in naming.own:
                seen = f"{naming.name(site)} {naming.short(site)} {naming.key(site)}"
                assert site.code not in seen
                assert site.name not in seen
    for name in ("ada", "chi", "dee"):
        assert shown_name(user=getattr(people, name), network=network, site=birch) == "Birch Hospital"


def test_a_blinded_site_has_no_address_under_its_code(people, network, sites):
    naming = naming_for(user=people.ben, network=network)
    assert naming.find(sites, "birch") is None
    assert naming.find(sites, "letter-c") == sites[1]
    assert naming.find(sites, "alder") == sites[0]


def test_a_measure_may_have_its_own_rule(people, network, sites):
    for setting, blinded, expected in [
        ("blinded", False, "Birch Hospital"),
        ("named", True, "Site C"),
        ("named", None, "Birch Hospital"),
    ]:
        network.naming = setting
        measure = SimpleNamespace(blinded=blinded)
        assert shown_name(user=people.ben, network=network, site=sites[1], measure=measure) == expected


def test_small_counts(people, network, sites):
    alder, birch, _ = sites
    naming = naming_for(user=people.ben, network=network)
    cases = [
        (birch, 0, True),
        (birch, 1, False),
        (birch, 10, False),
        (birch, 11, True),
        (alder, 3, True),
        (None, 4, False),
    ]
    for site, count, shown in cases:
        assert naming.shows_count(site, count) is shown, (site, count)
    assert naming_for(user=people.chi, network=network).shows_count(birch, 3)
    network.open_counts = True
    assert naming_for(user=people.eve, network=network).shows_count(birch, 3)


def test_pages_of_a_site(client, people):
    client.force_login(people.ben)
    page = client.get("/n/hearts/sites/alder/").content.decode()
    assert "Letter that others see" in page
    other = client.get("/n/hearts/sites/birch/").content.decode()
    assert "Letter that others see" not in other
    client.force_login(people.ada)
    said = {"status": "paused", "reason": "Building works"}
    assert client.post("/n/hearts/sites/birch/status/", said).status_code == 302
    assert "Building works" in client.get("/n/hearts/sites/").content.decode()
    assert client.post("/n/hearts/network/new-site/", {"name": "Dune", "code": "dune"}).status_code == 302
    assert client.post("/n/hearts/sites/dune/edit/", {"name": "Dune Bay"}).status_code == 302
    assert (
        client.post("/networks/new/", {"name": "Lungs", "naming": "named", "timezone": "Europe/Berlin"}).status_code
        == 302
    )
    assert client.get("/n/lungs/network/").status_code == 200
