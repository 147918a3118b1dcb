"""Views that come with the software: one for each usual type of resource, and some for shipped tables."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from allteach.errors import IntakeError
from allteach.intake.fhir.views import View, load


@cache
def views() -> dict[str, View]:
    """Return short name -> view. A name is that of a table, a point, and the type of resource; or the type alone.

    Example:
        >>> "Encounter" in views()
        True
    """
    folder = files(__package__) / "shipped"
    found = sorted((item for item in folder.iterdir() if item.name.endswith(".json")), key=lambda item: item.name)
    return {item.name.removesuffix(".json"): load(item.read_text(encoding="utf-8")) for item in found}


def default(resource: str) -> View:
    """Return the view that files of a type are read by when nobody says otherwise.

    Raises:
        IntakeError: ``AT-I-122`` when none is shipped.
    """
    found = views().get(resource)
    if found is None:
        known = ", ".join(sorted(name for name in views() if "." not in name))
        raise IntakeError(
            "AT-I-122", f"There is no shipped view for resources of the type {resource}.",
            expected=f"There are views for: {known}.", do="Give the table a view of your own.",
        )  # fmt: skip
    return found


def for_table(table: str, resource: str) -> View | None:
    """Return the shipped view that fills a table from a type of resource, or None."""
    return views().get(f"{table}.{resource}") or views().get(resource)
