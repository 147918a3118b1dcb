"""A small network with one of everything, so that every address has something behind it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import get_resolver

from allteach.web.people.models import Membership
from allteach.web.people.services import create_token
from allteach.web.sites.models import Network, Site
from tests.integration.submitting import FALLS, FALLS_DICTIONARY, accepted, checked
from tests.results import GROUPED, PLAINS, RISK, fill, split

Examples = dict[str, list[dict[str, Any]]]


def steps(name: str, part: str) -> list[str]:
    """Return every value that an address allows for one of its changing parts."""
    room, last = name.split(":")
    resolver = get_resolver().namespace_dict[room][1]
    entry = resolver.reverse_dict.getlist(last)[0]
    return sorted(re.sub(r"[^a-z|-]", "", entry[3][part].regex).split("|"))


def _files(people: Any, network: Network, sites: list[Site]) -> Examples:
    from allteach.intake.contract import load
    from allteach.web.submissions.services import save_table

    table = save_table(by=people.ada, network=network, dictionary=load(FALLS_DICTIONARY))
    whole = accepted(by=people.ada, network=network, text=FALLS, table=table)
    rows = [line for line in FALLS.splitlines() if not line.startswith("birch")]
    own = checked(by=people.ben, network=network, text="\n".join(rows) + "\n", table=table, site=sites[0])
    examples = [
        {"number": own.number, "slug": "falls", "kind": "csv"},
        {"number": whole.number, "slug": "falls", "kind": "csv"},
    ]
    once = examples[:1]
    over_api = [one | {"step": step, "slug": "hearts"} for one in examples for step in ("accept", "reject")]
    return {
        "submissions": examples,
        "submissions:table": once,
        "submissions:made": [{"slug": "falls", "kind": kind} for kind in ("template.csv", "schema.json")],
        "submissions:made_from_version": [{"slug": "falls", "number": 1, "kind": "dictionary.yaml"}],
        "submissions:version": [{"slug": "falls", "number": 1}],
        **_written(people, network),
        "submissions:table_view": once,
        "api:views": [{"slug": "hearts", "table": "falls"}],
        "api:give_view": [{"slug": "hearts", "table": "falls"}],
        "api:submission": [one | {"slug": "hearts"} for one in examples],
        "api:decide": over_api,
    }


def _written(people: Any, network: Network) -> Examples:
    """A draft of a table, and a table whose cases are typed in one by one."""
    from allteach.intake.contract import load
    from allteach.web.submissions.services import draft_begin, save_table

    cases = load(
        "{name: visits, title: Visits, key: [visit], fields: [{name: site, role: site, required: true}, "
        "{name: visit, role: record, required: true}, {name: day, type: date, role: date, required: true}]}"
    )
    table = save_table(by=people.ada, network=network, dictionary=cases)
    draft = draft_begin(by=people.ada, network=network, dictionary=cases, based_on=table)
    writing = {"pk": draft.pk, "at": 0, "kind": "columns.md"}
    names = ("draft", "draft_about", "draft_column", "draft_rule", "draft_act", "draft_preview", "draft_release",
             "draft_discard", "made_from_draft")  # fmt: skip
    shipped = [{"shelf": "ibd", "name": "ibd-visits", "kind": "template.csv"}]
    places = [{"slug": "visits", "code": "alder"}, {"slug": "visits", "code": "birch"}]
    return {
        **{f"submissions:{name}": [writing] for name in names},
        **{f"submissions:{name}": places for name in ("cases", "case", "case_keep", "case_discard")},
        "submissions:shipped": shipped,
        "submissions:made_from_shipped": shipped,
        "submissions:change": [{"slug": "falls"}],
    }


def _results(people: Any, network: Network, sites: list[Site]) -> Examples:
    from allteach.web.variation.services import phase_propose

    measure, *_others, grouped, risk = fill(network, sites, by=people.ada, plains=(*PLAINS, GROUPED, RISK))
    phase = phase_propose(by=people.dee, measure=measure, start=date(2023, 1, 1), site=sites[0], note="New criteria")
    page = {"measure": measure.slug, "form": "csv", "number": phase.pk}
    whose = [page | {"site": key} for key in ("alder", "letter-c", "birch")]
    acts = ("note", "withdraw", "exclude", "include", "propose")
    found: Examples = {"variation": [page], "measuring": [{"slug": measure.slug, "number": 1}]}
    split(grouped, GROUPED)
    found["variation:groups"] = [page | {"measure": grouped.slug}]
    found["variation:monitor"] = [page | {"measure": risk.slug}]
    found |= {f"variation:{name}": whose for name in ("chart", "table", "method", "file")}
    found["variation:act"] = [w | {"act": act} for w in whose[:2] for act in acts]
    found["variation:network_act"] = [page | {"act": act} for act in acts]
    for name in ("network_series", "funnel", "measure", "observations", "sources", "measure_as_fhir", "reports"):
        found[f"api:{name}"] = [page]
    found["api:site_series"] = whose
    found["variation:reports"] = [page | {"form": "ndjson"}]
    return found


def _work(people: Any, network: Network, sites: list[Site]) -> Examples:
    from allteach.web.ideas.services import idea_submit
    from allteach.web.projects.models import CohortSite
    from allteach.web.projects.services import cohort_add, cohort_join, project_advance, project_start
    from allteach.web.trials.services import cycle_plan

    idea = idea_submit(by=people.fay, network=network, title="Tell parents", problem="We wait.", source="family")
    project = project_start(by=people.dee, network=network, title="Criteria", pathway="incubator", problem="We wait.")
    project_advance(by=people.dee, project=project)
    cohort = cohort_add(by=people.dee, project=project, name="First", kind="test", starts=date(2026, 1, 1))
    for site in sites:
        cohort_join(by=people.dee, cohort=cohort, site=site, on=date(2026, 1, 1))
    gate = _gate(people, project)
    tests = [
        cycle_plan(
            by=people.ada,
            network=network,
            site=site,
            title="Card",
            question="Will it help?",
            predicted="Yes",
            belief=60,
        )
        for site in sites[:2]
    ]
    member = CohortSite.objects.order_by("pk").first()
    at = {"number": project.number}
    found: Examples = {
        "ideas": [{"number": idea.number}],
        "ideas:act": [{"number": idea.number, "step": step} for step in steps("ideas:act", "step")],
        "projects": [at | {"pk": gate.pk}],
        "projects:member": [at | {"pk": member.pk if member else 0}],
        "projects:add": [at | {"what": what} for what in steps("projects:add", "what")],
        "projects:act": [at | {"step": step} for step in steps("projects:act", "step")],
        "trials": [{"number": test.number} for test in tests],
    }
    found["trials:act"] = [{"number": t.number, "step": step} for t in tests for step in steps("trials:act", "step")]
    return found


def _rhythm(people: Any, network: Network, sites: list[Site]) -> Examples:
    from allteach.web.projects.models import Project
    from allteach.web.rhythm.models import Action, Expectation, Meeting, Report, Task

    project = Project.objects.get(network=network)
    begins = datetime(2026, 5, 4, 9, tzinfo=UTC)
    meeting = Meeting.objects.create(
        network=network, kind=Meeting.Kind.values[0], title="Call", starts=begins, ends=begins, called_by=people.dee
    )
    action = Action.objects.create(meeting=meeting, text="Send the card", owner=people.ben, due=date(2026, 6, 1))
    reports = [
        {"pk": Report.objects.create(project=project, site=site, month=date(2026, 4, 1), due=date(2026, 5, 5)).pk}
        for site in sites[:2]
    ]
    expectation = Expectation.objects.create(project=project, phase=project.phase, text="Two tests a month")
    tasks = [{"pk": Task.objects.create(site=site, list="joining", order=1, text="Sign").pk} for site in sites[:2]]
    both = [{"code": "alder"}, {"code": "birch"}]
    judged = [report | {"step": step} for report in reports for step in steps("rhythm:judge", "step")]
    return {
        "rhythm_outside:feed": [{"key": "wrong"}],
        "rhythm:report": reports,
        "rhythm:judge": judged,
        "rhythm:meeting": [{"pk": meeting.pk}],
        "rhythm:edit_meeting": [{"pk": meeting.pk}],
        "rhythm:meeting_act": [{"pk": meeting.pk, "step": step} for step in steps("rhythm:meeting_act", "step")],
        "rhythm:finish": [{"pk": action.pk}],
        "rhythm:checklist": both,
        "rhythm:task": tasks,
        "rhythm:expectations": [{"number": project.number}],
        "rhythm:meet": [{"pk": expectation.pk}],
    }


def _quality(people: Any, network: Network, sites: list[Site]) -> Examples:
    from allteach.web.quality.models import Issue, Run
    from allteach.web.quality.services import quality_check, query_ask
    from allteach.web.quality.services.queries import About

    run = quality_check(by=people.chi, network=network, table_slug="falls") or Run(pk=0)
    moment = datetime(2026, 5, 4, 9, tzinfo=UTC)
    issues = [
        Issue.objects.create(
            network=network, number=900 + at, site=site, table_slug="falls", table_name="Falls", check_name="rounded",
            level="warn", applicable=9, failed=3, opened_at=moment, seen_at=moment,
        )
        for at, site in enumerate(sites[:2])
    ]  # fmt: skip
    queries = [
        query_ask(by=people.chi, network=network, site=site, about=About("falls"), text="Why?", due=date(2026, 6, 1))
        for site in sites[:2]
    ]
    both, asked = [{"number": i.number} for i in issues], [{"number": q.number} for q in queries]
    check = [{"slug": "rounded"}]
    return {
        "quality": both,
        "quality:run": [{"pk": run.pk}],
        "quality:check": check,
        "quality:limits": check,
        "quality:site": [{"code": "alder"}, {"code": "birch"}],
        "quality:act": [one | {"step": step} for one in both for step in steps("quality:act", "step")],
        "quality:query": asked,
        "quality:query_act": [one | {"step": step} for one in asked for step in steps("quality:query_act", "step")],
    }


def _doors(people: Any, network: Network, sites: list[Site]) -> Examples:
    """Return one door of the network and one of a site, to hosts that this server does not let doors reach."""
    from allteach.web.doors.models import Door

    given = {"network": network, "kind": "redcap", "table_slug": "falls", "made_by": people.chi, "sender": people.chi}
    settings = {"url": "https://redcap.example.org/api/"}
    at = datetime(2026, 5, 4, 9, tzinfo=UTC)
    for number, site in ((1, None), (2, sites[0])):
        Door.objects.create(number=number, name=f"Door {number}", site=site, settings=settings, made_at=at, **given)
    both = [{"number": 1}, {"number": 2}]
    found: Examples = {"doors": both, "doors:make": [{"kind": kind} for kind in ("redcap", "postgresql", "omop")]}
    for name in ("door_fetch", "door_fetches", "door_test", "door_open"):
        found[f"api:{name}"] = both
    return found


def _gate(people: Any, project: Any) -> Any:
    from allteach.web.projects.gates import review_open

    return review_open(
        by=people.dee, project=project, due=date(2026, 12, 1), packet={}, reason="The third joins in May."
    )


def _people(people: Any) -> Examples:
    token, _key = create_token(by=people.ada, name="script")
    held = Membership.objects.get(person=people.fay)
    return {
        "people:end": [{"pk": held.pk}],
        "people:invite_again": [{"pk": held.pk}],
        "people_outside:token_revoke": [{"pk": token.pk}],
        "people_outside:welcome": [{"who": "MQ", "token": "spent-token"}],
        "people_outside:set_up": [{"token": "1abc:forged"}],
    }


@pytest.fixture
def world(people: Any, network: Network, sites: list[Site]) -> Examples:
    """Fill the network of the named people, and return examples: name of an address -> values of its changing parts."""
    other = Network.objects.create(slug="lungs", name="Lungs together")
    Site.objects.create(network=other, code="fir", name="Fir Hospital", letter="B")
    both = [{"code": "alder"}, {"code": "birch"}]
    found: Examples = {
        "*": [{"network": "hearts", "slug": "hearts", "code": "alder"}],
        "sites:network": [{}, {"network": "lungs"}],
        "sites:site": both,
        "sites:edit": both,
        "sites:move": both,
        "api:site": both,
    }
    for part in (_people(people), _files(people, network, sites), _results(people, network, sites)):
        found |= part
    found |= _work(people, network, sites)
    found |= _doors(people, network, sites)
    return found | _quality(people, network, sites) | _rhythm(people, network, sites)
