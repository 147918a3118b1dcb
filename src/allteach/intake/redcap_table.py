"""Makes one of our tables of the questions of a REDCap project."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from allteach.errors import IntakeError
from allteach.intake import contract
from allteach.intake.branching import Asked, checkbox_column, condition
from allteach.intake.contract import Field, FieldType, Privacy, Role, Rule, TableDictionary
from allteach.intake.expression.parse import column_text
from allteach.intake.redcap import EVENT, GROUP, INSTANCE, Question, forms

DECORATION = ("descriptive", "file")
_MOST_STRATA = 12
_STANDARD_MISSING = ("NA", "N/A", "NULL", "null", "#N/A")
_DIRECT = re.compile(r"(email|phone|ssn|mrn|social_security|signature)", re.I)
_PLACE = re.compile(r"(zip|postal)", re.I)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a person wants of a REDCap project as one table.

    Args:
        name: Short name of the table.
        title: Words for people.
        forms: Instruments whose questions become columns; empty for all.
        repeating: The instrument whose repeats are the rows; empty: one row a record.
        longitudinal: Whether the project has events; then a row is one record at one event.
        site: The question, or ``redcap_data_access_group``, that says the site; empty in the project of
            one site.
        day: The question that says when.
        missing: The project's missing-data codes.
        free_text: Whether to keep note fields.
    """

    name: str
    title: str
    day: str
    forms: tuple[str, ...] = ()
    repeating: str = ""
    longitudinal: bool = False
    site: str = ""
    missing: tuple[str, ...] = ()
    free_text: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something of the REDCap dictionary that was left out or changed, and why."""

    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Made:
    """A table made of a REDCap dictionary.

    Args:
        dictionary: The table.
        notes: What did not come over as it was.
    """

    dictionary: TableDictionary
    notes: tuple[Note, ...]


def table(questions: Sequence[Question], selection: Selection) -> Made:
    """Return the table that a selection of questions makes, with notes of what did not come over.

    Raises:
        IntakeError: ``AT-I-061`` when an instrument or question is not there, ``AT-I-071`` when parts do not fit.
    """
    return _Making(questions, selection).made()


class _Making:
    """One table in the making."""

    def __init__(self, questions: Sequence[Question], selection: Selection) -> None:
        self.asked = selection
        self.notes: list[Note] = []
        self.rules: list[Rule] = []
        self.record = questions[0]
        self._need(forms(questions), (*selection.forms, *filter(None, (selection.repeating,))), "instrument")
        wanted = [q for q in questions if not selection.forms or q.form in selection.forms]
        pinned = [q for q in questions if q.name in (selection.site, selection.day)]
        self.questions = list(dict.fromkeys([self.record, *pinned, *wanted]))
        names = [question.name for question in questions]
        self._need((*names, GROUP), tuple(filter(None, (selection.site, selection.day))), "question")

    def _need(self, known: Sequence[str], wanted: Sequence[str], what: str) -> None:
        for name in wanted:
            if name not in known:
                raise IntakeError(
                    "AT-I-061", f'The REDCap project has no {what} "{name}".', do=f"Choose another {what}."
                )

    def made(self) -> Made:
        columns = [self._record()]
        if self.asked.longitudinal:
            columns.append(Field(EVENT, title="Event", required=True))
        if self.asked.repeating:
            columns.append(Field(INSTANCE, FieldType.INTEGER, title="Number of the repeat", required=True, minimum=1))
        if self.asked.site == GROUP:
            columns.append(Field(GROUP, title="Data access group", role=Role.SITE, required=True))
        self.fields: dict[str, list[Field]] = {}
        for question in self.questions[1:]:
            self.fields[question.name] = self._columns(question)
        columns += [column for some in self.fields.values() for column in some]
        ask = {
            c.name: Asked(c.kind, tuple(code for code, _ in c.codes))
            for c in columns
            # of a site the label is kept in place of the code, and what identifies persons never comes
            if c.role is not Role.SITE and c.privacy is not Privacy.DIRECT
        }
        for question in self.questions[1:]:
            self._require(question, ask)
        key = tuple(c.name for c in columns if c.name in (self.record.name, INSTANCE, EVENT))
        made = TableDictionary(
            name=self.asked.name,
            title=self.asked.title,
            description="One row for each "
            + (f"repeat of {self.asked.repeating}." if self.asked.repeating else "record.")
            + " Made from the data dictionary of a REDCap project.",
            fields=tuple(self._with_required(column) for column in columns),
            key=() if columns[0].privacy is Privacy.DIRECT else key,
            rules=tuple(self.rules),
            missing=tuple(dict.fromkeys((*_STANDARD_MISSING, *self.asked.missing))),
        )
        return Made(contract.from_plain(contract.to_plain(made)), tuple(self.notes))

    def _record(self) -> Field:
        privacy = Privacy.DIRECT if self.record.identifying else Privacy.LIMITED
        if privacy is Privacy.DIRECT:
            self._note(self.record.name, "It identifies persons, so it is not stored and rows have no key.")
        return Field(self.record.name, title=self.record.label, role=Role.RECORD, required=True, privacy=privacy)

    def _note(self, column: str, why: str) -> None:
        self.notes.append(Note(column, why))

    def _columns(self, question: Question) -> list[Field]:
        """Return the columns that a question is exported as; none where it holds nothing to keep."""
        if question.type in DECORATION:
            return []
        if question.type == "notes" and not self.asked.free_text:
            self._note(question.name, "Free text is left out: it may hold names.")
            return []
        if question.type == "checkbox":
            return [
                Field(
                    checkbox_column(question.name, code),
                    FieldType.BOOLEAN,
                    title=f"{question.label}: {label}"[:200],
                    role=Role.EVENT,
                    privacy=self._privacy(question, FieldType.BOOLEAN),
                )
                for code, label in question.choices
            ]
        column = self._limits(question, self._plain_column(question))
        if question.name == self.asked.day and column.type is not FieldType.DATE:
            raise IntakeError("AT-I-061", f'"{question.name}" is not a date in REDCap, so it cannot say when.')
        return [column]

    def _plain_column(self, question: Question) -> Field:
        kind = _type_of(question)
        slider = question.type == "slider"
        site, day = question.name == self.asked.site, question.name == self.asked.day
        role = Role.SITE if site else Role.DATE if day else _role_of(kind, question)
        if site:
            kind = FieldType.TEXT  # sites are told by name; a door brings the label of the choice
        return Field(
            question.name,
            kind,
            title=question.label[:200],
            description=question.note,
            role=role,
            codes=question.choices if kind is FieldType.CODE else (),
            privacy=self._privacy(question, kind),
            formats=("YYYY-MM-DD",) if kind is FieldType.DATE else (),
            minimum=0 if slider else None,
            maximum=100 if slider else None,
            decimal="," if "comma" in question.validation else ".",
            future=kind is FieldType.DATE and not day and question.maximum not in ("today", "now"),
        )

    def _privacy(self, question: Question, kind: FieldType) -> Privacy:
        needed = question.name in (self.asked.site, self.asked.day)
        if needed and question.identifying:
            self._note(question.name, "REDCap marks it as identifying; it is kept because the table needs it.")
        if not needed and (question.identifying or _DIRECT.search(question.validation)):
            return Privacy.DIRECT
        near = kind is FieldType.DATE or _PLACE.search(question.validation) or question.type == "notes"
        return Privacy.LIMITED if near else Privacy.OPEN

    def _limits(self, question: Question, column: Field) -> Field:
        """Return the column with the smallest and largest value; of dates they become rules."""
        for end, text in (("minimum", question.minimum), ("maximum", question.maximum)):
            if not text or (end == "maximum" and text in ("today", "now")):
                continue
            try:
                if column.type in (FieldType.INTEGER, FieldType.NUMBER):
                    number = float(text.replace(",", "."))
                    least = end == "minimum"
                    column = replace(column, minimum=number) if least else replace(column, maximum=number)
                elif column.type is FieldType.DATE:
                    self._date_rule(column, end, date.fromisoformat(text[:10]))
                else:
                    self._note(question.name, f"The {end} {text} has no meaning for this kind of column.")
            except ValueError:
                self._note(question.name, f"The {end} {text} is not a fixed value, so it is not checked.")
        return column

    def _date_rule(self, column: Field, end: str, day: date) -> None:
        sign, word = (">=", "before") if end == "minimum" else ("<=", "after")
        must = f'{column_text(column.name)} {sign} date "{day.isoformat()}"'
        message = f"{column.label} is not {word} {day.isoformat()}."
        self.rules.append(Rule(f"{column.name}-{end}", must, message, column=column.name))

    def _require(self, question: Question, ask: Mapping[str, Asked]) -> None:
        """Say when an answer is needed: always, or by a rule where it is asked only under a condition."""
        columns = [column for column in self.fields[question.name] if column.privacy is not Privacy.DIRECT]
        if not question.required or not columns:
            return
        if question.type == "checkbox":
            present = " or ".join(column_text(column.name) for column in columns)
        else:
            present = f"{column_text(question.name)} is present"
        if not question.logic:
            if question.type == "checkbox":
                self._needed(question, present, columns)
            return
        shown = condition(question.logic, ask)
        if shown is None:
            self._note(question.name, "Required only under a condition that cannot be said here, so it may be empty.")
        else:
            self._needed(question, f"not ({shown}) or {present}", columns)

    def _needed(self, question: Question, must: str, columns: list[Field]) -> None:
        message = f"An answer is needed here: {question.label or question.name}."
        self.rules.append(Rule(f"{question.name}-needed", must, message, column=columns[0].name))

    def _with_required(self, column: Field) -> Field:
        question = next((q for q in self.questions if q.name == column.name), None)
        if question is None or column.privacy is Privacy.DIRECT:
            return column
        always = (question.required and not question.logic) or question.name in (self.asked.day, self.asked.site)
        return replace(column, required=column.required or always)


def _type_of(question: Question) -> FieldType:
    match question.type:
        case "yesno" | "truefalse":
            return FieldType.BOOLEAN
        case "dropdown" | "radio" | "select" if question.choices:
            return FieldType.CODE
        case "calc":
            return FieldType.NUMBER
        case "slider":
            return FieldType.INTEGER
    validation = question.validation
    if validation.startswith("date"):
        return FieldType.DATE
    if validation in ("integer", "int"):
        return FieldType.INTEGER
    return FieldType.NUMBER if validation.startswith(("number", "float")) else FieldType.TEXT


def _role_of(kind: FieldType, question: Question) -> Role:
    if kind is FieldType.BOOLEAN:
        return Role.EVENT
    if kind is FieldType.CODE:
        return Role.STRATUM if len(question.choices) <= _MOST_STRATA else Role.OTHER
    return Role.VALUE if kind in (FieldType.INTEGER, FieldType.NUMBER) else Role.OTHER
