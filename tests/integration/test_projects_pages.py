"""From an idea to a closed project by clicking, as the people of the network would."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from allteach.web.ideas.models import Idea
from allteach.web.projects.models import Project, Review
from allteach.web.trials.models import Cycle

pytestmark = pytest.mark.django_db


def _client(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _at(name: str, **kwargs: Any) -> str:
    return reverse(name, kwargs={"network": "hearts", **kwargs})


OUTLINE = """Children go home sooner
  Tubes come out when they can
    Everyone knows the criteria
      Card at the bedside
    Rounds decide each day"""


def test_an_idea_of_a_parent_becomes_an_incubator_and_its_gate_decides(people: Any, sites: Any) -> None:
    fay, dee, ada, chi = (_client(p) for p in (people.fay, people.dee, people.ada, people.chi))
    sent = fay.post(_at("ideas:new"), {"title": "Tell parents the criteria", "problem": "We wait.", "source": "family"})
    idea = Idea.objects.get()
    assert sent.status_code == 302
    assert idea.proposed_by == people.fay
    assert b"Tell parents the criteria" in dee.get(_at("ideas:index")).content
    ask = dee.post(_at("ideas:act", number=1, step="ask"), {"sentence": "Which wards?"})
    assert ask.status_code == 302
    fay.post(_at("ideas:act", number=1, step="answer"), {"sentence": "Both."})
    started = dee.post(
        _at("projects:new") + "?idea=1",
        {"title": "Criteria for parents", "problem": "We wait.", "pathway": "incubator"},
    )
    assert started.status_code == 302
    idea.refresh_from_db()
    assert idea.status == Idea.Status.ACCEPTED
    dee.post(_at("projects:act", number=1, step="advance"))
    page = dee.get(_at("projects:project", number=1)).content.decode()
    assert "Network approval" in page
    cohort = {"name": "First", "kind": "test", "starts": "2026-01-01", "sites": [s.pk for s in sites[:2]]}
    assert dee.post(_at("projects:add", number=1, what="cohort"), cohort).status_code == 302
    assert dee.post(_at("projects:outline", number=1), {"outline": OUTLINE}).status_code == 302
    dee.post(_at("projects:act", number=1, step="publish-diagram"))
    assert b"Card at the bedside" in eve_sees(people, _at("projects:diagram", number=1))
    refused = dee.post(_at("projects:open_gate", number=1), {"due": "2026-12-01"})
    assert refused.status_code == 422
    assert b"3 to 5 sites" in refused.content
    opened = dee.post(_at("projects:open_gate", number=1), {"due": "2026-12-01", "reason": "The third joins in May."})
    assert opened.status_code == 302
    review = Review.objects.get()
    early = {"decision": "approve", "sentence": "Go."}
    assert ada.post(_at("projects:decide", number=1, pk=review.pk), early).status_code == 409
    for voter in (fay, chi):
        voter.post(_at("projects:vote", number=1, pk=review.pk), {"choice": "approve", "sentence": "Yes."})
    assert ada.post(_at("projects:decide", number=1, pk=review.pk), early).status_code == 302
    assert Project.objects.get().phase == "test_learn"


def eve_sees(people: Any, address: str) -> bytes:
    return _client(people.eve).get(address).content


def test_a_site_member_plans_starts_studies_and_closes_a_test(people: Any, sites: Any) -> None:
    hal = _client(people.hal)
    plan = {
        "title": "Ask at rounds", "site": sites[1].pk, "question": "Do we ask?", "predicted": "Nine in ten",
        "predicted_low": "0.8", "belief": "70", "scale": "one_patient", "start": "1",
    }  # fmt: skip
    assert hal.post(_at("trials:new"), plan).status_code == 302
    cycle = Cycle.objects.get()
    assert cycle.status == Cycle.Status.RUNNING
    changed = hal.post(_at("trials:edit", number=1), {"plan": "Tomorrow", "predicted": "Something else"})
    assert changed.status_code == 302
    cycle.refresh_from_db()
    assert (cycle.plan, cycle.predicted) == ("Tomorrow", "Nine in ten")
    hal.post(_at("trials:act", number=1, step="study"), {"observed": "We asked.", "result": "0.5", "compared": "Less."})
    assert b"outside the prediction" in hal.get(_at("trials:cycle", number=1)).content
    hal.post(_at("trials:act", number=1, step="act"), {"decision": "adapt", "belief_after": "40"})
    cycle.refresh_from_db()
    assert (cycle.status, cycle.decision, cycle.belief_after) == (Cycle.Status.CLOSED, "adapt", 40)
    assert _client(people.ben).post(_at("trials:act", number=1, step="copy"), {"site": "alder"}).status_code == 302
    assert b"Ask at rounds" in eve_sees(people, _at("trials:index") + "?text=rounds")


def test_a_member_of_one_site_writes_no_test_for_another_and_reads_its_letter_only(people: Any, sites: Any) -> None:
    plan = {"title": "T", "site": sites[0].pk, "question": "Q", "predicted": "P", "belief": "5", "scale": "one_patient"}
    assert _client(people.hal).post(_at("trials:new"), plan).status_code == 422
    _client(people.ben).post(_at("trials:new"), plan)
    assert Cycle.objects.count() == 1
    for name, kwargs in (("trials:index", {}), ("trials:cycle", {"number": 1})):
        page = _client(people.hal).get(_at(name, **kwargs)).content
        assert b"Alder" not in page
        assert b"Ben Silva" not in page
        assert b"Site M" in page
    assert _client(people.hal).post(_at("trials:act", number=1, step="start")).status_code == 403


@pytest.mark.parametrize("name", ["ideas:index", "projects:index", "projects:pathways", "trials:index"])
def test_a_stranger_is_refused_and_empty_pages_say_what_will_come(people: Any, name: str) -> None:
    assert _client(people.zed).get(_at(name)).status_code == 403
    assert _client(people.fay).get(_at(name)).status_code == 200


def test_a_stopped_project_owes_a_lesson_and_keeps_its_record(people: Any) -> None:
    ada = _client(people.ada)
    ada.post(_at("projects:new"), {"title": "Posters", "pathway": "single_site"})
    ada.post(_at("projects:act", number=1, step="stop"), {"sentence": "Nobody read them."})
    assert ada.post(_at("projects:act", number=1, step="close"), {"sentence": ""}).status_code == 409
    ada.post(_at("projects:act", number=1, step="close"), {"sentence": "Posters alone change nothing."})
    assert Project.objects.get().phase == "closed"
    assert b"Posters alone change nothing." in eve_sees(people, _at("projects:project", number=1))
    assert ada.post(_at("projects:edit", number=1), {"title": "X"}).status_code == 409
