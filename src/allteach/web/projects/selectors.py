"""Reading projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404

from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.projects.models import (
    Aim,
    Bundle,
    Cohort,
    CohortSite,
    Definition,
    Diagram,
    Policy,
    Project,
    Review,
)
from allteach.web.projects.policy import Gate, Pathway, Phase, parse, shipped_text
from allteach.web.projects.services import ENDED, pathway_of
from allteach.web.projects.wording import GATE_NAMES, PHASE_NAMES
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import naming_for


def pathways_of(*, user: Any, network: Network) -> tuple[Pathway, ...]:
    """Return the pathways in force in a network; the shipped ones until it writes its own."""
    require(user, Permission.PROJECT_VIEW, network=network)
    policy = Policy.objects.filter(network=network).first()
    return parse(policy.text if policy else shipped_text())


def policies_of(*, user: Any, network: Network) -> list[Policy]:
    """Return every version of a network's pathways, newest first."""
    require(user, Permission.PROJECT_VIEW, network=network)
    return list(Policy.objects.filter(network=network).select_related("written_by"))


def projects_of(*, user: Any, network: Network, phase: str = "", text: str = "") -> QuerySet[Project]:
    """Return the projects of a network, newest first, with `site_count`, `test_count` and the open gate, if any."""
    require(user, Permission.PROJECT_VIEW, network=network)
    found = Project.objects.filter(network=network).select_related("policy", "parent", "idea", "network")
    if phase:
        found = found.filter(phase=phase)
    for word in text.split():
        found = found.filter(Q(title__icontains=word) | Q(problem__icontains=word) | Q(lesson__icontains=word))
    now_in = Q(cohorts__sites__left__isnull=True)
    return (
        found.annotate(
            site_count=Count("cohorts__sites__site", filter=now_in, distinct=True),
            test_count=Count("cycles", distinct=True),
        )
        .prefetch_related(Prefetch("reviews", Review.objects.filter(decision=""), to_attr="open_reviews"))
        .order_by("-number")
    )


def project_for(*, user: Any, network: Network, number: int) -> Project:
    """Return one project by its number.

    Raises:
        Http404: the network has none of this number.
    """
    project = projects_of(user=user, network=network).filter(number=number).first()
    if project is None:
        raise Http404
    return project


def review_for(*, user: Any, project: Project, pk: int) -> Review:
    """Return one gate of a project.

    Raises:
        Http404: the project has none.
    """
    require(user, Permission.PROJECT_VIEW, network=project.network)
    review = project.reviews.select_related("opened_by", "decided_by").filter(pk=pk).first()
    if review is None:
        raise Http404
    review.project = project
    return review


def waiting_gates(*, user: Any, network: Network) -> list[Review]:
    """Return the gates that wait for a decision, the one due first on top."""
    require(user, Permission.PROJECT_VIEW, network=network)
    found = Review.objects.filter(project__network=network, decision="").select_related("project", "opened_by")
    return list(found.annotate(cast=Count("votes")).order_by("due", "id"))


def aims_of(*, user: Any, network: Network, project: Project | None = None) -> list[Aim]:
    """Return the aims in force of a project, or of the network itself."""
    require(user, Permission.PROJECT_VIEW, network=network)
    found = Aim.objects.filter(network=network, project=project, withdrawn_at__isnull=True)
    return aims_by_name(user, network, found.select_related("measure__network", "site"))


def aims_by_name(user: Any, network: Network, aims: Iterable[Aim]) -> list[Aim]:
    """Return the aims that this person may read: one of a site only where the site may be named, its words tell it."""
    naming = naming_for(user=user, network=network)

    def may_read(aim: Aim) -> bool:
        blinded = naming.blinded or bool(aim.measure and aim.measure.blinded)
        return aim.site is None or replace(naming, blinded=blinded).is_named(aim.site)

    return [aim for aim in aims if may_read(aim)]


def cohorts_of(*, user: Any, project: Project) -> list[Cohort]:
    """Return the cohorts of a project with their sites, past and present."""
    require(user, Permission.PROJECT_VIEW, network=project.network)
    sites = CohortSite.objects.select_related("site").order_by("site__name", "joined")
    return list(project.cohorts.prefetch_related(Prefetch("sites", sites)))


def sites_now(project: Project) -> list[Site]:
    """Return the sites that take part today, by name; those of comparison cohorts left out."""
    return list(
        Site.objects.filter(cohorts__cohort__project=project, cohorts__left__isnull=True)
        .exclude(cohorts__cohort__kind="comparison")
        .distinct()
        .order_by("name")
    )


def diagram_of(*, user: Any, project: Project, version: int | None = None) -> Diagram | None:
    """Return one version of the driver diagram: the one asked for, else the published, else the draft."""
    require(user, Permission.PROJECT_VIEW, network=project.network)
    if version is not None:
        return project.diagrams.filter(version=version).first()
    return project.diagrams.filter(status="published").first() or project.diagrams.first()


def bundle_of(*, user: Any, project: Project, version: int | None = None) -> Bundle | None:
    """Return one version of the bundle: the one asked for, else the published, else the draft."""
    require(user, Permission.PROJECT_VIEW, network=project.network)
    found = project.bundles.select_related("measure", "written_by")
    if version is not None:
        return found.filter(version=version).first()
    return found.filter(status="published").first() or found.first()


def definitions_of(*, user: Any, project: Project) -> list[Definition]:
    """Return every version of the operational definitions, by measure, the newest first."""
    require(user, Permission.PROJECT_VIEW, network=project.network)
    return list(project.definitions.select_related("measure", "written_by"))


def definitions_now(project: Project) -> list[Definition]:
    """Return the operational definitions in force, one for each measure that has one."""
    newest: dict[int, Definition] = {}
    for one in project.definitions.select_related("measure"):
        newest.setdefault(one.measure_id, one)
    return list(newest.values())


def counts(project: Project) -> Mapping[str, int]:
    """Return how many sites, leaders, experts and network staff take part."""
    parts = dict(project.people.values_list("part").annotate(n=Count("id")).order_by())
    return {
        "sites": len(sites_now(project)),
        "leaders": parts.get("leader", 0),
        "experts": parts.get("expert", 0),
        "staff": parts.get("staff", 0),
    }


@dataclass(frozen=True, slots=True)
class Step:
    """What a project does next.

    Attributes:
        phase: The phase that follows, or None where it has ended.
        gate: The gate before it, or None.
        review: The open gate, if it is open.
        warnings: What is outside the pathway's ranges for the phase that follows.
        owes_lesson: It cannot close before it has written what the network learned.
    """

    phase: Phase | None
    gate: Gate | None
    review: Review | None
    warnings: tuple[str, ...]
    owes_lesson: bool

    @property
    def phase_name(self) -> str:
        """The phase in words."""
        return str(PHASE_NAMES[self.phase]) if self.phase else ""

    @property
    def gate_name(self) -> str:
        """The gate in words."""
        return str(GATE_NAMES[self.gate]) if self.gate else ""


def next_step(project: Project) -> Step:
    """Return what the project does next on its pathway."""
    phase = Phase(project.phase)
    owes = not project.lesson.strip()
    if phase is Phase.STOPPED:
        return Step(Phase.CLOSED, None, None, (), owes)
    if phase in ENDED:
        return Step(None, None, None, (), False)
    pathway = pathway_of(project)
    after = pathway.phase_after(phase)
    warnings = pathway.shortfalls(after, counts(project))
    review = project.reviews.filter(decision="").first()
    return Step(after, pathway.gate_after(phase), review, warnings, owes and after is Phase.CLOSED)
