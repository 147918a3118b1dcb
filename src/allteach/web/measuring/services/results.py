"""Works out what measures come to, and writes only what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.errors import MeasureError
from allteach.measures.card import Card
from allteach.measures.engine import CODE
from allteach.measures.files import load
from allteach.web.ledger.services import record
from allteach.web.measuring import engine
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.changes import change, differs, key_of, moved
from allteach.web.measuring.completeness import completeness, of_files
from allteach.web.measuring.models import (
    COMPUTED,
    SHOWN,
    Computation,
    Correction,
    Measure,
    MeasureVersion,
    Observation,
)
from allteach.web.measuring.panels import COLUMNS, Row
from allteach.web.measuring.provenance import corrections_made, manifest_hash
from allteach.web.measuring.signals import tell
from allteach.web.people.models import Person
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.submissions import manifest
from allteach.web.submissions.hooks import Change
from allteach.web.submissions.models import RegistryFile, Submission
from allteach.web.submissions.selectors import dictionary_of

Pair = tuple[Measure, MeasureVersion]
_BATCH = 5000
_DELETED = 500  # SQLite takes a limited number of parameters


@transaction.atomic
def recompute(
    *, by: Person, network: Network, measures: Iterable[Measure] | None = None, sites: Sequence[str] | None = None
) -> list[Change]:
    """Work measures out anew from the rows that are current, and return what changed about each.

    Args:
        by: The person whose act made this necessary.
        network: Where.
        measures: Which; None for all that are followed.
        sites: Only these sites, by code; None for all.

    Raises:
        Refused: ``AT-P-002`` when the person may not change measures.
        MeasureError: ``AT-M`` when a card does not fit the rows.
    """
    require(by, Permission.MEASURE_CHANGE, network=network)
    chosen = _computed(network, measures=None if measures is None else list(measures))
    changes = _recompute(network, chosen, sites)
    tell(network=network, measures=_measures(chosen), by=by)
    record(
        by=by,
        action="results.computed",
        network=network,
        about=", ".join(measure.slug for measure in _measures(chosen))[:120],
        sites="all" if sites is None else list(sites),
        engine=network.engine,
    )
    return changes


def _computed(network: Network, table_slug: str = "", measures: Sequence[Measure] | None = None) -> list[Pair]:
    """Return the versions that are worked out: the one on charts, those it replaced, and a pilot.

    Args:
        network: Where.
        table_slug: Only measures of this table; empty for all.
        measures: Only these; None for all.
    """
    found = MeasureVersion.objects.filter(measure__network=network, status__in=COMPUTED).select_related("measure")
    if measures is not None:
        found = found.filter(measure__in=[measure.pk for measure in measures])
    pairs = [(version.measure, version) for version in found.order_by("measure__order", "measure_id", "number")]
    return [pair for pair in pairs if not table_slug or card_of(pair[1]).table == table_slug]


def _shown(pairs: Iterable[Pair]) -> list[Pair]:
    """Return of each measure the newest version that charts show."""
    newest = {pair[0].pk: pair for pair in pairs if pair[1].status in SHOWN}
    return list(newest.values())


def _measures(pairs: Iterable[Pair]) -> list[Measure]:
    return list({measure.pk: measure for measure, _version in pairs}.values())


def _recompute(network: Network, chosen: Sequence[Pair], sites: Sequence[str] | None) -> list[Change]:
    """Work versions out anew; what changed is told of those that charts show."""
    ids = dict(Site.objects.filter(network=network).values_list("code", "pk"))
    shown = {version.pk for _measure, version in _shown(chosen)}
    by_table: dict[str, list[Pair]] = defaultdict(list)
    for measure, version in chosen:
        by_table[card_of(version).table].append((measure, version))
    changes = []
    for table, pairs in by_table.items():
        files = engine.current_files(network, table)
        paths = manifest.paths(network, engine.holding(files, sites))
        with engine.attached(network, files=paths, stored=True) as rows:
            for measure, version in pairs:
                card = card_of(version)
                after = engine.as_rows(engine.compute(card, rows, sites=sites), ids, of_files(files, card.grain))
                before = _store(version, after, None if sites is None else [ids[code] for code in sites if code in ids])
                if version.pk in shown:
                    changes.append(change(measure.title, card, before, after))
            _rest_on(network, files, [version for _measure, version in pairs], table=table, label=rows.label)
    return changes


def _rest_on(
    network: Network, files: Sequence[RegistryFile], versions: Sequence[MeasureVersion], *, table: str, label: str
) -> None:
    """Write down what these versions are worked out from; the same state again only gets a new time."""
    dictionary = dictionary_of(network, table)
    basis = {
        "manifest": manifest_hash(files),
        "files": len(files),
        "dictionary": dictionary.version,
        "dictionary_hash": dictionary.content_hash,
        "engine": label,
        "code": CODE,
    }
    now = timezone.now()
    same = Computation.objects.filter(version__in=[version.pk for version in versions], **basis)
    known = set(same.values_list("version_id", flat=True))
    same.update(at=now)
    Computation.objects.bulk_create(
        Computation(version=version, at=now, **basis) for version in versions if version.pk not in known
    )


def _store(version: MeasureVersion, after: Sequence[Row], sites: Sequence[int] | None) -> list[Row]:
    """Write observations, touching only those that changed, and return those that were there."""
    found = Observation.objects.filter(version=version)
    if sites is not None:
        found = found.filter(site__in=sites)
    kept = {key_of(row[1:]): (row[0], row[1:]) for row in found.values_list("pk", *COLUMNS)}
    new = {key_of(row): row for row in after}
    stale = [pk for key, (pk, row) in kept.items() if key not in new or differs(row, new[key])]
    fresh = [row for key, row in new.items() if key not in kept or differs(kept[key][1], row)]
    if version.status in SHOWN:
        stale_keys = {key for key, (_pk, row) in kept.items() if key not in new or moved(row, new[key])}
        gone = [row for key, (_pk, row) in kept.items() if key in stale_keys]
        Correction.objects.bulk_create(corrections_made(version, gone, timezone.now()), batch_size=_BATCH)
    for at in range(0, len(stale), _DELETED):
        Observation.objects.filter(pk__in=stale[at : at + _DELETED]).delete()
    _insert(version, fresh)
    return [row for _pk, row in kept.values()]


def _insert(version: MeasureVersion, rows: Sequence[Row]) -> None:
    """Write observations straight to the table: making an object for each of 40,000 takes ten times as long."""
    quote = connection.ops.quote_name
    fields = {field.attname: str(field.column) for field in Observation._meta.concrete_fields}
    names = [fields[name] for name in COLUMNS]
    listed = ", ".join(quote(name) for name in ["version_id", *names])
    marks = ", ".join(["%s"] * (len(names) + 1))
    query = f"INSERT INTO {quote(Observation._meta.db_table)} ({listed}) VALUES ({marks})"
    with connection.cursor() as cursor:
        for at in range(0, len(rows), _BATCH):
            cursor.executemany(
                query, [(version.pk, row[0], row[1].isoformat(), *row[2:]) for row in rows[at : at + _BATCH]]
            )


def apply_submission(*, submission: Submission, by: Person) -> Mapping[str, Any]:
    """Make results follow a file that was accepted or withdrawn; called inside that step's transaction.

    Measures that the sender's plan begins with are made here, so that a rejected file leaves none behind.
    """
    from allteach.web.measuring.services.cards import _create

    assert submission.table is not None
    network = submission.network
    fresh = []
    if submission.status == Submission.Status.ACCEPTED:
        fresh = [_create(by, network, card, True) for card in _planned(submission)]
    chosen = _computed(network, submission.table.slug)
    known = [pair for pair in chosen if pair[0] not in fresh]
    begun = [pair for pair in chosen if pair[0] in fresh]
    changes = _recompute(network, begun, None) + _recompute(network, known, _sites_of(submission))
    told = tell(network=network, measures=_measures(chosen), by=by)
    return {
        **told,
        "changes": [asdict(item) for item in changes],
        "headline": headline(submission, changes, int(told.get("new_signals", 0))),
        "measures_begun": len(fresh),
    }


def _planned(submission: Submission) -> list[Card]:
    """Return the cards that would begin with a file; those that the network follows already are left out.

    A measure of another table may have the same short name: then the new one carries its table's name too.
    """
    versions = MeasureVersion.objects.filter(measure__network=submission.network).select_related("measure")
    tables = {version.measure.slug: card_of(version).table for version in versions.order_by("number")}
    out = []
    for card in (load(text) for text in submission.plan.get("cards", [])):
        if card.id in tables and tables[card.id] != card.table:
            card = replace(card, id=f"{card.id}-{card.table}"[:80])
        if card.id not in tables:
            tables[card.id] = card.table
            out.append(card)
    return out


def _sites_of(submission: Submission) -> list[str] | None:
    """Return the sites whose rows a file changed; None where completeness of all may have changed."""
    return list(submission.scope.get("sites", {})) if submission.site_id else None


def headline(submission: Submission, changes: Sequence[Change], signals: int) -> str:
    """Return what happened in one line: rows, the first measure that moved, new signals."""
    if submission.status == Submission.Status.WITHDRAWN:
        return _("The file is withdrawn; results are as if it had not been accepted")
    rows = submission.rows_kept
    parts = [ngettext("%(n)s row is in", "%(n)s rows are in", rows) % {"n": f"{rows:,}"}]
    moved = next((c for c in changes if c.after and c.after != c.before), None)
    if moved is not None and moved.before:
        parts.append(f"{moved.title} {_bare(moved.before)} → {_bare(moved.after)}")
    elif moved is not None:
        begun = sum(1 for item in changes if item.after)
        parts.append(ngettext("%(n)d measure begins", "%(n)d measures begin", begun) % {"n": begun})
    if signals:
        parts.append(ngettext("%(n)d new signal", "%(n)d new signals", signals) % {"n": signals})
    return "; ".join(parts)


def _bare(point: str) -> str:
    """Return the value of a point without its counts and date."""
    return point.split(" (")[0].rsplit(",", 1)[0] if "(" not in point else point.split(" (")[0]


def preview_submission(*, submission: Submission, user: Person) -> list[Change]:
    """Return what each measure would change to if a checked file were accepted. Nothing is written."""
    assert submission.table is not None
    network = submission.network
    parts = manifest.parts_with(submission)
    ids = dict(Site.objects.filter(network=network).values_list("code", "pk"))
    ids |= {site["code"]: -at for at, site in enumerate(submission.plan.get("new_sites", []), start=1)}
    pairs: list[tuple[MeasureVersion | None, Card, str]] = [
        (version, card_of(version), measure.title)
        for measure, version in _shown(_computed(network, submission.table.slug))
    ]
    pairs += [(None, card, card.title) for card in _planned(submission)]
    only = submission.site
    paths = manifest.paths(network, engine.holding(parts, [only.code] if only else None))
    changes = []
    with engine.attached(network, files=paths) as rows:
        for version, card, title in pairs:
            complete = completeness(((part.submission, part.sites) for part in parts), card.grain)
            try:
                sums = engine.compute(card, rows, sites=[only.code] if only else None)
            except MeasureError:
                continue  # the acceptance itself will say so; the rows can be looked at all the same
            after = engine.as_rows(sums, ids, complete)
            before = _before(version, only)
            after = [row for row in after if only is None or row[0] == only.pk]
            changes.append(change(title, card, before, after, is_new=version is None))
    return changes


def _before(version: MeasureVersion | None, only: Site | None) -> list[Row]:
    """Return the observations that are there now, of one site or of all."""
    found = Observation.objects.filter(version=version)
    if only is not None:
        found = found.filter(site=only)
    return list(found.values_list(*COLUMNS)) if version else []
