"""Permissions, and the roles that are described sets of them. Roles are stored by key."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What may be done, as NOUN_VERB."""

    NETWORK_VIEW = "network.view"
    NETWORK_CHANGE = "network.change"
    PEOPLE_VIEW = "people.view"
    PEOPLE_CHANGE = "people.change"
    SITE_VIEW = "site.view"
    SITE_CHANGE = "site.change"
    RESULT_VIEW = "result.view"
    RESULT_EXPORT = "result.export"
    RESULT_NAMED = "result.named"  # see every site's name even where results are blinded
    RESULT_UNSUPPRESSED = "result.unsuppressed"  # see small counts of any site
    ROW_VIEW = "row.view"  # see submitted rows and findings
    DATA_SUBMIT = "data.submit"
    DATA_ACCEPT = "data.accept"
    DOOR_CHANGE = "door.change"  # make standing connections from which data is fetched
    QUALITY_VIEW = "quality.view"  # see how good a site's data are: counts only, never a value
    QUALITY_WORK = "quality.work"  # take issues, mend them, answer queries
    QUERY_ASK = "query.ask"  # ask a site about its rows
    MEASURE_CHANGE = "measure.change"
    PHASE_PROPOSE = "phase.propose"
    PHASE_DECIDE = "phase.decide"
    CHART_ANNOTATE = "chart.annotate"
    IDEA_SUBMIT = "idea.submit"
    IDEA_TRIAGE = "idea.triage"
    PROJECT_VIEW = "project.view"
    PROJECT_CHANGE = "project.change"
    PATHWAY_CHANGE = "pathway.change"
    GATE_VOTE = "gate.vote"
    GATE_DECIDE = "gate.decide"
    TEST_WRITE = "test.write"
    LEDGER_VIEW = "ledger.view"


P = Permission
_READ = frozenset({P.NETWORK_VIEW, P.SITE_VIEW, P.RESULT_VIEW, P.RESULT_EXPORT, P.PROJECT_VIEW, P.IDEA_SUBMIT})


# What a role at a site holds over the whole network all the same; everything else it holds at its own site only.
NETWORK_WIDE = _READ | {P.PEOPLE_VIEW, P.GATE_VOTE}


@dataclass(frozen=True, slots=True)
class Role:
    """A described set of permissions.

    Args:
        key: What is stored.
        name: What people read.
        description: One sentence in plain words.
        permissions: Held over the whole network, or over the own site where `needs_site`.
        needs_site: The role exists only at a site; permissions other than reading network results apply to that site.
    """

    key: str
    name: str
    description: str
    permissions: frozenset[Permission]
    needs_site: bool = False


_ALL_ROLES = (
    Role(
        "network_lead",
        "Network lead",
        "Leads the network: sees everything, decides, invites people and sites.",
        frozenset(P),
    ),
    Role(
        "data_analyst",
        "Data analyst",
        "Looks after data and measures for every site.",
        frozenset(P) - {P.NETWORK_CHANGE, P.PEOPLE_CHANGE, P.GATE_DECIDE, P.PATHWAY_CHANGE},
    ),
    Role(
        "qi_coach",
        "QI coach",
        "Helps sites improve: reads every site's results, marks tests on charts, proposes new phases.",
        _READ
        | {P.PEOPLE_VIEW, P.RESULT_NAMED, P.RESULT_UNSUPPRESSED, P.PHASE_PROPOSE, P.CHART_ANNOTATE}
        | {P.IDEA_TRIAGE, P.PROJECT_CHANGE, P.GATE_VOTE, P.TEST_WRITE, P.QUALITY_VIEW},
    ),
    Role(
        "site_lead",
        "Site lead",
        "Leads the team at one site: sends its data, reads its results, sees the network's.",
        _READ
        | {P.PEOPLE_VIEW, P.ROW_VIEW, P.DATA_SUBMIT, P.DATA_ACCEPT, P.CHART_ANNOTATE, P.PHASE_PROPOSE, P.TEST_WRITE}
        | {P.QUALITY_VIEW, P.QUALITY_WORK},
        needs_site=True,
    ),
    Role(
        "site_member",
        "Site member",
        "Works in the team at one site: sends data and marks what changed.",
        _READ | {P.ROW_VIEW, P.DATA_SUBMIT, P.CHART_ANNOTATE, P.TEST_WRITE, P.QUALITY_VIEW, P.QUALITY_WORK},
        needs_site=True,
    ),
    Role(
        "family_partner",
        "Family partner",
        "A patient or family member with a voice in the network.",
        _READ | {P.GATE_VOTE, P.QUALITY_VIEW},
        needs_site=True,
    ),
    Role(
        "executive",
        "Executive",
        "Answers for one hospital: reads its results and the network's.",
        _READ | {P.QUALITY_VIEW},
        needs_site=True,
    ),
    Role(
        "reader",
        "Reader",
        "Reads the network's results, without site names where they are blinded.",
        _READ - {P.RESULT_EXPORT, P.IDEA_SUBMIT},
    ),
)
ROLES: dict[str, Role] = {role.key: role for role in _ALL_ROLES}
