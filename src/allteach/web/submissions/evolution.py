"""What a new version of a table would do to the rows and measures that are there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.intake import checks
from allteach.intake.contract import FieldType, Privacy, TableDictionary
from allteach.intake.expression import columns
from allteach.intake.findings import Finding, Severity
from allteach.intake.raw import RawTable
from allteach.registry.store import source_sql
from allteach.registry.upcast import upcast
from allteach.web.sites.models import Network
from allteach.web.submissions import hooks, manifest, spelling
from allteach.web.submissions.models import RegistryFile

MOST_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class Effect:
    """What the rows that are accepted come to under another version of their dictionary.

    Args:
        rows: Rows looked at.
        all_rows: Rows there are.
        held: Rows that a file of today would have held back.
        findings: Why, by rule.
        emptied: Column -> values that its new type cannot hold.
        readers: Measures that could not be worked out any more, in words.
    """

    rows: int
    all_rows: int
    held: int
    findings: tuple[Finding, ...]
    emptied: dict[str, int]
    readers: tuple[str, ...]


def require_readable(network: Network, old: TableDictionary, new: TableDictionary) -> None:
    """Refuse a version under which rows or measures that are there could not be read any more.

    Raises:
        StateError: ``AT-T-064`` when a column that says where, when or which row has no earlier name that is there;
            ``AT-T-065`` when a measure reads a column that goes away.
    """
    if new.time is None:
        raise no_time()
    if manifest.current(network, new.name).exists() and (lost := _lost(old, new)):
        raise StateError(
            "AT-T-064",
            _("Rows that are accepted have nothing in the column “%(column)s”, which names them.") % {"column": lost},
            expected=_("Columns that say where, when and which row were there before, or have an earlier name."),
            do=_("Keep the earlier column, or write its name under “Earlier names”."),
        )
    if readers := who_cannot_read(network, new):
        raise StateError(
            "AT-T-065",
            _("Measures read columns that this version takes away or changes: %(which)s") % {"which": readers[0]},
            do=_(
                "Keep the column in this version, add the new one beside it, change the measures, "
                "and take the old one out in the next version."
            ),
        )


def no_time() -> StateError:
    """Return the error for a table of which no column says when."""
    return StateError(
        "AT-T-064",
        _("No column says when."),
        expected=_("One column that holds the period or the date of a row."),
        do=_("Give one column the use “Period” or “Date”."),
    )


def _lost(old: TableDictionary, new: TableDictionary) -> str:
    """Return a naming column of the new version that rows of the old one cannot fill, or nothing."""
    known = {field.name for field in old.fields if field.privacy is not Privacy.DIRECT}
    naming = [field.name for field in (new.site, new.time) if field] + list(new.key)
    lost = (name for name in naming if not known & {name, *new.field(name).was})
    return next(lost, "") or ("" if bool(old.site) == bool(new.site) else old.site.name if old.site else "")


def who_cannot_read(network: Network, dictionary: TableDictionary) -> list[str]:
    """Return the measures that a version of a table would leave without a column, in words."""
    return [said for hook in hooks.readers for said in hook(network=network, dictionary=dictionary)]


def effect(network: Network, dictionary: TableDictionary) -> Effect:
    """Return what accepted rows would come to under this version. Nothing is written.

    Args:
        network: Where.
        dictionary: A dictionary whose parts fit together.
    """
    files = list(manifest.current(network, dictionary.name))
    readers = tuple(who_cannot_read(network, dictionary))
    if not files:
        return Effect(0, 0, 0, (), {}, readers)
    before = _rows(network, files)
    after = upcast(before, dictionary)
    emptied = {
        field.name: lost
        for field in dictionary.fields
        if field.name in before.column_names
        and (lost := after[field.name].null_count - before[field.name].null_count) > 0
    }
    checked = checks.check(
        _as_sent(after, dictionary),
        _for_stored_rows(dictionary),
        sent_on=timezone.localdate(),
        sites=list(spelling.known_codes(network)),
        site="" if dictionary.site else "-",
    )
    held = {row for found in checked.findings if found.severity is Severity.HOLD for row in found.rows}
    rows = sum(file.rows for file in files)
    return Effect(before.num_rows, rows, len(held), checked.findings, emptied, readers)


def _rows(network: Network, files: list[RegistryFile]) -> pa.Table:
    with duckdb.connect(":memory:") as db:
        source = source_sql(manifest.paths(network, files))
        return db.sql(f"SELECT * FROM {source} LIMIT {MOST_ROWS}").to_arrow_table()


def _as_sent(rows: pa.Table, dictionary: TableDictionary) -> RawTable:
    """Return stored rows as the texts that a file would hold."""
    names = [field.name for field in dictionary.fields if field.privacy is not Privacy.DIRECT]
    texts = {name: rows[name].cast(pa.string()).fill_null("") for name in names}
    return RawTable("accepted rows", tuple(names), pa.table(texts), np.arange(2, rows.num_rows + 2))


def _for_stored_rows(dictionary: TableDictionary) -> TableDictionary:
    """Return the dictionary as it applies to rows that were read already: one style of dates, plain numbers."""
    kept = []
    for field in dictionary.fields:
        if field.privacy is Privacy.DIRECT:
            continue
        plain = replace(field, decimal=".", thousands="")
        if field.type in (FieldType.DATE, FieldType.DAY_NUMBER):
            plain = replace(plain, type=FieldType.DATE, formats=("YYYY-MM-DD",))
        kept.append(plain)
    names = {field.name for field in kept}
    kept = [field if field.at_most in ("", *names) else replace(field, at_most="") for field in kept]
    rules = tuple(rule for rule in dictionary.rules if columns(rule.condition) <= names)
    return replace(dictionary, fields=tuple(kept), rules=rules)
