"""Reads REDCap's data dictionary into questions. What a table makes of them is in `redcap_table`.

Source: the column names and field types of a REDCap data dictionary as downloaded (CSV) or exported by its API
(metadata).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allteach.errors import IntakeError

GROUP, INSTANCE, INSTRUMENT, EVENT = (
    "redcap_data_access_group", "redcap_repeat_instance", "redcap_repeat_instrument", "redcap_event_name",
)  # fmt: skip
# as in the downloaded file, and as the API calls the same
_HEADINGS = {
    "Variable / Field Name": "field_name",
    "Form Name": "form_name",
    "Field Type": "field_type",
    "Field Label": "field_label",
    "Choices, Calculations, OR Slider Labels": "select_choices_or_calculations",
    "Field Note": "field_note",
    "Text Validation Type OR Show Slider Number": "text_validation_type_or_show_slider_number",
    "Text Validation Min": "text_validation_min",
    "Text Validation Max": "text_validation_max",
    "Identifier?": "identifier",
    "Branching Logic (Show field only if...)": "branching_logic",
    "Required Field?": "required_field",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a REDCap data dictionary.

    Args:
        name: Variable name.
        form: Its instrument.
        type: ``text``, ``notes``, ``dropdown``, ``radio``, ``checkbox``, ``yesno``, ``truefalse``, ``calc``,
            ``slider``, ``sql``, ``file`` or ``descriptive``.
        label: Words for people, without mark-up.
        choices: Code and label of each choice.
        note: The field note.
        validation: Such as ``date_ymd`` or ``integer``.
        minimum: As written; may be empty.
        maximum: As written; may be empty.
        identifying: Whether REDCap marks it as identifying persons.
        logic: Branching logic.
        required: Whether an answer is required when it is shown.
    """

    name: str
    form: str
    type: str
    label: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    note: str = ""
    validation: str = ""
    minimum: str = ""
    maximum: str = ""
    identifying: bool = False
    logic: str = ""
    required: bool = False


def read(content: bytes) -> tuple[Question, ...]:
    """Return the questions of a downloaded data dictionary (CSV).

    Raises:
        IntakeError: ``AT-I-060`` when this is no REDCap data dictionary.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    names = {heading: _HEADINGS.get(heading.strip(), heading.strip()) for heading in rows.fieldnames or ()}
    if not {"field_name", "form_name", "field_type"} <= set(names.values()):
        raise _no_dictionary("The first row does not have REDCap's headings.")
    try:
        return of_metadata([{names[k]: v or "" for k, v in row.items() if k in names} for row in rows])
    except csv.Error:
        raise _no_dictionary("Its rows cannot be read.") from None


def of_metadata(items: Sequence[Mapping[str, str]]) -> tuple[Question, ...]:
    """Return the questions of what REDCap's API calls metadata.

    Raises:
        IntakeError: ``AT-I-060`` when there are none.
    """
    found = tuple(_question(item) for item in items if item.get("field_name", "").strip())
    if not found:
        raise _no_dictionary("It holds no question.")
    return found


def forms(questions: Sequence[Question]) -> tuple[str, ...]:
    """Return the instruments, in order."""
    return tuple(dict.fromkeys(question.form for question in questions))


def missing_codes(text: str) -> tuple[str, ...]:
    """Return the codes of a project's missing-data codes, one a line or separated by bars.

    Example:
        >>> missing_codes("NI, No information | UNK, Unknown")
        ('NI', 'UNK')
    """
    return tuple(code for code, _label in _choices(text.replace("\n", "|")))


def _no_dictionary(why: str) -> IntakeError:
    return IntakeError(
        "AT-I-060", f"This is not a data dictionary of REDCap. {why}",
        expected="The CSV file that REDCap gives under Project Setup, Data Dictionary, Download.",
        do="Download it again and send that file, not the records.",
    )  # fmt: skip


def _question(item: Mapping[str, str]) -> Question:
    def said(key: str) -> str:
        return str(item.get(key) or "").strip()

    kind = said("field_type").lower()
    choices = said("select_choices_or_calculations")
    return Question(
        name=said("field_name"),
        form=said("form_name"),
        type=kind,
        label=_plain(said("field_label")),
        choices=_choices(choices) if kind in ("dropdown", "radio", "checkbox", "select") else (),
        note=_plain(said("field_note")),
        validation=said("text_validation_type_or_show_slider_number").lower(),
        minimum=said("text_validation_min"),
        maximum=said("text_validation_max"),
        identifying=said("identifier").lower() == "y",
        logic=said("branching_logic"),
        required=said("required_field").lower() == "y",
    )


def _choices(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition(",") for part in text.split("|"))
    return tuple((code.strip(), _plain(label)) for code, _comma, label in pairs if code.strip())


def _plain(text: str) -> str:
    return " ".join(re.sub(r"<[^<>]*>", " ", text).split())
