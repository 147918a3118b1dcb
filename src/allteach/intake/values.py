"""DuckDB SQL that turns a cell's text into the value its column should hold, or into nothing."""

from __future__ import annotations

from allteach.intake.contract import Field, FieldType, TableDictionary
from allteach.intake.dates import STYLES, DateStyle, Written, sql_date

_BOOLEANS = {
    "true": True,
    "t": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "f": False,
    "no": False,
    "n": False,
    "0": False,
}
_POINT = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
_COMMA = _POINT.replace(r"\.", ",")
_WHOLE = r"[+-]?[0-9]{1,15}(\.0*)?"


def quoted(name: str) -> str:
    """Return a column name as DuckDB writes it."""
    return '"' + name.replace('"', '""') + '"'


def text_of(name: str) -> str:
    """Return the name of the prepared column that holds the clean text."""
    return quoted(f"t:{name}")


def value_of(name: str) -> str:
    """Return the name of the prepared column that holds the typed value."""
    return quoted(f"v:{name}")


def literal(text: str) -> str:
    """Return a text constant as DuckDB writes it."""
    return "'" + text.replace("'", "''") + "'"


def clean_sql(field: Field, column: str, dictionary: TableDictionary) -> str:
    """Return SQL for the clean text of a trimmed cell: null where empty or written as not known."""
    missing = sorted({"", *dictionary.missing, *field.missing} - {code for code, _ in field.codes})
    listed = ", ".join(literal(text) for text in missing)
    return f"CASE WHEN {quoted(column)} NOT IN ({listed}) THEN {quoted(column)} END"


def value_sql(field: Field, written: Written | None) -> str:
    """Return SQL for the typed value of a clean text; null where it cannot be read."""
    text = _ungrouped(field)
    match field.type:
        case FieldType.INTEGER:
            # Nearly all numbers read back as they were written; only the others are looked at closely.
            plain, whole = f"TRY_CAST({text} AS BIGINT)", f"TRY_CAST(TRY_CAST({text} AS DOUBLE) AS BIGINT)"
            usual = f"CAST({plain} AS VARCHAR) = {text} AND length({text}) <= 16"
            return f"CASE WHEN {usual} THEN {plain} WHEN regexp_full_match({text}, '{_WHOLE}') THEN {whole} END"
        case FieldType.NUMBER:
            pattern, bare = (_COMMA, f"replace({text}, ',', '.')") if field.decimal == "," else (_POINT, text)
            number = f"TRY_CAST({bare} AS DOUBLE)"
            usual = f"{number} IS NOT NULL AND CAST({number} AS VARCHAR) = {bare} AND isfinite({number})"
            if field.decimal == ",":
                usual = f"NOT contains({text}, '.') AND {usual}"
            odd = f"regexp_full_match({text}, '{pattern}') AND isfinite({number})"
            return f"CASE WHEN {usual} THEN {number} WHEN {odd} THEN {number} END"
        case FieldType.BOOLEAN:
            yes = ", ".join(literal(word) for word, true in _BOOLEANS.items() if true)
            no = ", ".join(literal(word) for word, true in _BOOLEANS.items() if not true)
            return f"CASE WHEN lower({text}) IN ({yes}) THEN true WHEN lower({text}) IN ({no}) THEN false END"
        case FieldType.DATE:
            parts = [sql_date(text, style) for style in styles_of(field, written)]
            return f"COALESCE({', '.join(parts)})" if parts else "CAST(NULL AS DATE)"
        case FieldType.DAY_NUMBER:
            if field.origin is None:
                return "CAST(NULL AS DATE)"
            is_whole = f"regexp_full_match({text}, '[+-]?[0-9]{{1,6}}(\\.0*)?')"
            whole = f"CASE WHEN {is_whole} THEN TRY_CAST({text} AS DOUBLE) END"
            return f"CAST(DATE '{field.origin.isoformat()}' + CAST({whole} AS INTEGER) AS DATE)"
    return text


def _ungrouped(field: Field) -> str:
    """Return SQL for the clean text without the signs between thousands that the dictionary allows."""
    text = text_of(field.name)
    if not field.thousands or field.type not in (FieldType.INTEGER, FieldType.NUMBER):
        return text
    sign = "[ \u00a0\u202f]" if field.thousands == " " else f"[{field.thousands}]"
    grouped = f"regexp_full_match({text}, '[+-]?[0-9]{{1,3}}({sign}[0-9]{{3}})+([{field.decimal}][0-9]*)?')"
    return f"(CASE WHEN {grouped} THEN regexp_replace({text}, '{sign}', '', 'g') ELSE {text} END)"


def styles_of(field: Field, written: Written | None) -> list[DateStyle]:
    """Return the date styles that count for a column: those declared, else the one that the file shows."""
    if field.formats:
        return [STYLES[name] for name in field.formats]
    return [written.style] if written and written.style else []
