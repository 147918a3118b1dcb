"""What is due on a day. Pure: no database, no clock of its own.

The days are those on which collaborative staff remind, list and chase (Breakthrough Series practice, domain page 2.5).
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

REPORT_DAY = 10  # a month's report is due on this day of the next month
MISSED_AFTER = timedelta(days=21)


class Nudge(StrEnum):
    """What to say about a report that is not in."""

    WEEK_BEFORE = "week_before"
    DAY_BEFORE = "day_before"
    ASK = "ask"
    LATE = "late"
    MISSED = "missed"


_DAYS = {-7: Nudge.WEEK_BEFORE, -1: Nudge.DAY_BEFORE, 1: Nudge.ASK, 2: Nudge.LATE, 3: Nudge.LATE}


def report_due(month: date) -> date:
    """Return the day on which the report on a month is due.

    Example:
        >>> report_due(date(2026, 12, 1))
        datetime.date(2027, 1, 10)
    """
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=REPORT_DAY)
    return following


def months_to_ask(first: date, today: date) -> list[date]:
    """Return the first days of the months from `first` on that are over, so that a report can be asked for."""
    month, found = first.replace(day=1), []
    while (following := (month.replace(day=28) + timedelta(days=4)).replace(day=1)) <= today:
        found.append(month)
        month = following
    return found


def nudge(due: date, today: date) -> Nudge | None:
    """Return what to say today about a report due on a day that is not in yet, or None on a quiet day."""
    days = (today - due).days
    if days >= MISSED_AFTER.days:
        return Nudge.MISSED
    return _DAYS.get(days)


def scores_agree(one: float, other: float) -> bool:
    """Return whether two independent scores are close enough to take their mean: half a step on the scale."""
    return abs(one - other) <= 0.5
