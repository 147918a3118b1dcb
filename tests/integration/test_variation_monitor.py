"""Patients against their risk in the running product: who fits a model, who sees what, and what never leaves."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.test import Client

from allteach.errors import Refused, StateError
from allteach.intake.contract import load as dictionary
from allteach.measures.files import load
from allteach.web.ledger.models import Entry
from allteach.web.measuring.services import create_measure
from allteach.web.people.services import create_token
from allteach.web.submissions.services import save_table
from allteach.web.variation import services
from allteach.web.variation.models import CaseMix
from tests.integration.submitting import accepted

pytestmark = pytest.mark.django_db
PAGE = "/n/hearts/results/m/deaths/compare/monitor/"
MIX = "/n/hearts/results/m/deaths/compare/case-mix/"
RECIPE = services.Recipe(("kind", "age"), date(2024, 1, 1), date(2024, 12, 31), "Known before the operation")

TABLE = """
name: operations
title: Operations
key: [operation]
fields:
- {name: operation, type: text, role: record, required: true}
- {name: site, role: site, required: true}
- {name: day, type: date, role: date, required: true, formats: [YYYY-MM-DD]}
- {name: kind, title: Kind of operation, type: code, role: stratum, codes: [plain, hard]}
- {name: age, type: number, role: value, minimum: 0}
- {name: died, type: boolean, role: event}
"""
CARD = """
id: deaths
title: Deaths
kind: proportion
direction: lower
table: operations
site: site
date: day
numerator: died
missing: leave_out
"""


def rows(a_month: dict[str, int], months: int = 24, seed: int = 4) -> str:
    """Return patients as CSV; at birch twice as many die as their risk would give in the second year."""
    rng = np.random.default_rng(seed)
    lines = ["operation,site,day,kind,age,died"]
    for month in range(months):
        for site, many in a_month.items():
            for one in range(many):
                hard, age = rng.random() < 0.4, rng.normal(5, 2)
                odds = np.exp(-2.2 + 0.9 * hard + 0.1 * age) * (3.0 if site == "birch" and month >= 12 else 1.0)
                died = "yes" if rng.random() < odds / (1 + odds) else "no"
                day = date(2024 + month // 12, 1 + month % 12, 1 + int(rng.integers(28)))
                kind = "hard" if hard else "plain"
                lines.append(f"{site}-{month}-{one},{site},{day},{kind},{max(age, 0.1):.1f},{died}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def filled(network: Any, sites: list[Any], people: SimpleNamespace) -> SimpleNamespace:
    table = save_table(by=people.ada, network=network, dictionary=dictionary(TABLE))
    accepted(by=people.ada, network=network, text=rows({"alder": 30, "birch": 30, "cedar": 3}), table=table)
    measure = create_measure(by=people.ada, network=network, card=load(CARD))
    return SimpleNamespace(network=network, sites=sites, people=people, measure=measure)


def sign_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(person: Any, address: str, status: int = 200) -> str:
    answer = sign_in(person).get(address)
    assert answer.status_code == status
    return answer.content.decode()


def fitted(filled: SimpleNamespace) -> CaseMix:
    return services.case_mix_fit(by=filled.people.chi, measure=filled.measure, recipe=RECIPE)


def test_a_model_is_fitted_on_a_baseline_and_kept_with_its_reason(filled: SimpleNamespace) -> None:
    made = fitted(filled)
    last = Entry.objects.order_by("pk").last()
    assert last is not None
    assert last.action == "casemix.fitted"
    assert (made.number, made.columns, made.fitted["cases"]) == (1, ["kind", "age"], 12 * 63)
    terms = {term[0]: term[2] for term in made.fitted["terms"]}
    assert terms["kind"] == pytest.approx(0.9, abs=0.5)
    again = services.case_mix_fit(
        by=filled.people.ada, measure=filled.measure,
        recipe=services.Recipe(("kind",), RECIPE.first, RECIPE.last, "Age says little"),
    )  # fmt: skip
    assert again.number == 2
    assert CaseMix.objects.get(pk=made.pk).fitted == made.fitted


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"columns": ()}, "AT-T-312"),
        ({"columns": ("died",)}, "AT-T-312"),
        ({"columns": ("operation",)}, "AT-T-312"),
        ({"reason": "  "}, "AT-T-313"),
        ({"last": date(2023, 1, 1)}, "AT-T-313"),
        ({"last": date(2024, 1, 10)}, "AT-T-314"),
    ],
)
def test_no_model_without_what_it_needs(filled: SimpleNamespace, change: dict[str, Any], code: str) -> None:
    plain = {"columns": RECIPE.columns, "first": RECIPE.first, "last": RECIPE.last, "reason": RECIPE.reason}
    with pytest.raises(StateError, match=code):
        services.case_mix_fit(by=filled.people.ada, measure=filled.measure, recipe=services.Recipe(**(plain | change)))
    assert not CaseMix.objects.exists()


def test_only_those_who_change_measures_fit(filled: SimpleNamespace) -> None:
    for person in (filled.people.ben, filled.people.dee, filled.people.eve):
        with pytest.raises(Refused):
            services.case_mix_fit(by=person, measure=filled.measure, recipe=RECIPE)
        assert "Fit the model" not in page(person, MIX)
        sent = {"columns": ["kind"], "first": "2024-01-01", "last": "2024-12-31", "reason": "Because"}
        assert sign_in(person).post(MIX, sent).status_code == 403


def test_from_nothing_to_a_signal_by_the_pages(filled: SimpleNamespace) -> None:
    chi = filled.people.chi
    assert "No case-mix model was fitted" in page(chi, PAGE)
    assert "Fit a case-mix model" in page(chi, PAGE)
    sent = {"columns": ["kind", "age"], "first": "2024-01-01", "last": "2024-12-31", "reason": "Known before"}
    assert sign_in(chi).post(MIX, sent | {"columns": []}).status_code == 422
    assert sign_in(chi).post(MIX, sent).status_code == 302
    text = page(chi, PAGE)
    assert "Deaths: 1 site differs from what was expected of its own patients" in text
    assert "More than expected" in text
    own = page(chi, PAGE + "s/birch/")
    assert "Birch Hospital: more often deaths than its patients" in own
    assert "That is the wrong way." in own
    assert "(Byar)" in own
    assert "Signal" not in page(chi, PAGE + "s/alder/")
    assert "Odds ratio" in page(chi, MIX)


def test_patient_by_patient_only_with_a_right_to_the_rows(filled: SimpleNamespace) -> None:
    fitted(filled)
    filled.network.open_counts = True
    filled.network.naming = "named"
    filled.network.save()
    marks = "Patient by patient, the latest 200"
    assert marks in page(filled.people.ben, PAGE + "s/alder/")  # his own
    each = page(filled.people.ben, PAGE + "s/alder/?each=1")
    for person, address in ((filled.people.ben, "birch"), (filled.people.dee, "alder"), (filled.people.eve, "alder")):
        text = page(person, PAGE + f"s/{address}/?each=1")
        assert marks not in text
        assert text.count("<circle") < each.count("<circle") or "28 Dec 2025" not in text


def test_small_counts_and_names_are_withheld(filled: SimpleNamespace) -> None:
    fitted(filled)
    eve, ben = filled.people.eve, filled.people.ben
    text = page(eve, PAGE)
    for site in filled.sites:
        assert site.name not in text
        assert f"/s/{site.code}/" not in text
    page(eve, PAGE + "s/cedar/", 404)
    page(eve, PAGE + f"s/letter-{filled.sites[2].letter.lower()}/", 404)  # three patients a month
    assert "Alder Hospital" in page(ben, PAGE)
    page(ben, PAGE + "s/alder/")
    page(ben, PAGE + f"s/letter-{filled.sites[2].letter.lower()}/", 404)
    assert "Does it fit?" not in page(eve, MIX)


def test_the_api_says_the_same(filled: SimpleNamespace) -> None:
    fitted(filled)

    def asked(person: Any, address: str) -> Any:
        _token, key = create_token(by=person, name="test")
        answer = Client().get(f"/api/n/hearts/{address}", headers={"authorization": f"Bearer {key}"})
        return json.loads(answer.content) if answer.status_code == 200 else answer.status_code

    found = asked(filled.people.chi, "results/deaths/monitor")
    sides = {row["site"]: row["side"] for row in found["sites"]}
    assert sides == {"alder": 0, "birch": 1, "cedar": 0}
    ratio = {row["site"]: row for row in found["sites"]}["birch"]
    assert ratio["exact"][0] < ratio["ratio"] < ratio["exact"][1]
    assert ratio["byar"] == pytest.approx(ratio["exact"], abs=0.05)
    charts = {chart["kind"]: chart for chart in asked(filled.people.chi, "results/deaths/monitor/birch")}
    assert set(charts) == {"rising", "falling", "vlad", "ewma"}
    assert len(charts["vlad"]["points"]) == 12
    assert len(asked(filled.people.chi, "results/deaths/monitor/birch?each=true")[0]["points"]) == 200
    hidden = asked(filled.people.ben, "results/deaths/monitor")
    letters = {row["site"]: row for row in hidden["sites"]}
    small = letters[f"letter-{filled.sites[2].letter.lower()}"]
    assert (small["cases"], small["ratio"], small["sees"]) == (None, None, "")
    assert asked(filled.people.ben, f"results/deaths/monitor/letter-{filled.sites[2].letter.lower()}") == 404
    mix = asked(filled.people.ben, "results/deaths/case-mix")
    assert mix[0]["columns"] == ["kind", "age"]
    assert mix[0]["cases"] is None
    assert asked(filled.people.eve, "results/deaths/monitor") == 403


def test_a_risk_that_the_table_gives_needs_no_model(filled: SimpleNamespace) -> None:
    """Every patient has a risk of their own kind's usual share; nothing is fitted, and birch still stands out."""
    table = save_table(
        by=filled.people.ada, network=filled.network,
        dictionary=dictionary(TABLE.replace("name: operations", "name: scored")
                              + "- {name: risk, type: number, role: value, minimum: 0, maximum: 1}\n"),
    )  # fmt: skip
    plain = rows({"alder": 30, "birch": 30}).splitlines()
    scored = [f"{plain[0]},risk", *(f"{line},{0.3 if ',hard,' in line else 0.15}" for line in plain[1:])]
    accepted(by=filled.people.ada, network=filled.network, text="\n".join(scored) + "\n", table=table)
    card = CARD.replace("id: deaths", "id: scored").replace("table: operations", "table: scored")
    card = card.replace("kind: proportion", "kind: observed_expected\nexpected: risk")
    create_measure(by=filled.people.ada, network=filled.network, card=load(card))
    text = page(filled.people.chi, PAGE.replace("/deaths/", "/scored/"))
    assert "Expected by the risk that the table gives for each patient." in text
    assert "Two sites with different patients cannot be compared" in text
    assert "More than expected" in text
    for site in ("alder", "birch"):
        own = [line.split(",") for line in scored[1:] if f",{site},2025-" in line]
        seen, due = sum(row[5] == "yes" for row in own), sum(float(row[6]) for row in own)
        assert f"{due:,.1f}" in text
        assert f"{seen / due:.2f}" in text
    assert not CaseMix.objects.exists()
