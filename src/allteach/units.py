"""Units that measures and charts share: direction of good, calendar grain, periods, number formats."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from allteach.errors import IntakeError


class Direction(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Grain(StrEnum):
    """Length of a period. EVENT marks a sequence of events, where a period is the day of one event."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVENT = "event"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One period of the calendar, named by its first day.

    Example:
        >>> Period.of(date(2025, 8, 17), Grain.MONTH).label
        'Aug 2025'
        >>> Period.of(date(2025, 8, 17), Grain.QUARTER).next().label
        'Q4 2025'
    """

    start: date
    grain: Grain

    @classmethod
    def of(cls, day: date, grain: Grain) -> Period:
        """Return the period of this grain that holds the day (weeks start on Monday)."""
        if grain is Grain.WEEK:
            day = day - timedelta(days=day.weekday())
        elif grain is Grain.MONTH:
            day = day.replace(day=1)
        elif grain is Grain.QUARTER:
            day = day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        elif grain is Grain.YEAR:
            day = day.replace(month=1, day=1)
        return cls(day, grain)

    @property
    def end(self) -> date:
        """The last day of the period."""
        return self.next().start - timedelta(days=1)

    @property
    def label(self) -> str:
        """A short English label, such as ``Aug 2025`` or ``17 Aug 2025``."""
        month = calendar.month_abbr[self.start.month]
        if self.grain is Grain.MONTH:
            return f"{month} {self.start.year}"
        if self.grain is Grain.QUARTER:
            return f"Q{(self.start.month + 2) // 3} {self.start.year}"
        if self.grain is Grain.YEAR:
            return str(self.start.year)
        return f"{self.start.day} {month} {self.start.year}"

    def next(self, steps: int = 1) -> Period:
        """Return the period `steps` later (or earlier, when negative)."""
        if self.grain in (Grain.DAY, Grain.EVENT):
            return Period(self.start + timedelta(days=steps), self.grain)
        if self.grain is Grain.WEEK:
            return Period(self.start + timedelta(weeks=steps), self.grain)
        months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[self.grain] * steps
        years, month0 = divmod(self.start.month - 1 + months, 12)
        return Period(date(self.start.year + years, month0 + 1, 1), self.grain)


def periods_between(first: Period, last: Period) -> tuple[Period, ...]:
    """Return every period from first to last, both included.

    Raises:
        IntakeError: ``AT-I-090`` when the two have different grains.
    """
    if first.grain is not last.grain:
        raise IntakeError("AT-I-090", f"A {first.grain} and a {last.grain} cannot share one time axis.")
    periods, current = [], first
    while current <= last:
        periods.append(current)
        current = current.next()
    return tuple(periods)


class Unit(StrEnum):
    """How values of a measure are shown. Proportions are 0-1 inside and shown in per cent."""

    PERCENT = "percent"
    RATE = "rate"
    COUNT = "count"
    HOURS = "hours"
    DAYS = "days"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class ValueFormat:
    """How a number is written at the edge: unit, multiplier and decimals.

    Args:
        unit: The kind of number.
        per: For rates, the exposure that one unit stands for (1000 in "per 1,000 days").
        exposure: For rates, what is counted, such as ``patient days``.
        decimals: Digits after the point; None picks by size.

    Example:
        >>> ValueFormat(Unit.PERCENT).text(0.884)
        '88 %'
        >>> ValueFormat(Unit.RATE, per=1000, exposure="line days").text(0.00131)
        '1.31'
    """

    unit: Unit = Unit.NUMBER
    per: float = 1.0
    exposure: str = ""
    decimals: int | None = None

    @property
    def multiplier(self) -> float:
        """What an inside value is multiplied by before it is shown."""
        return 100.0 if self.unit is Unit.PERCENT else self.per if self.unit is Unit.RATE else 1.0

    def number(self, value: float) -> str:
        """Return the bare number as shown, with thousands separators."""
        shown = value * self.multiplier
        decimals = self.decimals
        if decimals is None:
            size = abs(shown)
            if self.unit is Unit.PERCENT:
                decimals = 0 if size >= 10 or size == 0 else 1
            else:
                whole = size >= 100 or (self.unit is Unit.COUNT and shown == int(shown))
                decimals = 0 if whole else 1 if size >= 10 else 2
        return f"{shown:,.{decimals}f}"

    def text(self, value: float) -> str:
        """Return the number with its short unit, as in ``61 h`` or ``88 %``."""
        suffix = {Unit.PERCENT: " %", Unit.HOURS: " h", Unit.DAYS: " d"}.get(self.unit, "")
        return self.number(value) + suffix

    @property
    def axis(self) -> str:
        """The unit in words for an axis or table head, such as ``per 1,000 line days``."""
        if self.unit is Unit.RATE:
            return f"per {self.per:,.0f} {self.exposure}".strip()
        words = {Unit.PERCENT: "per cent", Unit.HOURS: "hours", Unit.DAYS: "days", Unit.COUNT: "count"}
        return words.get(self.unit, "")
