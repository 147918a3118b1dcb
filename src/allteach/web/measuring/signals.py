"""Who wants to know that results changed. Later rooms add a function to the list; this room imports none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from allteach.web.measuring.models import Measure
from allteach.web.people.models import Person
from allteach.web.sites.models import Network


class ResultsChanged(Protocol):
    """A function told of new results, inside the transaction that made them.

    It may return a mapping of facts for the person who accepted the file, such as ``{"new_signals": 1}``.
    """

    def __call__(self, *, network: Network, measures: list[Measure], by: Person) -> Mapping[str, Any] | None:
        """Return facts to show, or None."""
        ...


results_changed: list[Callable[..., Mapping[str, Any] | None]] = []


def tell(*, network: Network, measures: Iterable[Measure], by: Person) -> dict[str, Any]:
    """Call every function in `results_changed` and return their facts in one mapping; numbers add up."""
    facts: dict[str, Any] = {}
    changed = list(measures)
    for hook in results_changed:
        for key, value in (hook(network=network, measures=changed, by=by) or {}).items():
            facts[key] = facts[key] + value if key in facts else value
    return facts
