"""A data dictionary as a Frictionless Table Schema, so that other people's programs can read it.

Source: Table Schema, version 1 of the Frictionless standards (types, constraints, primary key, missing values).
"""

from __future__ import annotations

import json
from typing import Any

from allteach.intake.contract import Field, FieldType, TableDictionary
from allteach.intake.dates import STYLES

_TYPES = {
    FieldType.TEXT: "string",
    FieldType.CODE: "string",
    FieldType.INTEGER: "integer",
    FieldType.DAY_NUMBER: "integer",
    FieldType.NUMBER: "number",
    FieldType.DATE: "date",
    FieldType.BOOLEAN: "boolean",
}
_TRUE, _FALSE = ["true", "yes", "y", "t", "1"], ["false", "no", "n", "f", "0"]


def table_schema(dictionary: TableDictionary) -> dict[str, Any]:
    """Return the schema as plain mappings and lists.

    What the standard has no word for (role, privacy, rules over several columns) is kept under ``allteach:``.

    Example:
        >>> from allteach.intake.contract import load
        >>> table_schema(load("{name: t, title: T, fields: [{name: n, type: integer, minimum: 0}]}"))["fields"]
        [{'name': 'n', 'type': 'integer', 'title': 'n', 'constraints': {'minimum': 0}, 'allteach:role': 'other'}]
    """
    out: dict[str, Any] = {
        "name": dictionary.name,
        "title": dictionary.title,
        "description": dictionary.description,
        "version": str(dictionary.version),
        "fields": [_field(field) for field in dictionary.fields],
        "missingValues": ["", *dictionary.missing],
        "primaryKey": list(dictionary.key),
        "sources": [{"title": source} for source in dictionary.sources],
        "allteach:rules": [{"id": rule.id, "must": rule.must, "message": rule.message} for rule in dictionary.rules],
    }
    return {key: value for key, value in out.items() if value not in ("", [])}


def dumps(dictionary: TableDictionary) -> str:
    """Return the schema as JSON."""
    return json.dumps(table_schema(dictionary), ensure_ascii=False, indent=2) + "\n"


def _field(field: Field) -> dict[str, Any]:
    out: dict[str, Any] = {"name": field.name, "type": _TYPES[field.type], "title": field.label}
    if field.description:
        out["description"] = field.description
    if field.type is FieldType.DATE:
        style = STYLES[field.formats[0]] if len(field.formats) == 1 else None
        out["format"] = style.code if style and style.code else "any" if field.formats else "default"
    if field.type is FieldType.BOOLEAN:
        out |= {"trueValues": _TRUE, "falseValues": _FALSE}
    if field.type is FieldType.NUMBER and field.decimal != ".":
        out["decimalChar"] = field.decimal
    if field.type in (FieldType.NUMBER, FieldType.INTEGER) and field.thousands:
        out["groupChar"] = field.thousands
    if constraints := _constraints(field):
        out["constraints"] = constraints
    if labels := {code: label for code, label in field.codes if label}:
        out["allteach:labels"] = labels
    if field.unit:
        out["allteach:unit"] = field.unit
    return out | {"allteach:role": field.role.value}


def _constraints(field: Field) -> dict[str, Any]:
    out: dict[str, Any] = {"required": True} if field.required else {}
    for name, limit in (("minimum", field.minimum), ("maximum", field.maximum)):
        if limit is not None:
            out[name] = int(limit) if float(limit).is_integer() else limit
    if field.codes:
        out["enum"] = [code for code, _label in field.codes]
    return out
