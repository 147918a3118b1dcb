"""What people fill in on the pages of Results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allteach.stats.signals import RULE_SETS
from allteach.units import Period
from allteach.web.variation.models import Annotation, Phase
from allteach.web.variation.wording import period_text


def period_choices(periods: Sequence[Period], *, newest_first: bool = True) -> list[tuple[str, str]]:
    """Return periods as choices; the value is the first day."""
    days = dict.fromkeys((period.start, period.grain) for period in periods)
    listed = [(day.isoformat(), period_text(day, grain)) for day, grain in days]
    return listed[::-1] if newest_first else listed


class NoteForm(forms.Form):
    """A note for the time axis."""

    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=_("Kind"), choices=Annotation.Kind.choices)
    text = forms.CharField(
        label=_("What happened"),
        max_length=300,
        help_text=_("One line, such as: Removal on day 1 when drainage is below 2 ml/kg. No patients."),
    )
    everywhere = forms.BooleanField(label=_("Show it on every measure of this site"), required=False)


class ExcludeForm(forms.Form):
    """A point to leave out of the limits."""

    period = forms.ChoiceField(label=_("Point"))
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The point stays on the chart, marked, and the reason stays with it."),
    )

    def __init__(self, *args: Any, periods: Sequence[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = period_choices(periods)

    def clean_period(self) -> date:
        """Return the day the period begins."""
        return date.fromisoformat(self.cleaned_data["period"])


class ProposeForm(forms.Form):
    """A new phase to propose."""

    start = forms.ChoiceField(label=_("New average from"))
    note = forms.CharField(
        label=_("Why you think so"), widget=forms.Textarea(attrs={"rows": 2}), required=False, max_length=1000
    )

    def __init__(self, *args: Any, periods: Sequence[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].choices = period_choices(periods[1:])

    def clean_start(self) -> date:
        """Return the day the phase begins."""
        return date.fromisoformat(self.cleaned_data["start"])


class DecideForm(forms.Form):
    """A decision about a proposed phase: each way demands a cause and a sentence."""

    field_order = ("which", "decision", "cause", "linked", "reason")

    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=[
            ("accept", _("Accept: draw a new average from there")),
            ("reject", _("Keep the old average")),
        ],
        widget=forms.RadioSelect,
    )
    cause = forms.ChoiceField(label=_("What it comes from"), choices=Phase.Cause.choices)
    linked = forms.ChoiceField(label=_("Note on the chart that tells of it"), required=False)
    reason = forms.CharField(
        label=_("Your reason, in a sentence"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is shown with the chart and kept for good."),
    )

    def __init__(self, *args: Any, notes: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["linked"].choices = [("", _("None")), *notes]


class DecideManyForm(DecideForm):
    """One decision about several charts of a measure, with one cause and one sentence."""

    which = forms.ChoiceField(
        label=_("Which charts"),
        choices=[("ticked", _("Those ticked above")), ("all", _("All charts of this list"))],
        initial="ticked",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["linked"]


class CaseMixForm(forms.Form):
    """What a case-mix model is fitted from."""

    columns = forms.MultipleChoiceField(
        label=_("What patients bring with them"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what is known before care begins: what care itself caused must not explain its result away."),
    )
    first = forms.DateField(label=_("Baseline from"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("Baseline to"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label=_("Why these, in a sentence"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is shown with the model and kept for good."),
    )

    def __init__(self, *args: Any, columns: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["columns"].choices = list(columns)


class BuildForm(forms.Form):
    """Which chart to draw, by which rules."""

    measure = forms.ChoiceField(label=_("Measure"))
    site = forms.ChoiceField(label=_("Site"), required=False)
    kind = forms.ChoiceField(label=_("Kind of chart"), required=False)
    rules = forms.ChoiceField(label=_("Rules"), required=False)
    baseline = forms.IntegerField(label=_("Baseline: first so many points"), required=False, min_value=2, max_value=500)
    until = forms.ChoiceField(label=_("Last point"), required=False)
    stratum = forms.ChoiceField(label=_("Group of patients"), required=False)
    phases = forms.ChoiceField(
        label=_("Phases"), required=False, choices=[("", _("As agreed")), ("none", _("One average throughout"))]
    )

    def __init__(
        self,
        *args: Any,
        measures: Iterable[tuple[str, str]],
        sites: Iterable[tuple[str, str]] = (),
        kinds: Iterable[tuple[str, str]] = (),
        periods: Sequence[Period] = (),
        strata: Iterable[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, Any]]] = {
            "measure": list(measures),
            "site": [("", _("All sites together")), *sites],
            "kind": [("", _("The measure's own")), *kinds],
            "rules": [("", _("The network's")), *((key, rules.name) for key, rules in RULE_SETS.items())],
            "stratum": [("", _("All")), *((part, part.replace("=", ": ")) for part in strata)],
            "until": [("", _("The latest")), *period_choices(periods)],
        }
        for name, listed in choices.items():
            self.fields[name].choices = listed
        if len(choices["stratum"]) == 1:
            del self.fields["stratum"]
