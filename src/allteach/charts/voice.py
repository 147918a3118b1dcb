"""The language that words are spoken in: gettext by injection, so that this half knows nothing of any web framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from allteach.units import Grain, Period


def _same(text: str) -> str:
    return text


def _choose(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def gettext_noop(text: str) -> str:
    """Return the text, marked for translation later."""
    return text


_MONTHS = (
    gettext_noop("Jan"),
    gettext_noop("Feb"),
    gettext_noop("Mar"),
    gettext_noop("Apr"),
    gettext_noop("May"),
    gettext_noop("Jun"),
    gettext_noop("Jul"),
    gettext_noop("Aug"),
    gettext_noop("Sep"),
    gettext_noop("Oct"),
    gettext_noop("Nov"),
    gettext_noop("Dec"),
)


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """A point without a date: the nth of a series. Stands where a period stands."""

    number: int

    @property
    def grain(self) -> None:
        """Steps have no length."""
        return None


@dataclass(frozen=True, slots=True)
class Voice:
    """A language: how texts, plurals and dates are said.

    Args:
        gettext: English text -> text in this language.
        ngettext: English one, English many, count -> text in this language.
        tag: BCP 47 tag for exports.

    Example:
        >>> from datetime import date
        >>> ENGLISH.day(date(2025, 8, 17))
        '17 Aug 2025'
    """

    gettext: Callable[[str], str] = _same
    ngettext: Callable[[str, str, int], str] = _choose
    tag: str = "en"

    def period(self, period: Period | Step) -> str:
        """Return the period in words, such as ``Aug 2025``."""
        if isinstance(period, Step):
            return str(period.number)
        month, year = self.gettext(_MONTHS[period.start.month - 1]), period.start.year
        if period.grain is Grain.MONTH:
            return f"{month} {year}"
        if period.grain is Grain.QUARTER:
            return self.gettext("Q{quarter} {year}").format(quarter=(period.start.month + 2) // 3, year=year)
        if period.grain is Grain.YEAR:
            return str(year)
        return self.day(period.start)

    def day(self, day: date) -> str:
        """Return the day in words, such as ``17 Aug 2025``."""
        return f"{day.day} {self.gettext(_MONTHS[day.month - 1])} {day.year}"


ENGLISH = Voice()
