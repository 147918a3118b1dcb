"""Reading tests of change: the memory of everything that anyone in the network ever tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network
from allteach.web.sites.naming import naming_for
from allteach.web.sites.selectors import sites_for
from allteach.web.trials.models import Cycle


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for among tests; empty fields match all."""

    text: str = ""
    status: str = ""
    decision: str = ""
    site: str = ""
    project: str = ""
    driver: str = ""
    idea: str = ""
    scale: str = ""
    context: str = ""
    measure: str = ""

    @property
    def narrow(self) -> bool:
        """Whether anything beyond the first line of the form is asked for."""
        return any((self.project, self.driver, self.idea, self.scale, self.context))


def cycles_of(*, user: Any, network: Network, search: Search | None = None) -> QuerySet[Cycle]:
    """Return the tests of a network, newest first, failed ones like any other."""
    require(user, Permission.PROJECT_VIEW, network=network)
    search = search or Search()
    found = Cycle.objects.filter(network=network).select_related("site", "project", "idea", "measure", "written_by")
    for word in search.text.split():
        found = found.filter(
            Q(title__icontains=word)
            | Q(question__icontains=word)
            | Q(driver__icontains=word)
            | Q(context__icontains=word)
            | Q(observed__icontains=word)
            | Q(surprise__icontains=word)
        )
    exactly = {"status": search.status, "decision": search.decision, "scale": search.scale}
    found = found.filter(**{name: value for name, value in exactly.items() if value})
    found = found.filter(driver__icontains=search.driver, context__icontains=search.context)
    if search.site:
        naming = naming_for(user=user, network=network)
        site = naming.find(sites_for(user=user, network=network), search.site)
        found = found.filter(site=site) if site else found.none()
    if search.project.isdigit():
        found = found.filter(project__number=int(search.project))
    if search.measure:
        found = found.filter(measure__slug=search.measure)
    if search.idea.isdigit():
        found = found.filter(idea__number=int(search.idea))
    return found


def cycle_for(*, user: Any, network: Network, number: int) -> Cycle:
    """Return one test by its number.

    Raises:
        Http404: the network has none of this number.
    """
    found = cycles_of(user=user, network=network).select_related("ramp", "copied_from")
    cycle = found.filter(number=number).first()
    if cycle is None:
        raise Http404
    return cycle


def ramp_of(*, user: Any, cycle: Cycle) -> list[Cycle]:
    """Return the ladder of tests that this one belongs to, the smallest scale first, itself included."""
    network = cycle.network
    every = {c.pk: c for c in cycles_of(user=user, network=network)}
    first = cycle
    seen = {first.pk}
    while first.ramp_id in every and first.ramp_id not in seen:
        first = every[first.ramp_id]
        seen.add(first.pk)
    after: dict[int, list[Cycle]] = {}
    for one in every.values():
        if one.ramp_id:
            after.setdefault(one.ramp_id, []).append(one)
    ladder: list[Cycle] = []
    queue = [first]
    while queue:
        one = queue.pop(0)
        if one.pk not in {c.pk for c in ladder}:
            ladder.append(one)
            queue.extend(sorted(after.get(one.pk, []), key=lambda c: c.number))
    return ladder


def within_prediction(cycle: Cycle) -> bool | None:
    """Return whether the result lies in the predicted range; None where either is missing."""
    if cycle.result is None or (cycle.predicted_low is None and cycle.predicted_high is None):
        return None
    low = cycle.predicted_low if cycle.predicted_low is not None else float("-inf")
    high = cycle.predicted_high if cycle.predicted_high is not None else float("inf")
    return low <= cycle.result <= high


def with_site_names(cycles: Iterable[Cycle], *, user: Any, network: Network) -> list[Cycle]:
    """Return the tests with `where`, the site as this person may call it, and `author`, empty where it would tell."""
    naming = naming_for(user=user, network=network)
    found = list(cycles)
    for cycle in found:
        cycle.where = naming.name(cycle.site)  # type: ignore[attr-defined]
        cycle.author = str(cycle.written_by) if naming.is_named(cycle.site) else ""  # type: ignore[attr-defined]
    return found
