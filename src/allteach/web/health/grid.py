"""The maturity grid: its text, and what several raters make of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from statistics import mean, stdev

import yaml

from allteach.errors import StateError

LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True, slots=True)
class Component:
    """One line of the grid."""

    key: str
    domain: str
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The grid: the words of its five levels, and its components in order."""

    levels: tuple[str, ...]
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the raters say of one component: how many, their mean, and how far apart they are (None below two)."""

    component: Component
    raters: int
    mean: float | None
    spread: float | None

    @property
    def disputed(self) -> bool:
        """Whether the raters differ by so much that talking comes before acting: a spread above one level."""
        return self.spread is not None and self.spread > 1


def shipped_text() -> str:
    """Return the shipped grid, YAML."""
    return resources.files("allteach.web.health").joinpath("grid.yaml").read_text(encoding="utf-8")


def parse(text: str) -> Grid:
    """Return the grid in a YAML text.

    Raises:
        StateError: ``AT-T-220`` when it has not five levels, no components, or a key twice.
    """
    try:
        found = yaml.safe_load(text)
        levels = tuple(str(level) for level in found["levels"])
        components = tuple(
            Component(str(key), str(domain["name"]), str(words))
            for domain in found["domains"]
            for key, words in domain["components"].items()
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise StateError("AT-T-220", "The grid cannot be read.", do="Start from the shipped text.") from error
    keys = [component.key for component in components]
    if len(levels) != HIGHEST or not keys or len(set(keys)) != len(keys):
        raise StateError("AT-T-220", "The grid needs five levels, and components whose names differ.")
    return Grid(levels, components)


def standings(grid: Grid, ratings: Iterable[Mapping[str, int]]) -> list[Standing]:
    """Return what several raters make of each component; one rating is a mapping from component to level."""
    every = list(ratings)
    found = []
    for component in grid.components:
        levels = [rating[component.key] for rating in every if component.key in rating]
        spread = stdev(levels) if len(levels) > 1 else None
        found.append(Standing(component, len(levels), mean(levels) if levels else None, spread))
    return found
