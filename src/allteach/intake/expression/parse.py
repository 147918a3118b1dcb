"""Reads the text of an expression into the tree. A small grammar of our own; nothing is ever evaluated as Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from allteach.errors import IntakeError
from allteach.intake.expression import tree as t

MAX_LENGTH = 4000
MAX_DEPTH = 60

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+\.\d+(?:[eE][+-]?\d+)?|\d+)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<column>\[[^\[\]]+\])
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><=|>=|!=|==|[-+*/()=<>,])
    )""",
    re.VERBOSE,
)
_WORDS = {"and", "or", "not", "in", "is", "missing", "present", "between", "true", "false", "date"}
_BARE = re.compile(r"[^\W\d]\w*\Z")


def parse(text: str) -> t.Node:
    """Return the tree of an expression such as ``age >= 18 and result = "positive"``.

    Args:
        text: At most 4,000 characters. Columns by bare name, or in square brackets when the name has other characters
            than letters, digits and underscores. Texts in single or double quotes, dates as ``date "2024-03-01"``.

    Raises:
        IntakeError: ``AT-I-080`` when the text is not a valid expression.

    Example:
        >>> parse("breaches <= attendances")
        Compare(sign='<=', left=Column(name='breaches'), right=Column(name='attendances'))
    """
    if len(text) > MAX_LENGTH:
        raise _wrong(f"The expression is longer than {MAX_LENGTH:,} characters.")
    reader = _Reader(_tokens(text))
    node = reader.either()
    if reader.peek() != ("end", ""):
        raise _wrong(f"Unexpected {_shown(reader.peek())}.")
    return node


def column_text(name: str) -> str:
    """Return a column's name as it has to be written in an expression.

    Example:
        >>> column_text("Visit date"), column_text("age"), column_text("date")
        ('[Visit date]', 'age', '[date]')
    """
    return name if _BARE.match(name) and name.casefold() not in _WORDS | set(_FUNCTIONS) else f"[{name}]"


def literal_text(value: str) -> str:
    """Return a text constant as it has to be written in an expression."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _wrong(what: str) -> IntakeError:
    return IntakeError("AT-I-080", what, do="See the page on writing conditions in dictionaries and cards.")


def _shown(token: tuple[str, str]) -> str:
    return "end of the expression" if token[0] == "end" else f'"{token[1]}"'


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if not found or found.end() == at:
            raise _wrong(f"Character {at + 1} of the expression cannot be read.")
        kind = str(found.lastgroup)
        tokens.append((kind, found.group(kind)))
        at = found.end()
    return tokens


class _Reader:
    """Recursive descent, one method per level of binding."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def word(self, *words: str) -> bool:
        kind, text = self.peek()
        if kind == "word" and text.casefold() in words:
            self.at += 1
            return True
        return False

    def sign(self, *signs: str) -> str:
        kind, text = self.peek()
        if kind == "sign" and text in signs:
            self.at += 1
            return text
        return ""

    def need(self, sign: str) -> None:
        if not self.sign(sign):
            raise _wrong(f'Expected "{sign}" before {_shown(self.peek())}.')

    def either(self) -> t.Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _wrong("The expression is nested too deeply.")
        parts = [self.both()]
        while self.word("or"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else t.Or(tuple(parts))

    def both(self) -> t.Node:
        parts = [self.negation()]
        while self.word("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else t.And(tuple(parts))

    def negation(self) -> t.Node:
        turns = 0
        while self.word("not"):
            turns += 1
            if turns > MAX_DEPTH:
                raise _wrong("The expression is nested too deeply.")
        node = self.comparison()
        for _ in range(turns):
            node = t.Not(node)
        return node

    def comparison(self) -> t.Node:
        left = self.total()
        if sign := self.sign("==", "=", "!=", "<=", ">=", "<", ">"):
            return t.Compare("=" if sign == "==" else sign, left, self.total())
        if self.word("is"):
            turned = self.word("not")
            if self.word("missing"):
                return t.Not(t.Missing(left)) if turned else t.Missing(left)
            if self.word("present"):
                return t.Missing(left) if turned else t.Not(t.Missing(left))
            raise _wrong('After "is" comes "missing" or "present".')
        if self.word("between"):
            low = self.total()
            if not self.word("and"):
                raise _wrong('"between" needs two limits joined by "and".')
            return t.And((t.Compare(">=", left, low), t.Compare("<=", left, self.total())))
        turned = self.word("not")
        if self.word("in"):
            node = t.In(left, self.constants())
            return t.Not(node) if turned else node
        if turned:
            raise _wrong('After a value, "not" can only be followed by "in".')
        return left

    def constants(self) -> tuple[t.Literal, ...]:
        self.need("(")
        values = []
        while True:
            node = self.signed()
            if isinstance(node, t.Negate) and isinstance(node.of, t.Literal) and isinstance(node.of.value, int | float):
                node = t.Literal(-node.of.value)
            if not isinstance(node, t.Literal):
                raise _wrong('A list after "in" holds constants only.')
            values.append(node)
            if not self.sign(","):
                break
        self.need(")")
        return tuple(values)

    def total(self) -> t.Node:
        node = self.product()
        while sign := self.sign("+", "-"):
            node = t.Arithmetic(sign, node, self.product())
        return node

    def product(self) -> t.Node:
        node = self.signed()
        while sign := self.sign("*", "/"):
            right = self.signed()
            node = t.Arithmetic("*", node, right) if sign == "*" else t.Divide(node, right)
        return node

    def signed(self) -> t.Node:
        turns = 0
        while self.sign("-"):
            turns += 1
            if turns > MAX_DEPTH:
                raise _wrong("The expression is nested too deeply.")
        node = self.atom()
        for _ in range(turns):
            node = t.Negate(node)
        return node

    def atom(self) -> t.Node:
        kind, text = self.take()
        if kind == "number":
            return t.Literal(float(text) if "." in text else int(text))
        if kind == "text":
            return t.Literal(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "column":
            return t.Column(text[1:-1].strip())
        if (kind, text) == ("sign", "("):
            node = self.either()
            self.need(")")
            return node
        if kind == "word":
            return self.name(text)
        raise _wrong(f"Expected a value, found {_shown((kind, text))}.")

    def name(self, text: str) -> t.Node:
        word = text.casefold()
        if word in ("true", "false"):
            return t.Literal(word == "true")
        if word == "date" and self.peek()[0] == "text":
            return t.Literal(_day(self.take()[1][1:-1]))
        if self.sign("("):
            return self.call(word)
        if word in _WORDS:
            raise _wrong(f'"{text}" has a meaning of its own here; write a column of that name as [{text}].')
        return t.Column(text)

    def call(self, word: str) -> t.Node:
        if word not in _FUNCTIONS:
            raise _wrong(f'There is no function "{word}". There are: {", ".join(sorted(_FUNCTIONS))}.')
        arguments = [self.either()]
        while self.sign(","):
            arguments.append(self.either())
        self.need(")")
        least, most, make = _FUNCTIONS[word]
        if not least <= len(arguments) <= most:
            raise _wrong(
                f'"{word}" takes {least if least == most else f"{least} or more"} values, not {len(arguments)}.'
            )
        return make(arguments)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong('A date is written as date "2024-03-01".') from None


def _starts_with(arguments: list[t.Node]) -> t.Node:
    prefix = arguments[1]
    if not isinstance(prefix, t.Literal) or not isinstance(prefix.value, str):
        raise _wrong('The second value of "starts_with" is a text in quotes.')
    return t.StartsWith(arguments[0], prefix)


_FUNCTIONS: dict[str, tuple[int, int, Callable[[list[t.Node]], t.Node]]] = {
    "abs": (1, 1, lambda a: t.Absolute(a[0])),
    "exp": (1, 1, lambda a: t.Exponential(a[0])),
    "ln": (1, 1, lambda a: t.Logarithm(a[0])),
    "floor": (1, 1, lambda a: t.Floor(a[0])),
    "coalesce": (2, 20, lambda a: t.Coalesce(tuple(a))),
    "if": (3, 3, lambda a: t.Choose(a[0], a[1], a[2])),
    "days_between": (2, 2, lambda a: t.DaysBetween(a[0], a[1])),
    "year": (1, 1, lambda a: t.DatePart("year", a[0])),
    "month": (1, 1, lambda a: t.DatePart("month", a[0])),
    "day": (1, 1, lambda a: t.DatePart("day", a[0])),
    "starts_with": (2, 2, _starts_with),
}
