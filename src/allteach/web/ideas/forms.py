"""Forms for ideas: short enough for two minutes on a phone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allteach.web.ideas.models import Idea


class IdeaForm(forms.ModelForm):
    """Proposing an idea. Two fields are enough."""

    class Meta:
        model = Idea
        fields = ("title", "problem", "change", "source", "population", "equity", "link", "site")
        labels = {
            "title": _("Your idea in a few words"),
            "problem": _("What goes wrong, and for whom?"),
            "change": _("What could we do differently, and why should it work?"),
            "source": _("Where does the idea come from?"),
            "population": _("Which patients does it concern?"),
            "equity": _("Could anyone gain less, or be harmed?"),
            "link": _("A chart, paper or test that it comes from"),
            "site": _("Your site"),
        }
        help_texts = {"problem": _("No names of patients, please."), "link": _("An address, if there is one.")}
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("problem", "change", "equity")}

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites
        self.fields["site"].empty_label = _("No site in particular")


class SentenceForm(forms.Form):
    """One sentence, as every decision needs."""

    sentence = forms.CharField(label=_("In a sentence"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)


class TriageForm(forms.Form):
    """What is to become of an idea."""

    pathway = forms.ChoiceField(label=_("Pathway"))
    sentence = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)

    def __init__(self, *args: Any, pathways: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pathway"].choices = pathways


class MergeForm(forms.Form):
    """Joining an idea with another."""

    into = forms.IntegerField(label=_("Number of the other idea"), min_value=1)
    sentence = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)
