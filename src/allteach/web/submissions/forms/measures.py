"""Measures to begin with, as proposed from the columns and changed by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.intake.contract import Field, TableDictionary
from allteach.measures.card import Card, MeasureType
from allteach.measures.guess import Proposal, by_stratum
from allteach.units import Direction, Unit

TYPES = [
    (MeasureType.OUTCOME.value, _("Outcome")),
    (MeasureType.PROCESS.value, _("Process")),
    (MeasureType.BALANCING.value, _("Balancing")),
]
DIRECTIONS = [
    (Direction.LOWER.value, _("Lower is better")),
    (Direction.HIGHER.value, _("Higher is better")),
    (Direction.NEITHER.value, _("Neither")),
]
MOST_VALUES = 12


class MeasureForm(forms.Form):
    """One proposed measure."""

    keep = forms.BooleanField(label=_("Follow this measure"), required=False, initial=True)
    title = forms.CharField(label=_("Name"), max_length=140)
    type = forms.ChoiceField(label=_("What it is for"), choices=TYPES)
    direction = forms.ChoiceField(label=_("Which way is good"), choices=DIRECTIONS)
    target = forms.FloatField(label=_("Target"), required=False)
    split = forms.ChoiceField(label=_("Groups"), required=False)

    def __init__(self, *args: Any, proposal: Proposal, dictionary: TableDictionary, **kwargs: Any) -> None:
        self.proposal, self.dictionary = proposal, dictionary
        card = proposal.card
        initial = {"keep": True, "title": card.title, "type": card.type.value, "direction": card.direction.value}
        super().__init__(*args, **{"initial": initial} | kwargs)
        unit = card.format.axis
        if unit:
            self.fields["target"].help_text = unit
        choices = [("", _t("One measure for all"))]
        choices += [
            (name, _t("One measure for each %(column)s") % {"column": dictionary.field(name).label})
            for name in card.strata
            if 2 <= len(dictionary.field(name).codes) <= MOST_VALUES
        ]
        field = self.fields["split"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        if len(choices) == 1:
            field.widget = forms.HiddenInput()

    def cards(self) -> list[Card]:
        """Return the cards that the answers describe; none when the measure is not wanted."""
        said: Mapping[str, Any] = self.cleaned_data
        if not said["keep"]:
            return []
        card = self.proposal.card
        target = said["target"]
        card = replace(
            card,
            title=said["title"],
            type=MeasureType(said["type"]),
            direction=Direction(said["direction"]),
            target=None if target is None else target / card.format.multiplier,
        )
        if not said["split"]:
            return [card]
        field: Field = self.dictionary.field(said["split"])
        return list(by_stratum(card, field, [code for code, _label in field.codes]))

    def clean(self) -> dict[str, Any]:
        """Check that the target is one that the measure can reach."""
        said = super().clean() or {}
        share = self.proposal.card.format.unit is Unit.PERCENT and said.get("keep") and said.get("target") is not None
        if share and not 0 <= said["target"] <= 100:
            self.add_error("target", _t("A target in per cent lies between 0 and 100."))
        return said


def measure_forms(proposals: Sequence[Proposal], dictionary: TableDictionary, data: Any = None) -> list[MeasureForm]:
    """Return one form for each proposal, filled with what was posted about the same measure before."""
    out = []
    for proposal in proposals:
        prefix = f"m-{proposal.card.id}"
        known = data is not None and f"{prefix}-title" in data
        out.append(MeasureForm(data if known else None, prefix=prefix, proposal=proposal, dictionary=dictionary))
    return out
