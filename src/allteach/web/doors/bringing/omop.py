"""Rows of an OMOP common data model, by the shipped mappings of `allteach.intake.omop`."""

from __future__ import annotations

from typing import Any

from allteach.intake import omop
from allteach.web.doors.bringing import postgresql
from allteach.web.doors.bringing.order import Brought, Order


def require_usable(order: Order) -> None:
    """Return when host, mapping, schema and concepts can be used.

    Raises:
        StateError: ``AT-T-401``, ``AT-T-402``, ``AT-T-417``.
        IntakeError: ``AT-I-065``.
    """
    postgresql.require_reachable(order)
    _asked(order)


def bring(order: Order) -> Brought:
    """Return the rows that a mapping finds.

    Raises:
        StateError: as `postgresql.bring`.
        IntakeError: ``AT-I-065``.
    """
    return postgresql.run(order, *_asked(order))


def _asked(order: Order) -> tuple[str, dict[str, Any]]:
    mapping = omop.mapping(order.said("mapping"))
    values: dict[str, Any] = dict(mapping.values(order.settings.get("concepts") or {}))
    return mapping.statement(order.said("schema")), values | {"site": order.site or None}
