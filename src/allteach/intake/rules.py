"""Compiles the fields of a data dictionary into checks: DuckDB SQL over columns that are still all text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from allteach.intake.contract import Field, FieldType, Role, TableDictionary
from allteach.intake.dates import EXCEL_RANGE, STYLES, TWINS, Written, sql_date
from allteach.intake.expression import columns
from allteach.intake.findings import Severity
from allteach.intake.values import literal, styles_of, text_of, value_of

OLDEST = date(1900, 1, 1)
_LEAKS = (
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
    r"(^|[^0-9])[0-9]{3}-[0-9]{2}-[0-9]{4}([^0-9]|$)",
    r"(^|[^0-9])[0-9]{6}-[0-9]{4}([^0-9]|$)",
    r"\+[0-9]{1,3}[ -]?[0-9][0-9 -]{6,}",
)


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that is true for rows that break a rule.

    Args:
        code: Stable code of the finding.
        severity: What it means for the row.
        column: The column as the sender calls it.
        broken: SQL over the prepared columns.
        guard: Cheaper SQL that is true wherever `broken` is; only rows it picks are looked at more closely.
        message: Why.
        fix: What to do.
    """

    code: str
    severity: Severity
    column: str
    broken: str
    message: str
    fix: str
    guard: str = ""


def _hold(code: str, column: str, broken: str, message: str, fix: str, guard: str = "") -> Check:
    return Check(code, Severity.HOLD, column, broken, message, fix, guard)


def field_checks(field: Field, written: Written | None, sent_on: date) -> list[Check]:
    """Return the checks of one column that is present in the file."""
    text, value = text_of(field.name), value_of(field.name)
    unread = f"({text} IS NOT NULL AND {value} IS NULL)"
    formula = f"starts_with({text}, '=')"
    hash_sign = f"starts_with({text}, '#')"
    spoilt = f"({hash_sign} AND regexp_matches({text}, '^#(REF|DIV/0|VALUE|NAME|NULL|NUM|SPILL|CALC)'))"
    checks = [
        _hold(
            "AT-I-028",
            field.name,
            formula,
            "The cell holds a formula in place of a value.",
            "Replace formulas by their values and send the file again.",
        ),
        _hold(
            "AT-I-030",
            field.name,
            spoilt,
            "The cell holds an error message of the spreadsheet program.",
            "Mend the formula behind it, or leave the cell empty.",
            hash_sign,
        ),
    ]
    if field.required:
        empty, missing = f"{text} IS NULL", f"{field.label} is missing."
        checks.append(_hold("AT-I-031", field.name, empty, missing, "Fill in the cell; every row needs it."))
    checks += _type_checks(field, unread, f"NOT ({formula}) AND NOT ({spoilt})", written)
    if field.type in (FieldType.DATE, FieldType.DAY_NUMBER):
        checks += _day_checks(field, sent_on)
    return [replace(check, guard=unread) if check.broken.startswith(unread) else check for check in checks]


def _type_checks(field: Field, unread: str, usual: str, written: Written | None) -> list[Check]:
    """Return the checks that follow from the type of a column."""
    broken = f"{unread} AND {usual}"
    match field.type:
        case FieldType.DATE:
            # Where the style is in doubt the whole file waits for somebody to say which it is.
            return [] if written and written.twins else _date_checks(field, broken, written)
        case FieldType.INTEGER | FieldType.NUMBER:
            return _number_checks(field, broken)
        case FieldType.DAY_NUMBER:
            fix = f"Write the days since {field.origin}, such as 12."
            return [_hold("AT-I-048", field.name, broken, "This is not a whole number of days.", fix)]
        case FieldType.BOOLEAN:
            fix = "Write yes or no (true and false, 1 and 0 work too)."
            return [_hold("AT-I-038", field.name, broken, "This is neither yes nor no.", fix)]
        case FieldType.CODE:
            return _code_checks(field, usual)
        case FieldType.TEXT:
            return _text_checks(field)


def _date_checks(field: Field, unread: str, written: Written | None) -> list[Check]:
    text, name = text_of(field.name), field.name
    day_count = f"regexp_full_match({text}, '[0-9]{{5}}(\\.[0-9]+)?')"
    serial = f"{day_count} AND TRY_CAST({text} AS DOUBLE) BETWEEN {EXCEL_RANGE[0]} AND {EXCEL_RANGE[1]}"
    used = styles_of(field, written)
    # A style that could be mistaken for one in use reads 13/02 but not 03/04: such a column holds two styles.
    twins = {twin for pair in TWINS for twin in pair if {style.name for style in used} & pair}
    others = [sql_date(text, style) for key, style in STYLES.items() if style not in used and key != "YYYY"]
    elsewhere = f"COALESCE({', '.join(others)}) IS NOT NULL"
    wanted = " or ".join(style.name for style in used) or "one style, such as YYYY-MM-DD"
    doubt = " Dates such as 03/04/2024 in this column may be meant either way." if twins else ""
    return [
        _hold(
            "AT-I-025",
            name,
            f"{unread} AND {serial}",
            "This is a spreadsheet's day count, not a date.",
            "Format the column as a date (YYYY-MM-DD) in the spreadsheet and save it again.",
        ),
        _hold(
            "AT-I-023",
            name,
            f"{unread} AND NOT ({serial}) AND {elsewhere}",
            f"The date is written in another style than expected.{doubt}",
            f"Write it as {wanted}.",
        ),
        _hold(
            "AT-I-021",
            name,
            f"{unread} AND NOT ({serial}) AND NOT ({elsewhere})",
            "This is not a date that exists, or it cannot be read.",
            f"Write it as {wanted}.",
        ),
    ]


def _day_checks(field: Field, sent_on: date) -> list[Check]:
    value, name = value_of(field.name), field.name
    checks = [_hold("AT-I-027", name, f"{value} < DATE '{OLDEST}'", "The date is before 1900.", "Check the year.")]
    if not field.future:
        checks.append(
            _hold(
                "AT-I-024",
                name,
                f"{value} > DATE '{sent_on.isoformat()}'",
                "The date is after the day the file was sent.",
                "Check the year and the month.",
            )
        )
    return checks


def _number_checks(field: Field, unread: str) -> list[Check]:
    text, value, name = text_of(field.name), value_of(field.name), field.name
    sign, other = ("a comma", "a point") if field.decimal == "," else ("a point", "a comma")
    grouped = f"regexp_full_match({text}, '[+-]?[0-9]{{1,3}}([., \u00a0''][0-9]{{3}})*[.,]?[0-9]*')"
    mixed = f"{grouped} AND regexp_matches({text}, '[., \u00a0'']')"
    if field.type is FieldType.INTEGER:
        fraction = f"regexp_full_match({text}, '[+-]?[0-9]+\\.[0-9]+')"
        mixed = f"NOT ({fraction}) AND {mixed}"
    wanted = "a whole number" if field.type is FieldType.INTEGER else f"a number with {sign} as decimal sign"
    checks = [
        _hold(
            "AT-I-032",
            name,
            f"{unread} AND {mixed}",
            f"The number is written with {other} or with separators for thousands, so its size is in doubt.",
            f"Write {wanted}, without separators for thousands.",
        ),
        _hold("AT-I-029", name, f"{unread} AND NOT ({mixed})", f"This is not {wanted}.", f"Write {wanted}."),
    ]
    counted = field.role in (Role.NUMERATOR, Role.DENOMINATOR) and (field.minimum is None or field.minimum >= 0)
    negative = f"{value} < 0"
    if counted:
        checks.append(_hold("AT-I-034", name, negative, "A count cannot be negative.", "Correct the number."))
    span = [f"{value} < {field.minimum!r}"] * (field.minimum is not None)
    span += [f"{value} > {field.maximum!r}"] * (field.maximum is not None)
    if span:
        allowed = _range_words(field)
        unless = f" AND NOT ({negative})" if counted else ""
        checks.append(
            _hold(
                "AT-I-033",
                name,
                f"({' OR '.join(span)}){unless}",
                f"The number is not {allowed}.",
                "Check the number and its unit.",
            )
        )
    return checks


def _range_words(field: Field) -> str:
    unit = f" {field.unit}" if field.unit else ""
    if field.minimum is None:
        return f"at most {field.maximum:g}{unit}"
    if field.maximum is None:
        return f"at least {field.minimum:g}{unit}"
    return f"between {field.minimum:g} and {field.maximum:g}{unit}"


def _code_checks(field: Field, usual: str) -> list[Check]:
    text, name = text_of(field.name), field.name
    listed = ", ".join(literal(code) for code, _ in field.codes)
    folded = ", ".join(literal(code.casefold()) for code, _ in field.codes)
    unknown = f"{text} IS NOT NULL AND {text} NOT IN ({listed}) AND {usual}"
    shown = ", ".join(code for code, _ in field.codes[:12]) + (" and others" if len(field.codes) > 12 else "")
    return [
        _hold(
            "AT-I-037",
            name,
            f"{unknown} AND lower({text}) IN ({folded})",
            "The code differs from an allowed one in capital letters only.",
            f"Use exactly: {shown}.",
        ),
        _hold(
            "AT-I-036",
            name,
            f"{unknown} AND lower({text}) NOT IN ({folded})",
            "This code is not in the list for this column.",
            f"Use one of: {shown}.",
        ),
    ]


def _text_checks(field: Field) -> list[Check]:
    if field.role is Role.SITE:
        return []
    text = text_of(field.name)
    guard = f"(contains({text}, '@') OR contains({text}, '-') OR contains({text}, '+'))"
    leak = f"regexp_matches({text}, '{'|'.join(f'({pattern})' for pattern in _LEAKS)}')"
    return [
        Check(
            "AT-I-050",
            Severity.WARN,
            field.name,
            leak,
            "The text may hold an e-mail address, a telephone number or a personal number.",
            "Look at these cells; identifying details must not be sent here.",
            guard,
        ),
    ]


def table_checks(dictionary: TableDictionary, present: Collection[str], sites: Collection[str] | None) -> list[Check]:
    """Return the checks over several columns, and of the site."""
    checks = []
    for field in dictionary.fields:
        if field.at_most and {field.name, field.at_most} <= set(present):
            above = f"{value_of(field.name)} > {value_of(field.at_most)}"
            limit = dictionary.field(field.at_most).label
            checks.append(
                _hold(
                    "AT-I-035",
                    field.name,
                    above,
                    f"{field.label} is larger than {limit}.",
                    "Check both numbers; a part cannot be larger than its whole.",
                )
            )
    checks += _own_rules(dictionary, present)
    site = dictionary.site
    if site and sites is not None and site.name in present:
        listed = ", ".join(literal(code) for code in sites) or "''"
        checks.append(
            _hold(
                "AT-I-045",
                site.name,
                f"{text_of(site.name)} NOT IN ({listed})",
                "The network has no site of this name.",
                "Use the site's code as in the list of sites, or ask the network's lead to add it.",
            )
        )
    return checks


def _own_rules(dictionary: TableDictionary, present: Collection[str]) -> list[Check]:
    """Return the rules that the dictionary itself writes down, as far as their columns are there."""
    if not dictionary.rules:
        return []
    # Here, not above: the printer of SQL takes a while to load.
    from sqlglot import exp

    from allteach.intake.expression.sql import Printer

    printer = Printer(dictionary.kinds, columns={name: exp.column(f"v:{name}", quoted=True) for name in present})
    checks = []
    for rule in dictionary.rules:
        used = columns(rule.condition)
        if used <= set(present):
            broken = f"NOT ({printer.text(rule.condition)})"
            column = rule.column or ", ".join(sorted(used))
            checks.append(Check("AT-I-039", rule.severity, column, broken, rule.message, rule.fix))
    return checks
