"""Frozen reports from the command line, for those who run the server."""

from __future__ import annotations

from datetime import date

from allteach.errors import StateError
from allteach.web.measuring import services
from allteach.web.measuring.freezing import Again, recomputed
from allteach.web.measuring.models import FrozenReport
from allteach.web.people.models import Person
from allteach.web.sites.models import Network


def lines(network: str) -> list[str]:
    """Return one line for each frozen report, newest first."""
    found = FrozenReport.objects.filter(network=_network(network))
    return [
        f"{report.number}  {report.moment:%Y-%m-%d %H:%M}  {report.manifest_id[:12]}  {report.title}"
        for report in found
    ] or ["Nothing is frozen yet."]


def make(network: str, title: str, username: str, as_known: str) -> str:
    """Freeze, and return what was frozen in one line.

    Raises:
        StateError: ``AT-T-075`` when there is no such person, ``AT-T-073`` for a day that is none.
    """
    by = Person.objects.filter(username=username, is_active=True).first()
    if by is None:
        raise StateError("AT-T-075", f"There is no person with the user name {username}.")
    try:
        day = date.fromisoformat(as_known) if as_known else None
    except ValueError:
        raise StateError("AT-T-073", f"{as_known} is no day.", expected="Write it as 2026-05-31.") from None
    report = services.freeze(by=by, network=_network(network), title=title, as_known=day)
    return f"Frozen report {report.number}: manifest {report.manifest_id}, bytes {report.digest}"


def recompute(network: str, number: int) -> Again:
    """Return a frozen report worked out again.

    Raises:
        StateError: ``AT-T-074`` when the network has none of this number, ``AT-T-070`` when a card changed.
        RegistryError: ``AT-R-003`` or ``AT-R-004`` when a file of rows is gone or damaged.
    """
    report = FrozenReport.objects.filter(network=_network(network), number=number).select_related("network").first()
    if report is None:
        raise StateError(
            "AT-T-074", f"There is no frozen report {number}.", do=f"See: allteach frozen list --network {network}"
        )
    return recomputed(report)


def _network(slug: str) -> Network:
    found = Network.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Network.objects.order_by("slug").values_list("slug", flat=True))
        raise StateError("AT-T-074", f"There is no network called {slug}.", expected=f"There are: {known or 'none'}.")
    return found
