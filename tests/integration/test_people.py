"""People: who may do what, how roles are given and ended, how people come in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from allteach.errors import Refused, StateError
from allteach.web.ledger.models import Entry
from allteach.web.people import services
from allteach.web.people.invitation import invitation_path, set_up_path
from allteach.web.people.models import Membership, Person, Token
from allteach.web.people.permissions import may, may_create_network, require, site_ids_where
from allteach.web.people.roles import ROLES, Permission

pytestmark = pytest.mark.django_db
P = Permission


def test_each_role_allows_what_it_says(people, network, sites):
    """Independent reading of the role table: a role at a site acts at that site only; some things it does anywhere."""
    reading = {P.NETWORK_VIEW, P.SITE_VIEW, P.RESULT_VIEW, P.RESULT_EXPORT, P.PEOPLE_VIEW}
    reading |= {P.PROJECT_VIEW, P.IDEA_SUBMIT, P.GATE_VOTE}
    for name, person in vars(people).items():
        held = Membership.objects.filter(person=person).first()
        for permission in P:
            for site in (None, *sites):
                expected = False
                if held is not None and permission in ROLES[held.role].permissions:
                    expected = held.site_id is None or permission in reading or (site and site.pk == held.site_id)
                assert may(person, permission, network=network, site=site) == bool(expected), (name, permission, site)


def test_a_stranger_a_switched_off_person_and_nobody_may_nothing(network, zed, ada):
    from django.contrib.auth.models import AnonymousUser

    ada.is_active = False
    for person in (zed, ada, AnonymousUser()):
        assert not any(may(person, permission, network=network) for permission in P)


def test_roles_begin_and_end_on_their_days(ada, ben, network, sites):
    today = timezone.localdate()
    cases = [
        (today, None, True),
        (today, today + timedelta(days=1), True),
        (today + timedelta(days=1), None, False),
        (today - timedelta(days=9), today, False),
    ]
    for since, until, allowed in cases:
        Membership.objects.filter(person=ben).delete()
        Membership.objects.create(
            person=ben, network=network, site=sites[0], role="site_lead", since=since, until=until
        )
        fresh = Person.objects.get(pk=ben.pk)
        assert may(fresh, P.RESULT_VIEW, network=network) is allowed, (since, until)


def test_refusal_says_whom_to_ask(network, eve, zed):
    with pytest.raises(Refused, match=r"AT-P-002.*Ask Ada Okafor"):
        require(eve, P.NETWORK_CHANGE, network=network)
    with pytest.raises(Refused, match="AT-P-001") as refused:
        require(zed, P.NETWORK_VIEW, network=network)
    assert "Okafor" not in str(refused.value)  # a stranger learns no names


def test_sites_where(people, network, sites):
    assert site_ids_where(people.ada, P.ROW_VIEW, network=network) is None
    assert site_ids_where(people.ben, P.ROW_VIEW, network=network) == {sites[0].pk}
    assert site_ids_where(people.eve, P.ROW_VIEW, network=network) == frozenset()


def test_only_those_who_may_change_people_give_roles(people, network, sites):
    for name in ("ben", "chi", "dee", "eve", "fay", "gus", "hal", "zed"):
        with pytest.raises(Refused):
            services.give_role(by=getattr(people, name), network=network, person=people.zed, role="reader")
    services.give_role(by=people.ada, network=network, person=people.zed, role="reader")
    assert may(people.zed, P.RESULT_VIEW, network=network)
    assert Entry.objects.filter(action="role.given", about="Zed Nowhere").count() == 1


def test_a_role_held_at_a_site_needs_one_of_this_network(ada, zed, network, django_user_model):
    from allteach.web.sites.models import Network, Site

    other = Network.objects.create(slug="other", name="Other")
    foreign = Site.objects.create(network=other, code="x", name="X", letter="A")
    for site in (None, foreign):
        with pytest.raises(StateError, match="AT-T-005"):
            services.give_role(by=ada, network=network, person=zed, role="site_lead", site=site)
    with pytest.raises(StateError, match="AT-T-004"):
        services.give_role(by=ada, network=network, person=zed, role="emperor")


def test_the_last_lead_stays(ada, chi, network):
    own = Membership.objects.get(person=ada)
    with pytest.raises(StateError, match="AT-T-002"):
        services.end_role(by=ada, membership=own, reason="Leaving")
    services.give_role(by=ada, network=network, person=chi, role="network_lead")
    services.end_role(by=ada, membership=own, reason="Leaving")
    assert not may(ada, P.NETWORK_VIEW, network=network)


def test_ending_a_role_needs_a_reason_and_is_kept(ada, ben, network):
    held = Membership.objects.get(person=ben)
    with pytest.raises(StateError, match="AT-T-006"):
        services.end_role(by=ada, membership=held, reason="  ")
    services.end_role(by=ada, membership=held, reason="New post")
    assert Entry.objects.get(action="role.ended").detail["reason"] == "New post"
    services.give_role(by=ada, network=network, person=ben, role="site_lead", site=held.site)
    assert may(Person.objects.get(pk=ben.pk), P.DATA_SUBMIT, network=network, site=held.site)


def test_memberships_are_unique_even_without_a_site(ada, network):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(person=ada, network=network, role="network_lead", since=date(2024, 1, 1))


def test_an_invitation_works_once(client, ada, network):
    client.force_login(ada)
    said = {"display_name": "Ivy New", "email": "ivy@example.org", "role": "reader"}
    page = client.post("/n/hearts/people/add/", said)
    link = page.context["link"].removeprefix("http://testserver")
    client.logout()
    assert client.get(link).status_code == 200
    words = "correct horse battery"
    assert client.post(link, {"new_password1": words, "new_password2": words}).status_code == 302
    assert client.get("/n/hearts/network/").status_code == 200
    client.logout()
    assert client.get(link).status_code == 410
    assert client.post("/accounts/login/", {"login": "ivy", "password": words}).status_code == 302


def test_a_wrong_invitation_says_so(client, eve):
    path = invitation_path(eve)
    assert client.get(path[:-2] + "x/").status_code == 410
    assert client.get("/welcome/zzzz/abc/").status_code == 410


def test_the_first_account(client):
    path = set_up_path()
    said = {"display_name": "First Person", "username": "first", "password": "correct horse battery"}
    assert client.post(path, said).url == "/networks/new/"
    assert may_create_network(Person.objects.get(username="first"))
    client.logout()
    assert client.get(path).status_code == 410  # there is somebody now
    Person.objects.all().delete()
    assert client.get("/set-up/1abc:forged/").status_code == 410


def test_demonstration_sign_in_is_for_made_up_people_only(client, ada, network):
    assert client.post("/demonstration/sign-in/", {"username": "ada"}).status_code == 404
    assert "Okafor" not in client.get("/accounts/login/").content.decode()
    Person.objects.filter(pk=ada.pk).update(is_demo=True)
    network.is_demo = True
    network.save()
    assert "Ada Okafor" in client.get("/accounts/login/").content.decode()
    assert client.get("/demonstration/sign-in/").status_code == 405
    assert client.post("/demonstration/sign-in/", {"username": "ada"}).status_code == 302
    assert client.get("/", follow=True).status_code == 200


def test_people_see_their_own_team_only(client, people):
    client.force_login(people.fay)
    page = client.get("/n/hearts/people/").content.decode()
    assert "Ben Silva" in page
    assert "Ada Okafor" in page
    assert "Hal Moreau" not in page
    client.force_login(people.ben)
    page = client.get("/n/hearts/people/").content.decode()
    assert "Hal Moreau" in page
    assert "@example.org" not in page


def test_keys_for_programs(client, ben):
    _token, key = services.create_token(by=ben, name="script")
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"}
    assert key not in str(Token.objects.values())
    assert client.get("/api/me", **headers).json()["username"] == "ben"
    assert client.get("/api/me").status_code == 401
    assert client.get("/api/n/hearts/sites", **headers).status_code == 200
    services.revoke_token(by=ben, token=_token)
    assert client.get("/api/me", **headers).status_code == 401
    with pytest.raises(StateError, match="AT-T-007"):
        services.revoke_token(by=ben, token=_token)


def test_a_key_ends(client, ben):
    token, key = services.create_token(by=ben, name="script")
    Token.objects.filter(pk=token.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    assert client.get("/api/me", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 401


def test_profile_and_user_names(client, ben):
    client.force_login(ben)
    assert client.post("/profile/", {"display_name": "Benedict Silva", "email": ""}).status_code == 302
    assert Person.objects.get(pk=ben.pk).display_name == "Benedict Silva"
    assert services.free_username("Ben Silva") == "ben.silva"
    assert services.free_username("", "ben@example.org") == "ben2"
    with pytest.raises(StateError, match="AT-T-003"):
        services.create_person(by=None, display_name="Another", username="ben")


def test_too_many_failed_sign_ins_close_the_door(client, ben, settings):
    settings.AXES_ENABLED = True
    ben.set_password("the right words here")
    ben.save()
    for _ in range(8):
        answer = client.post("/accounts/login/", {"login": "ben", "password": "wrong"})
    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()
    assert client.post("/accounts/login/", {"login": "ben", "password": "the right words here"}).status_code == 429


def test_an_invitation_cannot_take_over_somebody_of_another_network(client, ada, eve, network):
    from allteach.web.sites.models import Network

    held = Membership.objects.get(person=eve)
    client.force_login(ada)
    path = f"/n/hearts/people/{held.pk}/invite/"
    assert client.post(path).status_code == 200
    other = Network.objects.create(slug="lungs", name="Lungs")
    Membership.objects.create(person=eve, network=other, role="network_lead", since=date(2024, 1, 1))
    assert client.post(path).status_code == 302
