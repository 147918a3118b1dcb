"""Accepted rows: whole or not at all, never changed, current by the manifest, as known on any day."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from allteach.errors import RegistryError
from allteach.intake.checks import Scope
from allteach.registry.diff import diff
from allteach.registry.manifest import Accepted, Columns, Entry, accept, current, withdraw
from allteach.registry.store import Registry, Span, Stored

COLUMNS = Columns("site", "month")
KEY = ("site", "month")


def months(*rows: tuple[str, int, int]) -> pa.Table:
    return pa.table(
        {
            "site": pa.array([site for site, _, _ in rows]),
            "month": pa.array([date(2024, month, 1) for _, month, _ in rows]),
            "falls": pa.array([falls for _, _, falls in rows], pa.int64()),
        }
    )


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path)


def put(registry: Registry, *rows: tuple[str, int, int]) -> Stored:
    return registry.put(months(*rows), site="site", day="month")


def read(registry: Registry, entries: tuple[Entry, ...]) -> set[tuple[str, int, int]]:
    rows = registry.read([entry.path for entry in entries]).to_pylist()
    found = [(row["site"], row["month"].month, row["falls"]) for row in rows]
    assert len(found) == len(set(found)), "a row counts twice"
    return set(found)


def test_the_same_rows_give_the_same_file(registry: Registry) -> None:
    one, other = put(registry, ("B", 1, 5), ("A", 1, 3)), put(registry, ("A", 1, 3), ("B", 1, 5))
    assert one == other
    assert one.path == f"{one.sha256[:2]}/{one.sha256}.parquet"
    assert one.sites == {
        "A": Span(date(2024, 1, 1), date(2024, 1, 1), 1),
        "B": Span(date(2024, 1, 1), date(2024, 1, 1), 1),
    }
    registry.verify(one.path)
    assert registry.read([one.path], sites=["B"], site="site", columns=["falls"]).to_pylist() == [{"falls": 5}]
    assert registry.read([]).num_rows == 0


def test_damage_and_loss_are_noticed(registry: Registry) -> None:
    stored = put(registry, ("A", 1, 3))
    path = registry.full(stored.path)
    path.write_bytes(path.read_bytes()[:-20])
    for act in (lambda: registry.verify(stored.path), lambda: registry.read([stored.path])):
        with pytest.raises(RegistryError, match="AT-R-004"):
            act()
    path.unlink()
    with pytest.raises(RegistryError, match="AT-R-003"):
        registry.read([stored.path])
    with pytest.raises(RegistryError, match="AT-R-003"):
        registry.full("../../etc/passwd")


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "AT-R-001"), (errno.EACCES, "AT-R-002")])
def test_a_full_disk_leaves_nothing_half(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    before = put(registry, ("A", 1, 3))

    def fail(descriptor: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RegistryError, match=code):
        put(registry, ("A", 2, 4))
    monkeypatch.undo()
    assert [p.name for p in registry.folder.rglob("*.part")] == []
    assert [p.stem for p in registry.folder.rglob("*.parquet")] == [before.sha256]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_real_limit_on_writing_is_survived(tmp_path: Path) -> None:
    program = f"""
import resource, signal
import numpy as np, pyarrow as pa
from allteach.errors import RegistryError
from allteach.registry.store import Registry
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    Registry({str(tmp_path)!r}).put(pa.table({{"x": np.random.default_rng(1).random(100_000)}}))
except RegistryError as error:
    print(error.code)
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "AT-R-001"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_killed_at_any_instant_nothing_accepted_is_lost(tmp_path: Path) -> None:
    program = f"""
import sys
import numpy as np, pyarrow as pa
from allteach.registry.store import Registry
registry, n = Registry({str(tmp_path)!r}), int(sys.argv[1])
while True:
    n += 1
    stored = registry.put(pa.table({{"x": np.full(50_000, n) + np.arange(50_000)}}))
    print(stored.path, flush=True)
"""
    promised: set[str] = set()
    for turn in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(turn * 1000)], stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        assert process.stdout is not None
        promised.add(process.stdout.readline().strip())
        time.sleep(0.05 + 0.07 * turn)
        process.send_signal(signal.SIGKILL)
        promised |= {line.strip() for line in process.stdout.read().splitlines() if line.endswith(".parquet")}
        process.wait()
    registry = Registry(tmp_path)
    for path in tmp_path.rglob("*.parquet"):
        registry.verify(str(path.relative_to(tmp_path)))
    assert promised <= {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet")}
    registry.tidy(older_than=0)
    assert list(tmp_path.rglob("*.part")) == []


def moments() -> Iterator[datetime]:
    return (datetime(2025, month, 1) for month in range(1, 13))


def test_a_later_file_replaces_its_scope_and_nothing_else(registry: Registry) -> None:
    first = put(registry, ("A", 1, 1), ("A", 2, 2), ("B", 1, 3))
    one = accept(registry, (), Accepted(1, first, Scope()), at=datetime(2025, 1, 1), columns=COLUMNS)
    second = put(registry, ("A", 2, 9))
    scope = Scope(("A",), date(2024, 2, 1), date(2024, 3, 31))
    two = accept(registry, one, Accepted(2, second, scope), at=datetime(2025, 2, 1), columns=COLUMNS)
    assert read(registry, current(two)) == {("A", 1, 1), ("A", 2, 9), ("B", 1, 3)}
    assert read(registry, current(two, datetime(2025, 1, 15))) == {("A", 1, 1), ("A", 2, 2), ("B", 1, 3)}
    assert current(two, datetime(2024, 12, 31)) == ()


def test_a_scope_without_rows_takes_rows_away(registry: Registry) -> None:
    one = accept(
        registry,
        (),
        Accepted(1, put(registry, ("A", 1, 1), ("A", 2, 2)), Scope()),
        at=datetime(2025, 1, 1),
        columns=COLUMNS,
    )
    scope = Scope(("A",), date(2024, 1, 1), date(2024, 2, 28))
    two = accept(
        registry, one, Accepted(2, put(registry, ("A", 2, 5)), scope), at=datetime(2025, 2, 1), columns=COLUMNS
    )
    assert read(registry, current(two)) == {("A", 2, 5)}


def test_corrections_by_key_add_and_replace(registry: Registry) -> None:
    one = accept(
        registry,
        (),
        Accepted(1, put(registry, ("A", 1, 1), ("A", 2, 2)), Scope()),
        at=datetime(2025, 1, 1),
        columns=COLUMNS,
    )
    new = Accepted(2, put(registry, ("A", 2, 7), ("C", 1, 8)), None, KEY)
    two = accept(registry, one, new, at=datetime(2025, 2, 1), columns=COLUMNS)
    assert read(registry, current(two)) == {("A", 1, 1), ("A", 2, 7), ("C", 1, 8)}


def test_withdrawing_brings_back_what_was_replaced_but_not_over_what_came_later(registry: Registry) -> None:
    files = [
        Accepted(1, put(registry, ("A", 1, 1), ("A", 2, 2)), Scope()),
        Accepted(2, put(registry, ("A", 2, 9)), Scope(("A",), date(2024, 2, 1), date(2024, 2, 28))),
        Accepted(3, put(registry, ("A", 1, 5)), Scope(("A",), date(2024, 1, 1), date(2024, 1, 31))),
    ]
    entries: tuple[Entry, ...] = ()
    at = moments()
    for file in files:
        entries = accept(registry, entries, file, at=next(at), columns=COLUMNS)
    assert read(registry, current(entries)) == {("A", 1, 5), ("A", 2, 9)}
    entries = withdraw(registry, entries, [files[0], files[2]], at=next(at), columns=COLUMNS)
    assert read(registry, current(entries)) == {("A", 1, 5), ("A", 2, 2)}
    assert read(registry, current(entries, datetime(2025, 3, 15))) == {("A", 1, 5), ("A", 2, 9)}


def test_nothing_is_accepted_before_what_it_replaces(registry: Registry) -> None:
    one = accept(
        registry, (), Accepted(1, put(registry, ("A", 1, 1)), Scope()), at=datetime(2025, 2, 1), columns=COLUMNS
    )
    with pytest.raises(RegistryError, match="AT-R-005"):
        accept(
            registry, one, Accepted(2, put(registry, ("A", 1, 2)), Scope()), at=datetime(2025, 1, 1), columns=COLUMNS
        )


def test_a_difference_by_key(registry: Registry) -> None:
    old, new = (
        put(registry, ("A", 1, 1), ("A", 2, 2), ("B", 1, 3)),
        put(registry, ("A", 1, 1), ("A", 2, 5), ("C", 1, 4)),
    )
    change = diff(registry.files([old.path]), registry.files([new.path]), KEY)
    assert (change.added, change.removed, change.changed, change.same) == (1, 1, 1, 1)
    assert change.columns == {"falls": 1}
    assert [row["change"] for row in change.keys.to_pylist()] == ["changed", "removed", "added"]
    assert diff([], registry.files([new.path]), KEY).added == 3
    assert diff(months(("A", 1, 1)), months(("A", 1, 1)), KEY).empty
    twice = months(("A", 1, 1), ("A", 1, 1))
    assert (diff(twice, months(("A", 1, 1)), ()).removed, diff(twice, twice, ()).same) == (1, 2)
    with pytest.raises(RegistryError, match="AT-R-006"):
        diff(months(("A", 1, 1)), months(("A", 1, 1)), ["nothing"])


def test_a_large_file_lies_in_pieces_that_end_where_a_site_ends(registry: Registry, tmp_path: Path) -> None:
    rows = months(*[(site, month, at) for site in "ABCDE" for month in (1, 2) for at in range(3)])
    whole = registry.put(rows, site="site", day="month")
    assert [p.path for p in registry.pieces(whole.path, site="site", day="month")] == [whole.path], "small"
    pieces = registry.pieces(whole.path, site="site", day="month", size=10)
    assert [(sorted(p.sites), p.rows) for p in pieces] == [(["A", "B"], 12), (["C", "D"], 12), (["E"], 6)]
    assert pieces[2].sites == {"E": Span(date(2024, 1, 1), date(2024, 2, 1), 6)}
    assert registry.read([p.path for p in pieces]) == registry.read([whole.path])
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    assert registry.pieces(whole.path, site="site", day="month", size=10) == pieces
    assert written == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}, (
        "found, not written again"
    )
    registry.full(pieces[1].path).unlink()
    assert registry.pieces(whole.path, site="site", day="month", size=10) == pieces, "made again when one is gone"
