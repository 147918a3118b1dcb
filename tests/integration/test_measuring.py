"""Measures: results follow files, versions stay, pages and permissions, arrays for charts, what was known when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from allteach.errors import MeasureError, Refused, StateError
from allteach.measures.card import Card, MeasureKind
from allteach.units import Direction
from allteach.web.ledger.models import Entry
from allteach.web.measuring import selectors
from allteach.web.measuring import services as measuring
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure, Observation
from allteach.web.measuring.signals import results_changed
from allteach.web.submissions import previewing, services
from allteach.web.submissions.models import Submission
from tests.integration.submitting import FALLS, accepted, checked, falls

pytestmark = pytest.mark.django_db

CARD = Card(
    id="falls", title="Falls per 1,000 days", kind=MeasureKind.RATE, table="falls", site="site", date="month",
    numerator="sum(falls)", denominator="sum(days)", per=1000, exposure="days", direction=Direction.LOWER,
    strata=("ward",),
)  # fmt: skip


@pytest.fixture
def table(ada, network):
    return services.save_table(by=ada, network=network, dictionary=falls())


@pytest.fixture
def measure(ada, network, table, sites):
    return measuring.create_measure(by=ada, network=network, card=CARD)


def test_results_follow_an_accepted_file(ada, network, table, measure, sites):
    accepted(ada, network, FALLS, table=table)
    found = selectors.panel(user=ada, measure=measure)
    assert [site.code for site in found.sites] == ["alder", "birch", "cedar"]
    assert [period.label for period in found.periods] == ["Jan 2024", "Feb 2024"]
    np.testing.assert_array_equal(found.panel.numerator, [[4, 2], [4, 5], [np.nan, np.nan]])
    np.testing.assert_array_equal(found.panel.denominator, [[500, 310], [410, 400], [np.nan, np.nan]])
    assert found.reporting.tolist() == [2, 2]
    line = selectors.network_panel(user=ada, measure=measure)
    np.testing.assert_allclose(line.panel.value, [8 / 910, 7 / 710])


def test_a_part_of_the_patients_can_be_asked_for(ada, network, table, measure):
    accepted(ada, network, FALLS, table=table)
    assert selectors.strata_of(user=ada, measure=measure) == ["ward=A", "ward=B"]
    found = selectors.panel(user=ada, measure=measure, stratum="ward=B")
    assert found.panel.numerator[0].tolist() == [1]


def test_reading_a_panel_costs_few_queries(ada, network, table, measure, django_assert_max_num_queries):
    accepted(ada, network, FALLS, table=table)
    with django_assert_max_num_queries(5):
        selectors.panel(user=ada, measure=measure)


def test_held_rows_are_counted_beside_the_point(ada, network, table, measure):
    accepted(ada, network, FALLS + "alder,2024-02-01,A,-1,300\n", table=table)
    found = selectors.panel(user=ada, measure=measure)
    assert found.held.tolist() == [[0, 1], [0, 0], [0, 0]]


def test_a_period_that_is_not_over_is_marked(ada, network, table, measure):
    today = timezone.localdate()
    text = f"site,month,ward,falls,days\nalder,{today:%Y-%m}-01,A,1,100\n"
    accepted(ada, network, text, table=table)
    found = selectors.panel(user=ada, measure=measure)
    assert found.incomplete[0].tolist() == [True]
    assert np.isnan(found.without_incomplete().panel.numerator[0]).all()


def test_a_correction_is_shown_before_it_is_accepted_and_changes_only_what_it_says(ada, network, table, measure):
    accepted(ada, network, FALLS, table=table)
    kept = {row["id"] for row in Observation.objects.filter(site__code="birch").values("id")}
    second = checked(ada, network, FALLS.replace("alder,2024-02-01,A,2", "alder,2024-02-01,A,6"), table=table)
    change = previewing.preview(user=ada, submission=second).changes[0]
    assert (change.new_points, change.changed_points, change.lost_points) == (0, 1, 0)
    assert change.before == "9.86 (7 / 710), Feb 2024"
    assert change.after == "15.5 (11 / 710), Feb 2024"
    assert selectors.panel(user=ada, measure=measure).panel.numerator[0].tolist() == [4, 2], "nothing yet"
    services.accept(by=ada, submission=second)
    assert selectors.panel(user=ada, measure=measure).panel.numerator[0].tolist() == [4, 6]
    assert kept == {row["id"] for row in Observation.objects.filter(site__code="birch").values("id")}, "not rewritten"
    assert second.facts["headline"] == "5 rows are in; Falls per 1,000 days 9.86 → 15.5"


def test_what_was_known_on_an_earlier_day_can_be_asked(ada, network, table, measure):
    first = accepted(ada, network, FALLS, table=table)
    Submission.objects.filter(pk=first.pk).update(decided_at=timezone.now())
    then = timezone.now()
    accepted(ada, network, FALLS.replace("alder,2024-02-01,A,2", "alder,2024-02-01,A,6"), table=table)
    assert selectors.panel(user=ada, measure=measure).panel.numerator[0].tolist() == [4, 6]
    assert selectors.panel(user=ada, measure=measure, as_of=then).panel.numerator[0].tolist() == [4, 2]
    before = selectors.panel(user=ada, measure=measure, as_of=then - timedelta(days=1))
    assert before.periods == ()


def test_a_site_lead_is_shown_what_changes_at_the_own_site(ada, ben, network, table, measure, sites):
    accepted(ada, network, FALLS, table=table)
    own = checked(ben, network, "site,month,ward,falls,days\nalder,2024-03-01,A,9,300\n", table=table, site=sites[0])
    change = previewing.preview(user=ben, submission=own).changes[0]
    assert change.before == "6.45 (2 / 310), Feb 2024"
    assert change.after == "30.0 (9 / 300), Mar 2024"


def test_others_are_told_once_inside_the_acceptance(ada, network, table, measure, monkeypatch):
    told = []

    def hook(*, network, measures, by):
        told.append([m.slug for m in measures])
        return {"new_signals": 2}

    results_changed.append(hook)
    try:
        submission = accepted(ada, network, FALLS, table=table)
    finally:
        results_changed.remove(hook)
    assert told == [["falls"]]
    assert submission.facts["headline"].endswith("2 new signals")


def test_a_new_version_keeps_the_old_with_its_results(ada, chi, network, table, measure):
    accepted(ada, network, FALLS, table=table)
    old = Observation.objects.filter(version__number=1).count()
    draft = measuring.revise(by=ada, measure=measure, card=replace(CARD, where="ward = 'A'"))
    assert draft.status == "draft"
    assert selectors.panel(user=ada, measure=measure).version.number == 1, "charts stay with the released one"
    measuring.check(by=chi, version=draft)
    measuring.release(by=ada, version=draft, reason="Ward B closed.")
    found = selectors.panel(user=ada, measure=measure)
    assert found.version.number == 2
    assert found.panel.numerator[0].tolist() == [3, 2]
    assert Observation.objects.filter(version__number=1).count() == old
    with pytest.raises(StateError, match="AT-T-051"):
        measuring.revise(by=ada, measure=measure, card=card_of(found.version))
    with pytest.raises(StateError, match="AT-T-052"):
        measuring.release(by=ada, version=draft, reason="Again.")


def test_a_card_that_does_not_fit_its_table_is_refused(ada, network, table, sites):
    with pytest.raises(MeasureError, match="AT-M-005"):
        measuring.create_measure(by=ada, network=network, card=replace(CARD, numerator="sum(slips)"))
    with pytest.raises(MeasureError, match="AT-M-005"):
        measuring.create_measure(by=ada, network=network, card=replace(CARD, table="elsewhere"))
    assert Measure.objects.count() == 0


def test_settings_change_with_a_ledger_entry_and_retiring_takes_it_off(ada, network, measure):
    measuring.change_settings(by=ada, measure=measure, target=0.005, baseline=6, reason="Agreed in May.")
    entry = Entry.objects.filter(action="measure.changed").get()
    assert entry.detail["changed"] == {"target": [None, 0.005], "baseline": [None, 6]}
    with pytest.raises(StateError, match="AT-T-053"):
        measuring.retire(by=ada, measure=measure, reason="")
    measuring.retire(by=ada, measure=measure, reason="Nobody used it.")
    assert list(selectors.measures_of(user=ada, network=network)) == []
    assert selectors.panel(user=ada, measure=measure) is None


@pytest.mark.parametrize("who", ["ben", "hal", "dee", "eve", "fay", "gus", "zed"])
def test_only_lead_and_analyst_change_measures(people, network, measure, who):
    person = getattr(people, who)
    for act in (
        lambda: measuring.create_measure(by=person, network=network, card=replace(CARD, id="x")),
        lambda: measuring.revise(by=person, measure=measure, card=replace(CARD, where="ward = 'A'")),
        lambda: measuring.change_settings(by=person, measure=measure, target=1.0),
        lambda: measuring.retire(by=person, measure=measure, reason="No."),
        lambda: measuring.recompute(by=person, network=network),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [("ada", 200, 200), ("chi", 200, 200), ("ben", 200, 403), ("eve", 200, 403), ("zed", 403, 403)],
)
def test_pages_by_person(people, client, network, measure, who, reads, writes):
    client.force_login(getattr(people, who))
    slug = [network.slug]
    own = [network.slug, measure.slug]
    for name, args in (("list", slug), ("measure", own), ("card", [*own, 1])):
        assert client.get(reverse(f"measuring:{name}", args=args)).status_code == reads, name
    for name, args in (("new", slug), ("settings", own), ("revise", own)):
        assert client.get(reverse(f"measuring:{name}", args=args)).status_code == writes, name


def test_settings_page_takes_targets_as_they_are_shown(ada, client, network, measure):
    client.force_login(ada)
    address = reverse("measuring:settings", args=[network.slug, measure.slug])
    answers = {"title": "Falls", "kind": "outcome", "target": "4.5", "order": "1", "reason": "Agreed."}
    assert client.post(address, answers).status_code == 302
    measure.refresh_from_db()
    assert measure.target == pytest.approx(0.0045)
    assert client.get(address).context["form"]["target"].value() == 4.5


def test_the_api_shows_measures_and_withholds_small_counts(ada, eve, client, network, table, measure):
    accepted(ada, network, FALLS, table=table)
    address = f"/api/n/{network.slug}/measures/{measure.slug}/observations"
    client.force_login(ada)
    points = client.get(address).json()
    assert len(points) == 4
    assert points[0]["numerator"] == 4
    client.force_login(eve)
    points = client.get(address).json()
    assert all(point["withheld"] and point["value"] is None for point in points)
    assert "alder" not in client.get(address).content.decode().lower(), "sites are blinded here"
    assert client.get(f"/api/n/{network.slug}/measures").json()[0]["slug"] == "falls"


def test_files_go_in_by_the_api(ada, hal, client, network, table, measure, sites):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(ada)
    address = f"/api/n/{network.slug}/submissions"
    bad = SimpleUploadedFile("falls.csv", (FALLS + "alder,2024-03-01,A,-1,300\n").encode())
    sent = client.post(address, {"file": bad, "table": "falls"})
    assert sent.status_code == 201
    assert [finding["rows"] for finding in sent.json()["findings"]] == [[7]]
    done = client.post(f"{address}/1/accept", {"note": "ok"}, content_type="application/json")
    assert done.json()["status"] == "accepted"
    assert client.post(f"{address}/1/sing", {}, content_type="application/json").status_code == 409
    again = SimpleUploadedFile("falls.csv", (FALLS + "alder,2024-03-01,A,-1,300\n").encode())
    assert client.post(address, {"file": again, "table": "falls"}).status_code == 200
    client.force_login(hal)
    assert client.get(address).json() == []
    assert client.get(f"{address}/1").status_code == 403


def test_two_tables_may_bring_measures_of_the_same_name(ada, network, table, sites):
    from allteach.measures.files import dump

    other = services.save_table(by=ada, network=network, dictionary=replace(falls(), name="night", title="Night"))
    for where, text in ((table, FALLS), (other, FALLS.replace("3,300", "1,300"))):
        submission = checked(ada, network, text, table=where)
        card = replace(CARD, table=where.slug)
        submission.plan = {"cards": [dump(card)]}
        submission.save(update_fields=["plan"])
        assert [change.is_new for change in previewing.preview(user=ada, submission=submission).changes] == [True]
        services.accept(by=ada, submission=submission)
    assert sorted(Measure.objects.values_list("slug", flat=True)) == ["falls", "falls-night"]
