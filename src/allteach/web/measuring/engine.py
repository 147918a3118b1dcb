"""Runs cards over the current rows of a network and turns what comes out into observations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from django.utils import timezone

from allteach.measures.card import Card, MeasureKind
from allteach.measures.engine import run
from allteach.web.measuring.completeness import Completeness, of_files
from allteach.web.measuring.panels import Row
from allteach.web.sites.models import Network, Site
from allteach.web.submissions import manifest
from allteach.web.submissions.models import RegistryFile

_PART = {MeasureKind.MEDIAN: "bin", MeasureKind.BUNDLE: "element"}


class Sums(NamedTuple):
    """What a card came to for one site (by code), period, order and stratum."""

    site: str
    period: date
    order: int
    stratum: str
    numerator: float | None
    denominator: float | None
    n: int | None
    total: float | None
    total_sq: float | None


def current_files(network: Network, table_slug: str, *, as_of: datetime | None = None) -> list[RegistryFile]:
    """Return the files that a measure of this table reads, with their submissions."""
    found = manifest.current(network, table_slug, as_of=as_of)
    return list(found.select_related("submission__table"))


def compute(card: Card, files: Sequence[Path] | pa.Table, *, sites: Sequence[str] | None = None) -> list[Sums]:
    """Return what a card comes to over files of rows, elements and bins included.

    Raises:
        MeasureError: ``AT-M`` when the card does not fit the rows.
    """
    result = run(card, files, strata=card.strata, sites=sites)
    out = [Sums(*values) for values in _columns(result.rows, result.rows["stratum"].to_pylist())]
    whole = [(not stratum) for stratum in result.parts["stratum"].to_pylist()]
    parts = result.parts.filter(pa.array(whole, pa.bool_()))
    if parts.num_rows and card.kind in _PART:
        names = [f"{_PART[card.kind]}={part}" for part in parts["part"].to_pylist()]
        out += [Sums(*values) for values in _columns(parts, names)]
    return out


def _columns(table: pa.Table, strata: list[str]) -> Iterable[tuple[Any, ...]]:
    """Return the rows of a result as tuples."""
    names = ("site", "period", "order", "numerator", "denominator", "n", "total", "total_sq")
    site, period, order, *sums = (table[name].to_pylist() for name in names)
    return zip(site, period, order, strata, *sums, strict=True)


def rows_as_of(*, network: Network, card: Card, as_of: date | datetime) -> list[Row]:
    """Return observations as they were known at a moment, worked out from the files that were current then."""
    moment = as_of
    if not isinstance(moment, datetime):
        moment = timezone.make_aware(datetime.combine(moment, time.max))
    files = current_files(network, card.table, as_of=moment)
    ids = dict(Site.objects.filter(network=network).values_list("code", "pk"))
    sums = compute(card, manifest.paths(network, files)) if files else []
    return as_rows(sums, ids, of_files(files, card.grain))


def as_rows(sums: Iterable[Sums], ids: dict[str, int], known: Completeness) -> list[Row]:
    """Return sums as observations; those of sites that the network does not have are left out."""
    return [
        (
            ids[s.site], s.period, s.order, s.stratum, s.numerator, s.denominator, s.n, s.total, s.total_sq,
            known.held_in(s.site, s.period) if not s.stratum else 0, known.is_complete(s.site, s.period),
        )
        for s in sums
        if s.site in ids
    ]  # fmt: skip
