"""A path into a resource as a tree."""

from __future__ import annotations

from dataclasses import dataclass

from allteach.intake.fhir.moments import Moment

Value = str | bool | int | float | Moment


@dataclass(frozen=True, slots=True)
class This:
    """What the path starts from."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A written value; None is the empty collection ``{}``."""

    value: Value | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A value with a name, such as ``%site``."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """An element of what is on the left."""

    of: Node
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """One item of what is on the left, counted from 0."""

    of: Node
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of what is on the left.

    Args:
        of: What is on the left.
        name: The function.
        arguments: Paths; for `ofType` and `getReferenceKey` the name of a type as a text.
    """

    of: Node
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """Two paths with a sign or word between them."""

    sign: str
    left: Node
    right: Node


Node = This | Literal | Constant | Member | Index | Call | Binary
