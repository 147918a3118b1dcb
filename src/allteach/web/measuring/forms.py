"""Forms of measures: settings that do not change what is counted, and the card itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.errors import AllteachError
from allteach.intake.contract import Role, TableDictionary
from allteach.intake.expression import Kind
from allteach.measures.binding import check_card, kinds_of_table
from allteach.measures.card import CHARTS, Card, MeasureKind, MeasureType, Words
from allteach.measures.guess import slug
from allteach.units import Direction, Grain, Unit
from allteach.web.measuring.models import Measure
from allteach.web.sites.rules import rule_choices
from allteach.web.submissions.summaries import site_column

KINDS = [
    (MeasureKind.PROPORTION.value, _("Share: how many of them, in per cent")),
    (MeasureKind.RATE.value, _("Rate: events for so much time or work at risk")),
    (MeasureKind.COUNT.value, _("Count: how many in a period")),
    (MeasureKind.MEAN.value, _("Average of a measured value")),
    (MeasureKind.DURATION.value, _("Typical duration (geometric mean)")),
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
_EVENTS = (MeasureKind.TIME_BETWEEN, MeasureKind.CASES_BETWEEN)
_VALUES = (MeasureKind.MEAN, MeasureKind.DURATION)


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


class CardForm(forms.Form):
    """A measure written from columns, without code."""

    title = forms.CharField(label=_("Name"), max_length=140)
    kind = forms.ChoiceField(label=_("What kind of number is it?"), choices=KINDS)
    type = forms.ChoiceField(label=_("What it is for"), choices=TYPES)
    direction = forms.ChoiceField(label=_("Which way is good"), choices=DIRECTIONS)
    grain = forms.ChoiceField(
        label=_("Length of a period"),
        choices=[(g.value, g.value.capitalize()) for g in (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER)],
    )
    numerator = forms.CharField(
        label=_("What is counted"),
        required=False,
        help_text=_("A condition, such as result = 'positive', or a sum, such as sum(infections)."),
    )
    denominator = forms.CharField(
        label=_("Out of what"),
        required=False,
        help_text=_("A condition or a sum, such as sum(patient_days). Empty counts every row."),
    )
    value = forms.CharField(
        label=_("Measured value"), required=False, help_text=_("For averages and durations: a column, or end - start.")
    )
    where = forms.CharField(
        label=_("Only rows where"),
        required=False,
        help_text=_("For example: age < 18 and ward = 'A'. Empty: all rows."),
    )
    exclusion = forms.CharField(
        label=_("But not rows where"), required=False, help_text=_("A missing answer does not take a row out.")
    )
    per = forms.FloatField(
        label=_("For a rate: per how many"),
        required=False,
        min_value=1,
        initial=1000,
        help_text=_("Such as 1000 days."),
    )
    exposure = forms.CharField(label=_("For a rate: of what"), max_length=60, required=False)
    target = forms.FloatField(label=_("Target"), required=False, help_text=_("As shown: 95 for 95 per cent."))
    what = forms.CharField(label=_("What it tells"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    why = forms.CharField(label=_("Why we follow it"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    numerator_words = forms.CharField(label=_("Numerator in words"), max_length=300, required=False)
    denominator_words = forms.CharField(label=_("Denominator in words"), max_length=300, required=False)
    author = forms.CharField(label=_("Written by"), max_length=120, required=False)
    checker = forms.CharField(label=_("Checked by"), max_length=120, required=False)

    def __init__(self, *args: Any, dictionary: TableDictionary, old: Card | None = None, **kwargs: Any) -> None:
        self.dictionary, self.old = dictionary, old
        super().__init__(*args, **{"initial": _initial(old, dictionary)} | kwargs)
        self.card: Card | None = None

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Return the fields under their headings."""
        whole = (
            (_t("What it is"), ("title", "kind", "type", "direction", "target")),
            (
                _t("How it is counted"),
                ("numerator", "denominator", "value", "where", "exclusion", "grain", "per", "exposure"),
            ),
            (_t("In words"), ("what", "why", "numerator_words", "denominator_words")),
            (_t("Who stands behind it"), ("author", "checker")),
        )
        return [(heading, [self[name] for name in names]) for heading, names in whole]

    def clean(self) -> dict[str, Any]:
        """Make the card, and check that it fits its table."""
        said = super().clean() or {}
        if self.errors:
            return said
        try:
            self.card = self._card(said)
            check_card(self.card, kinds_of_table(self.dictionary))
        except AllteachError as error:
            self.add_error(None, " ".join(part for part in (error.what, error.expected, error.do) if part))
        return said

    def _card(self, said: dict[str, Any]) -> Card:
        from allteach.measures.files import from_plain, to_plain

        kind = MeasureKind(said["kind"])
        assert self.dictionary.time is not None
        base = self.old or Card(
            id=slug(said["title"]),
            title=said["title"],
            kind=kind,
            table=self.dictionary.name,
            site=site_column(self.dictionary),
            date=self.dictionary.time.name,
            strata=tuple(field.name for field in self.dictionary.with_role(Role.STRATUM)),
        )
        rate, valued = kind is MeasureKind.RATE, kind in _VALUES
        card = replace(
            base,
            title=said["title"],
            kind=kind,
            type=MeasureType(said["type"]),
            direction=Direction(said["direction"]),
            grain=Grain.EVENT if kind in _EVENTS else Grain(said["grain"]),
            numerator="" if valued else said["numerator"].strip(),
            denominator=said["denominator"].strip(),
            value=said["value"].strip() if valued else "",
            where=said["where"].strip(),
            exclusion=said["exclusion"].strip(),
            per=float(said["per"] or 1) if rate else 1.0,
            exposure=said["exposure"].strip() if rate else "",
            chart=base.chart if base.chart in CHARTS[kind] else "",
            unit=self._unit(kind, said["value"].strip(), base),
            words=replace(
                base.words,
                what=said["what"],
                why=said["why"],
                numerator=said["numerator_words"],
                denominator=said["denominator_words"],
            ),
            author=said["author"],
            checker=said["checker"],
            reviewed=timezone.localdate() if said["checker"] else base.reviewed,
        )
        if said["target"] is not None:
            card = replace(card, target=said["target"] / card.format.multiplier)
        return from_plain(to_plain(card))

    def _unit(self, kind: MeasureKind, value: str, base: Card) -> Unit | None:
        if kind not in _VALUES:
            return None
        column = next((field for field in self.dictionary.fields if field.name == value), None)
        known = {"hours": Unit.HOURS, "days": Unit.DAYS}
        return known.get(column.unit, base.unit) if column is not None else base.unit


def _initial(card: Card | None, dictionary: TableDictionary) -> dict[str, Any]:
    if card is None:
        return {"grain": dictionary.grain, "direction": Direction.LOWER.value, "per": 1000}
    words: Words = card.words
    return {
        "title": card.title,
        "kind": card.kind.value,
        "type": card.type.value,
        "direction": card.direction.value,
        "grain": card.grain.value,
        "numerator": card.numerator,
        "denominator": card.denominator,
        "value": card.value,
        "where": card.where,
        "exclusion": card.exclusion,
        "per": card.per,
        "exposure": card.exposure,
        "target": None if card.target is None else round(card.target * card.format.multiplier, 10),
        "what": words.what,
        "why": words.why,
        "numerator_words": words.numerator,
        "denominator_words": words.denominator,
        "author": card.author,
        "checker": card.checker,
    }


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
