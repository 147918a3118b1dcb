"""Loads the demonstration's ideas, projects and tests by the services that any click uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from allteach.simulate import portfolio as told
from allteach.web.ideas.models import Idea
from allteach.web.ideas.services import idea_ask, idea_decide, idea_submit, interest_say
from allteach.web.ledger.moment import told_on
from allteach.web.measuring.models import Measure
from allteach.web.people.models import Person
from allteach.web.projects import gates, services, theory
from allteach.web.projects.models import Project
from allteach.web.projects.packet import packet
from allteach.web.projects.selectors import next_step
from allteach.web.sites.models import Network, Site
from allteach.web.trials import services as trials
from allteach.web.trials.models import Cycle


@dataclass(frozen=True, slots=True)
class Stage:
    """What the portfolio is told on: the network with its people, sites and measures, and what exists so far."""

    network: Network
    people: Mapping[str, Person]
    sites: Mapping[str, Site]
    measures: Mapping[str, Measure]
    ideas: dict[str, Idea] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    cycles: dict[str, Cycle] = field(default_factory=dict)


def load_portfolio(stage: Stage) -> None:
    """Tell every idea, project and test in order; call it after the data is in, so that gates find their evidence."""
    found = told.told()
    for aim in found.aims:
        _aim(stage, aim, by=stage.people["ada"])
    for idea in found.ideas:
        with told_on(idea.day):
            _idea(stage, idea)
    for project in found.projects:
        _project(stage, project, [test for test in found.tests if test.project == project.key])
    for project_key, site, *words in found.site_aims:
        own = stage.people.get(f"lead-{site}", stage.people["ben"])
        own_aim: Any = tuple(words)
        _aim(stage, own_aim, by=own, project=stage.projects[project_key], site=stage.sites[site])


def _aim(
    stage: Stage,
    aim: tuple[str, str, str, float, float, date],
    *,
    by: Person,
    project: Project | None = None,
    site: Site | None = None,
) -> None:
    text, population, measure, start, target, due = aim
    services.aim_set(
        by=by,
        network=stage.network,
        project=project,
        site=site,
        text=text,
        population=population,
        measure=stage.measures[measure],
        start=start,
        target=target,
        due=due,
    )


def _idea(stage: Stage, one: told.ToldIdea) -> None:
    by, dee = stage.people[one.by], stage.people["dee"]
    idea = idea_submit(
        by=by,
        network=stage.network,
        site=stage.sites.get(one.site),
        title=one.title,
        problem=one.problem,
        change=one.change,
        source=one.source,
    )
    for code in one.interested:
        lead = stage.people.get(f"lead-{code}", stage.people["ben"])
        interest_say(by=lead, idea=idea, site=stage.sites[code])
    if one.ends == "ask":
        idea_ask(by=dee, idea=idea, question=one.note)
    elif one.ends:
        status = {"park": Idea.Status.PARKED, "decline": Idea.Status.DECLINED, "merge": Idea.Status.MERGED}[one.ends]
        idea_decide(by=dee, idea=idea, status=status, note=one.note, into=stage.ideas.get(one.into))
    stage.ideas[one.key] = idea


def _project(stage: Stage, one: told.ToldProject, tests: list[told.ToldTest]) -> None:
    """Tell a project with its tests, each gate after the tests that had begun by then."""
    dee = stage.people["dee"]
    with told_on(one.day):
        project = _begun(stage, one)
        _furnish(stage, project, one)
    stage.projects[one.key] = project
    for step in one.steps:
        day = step if isinstance(step, date) else step.day
        for test in [test for test in tests if test.starts and day and test.starts <= day]:
            _test(stage, test)
            tests.remove(test)
        project.refresh_from_db()
        with told_on(day):
            if isinstance(step, date):
                services.project_advance(by=dee, project=project)
            else:
                _gate(stage, project, step)
                if step.decision == "spread":
                    _cohorts(stage, project, one, spread=True)
    for test in tests:
        _test(stage, test)
    project.refresh_from_db()
    with told_on(one.ended):
        if one.ends == "hold":
            services.project_hold(by=dee, project=project, reason=one.note)
        elif one.ends in ("stop", "owes"):
            services.project_stop(by=dee, project=project, reason=one.note)
        if one.ends in ("stop", "close"):
            services.project_close(by=dee, project=Project.objects.get(pk=project.pk))


def _begun(stage: Stage, one: told.ToldProject) -> Project:
    parent = stage.projects.get(one.parent)
    if parent and one.promoted:
        project = Project.objects.get(parent=parent)
        return services.project_change(by=stage.people["dee"], project=project, title=one.title, problem=one.problem)
    return services.project_start(
        by=stage.people["dee"],
        network=stage.network,
        title=one.title,
        pathway=one.pathway,
        problem=one.problem,
        idea=stage.ideas.get(one.idea),
        parent=parent,
    )


def _furnish(stage: Stage, project: Project, one: told.ToldProject) -> None:
    dee = stage.people["dee"]
    words = dict(one.words) | ({"lesson": one.lesson} if one.lesson else {})
    if words:
        services.project_change(by=dee, project=project, **words)
    for slug in one.measures:
        services.measure_watch(by=dee, project=project, measure=stage.measures[slug])
    for name, part in one.people:
        services.person_add(by=dee, project=project, person=stage.people[name], part=part)
    if one.aim:
        _aim(stage, one.aim, by=dee, project=project)
    if one.outline:
        theory.diagram_write(by=dee, project=project, outline=one.outline)
        theory.diagram_publish(by=dee, project=project)
    if one.bundle:
        measure = stage.measures.get(one.bundle.get("measure", ""))
        theory.bundle_write(by=dee, project=project, **{**one.bundle, "measure": measure})
        theory.bundle_publish(by=dee, project=project)
    for words in one.definitions:
        said = {name: text for name, text in words.items() if name != "measure"}
        theory.definition_write(by=dee, project=project, measure=stage.measures[words["measure"]], **said)
    _cohorts(stage, project, one, spread=False)


def _cohorts(stage: Stage, project: Project, one: told.ToldProject, *, spread: bool) -> None:
    """Sites of a spread join only once the evaluation has decided it."""
    dee = stage.people["dee"]
    for name, kind, starts, sites, reached in one.cohorts:
        if (kind == "spread") is not spread:
            continue
        cohort = services.cohort_add(by=dee, project=project, name=name, kind=kind, starts=starts)
        for code in sites:
            membership = services.cohort_join(by=dee, cohort=cohort, site=stage.sites[code], on=starts)
            if reached != membership.stage:
                services.cohort_stage(by=dee, membership=membership, stage=reached)


def _gate(stage: Stage, project: Project, step: told.ToldGate) -> None:
    dee, ada = stage.people["dee"], stage.people["ada"]
    ahead = next_step(project)
    if ahead.gate is None:
        raise ValueError(f"{project}: the told portfolio expects a gate where none stands")
    review = gates.review_open(
        by=dee,
        project=project,
        due=step.day + timedelta(days=14) if step.decision and step.day else told.DECIDE_BY,
        packet=packet(user=dee, project=project, gate=ahead.gate),
        warnings=ahead.warnings,
        reason=step.reason if ahead.warnings else "",
    )
    together = [(name, step.decision, step.together) for name in ("fay", "dee", "chi")] if step.together else []
    for name, choice, sentence in (*together, *step.votes):
        gates.vote_cast(by=stage.people[name], review=review, choice=choice, sentence=sentence)
    if step.decision:
        gates.review_decide(
            by=ada, review=review, decision=step.decision, sentence=step.sentence, conditions=step.conditions
        )


def _test(stage: Stage, one: told.ToldTest) -> None:
    by = stage.people[one.by]
    with told_on(one.starts):
        cycle = _planned(stage, one)
        stage.cycles[one.key] = cycle
        if one.starts is None:
            return
        cycle = trials.cycle_start(by=by, cycle=cycle, on=one.starts)
    over = one.starts + timedelta(days=14)
    with told_on(over):
        if one.observed:
            study = {"result": one.result, "surprise": one.surprise, "ends": over}
            cycle = trials.cycle_study(by=by, cycle=cycle, observed=one.observed, compared=one.compared, **study)
        if one.decision:
            trials.cycle_act(by=by, cycle=cycle, decision=one.decision, belief_after=one.after)


def _planned(stage: Stage, one: told.ToldTest) -> Cycle:
    return trials.cycle_plan(
        by=stage.people[one.by],
        network=stage.network,
        site=stage.sites[one.site],
        title=one.title,
        question=one.question,
        predicted=one.predicted,
        predicted_low=one.low,
        predicted_high=one.high,
        belief=one.belief,
        scale=one.scale,
        driver=one.driver,
        context=one.context,
        project=stage.projects.get(one.project),
        measure=stage.measures.get(one.measure),
        ramp=stage.cycles.get(one.builds_on),
    )
