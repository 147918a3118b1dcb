"""Measures and what they came to over the API. Names of sites and small counts follow the network's agreements."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from ninja import Router, Schema

from allteach.web.api.problems import PROBLEMS
from allteach.web.measuring import selectors
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure, MeasureVersion
from allteach.web.measuring.panels import MeasurePanel
from allteach.web.sites.naming import naming_for
from allteach.web.sites.selectors import network_for
from allteach.web.variation.policies import openness_of

router = Router()


class MeasureOut(Schema):
    """A measure. Targets are on the inside scale: proportions 0-1, rates per one unit."""

    slug: str
    title: str
    kind: str
    counts: str
    direction: str
    target: float | None
    version: int
    content_hash: str


class MeasureDetail(MeasureOut):
    """A measure with its card (YAML)."""

    card: str


class ObservationOut(Schema):
    """One site and period. Numbers are null where they are withheld; `withheld` says so."""

    site: str
    site_name: str
    period: date
    numerator: float | None
    denominator: float | None
    n: float | None
    value: float | None
    complete: bool
    held: int
    withheld: bool


def _out(measure: Measure, version: MeasureVersion) -> dict[str, Any]:
    card = card_of(version)
    return {
        "slug": measure.slug,
        "title": measure.title,
        "kind": measure.kind,
        "counts": card.kind.value,
        "direction": card.direction.value,
        "target": measure.target,
        "version": version.number,
        "content_hash": version.content_hash,
        "card": version.card,
    }


@router.get("/n/{slug}/measures", response={200: list[MeasureOut]} | PROBLEMS)
def measures(request: Any, slug: str) -> Any:
    """Return the measures of a network."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.measures_of(user=request.user, network=network)
    versions = [(measure, selectors.current_version(measure)) for measure in found]
    return [_out(measure, version) for measure, version in versions if version is not None]


@router.get("/n/{slug}/measures/{measure}", response={200: MeasureDetail} | PROBLEMS)
def measure(request: Any, slug: str, measure: str) -> Any:
    """Return one measure with its card."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.measure_for(user=request.user, network=network, slug=measure)
    version = selectors.current_version(found) or found.versions.order_by("-number")[0]
    return _out(found, version)


@router.get("/n/{slug}/measures/{measure}/observations", response={200: list[ObservationOut]} | PROBLEMS)
def observations(request: Any, slug: str, measure: str, as_of: date | None = None, stratum: str = "") -> Any:
    """Return what a measure came to for each site and period, now or as known on a day."""
    network = network_for(user=request.user, slug=slug)
    found = selectors.measure_for(user=request.user, network=network, slug=measure)
    panel = selectors.panel(user=request.user, measure=found, as_of=as_of, stratum=stratum)
    whole = as_of is None and not stratum
    return [] if panel is None else _points(request.user, network, panel, whole)


def _points(user: Any, network: Any, panel: MeasurePanel, whole: bool) -> list[ObservationOut]:
    """Return the points, those of withheld sites without numbers.

    A part of the patients, or an earlier day, could be set against the whole of now; so these are open only for sites
    whose small counts the person may read anyway.
    """
    naming = naming_for(user=user, network=network, measure=panel.measure)
    open_ = openness_of(naming, panel)
    shown = [
        open_.shows(site) and (whole or naming.counted is None or site.pk in naming.counted) for site in panel.sites
    ]
    value = panel.panel.value
    there = np.any([np.isfinite(array) for array in panel.panel.fields.values()], axis=0)
    out = []
    for row, column in np.argwhere(there).tolist():
        site = panel.sites[row]
        numbers = {name: _number(array[row, column]) for name, array in panel.panel.fields.items() if shown[row]}
        out.append(
            ObservationOut(
                site=naming.key(site),
                site_name=naming.name(site),
                period=panel.periods[column].start,
                numerator=numbers.get("numerator"),
                denominator=numbers.get("denominator"),
                n=numbers.get("n"),
                value=_number(value[row, column]) if shown[row] else None,
                complete=not panel.incomplete[row, column],
                held=int(panel.held[row, column]) if shown[row] else 0,
                withheld=not shown[row],
            )
        )
    return out


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
