"""The rows of the demonstration: operations, audits of the removal bundle, monthly counts and cardiac arrests."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from allteach.simulate import cast
from allteach.simulate.cast import SimulatedSite
from allteach.units import Grain, Period, periods_between

Row = dict[str, str]

# Published shape: the first year of a change brings a good half of what is kept in the end.
PIONEER_HALF, PIONEER_FULL, SPREAD_FULL = 0.844, 0.774, 0.903
START_HOURS = {cast.PIONEER: 91.9, cast.SPREAD: 73.1}
RAMP_MONTHS = 6
SECOND_STEP_AFTER = 12
STAY_SHARE = 0.55  # how much of the change in log tube hours reaches log length of stay
HOURS_SD, STAY_SD, STAY_DAYS = 0.38, 0.30, 9.2

OPERATIONS = {
    "Atrial septal defect": -0.45,
    "Ventricular septal defect": -0.25,
    "Tetralogy of Fallot": 0.05,
    "Atrioventricular canal": 0.0,
    "Glenn": -0.10,
    "Fontan": 0.55,
    "Arterial switch": 0.15,
    "Coarctation": -0.20,
    "Truncus arteriosus": 0.20,
    "Norwood": 0.30,
}
AGES = ("under 1 month", "1 to 11 months", "1 to 5 years", "6 years or more")
AGE_SHARES = (0.25, 0.35, 0.28, 0.12)
PAIN_BY_AGE, PAIN_BY_EFFECT = (0.45, 0.9, 1.3, 1.7), 1.2  # what patients bring with them
REINSERTED, READMITTED, PAIN_HIGH, EARLY, FAMILY_ON_ROUNDS = 0.019, 0.032, 0.12, 0.62, 0.74
EXTUBATIONS_PER_DAY, WORSE_FACTOR, WORSE_FROM = 0.0080, 3.2, date(2026, 1, 1)
INFECTIONS_PER_DAY, INFECTION_FACTOR, INFECTION_FROM = 0.0019, 0.5, date(2025, 4, 1)
DAYS_BETWEEN_ARRESTS = 74.0
ASSESSED = (0.46, 0.90)
ELEMENTS = ("criteria_agreed", "assessed_twice_daily", "removed_when_met", "family_told")


@dataclass(frozen=True, slots=True)
class Month:
    """One site in one month, with how far its change has come."""

    site: SimulatedSite
    first: date
    progress: float  # 0 before the change, 1 once complete
    log_change: float  # change of mean log hours so far

    @property
    def days(self) -> int:
        """Days in the month."""
        return Period(self.first, Grain.MONTH).end.day


def _ramp(first: date, starts: date, months: int) -> float:
    passed = (first.year - starts.year) * 12 + first.month - starts.month + 1
    return min(max(passed / months, 0.0), 1.0)


def takes_part(site: SimulatedSite) -> bool:
    """Return whether the site's outcome changes at all."""
    return site.code not in (cast.MODEL, cast.UNCHANGED)


def weight_that_changes(cohort: str) -> float:
    """Return the share of a cohort's operations done at sites whose outcome changes."""
    own = [site for site in cast.SITES if site.cohort == cohort]
    return sum(s.operations for s in own if takes_part(s)) / sum(s.operations for s in own)


def log_change(site: SimulatedSite, first: date) -> float:
    """Return how far mean log hours of a site have moved. Sites that change make up for those that do not."""
    if not takes_part(site):
        return 0.0
    start = cast.STARTED[site.cohort]
    share = weight_that_changes(site.cohort)
    if site.cohort == cast.SPREAD:
        return math.log(SPREAD_FULL) / share * _ramp(first, start, RAMP_MONTHS)
    second = Period(start, Grain.MONTH).next(SECOND_STEP_AFTER).start
    half, full = math.log(PIONEER_HALF) / share, math.log(PIONEER_FULL) / share
    return half * _ramp(first, start, RAMP_MONTHS) + (full - half) * _ramp(first, second, RAMP_MONTHS)


def _progress(site: SimulatedSite, first: date) -> float:
    if site.code == cast.MODEL:
        return 1.0
    reach = 0.25 if site.code == cast.UNCHANGED else 1.0
    return reach * _ramp(first, cast.STARTED[site.cohort], RAMP_MONTHS + 2)


def months() -> Iterator[Month]:
    """Yield every month of every site in which it sends data."""
    for site in cast.SITES:
        for period in periods_between(Period.of(site.joined_on, Grain.MONTH), Period.of(cast.LAST, Grain.MONTH)):
            first = period.start
            if site.code == cast.PAUSED and first >= cast.PAUSED_FROM:
                break
            if first in cast.MISSING.get(site.code, ()):
                continue
            yield Month(site, first, _progress(site, first), log_change(site, first))


def _start_log_hours() -> dict[str, float]:
    """Return mean log hours of each site at the start so that its cohort has the published geometric mean."""
    logs = {}
    for cohort, hours in START_HOURS.items():
        own = [site for site in cast.SITES if site.cohort == cohort]
        mean_spread = sum(s.operations * s.spread for s in own) / sum(s.operations for s in own)
        for site in own:
            logs[site.code] = math.log(hours) + site.spread - mean_spread
    return logs


def _day(rng: np.random.Generator, month: Month) -> date:
    return month.first + timedelta(days=int(rng.integers(month.days)))


def _yes(rng: np.random.Generator, share: float) -> str:
    return "yes" if rng.random() < share else "no"


def operations(rng: np.random.Generator) -> list[Row]:
    """Return one row per operation, in order of site and day."""
    start, effects = _start_log_hours(), np.array(list(OPERATIONS.values()))
    effects -= effects.mean()
    rows = []
    for month in months():
        days = sorted(_day(rng, month) for _ in range(max(2, int(rng.poisson(month.site.operations)))))
        for day in days:
            kind = int(rng.integers(len(effects)))
            mean = start[month.site.code] + month.log_change + effects[kind]
            rows.append(_operation(rng, month, day, list(OPERATIONS)[kind], mean, 0.5 * effects[kind]))
    return _numbered(rows, "operation_id", "OP")


def _operation(rng: np.random.Generator, month: Month, day: date, name: str, mean: float, longer: float) -> Row:
    shared, own = (float(x) for x in rng.normal(size=2))
    hours = math.exp(mean + HOURS_SD * shared)
    noise = STAY_SD * (0.5 * shared + math.sqrt(0.75) * own)
    stay = math.exp(math.log(STAY_DAYS) + longer + STAY_SHARE * month.log_change + noise)
    age = int(rng.choice(4, p=AGE_SHARES))
    return {
        "site": month.site.code,
        "operated_on": day.isoformat(),
        "operation": name,
        "age_group": AGES[age],
        "chest_tube_hours": f"{max(hours, 2.0):.1f}",
        "stay_days": f"{max(stay, 1.0):.1f}",
        "criteria_assessed": _yes(rng, _between(ASSESSED, month.progress)),
        "extubated_within_6_hours": _yes(rng, EARLY),
        "tube_reinserted": _yes(rng, REINSERTED),
        "readmitted_with_effusion": _yes(rng, READMITTED),
        "high_pain_on_day_2": _yes(rng, _pain(name, age)),
    }


def _pain(name: str, age: int) -> float:
    """Return the chance of a high pain score: by operation and age, on average as often as `PAIN_HIGH` says."""
    by_operation = {operation: math.exp(PAIN_BY_EFFECT * effect) for operation, effect in OPERATIONS.items()}
    mean = sum(by_operation.values()) / len(by_operation)
    mean *= sum(share * factor for share, factor in zip(AGE_SHARES, PAIN_BY_AGE, strict=True))
    return PAIN_HIGH * by_operation[name] * PAIN_BY_AGE[age] / mean


def _between(ends: tuple[float, float], progress: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * progress


def reliability(progress: float) -> tuple[float, ...]:
    """Return how often each element of the bundle is done, in the order of `ELEMENTS`."""
    return tuple(_between(ends, progress) for ends in ((0.80, 0.97), (0.72, 0.96), (0.78, 0.97), (0.90, 0.98)))


def audits(rng: np.random.Generator) -> list[Row]:
    """Return one row per audited patient with the four elements of the removal bundle."""
    rows = []
    for month in months():
        shares = reliability(month.progress)
        for _ in range(int(rng.integers(7, 12))):
            row = {"site": month.site.code, "audited_on": _day(rng, month).isoformat()}
            row |= {name: _yes(rng, share) for name, share in zip(ELEMENTS, shares, strict=True)}
            if rng.random() < 0.06:
                row["family_told"] = "not applicable"
            rows.append(row)
    return _numbered(sorted(rows, key=lambda r: (r["site"], r["audited_on"])), "audit_id", "AU")


def monthly(rng: np.random.Generator) -> list[Row]:
    """Return one row per site and month with counts and exposures."""
    rows = []
    for month in months():
        size = month.site.operations
        ventilator, line = int(rng.normal(30 * size, 2 * size)), int(rng.normal(34 * size, 2 * size))
        worse = month.site.code == cast.WORSENING and month.first >= WORSE_FROM
        rate = EXTUBATIONS_PER_DAY * (WORSE_FACTOR if worse else 1.0)
        infection = INFECTIONS_PER_DAY * (INFECTION_FACTOR if month.first >= INFECTION_FROM else 1.0)
        rounds = int(rng.integers(18, 24))
        rows.append(
            {
                "site": month.site.code,
                "month": month.first.strftime("%Y-%m"),
                "ventilator_days": str(ventilator),
                "unplanned_extubations": str(int(rng.poisson(rate * ventilator))),
                "line_days": str(line),
                "line_infections": str(int(rng.poisson(infection * line))),
                "rounds": str(rounds),
                "rounds_with_family": str(int(rng.binomial(rounds, FAMILY_ON_ROUNDS))),
            }
        )
    return rows


def arrests(rng: np.random.Generator) -> list[Row]:
    """Return one row per cardiac arrest on the ward: a rare event at every site."""
    rows, sending = [], {(m.site.code, m.first) for m in months()}
    for site in cast.SITES:
        day = site.joined_on + timedelta(days=int(rng.exponential(DAYS_BETWEEN_ARRESTS)))
        while day <= Period(cast.LAST, Grain.MONTH).end:
            if (site.code, day.replace(day=1)) in sending:
                rows.append({"site": site.code, "arrested_on": day.isoformat(), "witnessed": _yes(rng, 0.85)})
            day += timedelta(days=1 + int(rng.exponential(DAYS_BETWEEN_ARRESTS)))
    return _numbered(rows, "arrest_id", "CA")


def _numbered(rows: list[Row], column: str, prefix: str) -> list[Row]:
    return [{column: f"{prefix}{i:05d}"} | row for i, row in enumerate(rows, 1)]
