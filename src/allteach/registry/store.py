"""Keeps accepted rows in immutable Parquet files, each named by its own content and written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from allteach.errors import RegistryError
from allteach.intake.checks import Scope

_STALE_SECONDS = 3600
_ROWS_PER_GROUP = 122_880
ROWS_PER_PIECE = 100_000


@dataclass(frozen=True, slots=True)
class Span:
    """What a file holds of one site.

    Args:
        first: First day, or None when rows have no date.
        last: Last day.
        rows: How many rows.
    """

    first: date | None
    last: date | None
    rows: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the registry.

    Args:
        path: Below the registry's folder; its stem is the SHA-256 of its bytes.
        sha256: The same hash.
        rows: How many rows.
        size: Bytes.
        sites: Site code -> what the file holds of it.
    """

    path: str
    sha256: str
    rows: int
    size: int
    sites: Mapping[str, Span] = field(default_factory=dict)


class Registry:
    """A folder of accepted rows. Files are added and never changed; removing is left to people.

    Args:
        folder: Where the files live; made when it is not there.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def put(self, rows: pa.Table, *, site: str = "", day: str = "") -> Stored:
        """Write rows and return the file. The same rows again give the same file.

        Args:
            rows: Typed rows.
            site: Column that names the site; rows are sorted by it so that one site's rows are found fast.
            day: Column that says when.

        Raises:
            RegistryError: ``AT-R-001`` when the disk is full, ``AT-R-002`` when it cannot be written to.
        """
        if order := [(name, "ascending") for name in (site, day) if name]:
            rows = rows.sort_by(order)
        scratch = self.folder / "incoming" / f"{secrets.token_hex(12)}.part"
        try:
            scratch.parent.mkdir(parents=True, exist_ok=True)
            digest, size = _write(rows, scratch)
            path = f"{digest[:2]}/{digest}.parquet"
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(scratch, target)
            _sync_folder(target.parent)
        except OSError as error:
            _forget(scratch)
            raise _cannot_write(error) from error
        except BaseException:
            _forget(scratch)
            raise
        return Stored(path, digest, rows.num_rows, size, spans(rows, site, day))

    def full(self, path: str) -> Path:
        """Return where a file of the registry lies.

        Raises:
            RegistryError: ``AT-R-003`` when it is gone, or is not below the folder.
        """
        found = (self.folder / path).resolve()
        if not found.is_relative_to(self.folder.resolve()) or not found.is_file():
            raise RegistryError(
                "AT-R-003",
                "A file of accepted rows is not where it should be.",
                where=path,
                do="Restore the registry folder from the last backup; files never change, so any copy will do.",
            )
        return found

    def files(self, paths: Iterable[str]) -> list[Path]:
        """Return where files of the registry lie.

        Raises:
            RegistryError: ``AT-R-003`` when one is gone.
        """
        return [self.full(path) for path in paths]

    def read(self, paths: Sequence[str], *, columns: Sequence[str] | None = None, sites: Sequence[str] | None = None,
             site: str = "") -> pa.Table:  # fmt: skip
        """Return the rows of files, columns matched by name.

        Args:
            paths: Files of the registry.
            columns: Which columns; all when None.
            sites: Only these sites' rows; needs `site`.
            site: Column that names the site.

        Raises:
            RegistryError: ``AT-R-003`` when a file is gone, ``AT-R-004`` when one is damaged.
        """
        if not paths:
            return pa.table({name: pa.array([], pa.string()) for name in columns or ()})
        chosen = ", ".join(_quoted(name) for name in columns) if columns else "*"
        source = source_sql(self.files(paths))
        where = f" WHERE {_quoted(site)} IN (SELECT unnest(?))" if sites is not None and site else ""
        connection = duckdb.connect(":memory:")
        try:
            given = [list(sites or ())] if where else None
            return connection.sql(f"SELECT {chosen} FROM {source}{where}", params=given).to_arrow_table()
        except duckdb.Error as error:
            raise _damaged(str(paths[0])) from error
        finally:
            connection.close()

    def rest(self, path: str, scope: Scope, *, site: str, day: str) -> Stored | None:
        """Return a new file with the rows of an older one that a later submission does not speak for.

        Args:
            path: The older file.
            scope: What the later submission speaks for.
            site: Column that names the site.
            day: Column that says when.

        Returns:
            The new file; the same file again when the scope touches none of it; None when nothing is left.
        """
        return self._keep(path, f"({_inside(scope, site, day)}) IS NOT TRUE", None, site, day)

    def without(self, path: str, newer: str, key: Sequence[str], *, site: str, day: str) -> Stored | None:
        """Return a new file with the rows of an older one whose key does not come again in a newer file.

        Args:
            path: The older file.
            newer: The newer file.
            key: Columns that name a row.
            site: Column that names the site.
            day: Column that says when.

        Returns:
            The new file; the same file again when no key comes again; None when nothing is left.
        """
        same = " AND ".join(f"newer.{_quoted(name)} IS NOT DISTINCT FROM older.{_quoted(name)}" for name in key)
        keys = self.read([newer], columns=list(key) or None)
        return self._keep(path, f"NOT EXISTS (SELECT 1 FROM newer WHERE {same or 'false'})", keys, site, day)

    def pieces(self, path: str, *, site: str, day: str, size: int = ROWS_PER_PIECE) -> list[Stored]:
        """Return a large file as several smaller ones, each with all rows of its sites; a small file as it is.

        When one site of a network is replaced, only its piece is written anew and not the rest of the network. Pieces
        are found again where they were written before.

        Args:
            path: The file.
            site: Column that names the site; the rows are sorted by it.
            day: Column that says when.
            size: A piece gets so many rows before the next begins; a file of less than two is left whole.
        """
        found = self.full(path)
        count = pq.read_metadata(found).num_rows
        whole = Stored(path, found.stem, count, found.stat().st_size)
        if count < 2 * size or not site:
            return [whole]
        listed = found.with_suffix(f".pieces-{size}.json")
        with suppress(OSError, ValueError, RegistryError):
            kept = [_stored(item) for item in json.loads(listed.read_text())]
            self.files(piece.path for piece in kept)
            return kept
        rows = pq.read_table(found)
        made = [self.put(part, site=site, day=day) for part in _by_site(rows, site, size)]
        _write_text(listed, json.dumps([_plain(piece) for piece in made]))
        return made

    def _keep(self, path: str, condition: str, newer: pa.Table | None, site: str, day: str) -> Stored | None:
        rows = self.read([path])
        connection = duckdb.connect(":memory:")
        try:
            connection.register("older", rows)
            if newer is not None:
                connection.register("newer", newer)
            left = connection.sql(f"SELECT * FROM older WHERE {condition}").to_arrow_table()
        finally:
            connection.close()
        if left.num_rows == rows.num_rows:
            return Stored(path, Path(path).stem, rows.num_rows, self.full(path).stat().st_size, spans(rows, site, day))
        return self.put(left.cast(rows.schema), site=site, day=day) if left.num_rows else None

    def verify(self, path: str) -> None:
        """Check that a file still holds what it was written with.

        Raises:
            RegistryError: ``AT-R-003`` when it is gone, ``AT-R-004`` when its content has changed.
        """
        found = self.full(path)
        with found.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        if digest != found.stem:
            raise _damaged(path)

    def tidy(self, older_than: float = _STALE_SECONDS) -> int:
        """Remove what interrupted writing left behind and return how many files that were."""
        count = 0
        for part in (self.folder / "incoming").glob("*.part"):
            if time.time() - part.stat().st_mtime >= older_than:
                _forget(part)
                count += 1
        return count


def _by_site(rows: pa.Table, site: str, size: int) -> Iterator[pa.Table]:
    """Return parts of sorted rows that end where a site ends."""
    codes = rows[site].combine_chunks().dictionary_encode().indices
    ends = np.flatnonzero(np.diff(codes.fill_null(-1).to_numpy(zero_copy_only=False))) + 1
    begin = 0
    for end in (*ends.tolist(), rows.num_rows):
        if end - begin >= size or end == rows.num_rows:
            yield rows.slice(begin, end - begin)
            begin = end


def _plain(piece: Stored) -> dict[str, Any]:
    sites = {code: [str(s.first or ""), str(s.last or ""), s.rows] for code, s in piece.sites.items()}
    return {"path": piece.path, "rows": piece.rows, "size": piece.size, "sites": sites}


def _stored(said: Mapping[str, Any]) -> Stored:
    sites = {code: Span(_day(first), _day(last), rows) for code, (first, last, rows) in said["sites"].items()}
    return Stored(said["path"], Path(said["path"]).stem, said["rows"], said["size"], sites)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _write_text(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    scratch = path.with_suffix(f".{secrets.token_hex(6)}.part")
    scratch.write_text(text)
    os.replace(scratch, path)


def source_sql(files: Iterable[Path]) -> str:
    """Return DuckDB SQL that stands for the rows of Parquet files, columns matched by name."""
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    return f"read_parquet([{names}], union_by_name = true)"


def spans(rows: pa.Table, site: str, day: str) -> dict[str, Span]:
    """Return what rows hold of each site."""
    if not site:
        return {}
    connection = duckdb.connect(":memory:")
    try:
        connection.register("given", rows)
        when = f"min({_quoted(day)}), max({_quoted(day)})" if day else "CAST(NULL AS DATE), CAST(NULL AS DATE)"
        query = f"SELECT {_quoted(site)} AS s, {when}, count(*) FROM given WHERE s IS NOT NULL GROUP BY s ORDER BY s"
        found = connection.execute(query).fetchall()
    finally:
        connection.close()
    return {str(name): Span(first, last, count) for name, first, last, count in found}


def _inside(scope: Scope, site: str, day: str) -> str:
    """Return SQL that is true for rows a scope speaks for."""
    parts = []
    if scope.sites:
        listed = ", ".join("'" + code.replace("'", "''") + "'" for code in scope.sites)
        parts.append(f"{_quoted(site)} IN ({listed})")
    if scope.first:
        parts.append(f"{_quoted(day)} >= DATE '{scope.first.isoformat()}'")
    if scope.last:
        parts.append(f"{_quoted(day)} <= DATE '{scope.last.isoformat()}'")
    return " AND ".join(parts) or "true"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _write(rows: pa.Table, path: Path) -> tuple[str, int]:
    """Write a file, safely on disk when this returns; give its hash and size."""
    with path.open("xb") as out:
        # No time stamp or path goes into the file, so the same rows give the same bytes.
        pq.write_table(rows.replace_schema_metadata(None), out, compression="zstd", row_group_size=_ROWS_PER_GROUP)
        out.flush()
        os.fsync(out.fileno())
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return digest, path.stat().st_size


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _cannot_write(error: OSError) -> RegistryError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return RegistryError(
            "AT-R-001",
            "There is no room left on the disk, so the rows were not stored. Nothing accepted before has changed.",
            do="Free disk space in the data folder and accept the file again.",
        )
    return RegistryError(
        "AT-R-002",
        "The rows could not be written. Nothing accepted before has changed.",
        do="Check that the data folder can be written to, then accept the file again.",
    )


def _damaged(path: str) -> RegistryError:
    return RegistryError(
        "AT-R-004",
        "A file of accepted rows is damaged.",
        where=path,
        do="Restore it from a backup; its name is the hash of its content, so any whole copy will do.",
    )
