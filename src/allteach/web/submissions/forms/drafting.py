"""Writing a data dictionary: the table itself, one column, one rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.errors import IntakeError
from allteach.intake import contract
from allteach.intake.contract import Field, FieldType, Privacy, Role, Rule, TableDictionary
from allteach.intake.dates import STYLES
from allteach.intake.findings import Severity
from allteach.web.submissions import wording

PRIVACY = [
    (Privacy.OPEN.value, _("Open: says nothing about one person")),
    (Privacy.LIMITED.value, _("Limited: dates, ages, places, a number that the site can trace")),
    (Privacy.DIRECT.value, _("Identifies a person: checked, never stored")),
]
SEVERITIES = [
    (Severity.HOLD.value, _("Hold the row back until it is corrected")),
    (Severity.WARN.value, _("Keep the row and ask to look at it")),
]
LONG = forms.Textarea(attrs={"rows": 3})


class StartForm(forms.Form):
    """A new table with nothing in it."""

    title = forms.CharField(
        label=_("Name of the table"),
        max_length=120,
        help_text=_("What one row stands for. For example: Clinic visits."),
    )

    def dictionary(self) -> TableDictionary:
        """Return a table without columns."""
        return empty_table(self.cleaned_data["title"])


def empty_table(title: str) -> TableDictionary:
    """Return a table of this name without columns."""
    return TableDictionary(name=slugify(title)[:60] or "table", title=title, fields=())


class AboutForm(forms.Form):
    """The table itself."""

    title = forms.CharField(label=_("Name of the table"), max_length=120)
    description = forms.CharField(
        label=_("What one row stands for"), required=False, widget=LONG,
        help_text=_("Which cases belong here and which do not, and when a row is written."),
    )  # fmt: skip
    grain = forms.ChoiceField(
        label=_("Length of a period"), choices=list(wording.GRAINS.items()),
        help_text=_("A file speaks for whole periods of this length."),
    )  # fmt: skip
    key = forms.MultipleChoiceField(
        label=_("Columns that together name a row"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("No two rows may share them. With such columns single rows can be corrected and typed in."),
    )  # fmt: skip
    missing = forms.CharField(
        label=_("Texts that mean “not known”"),
        required=False,
        help_text=_("Besides an empty cell; with commas between."),
    )
    sources = forms.CharField(
        label=_("Where the definitions come from"), required=False, widget=LONG, help_text=_("One source a line.")
    )

    def __init__(self, *args: Any, dictionary: TableDictionary, **kwargs: Any) -> None:
        self.before = dictionary
        initial = {
            "title": dictionary.title,
            "description": dictionary.description,
            "grain": dictionary.grain,
            "key": list(dictionary.key),
            "missing": ", ".join(dictionary.missing),
            "sources": "\n".join(dictionary.sources),
        }
        super().__init__(*args, **{"initial": initial} | kwargs)
        columns = [(f.name, f.label) for f in dictionary.fields if f.privacy is not Privacy.DIRECT]
        _choices(self, "key", columns)

    def dictionary(self) -> TableDictionary:
        """Return the table with the answers."""
        said = self.cleaned_data
        order = [field.name for field in self.before.fields]
        return replace(
            self.before,
            title=said["title"],
            description=said["description"].strip(),
            grain=said["grain"],
            key=tuple(sorted(said["key"], key=order.index)),
            missing=_words(said["missing"]),
            sources=_lines(said["sources"]),
        )


class ColumnForm(forms.Form):
    """One column, in groups: what it is, what it holds, numbers, dates, codes, privacy, more."""

    name = forms.CharField(
        label=_("Short name"), max_length=60, help_text=_("As in the header of a file. For example: visit_date.")
    )
    title = forms.CharField(label=_("Words for people"), max_length=160, required=False)
    description = forms.CharField(
        label=_("Help text"), required=False, widget=LONG,
        help_text=_("What exactly is meant, when it is written, and where to find it. Forms and templates show it."),
    )  # fmt: skip
    type = forms.ChoiceField(label=_("Holds"), choices=list(wording.TYPES.items()))
    role = forms.ChoiceField(label=_("Used as"), choices=list(wording.ROLES.items()), initial=Role.OTHER.value)
    required = forms.BooleanField(label=_("Every row needs it"), required=False)
    privacy = forms.ChoiceField(label=_("How close it comes to a person"), choices=PRIVACY)
    codes = forms.CharField(
        label=_("Codes"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For a column that holds one of a list. One a line: code = what it means."),
    )  # fmt: skip
    event = forms.CharField(
        label=_("Which codes count"), required=False,
        help_text=_("For a result that happened or not; with commas between."),
    )  # fmt: skip
    minimum = forms.FloatField(label=_("Smallest"), required=False)
    maximum = forms.FloatField(label=_("Largest"), required=False)
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False, help_text=_("For example: days, kg."))
    at_most = forms.ChoiceField(label=_("Not more than the column"), required=False)
    decimal = forms.ChoiceField(
        label=_("Decimal sign"), choices=[(".", _("a point: 3.5")), (",", _("a comma: 3,5"))], required=False
    )
    thousands = forms.ChoiceField(
        label=_("Sign between thousands"), required=False,
        choices=[("", _("none")), (",", _("a comma")), (".", _("a point")), ("space", _("a space"))],
    )  # fmt: skip
    formats = forms.MultipleChoiceField(
        label=_("Ways to write the date"), required=False, choices=[(name, name) for name in STYLES],
        widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: the file decides where there is no doubt."),
    )  # fmt: skip
    origin = forms.DateField(
        label=_("Day 0"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("For numbers of days."),
    )  # fmt: skip
    future = forms.BooleanField(label=_("Days to come are allowed"), required=False)
    missing = forms.CharField(
        label=_("Texts that mean “not known” here"), required=False, help_text=_("With commas between.")
    )
    example = forms.CharField(label=_("Example"), max_length=120, required=False, help_text=_("Made up."))
    was = forms.CharField(
        label=_("Earlier names"), required=False,
        help_text=_("Older files and rows are read under these names. With commas between."),
    )  # fmt: skip

    GROUPS = (
        ("", _("What it is"), ("name", "title", "description", "type", "role", "required", "privacy")),
        ("codes", _("Codes"), ("codes", "event")),
        ("numbers", _("Numbers"), ("minimum", "maximum", "unit", "at_most", "decimal", "thousands")),
        ("dates", _("Dates"), ("formats", "origin", "future")),
        ("more", _("More"), ("missing", "example", "was")),
    )

    def __init__(self, *args: Any, dictionary: TableDictionary, column: Field | None, **kwargs: Any) -> None:
        self.table, self.before = dictionary, column
        super().__init__(*args, **{"initial": _said(column) if column else None} | kwargs)
        own = column.name if column else ""
        numbers = [
            (f.name, f.label)
            for f in dictionary.fields
            if f.type in (FieldType.INTEGER, FieldType.NUMBER) and f.name != own
        ]
        _choices(self, "at_most", [("", _t("no limit")), *numbers])

    def groups(self) -> list[tuple[str, Any, list[Any], bool]]:
        """Return the groups of the page: short name, heading, fields, and whether it stands open."""
        kind = self["type"].value()
        fitting = {
            FieldType.CODE: "codes", FieldType.INTEGER: "numbers", FieldType.NUMBER: "numbers",
            FieldType.DATE: "dates", FieldType.DAY_NUMBER: "dates",
        }.get(kind)  # fmt: skip
        out = []
        for short, heading, names in self.GROUPS:
            is_open = short == fitting or any(self[name].errors for name in names)
            out.append((short, heading, [self[name] for name in names], is_open))
        return out

    def clean(self) -> dict[str, Any]:
        """Refuse a column that contradicts itself or the table, in the words of the dictionary's own check."""
        said = super().clean() or {}
        if self.errors:
            return said
        own = self.before.name if self.before else ""
        if said["name"] != own and said["name"] in {field.name for field in self.table.fields}:
            self.add_error("name", _t("The table has a column of this name already."))
            return said
        if said["type"] == FieldType.DAY_NUMBER and not said["origin"]:
            self.add_error("origin", _t("Say which date day 0 was."))
            return said
        try:
            column = contract.field_from_plain(_plain(said))
            contract.check_field(column, self.with_column(column))
        except IntakeError as error:
            at = "codes" if said["type"] == FieldType.CODE and not said["codes"].strip() else None
            self.add_error(at, " ".join(part for part in (error.what, error.expected) if part))
        return said

    def column(self) -> Field:
        """Return the column that the answers describe."""
        return contract.field_from_plain(_plain(self.cleaned_data))

    def with_column(self, column: Field) -> TableDictionary:
        """Return the table with the column in its place; whatever named it follows a new name."""
        if self.before is None:
            return replace(self.table, fields=(*self.table.fields, column))
        old, new = self.before.name, column.name
        fields = tuple(column if field.name == old else field for field in self.table.fields)
        if old == new:
            return replace(self.table, fields=fields)
        fields = tuple(replace(field, at_most=new) if field.at_most == old else field for field in fields)
        key = tuple(new if name == old else name for name in self.table.key)
        rules = tuple(replace(rule, column=new) if rule.column == old else rule for rule in self.table.rules)
        return replace(self.table, fields=fields, key=key, rules=rules)


class RuleForm(forms.Form):
    """One rule over several columns, with the sentence that teaches."""

    must = forms.CharField(
        label=_("What has to hold"), widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A condition. Where it is false the rule is broken; where a value is missing it is not."),
    )  # fmt: skip
    message = forms.CharField(
        label=_("What the sender reads"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Say what has to hold and why. For example: Discharge cannot come before admission."),
    )  # fmt: skip
    fix = forms.CharField(
        label=_("What to do about it"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: Look both dates up in the record; most often the year is mistyped."),
    )  # fmt: skip
    column = forms.ChoiceField(label=_("Shown at the column"), required=False)
    severity = forms.ChoiceField(label=_("What happens to the row"), choices=SEVERITIES)

    def __init__(self, *args: Any, dictionary: TableDictionary, rule: Rule | None, **kwargs: Any) -> None:
        self.table, self.before = dictionary, rule
        names = ("must", "message", "fix", "column", "severity")
        initial = {name: getattr(rule, name) for name in names} if rule else {"severity": Severity.HOLD.value}
        super().__init__(*args, **{"initial": initial} | kwargs)
        _choices(self, "column", [("", _t("the whole row")), *((f.name, f.label) for f in dictionary.fields)])

    def clean(self) -> dict[str, Any]:
        """Refuse a condition that cannot be read, and say why."""
        said = super().clean() or {}
        if not self.errors:
            try:
                contract.check_rule(self._rule(said), self.table)
            except IntakeError as error:
                self.add_error("must", " ".join(part for part in (error.what, error.expected) if part))
        return said

    def with_rule(self) -> TableDictionary:
        """Return the table with the rule in its place."""
        made = self._rule(self.cleaned_data)
        if self.before is None:
            return replace(self.table, rules=(*self.table.rules, made))
        old = self.before.id
        return replace(self.table, rules=tuple(made if rule.id == old else rule for rule in self.table.rules))

    def _rule(self, said: Mapping[str, Any]) -> Rule:
        if self.before:
            name = self.before.id
        else:
            taken = {rule.id for rule in self.table.rules}
            stem = slugify(said["message"])[:40].strip("-") or "rule"
            name = next(n for n in (stem, *(f"{stem}-{at}" for at in range(2, 999))) if n not in taken)
        return Rule(
            id=name, must=said["must"].strip(), message=said["message"].strip(), fix=said["fix"].strip(),
            column=said["column"], severity=Severity(said["severity"]),
        )  # fmt: skip


class ReasonForm(forms.Form):
    """Why a version is released."""

    reason = forms.CharField(
        label=_("Why is there a new version?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Sites read this. For example: The steering group added the reason for a late visit."),
    )  # fmt: skip


def _choices(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _said(column: Field) -> dict[str, Any]:
    """Return a column as the answers of its form."""
    out = {name: getattr(column, name) for name in ColumnForm.base_fields}
    for name in ("event", "missing", "was"):
        out[name] = ", ".join(out[name])
    out["codes"] = "\n".join(f"{code} = {label}" if label else code for code, label in column.codes)
    out["formats"] = list(column.formats)
    out["thousands"] = "space" if column.thousands == " " else column.thousands
    return out


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as the plain words of a column; what does not belong to its type is left out."""
    out: dict[str, Any] = {name: said[name].strip() for name in ("name", "title", "description", "example")}
    out |= {name: said[name] for name in ("type", "role", "required", "privacy")}
    out |= {name: list(_words(said[name])) for name in ("missing", "was")}
    kind = FieldType(said["type"])
    if kind is FieldType.CODE:
        pairs = (line.partition("=") for line in _lines(said["codes"]))
        out["codes"] = {code.strip(): label.strip() for code, _sign, label in pairs if code.strip()}
    if said["role"] == Role.EVENT:
        out["event"] = list(_words(said["event"]))
    if kind in (FieldType.INTEGER, FieldType.NUMBER):
        out |= {name: said[name] for name in ("minimum", "maximum", "at_most") if said[name] not in (None, "")}
        out |= {"unit": said["unit"].strip(), "decimal": said["decimal"] or "."}
        out["thousands"] = " " if said["thousands"] == "space" else said["thousands"]
    if kind is FieldType.DATE:
        out["formats"] = list(said["formats"])
    if kind is FieldType.DAY_NUMBER:
        out["origin"] = said["origin"]
    if kind in (FieldType.DATE, FieldType.DAY_NUMBER):
        out["future"] = said["future"]
    return out
