"""Asking the other side of a door for rows. Every kind answers the same order in the same way."""

from __future__ import annotations

from collections.abc import Callable

from allteach.web.doors.bringing import omop, postgresql, redcap
from allteach.web.doors.bringing.order import Brought, Order

__all__ = ["KINDS", "Brought", "Order", "bring"]

# kind of door -> (asks for rows, refuses settings that cannot work)
KINDS: dict[str, tuple[Callable[[Order], Brought], Callable[[Order], None]]] = {
    "redcap": (redcap.bring, redcap.require_usable),
    "postgresql": (postgresql.bring, postgresql.require_usable),
    "omop": (omop.bring, omop.require_usable),
}


def bring(kind: str, order: Order) -> Brought:
    """Return the rows that the other side holds for a table, read one by one as they are taken.

    Raises:
        StateError: ``AT-T-401`` to ``AT-T-417``: the host may not or cannot be reached, refuses, is too slow, breaks
            off, or holds another table.
        IntakeError: ``AT-I-060`` to ``AT-I-065`` when what it says of itself cannot be read.
    """
    ask, require_usable = KINDS[kind]
    require_usable(order)
    return ask(order)
