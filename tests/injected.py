"""A file of visits with known errors put into known cells."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from allteach.intake.contract import TableDictionary, load

DICTIONARY = """
name: visits
title: Visits
key: [visit]
fields:
  - {name: visit, type: text, role: record, required: true}
  - {name: site, type: text, role: site, required: true}
  - {name: patient, type: text, required: true, privacy: limited}
  - {name: admitted, type: date, role: date, required: true, formats: [YYYY-MM-DD]}
  - {name: discharged, type: date, required: true, formats: [YYYY-MM-DD]}
  - {name: age, type: number, minimum: 0, maximum: 110}
  - {name: sex, type: code, codes: [F, M, X]}
  - {name: weight, type: number, minimum: 0.3, maximum: 300, unit: kg}
  - {name: score, type: integer, minimum: 0, maximum: 40}
  - {name: readmitted, type: boolean}
  - {name: events, type: integer, role: numerator, at_most: chances}
  - {name: chances, type: integer, role: denominator}
  - {name: note, type: text}
rules:
  - {id: order, must: discharged >= admitted, column: discharged, message: The discharge is before the admission.}
"""
COLUMNS = ("visit", "site", "patient", "admitted", "discharged", "age", "sex", "weight", "score", "readmitted",
           "events", "chances", "note")  # fmt: skip
# kind of error -> column it is put into and found in, code that finds it
KINDS = {
    "bad date": ("admitted", "AT-I-021"),
    "missing date": ("admitted", "AT-I-031"),
    "other style": ("discharged", "AT-I-023"),
    "serial": ("admitted", "AT-I-025"),
    "future": ("discharged", "AT-I-024"),
    "bad code": ("sex", "AT-I-036"),
    "out of range": ("age", "AT-I-033"),
    "wrong type": ("score", "AT-I-029"),
    "order": ("discharged", "AT-I-039"),
    "above": ("events", "AT-I-035"),
    "negative": ("chances", "AT-I-034"),
    "comma": ("weight", "AT-I-032"),
    "formula": ("weight", "AT-I-028"),
    "not yes or no": ("readmitted", "AT-I-038"),
    "unknown site": ("site", "AT-I-045"),
    "copy": ("visit", "AT-I-041"),
}
SITES = [f"S{n:02d}" for n in range(1, 18)]
SENT_ON = date(2025, 7, 1)


@dataclass
class Injected:
    """A file and the errors in it: (row number, column) -> code."""

    text: bytes
    errors: dict[tuple[int, str], str] = field(default_factory=dict)


def dictionary() -> TableDictionary:
    return load(DICTIONARY)


def make(rows: int, each: int, seed: int = 1) -> Injected:
    """Return a file of this many rows with `each` errors of each kind, one a row."""
    rng = random.Random(seed)
    table = [_row(rng, at) for at in range(rows)]
    places = rng.sample(range(1, rows), each * len(KINDS))
    chosen = {kind: places[at * each : (at + 1) * each] for at, kind in enumerate(KINDS)}
    errors = {}
    for kind, where in chosen.items():
        column, code = KINDS[kind]
        for at in where:
            if kind == "copy":
                continue
            _spoil(table[at], kind)
            errors[at + 2, column] = code
    clean = [at for at in range(rows) if at not in set(places)]
    for place in chosen["copy"]:
        source = rng.choice([at for at in clean[:1000] if at < place] or [0])
        if source in set(places):
            continue
        table[place] = dict(table[source])
        errors[place + 2, "visit"] = "AT-I-041"
    lines = [",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in table)]
    return Injected(("\n".join(lines) + "\n").encode(), errors)


def _row(rng: random.Random, at: int) -> dict[str, str]:
    admitted = date(2023, 1, 1) + timedelta(days=rng.randrange(800))
    chances = rng.randrange(1, 9)
    return {
        "visit": f"V{at:07d}",
        "site": rng.choice(SITES),
        "patient": f"P{rng.randrange(60000):06d}",
        "admitted": admitted.isoformat(),
        "discharged": (admitted + timedelta(days=rng.randrange(20))).isoformat(),
        "age": f"{rng.random() * 90:.1f}",
        "sex": rng.choice(["F", "M", "X", ""]),
        "weight": f"{rng.uniform(2, 110):.2f}",
        "score": str(rng.randrange(41)),
        "readmitted": rng.choice(["yes", "no", "", "1", "0"]),
        "events": str(rng.randrange(chances + 1)),
        "chances": str(chances),
        "note": rng.choice(["", "", "", "seen in clinic", "rang, came later"]).replace(",", ";"),
    }


def _spoil(row: dict[str, str], kind: str) -> None:
    admitted = date.fromisoformat(row["admitted"])
    new = {
        "bad date": "2024-02-31",
        "missing date": "",
        "other style": "14/03/2025",
        "serial": "45292",
        "future": "2031-01-01",
        "bad code": "Q",
        "out of range": "999",
        "wrong type": "many",
        "order": (admitted - timedelta(days=3)).isoformat(),
        "above": str(int(row["chances"]) + 1),
        "negative": "-1",
        "comma": "12,5",
        "formula": "=B2*2",
        "not yes or no": "maybe",
        "unknown site": "S99",
    }[kind]
    row[KINDS[kind][0]] = f'"{new}"' if "," in new else new
    if kind == "negative":
        row["events"] = ""
