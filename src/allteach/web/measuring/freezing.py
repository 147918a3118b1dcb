"""Frozen reports: what they rest on, and working them out again to the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.measures import frozen
from allteach.measures.card import Card
from allteach.measures.engine import CODE
from allteach.measures.engines import DuckDB
from allteach.web.measuring import engine
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import FrozenReport, Measure, MeasureVersion
from allteach.web.measuring.versions import chain, on_charts
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network
from allteach.web.submissions import manifest


@dataclass(frozen=True, slots=True)
class Again:
    """A frozen report worked out again.

    Attributes:
        content: Its bytes.
        digest: Their SHA-256.
        same: Whether they are the bytes that were frozen.
    """

    content: bytes
    digest: str
    same: bool


def frozen_reports(*, user: Any, network: Network) -> QuerySet[FrozenReport]:
    """Return the frozen reports of a network, newest first. They name every site and count, so few may read them."""
    require(user, Permission.MEASURE_CHANGE, network=network)
    return FrozenReport.objects.filter(network=network).select_related("frozen_by", "network")


def frozen_report(*, user: Any, network: Network, number: int) -> FrozenReport:
    """Return one frozen report.

    Raises:
        Http404: the network has none of this number.
    """
    found = frozen_reports(user=user, network=network).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def manifest_of(network: Network, moment: datetime, title: str) -> dict[str, Any]:
    """Return what a report of a network as known at a moment rests on."""
    versions = _versions_then(network, moment)
    tables = {}
    for slug in sorted({card_of(version).table for version in versions}):
        files = engine.current_files(network, slug, as_of=moment)
        used = sorted({(t.version, t.content_hash) for f in files if (t := f.submission.table) is not None})
        tables[slug] = {
            "dictionaries": [{"version": number, "hash": content} for number, content in used],
            "files": sorted(
                (
                    {"path": f.path, "rows": f.rows, "submission": f.submission.number, "file": f.submission.file_hash}
                    for f in files
                ),
                key=lambda item: (str(item["path"]), item["submission"]),
            ),
        }
    return {
        "network": network.slug,
        "title": title,
        "moment": moment.isoformat(),
        "engine": DuckDB.label,
        "code": CODE,
        "measures": [
            {
                "id": version.measure.slug,
                "version": version.number,
                "card": version.content_hash,
                "from": version.effective_from.isoformat() if version.effective_from else "",
            }
            for version in versions
        ],
        "tables": tables,
    }


def _versions_then(network: Network, moment: datetime) -> list[MeasureVersion]:
    """Return the versions that made up the charts at a moment, measure by measure."""
    ordered = MeasureVersion.objects.select_related("measure").order_by("-number")
    found: list[MeasureVersion] = []
    measures = Measure.objects.filter(network=network).prefetch_related(Prefetch("versions", queryset=ordered))
    for measure in measures.order_by("slug"):
        versions = [v for v in measure.versions.all() if v.released_at is not None and v.released_at <= moment]
        shown = on_charts(versions, moment)
        if shown is not None and shown.status != MeasureVersion.Status.RETIRED:
            found += [stretch.version for stretch in chain(versions, shown)]
    return found


def work_out(network: Network, said: Mapping[str, Any]) -> bytes:
    """Return the bytes of the report that a manifest describes.

    Raises:
        RegistryError: ``AT-R-003`` or ``AT-R-004`` when a file of rows is gone or damaged.
        StateError: ``AT-T-070`` when a card is not the one that was frozen.
    """
    registry = manifest.registry_of(network)
    paths: dict[str, list[Path]] = {}
    for slug, table in said["tables"].items():
        for file in table["files"]:
            registry.verify(file["path"])
        paths[slug] = registry.files(dict.fromkeys(file["path"] for file in table["files"]))
    return frozen.report(said, [(card, paths[card.table]) for card in _cards(network, said)])


def _cards(network: Network, said: Mapping[str, Any]) -> list[Card]:
    kept = {
        (version.measure.slug, version.number): version
        for version in MeasureVersion.objects.filter(measure__network=network).select_related("measure")
    }
    cards = []
    for item in said["measures"]:
        version = kept.get((item["id"], item["version"]))
        if version is None or card_of(version).content_hash != item["card"]:
            raise StateError(
                "AT-T-070",
                _("A card is not the one that was frozen."),
                where=f"{item['id']} v{item['version']}",
                do=_("Restore the database from a backup that has it."),
            )
        cards.append(card_of(version))
    return cards


def again(*, user: Any, report: FrozenReport) -> Again:
    """Return a frozen report worked out again from its manifest.

    Raises:
        Refused: ``AT-P-002`` when the person may not read frozen reports.
        RegistryError, StateError: See `work_out`.
    """
    require(user, Permission.MEASURE_CHANGE, network=report.network)
    return recomputed(report)


def recomputed(report: FrozenReport) -> Again:
    """Return a frozen report worked out again, for those who run the server."""
    content = work_out(report.network, report.manifest)
    digest = frozen.digest(content)
    return Again(content, digest, digest == report.digest)
