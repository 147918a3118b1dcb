"""Forms for issues and queries. None of them asks for a value of a patient."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_WORDS = forms.Textarea(attrs={"rows": 3})
_DAY = forms.DateInput(attrs={"type": "date"})
NO_VALUES = _("No values and no names of patients, please.")


class AssignForm(forms.Form):
    """Who looks after an issue, and until when."""

    owner: Any = forms.ModelChoiceField(label=_("Who looks after it?"), queryset=None, empty_label=None)
    due = forms.DateField(label=_("Until when?"), required=False, widget=_DAY)

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners


class WordsForm(forms.Form):
    """A few words."""

    text = forms.CharField(label=_("In a few words"), widget=_WORDS, max_length=2000, help_text=NO_VALUES)


class AgainForm(WordsForm):
    """Asking again, until a new day."""

    due = forms.DateField(label=_("Answer wanted by"), widget=_DAY)


class AskForm(forms.Form):
    """A question to a site about its rows."""

    site: Any = forms.ModelChoiceField(label=_("Which site?"), queryset=None, empty_label=None)
    about = forms.ChoiceField(label=_("About what?"), help_text=_("A table, or one of its columns."))
    month = forms.DateField(
        label=_("Which month?"),
        required=False,
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
    )
    number = forms.IntegerField(
        label=_("Number of the file"), required=False, min_value=1, help_text=_("Where you mean one row.")
    )
    row = forms.IntegerField(
        label=_("Row in that file"), required=False, min_value=1, help_text=_("The site sees its value; you do not.")
    )
    due = forms.DateField(label=_("Answer wanted by"), widget=_DAY)
    text = forms.CharField(label=_("The question"), widget=_WORDS, max_length=2000, help_text=NO_VALUES)

    def __init__(self, *args: Any, sites: Any, about: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites
        self.fields["about"].choices = about

    def clean(self) -> dict[str, Any]:
        """Refuse a row without its file."""
        given = super().clean() or {}
        if given.get("row") and not given.get("number"):
            self.add_error("number", _("Say which file the row is in."))
        return given


class LimitForm(forms.Form):
    """A network's own limits of a check, in hundredths."""

    warn = forms.FloatField(label=_("Please look, above (of 100)"), min_value=0)
    fail = forms.FloatField(label=_("Must be mended, above (of 100)"), min_value=0)

    def clean(self) -> dict[str, Any]:
        """Refuse limits that are not in order."""
        given = super().clean() or {}
        if given.get("warn") is not None and given.get("fail") is not None and given["fail"] < given["warn"]:
            self.add_error("fail", _("This cannot be below the first limit."))
        return given
