"""Which months of which site are here, waiting, missing or late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.db.models import Q
from django.utils import timezone

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
        state: ``accepted``, ``waiting``, ``missing`` (no row in a file that reaches it), ``due`` (no file yet, and the
            network's day has not come), ``late`` (no file yet, and it has; without such a day: though others have
            sent) or ``before`` (not begun).
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
        late: Sites of which no file reaches the newest month that is expected.
        silent: Sites that a file of that month speaks for, without a row.
        next_due: The month that is due next, where the network has fixed a day.
        due_on: That day.
    """

    months: tuple[Period, ...]
    lines: tuple[Line, ...]
    newest: Period | None
    late: tuple[Site, ...]
    silent: tuple[Site, ...] = ()
    next_due: Period | None = None
    due_on: date | None = None


def calendar_of(*, user: Any, network: Network, months: int = 12, today: date | None = None) -> Calendar:
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
    last = _month(newest)
    days = due_of(network, newest, today=today)
    columns = tuple(max(last, days.ended or last).next(-back) for back in range(months - 1, -1, -1))
    lines = tuple(_line(site, (here[site.code], waiting[site.code]), columns, reached.get(site.code, ""), days)
                  for site in shown)  # fmt: skip
    behind = [
        site
        for site in sites
        if here[site.code] and max(here[site.code]) < days.expected and site.status != Site.Status.PAUSED
    ]
    late = tuple(site for site in behind if reached[site.code] < days.expected)
    silent = tuple(site for site in behind if site not in late)
    return Calendar(columns, lines, last, late, silent, days.next, days.on)


@dataclass(frozen=True, slots=True)
class Days:
    """What a network's day for data means today.

    Args:
        expected: The newest month that must be here: its day has passed, or without a day others have sent it.
        ended: The last month that is over; None without a day.
        next: The month that is due next; None without a day.
        on: The day on which it is due.
    """

    expected: str
    ended: Period | None = None
    next: Period | None = None
    on: date | None = None


def due_of(network: Network, newest: str, *, today: date | None = None) -> Days:
    """Return which months must be here, as the network has agreed.

    Args:
        network: Its ``due_days`` say how many days after its end a month is due; None for no fixed day.
        newest: The newest month that anybody has sent.
        today: The day; the demonstration's calendar stands still at its last month.
    """
    if network.due_days is None:
        return Days(newest)
    grace = timedelta(days=network.due_days)
    today = today or timezone.localdate()
    if network.is_demo:
        today = min(today, _month(newest).end + grace + timedelta(days=2))
    ended = Period.of(today, Grain.MONTH).next(-1)
    overdue = ended
    while overdue.end + grace >= today:
        overdue = overdue.next(-1)
    following = overdue.next()
    return Days(month_key(overdue), ended, following, following.end + grace)


def _month(key: str) -> Period:
    return Period.of(date.fromisoformat(f"{key}-01"), Grain.MONTH)


def month_key(period: Period) -> str:
    """Return ``2024-03`` for March 2024."""
    return f"{period.start:%Y-%m}"


def _months_here(network: Network) -> tuple[dict[str, dict[str, list[int]]], dict[str, str]]:
    """Return site code -> month -> [rows, held] of what is current, and site code -> month that its files reach.

    A site that sends several tables has reached a month when all of them have.
    """
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    reached: dict[tuple[str, str], str] = {}
    current = list(
        RegistryFile.objects.filter(network=network, current_until=None).values_list(
            "submission", "sites", "submission__site", "submission__table__dictionary", "table_slug"
        )
    )
    newest = _newest_by_file((sent, sites) for sent, sites, _own, _text, _slug in current)
    for sent, sites, own, text, slug in current:
        for code, said in sites.items():
            far = _reach(said["months"], newest[sent], load(text), own=own is not None)
            reached[code, slug] = max(reached.get((code, slug), ""), far)
            for month, rows in said["months"].items():
                found[code][month][0] += rows
    accepted = Submission.objects.filter(network=network, status=Submission.Status.ACCEPTED, rows_held__gt=0)
    for scope in accepted.values_list("scope", flat=True):
        for code, held in scope.get("held", {}).items():
            for day, rows in held.items():
                if day[:7] in found[code]:
                    found[code][day[:7]][1] += rows
    least: dict[str, str] = {}
    for (code, _slug), far in reached.items():
        least[code] = min(least.get(code, far), far)
    return found, least


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


def _line(
    site: Site,
    found: tuple[dict[str, list[int]], set[str]],
    columns: tuple[Period, ...],
    reached: str,
    days: Days,
) -> Line:
    here, waiting = found
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
            cells.append(Cell(_empty(month, max(last, reached), days, paused=site.status == Site.Status.PAUSED)))
    begun = Period.of(date.fromisoformat(f"{first}-01"), Grain.MONTH) if first else None
    expected = 0 if begun is None else sum(1 for _ in _through(begun, columns[-1]))
    return Line(site, tuple(cells), date.fromisoformat(f"{last}-01") if last else None, len(here), expected)


def _empty(month: str, known: str, days: Days, *, paused: bool) -> str:
    """Return what a month without rows is; nothing is due from a paused site."""
    if paused or month <= known:
        return "missing"
    return "late" if month <= days.expected else "due"


def _through(first: Period, last: Period) -> list[Period]:
    months, current = [], first
    while current <= last:
        months.append(current)
        current = current.next()
    return months
