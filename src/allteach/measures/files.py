"""Cards as YAML: reading, writing, and refusing what does not belong on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import yaml

from allteach.errors import MeasureError
from allteach.measures.card import (
    CHARTS,
    EVENT_KINDS,
    VALUE_KINDS,
    Card,
    Case,
    Element,
    MeasureKind,
    MeasureType,
    MissingPolicy,
    Once,
    Split,
    Words,
    condition,
    quantity,
)
from allteach.units import Direction, Grain, Unit

_ENUMS: dict[str, type[StrEnum]] = {
    "kind": MeasureKind,
    "type": MeasureType,
    "direction": Direction,
    "grain": Grain,
    "missing": MissingPolicy,
    "unit": Unit,
}
_PARTS: dict[str, type] = {"split": Split, "once": Once, "words": Words}
_LISTS: dict[str, type] = {"elements": Element, "tests": Case}
_ALWAYS = ("id", "version", "title", "kind", "type", "direction", "table", "site", "date", "grain")
_CONDITIONS = ("where", "exclusion", "exception")


def load(text: str) -> Card:
    """Return the card written in a YAML text.

    Raises:
        MeasureError: ``AT-M-001`` when it is not YAML, ``AT-M-002`` for unknown or missing words, ``AT-M-003`` when an
            expression cannot be read, ``AT-M-004`` when parts do not fit the kind of measure.
    """
    try:
        plain = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise MeasureError(
            "AT-M-001",
            "The measure card is not valid YAML.",
            expected=str(error).splitlines()[0],
            do="Correct the card.",
        ) from None
    return from_plain(plain)


def dump(card: Card) -> str:
    """Return the card as a YAML text that `load` reads back to an equal object."""
    return yaml.safe_dump(to_plain(card), sort_keys=False, allow_unicode=True, width=110)


def from_plain(plain: Any) -> Card:
    """Return the card made of plain mappings and lists, checked.

    Raises:
        MeasureError: See `load`.
    """
    made = _words(Card, plain, "measure card")
    for name, enum in _ENUMS.items():
        if made.get(name) is not None:
            made[name] = _member(enum, made[name], name)
    for name, part in _PARTS.items():
        if made.get(name) is not None:
            made[name] = part(**_words(part, made[name], name))
    for name, part in _LISTS.items():
        made[name] = tuple(_item(part, item, name) for item in made.get(name) or ())
    for name in ("strata", "references", "tags", "bins"):
        value = made.get(name) or ()
        made[name] = tuple(value) if isinstance(value, tuple) else (value,)
    made["bins"] = tuple(float(edge) for edge in made["bins"])
    for name in (*_CONDITIONS, "denominator", "numerator", "value", "expected"):
        if name in made:
            made[name] = "" if made[name] is None else str(made[name]).strip()
    for name in ("reviewed", "review_by"):
        if isinstance(made.get(name), str):
            made[name] = _day(made[name], name)
    card = Card(**made)
    check_parts(card)
    return card


def to_plain(card: Card) -> dict[str, Any]:
    """Return the card as plain mappings and lists, leaving out what is at its default."""
    return _plain(card, _ALWAYS)


def _plain(thing: Any, always: tuple[str, ...] = ()) -> dict[str, Any]:
    out = {}
    for spec in fields(thing):
        value = getattr(thing, spec.name)
        default = spec.default if spec.default is not MISSING else None
        empty = value is None or value == "" or value == ()
        if spec.name not in always and (empty or value == default):
            continue
        plain = _simple(value)
        if plain or spec.name in always or plain in (0, False):
            out[spec.name] = plain
    return out


def _simple(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_simple(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return _plain(value) if hasattr(value, "__dataclass_fields__") else value


def _words(cls: type, plain: Any, where: str) -> dict[str, Any]:
    if not isinstance(plain, Mapping):
        raise _wrong("AT-M-002", f"The {where} is not a mapping of words to values.")
    known = {spec.name: spec for spec in fields(cls)}
    if unknown := [str(key) for key in plain if key not in known]:
        raise _wrong("AT-M-002", f'Unknown word "{unknown[0]}" in the {where}.', f"Known: {', '.join(sorted(known))}.")
    needed = [n for n, s in known.items() if s.default is MISSING and s.default_factory is MISSING and n not in plain]
    if needed:
        raise _wrong("AT-M-002", f'The {where} does not say "{needed[0]}".')
    return {str(key): tuple(value) if isinstance(value, list) else value for key, value in plain.items()}


def _item(part: type, plain: Any, where: str) -> Any:
    made = _words(part, plain, where)
    if part is Case:
        made["rows"] = tuple(_row(row) for row in made["rows"])
        made["expect"] = tuple(_row(row) for row in made["expect"])
    return part(**made)


def _row(row: Any) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise _wrong("AT-M-002", "A row of a test case is not a mapping of columns to values.")
    return {str(key): value.date() if isinstance(value, datetime) else value for key, value in row.items()}


def _member(enum: type[StrEnum], value: Any, where: str) -> Any:
    try:
        return enum(str(value))
    except ValueError:
        raise _wrong("AT-M-002", f'"{value}" is no {where} of a measure.', f"Known: {', '.join(enum)}.") from None


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong("AT-M-002", f'"{where}" is not a date.', "Write it as 2024-03-01.") from None


def _wrong(code: str, what: str, expected: str = "") -> MeasureError:
    return MeasureError(code, what, expected=expected, do="Correct the card and try again.")


_NEEDS: dict[MeasureKind, tuple[str, ...]] = {
    MeasureKind.PROPORTION: ("numerator",),
    MeasureKind.RATE: ("numerator",),
    MeasureKind.COUNT: ("numerator",),
    MeasureKind.BUNDLE: ("elements",),
    MeasureKind.MEAN: ("value",),
    MeasureKind.DURATION: ("value",),
    MeasureKind.MEDIAN: ("value", "bins"),
    MeasureKind.OBSERVED_EXPECTED: ("numerator", "expected"),
    MeasureKind.TIME_BETWEEN: ("numerator",),
    MeasureKind.CASES_BETWEEN: ("numerator",),
}
_ONLY: dict[str, tuple[MeasureKind, ...]] = {
    "elements": (MeasureKind.BUNDLE,),
    "value": VALUE_KINDS,
    "bins": (MeasureKind.MEDIAN,),
    "expected": (MeasureKind.OBSERVED_EXPECTED,),
    "split": (MeasureKind.RATE,),
    "exception": (MeasureKind.PROPORTION,),
    "once": (MeasureKind.PROPORTION, MeasureKind.COUNT),
}


def check_parts(card: Card) -> None:
    """Refuse a card whose parts do not fit together, as far as it can be seen without its table.

    Raises:
        MeasureError: ``AT-M-003`` or ``AT-M-004``.
    """
    if not card.id or not card.id.replace("-", "").replace("_", "").isalnum():
        raise _wrong("AT-M-004", "A measure needs a short name of letters, digits, _ and -.")
    for name in _NEEDS[card.kind]:
        if not getattr(card, name):
            raise _wrong("AT-M-004", f'A measure of the kind "{card.kind}" needs "{name}".')
    for name, kinds in _ONLY.items():
        if getattr(card, name) and card.kind not in kinds:
            raise _wrong("AT-M-004", f'"{name}" does not belong on a measure of the kind "{card.kind}".')
    for name in (*_CONDITIONS, "value", "expected"):
        condition(getattr(card, name), name)
    top, bottom = quantity(card.numerator, "numerator"), quantity(card.denominator, "denominator")
    for element in card.elements:
        condition(element.met, f'element "{element.id}"')
        condition(element.applies, f'element "{element.id}"')
    if card.kind is MeasureKind.RATE and bool(card.split) == bool(bottom and bottom.summed):
        raise _wrong("AT-M-004", "A rate needs its exposure: a summed denominator, or first and last days; not both.")
    if card.kind is MeasureKind.PROPORTION and top and bottom and top.summed != bottom.summed:
        raise _wrong("AT-M-004", "Numerator and denominator of a proportion are both conditions or both sums.")
    single = card.kind in (*EVENT_KINDS, MeasureKind.OBSERVED_EXPECTED, MeasureKind.BUNDLE, *VALUE_KINDS)
    if (single and ((top and top.summed) or (bottom and bottom.summed))) or (card.once and top and top.summed):
        raise _wrong("AT-M-004", "Here only conditions can be used, not sums.")
    _check_rest(card)


def _check_rest(card: Card) -> None:
    if card.chart and card.chart not in CHARTS[card.kind]:
        fitting = ", ".join(CHARTS[card.kind])
        raise _wrong("AT-M-004", f'A chart "{card.chart}" does not fit the kind "{card.kind}".', f"Fitting: {fitting}.")
    if (card.grain is Grain.EVENT) != (card.kind in EVENT_KINDS):
        raise _wrong("AT-M-004", 'The grain "event" belongs to times and cases between events, and only to them.')
    if card.split and card.split.count not in ("days", "nights"):
        raise _wrong("AT-M-004", 'Days at risk count "days" or "nights".')
    if card.once and card.once.take not in ("first", "last", "any", "every"):
        raise _wrong("AT-M-004", 'Of a patient\'s rows the "first", "last", "any" or "every" is taken.')
    if list(card.bins) != sorted(set(card.bins)):
        raise _wrong("AT-M-004", "The bins of a median go upwards.")
    ids = [element.id for element in card.elements]
    if len(set(ids)) != len(ids):
        raise _wrong("AT-M-004", "Two elements of the bundle have the same short name.")
    if card.kind is MeasureKind.PROPORTION and card.target is not None and not 0 <= card.target <= 1:
        raise _wrong("AT-M-004", "The target of a proportion lies between 0 and 1.", "0.9 stands for 90 %.")
