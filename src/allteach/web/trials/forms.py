"""Forms for tests of change. Started and finished on a phone in two minutes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allteach.web.trials.models import Cycle

_SHORT = forms.Textarea(attrs={"rows": 2})


class PlanForm(forms.ModelForm):
    """Planning a test: the prediction comes first."""

    class Meta:
        model = Cycle
        fields = (
            "title", "site", "question", "predicted", "belief", "scale", "predicted_low", "predicted_high", "measure",
            "cost", "readiness", "starts", "plan", "context", "driver", "project", "idea", "ramp",
        )  # fmt: skip
        labels = {
            "title": _("What will you try?"),
            "site": _("Site"),
            "question": _("What do you want to find out?"),
            "predicted": _("What do you think will happen?"),
            "belief": _("How sure are you that it will work, from 0 to 100?"),
            "scale": _("How large is the test?"),
            "predicted_low": _("Expected number, at least"),
            "predicted_high": _("Expected number, at most"),
            "measure": _("Which measure should it move?"),
            "starts": _("When does it start?"),
            "plan": _("Who does what, when and where?"),
            "context": _("In what setting: unit, shift, kind of patients?"),
            "cost": _("What does it cost to be wrong?"),
            "readiness": _("How do those who would do it feel about it?"),
            "driver": _("Driver or change idea"),
            "project": _("Project"),
            "idea": _("Idea"),
            "ramp": _("Builds on test"),
        }
        help_texts = {
            "predicted": _("Locked once the test starts, so that you can learn from being wrong."),
            "scale": _("Small is good: one patient tomorrow teaches more than a plan for spring."),
            "question": "",
            "predicted_low": _("A range in which four of five results would lie: wide is honest."),
            "predicted_high": "",
            "plan": _("No names of patients, please."),
            "context": _("Others find the test by it."),
            "driver": _("As the driver diagram names it, so that tests of the same idea find each other."),
            "ramp": "",
            "belief": "",
        }
        widgets = {
            "question": _SHORT,
            "predicted": _SHORT,
            "plan": _SHORT,
            "starts": forms.DateInput(attrs={"type": "date"}),
            "belief": forms.NumberInput(attrs={"min": 0, "max": 100, "inputmode": "numeric"}),
        }

    def __init__(self, *args: Any, choices: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, found in choices.items():
            self.fields[name].queryset = found
        for name in ("measure", "project", "idea", "ramp"):
            self.fields[name].empty_label = _("None")
        self.fields["driver"].widget.attrs["list"] = "drivers"
        self.fields["cost"].required = self.fields["readiness"].required = False

    def clean_cost(self) -> str:
        """Return what was said; little where nothing was."""
        return self.cleaned_data["cost"] or Cycle.Cost.LOW

    def clean_readiness(self) -> str:
        """Return what was said; unsure where nothing was."""
        return self.cleaned_data["readiness"] or Cycle.Readiness.UNSURE


class StudyForm(forms.ModelForm):
    """What happened, and how that compares with the prediction."""

    class Meta:
        model = Cycle
        fields = ("observed", "result", "compared", "surprise")
        labels = {
            "observed": _("What happened?"),
            "result": _("The number, if you predicted one"),
            "compared": _("How does that compare with your prediction?"),
            "surprise": _("What surprised you?"),
        }
        help_texts = {"observed": _("No names of patients, please."), "compared": "", "surprise": ""}
        widgets = {"observed": _SHORT, "compared": _SHORT, "surprise": _SHORT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["observed"].required = self.fields["compared"].required = True


class ActForm(forms.Form):
    """What to do next."""

    decision = forms.ChoiceField(label=_("What will you do?"), choices=Cycle.Decision.choices, widget=forms.RadioSelect)
    next_step = forms.CharField(label=_("The next step"), required=False, widget=_SHORT, max_length=2000)
    belief_after = forms.IntegerField(
        label=_("How sure are you now that it works, from 0 to 100?"), min_value=0, max_value=100, required=False
    )
