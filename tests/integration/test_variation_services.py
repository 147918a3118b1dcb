"""What people decide about charts: one ledger entry each, refused to those without the right, kept for good."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from allteach.errors import Refused, StateError
from allteach.web.ledger.models import Entry
from allteach.web.variation import services
from allteach.web.variation.models import Annotation, Phase, PointExclusion, Standing
from tests.results import PLAINS, fill, month

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(network: Any, sites: list[Any], people: SimpleNamespace) -> SimpleNamespace:
    measures = fill(network, sites, by=people.ada, plains=PLAINS[:2])
    return SimpleNamespace(network=network, sites=sites, people=people, tubes=measures[0], criteria=measures[1])


def entries() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("action", flat=True))


def note(filled: SimpleNamespace, by: Any, site: Any = None, **more: Any) -> Annotation:
    given = {"on": month(20), "kind": "test", "text": "Removal on day 1"} | more
    return services.annotation_add(by=by, network=filled.network, measure=filled.tubes, site=site, **given)


def test_standings_say_what_the_data_were_made_to_say(filled: SimpleNamespace) -> None:
    rows = {(s.measure_id, s.site_id): s for s in Standing.objects.all()}
    assert len(rows) == 2 * (3 + 1)
    for site in (None, *filled.sites):
        key = site.pk if site else None
        tubes, criteria = rows[filled.tubes.pk, key], rows[filled.criteria.pk, key]
        assert (tubes.variation, tubes.side) == ("improving", -1)
        assert (criteria.variation, criteria.side) == ("improving", 1)
        assert tubes.points == 36
        assert abs((month(18).year - tubes.since.year) * 12 + month(18).month - tubes.since.month) <= 4
    whole = rows[filled.tubes.pk, None]
    assert whole.before == pytest.approx(72, rel=0.08)
    assert whole.after == pytest.approx(58, rel=0.08)
    assert whole.denominator == sum(rows[filled.tubes.pk, s.pk].denominator for s in filled.sites)


def test_refreshing_writes_one_entry_and_finds_nothing_new_twice(filled: SimpleNamespace) -> None:
    before = len(entries())
    facts = services.refresh_standings(network=filled.network, by=filled.people.chi)
    assert entries()[before:] == ["standings.refreshed"]
    assert facts == {"new_signals": 0, "new_proposals": 0}


def test_refreshing_one_measure_leaves_the_others(filled: SimpleNamespace) -> None:
    kept = set(Standing.objects.filter(measure=filled.criteria).values_list("pk", flat=True))
    services.refresh_standings(network=filled.network, by=filled.people.ada, measures=[filled.tubes])
    assert set(Standing.objects.filter(measure=filled.criteria).values_list("pk", flat=True)) == kept


def test_acceptance_of_a_file_refreshes_standings() -> None:
    from allteach.web.measuring.signals import results_changed
    from allteach.web.variation.hooks import standings_afresh

    assert results_changed.count(standings_afresh) == 1


def test_a_note_is_added_and_withdrawn_with_one_entry_each(filled: SimpleNamespace) -> None:
    before = len(entries())
    made = note(filled, filled.people.ben, filled.sites[0])
    services.annotation_withdraw(by=filled.people.ben, annotation=made)
    assert entries()[before:] == ["chart.annotated", "annotation.withdrawn"]
    made.refresh_from_db()
    assert made.withdrawn_at is not None
    with pytest.raises(StateError, match="AT-T-302"):
        services.annotation_withdraw(by=filled.people.ben, annotation=made)


def test_notes_stay_at_the_own_site(filled: SimpleNamespace) -> None:
    people = filled.people
    for person, site in (
        (people.ben, filled.sites[1]),
        (people.ben, None),
        (people.eve, filled.sites[0]),
        (people.zed, None),
    ):
        with pytest.raises(Refused):
            note(filled, person, site)
    made = note(filled, people.hal, filled.sites[1])
    with pytest.raises(Refused):
        services.annotation_withdraw(by=people.ben, annotation=made)
    services.annotation_withdraw(by=people.ada, annotation=made)


@pytest.mark.parametrize("more", [{"text": "   "}, {"text": "x" * 301}, {"kind": "party"}])
def test_a_note_without_text_or_kind_is_not_kept(filled: SimpleNamespace, more: dict[str, str]) -> None:
    with pytest.raises(StateError, match="AT-T-301"):
        note(filled, filled.people.ada, **more)
    assert not Annotation.objects.exists()


def proposal(filled: SimpleNamespace, site: Any) -> Phase:
    found = Phase.objects.filter(measure=filled.tubes, site=site, status="proposed").first()
    assert found is not None
    return found


def test_the_software_proposes_the_true_change_and_changes_no_chart(filled: SimpleNamespace) -> None:
    for site in (None, *filled.sites):
        found = proposal(filled, site)
        assert found.proposed_by is None
        assert abs((found.start - month(18)).days) <= 130
        assert found.proposal["side"] == -1
    assert Standing.objects.filter(measure=filled.tubes, variation="improving").count() == 4


def test_an_accepted_phase_moves_the_limits_and_says_why(filled: SimpleNamespace) -> None:
    site = filled.sites[0]
    found = proposal(filled, site)
    reason = services.Decision(True, "test", "Removal on day 1 became the rule", note(filled, filled.people.ada, site))
    before = len(entries())
    services.phase_decide(by=filled.people.chi, phase=found, decision=reason)
    assert entries()[before:] == ["phase.accepted"]
    row = Standing.objects.get(measure=filled.tubes, site=site)
    assert row.variation == "common"
    assert row.before == pytest.approx(72 * 0.88, rel=0.12)
    assert row.after == pytest.approx(58 * 0.88, rel=0.12)
    assert Standing.objects.get(measure=filled.tubes, site=filled.sites[1]).variation == "improving"


def test_a_rejected_phase_is_not_proposed_again_and_can_be_decided_anew(filled: SimpleNamespace) -> None:
    found = proposal(filled, None)
    services.phase_decide(by=filled.people.ada, phase=found, decision=services.Decision(False, "unknown", "Too early"))
    services.refresh_standings(network=filled.network, by=filled.people.ada)
    assert not Phase.objects.filter(measure=filled.tubes, site=None, status="proposed", start=found.start).exists()
    services.phase_decide(by=filled.people.ada, phase=found, decision=services.Decision(True, "test", "It held"))
    found.refresh_from_db()
    assert found.status == "accepted"
    assert [(item["status"], item["reason"]) for item in found.history] == [("rejected", "Too early")]
    with pytest.raises(StateError, match="AT-T-308"):
        services.phase_decide(by=filled.people.ada, phase=found, decision=services.Decision(True, "test", "Again"))


@pytest.mark.parametrize(("cause", "reason"), [("test", " "), ("", "Because"), ("weather", "Because")])
def test_a_decision_needs_cause_and_reason(filled: SimpleNamespace, cause: str, reason: str) -> None:
    found = proposal(filled, None)
    with pytest.raises(StateError, match="AT-T-307"):
        services.phase_decide(by=filled.people.ada, phase=found, decision=services.Decision(True, cause, reason))
    with pytest.raises(IntegrityError), transaction.atomic():
        Phase.objects.filter(pk=found.pk).update(status="accepted")


def test_the_cause_must_be_a_note_of_the_same_chart(filled: SimpleNamespace) -> None:
    other = note(filled, filled.people.ada, filled.sites[1])
    with pytest.raises(StateError, match="AT-T-309"):
        services.phase_decide(
            by=filled.people.ada,
            phase=proposal(filled, filled.sites[0]),
            decision=services.Decision(True, "test", "It held", other),
        )


def test_proposing_and_deciding_are_different_rights(filled: SimpleNamespace) -> None:
    people, site = filled.people, filled.sites[0]
    made = services.phase_propose(by=people.ben, measure=filled.criteria, start=month(5), site=site, note="New form")
    assert (made.proposed_by, made.status) == (people.ben, "proposed")
    with pytest.raises(StateError, match="AT-T-306"):
        services.phase_propose(by=people.ada, measure=filled.criteria, start=month(5), site=site)
    for person in (people.ben, people.dee, people.eve, people.zed):
        with pytest.raises(Refused):
            services.phase_decide(by=person, phase=made, decision=services.Decision(True, "test", "Because"))
    with pytest.raises(Refused):
        services.phase_propose(by=people.ben, measure=filled.criteria, start=month(6), site=filled.sites[1])
    services.refresh_standings(network=filled.network, by=people.ada)
    made.refresh_from_db()  # a person's proposal stays although the software does not see it


def test_an_excluded_point_leaves_the_limits_and_comes_back(filled: SimpleNamespace) -> None:
    site = filled.sites[2]
    level = Standing.objects.get(measure=filled.tubes, site=site).before
    before = len(entries())
    made = services.point_exclude(
        by=filled.people.chi, measure=filled.tubes, site=site, period=month(3), reason="Flood: patients moved away"
    )
    assert Standing.objects.get(measure=filled.tubes, site=site).before != level
    with pytest.raises(StateError, match="AT-T-304"):
        services.point_exclude(by=filled.people.chi, measure=filled.tubes, site=site, period=month(3), reason="Twice")
    services.point_include(by=filled.people.ada, exclusion=made)
    assert entries()[before:] == ["point.excluded", "point.included"]
    assert Standing.objects.get(measure=filled.tubes, site=site).before == pytest.approx(level)
    with pytest.raises(StateError, match="AT-T-305"):
        services.point_include(by=filled.people.ada, exclusion=made)
    assert PointExclusion.objects.get().included_by == filled.people.ada


def test_no_point_is_excluded_without_reason_or_right(filled: SimpleNamespace) -> None:
    with pytest.raises(StateError, match="AT-T-303"):
        services.point_exclude(by=filled.people.ada, measure=filled.tubes, period=month(3), reason=" ")
    with pytest.raises(Refused):
        services.point_exclude(
            by=filled.people.ben, measure=filled.tubes, site=filled.sites[0], period=month(3), reason="No"
        )
