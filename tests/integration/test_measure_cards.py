"""A card is written without code, tried on data, checked by a second person, piloted, released, retained, retired."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from allteach.errors import Refused, StateError
from allteach.measures.card import Case, Element, Once
from allteach.measures.files import load
from allteach.web.ledger.models import Entry
from allteach.web.measuring import selectors, services
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure, MeasureVersion, Observation
from allteach.web.measuring.trying import trial
from allteach.web.measuring.writing import CardForm, initial_of
from allteach.web.people.models import Membership
from allteach.web.submissions.services import save_table
from tests.integration.submitting import FALLS, accepted, falls
from tests.integration.test_measuring import CARD

pytestmark = pytest.mark.django_db
Status = MeasureVersion.Status
ANSWERS = {
    "title": "Falls in ward A", "kind": "rate", "type": "outcome", "direction": "lower", "date": "month",
    "grain": "month", "missing": "not_met", "per": "1000", "exposure": "days", "target": "5",
    "numerator_0_column": "falls", "numerator_0_operator": "sum",
    "denominator_0_column": "days", "denominator_0_operator": "sum",
    "where_0_column": "ward", "where_0_operator": "is", "where_0_value": "A",
    "what": "Falls where most patients are frail.", "why": "Falls hurt.",
}  # fmt: skip


@pytest.fixture
def table(ada, network, sites):
    return save_table(by=ada, network=network, dictionary=falls())


@pytest.fixture
def measure(ada, network, table):
    return services.create_measure(by=ada, network=network, card=CARD)


@pytest.fixture
def draft(chi, network, table):
    return services.create_measure(by=chi, network=network, card=CARD, released=False).versions.get()


def test_a_measure_is_written_tried_checked_and_released_without_code(ada, chi, client, network, table):
    accepted(ada, network, FALLS, table=table)
    client.force_login(chi)
    address = reverse("measuring:new", args=[network.slug])
    wrong = client.post(address, ANSWERS | {"where_0_value": "", "action": "store"})
    assert wrong.status_code == 422
    assert "has no value" in wrong.content.decode()
    tried = client.post(address, ANSWERS | {"action": "try"}).content.decode()
    assert "4 points of 2 sites" in tried
    assert "3 / 500" not in tried, "ward B is left out"
    assert "ward = &quot;A&quot;" in tried, "the card stands beside the form"
    assert Measure.objects.count() == 0
    page = client.get(client.post(address, ANSWERS | {"action": "store"})["Location"]).content.decode()
    assert "Version 1 is a draft" in page
    assert "I have checked it" not in page, "an author does not check the own card"
    measure = Measure.objects.get()
    assert measure.target == pytest.approx(0.005)
    release = reverse("measuring:release", args=[network.slug, measure.slug, 1])
    assert client.post(release).status_code == 409
    assert not Observation.objects.exists()
    client.force_login(ada)
    assert (
        "I have checked it"
        in client.get(reverse("measuring:measure", args=[network.slug, measure.slug])).content.decode()
    )
    client.post(
        reverse("measuring:check", args=[network.slug, measure.slug, 1]), {"note": "Read against the protocol."}
    )
    card = card_of(measure.versions.get())
    assert (card.checker, card.reviewed) == (ada.display_name, timezone.localdate())
    assert card.review_by == timezone.localdate() + timedelta(days=365)
    client.post(release)
    assert Observation.objects.filter(stratum="").count() == 4
    assert Entry.objects.filter(action="measure.checked", about=f"measure {measure.slug}").exists()


def test_the_form_says_a_card_and_reads_it_back(network, table, client, chi):
    card = replace(
        CARD, where='ward = "A" and falls < 5', numerator="sum(falls)", strata=("ward",), references=("One", "Two")
    )
    form = CardForm(_flat(initial_of(card, falls())), dictionary=falls(), old=card)
    assert form.is_valid(), form.errors
    assert form.card_made == card
    client.force_login(chi)
    address = reverse("measuring:new", args=[network.slug])
    page = client.post(address, ANSWERS | {"action": "yaml"}).content.decode()
    assert "per: 1000" in page
    text = "id: x\ntitle: X\nkind: count\ntable: falls\nsite: site\ndate: month\nnumerator: falls > 0\n"
    back = client.post(f"{address}?as=yaml", {"card": text, "action": "form"})
    assert back.context["form"]["numerator_0_operator"].value() == "above"
    bad = client.post(f"{address}?as=yaml", {"card": text + "nonsense: 1\n", "action": "store"})
    assert bad.status_code == 422
    more = client.post(address, ANSWERS | {"action": "more", "rows": "2"})
    assert more.context["form"].row_count == 3
    assert more.context["form"]["where_0_value"].value() == "A"


def _flat(initial):
    return {n: v if isinstance(v, list) else str(v) for n, v in initial.items() if v is not None}


def test_an_author_does_not_check_the_own_card(ada, chi, ben, draft):
    for person in (chi, ben):
        with pytest.raises(Refused, match="AT-P-050"):
            services.check(by=person, version=draft)
    with pytest.raises(StateError, match="AT-T-056"):
        services.release(by=chi, version=draft)
    with pytest.raises(IntegrityError), transaction.atomic():
        MeasureVersion.objects.filter(pk=draft.pk).update(checked_by=chi)
    services.check(by=ada, version=draft)
    assert services.release(by=chi, version=draft).status == Status.ACTIVE


def test_where_nobody_else_may_write_measures_a_card_is_released_alone(ada, chi, draft):
    Membership.objects.filter(person=ada).delete()
    assert services.release(by=chi, version=draft).status == Status.ACTIVE
    assert card_of(draft).checker == ""


def test_changing_a_draft_undoes_its_check(ada, chi, draft):
    services.check(by=ada, version=draft)
    again = services.revise(by=chi, measure=draft.measure, card=replace(CARD, where='ward = "A"'))
    assert (again.number, again.checked_at, card_of(again).checker) == (1, None, "")
    with pytest.raises(StateError, match="AT-T-056"):
        services.release(by=ada, version=again)


def test_a_card_whose_case_fails_is_not_checked(ada, chi, network, draft):
    row = {"site": "alder", "month": date(2024, 1, 1), "ward": "A", "falls": 2, "days": 10}
    wrong = Case("two falls", (row,), ({"site": "alder", "period": date(2024, 1, 1), "numerator": 3},))
    version = services.revise(by=chi, measure=draft.measure, card=replace(CARD, tests=(wrong,)))
    with pytest.raises(StateError, match="AT-T-058"):
        services.check(by=ada, version=version)


def test_cases_are_written_and_run_on_the_page(chi, client, network, draft):
    client.force_login(chi)
    address = reverse("measuring:cases", args=[network.slug, "falls"])
    page = client.get(address)
    assert page.context["form"].columns == ("site", "month", "days", "falls")
    said = {"name": "two falls", "row_0_0": "alder", "row_0_1": "2024-01-10", "row_0_2": "10", "row_0_3": "2"}
    said |= {"result_0_site": "alder", "result_0_period": "2024-01-01", "result_0_numerator": "3"}
    assert client.post(address, said | {"row_0_1": "January"}).status_code == 422
    assert client.post(address, said).status_code == 302
    page = client.get(address).content.decode()
    assert "numerator is 2.0, expected 3." in page
    client.post(address, {"remove": "two falls"})
    client.post(address, said | {"result_0_numerator": "2"})
    assert "as expected" in client.get(address).content.decode()


def test_a_pilot_is_worked_out_but_is_on_no_chart(ada, chi, network, table, draft):
    services.pilot(by=chi, version=draft)
    accepted(ada, network, FALLS, table=table)
    assert Observation.objects.filter(version=draft).exists()
    assert list(selectors.measures_of(user=ada, network=network)) == []
    services.check(by=ada, version=draft)
    services.release(by=chi, version=draft)
    assert [m.slug for m in selectors.measures_of(user=ada, network=network)] == ["falls"]


def test_retained_stays_on_charts_and_retired_leaves(ada, network, measure):
    services.retain(by=ada, measure=measure, reason="The gain has held for a year.")
    assert selectors.current_version(measure).status == Status.RETAINED
    with pytest.raises(StateError, match="AT-T-052"):
        services.retain(by=ada, measure=measure, reason="Again.")
    services.retire(by=ada, measure=measure, reason="Nobody looks.")
    assert selectors.current_version(Measure.objects.get()) is None


def test_a_trial_counts_what_is_excluded_and_left_out(ada, network, table):
    accepted(ada, network, FALLS, table=table)
    card = replace(
        CARD, kind="proportion", per=1.0, exposure="", strata=(), numerator="falls > 2", denominator="",
        exclusion='ward = "B"', exception="falls < 2",
    )  # fmt: skip
    found = trial(user=ada, network=network, card=load(_text(card)))
    assert found.labels == ("Jan 2024", "Feb 2024")
    assert (found.excluded, found.excepted) == (1, 0)
    assert {row.name: [cell.counts for cell in row.cells] for row in found.rows}["Alder Hospital"] == ["1 / 1", "0 / 1"]


def _text(card):
    from allteach.measures.files import dump

    return dump(card)


def test_a_card_due_for_review_says_so(ada, chi, client, network, draft):
    yesterday = timezone.localdate() - timedelta(days=1)
    services.check(by=ada, version=draft, review_by=yesterday)
    services.release(by=chi, version=draft)
    client.force_login(chi)
    assert "due for review" in client.get(reverse("measuring:list", args=[network.slug])).content.decode()
    assert (
        "was due for review" in client.get(reverse("measuring:measure", args=[network.slug, "falls"])).content.decode()
    )


def test_elements_of_a_bundle_keep_their_short_names(network, table):
    elements = (Element("low", "falls < 3", "Few falls"), Element("b", 'ward = "B"', "Ward B", "days > 0"))
    card = replace(
        CARD, kind="bundle", per=1.0, exposure="", numerator="", denominator="", elements=elements, unit=None
    )
    form = CardForm(_flat(initial_of(card, falls())), dictionary=falls(), old=card)
    assert form.is_valid(), form.errors
    assert form.card_made.elements == elements


def test_once_per_patient_is_written_without_code(network, table):
    card = replace(
        CARD, kind="count", per=1.0, exposure="", numerator="falls > 0", denominator="", once=Once("ward", "any")
    )
    form = CardForm(_flat(initial_of(card, falls())), dictionary=falls())
    assert form.is_valid(), form.errors
    assert form.card_made.once == Once("ward", "any")


def test_people_are_told_what_waits_for_them(ada, chi, client, network, table, measure):
    from allteach.web.rhythm.models import Notice
    from allteach.web.rhythm.services.notices import tick

    accepted(ada, network, FALLS, table=table)
    draft = services.revise(by=chi, measure=measure, card=replace(CARD, where='ward = "A"'))
    for person, waits in ((ada, True), (chi, False)):
        client.force_login(person)
        page = client.get(f"/n/{network.slug}/").content.decode()
        assert ("measure to be checked by a second person" in page) is waits, person
    yesterday = timezone.localdate() - timedelta(days=1)
    services.check(by=ada, version=draft, review_by=yesterday)
    services.release(by=chi, version=draft, reason="Ward A only.")
    tick(by=None, network=network)
    tick(by=None, network=network)
    told = Notice.objects.filter(text__startswith="Due for review")
    assert sorted(told.values_list("person__username", flat=True)) == ["ada", "chi"]


def test_a_checker_sees_what_a_draft_says_otherwise(ada, chi, client, network, measure):
    services.revise(by=chi, measure=measure, card=replace(CARD, where='ward = "A"'))
    client.force_login(ada)
    page = client.get(reverse("measuring:measure", args=[network.slug, "falls"])).content.decode()
    assert "What it says otherwise" in page
    assert "<code>where</code>" in page
    assert "next version waits" in client.get(reverse("measuring:list", args=[network.slug])).content.decode()
