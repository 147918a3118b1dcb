"""Which files of rows are current. Files never change; this says which count, from when until when.

Where a new file speaks for a part of an older one, the rest of the older one is written anew. So every question about
"now", or about any day before, is answered by a plain list of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.db.models import Q, QuerySet

from allteach.intake import contract
from allteach.intake.contract import TableDictionary
from allteach.registry.diff import Diff, diff
from allteach.registry.store import Registry, Stored
from allteach.registry.upcast import upcast_file
from allteach.web.sites.models import Network
from allteach.web.submissions import rows, store, summaries
from allteach.web.submissions.models import RegistryFile, Submission, Table
from allteach.web.submissions.rows import Columns, Span

WHOLE, PART = "whole", "part"  # what a file holds of the sites and periods that it names


@dataclass(frozen=True, slots=True)
class Part:
    """A file of rows that counts, and the submission that it came with."""

    path: str
    submission: Submission
    rows: int
    sites: dict[str, Any]

    @property
    def corrects(self) -> bool:
        """Whether it only adds and corrects rows by key; else it speaks for whole sites and periods."""
        return self.submission.plan.get("holds") == PART

    @property
    def spans(self) -> list[Span]:
        """What it holds."""
        return [Span(code, said["first"], said["last"]) for code, said in self.sites.items()]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a step did to the list of current files.

    Args:
        added: Rows that are current now and were not.
        removed: Rows that are not current any more.
        emptied: Submissions of which nothing is left.
        revived: Submissions of which something counts again.
    """

    added: int
    removed: int
    emptied: tuple[Submission, ...] = ()
    revived: tuple[Submission, ...] = ()


def registry_of(network: Network) -> Registry:
    """Return the folder of accepted rows of a network."""
    return Registry(store.registry_folder() / network.slug)


def stage(submission: Submission, good: pa.Table, dictionary: TableDictionary) -> str:
    """Write the good rows of a checked file aside and return the path in the registry."""
    columns = columns_of(dictionary)
    registry = registry_of(submission.network)
    path = registry.put(good, site=columns.site, day=columns.time).path
    registry.pieces(path, site=columns.site, day=columns.time)  # now, in the job, so that accepting finds them
    return path


def columns_of(dictionary: TableDictionary) -> Columns:
    """Return which columns of stored rows say where, when and which row."""
    assert dictionary.time is not None
    return Columns(summaries.site_column(dictionary), dictionary.time.name, dictionary.key)


def current(network: Network, table_slug: str, *, as_of: datetime | None = None) -> QuerySet[RegistryFile]:
    """Return the files of a table that are current, or were at a moment."""
    found = RegistryFile.objects.filter(network=network, table_slug=table_slug)
    if as_of is None:
        return found.filter(current_until=None)
    return found.filter(Q(current_until=None) | Q(current_until__gt=as_of), current_from__lte=as_of)


def paths(network: Network, files: Iterable[RegistryFile | Part]) -> list[Path]:
    """Return where these files are."""
    return registry_of(network).files(file.path for file in files)


def _newest(network: Network, table_slug: str) -> Table:
    """Return the newest version of a table, which every current row fits."""
    return Table.objects.filter(network=network, slug=table_slug).order_by("-version")[:1].get()


def _fitting(network: Network, path: str, dictionary: TableDictionary) -> str:
    """Return the path of a file's rows as rows of this dictionary."""
    columns = columns_of(dictionary)
    return upcast_file(registry_of(network), path, dictionary, site=columns.site, day=columns.time)


def fitting_paths(network: Network, files: Iterable[RegistryFile]) -> list[Path]:
    """Return where files of one table are, each fitted to its newest version, also those that are not current."""
    found = list(files)
    if not found:
        return []
    newest = contract.load(_newest(network, found[0].table_slug).dictionary)
    return registry_of(network).files(_fitting(network, file.path, newest) for file in found)


def reshape(table: Table, *, at: datetime) -> int:
    """Make the current rows fit a new version of their table and return how many files that changed.

    Called inside the transaction that releases the version. Earlier files stay, for every day before.
    """
    dictionary, count = contract.load(table.dictionary), 0
    for file in current(table.network, table.slug):
        path = _fitting(table.network, file.path, dictionary)
        if path != file.path:
            RegistryFile.objects.filter(pk=file.pk).update(current_until=at)
            RegistryFile.objects.create(
                network=table.network, table_slug=table.slug, submission_id=file.submission_id, path=path,
                rows=file.rows, sites=file.sites, current_from=at,
            )  # fmt: skip
            count += 1
    return count


def _said(submission: Submission) -> TableDictionary:
    """Return the newest dictionary of a submission's table, whichever version it was checked against."""
    assert submission.table is not None
    return contract.load(_newest(submission.network, submission.table.slug).dictionary)


def _part(submission: Submission, said: TableDictionary) -> Part:
    """Return what a submission brings, fitted to the newest version of its table."""
    assert submission.table is not None
    path = submission.scope["file"]
    if said.version != submission.table.version:
        path = _fitting(submission.network, path, said)
    return Part(path, submission, submission.rows_kept, submission.scope["sites"])


def _parts(submission: Submission) -> list[Part]:
    """Return what counts now in the table of a submission."""
    assert submission.table is not None
    found = current(submission.network, submission.table.slug).select_related(
        "submission__network", "submission__table"
    )
    return [Part(file.path, file.submission, file.rows, file.sites) for file in found]


def _meets(part: Part, new: Part) -> bool:
    theirs = {span.site: span for span in part.spans}
    return any(span.site in theirs and span.meets(theirs[span.site]) for span in new.spans)


def touched(submission: Submission) -> tuple[Submission, ...]:
    """Return the submissions of which rows would be replaced, oldest first."""
    new = _part(submission, _said(submission))
    found = {part.submission.number: part.submission for part in _parts(submission) if _meets(part, new)}
    return tuple(found[number] for number in sorted(found))


def difference(submission: Submission) -> Diff:
    """Return how the rows of a checked file differ from what is current for the same sites and days."""
    said = _said(submission)
    new, columns = _part(submission, said), columns_of(said)
    registry = registry_of(submission.network)
    old = [registry.full(part.path) for part in _parts(submission) if _meets(part, new)]
    known: pa.Table | Sequence[Path] = rows.inside(old, new.spans, columns) if old else []
    found = diff(known, [registry.full(new.path)], columns.key)
    return replace(found, removed=0) if new.corrects else found


def parts_with(submission: Submission) -> list[Part]:
    """Return what would count if a checked file were accepted. Writes files that nothing points to yet."""
    return _with(_parts(submission), submission, _said(submission))


def _with(parts: Sequence[Part], submission: Submission, said: TableDictionary) -> list[Part]:
    """Return the parts after a submission is laid over them; all fit the newest version of the table."""
    new, out = _part(submission, said), []
    columns, registry = columns_of(said), registry_of(submission.network)
    for part in parts:
        if not _meets(part, new):
            out.append(part)
            continue
        left = _left(registry, part, new, columns)
        if left is not None:
            stored, table = left
            same = stored.path == part.path
            sites = part.sites if same else summaries.summary(table, said)
            out += _pieces(registry, Part(stored.path, part.submission, stored.rows, sites), columns)
    return [*out, *_pieces(registry, new, columns)]


def _pieces(registry: Registry, part: Part, columns: Columns) -> list[Part]:
    """Return a part as files of a few sites each, so that replacing one site leaves the rest of a network alone."""
    pieces = registry.pieces(part.path, site=columns.site, day=columns.time)
    if len(pieces) == 1:
        return [part]
    held = [{code: said for code, said in part.sites.items() if code in piece.sites} for piece in pieces]
    return [Part(piece.path, part.submission, piece.rows, sites) for piece, sites in zip(pieces, held, strict=True)]


def _left(registry: Registry, old: Part, new: Part, columns: Columns) -> tuple[Stored, pa.Table] | None:
    """Return what is left of an older file beside a newer one, and its rows; None when nothing is."""
    if not new.corrects:
        return rows.outside(registry, old.path, new.spans, columns)
    stored = registry.without(old.path, new.path, columns.key, site=columns.site, day=columns.time)
    return None if stored is None else (stored, registry.read([stored.path]))


def make_current(submission: Submission, *, at: datetime) -> Changed:
    """Make a checked file's rows count in place of older ones for the same sites and days.

    Called inside the transaction of the acceptance: what is written here counts only once that commits.
    """
    return _write_down(submission, _parts(submission), parts_with(submission), at)


def take_back(submission: Submission, *, at: datetime) -> Changed:
    """Make the list as if a submission had never been accepted: what it replaced counts again.

    Called inside the transaction of the withdrawal, when the submission's own state has changed already.
    """
    assert submission.table is not None
    others = Submission.objects.filter(
        network=submission.network,
        table__slug=submission.table.slug,
        status__in=[Submission.Status.ACCEPTED, Submission.Status.SUPERSEDED],
    )
    wanted: list[Part] = []
    said = _said(submission)
    for other in others.select_related("network", "table").order_by("decided_at", "number"):
        wanted = _with(wanted, other, said)
    return _write_down(submission, _parts(submission), wanted, at)


def _write_down(cause: Submission, before: Sequence[Part], after: Sequence[Part], at: datetime) -> Changed:
    """Write the difference between two lists of files into the database."""
    assert cause.table is not None
    slug = cause.table.slug
    old = {(part.path, part.submission.pk): part for part in before}
    new = {(part.path, part.submission.pk): part for part in after}
    gone = [part for key, part in old.items() if key not in new]
    come = [part for key, part in new.items() if key not in old]
    for part in gone:
        current(cause.network, slug).filter(path=part.path, submission=part.submission).update(current_until=at)
    RegistryFile.objects.bulk_create(
        RegistryFile(
            network=cause.network,
            table_slug=slug,
            submission=part.submission,
            path=part.path,
            rows=part.rows,
            sites=part.sites,
            current_from=at,
        )
        for part in come
    )
    here_before = {part.submission for part in before}
    here_after = {part.submission for part in after}
    rests = sum(part.rows for part in come if part.submission in here_before)
    return Changed(
        added=sum(part.rows for part in come if part.submission not in here_before),
        removed=sum(part.rows for part in gone) - rests,
        emptied=tuple(sorted(here_before - here_after - {cause}, key=lambda s: s.number)),
        revived=tuple(sorted(here_after - here_before - {cause}, key=lambda s: s.number)),
    )
