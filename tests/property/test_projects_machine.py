"""No sequence of acts brings a project or a test of change into an illegal state or loses history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from allteach.errors import StateError
from allteach.web.ledger.models import Entry
from allteach.web.people.models import Person
from allteach.web.projects import gates, services
from allteach.web.projects.models import Project, Review
from allteach.web.projects.policy import GATE_DECISIONS, Decision, Gate, Phase
from allteach.web.sites.models import Network, Site
from allteach.web.trials import services as trials
from allteach.web.trials.models import Cycle

pytestmark = pytest.mark.django_db(transaction=True)

ACTS = ("advance", "open", "vote", "decide", "hold", "resume", "stop", "lesson", "close", "promote")
LINE = [Phase.DRAFT, Phase.DESIGN, Phase.TEST_LEARN, Phase.SHARE_SPREAD, Phase.SUSTAIN, Phase.CLOSED]


def _act(act: str, project: Project, people: list[Person], decision: Decision) -> None:
    review = project.reviews.filter(decision="").first()
    lead = people[0]
    if act == "advance":
        services.project_advance(by=lead, project=project)
    elif act == "open":
        gates.review_open(by=lead, project=project, due=date(2026, 1, 1), packet={})
    elif act == "vote" and review:
        choice = GATE_DECISIONS[Gate(review.gate)][0]
        for person in people:
            gates.vote_cast(by=person, review=review, choice=choice, sentence="Yes.")
    elif act == "decide" and review:
        gates.review_decide(by=lead, review=review, decision=decision, sentence="So it is.", conditions="More data.")
    elif act == "hold":
        services.project_hold(by=lead, project=project, reason="Summer.")
    elif act == "resume":
        services.project_resume(by=lead, project=project)
    elif act == "stop":
        services.project_stop(by=lead, project=project, reason="It did not help.")
    elif act == "lesson":
        services.project_change(by=lead, project=project, lesson="It did not help because nobody had time.")
    elif act == "close":
        services.project_close(by=lead, project=project)
    elif act == "promote":
        services.project_promote(by=lead, project=project, pathway="network_wide", reason="It worked.")


@settings(max_examples=25)
@given(
    pathway=st.sampled_from(["single_site", "incubator", "network_wide"]),
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(list(Decision))), max_size=25),
)
def test_a_project_only_moves_along_its_pathway(pathway: str, acts: list[tuple[str, Decision]]) -> None:
    with transaction.atomic():
        network = Network.objects.create(slug="n", name="Network")
        people = [Person.objects.create(username=f"p{i}", display_name=f"P{i}") for i in range(3)]
        project = services.project_start(by=people[0], network=network, title="Tubes", pathway=pathway)
        phases = services.pathway_of(project).phases
        for act, decision in acts:
            before, entries = Project.objects.get(pk=project.pk), Entry.objects.count()
            try:
                with transaction.atomic():
                    _act(act, before, people, decision)
            except StateError:
                assert Project.objects.get(pk=project.pk).phase == before.phase
                assert Entry.objects.count() == entries
                continue
            after = Project.objects.get(pk=project.pk)
            if after.phase != before.phase:
                _check_move(before, after, phases)
            assert Entry.objects.count() >= entries
            assert Review.objects.filter(project=project, decision="").count() <= 1
        transaction.set_rollback(True)


def _check_move(before: Project, after: Project, phases: tuple[Phase, ...]) -> None:
    assert not before.on_hold or after.phase == Phase.STOPPED
    assert before.phase != Phase.CLOSED
    if after.phase == Phase.STOPPED:
        return
    if after.phase == Phase.CLOSED:
        assert after.lesson
    if before.phase == Phase.STOPPED:
        assert after.phase == Phase.CLOSED
        return
    line = [Phase.DRAFT, *phases, Phase.CLOSED]
    assert line.index(Phase(after.phase)) == line.index(Phase(before.phase)) + 1
    gate = services.pathway_of(after).gate_after(Phase(before.phase))
    if gate is not None:
        assert after.reviews.filter(gate=gate).exclude(decision="").exists()


@given(acts=st.lists(st.sampled_from(["change", "start", "study", "act", "copy"]), max_size=12))
def test_a_prediction_never_changes_once_the_test_has_started(acts: list[str]) -> None:
    with transaction.atomic():
        network = Network.objects.create(slug="n", name="Network")
        site = Site.objects.create(network=network, code="a", name="A", letter="A")
        by = Person.objects.create(username="p", display_name="P")
        cycle = trials.cycle_plan(
            by=by, network=network, site=site, title="Try", question="Does it work?", predicted="Yes", belief=60
        )
        locked = ""
        for number, act in enumerate(acts):
            cycle = Cycle.objects.get(pk=cycle.pk)
            try:
                with transaction.atomic():
                    if act == "change":
                        trials.cycle_change(by=by, cycle=cycle, predicted=f"Guess {number}")
                    elif act == "start":
                        locked = trials.cycle_start(by=by, cycle=cycle, on=date(2026, 1, 1)).predicted
                    elif act == "study":
                        trials.cycle_study(by=by, cycle=cycle, observed="It did.", compared="As predicted.")
                    elif act == "act":
                        trials.cycle_act(by=by, cycle=cycle, decision="adopt")
                    else:
                        assert trials.cycle_copy(by=by, cycle=cycle, site=site).copied_from == cycle
            except StateError:
                pass
            now = Cycle.objects.get(pk=cycle.pk)
            assert now.status == Cycle.Status.PLANNED or now.predicted == locked
            assert now.status != Cycle.Status.CLOSED or (now.compared and now.decision)
        transaction.set_rollback(True)


def test_a_test_of_change_is_not_studied_without_the_comparison() -> None:
    network = Network.objects.create(slug="n", name="Network")
    site = Site.objects.create(network=network, code="a", name="A", letter="A")
    by = Person.objects.create(username="p", display_name="P")
    cycle = trials.cycle_plan(by=by, network=network, site=site, title="T", question="Q", predicted="P", belief=1)
    cycle = trials.cycle_start(by=by, cycle=cycle)
    with pytest.raises(StateError, match="AT-T-132"):
        trials.cycle_study(by=by, cycle=cycle, observed="Something.", compared=" ")
    assert Cycle.objects.get().status == Cycle.Status.RUNNING


def test_a_site_leaves_a_cohort_and_its_time_there_stays_true() -> None:
    network = Network.objects.create(slug="n", name="Network")
    site = Site.objects.create(network=network, code="a", name="A", letter="A")
    by = Person.objects.create(username="p", display_name="P")
    project = services.project_start(by=by, network=network, title="T", pathway="incubator")
    cohort = services.cohort_add(by=by, project=project, name="Pioneer", kind="test", starts=date(2025, 1, 1))
    membership = services.cohort_join(by=by, cohort=cohort, site=site, on=date(2025, 1, 1))
    services.cohort_leave(by=by, membership=membership, on=date(2025, 1, 1) + timedelta(days=90), reason="No staff.")
    again = services.cohort_join(by=by, cohort=cohort, site=site, on=date(2025, 9, 1))
    assert cohort.sites.count() == 2
    assert again.left is None
