"""Every check of data quality finds its own fault, and nothing in rows that have none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allteach.errors import NotEstimable
from allteach.intake import checks, contract, reader
from allteach.intake.quality import CHECKS, Context, Gate, Limit, Result, Rows, Status, check_of, examine
from allteach.intake.quality.shift import by_chance, gone, stability_index
from tests.contract.source import REPO

TABLE = contract.load("""
name: stays
title: Stays
key: [stay]
fields:
  - {name: stay, type: text, role: record, required: true}
  - {name: site, type: text, role: site, required: true}
  - {name: day, type: date, role: date, required: true}
  - {name: came, type: date, role: start}
  - {name: left, type: date, role: end}
  - {name: ward, type: code, codes: {a: "", b: "", c: ""}, required: true}
  - {name: hours, type: number, role: value, minimum: 0, maximum: 500}
  - {name: seen, type: integer, role: numerator, at_most: asked}
  - {name: asked, type: integer, role: denominator}
  - {name: note, type: text}
rules:
  - {id: short, must: "hours < 480", message: "Less than 20 days", column: hours}
""")
SITES = ("east", "north", "west")
MONTHS = [date(2023 + n // 12, n % 12 + 1, 1) for n in range(24)]
A_MONTH = 10


def rows_of(seed: int = 1) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    rows = []
    for site in SITES:
        for first in MONTHS:
            for n in range(A_MONTH):
                day = first.replace(day=int(rng.integers(2, 29)))
                asked = int(rng.integers(5, 10))
                rows.append({
                    "stay": f"{site}{first:%y%m}{n}", "site": site, "day": day, "came": day, "left": day,
                    "ward": "abc"[int(rng.integers(3))], "hours": round(float(np.exp(rng.normal(3.5, 0.4))), 1),
                    "seen": int(rng.integers(1, asked)), "asked": asked, "note": "x",
                })  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def clean() -> list[dict[str, Any]]:
    return rows_of()


def kept(rows: list[dict[str, Any]], place: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), place)
    return place


@dataclass
class Made:
    rows: list[dict[str, Any]]
    gate: Gate = field(default_factory=Gate)
    newest: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SITES, "2024-12"))
    before: list[dict[str, Any]] = field(default_factory=list)
    brought: list[dict[str, Any]] = field(default_factory=list)


def found(made: Made, folder: Path, sites: tuple[str, ...] = SITES) -> list[Result]:
    rows = Rows(
        [kept(made.rows, folder / "now.parquet")],
        [kept(made.before, folder / "before.parquet")] if made.before else [],
        [kept(made.brought, folder / "brought.parquet")] if made.brought else [],
    )
    return examine(rows, TABLE, sites, gate=made.gate, newest=made.newest)


def own(made: Made, **changes: Any) -> list[dict[str, Any]]:
    """Change every row of the site ``east``."""
    for row in made.rows:
        if row["site"] == "east":
            row |= {k: v(row) if callable(v) else v for k, v in changes.items()}
    return made.rows


def fifth(row: dict[str, Any]) -> bool:
    return row["stay"].endswith(("3", "7"))


def month(row: dict[str, Any]) -> str:
    return f"{row['day']:%Y-%m}"


def _held(code: str, column: str) -> Callable[[Made], None]:
    def make(made: Made) -> None:
        made.gate = Gate({(code, column): {"east": {"2024-02": 30}}}, {"east": {"2024-02": 30}}, {"east": 240})

    return make


def _texts(made: Made) -> None:
    for row in made.rows:
        row["asked"] = "many" if row["site"] == "east" and fifth(row) else str(row["asked"])


def _lost(made: Made) -> None:
    made.before = made.brought = [dict(row) for row in made.rows]
    made.rows = [r for r in made.rows if not (r["site"] == "east" and month(r) >= "2024-09" and fifth(r))]


def _shifted(made: Made) -> None:
    made.before = [dict(row) for row in made.rows]
    made.brought = [row | {"hours": row["hours"] * 2} for row in made.rows if row["site"] == "east"]


def _vanished(made: Made) -> None:
    made.before = [dict(row) for row in made.rows]
    made.brought = [row | {"ward": "b"} for row in made.rows if row["ward"] == "a" and row["site"] == "east"]


def _many(made: Made) -> None:
    extra = [r | {"stay": f"{r['stay']}+{n}", "hours": r["hours"] + n} for r in made.rows for n in (1, 2, 3)]
    made.rows += [r for r in extra if r["site"] == "east" and month(r) == "2024-06"]


FAULTS: list[tuple[str, str, Callable[[Made], Any]]] = [
    ("readable", "asked", _texts),
    ("readable", "hours", _held("AT-I-029", "hours")),
    ("listed-code", "ward", lambda m: own(m, ward=lambda r: "z" if fifth(r) else r["ward"])),
    ("listed-code", "ward", _held("AT-I-036", "ward")),
    ("within-range", "hours", lambda m: own(m, hours=lambda r: 600.0 if fifth(r) else r["hours"])),
    ("one-row-a-key", "", lambda m: own(m, stay=lambda r: f"{month(r)}{r['stay'][-1] > '5'}")),
    ("one-row-a-key", "", _held("AT-I-042", "stay")),
    ("own-rows", "", _held("AT-I-046", "site")),
    ("columns-here", "note", lambda m: own(m, note=None)),
    ("part-of-whole", "seen", lambda m: own(m, seen=lambda r: 12 if fifth(r) else r["seen"])),
    ("rules-hold", "hours", lambda m: own(m, hours=lambda r: 490.0 if fifth(r) else r["hours"])),
    ("required-filled", "ward", lambda m: own(m, ward=lambda r: None if fifth(r) else r["ward"])),
    ("optional-filled", "note", lambda m: own(m, note=lambda r: None if r["stay"][-1] in "13579" else "x")),
    ("filled-each-month", "hours", lambda m: own(m, hours=lambda r: None if month(r) == "2024-03" else r["hours"])),
    ("months-here", "", lambda m: [m.rows.remove(r) for r in list(m.rows)
                                   if r["site"] == "east" and month(r) == "2024-03"]),
    ("rows-held", "", _held("AT-I-036", "ward")),
    ("far-out", "hours", lambda m: own(m, hours=lambda r: 470.0 if fifth(r) else r["hours"])),
    ("one-value", "ward", lambda m: own(m, ward="a")),
    ("like-the-others", "hours", lambda m: own(m, hours=lambda r: r["hours"] * 1.7)),
    ("rounded", "hours", lambda m: own(m, hours=lambda r: float(5 * round(r["hours"] / 5)))),
    ("in-order", "left", lambda m: own(m, left=lambda r: r["day"].replace(day=1) if fifth(r) else r["left"])),
    ("possible-day", "came", lambda m: own(m, came=lambda r: date(1066, 1, 1) if fifth(r) else r["came"])),
    ("first-of-month", "day", lambda m: own(m, day=lambda r: r["day"].replace(day=1) if fifth(r) else r["day"])),
    ("rows-steady", "", _many),
    ("row-once", "", lambda m: m.rows.extend(r | {"stay": r["stay"] + "x"} for r in list(m.rows)
                                             if r["site"] == "east" and fifth(r))),
    ("rows-persist", "", _lost),
    ("spread-persists", "hours", _shifted),
    ("codes-persist", "ward", _vanished),
    ("up-to-date", "", lambda m: m.newest.update(east="2024-10")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "column", "spoil"), FAULTS, ids=[f"{n}-{at}" for at, (n, _c, _s) in enumerate(FAULTS)]
)
def test_a_check_finds_its_fault(
    name: str, column: str, spoil: Any, clean: list[dict[str, Any]], tmp_path: Path
) -> None:
    made = Made([dict(row) for row in clean])
    spoil(made)
    results = {(r.check, r.site, r.column): r for r in found(made, tmp_path)}
    wrong = results[name, "east", column]
    assert wrong.status in (Status.WARN, Status.FAIL)
    assert wrong.failed > 0
    there = [r for r in results.values() if r.check == name and r.column == column and r.site != "east"]
    assert all(r.status in (Status.PASS, Status.NOT_APPLICABLE) for r in there)


def test_every_check_has_a_fault_and_finds_none_in_clean_rows(clean: list[dict[str, Any]], tmp_path: Path) -> None:
    assert {name for name, _c, _s in FAULTS} == {check.id for check in CHECKS}
    made = Made([dict(row) for row in clean], before=clean, brought=clean)
    results = found(made, tmp_path)
    assert [r for r in results if r.status in (Status.WARN, Status.FAIL)] == []
    assert {r.check for r in results if r.status is Status.PASS} >= {c.id for c in CHECKS} - {"rows-held", "own-rows"}
    assert all(0 <= r.failed <= r.applicable for r in results)


def test_a_run_for_one_site_says_the_same_of_it(clean: list[dict[str, Any]], tmp_path: Path) -> None:
    made = Made([dict(row) for row in clean])
    own(made, hours=lambda r: r["hours"] * 2.5)
    alone = found(made, tmp_path, ("east",))
    every = [r for r in found(made, tmp_path) if r.site == "east"]
    assert [r for r in alone if r.check != "up-to-date"] == [r for r in every if r.check != "up-to-date"]


def test_limits_of_a_network_go_first(clean: list[dict[str, Any]], tmp_path: Path) -> None:
    made = Made([dict(row) for row in clean])
    own(made, note=lambda r: None if r["stay"][-1] in "13579" else "x")
    rows = Rows([kept(made.rows, tmp_path / "now.parquet")])
    lax = examine(rows, TABLE, SITES, limits={"optional-filled": Limit(0.6, 0.9)})
    assert {r.status for r in lax if r.check == "optional-filled" and r.column == "note"} == {Status.PASS}


def test_a_share_of_few_rows_only_warns() -> None:
    limit = Limit(0.0, 0.02)
    assert limit.status(3, 1) is Status.WARN
    assert limit.status(30, 10) is Status.FAIL
    assert limit.status(0, 0) is Status.NOT_APPLICABLE
    assert limit.status(9, 0, least=10) is Status.NOT_APPLICABLE


def test_the_check_of_a_file_says_where_rules_were_broken(tmp_path: Path) -> None:
    text = "stay,site,day,Ward\n1,east,2024-01-05,a\n2,east,2024-01-06,z\n3,west,2024-02-06,z\n4,west,never,z\n"
    path = tmp_path / "stays.csv"
    path.write_text(text)
    checked = checks.check(reader.read(path, name="stays.csv"), TABLE, sent_on=date(2024, 3, 1))
    codes = [(b.site, b.month, b.rows) for b in checked.broken_by if b.code == "AT-I-036"]
    assert codes == [("east", "2024-01", 1), ("west", "", 1), ("west", "2024-02", 1)]
    assert {b.column for b in checked.broken_by if b.code == "AT-I-036"} == {"ward"}


# Worked by hand from the definition: (0.6 - 0.5) ln(0.6 / 0.5) + (0.4 - 0.5) ln(0.4 / 0.5) = 0.04055.
def test_stability_index_by_hand() -> None:
    index = stability_index([50_000, 50_000], [60_000, 40_000])
    assert index == pytest.approx(0.040547, abs=1e-5)
    assert isinstance(stability_index([10, 0], [5, 0]), NotEstimable)
    # 16.266 is the 0.999 quantile of chi-squared with 3 degrees of freedom, in every printed table.
    assert by_chance([100] * 4, [100] * 4) == pytest.approx(16.266 * (1 / 400 + 1 / 400), rel=1e-4)


def test_stability_index_is_exceeded_as_rarely_as_said() -> None:
    rng = np.random.default_rng(3)
    share, over = np.array([0.4, 0.3, 0.2, 0.1]), 0
    for _ in range(2000):
        a, b = rng.multinomial(300, share), rng.multinomial(200, share)
        over += stability_index(a, b) > by_chance(a, b, rare=0.05)
    assert 0.03 < over / 2000 < 0.07


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=8))
def test_stability_index_is_no_distance_below_zero_and_the_same_both_ways(pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs).T
    there, back = stability_index(a, b), stability_index(b, a)
    if not isinstance(there, NotEstimable):
        assert there >= 0
        assert there == pytest.approx(back)
        assert not (gone(a, b) & gone(b, a)).any()


def test_the_reference_page_lists_every_check_as_it_is() -> None:
    said = (REPO / "docs/reference/data-quality.md").read_text(encoding="utf-8")
    for check in CHECKS:
        assert page_row(check.id) in said, check.id
    assert said.count("\n| `") == len(CHECKS)


def page_row(name: str) -> str:
    check = check_of(name)
    context = "validation" if check.context is Context.VALIDATION else "verification"
    parts = (
        f"`{name}`",
        check.words,
        check.unit,
        f"{check.limit.warn:g}",
        f"{check.limit.fail:g}",
        context,
        check.source,
    )
    return f"| {' | '.join(parts)} |"
