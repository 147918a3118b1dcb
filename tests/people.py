"""The named people of the tests: one small network, three sites, one person in every role, and a stranger."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from allteach.web.people.models import Person
    from allteach.web.sites.models import Network, Site

JOINED = date(2023, 1, 1)
PASSWORD = "a-long-enough-passphrase"

# name -> (surname, role, position of the site or None)
PEOPLE: dict[str, tuple[str, str, int | None]] = {
    "ada": ("Okafor", "network_lead", None),
    "ben": ("Silva", "site_lead", 0),
    "chi": ("Nakamura", "data_analyst", None),
    "dee": ("Lindqvist", "qi_coach", None),
    "eve": ("Marchetti", "reader", None),
    "fay": ("Abara", "family_partner", 0),
    "gus": ("Petrov", "executive", 0),
    "hal": ("Moreau", "site_member", 1),
    "zed": ("Nowhere", "", None),
}


@pytest.fixture
def network(db: None) -> Network:
    """A network that shows sites blinded, the harder case."""
    from allteach.web.sites.models import Network

    return Network.objects.create(slug="hearts", name="Hearts together", naming=Network.Naming.BLINDED)


@pytest.fixture
def sites(network: Network) -> list[Site]:
    """Three sites of the network, in order of name; letters are not in that order."""
    from allteach.web.sites.models import Site

    rows = [("alder", "Alder Hospital", "M"), ("birch", "Birch Hospital", "C"), ("cedar", "Cedar Hospital", "R")]
    return [Site.objects.create(network=network, code=c, name=n, letter=x, joined_on=JOINED) for c, n, x in rows]


@pytest.fixture
def people(network: Network, sites: list[Site]) -> SimpleNamespace:
    """Everyone by first name: `people.ada` and so on."""
    from allteach.web.people.models import Membership, Person

    everyone = SimpleNamespace()
    for name, (surname, role, site) in PEOPLE.items():
        person = Person(username=name, display_name=f"{name.title()} {surname}", email=f"{name}@example.org")
        person.set_unusable_password()
        person.save()
        if role:
            place = None if site is None else sites[site]
            Membership.objects.create(person=person, network=network, site=place, role=role, since=JOINED)
        setattr(everyone, name, person)
    return everyone


def _one(name: str) -> pytest.FixtureDef[Person]:
    @pytest.fixture(name=name)
    def person(people: SimpleNamespace) -> Person:
        return getattr(people, name)

    return person


ada, ben, chi, dee, eve, fay, gus, hal, zed = (_one(name) for name in PEOPLE)
