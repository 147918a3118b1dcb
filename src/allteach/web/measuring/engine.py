"""Runs cards over the current rows of a network and turns what comes out into observations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
from django.conf import settings
from django.utils import timezone

from allteach.measures.card import Card, MeasureKind
from allteach.measures.engine import Attached
from allteach.measures.engines import DuckDB, Engine
from allteach.web.measuring.completeness import Completeness, of_files
from allteach.web.measuring.panels import Row
from allteach.web.sites.models import Network, Site
from allteach.web.submissions import manifest
from allteach.web.submissions.models import RegistryFile

Held = TypeVar("Held", RegistryFile, manifest.Part)
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


def holding(parts: Sequence[Held], sites: Sequence[str] | None) -> Sequence[Held]:
    """Return the files that may hold rows of these sites; all of them where their columns differ.

    A card may name a column that only some files have: it is missing in the others, which is known from all together.
    """
    if sites is None or len({part.submission.table_id for part in parts}) > 1:
        return parts
    return [part for part in parts if not part.sites.keys().isdisjoint(sites)]


def attached(network: Network, *, files: Sequence[Path], stored: bool = False) -> Attached:
    """Return rows that any number of measures can be computed over, in a `with` statement.

    What is stored is computed by the network's engine. Looking ahead and trying a card are done by DuckDB inside the
    page's own process, which answers at once; engines agree, see `tests/engines`.

    Args:
        network: Whose rows.
        files: Where they are.
        stored: Whether what comes out is kept.
    """
    return Attached(files, _engine(network) if stored else DuckDB())


def _engine(network: Network) -> Engine:
    if network.engine == Network.Engine.SPARK:
        # Here, not above: hardly any network chooses it.
        from allteach.measures.spark import Options, Spark

        return Spark(Options(settings.ALLTEACH_SPARK_MASTER, settings.ALLTEACH_SPARK_MEMORY))
    return DuckDB()


def compute(card: Card, rows: Attached, *, sites: Sequence[str] | None = None) -> list[Sums]:
    """Return what a card comes to over rows, elements and bins included.

    Raises:
        MeasureError: ``AT-M`` when the card does not fit the rows, or the engine is not there.
    """
    result = rows.result(card, strata=card.strata, sites=sites)
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


def end_of(day: date | datetime) -> datetime:
    """Return a moment as it is, and a day as its last moment."""
    return day if isinstance(day, datetime) else timezone.make_aware(datetime.combine(day, time.max))


def rows_as_of(*, network: Network, card: Card, as_of: date | datetime) -> list[Row]:
    """Return observations as they were known at a moment, worked out from the files that were current then."""
    files = current_files(network, card.table, as_of=end_of(as_of))
    ids = dict(Site.objects.filter(network=network).values_list("code", "pk"))
    with attached(network, files=manifest.fitting_paths(network, files)) as found:
        sums = compute(card, found)
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
