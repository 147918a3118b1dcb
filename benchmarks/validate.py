"""Reads and checks a file of 200,000 rows x 13 columns, and counts which injected errors were found.

Run: python benchmarks/validate.py [rows]. Target: 1.5 s on two cores, all errors found in the right cell, none false.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.injected import SENT_ON, SITES, dictionary, make

from allteach.intake.checks import check
from allteach.intake.reader import read


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    made, said = make(rows, 50), dictionary()
    times, processor = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "visits.csv"
        path.write_bytes(made.text)
        for _ in range(5):
            start, used = time.perf_counter(), time.process_time()
            raw = read(path)
            middle = time.perf_counter()
            result = check(raw, said, sent_on=SENT_ON, sites=SITES)
            times.append((middle - start, time.perf_counter() - middle))
            processor.append(time.process_time() - used)
    found = {(row, finding.column): finding.code for finding in result.findings for row in finding.rows}
    hit = sum(found.get(place) == code for place, code in made.errors.items())
    false = len([place for place in found if place not in made.errors])
    totals = [a + b for a, b in times]
    print(f"{rows:,} rows x {len(raw.columns)} columns, {len(made.text) / 1e6:.1f} MB")
    print(f"read {statistics.median(a for a, _ in times):.2f} s, check {statistics.median(b for _, b in times):.2f} s")
    print(f"together: median {statistics.median(totals):.2f} s, fastest {min(totals):.2f} s of {len(times)}")
    print(f"processor time, all threads: {statistics.median(processor):.2f} s (what a busy machine does not change)")
    print(f"injected errors found in the right cell: {hit} of {len(made.errors)}; false: {false}")
    print(f"kept {result.good.num_rows:,}, held {result.held.num_rows:,}")


if __name__ == "__main__":
    main()
