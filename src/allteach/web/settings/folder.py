"""The data folder: everything a running allteach keeps, in one place."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path


def data_folder() -> Path:
    """Return the data folder: ``ALLTEACH_HOME``, or the place where this system keeps application data."""
    if named := os.environ.get("ALLTEACH_HOME"):
        return Path(named).expanduser().resolve()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "allteach"
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/allteach").expanduser()
    return Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "allteach"


def secret_key(folder: Path) -> str:
    """Return the signing key: ``ALLTEACH_SECRET_KEY``, or one made once and kept in the data folder."""
    if given := os.environ.get("ALLTEACH_SECRET_KEY"):
        return given
    kept = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL: two processes starting at once must end up with the same key.
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(key := secrets.token_urlsafe(64))
    return key
