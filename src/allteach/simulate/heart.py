"""The demonstration: a paediatric heart network of 17 sites that tells a published story with invented numbers.

The shape follows a collaborative that shortened chest tube duration after heart surgery in children: sites differ with
one far ahead, a pioneer cohort of nine improves and holds it, eight more start nearer the target and gain less, and the
measures that might have suffered stay flat. No name, site or number is real.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files

import numpy as np

from allteach.simulate import cast, story, tables
from allteach.simulate.parts import Simulated, SimulatedFile, SimulatedMeasure
from allteach.simulate.tables import Row
from allteach.simulate.truth import Step, Truth
from allteach.units import Grain, Period

# Chosen among seeds for a story that is easy to read: chance marks nothing that is not there. Most seeds are less kind.
SEED = 57
DATE_COLUMNS = {"operations": "operated_on", "audits": "audited_on", "months": "month", "arrests": "arrested_on"}


def _csv(rows: Iterable[Row]) -> bytes:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _soiled(rows: list[Row]) -> list[Row]:
    """Return the rows with three of them wrong in ways that a check must find."""
    wrong = [dict(row) for row in rows]
    wrong[0]["chest_tube_hours"] = "-4"
    wrong[1]["operated_on"] = "2026-10-41"
    wrong[2]["tube_reinserted"] = "perhaps"
    return wrong


def _is_lost(row: Row) -> bool:
    """Return whether the centre's extract lost a column of this row; the site sent the month again, whole."""
    return (row["site"], row["operated_on"][:7]) == cast.LOST_COLUMN


def _without(row: Row) -> Row:
    return row | {"high_pain_on_day_2": ""}


def _files(made: dict[str, list[Row]]) -> tuple[SimulatedFile, ...]:
    """Return the files in the order they arrived: what the centre sent for all, then the last month site by site."""
    last, out = cast.LAST.strftime("%Y-%m"), []
    for table, column in DATE_COLUMNS.items():
        missing = {*cast.LATE, *(cast.SENT_ALONE if table == "operations" else ())}
        rows = [row for row in made[table] if row["site"] not in missing or row[column][:7] < last]
        rows = [_without(row) if table == "operations" and _is_lost(row) else row for row in rows]
        out.append(SimulatedFile(table, "", f"{table}.csv", _csv(rows), "chi", date(2026, 11, 5)))
    by_site = {person.site: person.username for person in (*cast.CAST, *cast.leads()) if person.role == "site_lead"}
    mended = [row for row in made["operations"] if _is_lost(row)]
    site, month = cast.LOST_COLUMN
    name = f"operations-{site}-{month}.csv"
    out.append(SimulatedFile("operations", site, name, _csv(mended), by_site[site], date(2026, 11, 6)))
    for site in cast.SENT_ALONE:
        rows = [row for row in made["operations"] if row["site"] == site and row["operated_on"][:7] == last]
        waiting = site == cast.WAITING
        content = _csv(_soiled(rows) if waiting else rows)
        name = f"operations-{site}-{last}.csv"
        out.append(SimulatedFile("operations", site, name, content, by_site[site], date(2026, 11, 6), not waiting))
    return tuple(out)


def _yaml(kind: str, slug: str) -> str:
    return (files("allteach.simulate") / "heart_network" / kind / f"{slug}.yaml").read_text(encoding="utf-8")


@cache
def dictionaries() -> tuple[tuple[str, str], ...]:
    """Return slug and YAML of the data dictionary of each table."""
    return tuple((slug, _yaml("tables", slug)) for slug in DATE_COLUMNS)


def measures() -> tuple[SimulatedMeasure, ...]:
    """Return the measures of the network in the order of its pages."""
    return tuple(
        SimulatedMeasure(slug, _yaml("measures", slug), False if slug == story.NAMED else None)
        for slug in story.MEASURES
    )


def _later(first: date, months: int) -> date:
    return Period(first, Grain.MONTH).next(months).start


def _steps() -> tuple[Step, ...]:
    pioneer, spread = cast.STARTED[cast.PIONEER], cast.STARTED[cast.SPREAD]
    second = _later(pioneer, tables.SECOND_STEP_AFTER)
    ramp, stay = tables.RAMP_MONTHS - 1, tables.STAY_SHARE
    half, full, gain = tables.PIONEER_HALF, tables.PIONEER_FULL, tables.SPREAD_FULL
    steps = [
        Step("chest-tube-hours", cast.PIONEER, pioneer, _later(pioneer, ramp), half),
        Step("chest-tube-hours", cast.PIONEER, second, _later(second, ramp), full / half),
        Step("chest-tube-hours", cast.SPREAD, spread, _later(spread, ramp), gain),
        Step("length-of-stay", cast.PIONEER, pioneer, _later(second, ramp), full**stay),
        Step("length-of-stay", cast.SPREAD, spread, _later(spread, ramp), gain**stay),
        Step("line-infections", "all", tables.INFECTION_FROM, tables.INFECTION_FROM, tables.INFECTION_FACTOR),
        Step("unplanned-extubations", cast.WORSENING, tables.WORSE_FROM, tables.WORSE_FROM, tables.WORSE_FACTOR),
    ]
    for cohort, start in cast.STARTED.items():
        complete = _later(start, tables.RAMP_MONTHS + 1)
        steps.append(Step("criteria-assessed", cohort, start, complete, tables.ASSESSED[1] / tables.ASSESSED[0]))
        before, after = (float(np.prod(tables.reliability(p))) for p in (0.0, 1.0))
        steps.append(Step("removal-bundle", cohort, start, complete, after / before))
    return tuple(steps)


def truth(seed: int) -> Truth:
    """Return what is really so in the network that this seed makes."""
    after = {cast.PIONEER: tables.PIONEER_FULL, cast.SPREAD: tables.SPREAD_FULL}
    changed = {step.measure for step in _steps()}
    return Truth(
        seed=seed,
        as_of=cast.AS_OF,
        first_month=cast.FIRST,
        last_month=cast.LAST,
        cohorts={c: tuple(s.code for s in cast.SITES if s.cohort == c) for c in cast.STARTED},
        cohort_starts=dict(cast.STARTED),
        geometric_mean_hours={c: (hours, hours * after[c]) for c, hours in tables.START_HOURS.items()},
        steps=_steps(),
        flat=tuple(slug for slug in story.MEASURES if slug not in changed),
        model_site=cast.MODEL,
        unchanged_site=cast.UNCHANGED,
        worsening_site=cast.WORSENING,
        paused_site=cast.PAUSED,
        missing=dict(cast.MISSING),
        late=cast.LATE,
        held_rows={cast.WAITING: 3},
    )


def simulate(seed: int = SEED) -> Simulated:
    """Return the demonstration network made from a seed; the same seed gives the same bytes.

    Args:
        seed: Any whole number. Every table has random numbers of its own, so that one can change without the others.

    Example:
        >>> made = simulate()
        >>> len(made.sites), made.truth.model_site
        (17, 'larkmead')
        >>> f"{made.truth.change('Pioneer'):.1%}"
        '-22.6%'
    """
    makers = (tables.operations, tables.audits, tables.monthly, tables.arrests)
    streams = np.random.SeedSequence(seed).spawn(len(makers))
    made = {
        slug: make(np.random.default_rng(stream))
        for slug, make, stream in zip(DATE_COLUMNS, makers, streams, strict=True)
    }
    return Simulated(
        network=story.NETWORK,
        sites=cast.SITES,
        people=(*cast.CAST, *cast.leads()),
        dictionaries=dictionaries(),
        measures=measures(),
        files=_files(made),
        notes=story.NOTES,
        decisions=story.DECISIONS,
        rounds=story.ROUNDS,
        case_mixes=story.CASE_MIXES,
        truth=truth(seed),
    )
