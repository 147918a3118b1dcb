"""A view of FHIR resources, pasted or begun from a shipped one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allteach.errors import IntakeError
from allteach.intake.fhir import views
from allteach.intake.fhir.rows import Rows

_CODE = {"rows": 16, "spellcheck": "false", "autocapitalize": "off", "class": "code"}


class ViewForm(forms.Form):
    """A view, and resources to try it on."""

    text = forms.CharField(
        label=_("View"),
        max_length=views.MAX_LETTERS,
        help_text=_("JSON or YAML in the shape of a SQL-on-FHIR ViewDefinition."),
        widget=forms.Textarea(attrs=_CODE),
    )
    sample = forms.CharField(
        label=_("Resources to try it on"),
        required=False,
        max_length=200_000,
        help_text=_("One resource in each line. They are shown to you and not kept."),
        widget=forms.Textarea(attrs=_CODE | {"rows": 5}),
    )

    def __init__(self, *args: Any, with_sample: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problem: IntakeError | None = None
        self.view: views.View | None = None
        if not with_sample:
            del self.fields["sample"]

    def clean_text(self) -> str:
        """Read the view, and keep what is wrong with it."""
        text = str(self.cleaned_data["text"])
        try:
            self.view = views.load(text)
            Rows(self.view)
        except IntakeError as error:
            self.problem = error
            raise forms.ValidationError(": ".join(part for part in (error.where, error.what) if part)) from None
        return text
