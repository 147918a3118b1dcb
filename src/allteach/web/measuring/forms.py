"""Forms of measures: settings that do not change what is counted, and the card itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.errors import AllteachError, MeasureError
from allteach.intake.contract import TableDictionary
from allteach.intake.expression import Kind
from allteach.measures.binding import check_card, kinds_of_table
from allteach.measures.card import Card, MeasureKind, MeasureType
from allteach.measures.files import load
from allteach.units import Direction, Unit
from allteach.web.measuring.models import Measure
from allteach.web.sites.rules import rule_choices

KINDS = [
    (MeasureKind.PROPORTION.value, _("Share: how many of them, in per cent")),
    (MeasureKind.BUNDLE.value, _("Bundle: everything that should be done, all or nothing")),
    (MeasureKind.RATE.value, _("Rate: events for so much time or work at risk")),
    (MeasureKind.COUNT.value, _("Count: how many in a period")),
    (MeasureKind.MEAN.value, _("Average of a measured value")),
    (MeasureKind.DURATION.value, _("Typical duration (geometric mean)")),
    (MeasureKind.MEDIAN.value, _("Median of a measured value")),
    (MeasureKind.OBSERVED_EXPECTED.value, _("Observed to expected events")),
    (MeasureKind.TIME_BETWEEN.value, _("Days between rare events")),
    (MeasureKind.CASES_BETWEEN.value, _("Cases between rare events")),
]
TYPES = [
    (MeasureType.OUTCOME.value, _("Outcome: what matters to patients")),
    (MeasureType.PROCESS.value, _("Process: what we do")),
    (MeasureType.BALANCING.value, _("Balancing: what must not get worse")),
]
DIRECTIONS = [
    (Direction.LOWER.value, _("Lower is better")),
    (Direction.HIGHER.value, _("Higher is better")),
    (Direction.NEITHER.value, _("Neither")),
]
BLINDED = [("", _("As the network")), ("yes", _("Letters instead of names")), ("no", _("Named"))]


class SettingsForm(forms.Form):
    """What can be changed about a measure without a new version."""

    title = forms.CharField(label=_("Name"), max_length=160)
    kind = forms.ChoiceField(label=_("What it is for"), choices=TYPES)
    target = forms.FloatField(label=_("Target"), required=False)
    target_label = forms.CharField(label=_("Where the target comes from"), max_length=80, required=False)
    baseline = forms.IntegerField(
        label=_("Baseline periods"),
        required=False,
        min_value=2,
        max_value=500,
        help_text=_("Limits come from the first so many periods. Empty: from all."),
    )
    rule_set = forms.ChoiceField(label=_("Rules for signals"), required=False)
    blinded = forms.ChoiceField(label=_("Names of sites"), choices=BLINDED, required=False)
    order = forms.IntegerField(label=_("Place in lists"), min_value=0, max_value=10_000)
    reason = forms.CharField(label=_("Why"), max_length=300, help_text=_("One sentence; it goes to the ledger."))

    def __init__(self, *args: Any, measure: Measure, card: Card, **kwargs: Any) -> None:
        self.card = card
        scale = card.format.multiplier
        blinded = {None: "", True: "yes", False: "no"}[measure.blinded]
        initial = {
            "title": measure.title,
            "kind": measure.kind,
            "target": None if measure.target is None else round(measure.target * scale, 10),
            "target_label": measure.target_label,
            "baseline": measure.baseline,
            "rule_set": measure.rule_set,
            "blinded": blinded,
            "order": measure.order,
        }
        super().__init__(*args, **{"initial": initial} | kwargs)
        self.fields["target"].help_text = card.format.axis
        field = self.fields["rule_set"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _t("The network's")), *rule_choices()]

    def clean_target(self) -> float | None:
        """Return the target on the inside scale."""
        said: float | None = self.cleaned_data["target"]
        if said is None:
            return None
        if self.card.format.unit is Unit.PERCENT and not 0 <= said <= 100:
            raise forms.ValidationError(_t("A target in per cent lies between 0 and 100."))
        return said / self.card.format.multiplier

    def changes(self) -> dict[str, Any]:
        """Return the settings for the service."""
        said = dict(self.cleaned_data)
        said["blinded"] = {"": None, "yes": True, "no": False}[said["blinded"]]
        return said


class CheckForm(forms.Form):
    """A second person checks a card."""

    note = forms.CharField(label=_("What you looked at"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    review_by = forms.DateField(
        label=_("Look at it again by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: a year from today."),
    )


class ReleaseForm(forms.Form):
    """From when a new version counts, and why the definition changed."""

    effective_from = forms.DateField(
        label=_("Charts count by it from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_(
            "A break is drawn there; until then the version before counts. Empty: all periods are counted anew by it."
        ),
    )
    reason = forms.CharField(label=_("What changed, and why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class ReasonForm(forms.Form):
    """Why a measure is kept to sustain, or retired."""

    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class FreezeForm(forms.Form):
    """What a frozen report is for, and from when."""

    title = forms.CharField(label=_("What it is for"), max_length=120, help_text=_("Such as: annual report 2026."))
    as_known = forms.DateField(
        label=_("As known at the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: as known now."),
    )


class YamlForm(forms.Form):
    """A card as YAML, for those who prefer it."""

    card = forms.CharField(
        label=_("The card"), widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "code"})
    )

    def __init__(self, *args: Any, dictionary: TableDictionary, **kwargs: Any) -> None:
        self.dictionary = dictionary
        super().__init__(*args, **kwargs)
        self.card_made: Card | None = None

    def clean_card(self) -> str:
        """Read the card, and check that it fits its table."""
        text: str = self.cleaned_data["card"]
        try:
            card = load(text)
            if card.table != self.dictionary.name:
                raise MeasureError(
                    "AT-M-013",
                    _t("The card reads another table: %(table)s.") % {"table": card.table},
                    expected=_t("Here it reads %(table)s.") % {"table": self.dictionary.name},
                )
            check_card(card, kinds_of_table(self.dictionary))
        except AllteachError as error:
            raise forms.ValidationError(explained(error)) from error
        self.card_made = card
        return text


def explained(error: AllteachError) -> str:
    """Return an error as one text for a form."""
    return " ".join(part for part in (error.what, error.expected, error.do) if part)


def column_kinds(dictionary: TableDictionary) -> Sequence[tuple[str, str, str]]:
    """Return name, kind and codes of each column that a card can use, for the page beside the form."""
    words = {
        Kind.TEXT: _t("text"),
        Kind.INTEGER: _t("whole number"),
        Kind.NUMBER: _t("number"),
        Kind.DATE: _t("date"),
        Kind.BOOLEAN: _t("true or false"),
    }
    return [
        (field.name, words[field.kind], ", ".join(code for code, _label in field.codes[:12]))
        for field in dictionary.fields
    ]
