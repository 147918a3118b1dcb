"""Reading the cases of one site: those that are accepted, those that somebody has begun to type in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
from django.http import Http404

from allteach.intake.contract import Field, Privacy, TableDictionary
from allteach.registry.store import source_sql
from allteach.web.people.models import Person
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.submissions import manifest, selectors
from allteach.web.submissions.forms.cases import as_typed, can_be_filled
from allteach.web.submissions.models import CaseDraft, Submission, Table
from allteach.web.submissions.summaries import quoted, site_column

SHOWN = 25
RECENT = 10


@dataclass(frozen=True, slots=True)
class Case:
    """An accepted row.

    Args:
        token: Names it in an address without telling a value of it.
        values: The columns that are listed, as texts.
        row: All of it.
    """

    token: str
    values: tuple[str, ...]
    row: Mapping[str, Any]


def tables_with_cases(*, user: Person, network: Network) -> list[Table]:
    """Return the tables whose cases can be typed in one by one."""
    return [t for t in selectors.tables_of(user=user, network=network) if can_be_filled(selectors.read(t))]


def listed(dictionary: TableDictionary) -> list[Field]:
    """Return the columns that a list of cases shows: what names a case, when it was, and the first few others."""
    own = dictionary.site.name if dictionary.site else ""
    first = [*dictionary.key, *([dictionary.time.name] if dictionary.time else [])]
    rest = [field.name for field in dictionary.fields if field.privacy is Privacy.OPEN]
    names = [name for name in dict.fromkeys([*first, *rest]) if name != own][:5]
    return [dictionary.field(name) for name in names]


def cases_of(*, user: Person, table: Table, site: Site, find: str = "") -> list[Case]:
    """Return the newest accepted cases of a site, or those whose key holds a text.

    Raises:
        Refused: ``AT-P-002`` when the person may not see the site's rows.
    """
    require(user, Permission.ROW_VIEW, network=table.network, site=site)
    said = selectors.read(table)
    files = manifest.paths(table.network, manifest.current(table.network, table.slug))
    if not files:
        return []
    assert said.time is not None
    wanted, given = "", [site.code]
    if find:
        parts = [f"contains(lower(CAST({quoted(name)} AS VARCHAR)), lower(?))" for name in said.key]
        wanted, given = f" AND ({' OR '.join(parts)})", [site.code, *[find] * len(parts)]
    with duckdb.connect(":memory:") as db:
        rows = db.sql(
            f"SELECT * FROM {source_sql(files)} WHERE {quoted(site_column(said))} = ?{wanted}"
            f" ORDER BY {quoted(said.time.name)} DESC, {', '.join(quoted(name) for name in said.key)} LIMIT {SHOWN}",
            params=given,
        ).to_arrow_table()
    columns = listed(said)
    return [
        Case(token_of(said, row), tuple(as_typed(field, row[field.name]) for field in columns), row)
        for row in rows.to_pylist()
    ]


def case_for(*, user: Person, table: Table, site: Site, token: str) -> Mapping[str, Any]:
    """Return the accepted row that a token names.

    Raises:
        Http404: the site has no such row, or not any more.
        Refused: ``AT-P-002``.
    """
    require(user, Permission.ROW_VIEW, network=table.network, site=site)
    said = selectors.read(table)
    files = manifest.paths(table.network, manifest.current(table.network, table.slug))
    if files:
        key = ", ".join(quoted(name) for name in said.key)
        with duckdb.connect(":memory:") as db:
            source, where = source_sql(files), f"{quoted(site_column(said))} = ?"
            keys = db.sql(f"SELECT {key} FROM {source} WHERE {where}", params=[site.code]).to_arrow_table().to_pylist()
            found = next((row for row in keys if token_of(said, row) == token), None)
            if found is not None:
                same = " AND ".join(f"{quoted(name)} IS NOT DISTINCT FROM ?" for name in said.key)
                given = [site.code, *(found[name] for name in said.key)]
                rows = db.sql(f"SELECT * FROM {source} WHERE {where} AND {same}", params=given).to_arrow_table()
                row: Mapping[str, Any] = rows.to_pylist()[0]
                return row
    raise Http404


def token_of(dictionary: TableDictionary, row: Mapping[str, Any]) -> str:
    """Return a mark of a row's key that tells nothing of it, for addresses."""
    text = "\x1f".join([dictionary.name, *(str(row[name]) for name in dictionary.key)])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def drafts_of(*, user: Person, table: Table, site: Site) -> list[CaseDraft]:
    """Return the cases that this person has begun for a site and not sent."""
    return list(CaseDraft.objects.filter(person=user, table__network=table.network, table__slug=table.slug, site=site))


def draft_for(*, user: Person, table: Table, site: Site, pk: str) -> CaseDraft | None:
    """Return a draft of this person, or None for no number.

    Raises:
        Http404: there is none of this number, or it is somebody else's.
    """
    if not pk:
        return None
    found = drafts_of(user=user, table=table, site=site)
    draft = next((draft for draft in found if str(draft.pk) == pk), None)
    if draft is None:
        raise Http404
    return draft


def typed_lately(*, user: Person, table: Table, site: Site) -> list[Submission]:
    """Return the newest submissions that were typed in for a site."""
    if not may(user, Permission.ROW_VIEW, network=table.network, site=site):
        return []
    found = Submission.objects.filter(network=table.network, table__slug=table.slug, site=site, plan__typed=True)
    return list(found.select_related("sent_by")[:RECENT])
