"""Shipped mappings from the OMOP common data model (CDM v5.4) to our tables, as SQL that people can read.

Each mapping is one file: a head of comments in YAML, then one SELECT for PostgreSQL. ``{cdm}`` stands for the schema;
``%(name)s`` for a list of concepts that a site may change. A concept is written ``VOCABULARY:code``, such as
``SNOMED:34000006``, or as its number; all of its descendants are meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from allteach.errors import IntakeError

_SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}\Z")
_CONCEPT = re.compile(r"[A-Za-z0-9_ .-]+:[A-Za-z0-9_.-]+\Z|\d+\Z")


@dataclass(frozen=True, slots=True)
class Concepts:
    """A list of concepts that a mapping looks for.

    Args:
        name: As in the SQL.
        title: Words for people.
        default: Concepts that are looked for when nothing else is said; empty where a site has to say.
    """

    name: str
    title: str
    default: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableMapping:
    """One mapping.

    Args:
        name: Short name, the same as its shipped dictionary.
        title: Words for people.
        description: What becomes a row, and what the data model does not hold.
        concepts: Lists that a site may change.
        sql: One SELECT.
    """

    name: str
    title: str
    description: str
    concepts: tuple[Concepts, ...]
    sql: str

    def statement(self, schema: str) -> str:
        """Return the SELECT for a schema.

        Raises:
            IntakeError: ``AT-I-065`` when that is no plain name of a schema.
        """
        if not _SCHEMA.match(schema):
            raise IntakeError(
                "AT-I-065", "The name of the schema has signs that names do not have.",
                expected="Letters, digits and underscores.", do="Write the schema that holds visit_occurrence.",
            )  # fmt: skip
        return self.sql.replace("{cdm}", f'"{schema}"')

    def values(self, said: Mapping[str, str]) -> dict[str, list[str]]:
        """Return the concepts of each list, the default where nothing is said.

        Raises:
            IntakeError: ``AT-I-065`` for a concept that is written in no known way, or a list that a site has to say.
        """
        found = {}
        for one in self.concepts:
            listed = [text.strip() for text in re.split(r"[,\n]", said.get(one.name, "")) if text.strip()]
            for text in listed:
                if not _CONCEPT.match(text):
                    raise _no_concept(one.title)
            found[one.name] = listed or list(one.default)
            if not found[one.name]:
                raise _no_concept(one.title)
        return found


def _no_concept(where: str) -> IntakeError:
    return IntakeError(
        "AT-I-065", "A list of concepts is empty or cannot be read.", where=where,
        expected="Concepts separated by commas, such as SNOMED:34000006, or their numbers.",
        do="Look the concepts up in your vocabulary and write them down.",
    )  # fmt: skip


@cache
def mappings() -> dict[str, TableMapping]:
    """Return the shipped mappings by name."""
    found = {}
    for file in sorted(files(__package__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            found[file.name.removesuffix(".sql")] = _read(file.name.removesuffix(".sql"), file.read_text("utf-8"))
    return found


def mapping(name: str) -> TableMapping:
    """Return one mapping.

    Raises:
        IntakeError: ``AT-I-065`` when none of this name is shipped.
    """
    if name not in mappings():
        raise IntakeError("AT-I-065", f'There is no mapping "{name}".', expected=f"One of: {', '.join(mappings())}.")
    return mappings()[name]


def _read(name: str, text: str) -> TableMapping:
    lines = text.splitlines()
    head = [line for line in lines if line.startswith("--|")]
    said = yaml.safe_load("\n".join(line[3:].removeprefix(" ") for line in head))
    concepts = tuple(
        Concepts(key, str(one["title"]), tuple(one.get("default", ()))) for key, one in said.get("concepts", {}).items()
    )
    sql = "\n".join(line for line in lines if not line.startswith("--|")).strip()
    return TableMapping(name, said["title"], said["description"], concepts, sql)
