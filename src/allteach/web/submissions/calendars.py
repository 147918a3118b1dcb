"""Which months of which site are here, waiting, missing or late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from django.db.models import Q

from allteach.intake.contract import Role, TableDictionary, load
from allteach.units import Grain, Period
from allteach.web.people.permissions import site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.sites.selectors import reporting_sites
from allteach.web.submissions.models import RegistryFile, Submission

RARE = 3  # a site with fewer rows in its middle month may well have none in one


@dataclass(frozen=True, slots=True)
class Cell:
    """One month of one site.

    Args:
        state: ``accepted``, ``waiting``, ``missing`` (no row in a file that reaches it), ``late`` (no file yet, though
            others have sent) or ``before`` (not begun).
        rows: Rows that are current.
        held: Rows of that month in quarantine.
    """

    state: str
    rows: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One site's months, with what they add up to.

    Args:
        site: The site.
        cells: One for each month of the calendar.
        last: First day of the newest month that is here, if any.
        here: Months with accepted rows, from the site's first month to the newest month of the network.
        expected: Months that could be here.
    """

    site: Site
    cells: tuple[Cell, ...]
    last: date | None
    here: int
    expected: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """The months of a network's data.

    Args:
        months: The columns, oldest first.
        lines: The rows.
        newest: Newest month that any site has sent.
        late: Sites of which no file reaches that month.
        silent: Sites that a file of that month speaks for, without a row.
    """

    months: tuple[Period, ...]
    lines: tuple[Line, ...]
    newest: Period | None
    late: tuple[Site, ...]
    silent: tuple[Site, ...] = ()


def calendar_of(*, user: Any, network: Network, months: int = 12) -> Calendar:
    """Return the last months of every site whose rows the person may see, in three queries."""
    sites = list(reporting_sites(user=user, network=network))
    allowed = site_ids_where(user, Permission.ROW_VIEW, network=network)
    shown = sites if allowed is None else [site for site in sites if site.pk in allowed]
    here, reached = _months_here(network)
    waiting = _months_waiting(network)
    newest = max((max(by_month) for by_month in here.values() if by_month), default=None)
    if newest is None:
        newest = max((max(found) for found in waiting.values() if found), default=None)
    if newest is None:
        return Calendar((), (), None, ())
    last = Period.of(date.fromisoformat(f"{newest}-01"), Grain.MONTH)
    columns = tuple(last.next(-back) for back in range(months - 1, -1, -1))
    lines = tuple(
        _line(site, here[site.code], waiting[site.code], columns, reached.get(site.code, "")) for site in shown
    )
    behind = [site for site in sites if here[site.code] and max(here[site.code]) < newest]
    late = tuple(site for site in behind if reached[site.code] < newest)
    return Calendar(columns, lines, last, late, tuple(site for site in behind if site not in late))


def month_key(period: Period) -> str:
    """Return ``2024-03`` for March 2024."""
    return f"{period.start:%Y-%m}"


def _months_here(network: Network) -> tuple[dict[str, dict[str, list[int]]], dict[str, str]]:
    """Return site code -> month -> [rows, held] of what is current, and site code -> month that its files reach."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    reached: dict[str, str] = {}
    current = list(
        RegistryFile.objects.filter(network=network, current_until=None).values_list(
            "submission", "sites", "submission__site", "submission__table__dictionary"
        )
    )
    newest = _newest_by_file((sent, sites) for sent, sites, _own, _text in current)
    for sent, sites, own, text in current:
        for code, said in sites.items():
            far = _reach(said["months"], newest[sent], load(text), own=own is not None)
            reached[code] = max(reached.get(code, ""), far)
            for month, rows in said["months"].items():
                found[code][month][0] += rows
    accepted = Submission.objects.filter(network=network, status=Submission.Status.ACCEPTED, rows_held__gt=0)
    for scope in accepted.values_list("scope", flat=True):
        for code, held in scope.get("held", {}).items():
            for day, rows in held.items():
                if day[:7] in found[code]:
                    found[code][day[:7]][1] += rows
    return found, reached


def _newest_by_file(parts: Iterable[tuple[int, Mapping[str, Any]]]) -> dict[int, str]:
    """Return submission -> its newest month; the rows of one submission may lie in several files of the registry."""
    newest: dict[int, str] = defaultdict(str)
    for sent, sites in parts:
        newest[sent] = max([newest[sent], *(max(said["months"]) for said in sites.values())])
    return newest


def _reach(months: Mapping[str, int], newest: str, table: TableDictionary, *, own: bool) -> str:
    """Return the month that a file reaches for one of its sites.

    A file for the whole network speaks of its newest month for every site where a month can be empty: one without a
    row there has nothing to report. Where every month has its rows, a site without any has not sent them yet, and a
    site's own file reaches only as far as its rows.
    """
    every = table.time is not None and table.time.role is Role.PERIOD
    return max(months) if own or every or median(months.values()) >= RARE else newest


def newest_months(network: Network, files: Iterable[RegistryFile]) -> dict[str, str]:
    """Return site code -> month that these files reach, for sites from which data are expected.

    Args:
        network: Where.
        files: Current files of one table, with their submissions and tables.
    """
    reached: dict[str, str] = {}
    known = list(files)
    newest = _newest_by_file((file.submission_id, file.sites) for file in known)
    for file in known:
        assert file.submission.table is not None
        table, own = load(file.submission.table.dictionary), file.submission.site_id is not None
        for code, said in file.sites.items():
            far = _reach(said["months"], newest[file.submission_id], table, own=own)
            reached[code] = max(reached.get(code, ""), far)
    left_out = (Site.Status.PROSPECT, Site.Status.WITHDRAWN, Site.Status.PAUSED)
    expected = Site.objects.filter(network=network).exclude(status__in=left_out).values_list("code", flat=True)
    return {code: reached[code] for code in expected if code in reached}


def _months_waiting(network: Network) -> dict[str, set[str]]:
    """Return site code -> months that a file waiting for a decision speaks for."""
    found: dict[str, set[str]] = defaultdict(set)
    waiting = Submission.objects.filter(Q(status=Submission.Status.CHECKED), network=network)
    for scope in waiting.values_list("scope", flat=True):
        for code, said in scope.get("sites", {}).items():
            found[code] |= set(said["months"])
    return found


def _line(site: Site, here: dict[str, list[int]], waiting: set[str], columns: tuple[Period, ...], reached: str) -> Line:
    first, last = (min(here), max(here)) if here else ("", "")
    cells = []
    for period in columns:
        month = month_key(period)
        if month in waiting:
            cells.append(Cell("waiting", *here.get(month, (0, 0))))
        elif month in here:
            cells.append(Cell("accepted", *here[month]))
        elif not first or month < first:
            cells.append(Cell("before"))
        else:
            cells.append(Cell("late" if month > reached else "missing"))
    begun = Period.of(date.fromisoformat(f"{first}-01"), Grain.MONTH) if first else None
    expected = 0 if begun is None else sum(1 for _ in _through(begun, columns[-1]))
    return Line(site, tuple(cells), date.fromisoformat(f"{last}-01") if last else None, len(here), expected)


def _through(first: Period, last: Period) -> list[Period]:
    months, current = [], first
    while current <= last:
        months.append(current)
        current = current.next()
    return months
