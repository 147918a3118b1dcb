"""Typing in counts for one site and period: one line for each group, one number for each count."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.intake.contract import Field, Role, TableDictionary
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
                self.fields[f"{at}-{number.name}"] = forms.FloatField(
                    label=" ".join((number.label, *place)),
                    required=False,
                    initial=known.get(place, {}).get(number.name),
                    min_value=number.minimum,
                    max_value=number.maximum,
                    widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
                )

    def lines(self) -> Iterator[Line]:
        """Return the lines of the page."""
        for at, place in enumerate(self.places):
            labels = tuple(_label(group, code) for group, code in zip(self.groups, place, strict=True))
            yield Line(labels, tuple(self[f"{at}-{number.name}"] for number in self.numbers))

    def clean(self) -> dict[str, Any]:
        """Check that a line is either whole or empty."""
        said = super().clean() or {}
        filled = 0
        for at, _place in enumerate(self.places):
            values = {number.name: said.get(f"{at}-{number.name}") for number in self.numbers}
            there = [name for name, value in values.items() if value is not None]
            filled += bool(there)
            needed = [number for number in self.numbers if number.role is not Role.VALUE]
            for number in needed:
                if there and values[number.name] is None and f"{at}-{number.name}" not in self.errors:
                    self.add_error(f"{at}-{number.name}", _t("A number is missing in a line that has others."))
        if not filled and not self.errors:
            self.add_error(None, _t("Fill in at least one line."))
        return said

    def as_file(self, site: Site, period: Period) -> bytes:
        """Return the answers as the file that a site would send."""
        columns = [field.name for field in self.dictionary.fields]
        out = io.StringIO()
        writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
        writer.writeheader()
        own, time = self.dictionary.site, self.dictionary.time
        assert time is not None
        for at, place in enumerate(self.places):
            values = {number.name: self.cleaned_data.get(f"{at}-{number.name}") for number in self.numbers}
            if all(value is None for value in values.values()):
                continue
            row = {name: _plain(value) for name, value in values.items()}
            row |= dict(zip((group.name for group in self.groups), place, strict=True))
            row |= {time.name: _written(period, time)} | ({own.name: site.code} if own else {})
            writer.writerow(row)
        return out.getvalue().encode()


def _label(group: Field, code: str) -> str:
    return next((label for known, label in group.codes if known == code and label), code)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def _written(period: Period, time: Field) -> str:
    """Return the first day of the period in a style that the table accepts."""
    from allteach.intake.dates import STYLES

    style = STYLES[time.formats[0]] if time.formats else STYLES["YYYY-MM-DD"]
    if not style.code:
        return f"{period.start.year}-Q{(period.start.month + 2) // 3}"
    return period.start.strftime(style.code)
