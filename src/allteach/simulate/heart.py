"""The demonstration: a paediatric heart network of 17 sites that tells a published story with invented numbers.

The shape follows a collaborative that shortened chest tube duration after heart surgery in children: sites differ with
one far ahead, a pioneer cohort of nine improves and holds it, eight more start nearer the target and gain less, and the
measures that might have suffered stay flat. No name, site or number is real.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import numpy as np

from allteach.simulate import cast, tables
from allteach.simulate.cast import SimulatedPerson, SimulatedSite
from allteach.simulate.tables import Row
from allteach.simulate.truth import Step, Truth

SEED = 20261031


@dataclass(frozen=True, slots=True)
class SimulatedNetwork:
    """The network itself; `as_of` is the fixed day that the demonstration pretends is today."""

    slug: str
    name: str
    condition: str
    aim: str
    naming: str
    rule_set: str
    as_of: date


@dataclass(frozen=True, slots=True)
class SimulatedFile:
    """One file as somebody sent it.

    Args:
        table: Slug of the table it is for.
        site: Code of the sending site; empty when the coordinating centre sent it for all.
        name: File name.
        content: The bytes of a CSV file.
        sent_by: User name.
        sent_on: Day it arrived.
        accept: False leaves it waiting for a decision.
    """

    table: str
    site: str
    name: str
    content: bytes
    sent_by: str
    sent_on: date
    accept: bool = True


@dataclass(frozen=True, slots=True)
class SimulatedNote:
    """A note on the time axis; an empty site means every chart of the measure, an empty measure every measure."""

    on: date
    kind: str
    text: str
    by: str
    measure: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class SimulatedMeasure:
    """A measure: the card in YAML and what the network decided about it."""

    slug: str
    card: str
    kind: str
    target: float | None
    target_label: str
    baseline: int | None
    blinded: bool | None


@dataclass(frozen=True, slots=True)
class Simulated:
    """Everything somebody would have typed, sent and decided, and the truth beside it."""

    network: SimulatedNetwork
    sites: tuple[SimulatedSite, ...]
    people: tuple[SimulatedPerson, ...]
    dictionaries: tuple[tuple[str, str], ...]
    measures: tuple[SimulatedMeasure, ...]
    files: tuple[SimulatedFile, ...]
    notes: tuple[SimulatedNote, ...]
    truth: Truth


NETWORK = SimulatedNetwork(
    slug="little-hearts",
    name="Little Hearts Learning Network",
    condition="Heart surgery in children",
    aim="Shorten the time that children have a chest tube after heart surgery by 20 % by December 2026, "
    "without more tubes put back and without more children coming back.",
    naming="blinded",
    rule_set="eight_in_a_row",
    as_of=cast.AS_OF,
)


def _month(year: int, month: int) -> date:
    return date(year, month, 1)


NOTES = (
    SimulatedNote(_month(2023, 6), "event", "The nine pioneer sites compared their results by name.", "ada"),
    SimulatedNote(_month(2023, 10), "event", "Larkmead showed its removal criteria to the network.", "dee"),
    SimulatedNote(
        _month(2024, 1), "change", "Pioneer sites begin: criteria on the round twice a day.", "dee", "chest-tube-hours"
    ),
    SimulatedNote(
        _month(2024, 11), "change", "Spread sites begin with the change package.", "dee", "chest-tube-hours"
    ),
    SimulatedNote(
        _month(2025, 4), "change", "Line care kit introduced at every site.", "chi", "line-infections"
    ),
    SimulatedNote(
        _month(2026, 1),
        "change",
        "New tape for fixing breathing tubes.",
        "ben",
        "unplanned-extubations",
        cast.WORSENING,
    ),
    SimulatedNote(date(2024, 9, 1), "note", "Two surgeons left; list shortened for a month.", "ben", site="northquay"),
    SimulatedNote(cast.PAUSED_FROM, "event", "Pinecastle paused: unit closed for building work.", "ada", "", cast.PAUSED),
)


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


def _files(made: dict[str, list[Row]]) -> tuple[SimulatedFile, ...]:
    """Return the files in the order they arrived: history from the centre, then the last month site by site."""
    sent, out = date(2026, 10, 12), []
    for table, column in DATE_COLUMNS.items():
        rows = made[table]
        if table == "operations":
            rows = [row for row in rows if row[column][:7] < cast.LAST.strftime("%Y-%m")]
        else:
            rows = [r for r in rows if r["site"] not in cast.LATE or r[column][:7] < cast.LAST.strftime("%Y-%m")]
            sent = date(2026, 11, 5)
        out.append(SimulatedFile(table, "", f"{table}.csv", _csv(rows), "chi", sent))
    last = [row for row in made["operations"] if row["operated_on"][:7] == cast.LAST.strftime("%Y-%m")]
    by_site = {person.site: person.username for person in (*cast.CAST, *cast.leads()) if person.role == "site_lead"}
    for day, site in enumerate((s for s in cast.SITES if s.code not in (*cast.LATE, cast.PAUSED)), start=2):
        rows = [row for row in last if row["site"] == site.code]
        waiting = site.code == cast.WAITING
        content = _csv(_soiled(rows) if waiting else rows)
        name = f"operations-{site.code}-2026-10.csv"
        sent_on = date(2026, 11, min(day, 8))
        out.append(SimulatedFile("operations", site.code, name, content, by_site[site.code], sent_on, not waiting))
    return tuple(out)


DATE_COLUMNS = {"operations": "operated_on", "audits": "audited_on", "months": "month", "arrests": "arrested_on"}


def _yaml(kind: str, slug: str) -> str:
    return (files("allteach.simulate") / "heart_network" / kind / f"{slug}.yaml").read_text(encoding="utf-8")


@cache
def dictionaries() -> tuple[tuple[str, str], ...]:
    """Return slug and YAML of the data dictionary of each table."""
    return tuple((slug, _yaml("tables", slug)) for slug in DATE_COLUMNS)
