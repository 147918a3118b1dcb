"""Fits a card to its table: do the columns exist, and do the expressions give what they should?"""

from __future__ import annotations

from collections.abc import Mapping

from allteach.errors import IntakeError, MeasureError
from allteach.intake.contract import TableDictionary
from allteach.intake.expression import Kind, Node, columns, kind_of
from allteach.measures.card import Card, condition, quantity

NUMERIC = (Kind.INTEGER, Kind.NUMBER)
_CONDITIONS = ("where", "exclusion", "exception", "value", "expected")


def kinds_of_table(dictionary: TableDictionary) -> dict[str, Kind]:
    """Return the kinds of the columns that a measure can use; ``_site`` where the table names no site."""
    own = {} if dictionary.site else {"_site": Kind.TEXT}
    return dictionary.kinds | own


def check_card(card: Card, kinds: Mapping[str, Kind]) -> None:
    """Refuse a card that does not fit its table.

    Args:
        card: The measure.
        kinds: Column -> kind, as `kinds_of_table` gives them.

    Raises:
        MeasureError: ``AT-M-005`` for a missing column, ``AT-M-006`` when an expression gives the wrong kind.
    """
    _column(card.site, kinds, "site", (Kind.TEXT,))
    _column(card.date, kinds, "date", (Kind.DATE,))
    if card.split:
        _column(card.split.start, kinds, "first day", (Kind.DATE,))
        _column(card.split.end, kinds, "last day", (Kind.DATE,))
    if card.once:
        _column(card.once.per, kinds, "patient", (Kind.TEXT, Kind.INTEGER))
    for name in card.strata:
        _column(name, kinds, "stratum", (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN))
    for name in ("where", "exclusion", "exception"):
        _gives(condition(getattr(card, name), name), kinds, name, (Kind.BOOLEAN,))
    for name in ("numerator", "denominator"):
        found = quantity(getattr(card, name), name)
        if found:
            _gives(found.node, kinds, name, NUMERIC if found.summed else (Kind.BOOLEAN,))
    for name in ("value", "expected"):
        _gives(condition(getattr(card, name), name), kinds, name, NUMERIC)
    for element in card.elements:
        for text in (element.met, element.applies):
            _gives(condition(text, element.id), kinds, f'element "{element.id}"', (Kind.BOOLEAN,))


def _column(name: str, kinds: Mapping[str, Kind], what: str, allowed: tuple[Kind, ...]) -> None:
    if name not in kinds:
        raise MeasureError(
            "AT-M-005",
            f'The table has no column "{name}", which the card names as {what}.',
            expected=f"It has: {', '.join(sorted(kinds))}.",
            do="Name one of its columns.",
        )
    if kinds[name] not in allowed:
        raise MeasureError(
            "AT-M-006", f'The column "{name}" cannot be the {what}: it is a {kinds[name]}.', do="Name another column."
        )


def _gives(node: Node | None, kinds: Mapping[str, Kind], where: str, allowed: tuple[Kind, ...]) -> None:
    if node is None:
        return
    try:
        found = kind_of(node, kinds)
    except IntakeError as error:
        code = "AT-M-005" if error.code == "AT-I-081" else "AT-M-006"
        raise MeasureError(code, f"The {where} does not fit its table: {error.what}", expected=error.expected,
                           do=error.do) from error  # fmt: skip
    if found not in allowed:
        raise MeasureError(
            "AT-M-006", f"The {where} gives a {found}.", expected=f"It has to give a {' or '.join(allowed)}.",
            do="Correct the card.",
        )  # fmt: skip


def columns_used(card: Card) -> frozenset[str]:
    """Return the columns that a measure reads, beside those that say where and when."""
    nodes: list[Node | None] = [condition(getattr(card, name), name) for name in _CONDITIONS]
    for name in ("numerator", "denominator"):
        found = quantity(getattr(card, name), name)
        nodes.append(found.node if found else None)
    nodes += [condition(text, element.id) for element in card.elements for text in (element.met, element.applies)]
    named = {*card.strata, *((card.split.start, card.split.end) if card.split else ())}
    if card.once:
        named.add(card.once.per)
    return frozenset(named | {name for node in nodes if node is not None for name in columns(node)})
