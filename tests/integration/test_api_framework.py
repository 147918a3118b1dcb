"""The framework's rooms over the API: the same services, rules and permissions as the pages."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from allteach.web.projects.models import CohortSite, Project
from allteach.web.projects.services import cohort_add, cohort_join
from allteach.web.rhythm.services.reports import reports_ask
from allteach.web.trials.models import Cycle

pytestmark = pytest.mark.django_db


class Asked:
    """One person at the API."""

    def __init__(self, person: Any) -> None:
        self.client = Client()
        self.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    def __call__(self, method: str, path: str, said: Any = None, status: int = 200) -> Any:
        """Return what the API answers, which must come with this status."""
        where, data = f"/api/n/hearts/{path}", json.dumps(said or {})
        answer = getattr(self.client, method)(
            where, *([] if method == "get" else [data]), content_type="application/json"
        )
        assert answer.status_code == status, answer.content
        return answer.json()


@pytest.fixture
def at(people: Any) -> Any:
    """Everyone at the API, by name."""
    return type("At", (), {name: Asked(getattr(people, name)) for name in ("ada", "ben", "dee", "fay", "hal", "zed")})


OUTLINE = "Home sooner\n  Tubes out\n    All know\n      Card"


def test_an_idea_travels_to_a_decision(at: Any, sites: Any, people: Any) -> None:
    at.fay("post", "ideas", {"title": "Tell parents", "problem": "We wait."}, 201)
    at.ben("post", "ideas/1/steps/park", {"sentence": "No."}, 403)
    at.dee("post", "ideas/1/steps/ask", {"sentence": "Which ward?"})
    assert at.fay("post", "ideas/1/steps/answer", {"sentence": "Both."})["status"] == "submitted"
    assert at.ben("post", "ideas/1/interest", {"site": "alder"})["interested"] == ["alder"]
    at.fay("post", "projects", {"title": "Parents", "pathway": "incubator"}, 403)
    started = at.dee("post", "projects", {"title": "Parents", "pathway": "incubator", "idea": 1}, 201)
    assert (started["phase"], started["next_phase"]) == ("draft", "design")
    at.dee("post", "projects/1/steps/advance")
    drawn = at.dee("put", "projects/1/diagram", {"outline": OUTLINE, "publish": True})
    assert (drawn["status"], drawn["outline"]) == ("published", OUTLINE)
    at.dee("post", "projects/1/aims", {"text": "All", "population": "Parents", "due": "2027-01-01"}, 201)
    refused = at.dee("post", "projects/1/gates", {"due": "2026-12-01"}, 409)
    assert refused["code"] == "AT-T-142"
    gate = at.dee("post", "projects/1/gates", {"due": "2026-12-01", "reason": "They join in May."}, 201)
    where = f"projects/1/gates/{gate['id']}"
    at.ben("post", f"{where}/vote", {"choice": "approve", "sentence": "Yes."}, 403)
    for one in (at.fay, at.dee):
        one("post", f"{where}/vote", {"choice": "approve", "sentence": "Yes."})
    at.dee("post", f"{where}/decide", {"choice": "approve", "sentence": "Go."}, 403)
    assert at.ada("post", f"{where}/decide", {"choice": "approve", "sentence": "Go."})["votes"] == 2
    assert at.fay("get", "projects/1")["phase"] == "test_learn"
    assert [one["number"] for one in at.fay("get", "projects?phase=test_learn")] == [1]


def test_a_test_is_planned_run_and_found(at: Any, sites: Any) -> None:
    plan = {"title": "Card", "site": "birch", "question": "?", "predicted": "Nine of ten", "belief": 70,
            "predicted_low": 0.8, "predicted_high": 1.0, "driver": "Card"}  # fmt: skip
    assert at.hal("post", "tests", plan, 201)["status"] == "planned"
    at.ben("post", "tests", plan, 403)
    unusable = at.hal("post", "tests", plan | {"scale": "enormous"}, 422)
    assert unusable["where"] == "scale"
    at.hal("post", "tests/1/steps/start")
    at.hal("post", "tests/1/steps/study", {"observed": "Half."}, 409)
    at.hal("post", "tests/1/steps/study", {"observed": "Half.", "compared": "Less.", "result": 0.5})
    assert at.hal("post", "tests/1/steps/act", {"decision": "abandon", "belief_after": 10})["decision"] == "abandon"
    seen = at.ben("get", "tests?decision=abandon&driver=card")
    assert [one["site"] for one in seen] != ["birch"]  # blinded: a letter
    assert at.dee("get", "tests/matrix")[0]["belief"] == 10
    copied = at.ben("post", "tests/1/steps/copy", {"site": "alder"})
    assert (copied["number"], copied["status"]) == (2, "planned")
    assert Cycle.objects.count() == 2


def test_a_report_is_written_scored_twice_and_answered(at: Any, sites: Any, people: Any, network: Any) -> None:
    at.dee("post", "projects", {"title": "One", "pathway": "single_site"}, 201)
    project = Project.objects.get()
    cohort = cohort_add(by=people.dee, project=project, name="First", kind="test", starts=date(2026, 9, 1))
    cohort_join(by=people.dee, cohort=cohort, site=sites[1], on=date(2026, 9, 1))
    for _ in range(2):
        at.dee("post", "projects/1/steps/advance")
    assert CohortSite.objects.count() == 1
    report = reports_ask(by=None, network=network, today=date(2026, 11, 11))[0]
    where = f"reports/{report.pk}"
    at.ben("get", where, status=404)
    assert at.hal("put", where, {"wins": "Nine of ten.", "submit": True})["status"] == "submitted"
    at.hal("post", f"{where}/score", {"score": 5, "reason": "We are great."}, 403)
    at.dee("post", f"{where}/score", {"score": 3.0, "reason": "Tests worked."})
    assert at.ada("post", f"{where}/score", {"score": 3.5, "reason": "More."})["score"] is None
    answered = at.dee("post", f"{where}/answer", {"score": 3.0, "feedback": "Keep going."})
    assert (answered["status"], Decimal(answered["score"])) == ("answered", Decimal(3))
    call = {"kind": "webinar", "title": "Call", "starts": "2026-12-01T14:00:00Z", "ends": "2026-12-01T15:00:00Z"}
    at.hal("post", "meetings", call, 403)
    at.dee("post", "meetings", call, 201)
    assert [one["title"] for one in at.hal("get", "meetings")] == ["Call"]
    assert at.ada("put", "health/rating", {"levels": {"purpose": 4}})["maturity"][0]["mean"] == 4
    at.hal("put", "health/rating", {"levels": {"purpose": 4}}, 403)


@pytest.mark.parametrize(
    "path", ["ideas", "projects", "pathways", "aims", "tests", "tests/matrix", "reports", "meetings", "health"]
)
def test_a_stranger_reads_nothing(at: Any, sites: Any, path: str) -> None:
    at.zed("get", path, status=403)
