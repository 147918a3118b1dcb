"""Where every site stands: checks by sites, and the newest outcomes behind one cell."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from allteach.intake.quality import CHECKS, Aspect, Check
from allteach.web.quality.models import Issue, Outcome, Query
from allteach.web.quality.selectors.issues import OPEN, sites_seen
from allteach.web.sites.models import Network, Site

_ORDER = ("fail", "warn", "accepted", "pass", "none")


@dataclass(frozen=True, slots=True)
class Cell:
    """How one check, or one aspect, stands at one site: ``fail``, ``warn``, ``accepted``, ``pass`` or ``none``."""

    state: str
    issues: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One site on the overview.

    Args:
        site: The site.
        aspects: A cell for each aspect, in order.
        open: Open issues.
        overdue: Of these, past their due date.
        queries: Queries that are not closed.
        checked: When its rows were last checked.
    """

    site: Site
    aspects: tuple[Cell, ...]
    open: int
    overdue: int
    queries: int
    checked: datetime | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Every check at every site that the person sees.

    Args:
        sites: The columns.
        rows: Check and a cell for each site.
        lines: The same by site and aspect.
    """

    sites: tuple[Site, ...]
    rows: tuple[tuple[Check, tuple[Cell, ...]], ...]
    lines: tuple[Line, ...]

    @property
    def any(self) -> bool:
        """Whether anything was ever checked."""
        return any(cell.state != "none" for _check, cells in self.rows for cell in cells)


def grid_of(*, user: Any, network: Network, today: date | None = None) -> Grid:
    """Return how every check stands at the sites that the person sees, in a handful of queries."""
    sites, today = sites_seen(user=user, network=network), today or timezone.localdate()
    issues: dict[tuple[int, str], list[Issue]] = defaultdict(list)
    for issue in Issue.objects.filter(network=network, site__in=sites):
        issues[issue.site_id, issue.check_name].append(issue)
    seen: dict[tuple[int, str], datetime] = {
        (site, name): at
        for site, name, at in Outcome.objects.filter(run__network=network, site__in=sites)
        .order_by()
        .values_list("site_id", "check_name")
        .annotate(at=Max("run__at"))
    }
    cells = {
        (site.pk, check.id): _cell(issues[site.pk, check.id], (site.pk, check.id) in seen)
        for site in sites
        for check in CHECKS
    }
    asked: dict[int, int] = defaultdict(int)
    for site_id in Query.objects.filter(network=network).exclude(status="closed").values_list("site_id", flat=True):
        asked[site_id] += 1
    rows = tuple((check, tuple(cells[site.pk, check.id] for site in sites)) for check in CHECKS)
    lines = tuple(_line(site, cells, issues, asked[site.pk], (seen, today)) for site in sites)
    return Grid(tuple(sites), rows, lines)


def _cell(issues: list[Issue], was_checked: bool) -> Cell:
    open_ = [issue for issue in issues if issue.is_open]
    if open_:
        return Cell("fail" if any(issue.level == "fail" for issue in open_) else "warn", len(open_))
    if any(issue.status == Issue.Status.ACCEPTED for issue in issues):
        return Cell("accepted")
    return Cell("pass" if was_checked else "none")


def _line(
    site: Site,
    cells: dict[tuple[int, str], Cell],
    issues: dict[tuple[int, str], list[Issue]],
    queries: int,
    known: tuple[dict[tuple[int, str], datetime], date],
) -> Line:
    seen, today = known
    open_ = [issue for (pk, _name), some in issues.items() if pk == site.pk for issue in some if issue.status in OPEN]
    aspects = []
    for aspect in Aspect:
        own = [cells[site.pk, check.id] for check in CHECKS if check.aspect is aspect]
        state = min((cell.state for cell in own), key=_ORDER.index)
        aspects.append(Cell(state, sum(cell.issues for cell in own)))
    return Line(
        site=site,
        aspects=tuple(aspects),
        open=len(open_),
        overdue=sum(1 for issue in open_ if issue.due is not None and issue.due < today),
        queries=queries,
        checked=max((at for (pk, _name), at in seen.items() if pk == site.pk), default=None),
    )


def latest_of(*, user: Any, network: Network, check_name: str = "", site: Site | None = None) -> list[Outcome]:
    """Return the newest outcome of each site, table, check and column: what fails first."""
    sites = [one for one in sites_seen(user=user, network=network) if site is None or one.pk == site.pk]
    found = Outcome.objects.filter(run__network=network, site__in=sites)
    if check_name:
        found = found.filter(check_name=check_name)
    newest = {
        (place, table, name): run
        for place, table, name, run in found.order_by()
        .values_list("site_id", "run__table_slug", "check_name")
        .annotate(run=Max("run_id"))
    }
    rows = found.filter(run_id__in=set(newest.values())).select_related("site", "run", "issue__owner")
    current = [row for row in rows if newest[row.site_id, row.run.table_slug, row.check_name] == row.run_id]
    rank = {"fail": 0, "warn": 1, "pass": 2}
    return sorted(current, key=lambda row: (rank[row.status], -(row.failed / max(row.applicable, 1)), row.site.name))
