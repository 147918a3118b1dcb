"""Where sent files land: streamed to disk, named by their own hash, never changed."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.utils.translation import gettext as _

from allteach.errors import StateError

MEGABYTE = 1024 * 1024
LIMIT_BYTES = int(os.environ.get("ALLTEACH_UPLOAD_LIMIT_MB", "100")) * MEGABYTE
SMALL_BYTES = 2 * MEGABYTE  # read and checked while the sender waits; larger files go to a job
_STALE_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that has arrived whole but is not yet anybody's submission.

    Args:
        path: Where its bytes wait.
        name: What the sender calls it.
        size: Bytes.
        hash: SHA-256 of the bytes, hexadecimal.
    """

    path: Path
    name: str
    size: int
    hash: str


def received_folder() -> Path:
    """Return the folder of files as they were sent."""
    return Path(settings.HOME) / "received"


def registry_folder() -> Path:
    """Return the folder of accepted rows."""
    return Path(settings.HOME) / "registry"


def original(network_slug: str, file_hash: str) -> Path:
    """Return where the bytes with this hash are kept for this network."""
    return received_folder() / network_slug / file_hash[:2] / file_hash


def is_small(name: str, size: int) -> bool:
    """Return whether a file of this name and size is worked on while the sender waits; packed ones hold more."""
    return size <= (SMALL_BYTES // 10 if name.lower().endswith(".gz") else SMALL_BYTES)


def too_large(size: int = 0) -> StateError:
    """Return the error for a file above the limit."""
    shown = _(" (%(size)d MB)") % {"size": size // MEGABYTE} if size else ""
    return StateError(
        "AT-T-030",
        _("The file is too large%(size)s; nothing of it was kept.") % {"size": shown},
        expected=_("Files up to %(limit)d MB are taken.") % {"limit": LIMIT_BYTES // MEGABYTE},
        do=_(
            "Send it in parts, for example a year at a time, or ask your network's data analyst to load it by command."
        ),
    )


def disk_full() -> StateError:
    """Return the error for a full disk."""
    return StateError(
        "AT-T-031",
        _("The server has no room left, so the file was not kept. Nothing that was accepted before has changed."),
        expected=_("Free disk space in the data folder is needed to keep a copy of every file."),
        do=_("Tell the people who run this server; then send the file again."),
    )


class Landing:
    """A file being written: hash and size grow with it; leaving without `finish` removes it."""

    def __init__(self, name: str, limit: int | None = None) -> None:
        folder = received_folder() / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        self.name, self.size = Path(name.replace("\\", "/")).name[:255], 0
        self.limit = LIMIT_BYTES if limit is None else limit
        self.path = folder / f"{secrets.token_hex(12)}.part"
        self._digest = hashlib.sha256()
        self._file = self.path.open("xb")

    def write(self, chunk: bytes) -> None:
        """Add bytes.

        Raises:
            StateError: ``AT-T-030`` above the limit, ``AT-T-031`` when the disk is full.
        """
        self.size += len(chunk)
        if self.size > self.limit:
            self.drop()
            raise too_large()
        self._digest.update(chunk)
        try:
            self._file.write(chunk)
        except OSError as error:
            self.drop()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise disk_full() from error
            raise

    def finish(self) -> Incoming:
        """Return the whole file, safely on disk."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            self.drop()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise disk_full() from error
            raise
        self._file.close()
        return Incoming(self.path, self.name, self.size, self._digest.hexdigest())

    def drop(self) -> None:
        """Forget the file."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def land(name: str, chunks: Iterable[bytes], *, limit: int | None = None) -> Incoming:
    """Return the file made of these chunks, written to disk.

    Raises:
        StateError: ``AT-T-030`` above the limit, ``AT-T-031`` when the disk is full.
    """
    landing = Landing(name, limit)
    try:
        for chunk in chunks:
            landing.write(chunk)
    except BaseException:
        landing.drop()
        raise
    return landing.finish()


def keep(incoming: Incoming, network_slug: str) -> Path:
    """Move the file to its lasting place, named by its hash, and return the path."""
    place = original(network_slug, incoming.hash)
    place.parent.mkdir(parents=True, exist_ok=True)
    os.replace(incoming.path, place)
    handle = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(handle)  # the name must survive a power cut as well as the bytes
    finally:
        os.close(handle)
    return place


def _sweep(folder: Path) -> None:
    """Remove what a killed process left half-written more than a day ago."""
    old = time.time() - _STALE_SECONDS
    for part in folder.glob("*.part"):
        try:
            if part.stat().st_mtime < old:
                part.unlink(missing_ok=True)
        except FileNotFoundError:
            continue


class Landed(UploadedFile):
    """What a form gets for a file that is on disk already."""

    def __init__(self, incoming: Incoming, content_type: str) -> None:
        super().__init__(None, incoming.name, content_type, incoming.size)
        self.incoming = incoming


class LandingHandler(FileUploadHandler):
    """Writes an uploaded file straight to where it will be kept; stops at the limit and answers in words."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._landing: Landing | None = None
        self.error: StateError | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._landing = Landing(self.file_name or "file")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece of it."""
        assert self._landing is not None
        try:
            self._landing.write(raw_data)
        except StateError as error:
            self.error = error
            # False: read the rest and throw it away, else the browser shows a broken connection and no words
            raise StopUpload(connection_reset=False) from error

    def file_complete(self, file_size: int) -> Any:
        """Return the file for ``request.FILES``."""
        assert self._landing is not None
        try:
            incoming = self._landing.finish()
        except StateError as error:
            self.error = error
            return None
        return Landed(incoming, self.content_type or "")

    def upload_interrupted(self) -> None:
        """Forget a file whose sender went away."""
        if self._landing is not None:
            self._landing.drop()
