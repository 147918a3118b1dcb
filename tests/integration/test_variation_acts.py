"""What people do on a chart's page and in the queue, through the forms, without JavaScript."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from allteach.web.variation.models import Annotation, Phase, PointExclusion
from tests.results import PLAINS, Plain, fill, make_measure, month, observe

pytestmark = pytest.mark.django_db
N = "/n/hearts/results/"
CHART = f"{N}m/tube-hours/s/alder/"


@pytest.fixture
def filled(network: Any, sites: list[Any], people: SimpleNamespace) -> SimpleNamespace:
    network.open_counts = True
    network.naming = "named"
    network.save()
    return SimpleNamespace(
        network=network, sites=sites, people=people, measures=fill(network, sites, by=people.ada, plains=PLAINS[:2])
    )


def sign_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_note_becomes_a_numbered_flag_with_its_text_beneath(filled: SimpleNamespace) -> None:
    ben = sign_in(filled.people.ben)
    answer = ben.post(
        CHART + "note", {"on": "2023-07-09", "kind": "test", "text": "Drains out before noon"}, follow=True
    )
    text = answer.content.decode()
    assert "The note is on the chart." in text
    assert "Test of a change: Drains out before noon" in text
    assert "Drains out before noon" not in page(ben, f"{N}m/tube-hours/s/birch/")
    made = Annotation.objects.get()
    assert "Drains out before noon" not in ben.post(CHART + "withdraw", {"note": made.pk}, follow=True).content.decode()


def test_a_form_with_faults_comes_back_as_sent(filled: SimpleNamespace) -> None:
    answer = sign_in(filled.people.ben).post(CHART + "note", {"on": "yesterday", "kind": "test", "text": "Removal"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="errors"' in text
    assert 'value="Removal"' in text
    assert not Annotation.objects.exists()


def test_only_what_one_may_do_is_offered_and_done(filled: SimpleNamespace) -> None:
    eve, ben = sign_in(filled.people.eve), sign_in(filled.people.ben)
    assert "Mark something that happened" not in page(eve, CHART)
    assert eve.post(CHART + "note", {"on": "2023-07-09", "kind": "test", "text": "x"}).status_code == 403
    text = page(ben, CHART)
    assert "Propose a new average" in text
    assert "Leave a point out" not in text
    assert ben.post(CHART + "exclude", {"period": month(3).isoformat(), "reason": "Flood"}).status_code == 403
    assert "Mark something that happened" not in page(ben, f"{N}m/tube-hours/s/birch/")
    assert (
        ben.post(f"{N}m/tube-hours/s/birch/note", {"on": "2023-07-09", "kind": "test", "text": "x"}).status_code == 403
    )


def test_a_point_is_left_out_and_taken_back_in(filled: SimpleNamespace) -> None:
    chi = sign_in(filled.people.chi)
    chi.post(CHART + "exclude", {"period": month(3).isoformat(), "reason": "Flood: patients moved"})
    assert "Apr 2022 is kept off the limits" in page(chi, CHART)
    text = page(chi, CHART + "table/")
    assert "Flood: patients moved" in text
    chi.post(CHART + "include", {"exclusion": PointExclusion.objects.get().pk})
    assert "kept off the limits" not in page(chi, CHART)


def test_a_proposal_is_reviewed_accepted_and_shown(filled: SimpleNamespace) -> None:
    ada = sign_in(filled.people.ada)
    phase = Phase.objects.get(measure=filled.measures[0], site=filled.sites[0])
    assert "New average proposed" in page(ada, CHART)
    tried = page(ada, f"{CHART}?phases={phase.start.isoformat()}")
    assert "only a proposal" in tried
    assert "Show it as agreed" in tried
    address = f"{N}phases/{phase.pk}/"
    assert "As it is now" in page(ada, address)
    assert ada.post(address, {"decision": "accept", "cause": "test", "reason": ""}).status_code == 422
    answer = ada.post(
        address, {"decision": "accept", "cause": "test", "reason": "Removal on day 1 is the rule now"}, follow=True
    )
    assert "Decided." in answer.content.decode()
    text = page(ada, CHART)
    assert "New averages agreed" in text
    assert "Removal on day 1 is the rule now" in text
    assert "New average proposed" not in text
    assert "Removal on day 1 is the rule now" in page(ada, N + "phases/")


def test_the_queue_is_read_by_members_and_decided_by_those_who_may(filled: SimpleNamespace) -> None:
    phase = Phase.objects.get(measure=filled.measures[0], site=filled.sites[0])
    for name in ("ben", "dee", "eve"):
        client = sign_in(getattr(filled.people, name))
        assert "Review" not in page(client, N + "phases/")
        assert client.get(f"{N}phases/{phase.pk}/").status_code == 403
        assert client.post(f"{N}phases/{phase.pk}/", {"decision": "accept"}).status_code == 403
    assert sign_in(filled.people.ada).get(f"{N}phases/999999/").status_code == 404


def test_a_person_proposes_with_words(filled: SimpleNamespace) -> None:
    ben = sign_in(filled.people.ben)
    chart = f"{N}m/criteria/s/alder/"
    ben.post(chart + "propose", {"start": month(7).isoformat(), "note": "New form in use"})
    made = Phase.objects.get(start=month(7))
    assert made.proposed_by == filled.people.ben
    assert "New form in use" in page(ben, N + "phases/")


def test_the_address_carries_the_state(filled: SimpleNamespace) -> None:
    ada = sign_in(filled.people.ada)
    text = page(ada, f"{CHART}?rules=nhs&until=2023-03&baseline=10")
    assert "Read by other rules than the network" in text
    assert "Mar 2023" in text
    assert "Dec 2024" not in text
    assert "table/?rules=nhs&amp;until=2023-03-01&amp;baseline=10" in text
    assert "chart.csv?rules=nhs" in text
    assert ada.get(f"{CHART}?rules=tarot&until=soon&baseline=-3&kind=pie&phases=maybe").status_code == 200


def test_files_hold_what_the_page_says(filled: SimpleNamespace) -> None:
    ada = sign_in(filled.people.ada)
    title = page(ada, CHART).split("<h1>")[1].split("</h1>")[0]
    for form in ("svg", "csv", "txt"):
        answer = ada.get(f"{CHART}chart.{form}")
        assert title in answer.content.decode("utf-8-sig"), form
        assert "hearts-tube-hours-alder" in answer["Content-Disposition"]
    assert ada.get(f"{CHART}chart.png").content[:4] == b"\x89PNG"
    assert ada.get(f"{CHART}chart.pdf").content[:4] == b"%PDF"
    assert ada.get(f"{CHART}chart.pptx").content[:2] == b"PK"
    assert ada.get(f"{CHART}chart.exe").status_code == 404


def test_an_empty_network_says_what_will_be_here(network: Any, sites: list[Any], people: SimpleNamespace) -> None:
    ada = sign_in(people.ada)
    assert "Here you will see what varies" in page(ada, N)
    assert "Nothing new, and that is fine" in page(ada, N + "signals/")
    assert "Nothing to decide" in page(ada, N + "phases/")
    assert "There is nothing to draw yet" in page(ada, N + "build/")


def test_the_api_gives_series_matrix_and_funnel(filled: SimpleNamespace) -> None:
    ada = sign_in(filled.people.ada)
    start = "/api/n/hearts/results"
    found = ada.get(start).json()
    assert len(found["cells"]) == 6
    assert {line["variation"] for line in found["lines"]} == {"improving"}
    series = ada.get(f"{start}/tube-hours/sites/alder?rules=nhs").json()
    assert len(series["points"]) == 36
    assert series["points"][0]["start"] == "2022-01-01"
    assert series["points"][-1]["mark"] == "improving"
    assert ada.get(f"{start}/tube-hours/all").json()["site"] is None
    funnel = ada.get(f"{start}/criteria/funnel?window=24").json()
    assert [site["label"] for site in funnel["sites"]] == ["Alder Hospital", "Birch Hospital", "Cedar Hospital"]
    assert ada.get(f"{start}/nothing/all").status_code == 404


def test_groups_of_patients_show_their_gap(filled: SimpleNamespace) -> None:
    from allteach.web.measuring.models import Observation

    plain = Plain("by-sex", "Seen in time", "proportion", "process", "higher", 0.7, strata=("sex",))
    measure = make_measure(filled.network, plain, 5)
    observe(measure, plain, filled.sites)
    version = measure.versions.get()
    for stratum, seen in (("sex=girl", 40), ("sex=boy", 55)):
        Observation.objects.bulk_create(
            Observation(version=version, site=site, period=month(at), stratum=stratum, numerator=seen, denominator=70)
            for site in filled.sites
            for at in range(36)
        )
    text = page(sign_in(filled.people.ada), f"{N}m/by-sex/compare/groups/?window=24")
    assert "Seen in time: girl differs from boy by more than chance explains" in text
    assert "2,880 of 5,040" in text  # 40 of 70, three sites, 24 months
    assert sign_in(filled.people.ada).get(f"{N}m/criteria/compare/groups/").status_code == 404
    built = page(sign_in(filled.people.ada), f"{N}build/?measure=by-sex&stratum=sex%3Dgirl")
    assert "Only a part of the patients: sex=girl." in built


def test_small_groups_are_withheld(filled: SimpleNamespace) -> None:
    from allteach.web.measuring.models import Observation

    filled.network.open_counts = False
    filled.network.save()
    plain = Plain("by-sex", "Seen in time", "proportion", "process", "higher", 0.5, size=300.0, strata=("sex",))
    measure = make_measure(filled.network, plain, 5)
    observe(measure, plain, filled.sites)
    for stratum, seen in (("sex=girl", 1), ("sex=boy", 55)):
        Observation.objects.create(
            version=measure.versions.get(),
            site=filled.sites[0],
            period=month(30),
            stratum=stratum,
            numerator=seen,
            denominator=70,
        )
    address = f"{N}m/by-sex/compare/groups/?window=24"
    assert "fewer than 11" in page(sign_in(filled.people.eve), address)
    assert "1 of 70" in page(sign_in(filled.people.ada), address)


def test_the_network_line_waits_for_late_sites(filled: SimpleNamespace) -> None:
    filled.measures[1].versions.get().observations.filter(site=filled.sites[2], period=month(35)).delete()
    text = page(sign_in(filled.people.ada), f"{N}m/criteria/all/")
    assert "Dec 2024 is not complete yet: 1 site is late, with Chi Nakamura." in text
    assert "not complete yet" not in page(sign_in(filled.people.ada), f"{N}m/criteria/s/alder/")


def test_several_averages_are_decided_at_once_with_one_reason(filled: SimpleNamespace) -> None:
    chi, queue = sign_in(filled.people.chi), N + "phases/"
    waiting = Phase.objects.filter(status="proposed", measure__slug="tube-hours")
    total, two = waiting.count(), [phase.pk for phase in waiting.exclude(site=None)[:2]]
    text = page(chi, queue)
    assert "Decide on several of these at once" in text
    assert text.index("All sites together") < text.index("Alder")
    said = {"measure": "tube-hours", "which": "ticked", "decision": "accept", "cause": "test", "reason": "Out on day 1"}
    assert chi.post(queue, said).status_code == 422
    assert chi.post(queue, said | {"phase": two, "reason": ""}).status_code == 422
    assert waiting.count() == total
    answer = chi.post(queue, said | {"phase": two}, follow=True).content.decode()
    assert "Decided on 2 charts." in answer
    assert [phase.reason for phase in Phase.objects.filter(pk__in=two)] == ["Out on day 1"] * 2
    chi.post(queue, said | {"which": "all", "decision": "reject", "reason": "Not yet"})
    assert not waiting.exists()


def test_nobody_decides_at_once_what_they_may_not_decide_singly(filled: SimpleNamespace) -> None:
    said = {"measure": "tube-hours", "which": "all", "decision": "accept", "cause": "test", "reason": "Out on day 1"}
    for person in (filled.people.ben, filled.people.dee, filled.people.eve):
        assert sign_in(person).post(N + "phases/", said).status_code == 403
        assert "Decide on several" not in page(sign_in(person), N + "phases/")
    assert not Phase.objects.filter(status="accepted").exists()


def test_a_chart_that_cannot_be_judged_says_so_and_why(filled: SimpleNamespace) -> None:
    from allteach.web.measuring.models import Observation
    from allteach.web.variation.services import refresh_standings

    Observation.objects.filter(version__measure__slug="criteria", site=filled.sites[0]).update(numerator=0)
    refresh_standings(network=filled.network, by=filled.people.ada)
    text = page(sign_in(filled.people.eve), N)
    assert "Cannot judge</a>" in text
    assert "Why some charts cannot be judged" in text
    assert "Removal criteria followed, 1 site: " in text
