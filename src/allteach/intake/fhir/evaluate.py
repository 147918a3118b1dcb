"""Makes a path a function from what it starts from to what it finds; both are lists, as in FHIRPath."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from allteach.errors import IntakeError
from allteach.intake.fhir.moments import Moment, compare, read_moment
from allteach.intake.fhir.tree import Binary, Call, Constant, Index, Literal, Member, Node, This, Value

Items = list[Any]
Run = Callable[[Items], Items]

CHOICES = frozenset({
    "abatement", "age", "allowed", "asNeeded", "born", "content", "deceased", "defaultValue", "dose", "effective",
    "medication", "multipleBirth", "occurrence", "onset", "performed", "product", "rate", "reported", "scheduled",
    "serviced", "timing", "value",
})  # fmt: skip


class Several(Exception):  # noqa: N818, "several values" is the word
    """A path finds several values where one is needed."""


def compiled(node: Node, constants: Mapping[str, Value | None], resource: str = "") -> Run:
    """Return the function of a path.

    Args:
        node: The path.
        constants: Name -> value; None is known but empty.
        resource: The type of resource that paths start from, whose name may stand in front of a path.

    Raises:
        IntakeError: ``AT-I-120`` when it names a constant that there is not.
    """
    return _Maker(constants, resource).of(node)


class _Maker:
    """Turns nodes into functions."""

    def __init__(self, constants: Mapping[str, Value | None], resource: str) -> None:
        self.constants, self.resource = constants, resource

    def of(self, node: Node) -> Run:
        match node:
            case This():
                return lambda items: items
            case Literal(value):
                found: Items = [] if value is None else [value]
                return lambda items: found
            case Constant(name):
                return self._constant(name)
            case Member():
                return self._member(node)
            case Index(of, at):
                inner = self.of(of)
                return lambda items: inner(items)[at : at + 1]
            case Call():
                return self._call(node)
            case Binary(sign, left, right):
                return _binary(sign, self.of(left), self.of(right))

    def _constant(self, name: str) -> Run:
        if name not in self.constants:
            known = ", ".join(f"%{key}" for key in self.constants)
            raise IntakeError(
                "AT-I-120", f'There is no constant "%{name}".', expected=f"There are: {known}.",
                do="Give it in the view under constant.",
            )  # fmt: skip
        value = self.constants[name]
        found: Items = [] if value is None else [value]
        return lambda items: found

    def _member(self, node: Member) -> Run:
        """Return a chain of elements as one function."""
        names: list[str] = []
        start: Node = node
        while isinstance(start, Member):
            names.insert(0, start.name)
            start = start.of
        if isinstance(start, This) and names[0] == self.resource:
            names = names[1:]
        inner = None if isinstance(start, This) else self.of(start)
        chain = tuple((name, name in CHOICES) for name in names)
        return lambda items: _along(items if inner is None else inner(items), chain)

    def _call(self, node: Call) -> Run:
        if node.name == "ofType":
            return self._of_type(node)
        inner = self.of(node.of)
        arguments = [self.of(argument) for argument in node.arguments]
        if node.name == "where":
            return _where(inner, arguments[0])
        if node.name == "exists":
            narrowed = _where(inner, arguments[0]) if arguments else inner
            return lambda items: [bool(narrowed(items))]
        if node.name == "iif":
            return _iif(inner, arguments)
        act = _FUNCTIONS[node.name]
        return lambda items: act(inner(items), *[_one(argument(items)) for argument in arguments])

    def _of_type(self, node: Call) -> Run:
        """Return the items of a type; for an element with a choice of types the element of that name."""
        kind = node.arguments[0]
        assert isinstance(kind, Literal)
        wanted = str(kind.value)
        if isinstance(node.of, Member):
            inner = self.of(node.of.of)
            plain, typed = node.of.name, node.of.name + wanted[:1].upper() + wanted[1:]
            return lambda items: (
                _elements(inner(items), typed, False) or _typed(_elements(inner(items), plain, False), wanted)
            )
        whole = self.of(node.of)
        return lambda items: _typed(whole(items), wanted)


def _along(items: Items, chain: tuple[tuple[str, bool], ...]) -> Items:
    """Return what a chain of elements leads to; most elements are there once, and that way is short."""
    if len(items) == 1:
        value = items[0]
        for at, (name, choice) in enumerate(chain):
            if type(value) is dict:
                found = value.get(name)
                value = _chosen(value, name) if found is None and choice else found
                if value is None:
                    return []
            elif type(value) is list:
                return _along(_present(value), chain[at:])
            else:
                return []
        return _present(value) if type(value) is list else [value]
    for name, choice in chain:
        items = _elements(items, name, choice)
    return items


def _present(values: Items) -> Items:
    return [value for value in values if value is not None]


def _chosen(item: dict[str, Any], name: str) -> Any:
    """Return the one of several typed elements that is there, such as ``valueQuantity`` for ``value``."""
    return next((item[key] for key in item if key.startswith(name) and key[len(name) :][:1].isupper()), None)


def _elements(items: Items, name: str, choice: bool) -> Items:
    found: Items = []
    for item in items:
        if type(item) is not dict:
            continue
        value = item.get(name)
        if value is None:
            value = _chosen(item, name) if choice else None
            if value is None:
                continue
        if type(value) is list:
            found += _present(value)
        else:
            found.append(value)
    return found


_PRIMITIVE: dict[str, tuple[type, ...]] = {
    "boolean": (bool,), "integer": (int,), "decimal": (int, float), "Boolean": (bool,), "Integer": (int,),
    "Decimal": (int, float),
}  # fmt: skip


def _typed(items: Items, wanted: str) -> Items:
    kinds = _PRIMITIVE.get(wanted, (str,) if wanted[:1].islower() or wanted == "String" else ())
    if kinds:
        return [item for item in items if type(item) in kinds]
    return [item for item in items if type(item) is dict and item.get("resourceType", wanted) == wanted]


def _where(inner: Run, criterion: Run) -> Run:
    return lambda items: [item for item in inner(items) if truth(criterion([item]))]


def _iif(inner: Run, arguments: list[Run]) -> Run:
    condition, then = arguments[:2]
    otherwise = arguments[2] if len(arguments) > 2 else (lambda items: [])

    def run(items: Items) -> Items:
        given = inner(items)
        return then(given) if truth(condition(given)) else otherwise(given)

    return run


def truth(items: Items) -> bool | None:
    """Return what a collection is as a condition; None when it is empty. One value that is no truth value is true.

    Raises:
        Several: there is more than one value.
    """
    if not items:
        return None
    if len(items) > 1:
        raise Several
    return items[0] if type(items[0]) is bool else True


def _one(items: Items) -> Any:
    if len(items) > 1:
        raise Several
    return items[0] if items else None


def text_of(value: Any) -> str:
    """Return a single value as a text, as it stands in the file."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    return value.text if isinstance(value, Moment) else str(value)


def _key(items: Items) -> Items:
    return [item["id"] for item in items if type(item) is dict and type(item.get("id")) is str]


def _reference_key(items: Items, wanted: str | None = None) -> Items:
    """Return the ids that references point at: the last part of an address, without its version."""
    found: Items = []
    for item in items:
        said = item.get("reference") if type(item) is dict else None
        if type(said) is not str or not said or said.startswith("#"):
            continue
        if said.startswith("urn:uuid:"):
            kind, key = item.get("type"), said[9:]
        else:
            parts = said.split("/_history/")[0].rstrip("/").split("/")
            if len(parts) < 2:
                continue
            kind, key = parts[-2], parts[-1]
        if wanted is None or kind in (wanted, None):
            found.append(key)
    return found


def _extension(items: Items, url: Any) -> Items:
    return [part for part in _elements(items, "extension", False) if type(part) is dict and part.get("url") == url]


def _join(items: Items, sign: Any = "") -> Items:
    return ["" if sign is None else str(sign).join(text_of(item) for item in items)] if items else []


def _starts_with(items: Items, start: Any) -> Items:
    whole = _one(items)
    return [] if type(whole) is not str or start is None else [whole.startswith(str(start))]


def _substring(items: Items, start: Any, length: Any = None) -> Items:
    whole = _one(items)
    if type(whole) is not str or type(start) is not int or not 0 <= start < len(whole):
        return []
    return [whole[start:] if type(length) is not int else whole[start : start + max(0, length)]]


def _not(items: Items) -> Items:
    said = truth(items)
    return [] if said is None else [not said]


_FUNCTIONS: dict[str, Callable[..., Items]] = {
    "first": lambda items: items[:1],
    "last": lambda items: items[-1:],
    "count": lambda items: [len(items)],
    "empty": lambda items: [not items],
    "not": _not,
    "extension": _extension,
    "join": _join,
    "startsWith": _starts_with,
    "substring": _substring,
    "getResourceKey": _key,
    "getReferenceKey": _reference_key,
}


def _binary(sign: str, left: Run, right: Run) -> Run:
    if sign in ("and", "or", "xor", "implies"):
        join = _LOGIC[sign]

        def logic(items: Items) -> Items:
            said = join(truth(left(items)), truth(right(items)))
            return [] if said is None else [said]

        return logic
    if sign == "|":
        return lambda items: _union(left(items), right(items))
    if sign in ("=", "!="):
        return lambda items: _equality(left(items), right(items), sign == "=")
    if sign in ("+", "-"):
        return lambda items: _sum(_one(left(items)), _one(right(items)), sign)
    return lambda items: _order(_one(left(items)), _one(right(items)), sign)


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


_LOGIC: dict[str, Callable[[bool | None, bool | None], bool | None]] = {
    "and": _and,
    "or": _or,
    "xor": lambda left, right: None if left is None or right is None else left is not right,
    "implies": lambda left, right: _or(None if left is None else not left, right),
}


def _union(left: Items, right: Items) -> Items:
    found: Items = []
    for item in [*left, *right]:
        if not any(_equal(item, other) for other in found):
            found.append(item)
    return found


def _equality(left: Items, right: Items, wanted: bool) -> Items:
    if not left or not right:
        return []
    if len(left) != len(right):
        return [not wanted]
    said = [_equal(one, other) for one, other in zip(left, right, strict=True)]
    if False in said:
        return [not wanted]
    return [] if None in said else [wanted]


def _equal(left: Any, right: Any) -> bool | None:
    if isinstance(left, Moment) or isinstance(right, Moment):
        first, second = _moment(left), _moment(right)
        if first is None or second is None:
            return False
        said = compare(first, second)
        return None if said is None else said == 0
    if (type(left) is bool) != (type(right) is bool):
        return False
    return bool(left == right)


def _moment(value: Any) -> Moment | None:
    if isinstance(value, Moment):
        return value
    return read_moment(value) if type(value) is str else None


def _order(left: Any, right: Any, sign: str) -> Items:
    """Compare numbers, texts or dates; what cannot be compared is neither more nor less."""
    said: int | None
    first, second = _moment(left), _moment(right)
    if first is not None and second is not None:
        said = compare(first, second)
    elif (_is_number(left) and _is_number(right)) or (type(left) is str and type(right) is str):
        said = (left > right) - (left < right)
    else:
        said = None
    if said is None:
        return []
    return [{"<": said < 0, "<=": said <= 0, ">": said > 0, ">=": said >= 0}[sign]]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _sum(left: Any, right: Any, sign: str) -> Items:
    if left is None or right is None:
        return []
    if _is_number(left) and _is_number(right):
        return [left + right if sign == "+" else left - right]
    return [left + right] if sign == "+" and type(left) is str and type(right) is str else []
