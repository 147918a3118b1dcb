"""Backing up everything a network needs, and restoring it on any machine: database, files, accepted rows, key."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from allteach.errors import StateError

Say = Callable[[str], Any]
KEYS = ("secret_key", "door_key")  # may be made anew before anything is restored
SQLITE, POSTGRES, CONTENTS = "allteach.sqlite3", "allteach.pgdump", "contents.json"
_MADE_ANEW = ("static", "static.stamp")
_UNFINISHED = "incoming"  # files that are being received; nobody was promised anything of them


def back_up(target: Path, *, say: Say) -> Path:
    """Write a whole backup into a new folder, also while the server runs, and return the folder.

    The database comes first, in one consistent piece, then the files. Files never change, so those that are newer than
    the database do no harm. The folder gets its name only when it is whole.

    Args:
        target: A folder that is not there yet.
        say: Told what is done.

    Raises:
        StateError: ``AT-T-042`` when the folder is there or cannot be written, ``AT-T-045`` when the database cannot be
            read.
    """
    from django.conf import settings

    if target.exists():
        raise StateError("AT-T-042", f"{target} is there already.", do="Name a new folder, such as one with the date.")
    home, part = Path(settings.HOME), target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        name = _dump(part)
        files = [part / name, *_copy(home, part)]
        contents = {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "database": name,
            "files": {str(file.relative_to(part)): _hash(file) for file in files},
        }
        (part / CONTENTS).write_text(json.dumps(contents, indent=1, sort_keys=True), encoding="utf-8")
        os.sync()
        part.rename(target)
    except OSError as error:
        raise StateError(
            "AT-T-042", f"The backup could not be written: {error.strerror}.", where=str(target),
            do="Free some room or choose another place, then try again. What is backed up has not changed.",
        ) from error  # fmt: skip
    say(f"Backed up the database and {len(files) - 1:,} files into {target}.")
    return target


def restore(source: Path, *, say: Say) -> None:
    """Put a backup into an empty data folder and, with PostgreSQL, an empty database.

    Every file is held against its hash first, so that a damaged backup is found before anything is written.

    Args:
        source: A folder that `back_up` wrote.
        say: Told what is done.

    Raises:
        StateError: ``AT-T-043`` when there is something here already, ``AT-T-044`` when the backup is damaged or none,
            ``AT-T-045`` when the database cannot be written.
    """
    from django.conf import settings

    contents = verify(source)
    home = Path(settings.HOME)
    there = [file for file in _files(home) if file.name not in KEYS] + [home / SQLITE] * (home / SQLITE).exists()
    if there:
        raise StateError(
            "AT-T-043", f"The data folder {home} is not empty: it has {there[0].relative_to(home)}.",
            do="Restore into a new folder with --home, look at it, then put it in the other's place.",
        )  # fmt: skip
    home.mkdir(parents=True, exist_ok=True)
    names = [name for name in contents["files"] if name not in (POSTGRES, SQLITE)]
    try:
        for name in names:
            _copied(source / name, home / name)
        _load(source, contents["database"], home)
    except (StateError, OSError):
        for name in names:  # nothing was here before, so nothing else is lost
            (home / name).unlink(missing_ok=True)
        raise
    for key in KEYS:
        if (home / key).exists():
            (home / key).chmod(0o600)
    say(f"Restored the backup of {contents['made']}: the database and {len(contents['files']) - 1:,} files.")


def verify(source: Path) -> dict[str, Any]:
    """Return what a backup holds, every file held against its hash.

    Raises:
        StateError: ``AT-T-044`` when a file is missing or has changed, or the folder is no backup.
    """
    try:
        contents: dict[str, Any] = json.loads((source / CONTENTS).read_text(encoding="utf-8"))
        wrong = [name for name, digest in contents["files"].items() if _hash(source / name) != digest]
    except (OSError, ValueError, KeyError) as error:
        raise StateError(
            "AT-T-044", f"{source} is not a whole backup: {error}.", do="Take another one; they are independent."
        ) from error
    if wrong:
        raise StateError(
            "AT-T-044", f"{len(wrong):,} files of the backup have changed since it was made.", where=wrong[0],
            do="Take another backup; they are independent.",
        )  # fmt: skip
    return contents


def _dump(folder: Path) -> str:
    """Write the database into a folder and return the name of the file."""
    from django.conf import settings

    said = settings.DATABASES["default"]
    if said["ENGINE"].endswith("sqlite3"):
        with (
            closing(sqlite3.connect(said["NAME"], timeout=60)) as live,
            closing(sqlite3.connect(folder / SQLITE)) as copy,
        ):
            live.backup(copy)
        return SQLITE
    _postgres("pg_dump", said, "--format=custom", "--no-owner", f"--file={folder / POSTGRES}")
    return POSTGRES


def _load(source: Path, name: str, home: Path) -> None:
    from django.conf import settings

    said = settings.DATABASES["default"]
    is_sqlite = said["ENGINE"].endswith("sqlite3")
    if is_sqlite != (name == SQLITE):
        kind = "SQLite" if name == SQLITE else "PostgreSQL"
        raise StateError(
            "AT-T-045", f"The backup is of {kind}, and this server is set up for the other kind of database.",
            do="Set or unset DATABASE_URL, then try again.",
        )  # fmt: skip
    if is_sqlite:
        shutil.copy2(source / name, said["NAME"])
        return
    _postgres(
        "pg_restore", said, "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={said['NAME']}",
        str(source / name),
    )  # fmt: skip


def _postgres(program: str, said: dict[str, Any], *arguments: str) -> None:
    """Run a program of PostgreSQL against the database of the settings."""
    options = said.get("OPTIONS", {})
    asked = {"PGHOST": said["HOST"] or options.get("host", ""), "PGPORT": said["PORT"] or options.get("port", ""),
             "PGUSER": said["USER"], "PGPASSWORD": said["PASSWORD"], "PGDATABASE": said["NAME"]}  # fmt: skip
    env = os.environ | {name: str(value) for name, value in asked.items() if value}
    try:
        done = subprocess.run([program, *arguments], env=env, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise StateError(
            "AT-T-045", f"There is no program {program} here.", do="Install the client programs of PostgreSQL."
        ) from error
    if done.returncode:
        first = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise StateError(
            "AT-T-045", f"{program} did not work: {first}",
            do="Check DATABASE_URL, and that the client programs are not older than the server. To restore, the "
            "database has to be there and empty.",
        )  # fmt: skip


def _files(home: Path) -> Iterator[Path]:
    """Yield every finished file of the data folder but the database and what is made anew."""
    for place in sorted(home.iterdir()) if home.exists() else ():
        if place.name in _MADE_ANEW or place.name.startswith(SQLITE):
            continue
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and _UNFINISHED not in file.relative_to(home).parts:
                yield file


def _copy(home: Path, target: Path) -> Iterator[Path]:
    """Copy every finished file and yield the copies."""
    for file in _files(home):
        yield _copied(file, target / file.relative_to(home))


def _copied(file: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(file, target))


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
