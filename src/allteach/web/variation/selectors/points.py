"""What a measure came to for each site and period, as one person may read it: for programs and for FHIR reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from allteach.measures.fhir import Reported, measure_report
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure
from allteach.web.measuring.panels import MeasurePanel
from allteach.web.measuring.selectors import current_version, panel
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.naming import naming_for
from allteach.web.variation.policies import openness_of


@dataclass(frozen=True, slots=True)
class Point:
    """One site and period.

    Args:
        reported: Site, period and numbers; None where they are withheld or the measure has no such part.
        held: Rows in quarantine; 0 where the numbers are withheld.
    """

    reported: Reported
    held: int


def points_of(*, user: Any, measure: Measure, as_of: date | None = None, stratum: str = "") -> list[Point]:
    """Return what a measure came to for each site and period, those of withheld sites without numbers.

    A part of the patients, or an earlier day, could be set against the whole of now; so these are open only for sites
    whose small counts the person may read anyway.

    Args:
        user: Who asks.
        measure: Which measure.
        as_of: As known on this day; now when None.
        stratum: Only this part, such as ``type=1``; empty for the whole.
    """
    found = panel(user=user, measure=measure, as_of=as_of, stratum=stratum)
    if found is None:
        return []
    naming = naming_for(user=user, network=measure.network, measure=measure)
    open_ = openness_of(naming, found)
    whole = as_of is None and not stratum
    shown = [
        open_.shows(site) and (whole or naming.counted is None or site.pk in naming.counted) for site in found.sites
    ]
    there = np.any([np.isfinite(array) for array in found.panel.fields.values()], axis=0)
    value = found.panel.value
    out = []
    for row, column in np.argwhere(there).tolist():
        site = found.sites[row]
        numbers = _numbers(found, row, column) | {"value": _number(value[row, column])} if shown[row] else {}
        reported = Reported(
            site=naming.key(site),
            site_name=naming.name(site),
            period=found.periods[column],
            complete=not found.incomplete[row, column],
            withheld=not shown[row],
            **numbers,
        )
        out.append(Point(reported, int(found.held[row, column]) if shown[row] else 0))
    return out


def reports_of(*, user: Any, measure: Measure) -> list[dict[str, Any]]:
    """Return the summary MeasureReports of a measure, one for each site and period, as the person may take them away.

    Raises:
        Refused: ``AT-P-002`` when the person may not take results away.
        MeasureError: ``AT-M-014`` for sequences of single events.
    """
    require(user, Permission.RESULT_EXPORT, network=measure.network)
    version = current_version(measure)
    if version is None:
        return []
    card = card_of(version)
    network = measure.network.slug
    return [
        measure_report(card, point.reported, network=network, measure=measure.slug, version=version.number)
        for point in points_of(user=user, measure=measure)
    ]


def _numbers(found: MeasurePanel, row: int, column: int) -> dict[str, float | None]:
    fields = found.panel.fields
    return {name: _number(fields[name][row, column]) for name in ("numerator", "denominator", "n") if name in fields}


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
