"""Shipped measure cards and data dictionaries of real networks, to start from and to change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from allteach.errors import MeasureError
from allteach.intake import contract
from allteach.intake.contract import TableDictionary
from allteach.measures.card import Card
from allteach.measures.files import load

TITLES = {
    "ibd": "Inflammatory bowel disease",
    "heart": "Heart surgery and the interstage period",
    "harm": "Harm acquired in hospital",
    "perinatal": "Mothers and newborn babies",
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is shipped for one kind of network.

    Attributes:
        name: Short name: ``ibd``, ``heart``, ``harm`` or ``perinatal``.
        title: Words for people.
        tables: Data dictionaries.
        cards: Measures, by short name.
    """

    name: str
    title: str
    tables: tuple[TableDictionary, ...]
    cards: tuple[Card, ...]

    def table(self, name: str) -> TableDictionary:
        """Return the dictionary of a table.

        Raises:
            MeasureError: ``AT-M-011`` when it is not here.
        """
        for table in self.tables:
            if table.name == name:
                return table
        raise MeasureError("AT-M-011", f'The library "{self.name}" has no table "{name}".')

    def card(self, name: str) -> Card:
        """Return a measure.

        Raises:
            MeasureError: ``AT-M-011`` when it is not here.
        """
        for card in self.cards:
            if card.id == name:
                return card
        raise MeasureError("AT-M-011", f'The library "{self.name}" has no measure "{name}".')


def names() -> tuple[str, ...]:
    """Return the short names of what is shipped.

    Example:
        >>> names()
        ('ibd', 'heart', 'harm', 'perinatal')
    """
    return tuple(TITLES)


@cache
def shelf(name: str) -> Shelf:
    """Return what is shipped for one kind of network.

    Raises:
        MeasureError: ``AT-M-011`` when nothing is.
    """
    if name not in TITLES:
        raise MeasureError(
            "AT-M-011", f'There is no library "{name}".', expected=f"There are: {', '.join(TITLES)}.", do="Name one."
        )
    folder = files(__package__) / name
    tables = tuple(contract.load(text) for text in _texts(folder / "tables"))
    return Shelf(name, TITLES[name], tables, tuple(load(text) for text in _texts(folder)))


def _texts(folder: Traversable) -> list[str]:
    found = [item for item in folder.iterdir() if item.name.endswith(".yaml")]
    return [item.read_text(encoding="utf-8") for item in sorted(found, key=lambda item: item.name)]
