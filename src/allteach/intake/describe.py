"""The documentation page of a table, as Markdown, from its data dictionary."""

from __future__ import annotations

from allteach.intake.contract import Field, FieldType, Privacy, Role, TableDictionary

_PRIVACY = {
    Privacy.OPEN: "",
    Privacy.LIMITED: "close to a person (limited data set)",
    Privacy.DIRECT: "identifies a person; not accepted unless the agreement allows it",
}
_TYPES = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "whole number",
    FieldType.NUMBER: "number",
    FieldType.DATE: "date",
    FieldType.CODE: "one of a list",
    FieldType.BOOLEAN: "yes or no",
    FieldType.DAY_NUMBER: "number of days",
}


def allowed_words(field: Field) -> str:
    """Return what a column may hold, in words.

    Example:
        >>> allowed_words(Field("days", FieldType.NUMBER, minimum=0, unit="days"))
        'number, at least 0 days'
    """
    parts = [_TYPES[field.type]]
    if field.codes:
        parts = ["; ".join(f"{code} = {label}" if label else code for code, label in field.codes)]
    if field.formats:
        parts.append(f"written as {' or '.join(field.formats)}")
    unit = f" {field.unit}" if field.unit else ""
    if field.minimum is not None and field.maximum is not None:
        parts.append(f"{field.minimum:g} to {field.maximum:g}{unit}")
    elif field.minimum is not None:
        parts.append(f"at least {field.minimum:g}{unit}")
    elif field.maximum is not None:
        parts.append(f"at most {field.maximum:g}{unit}")
    elif unit:
        parts.append(f"in{unit}")
    if field.type is FieldType.DAY_NUMBER and field.origin:
        parts.append(f"since {field.origin.isoformat()}")
    if field.decimal == ",":
        parts.append("with a comma as decimal sign")
    if field.thousands:
        parts.append({",": "a comma", ".": "a point", " ": "a space"}[field.thousands] + " may stand between thousands")
    if field.at_most:
        parts.append(f"not above {field.at_most}")
    return ", ".join(parts)


def type_words(field: Field) -> str:
    """Return what a column holds, in words."""
    return _TYPES[field.type]


def markdown(dictionary: TableDictionary) -> str:
    """Return the documentation page of a table."""
    lines = [f"# {dictionary.title}", "", f"Table `{dictionary.name}`, version {dictionary.version}.", ""]
    if dictionary.description:
        lines += [dictionary.description, ""]
    if dictionary.key:
        named = ", ".join(f"`{name}`" for name in dictionary.key)
        lines += [f"One row stands for one combination of {named}; two rows may not share it.", ""]
    lines += ["| Column | Meaning | Needed | Allowed | Remarks |", "|---|---|---|---|---|"]
    for field in dictionary.fields:
        needed = "yes" if field.required else "no"
        cells = (f"`{field.name}`", _meaning(field), needed, allowed_words(field), _remarks(field))
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    if dictionary.rules:
        lines += ["", "## Rules over several columns", ""]
        lines += [f"- {rule.message} (`{rule.must}`)" for rule in dictionary.rules]
    lines += ["", f"Not known is written as an empty cell{_also(dictionary)}."]
    if dictionary.sources:
        lines += ["", "## Sources", "", *(f"- {source}" for source in dictionary.sources)]
    return "\n".join(lines) + "\n"


def _also(dictionary: TableDictionary) -> str:
    return f" (or {', '.join(dictionary.missing)})" if dictionary.missing else ""


def _meaning(field: Field) -> str:
    return f"{field.label}. {field.description}".strip() if field.description else field.label


def _remarks(field: Field) -> str:
    role = "" if field.role is Role.OTHER else f"role: {field.role.value.replace('_', ' ')}"
    return "; ".join(part for part in (role, _PRIVACY[field.privacy]) if part)
