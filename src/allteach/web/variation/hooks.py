"""What this room does when results change; the work is imported only when needed, so that starting stays quick."""

from __future__ import annotations

from typing import Any


def standings_afresh(**facts: Any) -> dict[str, int]:
    """Return how many charts say something new, after computing their standings afresh."""
    from allteach.web.variation.services import refresh_standings

    return refresh_standings(**facts)
