"""The error tree. Every error says what happened, where, what was expected and what to do next."""

from __future__ import annotations

from dataclasses import dataclass


class AllteachError(Exception):
    """An error a person can act on.

    Args:
        code: Stable code such as ``AT-I-014``; each has a heading in ``docs/reference/errors.md``.
        what: What happened, one sentence, without patient values.
        where: Row, column, file or place; may be empty.
        expected: What was expected; may be empty.
        do: What to do next; may be empty.
    """

    def __init__(self, code: str, what: str, *, where: str = "", expected: str = "", do: str = "") -> None:
        self.code, self.what, self.where, self.expected, self.do = code, what, where, expected, do
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return " ".join(part for part in (self.code, f"{place}{self.what}", self.expected, self.do) if part)


class IntakeError(AllteachError):
    """A file or form could not be read or checked (``AT-I``)."""


class RegistryError(AllteachError):
    """Accepted rows could not be stored or found (``AT-R``)."""


class MeasureError(AllteachError):
    """A measure card is not valid or cannot be computed (``AT-M``)."""


class StatsError(AllteachError):
    """Arguments of a statistic are unusable (``AT-S``)."""


class ChartError(AllteachError):
    """A chart cannot be drawn as asked (``AT-C``)."""


class Refused(AllteachError):  # noqa: N818, "refused" is the word
    """The person may not do this (``AT-P``)."""


class StateError(AllteachError):
    """The thing is not in a state that allows this step (``AT-T``)."""


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """A statistic that cannot be computed, with the reason; never a neutral number.

    Args:
        code: Stable code such as ``AT-S-003``.
        reason: One plain sentence.
    """

    code: str
    reason: str

    def __bool__(self) -> bool:
        return False
