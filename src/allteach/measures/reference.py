"""The reference meaning of a card, in plain Python over plain rows: what every engine has to agree with."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from allteach.intake.expression import evaluate
from allteach.measures.card import (
    EVENT_KINDS,
    VALUE_KINDS,
    Card,
    MeasureKind,
    MissingPolicy,
    condition,
    quantity,
)
from allteach.units import Grain, Period

Row = Mapping[str, Any]


@dataclass(slots=True)
class Mark:
    """What one row contributes."""

    site: str
    day: date
    row: Row
    num: Any = None
    den: Any = None
    x: Any = None
    xx: Any = None
    elements: list[tuple[bool, bool]] = field(default_factory=list)
    bin: int = 0


def compute(card: Card, rows: Sequence[Row], *, strata: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the result rows of a measure, sorted; the same columns as `engine.Result`, elements and bins included.

    Args:
        card: The measure, checked against its table.
        rows: Rows as column -> value, None for missing.
        strata: Split by these of the card's strata too.
    """
    if card.kind in EVENT_KINDS:
        out = [line for name in ("", *strata) for line in _sequence(card, rows, name)]
    elif card.split:
        out = [line for name in ("", *strata) for line in _exposed(card, rows, name)]
    else:
        marks = [mark for row in rows if (mark := _mark(card, row)) is not None]
        if card.once:
            marks = _once(card, marks, strata)
        out = [line for name in ("", *strata) for line in _sums(card, marks, name)]
        out += _parts(card, marks)
    return sorted(out, key=lambda line: (line["stratum"], line["site"], line["period"], line["order"], line["part"]))


def stratum_label(name: str, row: Row) -> str:
    """Return the label of a row's stratum, such as ``type=1``; missing values get ``type=``."""
    if not name:
        return ""
    value = row[name]
    return f"{name}=" + ("" if value is None else str(value).lower() if isinstance(value, bool) else str(value))


def _true(text: str, row: Row, otherwise: bool = True) -> bool:
    node = condition(text, "condition")
    return otherwise if node is None else evaluate(node, row) is True


def _looked_at(card: Card, row: Row) -> bool:
    return (
        row[card.site] is not None
        and row[card.date] is not None
        and _true(card.where, row)
        and not _true(card.exclusion, row, otherwise=False)
    )


def _mark(card: Card, row: Row) -> Mark | None:
    """Return what a row contributes; None when it does not count."""
    if not _looked_at(card, row) or (card.once and row[card.once.per] is None):
        return None
    mark = Mark(row[card.site], row[card.date], row)
    if card.kind in VALUE_KINDS:
        return _value(card, mark)
    if card.kind is MeasureKind.BUNDLE:
        return _bundle(card, mark)
    bottom, top = quantity(card.denominator, "denominator"), quantity(card.numerator, "numerator")
    assert top is not None
    mark.den = 1
    if bottom:
        found = evaluate(bottom.node, row)
        if (bottom.summed and found is None) or (not bottom.summed and found is not True):
            return None
        mark.den = found if bottom.summed else 1
    found = evaluate(top.node, row)
    if found is None and (top.summed or card.missing is MissingPolicy.LEAVE_OUT):
        return None
    mark.num = found if top.summed else int(found is True)
    if not top.summed and not mark.num and _true(card.exception, row, otherwise=False):
        return None
    if card.kind is MeasureKind.OBSERVED_EXPECTED:
        node = condition(card.expected, "expected")
        assert node is not None
        chance = evaluate(node, row)
        if chance is None:
            return None
        mark.x, mark.xx = float(chance), float(chance) * (1.0 - float(chance))
    return mark


def _value(card: Card, mark: Mark) -> Mark | None:
    node = condition(card.value, "value")
    assert node is not None
    value = evaluate(node, mark.row)
    if not _true(card.denominator, mark.row) or value is None or (card.log and value <= 0):
        return None
    mark.bin = sum(value > edge for edge in card.bins)
    mark.x = math.log(value) if card.log else value
    mark.xx = mark.x * mark.x
    return mark


def _bundle(card: Card, mark: Mark) -> Mark | None:
    if not _true(card.denominator, mark.row):
        return None
    for element in card.elements:
        needed = _true(element.applies, mark.row)
        node = condition(element.met, element.id)
        assert node is not None
        met = evaluate(node, mark.row)
        if needed and met is None and card.missing is MissingPolicy.LEAVE_OUT:
            return None
        mark.elements.append((needed, needed and met is True))
    if not any(needed for needed, _ in mark.elements):
        return None
    mark.den, mark.num = 1, int(all(met for needed, met in mark.elements if needed))
    return mark


def _once(card: Card, marks: list[Mark], strata: Sequence[str]) -> list[Mark]:
    assert card.once is not None
    take = card.once.take
    groups: dict[Any, list[Mark]] = defaultdict(list)
    for mark in marks:
        groups[mark.site, _period(card, mark.day), mark.row[card.once.per]].append(mark)

    def order(mark: Mark) -> tuple[Any, ...]:
        day = -mark.day.toordinal() if take == "last" else mark.day.toordinal()
        result = mark.num if take == "every" else -mark.num
        labels = [stratum_label(name, mark.row) for name in strata]
        return (result, day, labels) if take in ("any", "every") else (day, result, labels)

    return [min(group, key=order) for group in groups.values()]


def _period(card: Card, day: date) -> date:
    return day if card.grain is Grain.EVENT else Period.of(day, card.grain).start


def _line(site: str, period: date, stratum: str = "", part: str = "", **numbers: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("numerator", "denominator", "n", "total", "total_sq"))
    return {"site": site, "period": period, "order": 0, "stratum": stratum, "part": part} | empty | numbers


def _sums(card: Card, marks: list[Mark], stratum: str) -> list[dict[str, Any]]:
    groups: dict[Any, list[Mark]] = defaultdict(list)
    for mark in marks:
        groups[mark.site, _period(card, mark.day), stratum_label(stratum, mark.row)].append(mark)
    out = []
    for (site, period, label), group in groups.items():
        line = _line(site, period, label, n=len(group))
        if card.kind in VALUE_KINDS:
            line["total"], line["total_sq"] = sum(m.x for m in group), sum(m.xx for m in group)
        else:
            line["numerator"] = sum(m.num for m in group)
        if card.kind is MeasureKind.OBSERVED_EXPECTED:
            line["total"] = line["denominator"] = sum(m.x for m in group)
            line["total_sq"] = sum(m.xx for m in group)
        elif card.kind not in VALUE_KINDS and card.kind is not MeasureKind.COUNT:
            line["denominator"] = sum(m.den for m in group)
        out.append(line)
    return out


def _parts(card: Card, marks: list[Mark]) -> list[dict[str, Any]]:
    groups: dict[Any, list[Mark]] = defaultdict(list)
    for mark in marks:
        groups[mark.site, _period(card, mark.day)].append(mark)
    out = []
    for (site, period), group in groups.items():
        for at, element in enumerate(card.elements):
            needed = sum(m.elements[at][0] for m in group)
            met = sum(m.elements[at][1] for m in group)
            out.append(_line(site, period, part=element.id, numerator=met, denominator=needed, n=len(group)))
        for at in range(len(card.bins) + 1 if card.bins else 0):
            out.append(_line(site, period, part=str(at), numerator=sum(m.bin == at for m in group), n=len(group)))
    return out


def _exposed(card: Card, rows: Sequence[Row], stratum: str) -> list[dict[str, Any]]:
    """Walk through every day at risk one by one: slow, and plainly right."""
    assert card.split is not None
    top = quantity(card.numerator, "numerator")
    assert top is not None
    out: dict[Any, dict[str, Any]] = {}

    def add(row: Row, period: date, events: Any, days: int, lines: int) -> None:
        key = (row[card.site], period, stratum_label(stratum, row))
        line = out.setdefault(key, _line(*key, numerator=0, denominator=0, n=0))
        line["numerator"] += events
        line["denominator"] += days
        line["n"] += lines

    for row in rows:
        dated = row[card.date] is not None
        if not _looked_at(card, dict(row) | ({} if dated else {card.date: date(2000, 1, 1)})):
            continue
        first, last = row[card.split.start], row[card.split.end]
        if first is not None and last is not None and first <= last:
            for period, days in _days_by_period(card, first, last).items():
                add(row, period, 0, days, 1)
        found = evaluate(top.node, row)
        if dated and found is not None and (top.summed or found is True):
            add(row, _period(card, row[card.date]), found if top.summed else 1, 0, 1)
    return list(out.values())


def _days_by_period(card: Card, first: date, last: date) -> dict[date, int]:
    assert card.split is not None
    days: dict[date, int] = {}
    day = first
    while day <= last:
        counted = 0 if card.split.count == "nights" and day == last else 1
        period = _period(card, day)
        days[period] = days.get(period, 0) + counted
        day += timedelta(days=1)
    return days


def _sequence(card: Card, rows: Sequence[Row], stratum: str) -> list[dict[str, Any]]:
    node = condition(card.numerator, "numerator")
    assert node is not None
    groups: dict[Any, list[tuple[date, bool]]] = defaultdict(list)
    for row in rows:
        if _looked_at(card, row) and _true(card.denominator, row):
            groups[row[card.site], stratum_label(stratum, row)].append((row[card.date], evaluate(node, row) is True))
    out = []
    for (site, label), found in groups.items():
        before: tuple[int, date] | None = None
        orders: dict[date, int] = {}
        for place, (day, event) in enumerate(sorted(found)):
            if not event:
                continue
            gap = None
            if before is not None:
                gap = place - before[0] - 1 if card.kind is MeasureKind.CASES_BETWEEN else (day - before[1]).days
            line = _line(site, day, label, numerator=gap, n=1, total=gap)
            line["order"] = orders.get(day, 0)
            orders[day] = line["order"] + 1
            out.append(line)
            before = (place, day)
    return out
