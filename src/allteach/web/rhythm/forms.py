"""Forms of this room."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allteach.web.projects.policy import WORK_PHASES
from allteach.web.projects.wording import PHASE_NAMES
from allteach.web.rhythm.models import Meeting, Report
from allteach.web.rhythm.words import SCALE

_SHORT = forms.Textarea(attrs={"rows": 3})
_WHEN = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
SCORES = [(Decimal(value), f"{value} · {words}") for value, words in SCALE]


class ReportForm(forms.ModelForm):
    """A month in a few sentences."""

    self_score = forms.TypedChoiceField(
        label=_("How far are we?"),
        choices=[("", _("Not said")), *SCORES],
        coerce=Decimal,
        empty_value=None,
        required=False,
    )

    class Meta:
        model = Report
        fields = ("wins", "barriers", "help_wanted", "plan", "self_score")
        labels = {
            "wins": _("What went well?"),
            "barriers": _("What was in the way?"),
            "help_wanted": _("What help would you like?"),
            "plan": _("What comes next?"),
        }
        widgets = dict.fromkeys(("wins", "barriers", "help_wanted", "plan"), _SHORT)


class ScoreForm(forms.Form):
    """One person's own score."""

    score = forms.TypedChoiceField(label=_("Your score"), choices=SCORES, coerce=Decimal)
    reason = forms.CharField(label=_("Why"), widget=_SHORT, max_length=2000)


class AnswerForm(forms.Form):
    """The score both stand by, and words for the site."""

    score = forms.TypedChoiceField(label=_("The score you both stand by"), choices=SCORES, coerce=Decimal)
    feedback = forms.CharField(label=_("Words for the site"), widget=_SHORT, max_length=4000)


class MeetingForm(forms.ModelForm):
    """Calling a meeting."""

    class Meta:
        model = Meeting
        fields = ("title", "kind", "starts", "ends", "place", "project", "site", "agenda", "notes")
        labels = {
            "title": _("Title"),
            "kind": _("Kind"),
            "starts": _("Starts"),
            "ends": _("Ends"),
            "place": _("Room or link"),
            "project": _("Project"),
            "site": _("Site, for coaching"),
            "agenda": _("Agenda"),
            "notes": _("Notes"),
        }
        help_texts = {"place": ""}
        widgets = {"agenda": _SHORT, "notes": _SHORT, "starts": _WHEN, "ends": _WHEN}

    def __init__(self, *args: Any, projects: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset, self.fields["site"].queryset = projects, sites
        self.fields["project"].empty_label = self.fields["site"].empty_label = _("None")


class AttendanceForm(forms.Form):
    """Who was there."""

    people: Any = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Who was there?"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people


class ActionForm(forms.Form):
    """Something agreed."""

    text = forms.CharField(label=_("What"), max_length=300)
    owner: Any = forms.ModelChoiceField(queryset=None, label=_("Who"))
    due = forms.DateField(label=_("By"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people


class ExpectationForm(forms.Form):
    """What a phase expects."""

    phase = forms.ChoiceField(label=_("Phase"), choices=[(p.value, PHASE_NAMES[p]) for p in WORK_PHASES])
    text = forms.CharField(label=_("What every site does"), max_length=200)
    days = forms.IntegerField(label=_("Within so many days of joining"), min_value=0, max_value=1000, initial=30)
