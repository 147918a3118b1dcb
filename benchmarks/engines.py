"""Five measures over many rows to site and month: this software's DuckDB and Spark beside SQL written by hand.

    python benchmarks/engines.py [ROWS] [ENGINE ...]

Rows are made in a temporary folder (1 GB for 100 million) and removed afterwards. Every engine runs in a process of its
own, so that its memory is known; times are of the whole process and of the measures, wall beside processor time.
Target: 100 million rows within twice the time of SQL written by hand and within 1 GiB, on two cores.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SITES, MONTHS, PIECE = 150, 37, 1_000_000
HEAD = "table: visits\nsite: site\ndate: day\n"
CARDS = [
    "id: readmitted\ntitle: Readmitted\nkind: proportion\nnumerator: readmitted\nexclusion: died\n",
    "id: rate\ntitle: Infections\nkind: rate\nnumerator: sum(infections)\ndenominator: sum(stay)\nper: 1000\n",
    "id: bundle\ntitle: Bundle\nkind: bundle\nelements: [{id: a, met: a}, {id: b, met: b}, {id: c, met: c}, "
    "{id: d, met: d}]\n",
    "id: stay\ntitle: Stay\nkind: mean\nvalue: stay\n",
    "id: expected\ntitle: Deaths\nkind: observed_expected\nnumerator: died\nexpected: '1/(1 + exp(3 - risk/50))'\n",
]
BY_HAND = """
SELECT site, date_trunc('month', day) AS month, count(*) AS n,
       count(*) FILTER (NOT coalesce(died, false)) AS den,
       count(*) FILTER (readmitted AND NOT coalesce(died, false)) AS num,
       sum(infections) AS infections, sum(stay) AS stay, sum(stay * stay) AS stay_sq, count(stay) AS stays,
       count(*) FILTER (a AND b AND c AND d) AS all_of_it, count(*) FILTER (a) AS a, count(*) FILTER (b) AS b,
       count(*) FILTER (c) AS c, count(*) FILTER (d) AS d,
       count(*) FILTER (died) AS died, sum(p) AS expected, sum(p * (1 - p)) AS spread
FROM (SELECT *, 1 / (1 + exp(3 - risk / 50)) AS p FROM read_parquet([FILES]))
GROUP BY ALL
"""


def make(folder: Path, rows: int) -> list[Path]:
    rng = np.random.default_rng(1)
    files = []
    first = np.datetime64("2022-01-01")
    for at in range(0, rows, PIECE):
        n = min(PIECE, rows - at)
        # A file holds a few sites, as the registry writes them.
        low, high = SITES * at // rows, max(SITES * (at + n) // rows, SITES * at // rows + 1)
        site = np.sort(rng.integers(low, high, n))
        flags = {
            name: pa.array(rng.random(n) < chance, mask=rng.random(n) < 0.02)
            for name, chance in {"readmitted": 0.1, "died": 0.03, "a": 0.9, "b": 0.85, "c": 0.8, "d": 0.95}.items()
        }
        table = pa.table(
            {
                "site": pa.array([f"S{s:03d}" for s in range(SITES)]).take(pa.array(site)),
                "day": pa.array(first + rng.integers(0, 30 * MONTHS, n).astype("timedelta64[D]")),
                "stay": rng.integers(1, 20, n),
                "risk": rng.integers(0, 100, n).astype(np.float64),
                "infections": (rng.random(n) < 0.01).astype(np.int64),
                **flags,
            }
        )
        path = folder / f"{at // PIECE:04d}.parquet"
        pq.write_table(table, path, compression="zstd", row_group_size=122_880)
        files.append(path)
    return files


def by_hand(files: list[Path]) -> list[float]:
    import duckdb

    names = ", ".join(f"'{path}'" for path in files)
    began = time.perf_counter()
    found = duckdb.connect(":memory:").execute(BY_HAND.replace("FILES", names)).fetchall()
    assert len(found) > SITES
    return [time.perf_counter() - began]


def measured(files: list[Path], engine: str) -> list[float]:
    from allteach.measures.engine import Attached
    from allteach.measures.engines import DuckDB
    from allteach.measures.files import load
    from allteach.measures.spark import Options, Spark

    times = []
    opened = DuckDB() if engine == "duckdb" else Spark(Options())
    with Attached(files, opened) as rows:
        for text in CARDS:
            began = time.perf_counter()
            found = rows.result(load(text + HEAD))
            times.append(time.perf_counter() - began)
            assert found.rows.num_rows > SITES
    return times


def child(name: str, files: list[Path], out: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    began = time.perf_counter()
    times = by_hand(files) if name == "by hand" else measured(files, name)
    wall = time.perf_counter() - began
    used, below = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    java = _peak_of_java()
    processor = used.ru_utime + used.ru_stime + below.ru_utime + below.ru_stime + java[1]
    out.put((times, wall, processor, used.ru_maxrss / 1024 + java[0]))


def _peak_of_java() -> tuple[float, float]:
    """Return MiB and processor seconds of the Java process that Spark runs in; nothing where there is none."""
    peak = seconds = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if "java" in (folder / "comm").read_text() and _is_mine(folder):
                said = (folder / "status").read_text()
                peak = int(said.split("VmHWM:")[1].split()[0]) / 1024
                spent = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                seconds = (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError):
            continue
    return peak, seconds


def _is_mine(folder: Path) -> bool:
    while folder.name not in ("0", "1"):
        if folder.name == str(os.getpid()):
            return True
        folder = Path("/proc") / (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
    return False


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    names = sys.argv[2:] or ["by hand", "duckdb"]
    folder = Path(tempfile.mkdtemp(prefix="allteach-rows-"))
    try:
        began = time.perf_counter()
        files = make(folder, rows)
        size = sum(path.stat().st_size for path in files)
        print(f"{rows:,} rows in {len(files)} files, {size / 1e6:,.0f} MB, made in {time.perf_counter() - began:.0f} s")
        for name in names:
            fresh = multiprocessing.get_context("spawn")
            out = fresh.Queue()
            process = fresh.Process(target=child, args=(name, files, out))
            process.start()
            times, wall, processor, memory = out.get()
            process.join()
            each = " + ".join(f"{t:.1f}" for t in times)
            print(f"{name:8} measures {sum(times):6.1f} s ({each})")
            print(f"         whole process {wall:.1f} s, processor {processor:.1f} s, peak {memory:,.0f} MiB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
