"""Patients of a measure against their risk: by a fitted case-mix model, or by a risk that the table gives.

Rows are read here and nowhere else in this room. What leaves this module for a page is decided by `views_of`: a person
with a right to the rows of a site sees its patients one by one, others sees periods where the small-number rule allows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allteach.errors import MeasureError, NotEstimable
from allteach.intake.contract import FieldType, Role
from allteach.measures.card import Card, MeasureKind
from allteach.measures.patients import Patients, one_by_one
from allteach.stats.comparison import (
    PeriodMonitor,
    RiskModel,
    RiskMonitor,
    by_period,
    limit_for_run_length,
    risk_monitor,
)
from allteach.stats.disclosure import SmallNumbers, small
from allteach.stats.results import Floats
from allteach.units import Period
from allteach.web.measuring.engine import end_of
from allteach.web.measuring.models import Measure
from allteach.web.measuring.patients import patients_in
from allteach.web.people.permissions import may
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Site
from allteach.web.submissions.selectors import dictionary_of
from allteach.web.variation.models import CaseMix
from allteach.web.variation.selectors.charts import Charted

ODDS_UP, ODDS_DOWN = 2.0, 0.5
YEARS = 25  # a site of middling size signals by chance once in so many years, on each chart
FEWEST_PATIENTS = 500.0
CASE_TYPES = (FieldType.NUMBER, FieldType.INTEGER, FieldType.CODE, FieldType.BOOLEAN)
NOT_CASE = (Role.SITE, Role.PERIOD, Role.DATE, Role.DAY_NUMBER, Role.RECORD, Role.START, Role.END)
NO_PATIENT = NotEstimable("AT-S-110", "No patient has an outcome and a risk.")
NO_MODEL = NotEstimable(
    "AT-S-146", "No case-mix model was fitted for this measure yet, and its table gives no expected risk."
)


@dataclass(frozen=True, slots=True, eq=False)
class Risks:
    """Every patient of a measure with their risk.

    Attributes:
        patients: All of them, by site and day.
        risk: ``(N,)``; NaN where it cannot be told.
        at: ``(N,)`` position of each patient's period, -1 outside the periods.
        periods: The periods.
        model: The case-mix model in force; None where the table gives the risk.
        limit_up, limit_down, run_length: Of the CUSUM charts.
    """

    patients: Patients
    risk: Floats
    at: NDArray[np.int64]
    periods: tuple[Period, ...]
    model: CaseMix | None
    limit_up: float
    limit_down: float
    run_length: float


@dataclass(frozen=True, slots=True, eq=False)
class SiteRisk:
    """One site's patients against their risk.

    Attributes:
        site: Whose.
        monitor: Patient by patient.
        periods: Gathered by period.
        sees: ``rows`` patient by patient, ``periods`` by period only, empty for neither.
        days: ``(N,)`` day of each patient of the monitor.
    """

    site: Site
    monitor: RiskMonitor
    periods: PeriodMonitor
    sees: str
    days: NDArray[np.datetime64]


def watched(card: Card) -> bool:
    """Return whether patients of this measure can be held against their risk."""
    return one_by_one(card)


def case_columns(measure: Measure, card: Card) -> list[tuple[str, str]]:
    """Return the columns of the table that a case-mix model may use: name and title.

    Not those that say who or when, nor what the measure itself counts, nor free text.
    """
    try:
        dictionary = dictionary_of(measure.network, card.table)
    except MeasureError:
        return []
    used = {card.site, card.date, *dictionary.key}
    counted = f"{card.numerator} {card.denominator} {card.expected}"
    return [
        (field.name, field.title or field.name)
        for field in dictionary.fields
        if field.type in CASE_TYPES
        and field.role not in NOT_CASE
        and field.name not in used
        and not re.search(rf"\b{re.escape(field.name)}\b", counted)
    ]


def newest_model(charts: Charted) -> CaseMix | None:
    """Return the case-mix model in force."""
    return CaseMix.objects.filter(measure=charts.measure).select_related("fitted_by").order_by("-number").first()


def risks_of(charts: Charted) -> Risks | NotEstimable:
    """Return every patient of a measure with their risk, for use by selectors that ask `views_of` what to show."""
    card, model = charts.found.card, newest_model(charts)
    if not watched(card):
        return NotEstimable("AT-S-145", "This measure does not count patients one by one.")
    if model is None and card.kind is not MeasureKind.OBSERVED_EXPECTED:
        return NO_MODEL
    columns = tuple(model.columns) if model is not None else ()
    known = charts.question.asked.as_known
    found = patients_in(charts.measure, card, columns=columns, as_of=end_of(known) if known else None)
    if isinstance(found, NotEstimable):
        return found
    if not len(found):
        return NO_PATIENT
    if model is not None:
        risk = RiskModel.from_plain(model.fitted).risk(found.columns)
        limits = model.limit_up, model.limit_down, model.run_length
    else:
        assert found.given is not None
        risk = np.where((found.given > 0) & (found.given < 1), found.given, np.nan)
        told = np.isfinite(risk)
        if not told.any():
            return NO_PATIENT
        limits = limits_for(risk[told], run_length_of(found))
    return Risks(found, risk, _places(found, charts.found.periods), charts.found.periods, model, *limits)


def run_length_of(found: Patients) -> float:
    """Return how many patients may pass, on average, before a false signal: 25 years of a middling site."""
    _sites, counts = np.unique(found.site.astype(str), return_counts=True)
    days = max(1, int((found.day.max() - found.day.min()).astype(int)) + 1) if len(found) else 1
    yearly = float(np.median(counts)) * 365.25 / max(days, 365) if len(found) else 0.0
    return max(FEWEST_PATIENTS, float(round(YEARS * yearly, -2)))


def limits_for(risk: Floats, run_length: float) -> tuple[float, float, float]:
    """Return the limits of both charts for these patients, and the run length."""
    return (*_limits(np.sort(np.round(risk, 4)).tobytes(), run_length), run_length)


@lru_cache(maxsize=64)
def _limits(mix: bytes, run_length: float) -> tuple[float, float]:
    risk = np.clip(np.frombuffer(mix, dtype=np.float64), 1e-4, 1.0 - 1e-4)
    return limit_for_run_length(risk, ODDS_UP, run_length), limit_for_run_length(risk, ODDS_DOWN, run_length)


def _places(found: Patients, periods: tuple[Period, ...]) -> NDArray[np.int64]:
    starts = np.array([period.start for period in periods], dtype="datetime64[D]")
    at = np.searchsorted(starts, found.day, side="right") - 1
    if periods:
        at[found.day > np.datetime64(periods[-1].end)] = -1
    return at.astype(np.int64)


def site_risk(user: Any, charts: Charted, risks: Risks, site: Site, *, end: int) -> SiteRisk | NotEstimable:
    """Return one site's patients against their risk, and how much of it this person may see.

    Args:
        user: Who asks.
        charts: The measure.
        risks: All of its patients.
        site: Which site.
        end: Only periods before this position.
    """
    own = (risks.patients.site == site.code) & (risks.at >= 0) & (risks.at < end)
    if not own.any():
        return NO_PATIENT
    made = risk_monitor(
        risks.patients.outcome[own],
        risks.risk[own],
        risks.at[own],
        limit_up=risks.limit_up,
        limit_down=risks.limit_down,
        odds_up=ODDS_UP,
        odds_down=ODDS_DOWN,
    )
    if isinstance(made, NotEstimable):
        return made
    periods = by_period(made, end)
    known = np.isfinite(risks.risk[own]) & np.isfinite(risks.patients.outcome[own])
    return SiteRisk(site, made, periods, views_of(user, charts, site, periods), risks.patients.day[own][known])


def views_of(user: Any, charts: Charted, site: Site, periods: PeriodMonitor) -> str:
    """Return how much of a site's chart a person may see: ``rows``, ``periods`` or nothing.

    Every step of a chart that goes patient by patient is one patient's outcome on one day, so it is for those who may
    see the rows. By period it holds counts of patients and events and a sum of risks: a small count among them, which
    the sum of risks would tell more about, withholds the whole chart, as everywhere (`policies.openness_of`).
    """
    if may(user, Permission.ROW_VIEW, network=charts.network, site=site):
        return "rows"
    if not charts.openness.shows(site):
        return ""
    naming = charts.naming
    if naming.counted is None or site.pk in naming.counted:
        return "periods"
    rule = SmallNumbers(naming.small_count)
    counts = (periods.cases, periods.observed, periods.cases - periods.observed)
    return "" if any(small(count, rule).any() for count in counts) else "periods"
