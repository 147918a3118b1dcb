"""When a door is due. Pure: no database, no clock of its own."""

from __future__ import annotations

from datetime import date, timedelta


def is_due(every: str, last: date | None, today: date) -> bool:
    """Return whether a door that was last fetched by the clock on a day is due today.

    Args:
        every: ``day``, ``week`` or ``month``; empty is never.
        last: The day; None when it never was.
        today: Today.

    Example:
        >>> is_due("week", date(2026, 3, 2), date(2026, 3, 8)), is_due("week", date(2026, 3, 2), date(2026, 3, 9))
        (False, True)
        >>> is_due("month", date(2026, 1, 31), date(2026, 2, 1))
        True
    """
    if not every or last is None:
        return bool(every)
    if every == "month":
        return (today.year, today.month) > (last.year, last.month)
    return today - last >= timedelta(days=7 if every == "week" else 1)
