"""Pathways as policy, the evaluation rule, and help with triage: all without a database."""

from __future__ import annotations

import pytest
import yaml

from allteach.errors import StateError
from allteach.web.ideas.triage import Readiness, alike, suggest_pathway
from allteach.web.projects.evaluation import Evidence, Verdict, propose
from allteach.web.projects.policy import Decision, Gate, Phase, parse, shipped_text

PATHWAYS = {p.key: p for p in parse(shipped_text())}

GATES = [
    ("network_wide", Phase.DRAFT, Gate.APPROVAL),
    ("network_wide", Phase.DESIGN, Gate.READY),
    ("network_wide", Phase.TEST_LEARN, Gate.EVALUATION),
    ("network_wide", Phase.SHARE_SPREAD, Gate.SUSTAIN),
    ("network_wide", Phase.SUSTAIN, Gate.CLOSE),
    ("incubator", Phase.DRAFT, None),
    ("incubator", Phase.DESIGN, Gate.APPROVAL),
    ("incubator", Phase.TEST_LEARN, Gate.EVALUATION),
    ("incubator", Phase.SHARE_SPREAD, None),
    ("single_site", Phase.DRAFT, None),
    ("single_site", Phase.DESIGN, None),
    ("single_site", Phase.TEST_LEARN, Gate.EVALUATION),
    ("single_site", Phase.SHARE_SPREAD, None),
]


@pytest.mark.parametrize(("pathway", "phase", "gate"), GATES)
def test_the_gate_stands_where_the_framework_puts_it(pathway: str, phase: Phase, gate: Gate | None) -> None:
    assert PATHWAYS[pathway].gate_after(phase) is gate


def test_ranges_warn_in_words_and_never_block() -> None:
    said = PATHWAYS["incubator"].shortfalls(Phase.TEST_LEARN, {"sites": 7, "leaders": 2})
    assert said == ("Incubator projects have 3 to 5 sites in this phase; this one has 7.",)
    assert (
        PATHWAYS["network_wide"].shortfalls(Phase.TEST_LEARN, {"sites": 9, "leaders": 2, "experts": 8, "staff": 1})
        == ()
    )


def _changed(**values: object) -> str:
    policy = yaml.safe_load(shipped_text())
    policy["pathways"][0] |= values
    return yaml.safe_dump(policy)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense: [",
        "other: 1",
        _changed(phases=["test_learn", "design"]),
        _changed(approval="sometimes"),
        _changed(surprise=1),
        _changed(participants={"design": {"sites": [5, 1]}}),
    ],
)
def test_an_unusable_policy_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(StateError, match="AT-T-110"):
        parse(text)


GOOD, BAD = [[0.95, 0.96, 0.97]] * 6, [[0.5, 0.6, 0.7]] * 6


@pytest.mark.parametrize(
    ("outcome", "sites", "balancing", "decision"),
    [
        ("improving", GOOD, "common", Decision.SPREAD),
        ("improving", BAD, "common", Decision.EXTEND),
        ("common", GOOD, "common", Decision.REVISE),
        ("common", BAD, "common", Decision.EXTEND),
        ("improving", GOOD, "concerning", Decision.REVISE),
        ("too_few", GOOD, "common", Decision.EXTEND),
        ("concerning", GOOD, "common", Decision.REVISE),
    ],
)
def test_the_rule_proposes_as_the_matrix_says(
    outcome: str, sites: list[list[float]], balancing: str, decision: Decision
) -> None:
    evidence = Evidence(outcome=[outcome], aim_reached=[None], reliability=sites, balancing=[balancing])
    assert propose(evidence, reliability=0.9, reliable_periods=3, reliable_share=2 / 3).decision is decision


def test_too_few_sites_with_enough_periods_do_not_count_as_reliable() -> None:
    evidence = Evidence(["improving"], [None], [[0.99, 0.99, 0.99], [0.99], [0.99]], ["common"])
    proposal = propose(evidence, reliability=0.9, reliable_periods=3, reliable_share=2 / 3)
    assert (proposal.process, proposal.reliable_sites, proposal.sites) == (Verdict.NO, 1, 3)


def test_an_outcome_that_improves_while_another_worsens_is_no_improvement() -> None:
    evidence = Evidence(["improving", "concerning"], [True, None], GOOD, ["common"])
    assert propose(evidence, reliability=0.9, reliable_periods=3, reliable_share=0.6).outcome is Verdict.NO


@pytest.mark.parametrize(
    ("ready", "pathway"),
    [
        (Readiness("incubator", True, 6, 17, True), "network_wide"),
        (Readiness("incubator", True, 6, 17, False), "incubator"),
        (Readiness("single_site", False, 4, 17, True), "incubator"),
        (Readiness("front_line", False, 4, 17, True), "single_site"),
        (Readiness("family", True, 1, 17, True), "single_site"),
    ],
)
def test_triage_suggests_a_pathway_with_reasons(ready: Readiness, pathway: str) -> None:
    key, reasons = suggest_pathway(ready)
    assert key == pathway
    assert reasons
    assert all(reason.endswith(".") for reason in reasons)


def test_ideas_that_say_the_same_are_found_best_first() -> None:
    others = [(1, "Earlier chest tube removal on day one"), (2, "Hand hygiene posters"), (3, "Chest tube removal")]
    assert [key for key, _ in alike("Remove the chest tube on day one", others)] == [1, 3]


def test_six_of_nine_sites_are_two_thirds_however_it_is_rounded() -> None:
    reliable, not_yet = (0.9, 0.9, 0.9), (0.9, 0.9, 0.5)
    for count, verdict in ((6, Verdict.YES), (5, Verdict.NO)):
        evidence = Evidence(["improving"], [None], [reliable] * count + [not_yet] * (9 - count), ["common"])
        found = propose(evidence, reliability=0.8, reliable_periods=3, reliable_share=0.6667)
        assert (found.process, found.reliable_sites) == (verdict, count)
