"""Every change to a project itself: start, what it is made of, hold, stop, close, promote. Gates are in `gates.py`."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from allteach.errors import StateError
from allteach.web.ideas.models import Idea
from allteach.web.ideas.services import idea_decide
from allteach.web.ledger import moment
from allteach.web.ledger.services import record
from allteach.web.measuring.models import Measure
from allteach.web.people.models import Person
from allteach.web.projects.models import Aim, Cohort, CohortSite, Policy, Project, ProjectMeasure, ProjectPerson
from allteach.web.projects.policy import Pathway, Phase, parse, shipped_text
from allteach.web.sites.models import Network, Site
from allteach.web.sites.numbering import next_number

ENDED = (Phase.CLOSED, Phase.STOPPED)


@transaction.atomic
def policy_change(*, by: Person | None, network: Network, text: str, reason: str) -> Policy:
    """Return the network's new policy of pathways; projects under way keep theirs.

    Raises:
        StateError: ``AT-T-110`` when the text is not a usable policy.
    """
    parse(text)
    last = Policy.objects.filter(network=network).aggregate(n=Max("version"))["n"] or 0
    policy = Policy.objects.create(
        network=network, version=last + 1, text=text, reason=reason, written_by=by, written_at=moment.now()
    )
    record(by=by, action="pathways.changed", network=network, about=f"Pathways v{policy.version}", reason=reason)
    return policy


def current_policy(network: Network) -> Policy:
    """Return the policy in force; the shipped one becomes version 1 where a network has none."""
    policy = Policy.objects.filter(network=network).first()
    return policy or policy_change(by=None, network=network, text=shipped_text(), reason="Shipped with the software")


def pathway_of(project: Project) -> Pathway:
    """Return the pathway that the project began under."""
    return next(p for p in parse(project.policy.text) if p.key == project.pathway)


@transaction.atomic
def project_start(
    *,
    by: Person,
    network: Network,
    title: str,
    pathway: str,
    idea: Idea | None = None,
    parent: Project | None = None,
    problem: str = "",
) -> Project:
    """Return a new draft project on a pathway; its idea, if any, is accepted with it.

    Raises:
        StateError: ``AT-T-102`` when the network has no such pathway.
    """
    policy = current_policy(network)
    names = {p.key: p.name for p in parse(policy.text)}
    if pathway not in names:
        raise StateError(
            "AT-T-102", "The network has no such pathway.", expected=f"One of {', '.join(names.values())}."
        )
    number = next_number(Project, network)
    now = moment.now()
    project = Project(
        network=network,
        number=number,
        title=title,
        problem=problem,
        policy=policy,
        pathway=pathway,
        idea=idea,
        parent=parent,
        started_at=now,
        phase_since=now,
    )
    project.full_clean()
    project.save()
    if idea and idea.status != Idea.Status.ACCEPTED:
        idea_decide(by=by, idea=idea, status=Idea.Status.ACCEPTED, note=f"Became {project} ({names[pathway]}).")
    return _told(project, by, "project.started", pathway=pathway, parent=str(parent or ""))


@transaction.atomic
def project_change(*, by: Person, project: Project, **fields: Any) -> Project:
    """Return the project with changed words: title, problem, lesson, resources, publication_plan, determination."""
    project = living(project)
    for name, value in fields.items():
        setattr(project, name, value)
    project.full_clean()
    project.save()
    return _told(project, by, "project.changed", fields=sorted(fields))


@transaction.atomic
def project_advance(*, by: Person, project: Project) -> Project:
    """Return the project in its next phase, where no gate stands before it.

    Raises:
        StateError: ``AT-T-103`` where a gate must decide, ``AT-T-104`` while it is on hold.
    """
    project = living(project)
    pathway = pathway_of(project)
    gate = pathway.gate_after(Phase(project.phase))
    if gate is not None:
        raise StateError(
            "AT-T-103", "A gate stands before the next phase.", where=str(project), do=f"Open the gate '{gate.value}'."
        )
    return move(project, pathway.phase_after(Phase(project.phase)), by=by)


def move(project: Project, phase: Phase, *, by: Person) -> Project:
    """Return the project in a phase. Only this module and `gates` call it.

    Raises:
        StateError: ``AT-T-104`` while it is on hold, ``AT-T-105`` when it would close without a lesson.
    """
    if project.on_hold:
        raise StateError("AT-T-104", "The project is on hold.", where=str(project), do="Resume it first.")
    if phase is Phase.CLOSED and not project.lesson.strip():
        raise StateError(
            "AT-T-105",
            "A project owes the network a lesson before it closes.",
            where=str(project),
            do="Write what the network learned, also when it did not work.",
        )
    before, project.phase, project.phase_since = project.phase, phase, moment.now()
    if phase in ENDED:
        project.ended_at = moment.now()
    project.save()
    return _told(project, by, "project.moved", before=before, after=phase.value)


@transaction.atomic
def project_hold(*, by: Person, project: Project, reason: str) -> Project:
    """Return the project on hold, with a reason."""
    project = living(project)
    project.on_hold, project.hold_reason = True, _said(reason, project)
    project.save()
    return _told(project, by, "project.held", reason=reason)


@transaction.atomic
def project_resume(*, by: Person, project: Project) -> Project:
    """Return the project, going on in the phase in which it was held."""
    project = living(project)
    project.on_hold, project.hold_reason = False, ""
    project.save()
    return _told(project, by, "project.resumed")


@transaction.atomic
def project_stop(*, by: Person, project: Project, reason: str) -> Project:
    """Return the stopped project. It owes a lesson before it can be closed.

    Raises:
        StateError: ``AT-T-107`` while a gate is open.
    """
    project = living(project)
    if project.reviews.filter(decision="").exists():
        raise StateError("AT-T-107", "A gate is open.", where=str(project), do="Decide the gate first.")
    project.on_hold, project.hold_reason = False, ""
    return stop(project, by=by, reason=_said(reason, project))


def stop(project: Project, *, by: Person, reason: str) -> Project:
    """Return the stopped project. Only this module and `gates` call it."""
    project.phase, project.phase_since = Phase.STOPPED, moment.now()
    project.save()
    return _told(project, by, "project.stopped", reason=reason)


@transaction.atomic
def project_close(*, by: Person, project: Project, lesson: str = "") -> Project:
    """Return the closed project: a stopped one with its lesson, or one whose last phase has no gate.

    Raises:
        StateError: ``AT-T-103`` where a gate must decide, ``AT-T-105`` without a lesson.
    """
    project = Project.objects.select_for_update().get(pk=project.pk)
    if lesson.strip():
        project.lesson = lesson.strip()
    phase = Phase(project.phase)
    if phase is not Phase.STOPPED:
        pathway = pathway_of(living(project))
        if pathway.phase_after(phase) is not Phase.CLOSED or pathway.gate_after(phase) is not None:
            raise StateError("AT-T-103", "The project has phases or a gate before it.", where=str(project))
    return move(project, Phase.CLOSED, by=by)


@transaction.atomic
def project_promote(*, by: Person, project: Project, pathway: str, reason: str) -> Project:
    """Return the new project on a wider pathway, with its lineage; the old one goes on to share what it learned.

    Raises:
        StateError: ``AT-T-106`` when the pathway does not lead there or the test phase is not over.
    """
    project = Project.objects.select_for_update().get(pk=project.pk)
    if pathway not in pathway_of(project).may_become or Phase(project.phase) in (Phase.DRAFT, Phase.DESIGN):
        raise StateError("AT-T-106", "The project cannot be promoted there from here.", where=str(project))
    child = project_start(
        by=by,
        network=project.network,
        title=project.title,
        pathway=pathway,
        idea=project.idea,
        parent=project,
        problem=project.problem,
    )
    for watched in project.measures.all():
        ProjectMeasure.objects.create(project=child, measure=watched.measure)
    _told(project, by, "project.promoted", child=str(child), reason=_said(reason, project))
    return child


@transaction.atomic
def person_add(*, by: Person, project: Project, person: Person, part: str) -> ProjectPerson:
    """Return a person's part in the project."""
    added, _ = ProjectPerson.objects.get_or_create(project=living(project), person=person, part=part)
    _told(project, by, "project.person_added", person=person.username, part=part)
    return added


@transaction.atomic
def person_remove(*, by: Person, part: ProjectPerson) -> None:
    """Take a person out of a part in the project."""
    _told(part.project, by, "project.person_removed", person=part.person.username, part=part.part)
    part.delete()


@transaction.atomic
def measure_watch(*, by: Person, project: Project, measure: Measure) -> ProjectMeasure:
    """Return the measure as one that the project watches."""
    watched, _ = ProjectMeasure.objects.get_or_create(project=living(project), measure=measure)
    _told(project, by, "project.measure_watched", measure=measure.slug)
    return watched


@transaction.atomic
def aim_set(*, by: Person, network: Network, project: Project | None = None, **fields: Any) -> Aim:
    """Return a new aim of a network, of a project, or of a site in it. `fields` are those of `Aim`."""
    aim = Aim(network=network, project=project, written_at=moment.now(), **fields)
    aim.full_clean()
    aim.save()
    record(by=by, action="aim.set", network=network, site=aim.site, about=aim.text[:120])
    return aim


@transaction.atomic
def aim_withdraw(*, by: Person, aim: Aim) -> Aim:
    """Return the aim, no longer in force but kept."""
    aim.withdrawn_at = moment.now()
    aim.save()
    record(by=by, action="aim.withdrawn", network=aim.network, site=aim.site, about=aim.text[:120])
    return aim


@transaction.atomic
def cohort_add(*, by: Person, project: Project, name: str, kind: str, starts: date, drawn: bool = False) -> Cohort:
    """Return a new cohort of the project. `drawn`: when its sites start was drawn by lot."""
    cohort = Cohort(project=living(project), name=name, kind=kind, starts=starts, drawn=drawn)
    cohort.full_clean()
    cohort.save()
    _told(project, by, "cohort.added", cohort=name, kind=kind, drawn=drawn)
    return cohort


@transaction.atomic
def cohort_join(*, by: Person, cohort: Cohort, site: Site, on: date) -> CohortSite:
    """Return the site's membership in the cohort from a day on."""
    membership = CohortSite(cohort=cohort, site=site, joined=on)
    membership.full_clean()
    membership.save()
    return _told_site(membership, by, "cohort.joined")


@transaction.atomic
def cohort_leave(*, by: Person, membership: CohortSite, on: date, reason: str) -> CohortSite:
    """Return the ended membership; what the site did until then stays in the record."""
    membership.left, membership.left_reason = on, _said(reason, membership.cohort.project)
    membership.full_clean()
    membership.save()
    return _told_site(membership, by, "cohort.left", reason=reason)


@transaction.atomic
def cohort_stage(*, by: Person, membership: CohortSite, stage: str) -> CohortSite:
    """Return the membership in a new stage: committed, baseline, testing, implementing, reliable and so on."""
    membership.stage = stage
    membership.full_clean()
    membership.save()
    return _told_site(membership, by, "cohort.staged", stage=stage)


def living(project: Project) -> Project:
    """Return the project, locked for a change.

    Raises:
        StateError: ``AT-T-101`` when it has ended.
    """
    project = Project.objects.select_for_update().select_related("policy", "network").get(pk=project.pk)
    if project.phase in ENDED:
        raise StateError(
            "AT-T-101", f"The project is {project.phase}.", where=str(project), do="Start a new one from it."
        )
    return project


def _said(reason: str, project: Project) -> str:
    if not reason.strip():
        raise StateError("AT-T-108", "A reason is missing.", where=str(project), do="Write one sentence.")
    return reason.strip()


def _told(project: Project, by: Person, action: str, **detail: Any) -> Project:
    record(by=by, action=action, network=project.network, about=str(project), **detail)
    return project


def _told_site(membership: CohortSite, by: Person, action: str, **detail: Any) -> CohortSite:
    cohort = membership.cohort
    about = f"{cohort.project} · {cohort.name}"
    record(by=by, action=action, network=cohort.project.network, site=membership.site, about=about, **detail)
    return membership
