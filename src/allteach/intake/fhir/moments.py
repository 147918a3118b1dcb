"""Dates and times of FHIR: they may stop at the year, month or day, and times say how far they are from UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

_MOMENT = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T(?:([0-9]{2})(?::([0-9]{2})(?::([0-9]{2})(\.[0-9]+)?)?)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)
_DAY = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or time as far as it is known.

    Args:
        text: As it is written.
        parts: Year, month, day, hour, minute, second; ends where the text ends.
        zone: Minutes from UTC; None where it is not said.
    """

    text: str
    parts: tuple[float, ...]
    zone: int | None = None


def read_moment(text: str) -> Moment | None:
    """Return the date or time that a text gives, or None when it is none.

    Example:
        >>> read_moment("2024-03").parts, read_moment("2024-03-05T23:30:00-05:00").zone
        ((2024, 3), -300)
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    parts: list[float] = [int(part) for part in (year, month, day, hour, minute, second) if part is not None]
    if fraction:
        parts[-1] += float(fraction)
    return Moment(text, tuple(parts), _minutes(zone))


def _minutes(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return -minutes if zone[0] == "-" else minutes


def compare(left: Moment, right: Moment) -> int | None:
    """Return -1, 0 or 1, or None where one is not known well enough to say.

    Times that both say how far they are from UTC are compared in UTC, others as they are written.

    Example:
        >>> compare(read_moment("2024-03"), read_moment("2024-04-01"))
        -1
        >>> compare(read_moment("2024-03"), read_moment("2024-03-01")) is None
        True
    """
    first, second = left.parts, right.parts
    if left.zone is not None and right.zone is not None and left.zone != right.zone:
        first, second = _in_utc(left), _in_utc(right)
    for one, other in zip(first, second, strict=False):
        if one != other:
            return -1 if one < other else 1
    return 0 if len(first) == len(second) else None


def _datetime(whole: list[int]) -> datetime:
    hour, minute, second = [*whole[3:], 0, 0, 0][:3]
    return datetime(whole[0], whole[1], whole[2], hour, minute, second)


def _in_utc(moment: Moment) -> tuple[float, ...]:
    if len(moment.parts) <= _DAY or not moment.zone:
        return moment.parts
    whole = [int(part) for part in moment.parts]
    try:
        moved = _datetime(whole) - timedelta(minutes=moment.zone)
    except (ValueError, OverflowError):  # no such day; as it is written
        return moment.parts
    parts = (moved.year, moved.month, moved.day, moved.hour, moved.minute, moved.second)[: len(whole)]
    return (*parts[:-1], parts[-1] + moment.parts[-1] - whole[-1])


def day_of(text: str, zone: tzinfo | None = None) -> tuple[str, bool]:
    """Return the calendar day of a date or time, and whether it was written in UTC, so that the day may be next door.

    The day is the one on the wall where it was written, unless a time zone is given. What is no whole date comes back
    as it is, for the check of the column to say so.

    Args:
        text: Date or time.
        zone: Where the day is wanted.

    Example:
        >>> day_of("2024-03-05T23:30:00-05:00")
        ('2024-03-05', False)
        >>> day_of("2024-03")
        ('2024-03', False)
    """
    if text[10:11] != "T":
        return text, False
    if zone is None:
        return text[:10], text.endswith(("Z", "+00:00", "-00:00"))
    moment = read_moment(text)
    if moment is None or moment.zone is None:
        return text[:10], False
    whole = [int(part) for part in moment.parts]
    try:
        written = _datetime(whole).replace(tzinfo=timezone(timedelta(minutes=moment.zone)))
        return written.astimezone(zone).date().isoformat(), False
    except (ValueError, OverflowError):
        return text, False
