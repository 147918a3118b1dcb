"""Forms for projects."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allteach.web.projects.models import Aim, Cohort, Definition, Project, ProjectPerson
from allteach.web.projects.policy import GATE_DECISIONS, Gate
from allteach.web.projects.wording import DECISION_NAMES, EVIDENCE_NAMES

_SHORT = forms.Textarea(attrs={"rows": 3})
_DAY = forms.DateInput(attrs={"type": "date"})


class StartForm(forms.Form):
    """Starting a project."""

    title = forms.CharField(label=_("Title"), max_length=120)
    problem = forms.CharField(label=_("What goes wrong, and how large is the gap?"), widget=_SHORT, required=False)
    pathway = forms.ChoiceField(label=_("Pathway"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, pathways: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pathway"].choices = pathways


class ProjectForm(forms.ModelForm):
    """The words of a project."""

    class Meta:
        model = Project
        fields = ("title", "problem", "resources", "determination", "determination_note", "publication_plan", "lesson")
        labels = {
            "problem": _("What goes wrong, and how large is the gap?"),
            "resources": _("What it takes: people, time, money, tools"),
            "determination": _("Quality improvement or research?"),
            "determination_note": _("Who determined that, and when"),
            "publication_plan": _("Publication plan"),
            "lesson": _("What the network learned"),
        }
        help_texts = {"resources": "", "lesson": _("A project cannot close without it, least of all a stopped one.")}
        widgets = {"problem": _SHORT, "resources": _SHORT, "publication_plan": _SHORT, "lesson": _SHORT}


class AimForm(forms.ModelForm):
    """How much, for whom, by when."""

    class Meta:
        model = Aim
        fields = ("text", "population", "measure", "start", "target", "due", "site")
        labels = {
            "text": _("The aim in one sentence"),
            "population": _("For whom"),
            "measure": _("Measured by"),
            "start": _("From"),
            "target": _("To"),
            "due": _("By"),
            "site": _("For one site only"),
        }
        help_texts = {
            "start": _("Proportions between 0 and 1; rates for one unit of exposure."),
            "target": _("On the same scale."),
        }
        widgets = {"due": _DAY}

    def __init__(self, *args: Any, measures: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].queryset, self.fields["site"].queryset = measures, sites
        self.fields["measure"].empty_label, self.fields["site"].empty_label = _("No measure yet"), _("All together")


class PersonForm(forms.Form):
    """Giving someone a part in the project."""

    person: Any = forms.ModelChoiceField(queryset=None, label=_("Person"))
    part = forms.ChoiceField(label=_("Part"), choices=ProjectPerson._meta.get_field("part").choices)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


class MeasureForm(forms.Form):
    """Watching a measure."""

    measure: Any = forms.ModelChoiceField(queryset=None, label=_("Measure"))

    def __init__(self, *args: Any, measures: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].queryset = measures


class CohortForm(forms.ModelForm):
    """Sites that start together."""

    sites: Any = forms.ModelMultipleChoiceField(queryset=None, label=_("Sites"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Cohort
        fields = ("name", "kind", "starts", "drawn")
        labels = {
            "name": _("Name"),
            "kind": _("Kind"),
            "starts": _("Starts on"),
            "drawn": _("When these sites start was drawn by lot"),
        }
        help_texts = {"drawn": _("A drawn order makes the result worth more at the evaluation.")}
        widgets = {"starts": _DAY}

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].queryset = sites


class BundleForm(forms.Form):
    """The bundle itself; its elements are rows of `ElementForm`."""

    name = forms.CharField(label=_("Name of the bundle"), max_length=120)
    measure: Any = forms.ModelChoiceField(
        queryset=None, label=_("Measure that counts it"), required=False, empty_label=_("None yet")
    )
    all_or_none = forms.BooleanField(
        label=_("All or none: it counts only if every element that applies was done"), required=False, initial=True
    )

    def __init__(self, *args: Any, measures: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].queryset = measures


class ElementForm(forms.Form):
    """One element of a bundle."""

    text = forms.CharField(label=_("What is done"), max_length=200, required=False)
    kind = forms.ChoiceField(
        label=_("Expected"), choices=[("standard", _("Standard: everywhere")), ("recommended", _("Recommended"))]
    )
    evidence = forms.ChoiceField(label=_("Evidence"), choices=list(EVIDENCE_NAMES.items()), initial="D")
    applies = forms.CharField(label=_("To whom it applies"), max_length=200, required=False)
    driver = forms.CharField(
        label=_("Driver"), max_length=160, required=False, widget=forms.TextInput(attrs={"list": "drivers"})
    )
    measure = forms.CharField(
        label=_("Short name of its measure"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "measures"}),
    )


ElementFormSet = forms.formset_factory(ElementForm, extra=2, max_num=12)


class DefinitionForm(forms.ModelForm):
    """How a measure is counted, so that two people count alike."""

    class Meta:
        model = Definition
        fields = ("counted", "out_of", "left_out", "found_in", "driver", "reason")
        labels = {
            "counted": _("What is counted"),
            "out_of": _("Out of which patients, days or occasions"),
            "left_out": _("Who or what is not counted"),
            "found_in": _("Where it is found, and who writes it down"),
            "driver": _("Driver of the diagram that it shows"),
            "reason": _("Why this version"),
        }
        help_texts = dict.fromkeys(("counted", "out_of", "left_out", "found_in", "driver", "reason"), "")
        widgets = {
            "counted": _SHORT,
            "out_of": _SHORT,
            "left_out": _SHORT,
            "driver": forms.TextInput(attrs={"list": "drivers"}),
        }


class LeaveForm(forms.Form):
    """A site leaves a cohort."""

    reason = forms.CharField(label=_("Why"), max_length=200)


class OutlineForm(forms.Form):
    """The driver diagram as an outline."""

    outline = forms.CharField(
        label=_("The diagram, one line a box"),
        help_text=_(
            "The aim first; then drivers, smaller drivers and change ideas, each two blanks deeper. "
            "[name] links a measure; <- adds a second driver."
        ),
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"}),
    )


class OpenForm(forms.Form):
    """Opening a gate."""

    due = forms.DateField(label=_("Decide by"), widget=_DAY)
    reason = forms.CharField(label=_("Why go on all the same"), widget=_SHORT, required=False)


class SentenceForm(forms.Form):
    """One sentence."""

    sentence = forms.CharField(label=_("In a sentence"), widget=_SHORT, max_length=2000)


class VoteForm(SentenceForm):
    """A vote at a gate."""

    choice = forms.ChoiceField(label=_("Your vote"), widget=forms.RadioSelect)
    field_order = ("choice", "sentence")

    def __init__(self, *args: Any, gate: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(d.value, DECISION_NAMES[d]) for d in GATE_DECISIONS[Gate(gate)]]
        self.fields["choice"].choices = [*choices, ("recuse", _("I stand aside: I have an interest of my own"))]


class DecideForm(SentenceForm):
    """The decision at a gate."""

    decision = forms.ChoiceField(label=_("The decision"), widget=forms.RadioSelect)
    conditions = forms.CharField(label=_("Conditions, if any"), widget=_SHORT, required=False)
    field_order = ("decision", "sentence", "conditions")

    def __init__(self, *args: Any, gate: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [(d.value, DECISION_NAMES[d]) for d in GATE_DECISIONS[Gate(gate)]]


class PolicyForm(forms.Form):
    """The network's pathways."""

    text = forms.CharField(label=_("Pathways"), widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false"}))
    reason = forms.CharField(label=_("Why they change"), max_length=300)
