"""One case as a form. The form asks; the check of files answers, so that both say the same in the same words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.intake import needed
from allteach.intake.contract import Field, FieldType, Privacy, Role, TableDictionary
from allteach.intake.dates import STYLES
from allteach.intake.findings import Finding, Severity
from allteach.intake.typed import typed
from allteach.web.sites.models import Site
from allteach.web.submissions import wording
from allteach.web.submissions.models import Table


def can_be_filled(dictionary: TableDictionary) -> bool:
    """Return whether cases of this table can be typed in: rows have a name, so that one can be added or corrected."""
    return bool(dictionary.key and dictionary.time and not dictionary.with_role(Role.NUMERATOR))


def asked(dictionary: TableDictionary) -> list[Field]:
    """Return the columns that a form asks for: not the site, which is known, and nothing that identifies a person."""
    return [f for f in dictionary.fields if f.role is not Role.SITE and f.privacy is not Privacy.DIRECT]


class CasePlaceForm(forms.Form):
    """Which table and site a case belongs to."""

    table = forms.ChoiceField(label=_("Table"))
    site = forms.ChoiceField(label=_("Site"))

    def __init__(self, *args: Any, tables: Sequence[Table], sites: Sequence[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("table", [(table.slug, table.name) for table in tables]),
            ("site", [(site.code, site.name) for site in sites]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the page.

    Args:
        id: Short name for the page.
        field: The column.
        bound: The form's field.
        hint: What it may hold, in words.
        is_asked: Why a rule asks for it now; empty when none does.
        may_be_asked: Whether a rule could ask for it.
        warnings: What the check would like a person to look at.
        is_fixed: Whether it names a case that is being corrected, and so cannot change.
    """

    id: str
    field: Field
    bound: Any
    hint: str
    is_asked: str
    may_be_asked: bool
    warnings: tuple[Finding, ...]
    is_fixed: bool


class CaseForm(forms.Form):
    """One case."""

    use_required_attribute = False

    def __init__(self, *args: Any, dictionary: TableDictionary, fixed: Iterable[str] = (), **kwargs: Any) -> None:
        self.dictionary = dictionary
        self.columns = {f"c{at}": field for at, field in enumerate(asked(dictionary))}
        self.fixed, self.warnings, self.about = frozenset(fixed), list[Finding](), list[Finding]()
        known = kwargs.pop("known", {})
        initial = {at: known.get(field.name, "") for at, field in self.columns.items()}
        super().__init__(*args, **{"initial": initial} | kwargs)
        for at, field in self.columns.items():
            self.fields[at] = _field(field)
            if field.name in self.fixed:
                self.fields[at].widget = forms.HiddenInput()

    def texts(self) -> dict[str, str]:
        """Return column -> text as typed, for columns that are filled in."""
        said = ((field.name, str(self[at].value() or "").strip()) for at, field in self.columns.items())
        return {name: text for name, text in said if text}

    def asked_for(self) -> dict[str, str]:
        """Return column -> why, for empty columns that rules ask for now."""
        texts = self.texts()
        row = {field.name: typed(field, texts.get(field.name, "")) for field in self.columns.values()}
        return needed.asked_for(self.dictionary, row)

    def lines(self) -> Iterator[Line]:
        """Yield the fields of the page."""
        now, may = self.asked_for(), needed.may_be_asked_for(self.dictionary)
        for at, field in self.columns.items():
            yield Line(
                id=at,
                field=field,
                bound=self[at],
                hint=wording.allowed(field) if not field.codes and field.type is not FieldType.DATE else "",
                is_asked=now.get(field.name, ""),
                may_be_asked=field.name in may and not field.required,
                warnings=tuple(found for found in self.warnings if found.column == field.name),
                is_fixed=field.name in self.fixed,
            )

    def take(self, findings: Iterable[Finding]) -> None:
        """Put what the check found at the fields it is about."""
        names = {field.name: at for at, field in self.columns.items()}
        for found in findings:
            if found.severity is Severity.WARN:
                if found.rows:
                    self.warnings.append(found)
                continue
            said = f"{found.message} {found.fix} ({found.code})"
            self.add_error(names.get(found.column), said)

    def as_file(self, site: str) -> bytes:
        """Return the case as the file that a site would send."""
        out = io.StringIO()
        writer = csv.DictWriter(out, self.header(), lineterminator="\n")
        writer.writeheader()
        writer.writerow(self.row(site))
        return out.getvalue().encode()

    def header(self) -> list[str]:
        """Return the columns of the file."""
        return [field.name for field in self.dictionary.fields if field.privacy is not Privacy.DIRECT]

    def row(self, site: str) -> dict[str, str]:
        """Return column -> text as a file would write it."""
        texts = self.texts()
        out = {name: _written(self.dictionary.field(name), texts.get(name, "")) for name in self.header()}
        return out | ({self.dictionary.site.name: site} if self.dictionary.site else {})


def as_typed(field: Field, value: Any) -> str:
    """Return a stored value as the text that a form shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return str((value - field.origin).days) if field.type is FieldType.DAY_NUMBER and field.origin else f"{value}"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _field(field: Field) -> forms.Field:
    empty = ("", _t("not known") if not field.required else _t("choose"))
    match field.type:
        case FieldType.CODE:
            pairs = [(code, f"{label}" if label else code) for code, label in field.codes]
            widget: forms.Widget = forms.Select(choices=[empty, *pairs])
        case FieldType.BOOLEAN:
            widget = forms.Select(choices=[empty, ("yes", _t("yes")), ("no", _t("no"))])
        case FieldType.DATE:
            widget = forms.DateInput(attrs={"type": "date"})
        case FieldType.INTEGER | FieldType.NUMBER | FieldType.DAY_NUMBER:
            widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        case _:
            widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=field.label, required=False, max_length=2000, widget=widget)


def _written(field: Field, text: str) -> str:
    """Return a typed text as the file writes it: dates in the table's own style, numbers with its decimal sign."""
    if field.type is FieldType.DATE and text and field.formats:
        style = STYLES[field.formats[0]]
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return text
        return day.strftime(style.code) if style.code else f"{day.year}-Q{(day.month + 2) // 3}"
    if field.type is FieldType.NUMBER and field.decimal == ",":
        return text.replace(".", ",")
    return text


def values_of(dictionary: TableDictionary, row: Mapping[str, Any]) -> dict[str, str]:
    """Return a stored row as the texts of a form."""
    return {field.name: as_typed(field, row.get(field.name)) for field in asked(dictionary)}
