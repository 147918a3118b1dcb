"""Results for the command line: the same selectors and permissions as the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from allteach.errors import StateError
from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import measure_for, resource_of
from allteach.web.people.models import Person
from allteach.web.sites.selectors import network_for
from allteach.web.variation.selectors.points import reports_of


def reports(*, network: str, measure: str, username: str) -> list[dict[str, Any]]:
    """Return the summary MeasureReports of a measure as this person may take them away.

    Raises:
        Refused: ``AT-P-002`` when the person may not.
        StateError: ``AT-T-315`` when there is no such person, network or measure.
    """
    by, found = _found(network, measure, username)
    return reports_of(user=by, measure=found)


def measure(*, network: str, measure: str, username: str) -> dict[str, Any]:
    """Return a measure as a FHIR Measure.

    Raises:
        StateError: ``AT-T-315`` when there is no such person, network or measure.
    """
    by, found = _found(network, measure, username)
    return resource_of(user=by, measure=found)


def _found(network: str, measure: str, username: str) -> tuple[Person, Measure]:
    by = Person.objects.filter(username=username, is_active=True).first()
    if by is None:
        raise StateError("AT-T-315", f"There is no person with the user name {username}.", do="Name one with --as.")
    try:
        return by, measure_for(user=by, network=network_for(user=by, slug=network), slug=measure)
    except Http404:
        raise StateError(
            "AT-T-315", f"{username} sees no measure {measure} in a network {network}.",
            do="Use the short names that stand in the addresses of the pages.",
        ) from None  # fmt: skip
