"""Tokens and passwords of doors, encrypted with a key that lies in the data folder and never in the database."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _

from allteach.errors import StateError


def sealed(secret: str) -> str:
    """Return a secret in the form in which it is stored."""
    return _box().encrypt(secret.encode()).decode() if secret else ""


def opened(stored: str) -> str:
    """Return a stored secret as it was given.

    Raises:
        StateError: ``AT-T-414`` when it was stored with another key.
    """
    if not stored:
        return ""
    try:
        return _box().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise StateError(
            "AT-T-414",
            _("The stored secret of this door cannot be read: the key in the data folder is another one."),
            do=_("Enter the token or password again, or restore the file door_key from the backup."),
        ) from None


def _box() -> Fernet:
    return Fernet(_key(str(settings.HOME)))


@cache
def _key(home: str) -> bytes:
    """Return the key, made once and readable by this user only."""
    kept = Path(home) / "door_key"
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL: two processes that start at once must end up with the same key
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_bytes().strip()
    with os.fdopen(handle, "wb") as file:
        file.write(key := Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
    return key
