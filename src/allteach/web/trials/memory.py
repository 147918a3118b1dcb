"""What the tests of a network come to: change idea by site, and what a team learns from its own predictions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from allteach.web.people.permissions import own_site_ids, require
from allteach.web.people.roles import Permission
from allteach.web.projects.models import Diagram
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import naming_for
from allteach.web.trials.learning import SCALES, Calibration, calibration
from allteach.web.trials.models import Cycle
from allteach.web.trials.selectors import Search, cycles_of, within_prediction


@dataclass(frozen=True, slots=True)
class Cell:
    """What one site has tried of one change idea.

    Attributes:
        tests: How many tests.
        said: The latest decision, or the state of the latest test, in words.
        scale: The largest scale so far, in words.
        belief: The latest belief, 0 to 100.
        site: Key of the site for the search.
    """

    tests: int
    said: str
    scale: str
    belief: int
    site: str


@dataclass(frozen=True, slots=True)
class Line:
    """One change idea at every site: cells in the order of the sites, None where nothing was tried."""

    driver: str
    cells: tuple[Cell | None, ...]

    @property
    def tests(self) -> int:
        """Tests at all sites."""
        return sum(cell.tests for cell in self.cells if cell)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Change ideas by sites; sites that have tested nothing are left out."""

    sites: tuple[str, ...]
    lines: tuple[Line, ...]


def learning_matrix(*, user: Any, network: Network, project: str = "") -> Matrix:
    """Return who has tried which change idea and what became of it, ideas with the most tests first."""
    tests = list(cycles_of(user=user, network=network, search=Search(project=project)).order_by("number"))
    naming = naming_for(user=user, network=network)
    sites = sorted({test.site for test in tests}, key=naming.name)
    at: dict[tuple[str, int], list[Cycle]] = {}
    for test in tests:
        at.setdefault((test.driver, test.site_id), []).append(test)

    def cell(driver: str, site: Site) -> Cell | None:
        found = at.get((driver, site.pk))
        if not found:
            return None
        last = found[-1]
        largest = max(found, key=lambda test: SCALES.index(test.scale))
        said = last.get_decision_display() if last.decision else last.get_status_display()
        belief = last.belief if last.belief_after is None else last.belief_after
        return Cell(len(found), said, largest.get_scale_display(), belief, naming.key(site))

    drivers = sorted({test.driver for test in tests})
    lines = [Line(driver, tuple(cell(driver, site) for site in sites)) for driver in drivers]
    return Matrix(tuple(naming.name(site) for site in sites), tuple(sorted(lines, key=lambda line: -line.tests)))


def worked(test: Cycle) -> bool | None:
    """Return whether a test worked: by its predicted range where there is one, else by the decision; None if open."""
    hit = within_prediction(test)
    if hit is not None:
        return hit
    if not test.decision:
        return None
    return test.decision in (Cycle.Decision.ADOPT, Cycle.Decision.EXPAND)


@dataclass(frozen=True, slots=True)
class Learning:
    """What the team of one site learns from its predictions; `found` is None before its first test is over."""

    site: Site
    found: Calibration | None


def own_learning(*, user: Any, network: Network) -> list[Learning]:
    """Return how good the sense of a person's own teams is. Nobody else's: it is for learning, not for judging."""
    require(user, Permission.PROJECT_VIEW, network=network)
    own = own_site_ids(user, network=network)
    tests = list(Cycle.objects.filter(network=network, site_id__in=own).select_related("site"))
    sites = Site.objects.filter(network=network, pk__in=own).order_by("name")
    return [Learning(site, _calibration(test for test in tests if test.site_id == site.pk)) for site in sites]


def _calibration(tests: Iterable[Cycle]) -> Calibration | None:
    over = [(test, found) for test in tests if (found := worked(test)) is not None]
    hits = [hit for test, _ in over if (hit := within_prediction(test)) is not None]
    return calibration([(test.belief, found) for test, found in over], hits)


def drivers_known(*, user: Any, network: Network) -> list[str]:
    """Return the drivers and change ideas of the published diagrams, to choose from when a test is planned."""
    require(user, Permission.PROJECT_VIEW, network=network)
    diagrams = Diagram.objects.filter(project__network=network, status="published").values_list("nodes", flat=True)
    return sorted({node["text"] for nodes in diagrams for node in nodes if node["kind"] != "aim"})
