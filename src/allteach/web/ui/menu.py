"""The six words of the menu, always in this order. A word shows once its room has an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the menu.

    Args:
        key: What a page says to mark its word: ``menu = "results"``.
        label: What people read.
        urls: Addresses to try in order; the first that exists is where the word leads.
        prefix: What addresses of this word begin with, inside the network.
    """

    key: str
    label: Any
    urls: tuple[str, ...]
    prefix: tuple[str, ...]


MENU: list[Word] = [
    Word("data", _("Data"), ("submissions:index", "submissions:list"), ("data",)),
    Word("results", _("Results"), ("variation:index", "variation:matrix"), ("results",)),
    Word(
        "projects",
        _("Projects"),
        ("projects:index", "projects:list"),
        ("projects", "ideas", "reports", "calendar", "coaching"),
    ),
    Word("tests", _("Tests"), ("trials:index", "trials:list"), ("tests",)),
    Word("practices", _("Practices"), ("practices:index", "practices:list"), ("practices", "commons", "spread")),
    Word("network", _("Network"), ("sites:network",), ("network", "sites", "people", "settings", "ledger", "health")),
]


@dataclass(frozen=True, slots=True)
class Item:
    """One word as a page shows it."""

    key: str
    label: Any
    href: str
    here: bool


def _address(names: tuple[str, ...], slug: str) -> str:
    for name in names:
        try:
            return reverse(name, kwargs={"network": slug})
        except NoReverseMatch:
            continue
    return ""


def menu_for(network: Any, path: str) -> list[Item]:
    """Return the words that lead somewhere in this network, and which of them the path is under."""
    start = f"/n/{network.slug}/"
    first = path.removeprefix(start).split("/", 1)[0] if path.startswith(start) else ""
    found: list[Item] = []
    for word in MENU:
        if href := _address(word.urls, network.slug):
            found.append(Item(word.key, word.label, href, first in word.prefix))
    return found
