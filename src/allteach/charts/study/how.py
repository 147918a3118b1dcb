"""How a chart is to be made: every choice optional, one place for notebooks and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

from allteach.charts.about import Remark
from allteach.errors import ChartError
from allteach.units import Direction, Unit

UNITS = tuple(unit.value for unit in Unit)
DIRECTIONS = tuple(direction.value for direction in Direction)
GRAINS = ("day", "week", "month", "quarter", "year")


class How(TypedDict, total=False):
    """Choices of `allteach.chart`, `allteach.sites` and `allteach.funnel`.

    numerator, denominator, value, date, site: Column names of a frame or file, or arrays. A numerator such as
    ``result=positive`` counts the rows that hold this value.
    kind: Chart kind, or ``auto``. rules: Rule set. baseline: Points that set the limits. phases: Days on which a new
    phase begins. target: The aim as it is shown (per cent for proportions). direction: ``higher``, ``lower`` or
    ``neither`` is good. unit: ``percent``, ``rate``, ``count``, ``hours``, ``days`` or ``number``. per: Exposure of
    one unit of a rate. measure, counted, source: Words. grain: Length of a period. log: Geometric means. remarks:
    Notes for the time axis. notices: Sentences for every copy. overdispersion: For funnels. where: Rows to use, such
    as ``type=1``. day_zero: Date of day 0, where the column holds numbers of days.
    """

    numerator: Any
    denominator: Any
    value: Any
    date: Any
    site: Any
    kind: str
    rules: str
    baseline: int
    phases: tuple[date | str, ...]
    target: float
    direction: str
    unit: str
    per: float
    measure: str
    counted: str
    source: str
    grain: str
    log: bool
    remarks: tuple[Remark, ...]
    notices: tuple[str, ...]
    overdispersion: str
    where: str
    day_zero: date | str


@dataclass(frozen=True, slots=True)
class Choices:
    """The same, with defaults and checked; see `How`."""

    numerator: Any = None
    denominator: Any = None
    value: Any = None
    date: Any = None
    site: Any = None
    kind: str = "auto"
    rules: str = ""
    baseline: int | None = None
    phases: tuple[Any, ...] = ()
    target: float | None = None
    direction: str = "neither"
    unit: str = ""
    per: float | None = None
    measure: str = ""
    counted: str = ""
    source: str = ""
    grain: str = ""
    log: bool = False
    remarks: tuple[Remark, ...] = ()
    notices: tuple[str, ...] = ()
    overdispersion: str = "auto"
    where: str = ""
    day_zero: Any = None

    def __post_init__(self) -> None:
        _one_of("direction", self.direction, DIRECTIONS)
        _one_of("unit", self.unit or UNITS[0], UNITS)
        _one_of("grain", self.grain or GRAINS[0], GRAINS)
        if self.baseline is not None and self.baseline < 2:
            raise ChartError("AT-C-013", f"A baseline of {self.baseline} points sets no limits.", do="Give 2 or more.")

    @property
    def origin(self) -> date | None:
        """The date of day 0."""
        return None if self.day_zero is None else _day(self.day_zero)

    @property
    def only(self) -> tuple[str, str] | None:
        """Column and value of the rows to use.

        Raises:
            ChartError: ``AT-C-013`` when it is not written as column=value.
        """
        if not self.where:
            return None
        column, sign, value = self.where.partition("=")
        if not sign:
            raise ChartError("AT-C-013", f"{self.where!r} names no rows.", expected="A column and a value: type=1.")
        return column, value

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which a new phase begins."""
        return tuple(sorted(_day(phase) for phase in self.phases))


def choices(how: How | dict[str, Any]) -> Choices:
    """Return checked choices.

    Raises:
        ChartError: ``AT-C-013`` for a choice there is not.
    """
    unknown = set(how) - set(How.__annotations__)
    if unknown:
        raise ChartError(
            "AT-C-013",
            f"There is no choice {', '.join(sorted(unknown))}.",
            expected=f"Choices are {', '.join(How.__annotations__)}.",
        )
    given: dict[str, Any] = {name: value for name, value in how.items() if value is not None}
    return Choices(**given)


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ChartError("AT-C-013", f"There is no {what} {value!r}.", expected=f"One of {', '.join(allowed)}.")


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    text = str(value)
    try:
        return date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        raise ChartError(
            "AT-C-013", f"{text!r} is no day.", expected="A day such as 2024-07-01, or a month such as 2024-07."
        ) from None
