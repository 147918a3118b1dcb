"""Reads a path: the part of FHIRPath that views need. What is not understood is named, with the place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from allteach.errors import IntakeError
from allteach.intake.fhir.moments import read_moment
from allteach.intake.fhir.tree import Binary, Call, Constant, Index, Literal, Member, Node, This

# function -> fewest and most arguments
FUNCTIONS: dict[str, tuple[int, int]] = {
    "first": (0, 0),
    "last": (0, 0),
    "count": (0, 0),
    "exists": (0, 1),
    "empty": (0, 0),
    "not": (0, 0),
    "where": (1, 1),
    "ofType": (1, 1),
    "extension": (1, 1),
    "join": (0, 1),
    "iif": (2, 3),
    "startsWith": (1, 1),
    "substring": (1, 2),
    "getResourceKey": (0, 0),
    "getReferenceKey": (0, 1),
}
_TYPED = ("ofType", "getReferenceKey")
# weakest first, as in the standard
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("implies",),
    ("or", "xor"),
    ("and",),
    ("=", "!="),
    ("<", "<=", ">", ">="),
    ("|",),
    ("+", "-"),
)
_WORDS = {"and", "or", "xor", "implies", "true", "false"}
_TOKEN = re.compile(
    r"\s*(?:(?P<moment>@[0-9][0-9T:.Z+-]*)|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<quoted>`[^`]+`)|(?P<constant>%[A-Za-z_][A-Za-z0-9_-]*|%'[^']+'|%`[^`]+`)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*|\$this)|(?P<sign><=|>=|!=|[=<>|+().,{}\[\]-]))"
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
MAX_LENGTH = 4000
_DEPTH = 60


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """Return the tree of a path.

    Raises:
        IntakeError: ``AT-I-120`` with the place that is not understood.

    Example:
        >>> parse("period.start")
        Member(of=Member(of=This(), name='period'), name='start')
    """
    if len(text) > MAX_LENGTH:
        raise _wrong(text, 0, f"The path is longer than {MAX_LENGTH:,} letters.", "Split it into several columns.")
    reader = _Reader(text, _tokens(text))
    node = reader.level(0)
    if reader.next is not None:
        raise _wrong(text, reader.next.at, f'"{reader.next.text}" is not expected here.')
    return node


def _wrong(text: str, at: int, what: str, do: str = "") -> IntakeError:
    shown = text if len(text) <= 80 else text[:77] + "..."
    return IntakeError(
        "AT-I-120", what, where=f'Path "{shown}", place {at + 1}',
        do=do or "See the reference of views for what a path may hold.",
    )  # fmt: skip


def _tokens(text: str) -> list[_Token]:
    out, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise _wrong(text, start, f'"{text[start]}" is not understood.')
        kind = str(found.lastgroup)
        out.append(_Token(kind, found.group(kind), found.start(kind)))
        at = found.end()
    return out


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text, self.tokens, self.at, self.depth = text, tokens, 0, 0

    @property
    def next(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, *signs: str) -> _Token | None:
        """Take the next token if it is one of these signs or words."""
        token = self.next
        if token is None or token.kind not in ("sign", "name") or token.text not in signs:
            return None
        self.at += 1
        return token

    def expect(self, sign: str) -> None:
        if self.take(sign) is None:
            raise _wrong(self.text, self.next.at if self.next else len(self.text), f'A "{sign}" is expected here.')

    def level(self, at: int) -> Node:
        """Read signs of this strength and stronger."""
        if at == len(_LEVELS):
            return self.chain()
        node = self.level(at + 1)
        while token := self.take(*_LEVELS[at]):
            node = Binary(token.text, node, self.level(at + 1))
        return node

    def chain(self) -> Node:
        """Read a term and what hangs on it by points."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise _wrong(self.text, 0, "The path has too many brackets in each other.")
        node = self.term()
        while True:
            if self.take("."):
                node = self.step(node)
            elif self.take("["):
                token = self.next
                if token is None or not token.text.isdigit():
                    raise _wrong(self.text, token.at if token else len(self.text), "A whole number is expected here.")
                self.at += 1
                self.expect("]")
                node = Index(node, int(token.text))
            else:
                self.depth -= 1
                return node

    def term(self) -> Node:
        token = self.next
        if token is None:
            raise _wrong(self.text, len(self.text), "The path ends where something is expected.")
        if self.take("("):
            node = self.level(0)
            self.expect(")")
            return node
        if self.take("{"):
            self.expect("}")
            return Literal(None)
        if token.kind in ("moment", "number", "text"):
            self.at += 1
            return self.literal(token)
        if token.kind == "constant":
            self.at += 1
            return Constant(token.text[1:].strip("'`"))
        if self.take("$this"):
            return This()
        if self.take("true", "false"):
            return Literal(token.text == "true")
        if token.kind in ("name", "quoted") and token.text not in _WORDS:
            return self.step(This())
        raise _wrong(self.text, token.at, f'"{token.text}" is not expected here.')

    def literal(self, token: _Token) -> Literal:
        if token.kind == "text":
            body = token.text[1:-1]
            return Literal(re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescaped, body))
        if token.kind == "number":
            return Literal(float(token.text) if "." in token.text else int(token.text))
        moment = read_moment(token.text[1:])
        if moment is None:
            raise _wrong(self.text, token.at, "This is no date.", "Write it as @2024-03-01 or @2024-03-01T08:00:00Z.")
        return Literal(moment)

    def step(self, of: Node) -> Node:
        """Read an element or a function of what is on the left."""
        token = self.next
        if token is None or token.kind not in ("name", "quoted") or token.text in ("$this",):
            raise _wrong(self.text, token.at if token else len(self.text), "The name of an element is expected here.")
        self.at += 1
        if token.kind == "quoted":
            return Member(of, token.text[1:-1])
        if self.take("("):
            return self.call(of, token)
        return Member(of, token.text)

    def call(self, of: Node, token: _Token) -> Node:
        if token.text not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            raise _wrong(self.text, token.at, f'There is no function "{token.text}" here.', f"There are: {known}.")
        arguments: list[Node] = []
        while not self.take(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.type_name() if token.text in _TYPED else self.level(0))
        low, high = FUNCTIONS[token.text]
        if not low <= len(arguments) <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise _wrong(self.text, token.at, f'"{token.text}" takes {wanted} arguments, not {len(arguments)}.')
        return Call(of, token.text, tuple(arguments))

    def type_name(self) -> Literal:
        token = self.next
        if token is None or token.kind not in ("name", "quoted"):
            raise _wrong(self.text, token.at if token else len(self.text), "The name of a FHIR type is expected here.")
        self.at += 1
        if token.text in ("FHIR", "System") and self.take("."):
            return self.type_name()
        return Literal(token.text.strip("`"))


def _unescaped(found: re.Match[str]) -> str:
    mark = found.group(1)
    return chr(int(mark[1:], 16)) if len(mark) == 5 else _ESCAPES.get(mark, mark)
