"""The form that writes a test case: a few rows, and what they should come to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.errors import AllteachError
from allteach.intake.expression import Kind, columns
from allteach.measures.card import Card, Case, condition, quantity
from allteach.measures.cases import rows_of
from allteach.web.measuring.forms import explained

ROWS, RESULTS = 4, 2
NUMBERS = ("numerator", "denominator", "n")


def used_columns(card: Card) -> tuple[str, ...]:
    """Return the columns that a card reads: site and date first, then the others as they come."""
    found = [card.site, card.date]
    found += [card.once.per] if card.once else []
    found += [card.split.start, card.split.end] if card.split else []
    texts = [card.where, card.exclusion, card.exception, card.value, card.expected]
    texts += [text for element in card.elements for text in (element.applies, element.met)]
    nodes = [condition(text, "condition") for text in texts]
    nodes += [part.node if (part := quantity(text, "sum")) else None for text in (card.denominator, card.numerator)]
    for node in nodes:
        found += sorted(columns(node)) if node is not None else []
    return tuple(dict.fromkeys(found))


class CaseForm(forms.Form):
    """One test case."""

    name = forms.CharField(
        label=_("What the case shows"), max_length=120, help_text=_("Such as: a missing answer is not met.")
    )

    def __init__(self, *args: Any, card: Card, kinds: Mapping[str, Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.card, self.kinds, self.columns = card, kinds, used_columns(card)
        for at in range(ROWS):
            for place, name in enumerate(self.columns):
                label = _t("%(column)s, row %(n)s") % {"column": name, "n": at + 1}
                self.fields[f"row_{at}_{place}"] = forms.CharField(label=label, required=False, max_length=200)
        words = {"site": _t("Site"), "period": _t("First day of the period")} | dict.fromkeys(NUMBERS, "")
        for at in range(RESULTS):
            for name in words:
                label = f"{words[name] or name}, {at + 1}"
                self.fields[f"result_{at}_{name}"] = forms.CharField(label=label, required=False, max_length=80)

    def rows(self) -> list[list[Any]]:
        """Return the cells of the rows, for the page."""
        return [[self[f"row_{at}_{place}"] for place in range(len(self.columns))] for at in range(ROWS)]

    def results(self) -> list[list[Any]]:
        """Return the cells of the expected results, for the page."""
        return [[self[f"result_{at}_{name}"] for name in ("site", "period", *NUMBERS)] for at in range(RESULTS)]

    def clean_name(self) -> str:
        """Refuse a name that the card has already."""
        name: str = self.cleaned_data["name"]
        if any(case.name == name for case in self.card.tests):
            raise forms.ValidationError(_t("The card has a case of this name already."))
        return name

    def clean(self) -> dict[str, Any]:
        """Read rows and results."""
        said = super().clean() or {}
        if self.errors:
            return said
        try:
            made = self.case()
            rows_of(made.rows, self.kinds)
            if not made.rows or not made.expect:
                self.add_error(None, _t("A case needs at least one row and one expected result."))
        except AllteachError as error:
            self.add_error(None, explained(error))
        except ValueError:
            self.add_error(None, _t("A number or a date cannot be read. Dates are written as 2024-03-01."))
        return said

    def case(self) -> Case:
        """Return the case that the form says."""
        rows = []
        for at in range(ROWS):
            cells = {name: self.cleaned_data[f"row_{at}_{place}"].strip() for place, name in enumerate(self.columns)}
            row = {name: _typed(text, self.kinds[name]) for name, text in cells.items() if text}
            rows += [row] if row else []
        expect = []
        for at in range(RESULTS):
            texts = {name: self.cleaned_data[f"result_{at}_{name}"].strip() for name in ("site", "period", *NUMBERS)}
            if texts["site"] and texts["period"]:
                numbers = {name: _number(texts[name]) for name in NUMBERS if texts[name]}
                expect.append({"site": texts["site"], "period": date.fromisoformat(texts["period"])} | numbers)
        return Case(self.cleaned_data["name"], tuple(rows), tuple(expect))


def _typed(text: str, kind: Kind) -> Any:
    if kind is Kind.DATE:
        return date.fromisoformat(text)
    if kind is Kind.BOOLEAN:
        said = {"true": True, "yes": True, "false": False, "no": False}.get(text.casefold())
        if said is None:
            raise ValueError(text)
        return said
    return _number(text) if kind in (Kind.INTEGER, Kind.NUMBER) else text


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value
