"""What published numbers rest on: version, dictionary, submissions, engine, code; and what was corrected since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allteach.measures.card import Card
from allteach.web.measuring import engine
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.engine import end_of
from allteach.web.measuring.models import Computation, Correction, Measure, MeasureVersion
from allteach.web.measuring.panels import COLUMNS, Row, build_line, point_text
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import Naming
from allteach.web.submissions.models import RegistryFile, Submission

MOST_CORRECTIONS = 12


@dataclass(frozen=True, slots=True)
class Rests:
    """What the numbers of one chart rest on.

    Attributes:
        computation: The state that they were worked out from; None for numbers that were never worked out here.
        submissions: The submissions of which rows are in them, newest first; only those that concern the site.
    """

    computation: Computation | None
    submissions: tuple[Submission, ...]


def manifest_hash(files: Iterable[RegistryFile]) -> str:
    """Return the SHA-256 over the files that count and the submissions they came with. Order does not matter."""
    listed = sorted(f"{file.path} {file.submission.file_hash}" for file in files)
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


def rests_on(
    *, user: Any, network: Network, version: MeasureVersion, site: Site | None = None, as_known: date | None = None
) -> Rests:
    """Return what the numbers of a version rest on, for one site or for all, now or as known on a day."""
    require(user, Permission.RESULT_VIEW, network=network)
    moment = None if as_known is None else end_of(as_known)
    found = Computation.objects.filter(version=version)
    if moment is not None:
        found = found.filter(at__lte=moment)
    files = engine.current_files(network, card_of(version).table, as_of=moment)
    wanted = {
        file.submission.pk: file.submission
        for file in files
        if site is None or not file.sites or site.code in file.sites
    }
    return Rests(found.first(), tuple(sorted(wanted.values(), key=lambda item: -item.number)))


@dataclass(frozen=True, slots=True)
class Corrected:
    """A published point that moved: where, when, and what it was in words."""

    site: Site
    period: date
    was: str
    until: datetime


def corrections_of(
    *, user: Any, measure: Measure, version: MeasureVersion, naming: Naming, site: Site | None = None
) -> list[Corrected]:
    """Return the published points that later files moved, newest first, where this person may read such differences."""
    require(user, Permission.RESULT_VIEW, network=measure.network)
    found = Correction.objects.filter(version=version).select_related("site")
    if site is not None:
        found = found.filter(site=site)
    if naming.counted is not None:
        found = found.filter(site__in=naming.counted)
    card = card_of(version)
    return [Corrected(item.site, item.period, _was(card, item), item.until) for item in found[:MOST_CORRECTIONS]]


def _was(card: Card, item: Correction) -> str:
    row: Row = (
        item.site_id, item.period, item.order, "", item.numerator, item.denominator, item.n, item.total, None, 0, True,
    )  # fmt: skip
    line = build_line(card, [row])
    return "" if line is None else point_text(card, line[0], 0)


def corrections_made(version: MeasureVersion, gone: Sequence[Row], at: datetime) -> list[Correction]:
    """Return records of points that were published as complete and are not so any more."""
    names = ("numerator", "denominator", "n", "total")
    return [
        Correction(
            version=version, site_id=row[0], period=row[1], order=row[2], until=at,
            **{name: row[COLUMNS.index(name)] for name in names},
        )
        for row in gone
        if not row[3] and row[10]
    ]  # fmt: skip
