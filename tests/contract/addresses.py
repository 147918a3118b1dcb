"""Every address of the web half, with examples for its changing parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

LEFT_OUT = ("account", "mfa", "socialaccount", "openid_connect")  # allauth's own pages: sign-in, passwords, second step


@dataclass(frozen=True)
class Address:
    """One address pattern.

    Args:
        name: With its namespaces, as `reverse` takes it.
        route: As written in urls.py.
        parts: Names of its changing parts.
    """

    name: str
    route: str
    parts: tuple[str, ...]


def addresses() -> list[Address]:
    """Return every address pattern of ours, by name."""
    found = {a.name: a for a in walk(get_resolver(), (), "")}
    return [found[name] for name in sorted(found) if not name.startswith(LEFT_OUT)]


def walk(resolver: URLResolver, spaces: tuple[str, ...], before: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from walk(pattern, inner, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern) and pattern.name:
            route = before + str(pattern.pattern)
            parts = tuple(piece.split(">")[0].split(":")[-1] for piece in route.split("<")[1:])
            yield Address(":".join((*spaces, pattern.name)), route, parts)


def filled(address: Address, examples: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Return the paths of an address: one for each example given under its name, or under the name of its room.

    Raises:
        AssertionError: a changing part has no example, so that nobody forgets a new address.
    """
    room = address.name.split(":")[0]
    given = examples.get(address.name) or examples.get(room) or [{}]
    paths = []
    for one in given:
        known = {**examples["*"][0], **one}
        missing = [part for part in address.parts if part not in known]
        assert not missing, f"{address.name} needs an example of {missing} in tests/contract/world.py"
        paths.append(reverse(address.name, kwargs={part: known[part] for part in address.parts}))
    return list(dict.fromkeys(paths))
