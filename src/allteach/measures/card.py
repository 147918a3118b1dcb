"""A measure as a closed, versioned, content-hashed card. What is not listed here cannot be written on one."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from allteach.errors import IntakeError, MeasureError
from allteach.intake.expression import Node, parse
from allteach.units import Direction, Grain, Unit, ValueFormat


class MeasureKind(StrEnum):
    """What a measure is made of, and so what it returns."""

    PROPORTION = "proportion"
    RATE = "rate"
    COUNT = "count"
    BUNDLE = "bundle"
    MEAN = "mean"
    DURATION = "duration"
    MEDIAN = "median"
    OBSERVED_EXPECTED = "observed_expected"
    TIME_BETWEEN = "time_between"
    CASES_BETWEEN = "cases_between"


class MeasureType(StrEnum):
    """What a measure is for."""

    OUTCOME = "outcome"
    PROCESS = "process"
    BALANCING = "balancing"


class MissingPolicy(StrEnum):
    """What a missing answer counts as."""

    NOT_MET = "not_met"
    LEAVE_OUT = "leave_out"


EVENT_KINDS = (MeasureKind.TIME_BETWEEN, MeasureKind.CASES_BETWEEN)
VALUE_KINDS = (MeasureKind.MEAN, MeasureKind.DURATION, MeasureKind.MEDIAN)
CHARTS: Mapping[MeasureKind, tuple[str, ...]] = {
    MeasureKind.PROPORTION: ("p", "pprime", "run", "i", "iprime", "ewma", "cusum"),
    MeasureKind.RATE: ("u", "uprime", "run", "i", "iprime", "ewma", "cusum"),
    MeasureKind.COUNT: ("c", "run", "i", "ewma", "cusum"),
    MeasureKind.BUNDLE: ("p", "pprime", "run", "i", "iprime", "ewma", "cusum"),
    MeasureKind.MEAN: ("xbar", "run", "i", "ewma", "cusum"),
    MeasureKind.DURATION: ("xbar", "run", "i", "ewma", "cusum"),
    MeasureKind.MEDIAN: ("run", "i"),
    MeasureKind.OBSERVED_EXPECTED: ("u", "run", "i", "iprime"),
    MeasureKind.TIME_BETWEEN: ("t", "run", "i"),
    MeasureKind.CASES_BETWEEN: ("g", "run"),
}
UNITS: Mapping[MeasureKind, Unit] = {
    MeasureKind.PROPORTION: Unit.PERCENT,
    MeasureKind.BUNDLE: Unit.PERCENT,
    MeasureKind.RATE: Unit.RATE,
    MeasureKind.COUNT: Unit.COUNT,
    MeasureKind.TIME_BETWEEN: Unit.DAYS,
    MeasureKind.CASES_BETWEEN: Unit.COUNT,
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is added up: rows for which a condition holds, or the sum of an expression.

    Args:
        node: The condition, or the expression that is summed.
        summed: True for ``sum(...)``.
    """

    node: Node
    summed: bool


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a bundle.

    Args:
        id: Short name.
        met: Condition for "done".
        title: Words for people.
        applies: Condition for "should be done"; empty for always.
    """

    id: str
    met: str
    title: str = ""
    applies: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """Days at risk taken from a first and a last day and split over the periods they fall in.

    Args:
        start: Column of the first day.
        end: Column of the last day.
        count: ``days`` counts both ends (device days), ``nights`` leaves out the last day (bed days).
    """

    start: str
    end: str
    count: str = "days"


@dataclass(frozen=True, slots=True)
class Once:
    """Each patient counts once in a period.

    Args:
        per: Column that names the patient.
        take: ``first`` or ``last`` row of the period, ``any`` (met when one row is) or ``every`` (met when all are).
    """

    per: str
    take: str = "last"


@dataclass(frozen=True, slots=True)
class Words:
    """The measure in words.

    Args:
        what: What it tells, in one or two sentences.
        why: Why the network watches it.
        numerator: What is counted.
        denominator: Out of what.
        caveats: What to keep in mind when reading it.
    """

    what: str = ""
    why: str = ""
    numerator: str = ""
    denominator: str = ""
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A test case that runs: rows in, expected result out.

    Args:
        name: What it shows.
        rows: Rows of the table; columns that are left out are missing.
        expect: Result rows: site, period and any of stratum, part, numerator, denominator, n, total, total_sq.
    """

    name: str
    rows: tuple[Mapping[str, Any], ...]
    expect: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A measure.

    Args:
        id: Short name, such as ``ibd-remission``.
        title: Words for people.
        kind: What it is made of.
        table: The table it reads.
        site: Column that names the site; ``_site`` for tables sent by one site each.
        date: Column that says which period a row belongs to.
        type: What it is for.
        direction: Which way is good.
        version: Counts up with every change of meaning.
        grain: Length of a period.
        where: Condition for rows that are looked at (population); empty for all.
        denominator: Condition or ``sum(...)``; empty counts every row.
        exclusion: Condition that takes rows out; a missing answer does not.
        exception: Condition that takes rows out only where the numerator is not met.
        numerator: Condition or ``sum(...)``.
        value: For means, durations and medians: the expression that is measured.
        expected: For observed to expected: the expected probability of the event.
        elements: For bundles: what belongs to them.
        split: For rates: days at risk from first and last day.
        once: Whether each patient counts once a period.
        bins: For medians: upper edges of the bins that are counted.
        strata: Columns that the measure can be split by.
        missing: What a missing answer counts as.
        unit: Kind of number; the kind's own when None.
        per: For rates: the exposure that one unit stands for.
        exposure: For rates: what is at risk, such as ``line days``.
        decimals: Digits after the point.
        chart: Kind of chart; the kind's own when empty.
        baseline: Limits come from the first so many periods.
        target: On the inside scale (proportions 0-1, rates per one).
        target_label: Where the target comes from.
        rule_set: Rule set for signals; the network's when empty.
        words: The measure in words.
        author: Who wrote it.
        checker: Who checked it.
        reviewed: When it was last checked.
        review_by: When it has to be looked at again.
        references: Where it comes from.
        tags: What it is about.
        tests: Test cases that run.
    """

    id: str
    title: str
    kind: MeasureKind
    table: str
    site: str
    date: str
    type: MeasureType = MeasureType.OUTCOME
    direction: Direction = Direction.NEITHER
    version: int = 1
    grain: Grain = Grain.MONTH
    where: str = ""
    denominator: str = ""
    exclusion: str = ""
    exception: str = ""
    numerator: str = ""
    value: str = ""
    expected: str = ""
    elements: tuple[Element, ...] = ()
    split: Split | None = None
    once: Once | None = None
    bins: tuple[float, ...] = ()
    strata: tuple[str, ...] = ()
    missing: MissingPolicy = MissingPolicy.NOT_MET
    unit: Unit | None = None
    per: float = 1.0
    exposure: str = ""
    decimals: int | None = None
    chart: str = ""
    baseline: int | None = None
    target: float | None = None
    target_label: str = ""
    rule_set: str = ""
    words: Words = field(default_factory=Words)
    author: str = ""
    checker: str = ""
    reviewed: datetime.date | None = None
    review_by: datetime.date | None = None
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tests: tuple[Case, ...] = ()

    @property
    def format(self) -> ValueFormat:
        """How its numbers are written."""
        return ValueFormat(self.unit or UNITS.get(self.kind, Unit.NUMBER), self.per, self.exposure, self.decimals)

    @property
    def chart_kind(self) -> str:
        """The kind of chart it is shown on."""
        return self.chart or CHARTS[self.kind][0]

    @property
    def log(self) -> bool:
        """True when sums are of logarithms, as for skewed durations."""
        return self.kind is MeasureKind.DURATION

    @property
    def content_hash(self) -> str:
        """SHA-256 of the content, whatever the YAML looked like."""
        from allteach.measures.files import to_plain

        text = json.dumps(to_plain(self), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def condition(text: str, where: str) -> Node | None:
    """Return a condition of the card as a tree; None when it is empty.

    Raises:
        MeasureError: ``AT-M-003`` when it cannot be read.
    """
    if not text:
        return None
    try:
        return parse(text)
    except IntakeError as error:
        raise MeasureError("AT-M-003", f"The {where} cannot be read: {error.what}", do=error.do) from error


def quantity(text: str, where: str) -> Quantity | None:
    """Return what a numerator or denominator adds up; None when it is empty.

    Raises:
        MeasureError: ``AT-M-003`` when it cannot be read.

    Example:
        >>> quantity("sum(breaches)", "numerator").summed
        True
    """
    bare = text.strip()
    if bare[:4].casefold() == "sum(" and bare.endswith(")"):
        inner = condition(bare[4:-1], where)
        return None if inner is None else Quantity(inner, summed=True)
    node = condition(bare, where)
    return None if node is None else Quantity(node, summed=False)
