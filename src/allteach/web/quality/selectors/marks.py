"""Which points of a chart are in doubt, why, and who is on it. Charts ask this, and say it in every copy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from allteach.intake import contract
from allteach.intake.contract import TableDictionary
from allteach.measures.binding import columns_used
from allteach.measures.card import Card
from allteach.web.people.models import Membership
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.people.selectors import in_force
from allteach.web.quality.models import Issue
from allteach.web.quality.selectors.issues import OPEN
from allteach.web.sites.models import Network
from allteach.web.submissions.models import RegistryFile, Table

# Checks that say which months are in doubt; the others concern a column over all its months.
OF_MONTHS = ("months-here", "rows-persist", "rows-steady", "filled-each-month")
MOST = 6  # an issue that concerns more months says nothing of any single one


@dataclass(frozen=True, slots=True)
class Doubt:
    """One month of one site that a reader should not trust yet.

    Args:
        check: The check that fails there; ``redefined`` where the table's definition changed.
        owner: Who is on it; empty for nobody yet.
    """

    check: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is in doubt about one measure.

    Args:
        months: Site id -> first day of the month -> why.
        leads: Site id -> who leads its team, for months that nobody has taken.
        late: Site id -> owner of the issue that it is late.
        analysts: Who looks after the network's data.
    """

    months: Mapping[int, Mapping[date, Doubt]] = field(default_factory=dict)
    leads: Mapping[int, str] = field(default_factory=dict)
    late: Mapping[int, str] = field(default_factory=dict)
    analysts: tuple[str, ...] = ()

    def owner(self, site_id: int, month: date | None = None) -> str:
        """Return who is on a site's doubtful month: the owner of its issue, or who leads the site's team."""
        there = self.months.get(site_id, {}).get(month) if month else None
        return (there.owner if there else "") or self.late.get(site_id, "") or self.leads.get(site_id, "")


def doubts_of(*, user: Any, network: Network, card: Card) -> Doubts:
    """Return which months of which site are in doubt for a measure, in four queries.

    Args:
        user: Who reads the chart; names are blinded by the chart itself.
        network: The network.
        card: The measure's card: only issues of its table, and of columns that it reads, count.
    """
    require(user, Permission.RESULT_VIEW, network=network)
    used = columns_used(card) | {""}
    months: dict[int, dict[date, Doubt]] = defaultdict(dict)
    late: dict[int, str] = {}
    issues = Issue.objects.filter(
        network=network, table_slug=card.table, status__in=OPEN, check_name__in=(*OF_MONTHS, "up-to-date")
    ).select_related("owner")
    for issue in issues:
        owner = str(issue.owner) if issue.owner else ""
        if issue.check_name == "up-to-date":
            late[issue.site_id] = owner
        elif issue.column in used and len(issue.months) <= MOST:
            for month in issue.months:
                months[issue.site_id].setdefault(date.fromisoformat(f"{month}-01"), Doubt(issue.check_name, owner))
    for site_id, month in _redefined(network, card, used):
        months[site_id][month] = Doubt("redefined")
    leads, analysts = _people(network)
    return Doubts({site: dict(found) for site, found in months.items()}, leads, late, analysts)


def _people(network: Network) -> tuple[dict[int, str], tuple[str, ...]]:
    """Return site id -> lead of its team, and who looks after the network's data."""
    held = Membership.objects.filter(
        in_force(), network=network, role__in=("site_lead", "data_analyst"), person__is_active=True
    )
    leads: dict[int, str] = {}
    analysts = []
    for member in held.select_related("person").order_by("since", "id"):
        if member.site_id is not None:
            leads.setdefault(member.site_id, str(member.person))
        elif member.role == "data_analyst":
            analysts.append(str(member.person))
    return leads, tuple(analysts)


def _redefined(network: Network, card: Card, used: Iterable[str]) -> list[tuple[int, date]]:
    """Return site id and first month that came under another definition of a column that the measure reads."""
    tables = {table.pk: table for table in Table.objects.filter(network=network, slug=card.table)}
    if len(tables) < 2:
        return []
    meant = {pk: _meaning(contract.load(table.dictionary), used) for pk, table in tables.items()}
    if len(set(meant.values())) < 2:
        return []
    files = RegistryFile.objects.filter(network=network, table_slug=card.table, current_until=None)
    by_site: dict[str, dict[str, int]] = defaultdict(dict)
    for sites, table in files.values_list("sites", "submission__table"):
        for code, said in sites.items():
            by_site[code] |= dict.fromkeys(said["months"], table)
    ids = dict(network.sites.filter(code__in=by_site).values_list("code", "pk"))
    out = []
    for code, months in by_site.items():
        before = ""
        for month in sorted(months):
            now = meant[months[month]]
            if before and now != before and code in ids:
                out.append((ids[code], date.fromisoformat(f"{month}-01")))
            before = now
    return out


def _meaning(dictionary: TableDictionary, used: Iterable[str]) -> str:
    """Return what the dictionary says of the columns that a measure reads."""
    names = set(used)
    return repr(
        [(f.name, f.type, f.codes, f.unit, f.event, f.description) for f in dictionary.fields if f.name in names]
    )
