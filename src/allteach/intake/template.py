"""Makes the empty file that sites fill in, with made-up example rows, from the data dictionary."""

from __future__ import annotations

import csv as csv_module
import io
from datetime import date, timedelta

from allteach.intake.contract import Field, FieldType, Role, TableDictionary
from allteach.intake.dates import STYLES
from allteach.intake.describe import allowed_words
from allteach.intake.expression import columns, evaluate
from allteach.intake.typed import typed

_EXAMPLE_DAY = date(2024, 3, 14)


def example_rows(dictionary: TableDictionary, count: int = 2) -> list[dict[str, str]]:
    """Return made-up rows that pass the checks of the dictionary.

    Args:
        dictionary: The table.
        count: How many rows.
    """
    rows = ({field.name: _example(field, dictionary, at) for field in dictionary.fields} for at in range(count))
    return [_keeping_rules(row, dictionary) for row in rows]


def _keeping_rules(row: dict[str, str], dictionary: TableDictionary) -> dict[str, str]:
    """Return a made-up row with values left out that rules between columns do not allow beside the others."""
    for rule in dictionary.rules:
        for name in sorted(columns(rule.condition), key=lambda name: name != rule.column):
            values = {field.name: typed(field, row[field.name]) for field in dictionary.fields}
            if evaluate(rule.condition, values) is not False:
                break
            if not dictionary.field(name).required and name not in dictionary.key:
                row = row | {name: ""}
    return row


def csv(dictionary: TableDictionary, *, examples: bool = False) -> bytes:
    """Return the template as CSV in UTF-8, marked so that spreadsheet programs read its letters right.

    Args:
        dictionary: The table.
        examples: With two made-up rows, to be written over.
    """
    out = io.StringIO(newline="")
    writer = csv_module.DictWriter(out, [field.name for field in dictionary.fields], lineterminator="\r\n")
    writer.writeheader()
    if examples:
        writer.writerows(example_rows(dictionary))
    return out.getvalue().encode("utf-8-sig")


def xlsx(dictionary: TableDictionary, *, examples: bool = False) -> bytes:
    """Return the template as a workbook: a sheet to fill in, with lists to choose codes from, and one that explains it.

    Args:
        dictionary: The table.
        examples: With two made-up rows, to be written over.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Data"
    sheet.append([field.name for field in dictionary.fields])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for at, field in enumerate(dictionary.fields, 1):
        _prepare_column(sheet, at, field)
    if examples:
        for row in example_rows(dictionary):
            sheet.append(list(row.values()))
    about = book.create_sheet("Columns")
    about.append(["Column", "What it holds", "Needed", "Allowed", "Meaning"])
    for field in dictionary.fields:
        needed = "yes" if field.required else "no"
        about.append([field.name, field.label, needed, allowed_words(field), field.description])
    for cell in about[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDE", (24, 36, 9, 44, 70), strict=True):
        about.column_dimensions[letter].width = width
    for cells in about.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _prepare_column(sheet, at: int, field: Field) -> None:  # type: ignore[no-untyped-def]
    """Give a column of the sheet a format that keeps what people type, and a list where it holds codes."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(at)
    sheet.column_dimensions[letter].width = max(12, len(field.name) + 2)
    if field.type in (FieldType.TEXT, FieldType.CODE):
        # Text cells keep leading zeros and do not turn "1-2" into a date.
        sheet.column_dimensions[letter].number_format = "@"
    elif field.type is FieldType.DATE:
        sheet.column_dimensions[letter].number_format = "yyyy-mm-dd"
    choices = ",".join(code for code, _ in field.codes) or ("yes,no" if field.type is FieldType.BOOLEAN else "")
    if choices and len(choices) <= 250 and '"' not in choices:
        chooser = DataValidation(type="list", formula1=f'"{choices}"', allow_blank=not field.required)
        sheet.add_data_validation(chooser)
        chooser.add(f"{letter}2:{letter}5000")


def _example(field: Field, dictionary: TableDictionary, at: int) -> str:
    if field.example and at == 0:
        return field.example
    match field.type:
        case FieldType.CODE:
            codes = [code for code, _ in field.codes]
            return codes[at % len(codes)]
        case FieldType.BOOLEAN:
            return ("yes", "no")[at % 2]
        case FieldType.DATE:
            first = field.role is Role.PERIOD
            # Later dates of a row come later in the table's order, so that rules about order hold.
            shift = [f.name for f in dictionary.fields if f.type is FieldType.DATE].index(field.name)
            day = date(2024, 1 + at % 12, 1) if first else _EXAMPLE_DAY + timedelta(days=30 * at + shift)
            style = STYLES[field.formats[0]] if field.formats else STYLES["YYYY-MM-DD"]
            return day.strftime(style.code) if style.code else f"{day.year}-Q{(day.month + 2) // 3}"
        case FieldType.DAY_NUMBER:
            return str(10 + at)
        case FieldType.INTEGER | FieldType.NUMBER:
            return _example_number(field, dictionary, at)
    usual = field.example or (f"example {at + 1}" if field.required else "")
    return {Role.SITE: "SITE01", Role.RECORD: f"R{at + 1:03d}"}.get(field.role, usual)


def _example_number(field: Field, dictionary: TableDictionary, at: int) -> str:
    if field.at_most:
        return "0"
    low = field.minimum if field.minimum is not None else 0.0
    high = field.maximum if field.maximum is not None else max(low + 100.0, 100.0)
    value = low + (high - low) * (0.3 + 0.1 * (at % 5))
    text = str(round(value)) if field.type is FieldType.INTEGER else f"{value:.1f}"
    return text.replace(".", field.decimal)
