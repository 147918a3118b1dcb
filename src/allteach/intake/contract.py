"""The ONE data dictionary of a table: template, documentation, form, validator and example all come from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any

import yaml

from allteach.errors import IntakeError
from allteach.intake.dates import STYLES, TWINS
from allteach.intake.expression import Kind, kind_of
from allteach.intake.fields import KINDS, Field, FieldType, Privacy, Role, Rule
from allteach.intake.findings import Severity

__all__ = [
    "KINDS",
    "Field",
    "FieldType",
    "Privacy",
    "Role",
    "Rule",
    "TableDictionary",
    "check_field",
    "check_rule",
    "dump",
    "field_from_plain",
    "from_plain",
    "load",
    "load_draft",
    "problems",
    "rule_from_plain",
    "to_plain",
    "unchecked",
]
_ONCE = (Role.SITE, Role.PERIOD, Role.DATE, Role.DAY_NUMBER)


@dataclass(frozen=True, slots=True)
class TableDictionary:
    """The data dictionary of one table.

    Args:
        name: Short name (letters, digits, ``_`` and ``-``).
        title: Words for people.
        version: Counts up when a column or rule changes.
        description: What one row stands for, and where the table comes from.
        fields: The columns.
        key: Columns that together name a row; two rows may not share them. Empty when rows have no name.
        rules: Rules over several columns.
        missing: Texts that mean "not known" in any column, besides an empty cell.
        grain: Length of a period for tables with a period: ``day``, ``week``, ``month``, ``quarter`` or ``year``.
        sources: Where the definitions come from.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    version: int = 1
    description: str = ""
    key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    missing: tuple[str, ...] = ("NA", "N/A", "NULL", "null", "#N/A")
    grain: str = "month"
    sources: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """Return the field of this name.

        Raises:
            IntakeError: ``AT-I-071`` when there is none.
        """
        for field in self.fields:
            if field.name == name:
                return field
        raise _invalid("AT-I-071", f'The table "{self.name}" has no column "{name}".')

    def with_role(self, role: Role) -> tuple[Field, ...]:
        """Return the fields that have this role."""
        return tuple(field for field in self.fields if field.role is role)

    @property
    def site(self) -> Field | None:
        """The column that names the site, if any."""
        return next(iter(self.with_role(Role.SITE)), None)

    @property
    def time(self) -> Field | None:
        """The column that says when: period, date or day number."""
        return next((field for role in _ONCE[1:] for field in self.with_role(role)), None)

    @property
    def kinds(self) -> dict[str, Kind]:
        """The kind of each column, as expressions see it."""
        return {field.name: field.kind for field in self.fields}

    @property
    def content_hash(self) -> str:
        """SHA-256 of the content, whatever the YAML looked like."""
        text = json.dumps(to_plain(self), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def replace_field(self, field: Field) -> TableDictionary:
        """Return the dictionary with one field exchanged for the one of the same name."""
        return replace(self, fields=tuple(field if f.name == field.name else f for f in self.fields))


@lru_cache(maxsize=256)
def load(text: str) -> TableDictionary:
    """Return the dictionary written in a YAML text.

    Raises:
        IntakeError: ``AT-I-070`` when it is not YAML or has unknown words, ``AT-I-071`` when its parts do not fit.
    """
    return from_plain(_yaml(text))


def load_draft(text: str) -> TableDictionary:
    """Return the dictionary written in a YAML text, which may not fit together yet.

    Raises:
        IntakeError: ``AT-I-070`` or ``AT-I-071`` when its words are not known.
    """
    return unchecked(_yaml(text))


def _yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise _invalid("AT-I-070", "The data dictionary is not valid YAML.", str(error).splitlines()[0]) from None


def dump(dictionary: TableDictionary) -> str:
    """Return the dictionary as a YAML text that `load` reads back to an equal object."""
    return yaml.safe_dump(to_plain(dictionary), sort_keys=False, allow_unicode=True, width=110)


def from_plain(plain: Any) -> TableDictionary:
    """Return the dictionary made of plain mappings and lists, checked.

    Raises:
        IntakeError: ``AT-I-070`` for unknown or missing words, ``AT-I-071`` when parts do not fit.
    """
    dictionary = unchecked(plain)
    for check in _checks(dictionary):
        check()
    return dictionary


def unchecked(plain: Any) -> TableDictionary:
    """Return the dictionary made of plain mappings and lists; its parts may not fit together yet, as in a draft.

    Raises:
        IntakeError: ``AT-I-070`` for unknown or missing words, ``AT-I-071`` for words that are not known.
    """
    made = _make(TableDictionary, plain, "table")
    made["fields"] = tuple(field_from_plain(item) for item in made.get("fields") or ())
    made["rules"] = tuple(rule_from_plain(item) for item in made.get("rules") or ())
    return TableDictionary(**made)


def problems(dictionary: TableDictionary) -> tuple[IntakeError, ...]:
    """Return everything that keeps a dictionary from being used.

    Example:
        >>> [error.what for error in problems(unchecked({"name": "t", "title": "T"}))]
        ['The table has no columns.']
    """
    found = []
    for check in _checks(dictionary):
        try:
            check()
        except IntakeError as error:
            found.append(error)
    return tuple(found)


def to_plain(dictionary: TableDictionary) -> dict[str, Any]:
    """Return the dictionary as plain mappings and lists, leaving out what is at its default."""
    plain = _plain(dictionary)
    plain["fields"] = [_plain(field) for field in dictionary.fields]
    if dictionary.rules:
        plain["rules"] = [_plain(rule) for rule in dictionary.rules]
    return plain


def _plain(thing: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for spec in fields(thing):
        value = getattr(thing, spec.name)
        if spec.name in ("name", "title", "type", "version", "id", "must") or value != spec.default:
            out[spec.name] = dict(value) if spec.name == "codes" else _simple(value)
    return {key: value for key, value in out.items() if value != "" or key in ("name", "title")}


def _simple(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return [_simple(item) for item in value] if isinstance(value, tuple) else value


def _make(cls: type, plain: Any, where: str) -> dict[str, Any]:
    if not isinstance(plain, Mapping):
        raise _invalid("AT-I-070", f"The {where} is not a mapping of words to values.")
    known = {spec.name for spec in fields(cls)}
    if unknown := [str(key) for key in plain if key not in known]:
        words = ", ".join(sorted(known))
        raise _invalid("AT-I-070", f'Unknown word "{unknown[0]}" in the {where}.', f"Known: {words}.")
    made = {}
    for key, value in plain.items():
        made[key] = tuple(value) if isinstance(value, list) else value
    return made


def field_from_plain(plain: Any) -> Field:
    """Return the column made of a plain mapping.

    Raises:
        IntakeError: ``AT-I-070`` for unknown or missing words, ``AT-I-071`` for values that are not known.
    """
    made = _make(Field, plain, "field")
    where = f'field "{made.get("name", "?")}"'
    for key, enum in (("type", FieldType), ("role", Role), ("privacy", Privacy)):
        if key in made:
            made[key] = _word(enum, made[key], where)
    codes = made.get("codes", ())
    pairs = codes.items() if isinstance(codes, Mapping) else ((code, "") for code in codes)
    made["codes"] = tuple((_code(code), "" if label is None else str(label)) for code, label in pairs)
    for key in ("event", "missing", "formats", "was"):
        value = made.get(key, ())
        made[key] = tuple(_code(item) for item in (value if isinstance(value, tuple) else (value,)))
    for key in ("name", "title", "description", "unit", "example", "at_most"):
        if key in made:
            made[key] = str(made[key])
    if isinstance(made.get("origin"), str):
        try:
            made["origin"] = date.fromisoformat(made["origin"])
        except ValueError:
            raise _invalid("AT-I-071", f"The origin of {where} is not a date.", "Write it as 2024-03-01.") from None
    if not made.get("name"):
        raise _invalid("AT-I-070", "A field has no name.")
    return Field(**made)


def rule_from_plain(plain: Any) -> Rule:
    """Return the rule made of a plain mapping.

    Raises:
        IntakeError: ``AT-I-070`` for unknown or missing words, ``AT-I-071`` for values that are not known.
    """
    made = _make(Rule, plain, "rule")
    if missing := {"id", "must", "message"} - set(made):
        raise _invalid("AT-I-070", f'A rule has no "{sorted(missing)[0]}".')
    if "severity" in made:
        made["severity"] = _word(Severity, made["severity"], f'rule "{made["id"]}"')
    return Rule(**made)


def _code(value: Any) -> str:
    # YAML reads an unquoted yes, no, on, off as a truth value; the file has the word.
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _word(enum: type[StrEnum], value: Any, where: str) -> Any:
    try:
        return enum(str(value))
    except ValueError:
        raise _invalid("AT-I-071", f'"{value}" is not known in {where}.', f"Known: {', '.join(enum)}.") from None


def _invalid(code: str, what: str, expected: str = "") -> IntakeError:
    return IntakeError(code, what, expected=expected, do="Correct the data dictionary and save it again.")


def _checks(dictionary: TableDictionary) -> Iterator[Callable[[], None]]:
    """Yield every check of a dictionary; each refuses parts that contradict each other."""
    yield partial(_check_table, dictionary)
    for role in _ONCE:
        yield partial(_check_role, dictionary, role)
    for name in dictionary.key:
        yield partial(_check_key, dictionary, name)
    for field in dictionary.fields:
        yield partial(check_field, field, dictionary)
    for rule in dictionary.rules:
        yield partial(check_rule, rule, dictionary)


def _check_table(dictionary: TableDictionary) -> None:
    names = [field.name for field in dictionary.fields]
    if not dictionary.name or not dictionary.name.replace("_", "").replace("-", "").isalnum():
        raise _invalid("AT-I-071", "The table needs a short name of letters, digits, _ and -.")
    if not names:
        raise _invalid("AT-I-071", "The table has no columns.")
    if twice := {name for name in names if names.count(name) > 1}:
        raise _invalid("AT-I-071", f'The column "{min(twice)}" is there twice.')
    if dictionary.grain not in ("day", "week", "month", "quarter", "year"):
        raise _invalid("AT-I-071", f'"{dictionary.grain}" is no length of a period.')


def _check_role(dictionary: TableDictionary, role: Role) -> None:
    if len(dictionary.with_role(role)) > 1:
        raise _invalid("AT-I-071", f'Two columns have the role "{role}".', "One can.")


def _check_key(dictionary: TableDictionary, name: str) -> None:
    if dictionary.field(name).privacy is Privacy.DIRECT:
        raise _invalid("AT-I-071", f'The key uses "{name}", which identifies persons and is not stored.')


def check_field(field: Field, dictionary: TableDictionary) -> None:
    """Refuse a column that contradicts itself or the table.

    Raises:
        IntakeError: ``AT-I-071``.
    """
    where = f'Column "{field.name}"'
    if field.type is FieldType.CODE and not field.codes:
        raise _invalid("AT-I-071", f"{where} holds codes but lists none.")
    for name in field.formats:
        if name not in STYLES:
            raise _invalid("AT-I-071", f'{where} has the unknown date style "{name}".', f"Known: {', '.join(STYLES)}.")
    if any(pair <= set(field.formats) for pair in TWINS):
        raise _invalid("AT-I-071", f"{where} allows two date styles that cannot be told apart.", "Choose one of them.")
    if field.decimal not in (".", ","):
        raise _invalid("AT-I-071", f"{where} has an unknown decimal sign.", "A point or a comma.")
    if field.thousands not in ("", ",", ".", " ") or field.thousands == field.decimal:
        raise _invalid("AT-I-071", f"{where} has an unknown sign between thousands.", "A comma, a point or a space.")
    if field.at_most and dictionary.field(field.at_most).kind not in (Kind.INTEGER, Kind.NUMBER):
        raise _invalid("AT-I-071", f"{where} is limited by a column that is not a number.")
    if field.role in _ONCE[1:3] and field.kind is not Kind.DATE:
        raise _invalid("AT-I-071", f"{where} says when, but is not a date.")
    if field.codes and (unknown := set(field.event) - {code for code, _ in field.codes}):
        raise _invalid("AT-I-071", f'{where} counts the code "{min(unknown)}", which it does not list.')


def check_rule(rule: Rule, dictionary: TableDictionary) -> None:
    """Refuse a rule that cannot be read, is no condition or points at a column that is not there.

    Raises:
        IntakeError: ``AT-I-071``.
    """
    try:
        kind = kind_of(rule.condition, dictionary.kinds)
    except IntakeError as error:
        raise _invalid("AT-I-071", f'Rule "{rule.id}" cannot be read: {error.what}', error.expected) from error
    if kind is not Kind.BOOLEAN:
        raise _invalid("AT-I-071", f'Rule "{rule.id}" is not a condition.')
    if rule.column:
        dictionary.field(rule.column)
