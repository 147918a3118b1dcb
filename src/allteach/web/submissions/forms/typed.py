"""Typing in counts for one site and period: one line for each group, one number for each count."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.intake.contract import Field, Privacy, Role, TableDictionary
from allteach.intake.findings import Finding, Severity
from allteach.units import Period
from allteach.web.sites.models import Site
from allteach.web.submissions.models import Table

NUMBERS = (Role.NUMERATOR, Role.DENOMINATOR, Role.VALUE)
MOST_LINES = 60


def can_be_typed(dictionary: TableDictionary) -> bool:
    """Return whether a table holds one row of numbers for each site, period and group."""
    time = dictionary.time
    groups = dictionary.with_role(Role.STRATUM)
    needed = [field for field in dictionary.fields if field.required and field.role in (Role.EVENT, Role.RECORD)]
    counts = dictionary.with_role(Role.NUMERATOR)
    return bool(time and time.role is Role.PERIOD and counts and all(field.codes for field in groups) and not needed)


class PlaceForm(forms.Form):
    """Which table, site and period."""

    table = forms.ChoiceField(label=_("Table"))
    site = forms.ChoiceField(label=_("Site"))
    day = forms.DateField(
        label=_("Any day of the period"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("For a month, any day in it."),
    )

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
    """One group's numbers on the page."""

    labels: tuple[str, ...]
    fields: tuple[Any, ...]


class NumbersForm(forms.Form):
    """The numbers of one site and period."""

    def __init__(self, *args: Any, dictionary: TableDictionary, known: Mapping[tuple[str, ...], Mapping[str, Any]],
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.dictionary = dictionary
        self.groups = dictionary.with_role(Role.STRATUM)
        self.numbers = tuple(field for field in dictionary.fields if field.role in NUMBERS)
        self.places = list(product(*([code for code, _label in group.codes] for group in self.groups)))[:MOST_LINES]
        for at, place in enumerate(self.places):
            for number in self.numbers:
                self.fields[f"{at}-{number.name}"] = forms.CharField(
                    label=" ".join((number.label, *place)),
                    required=False,
                    max_length=40,
                    initial=known.get(place, {}).get(number.name),
                    widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
                )

    def lines(self) -> Iterator[Line]:
        """Return the lines of the page."""
        for at, place in enumerate(self.places):
            labels = tuple(_label(group, code) for group, code in zip(self.groups, place, strict=True))
            yield Line(labels, tuple(self[f"{at}-{number.name}"] for number in self.numbers))

    def clean(self) -> dict[str, Any]:
        """Check that a line is either whole or empty."""
        said = super().clean() or {}
        needed = [number.name for number in self.numbers if number.role is not Role.VALUE]
        filled = self._filled()
        for at, values in filled.items():
            for name in needed:
                if not values[name]:
                    self.add_error(f"{at}-{name}", _t("A number is missing in a line that has others."))
        if not filled and not self.errors:
            self.add_error(None, _t("Fill in at least one line."))
        return said

    def _filled(self) -> dict[int, dict[str, str]]:
        """Return place -> column -> text of the lines with something in them."""
        out = {}
        for at, _place in enumerate(self.places):
            values = {n.name: str(self.cleaned_data.get(f"{at}-{n.name}") or "").strip() for n in self.numbers}
            if any(values.values()):
                out[at] = values
        return out

    def header(self) -> list[str]:
        """Return the columns of the file."""
        return [field.name for field in self.dictionary.fields if field.privacy is not Privacy.DIRECT]

    def rows(self, site: Site, period: Period) -> list[dict[str, str]]:
        """Return the lines with something in them as a file would write them."""
        own, time = self.dictionary.site, self.dictionary.time
        assert time is not None
        out = []
        for at, values in self._filled().items():
            row = {name: _written_number(text, self.dictionary.field(name)) for name, text in values.items()}
            row |= dict(zip((group.name for group in self.groups), self.places[at], strict=True))
            out.append(row | {time.name: _written(period, time)} | ({own.name: site.code} if own else {}))
        return out

    def take(self, findings: Iterable[Finding]) -> None:
        """Put what the check found at the numbers it is about; row 2 is the first line with something in it."""
        places = list(self._filled())
        for found in findings:
            if found.severity is Severity.WARN:
                continue
            said = f"{found.message} {found.fix} ({found.code})"
            names = [f"{places[row - 2]}-{found.column}" for row in found.rows if row - 2 < len(places)]
            known = [name for name in names if name in self.fields]
            for name in known:
                self.add_error(name, said)
            if not known:
                self.add_error(None, said)

    def as_file(self, site: Site, period: Period) -> bytes:
        """Return the answers as the file that a site would send."""
        out = io.StringIO()
        writer = csv.DictWriter(out, self.header(), lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(self.rows(site, period))
        return out.getvalue().encode()


def _label(group: Field, code: str) -> str:
    return next((label for known, label in group.codes if known == code and label), code)


def _written_number(text: str, field: Field) -> str:
    """Return a number as the table writes it; a form takes a decimal point as well."""
    return text.replace(".", ",") if field.decimal == "," and "," not in text else text


def _written(period: Period, time: Field) -> str:
    """Return the first day of the period in a style that the table accepts."""
    from allteach.intake.dates import STYLES

    style = STYLES[time.formats[0]] if time.formats else STYLES["YYYY-MM-DD"]
    if not style.code:
        return f"{period.start.year}-Q{(period.start.month + 2) // 3}"
    return period.start.strftime(style.code)
