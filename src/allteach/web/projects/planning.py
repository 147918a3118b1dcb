"""What to plan by: aims of network, projects and sites together, what could be gained, who carries how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from allteach.errors import NotEstimable
from allteach.measures.card import MeasureKind
from allteach.stats.comparison.empirical_bayes import shrink
from allteach.units import Direction
from allteach.web.measuring.models import Measure
from allteach.web.measuring.panels import MeasurePanel
from allteach.web.measuring.selectors import measures_of, panel
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.projects.effects import LATEST
from allteach.web.projects.models import Aim, CohortSite, Project, ProjectPerson
from allteach.web.projects.policy import WORK_PHASES
from allteach.web.projects.progress import Progress, progress
from allteach.web.projects.selectors import aims_by_name, sites_now
from allteach.web.sites.models import Network
from allteach.web.sites.naming import naming_for

MANY = 3  # running projects at one site, or for one person, above which something will wait
BEST = 0.1  # the tenth of sites that the others could reach
SHRUNKEN = {MeasureKind.PROPORTION: "proportion", MeasureKind.BUNDLE: "proportion", MeasureKind.RATE: "rate"}


@dataclass(frozen=True, slots=True)
class AimLine:
    """One aim with its progress, the aims below it, and what those come to together.

    Attributes:
        aim: The aim.
        name: Whose it is, as this person may call it.
        found: How far it is; None where it has no numbers.
        below: Aims of projects on the same measure, or of the project's sites.
        together: What all sites would come to if each reached its own aim and the others stayed, in words.
        enough: Whether that reaches the aim; None where it cannot be said.
    """

    aim: Aim
    name: str
    found: Progress | None
    below: tuple[AimLine, ...] = ()
    together: str = ""
    enough: bool | None = None


def aim_tree(*, user: Any, network: Network) -> list[AimLine]:
    """Return the aims of the network, under each those of projects on its measure, under those the sites' own.

    Aims of projects on a measure that the network has no aim for come last.
    """
    require(user, Permission.PROJECT_VIEW, network=network)
    found = Aim.objects.filter(network=network, withdrawn_at=None).select_related("measure__network", "site", "project")
    known = list(found.prefetch_related("measure__versions"))
    every = aims_by_name(user, network, known)
    hidden = {(aim.project_id, aim.measure_id) for aim in known if aim not in every}
    projects = [
        _project_line(user, aim, every, whole=(aim.project_id, aim.measure_id) not in hidden)
        for aim in every
        if aim.project_id and not aim.site_id
    ]
    top = []
    for aim in every:
        if not aim.project_id and not aim.site_id:
            below = tuple(line for line in projects if aim.measure_id and line.aim.measure_id == aim.measure_id)
            top.append(AimLine(aim, network.name, progress(user=user, aim=aim), below))
    placed = {line.aim.pk for one in top for line in one.below}
    return [*top, *(line for line in projects if line.aim.pk not in placed)]


def _project_line(user: Any, aim: Aim, every: Sequence[Aim], *, whole: bool) -> AimLine:
    """Return the line of a project's aim. Unless the sites' aims are all here, their sum is left out, not half told."""
    naming = naming_for(user=user, network=aim.network, measure=aim.measure)
    own = [one for one in every if one.project_id == aim.project_id and one.site and one.measure_id == aim.measure_id]
    below = tuple(AimLine(one, naming.name(one.site), progress(user=user, aim=one)) for one in own if one.site)
    found, name = progress(user=user, aim=aim), aim.project.title if aim.project else ""
    value = _together(user, aim, own) if found and whole else None
    if value is None or found is None or aim.target is None:
        return AimLine(aim, name, found, below)
    enough = value <= aim.target if found.lower else value >= aim.target
    return AimLine(aim, name, found, below, found.shown(value), enough)


def _together(user: Any, aim: Aim, own: Sequence[Aim]) -> float | None:
    """Return the level of all sites if each reached its own aim; those without one stay where they are."""
    if not own or aim.project is None or aim.measure is None:
        return None
    at_sites = panel(user=user, measure=aim.measure, sites=sites_now(aim.project))
    if at_sites is None or not at_sites.periods:
        return None
    top, below = _sums(at_sites.without_incomplete())
    targets = {one.site_id: one.target for one in own if one.target is not None}
    log = at_sites.card.log
    levels = np.divide(top, below, out=np.full(top.shape, np.nan), where=below > 0)
    for row, site in enumerate(at_sites.sites):
        target = targets.get(site.pk)
        if target is not None:
            levels[row] = np.log(target) if log else target
    known = np.isfinite(levels) & (below > 0)
    if not known.any():
        return None
    mean = float(np.average(levels[known], weights=below[known]))
    return float(np.exp(mean)) if log else mean


def _sums(at_sites: MeasurePanel) -> tuple[Any, Any]:
    """Return ``(S,)`` sums over the latest periods: of events and cases, or of values and patients."""
    here = at_sites.panel
    above, under = (here.total, here.n) if here.total is not None else (here.numerator, here.denominator)
    top = np.nansum(above[:, -LATEST:], axis=1)
    below = np.isfinite(above[:, -LATEST:]).sum(axis=1) if under is None else np.nansum(under[:, -LATEST:], axis=1)
    return top, np.asarray(below, float)


@dataclass(frozen=True, slots=True)
class Opportunity:
    """What could be gained on one measure if every site did as the best tenth do.

    Attributes:
        measure: The measure.
        now: Where all sites stand together, in words.
        best: What the best tenth of sites reach, by shrunken estimates, in words.
        gain: Events (or patients done right) in twelve periods between here and there.
        running: Projects under way that watch it.
        share: Of the gains of all measures, this one and those before it.
    """

    measure: Measure
    now: str
    best: str
    gain: float
    running: int
    share: float


def opportunities(*, user: Any, network: Network) -> list[Opportunity]:
    """Return where most could be gained, the largest first, for proportions and rates with a good direction.

    Sites are compared by shrunken estimates, so that a small site's lucky year sets no standard. Only sums over all
    sites are returned.

    Source:
        The gap to the best tenth follows the achievable benchmark idea of Kiefe et al. 2001, JAMA 285:2871-2879, with
        empirical Bayes estimates in place of its adjustment for small numbers.
    """
    require(user, Permission.RESULT_VIEW, network=network)
    ended = ("closed", "stopped")
    running = Counter(
        Project.objects.filter(network=network).exclude(phase__in=ended).values_list("measures__measure_id", flat=True)
    )
    found = []
    for measure in measures_of(user=user, network=network).select_related("network"):
        at_sites = panel(user=user, measure=measure)
        one = _gain(at_sites.without_incomplete()) if at_sites is not None and at_sites.periods else None
        if one is not None and at_sites is not None:
            text = at_sites.card.format.text
            found.append((measure, text(one[0]), text(one[1]), one[2]))
    found.sort(key=lambda row: -row[3])
    total = sum(row[3] for row in found)
    done, rows = 0.0, []
    for measure, now, best, gain in found:
        done += gain
        rows.append(Opportunity(measure, now, best, gain, running[measure.pk], done / total if total else 0.0))
    return rows


def _gain(at_sites: MeasurePanel) -> tuple[float, float, float] | None:
    card = at_sites.card
    kind, direction = SHRUNKEN.get(card.kind), Direction(card.direction)
    if kind is None or direction == Direction.NEITHER:
        return None
    top, below = _sums(at_sites)
    keep = below > 0
    if keep.sum() < 5:
        return None
    shrunk = shrink(top[keep], below[keep], kind=kind, method="moments")  # nine measures on one page: closed form
    if isinstance(shrunk, NotEstimable):
        return None
    lower = direction == Direction.LOWER
    best = float(np.quantile(shrunk.value, BEST if lower else 1 - BEST))
    gaps = shrunk.value - best if lower else best - shrunk.value
    gain = float((np.clip(gaps, 0, None) * below[keep]).sum())
    return float(top.sum() / below.sum()), best, gain


@dataclass(frozen=True, slots=True)
class Load:
    """Who carries how much: projects by pathway and phase, running projects by site and by person."""

    phases: tuple[str, ...]
    pathways: tuple[tuple[str, tuple[int, ...]], ...]
    sites: tuple[tuple[str, int, int], ...]
    people: tuple[tuple[str, int, str], ...]


def load_of(*, user: Any, network: Network) -> Load:
    """Return the load of the portfolio; sites and people by how much they carry, then by name."""
    require(user, Permission.PROJECT_VIEW, network=network)
    running = Project.objects.filter(network=network, on_hold=False, phase__in=[phase.value for phase in WORK_PHASES])
    phases = tuple(phase.value for phase in WORK_PHASES)
    cells = Counter(running.values_list("pathway", "phase"))
    names = sorted({pathway for pathway, _phase in cells})
    naming = naming_for(user=user, network=network)
    members = CohortSite.objects.filter(cohort__project__in=running, left=None).exclude(cohort__kind="comparison")
    at_site: dict[Any, set[int]] = {}
    for one in members.select_related("site", "cohort"):
        at_site.setdefault(one.site, set()).add(one.cohort.project_id)
    tests = Counter(running.filter(cycles__status="running").values_list("cycles__site_id", flat=True))
    sites = [(naming.name(site), len(found), tests[site.pk]) for site, found in at_site.items()]
    parts: dict[Any, list[str]] = {}
    for part in ProjectPerson.objects.filter(project__in=running).select_related("person"):
        parts.setdefault(part.person, []).append(part.get_part_display())
    people = [
        (str(person), len(found), ", ".join(f"{n} × {p.lower()}" for p, n in Counter(found).items()))
        for person, found in parts.items()
    ]
    return Load(
        phases=phases,
        pathways=tuple((name, tuple(cells[name, phase] for phase in phases)) for name in names),
        sites=tuple(sorted(sites, key=lambda row: (-row[1], row[0]))),
        people=tuple(sorted(people, key=lambda row: (-row[1], row[0]))),
    )
