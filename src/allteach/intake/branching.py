"""REDCap's branching logic in our own language of conditions, where it can be said there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from allteach.intake.expression import Kind
from allteach.intake.expression.parse import column_text, literal_text

_TOKEN = re.compile(
    r"""\s*(?:
      \[(?P<field>[A-Za-z][A-Za-z0-9_]*)(?:\((?P<choice>[^()\]]+)\))?\]
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<sign><>|!=|<=|>=|=|<|>|\(|\))
    | (?P<word>and\b|or\b)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}


class _Unsayable(Exception):  # noqa: N818, carries no message of its own
    """The logic uses something that our conditions cannot say."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A column that logic can ask about.

    Args:
        kind: What it holds.
        codes: Its codes, for a list to choose from.
    """

    kind: Kind
    codes: tuple[str, ...] = ()


def checkbox_column(field: str, code: str) -> str:
    """Return the column that REDCap exports for one choice of a checkbox field.

    Example:
        >>> checkbox_column("race", "A1"), checkbox_column("race", "-9")
        ('race___a1', 'race____9')
    """
    return f"{field}___" + re.sub(r"[^a-z0-9_]", "_", code.strip().lower())


def condition(logic: str, columns: Mapping[str, Asked]) -> str | None:
    """Return the condition that branching logic stands for, or None where it cannot be said exactly.

    Comparisons with and, or and brackets can be said. Functions, other events and arithmetic cannot: a rule that is
    nearly right would hold back good rows.

    Args:
        logic: As in the data dictionary, such as ``[sex] = '1' and [age] >= 18``.
        columns: Column name -> what it holds; checkbox choices under the name of their own column.

    Example:
        >>> columns = {"sex": Asked(Kind.TEXT, ("1", "2")), "age": Asked(Kind.INTEGER)}
        >>> condition("[sex] = '1' and [age] >= 18", columns)
        '(sex = "1" and age >= 18)'
        >>> condition("datediff([a], [b], 'd') > 3", columns) is None
        True
    """
    try:
        reader = _Reader(_tokens(logic), columns)
        said = reader.either()
        return said if reader.at == len(reader.tokens) else None
    except _Unsayable:
        return None


def _tokens(logic: str) -> list[re.Match[str]]:
    found, at, end = [], 0, len(logic.rstrip())
    while at < end:
        match = _TOKEN.match(logic, at)
        if match is None:
            raise _Unsayable
        found.append(match)
        at = match.end()
    return found


class _Reader:
    """Reads tokens one by one; `at` is the next."""

    def __init__(self, tokens: list[re.Match[str]], columns: Mapping[str, Asked]) -> None:
        self.tokens, self.columns, self.at = tokens, columns, 0

    def next_is(self, *texts: str) -> str:
        """Step over the next token when it is one of these words or signs, and return it."""
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            text = (token["sign"] or token["word"] or "").lower()
            if text and text in texts:
                self.at += 1
                return text
        return ""

    def either(self) -> str:
        parts = [self.both()]
        while self.next_is("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"

    def both(self) -> str:
        parts = [self.part()]
        while self.next_is("and"):
            parts.append(self.part())
        return parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"

    def part(self) -> str:
        if self.next_is("("):
            inner = self.either()
            if not self.next_is(")"):
                raise _Unsayable
            return inner
        left = self.side()
        sign = self.next_is("=", "<>", "!=", "<", ">", "<=", ">=").replace("<>", "!=")
        right = self.side()
        if not sign:
            raise _Unsayable
        if left["field"] and not right["field"]:
            return self.compare(left, sign, _value(right))
        if right["field"] and not left["field"]:
            return self.compare(right, _TURNED[sign], _value(left))
        raise _Unsayable

    def side(self) -> re.Match[str]:
        if self.at >= len(self.tokens):
            raise _Unsayable
        token = self.tokens[self.at]
        if token["sign"] or token["word"]:
            raise _Unsayable
        self.at += 1
        return token

    def compare(self, token: re.Match[str], sign: str, value: str) -> str:
        """Return a column compared with a constant, in the way that its kind is written."""
        name = checkbox_column(token["field"], token["choice"]) if token["choice"] else token["field"]
        asked = self.columns.get(name)
        if asked is None:
            raise _Unsayable
        column = column_text(name)
        if value == "":
            if sign not in ("=", "!="):
                raise _Unsayable
            return f"{column} is {'missing' if sign == '=' else 'present'}"
        if asked.codes and sign not in ("=", "!="):
            listed = [literal_text(code) for code in asked.codes if _holds(code, sign, value)]
            if not listed:
                raise _Unsayable
            return f"{column} in ({', '.join(listed)})"
        constant = _constant(asked, value)
        if sign == "!=":
            # REDCap counts an empty field as different from any value
            return f"({column} is missing or {column} != {constant})"
        if asked.kind in (Kind.TEXT, Kind.BOOLEAN) and sign != "=":
            raise _Unsayable
        return f"{column} {sign} {constant}"


def _value(token: re.Match[str]) -> str:
    return token["number"] or (token["text"] or "")[1:-1].strip()


def _constant(asked: Asked, value: str) -> str:
    if asked.kind is Kind.BOOLEAN:
        if value not in ("0", "1"):
            raise _Unsayable
        return "true" if value == "1" else "false"
    if asked.kind is Kind.DATE:
        try:
            return f'date "{date.fromisoformat(value).isoformat()}"'
        except ValueError:
            raise _Unsayable from None
    if asked.kind in (Kind.INTEGER, Kind.NUMBER):
        number = _number(value)
        return str(int(number)) if number == int(number) else repr(number)
    if asked.codes and value not in asked.codes:
        raise _Unsayable
    return literal_text(value)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _Unsayable from None


def _holds(code: str, sign: str, value: str) -> bool:
    """Return whether a code stands in this order to a value; REDCap compares both as numbers."""
    one, other = _number(code), _number(value)
    return {"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[sign]
