"""Accepts one site's file into a network of 10 million rows and recomputes that site's measures; then all sites'.

Run: python benchmarks/measures.py [rows]. Target: accepting and recomputing one site within 2 s on two cores.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from allteach.intake.checks import Scope
from allteach.measures.engine import run
from allteach.measures.files import load
from allteach.registry.manifest import Accepted, Columns, Entry, accept, current
from allteach.registry.store import Registry

SITES, MONTHS = 150, 36
HEAD = "table: visits\nsite: site\ndate: day\ndirection: lower\n"
CARDS = [
    "id: readmitted\ntitle: Readmitted\nkind: proportion\nnumerator: readmitted\nexclusion: died\n",
    "id: rate\ntitle: Infections\nkind: rate\nnumerator: sum(infections)\ndenominator: sum(stay)\nper: 1000\n",
    "id: stay\ntitle: Stay\nkind: duration\nvalue: stay\n",
    "id: bundle\ntitle: Bundle\nkind: bundle\nelements: [{id: a, met: a}, {id: b, met: b}, {id: c, met: c}]\n",
    "id: expected\ntitle: Deaths\nkind: observed_expected\nnumerator: died\nexpected: '1/(1 + exp(3 - risk/50))'\n",
]  # fmt: skip


def rows(count: int, site: int, rng: np.random.Generator) -> pa.Table:
    days = np.datetime64("2022-01-01") + rng.integers(0, 30 * MONTHS, count).astype("timedelta64[D]")
    return pa.table(
        {
            "visit": np.arange(count) + 1_000_000 * site,
            "site": pa.array(np.full(count, f"S{site:03d}")).cast(pa.string()),
            "day": pa.array(days.astype("datetime64[D]")),
            "stay": rng.integers(1, 20, count),
            "risk": rng.random(count) * 100,
            "infections": (rng.random(count) < 0.01).astype(np.int64),
            **{name: rng.random(count) < 0.5 for name in ("readmitted", "died", "a", "b", "c")},
        }
    )


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    each = total // SITES
    rng = np.random.default_rng(1)
    cards = [load(card + HEAD) for card in CARDS]
    columns = Columns("site", "day")
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(folder)
        entries: tuple[Entry, ...] = ()
        for site in range(SITES):
            stored = registry.put(rows(each, site, rng), site="site", day="day")
            entries += (Entry(stored.path, site, datetime(2025, 1, 1), None, stored.sites),)
        fresh = rows(each, 7, rng)
        start = time.perf_counter()
        stored = registry.put(fresh, site="site", day="day")
        scope = Scope(("S007",), date(2022, 1, 1), date(2025, 12, 31))
        entries = accept(registry, entries, Accepted(1000, stored, scope), at=datetime(2025, 2, 1), columns=columns)
        files = registry.files(entry.path for entry in current(entries) if "S007" in entry.sites)
        for card in cards:
            run(card, files, sites=["S007"])
        print(
            f"accept one site of {SITES} ({each:,} of {total:,} rows), 5 measures: {time.perf_counter() - start:.2f} s"
        )
        everything = registry.files(entry.path for entry in current(entries))
        for card in cards:
            start = time.perf_counter()
            result = run(card, everything)
            print(f"{card.id:10} all sites: {time.perf_counter() - start:.2f} s, {result.rows.num_rows:,} results")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


if __name__ == "__main__":
    main()
