"""Words for doors. One place, translatable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allteach.web.doors.models import Door


@dataclass(frozen=True, slots=True)
class Word:
    """A kind of door in words.

    Args:
        key: As stored.
        name: What people call it.
        says: What it does, in one sentence.
    """

    key: str
    name: Any
    says: Any


KINDS = {
    word.key: word
    for word in (
        Word("redcap", gettext_lazy("REDCap"), gettext_lazy("Records of a REDCap project, over its API.")),
        Word(
            "postgresql",
            gettext_lazy("PostgreSQL"),
            gettext_lazy("What one SELECT gives in a database or warehouse, read only."),
        ),
        Word(
            "omop",
            gettext_lazy("OMOP"),
            gettext_lazy("A shipped mapping from the OMOP common data model to one of our tables."),
        ),
    )
}
_SETTINGS = {
    "url": gettext_lazy("Address of the API"),
    "instrument": gettext_lazy("Repeating instrument"),
    "event": gettext_lazy("Event"),
    "host": gettext_lazy("Host"),
    "database": gettext_lazy("Database"),
    "user": gettext_lazy("Account"),
    "schema": gettext_lazy("Schema"),
    "mapping": gettext_lazy("Mapping"),
}


def facts(door: Door) -> list[tuple[Any, str]]:
    """Return the settings of a door in words; the statement has a place of its own."""
    said: list[tuple[Any, str]] = [
        (_SETTINGS[key], str(door.settings[key])) for key in _SETTINGS if door.settings.get(key)
    ]
    if port := door.settings.get("port"):
        said.append((_("Port"), str(port)))
    return said
