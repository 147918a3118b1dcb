"""Choosing what to send and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.web.sites.models import Site
from allteach.web.submissions.models import Table

NEW_TABLE = "new"
WHOLE_NETWORK = "network"
ACCEPTED_NAMES = ".csv,.tsv,.txt,.xlsx,.ndjson,.json,.gz"


class SendForm(forms.Form):
    """A file, the table it belongs to and the place it speaks for."""

    table = forms.ChoiceField(label=_("What is in the file?"))
    place = forms.ChoiceField(label=_("Whose data is it?"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("A CSV file, an Excel workbook (.xlsx), or FHIR resources (.ndjson), also packed (.gz)."),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED_NAMES}),
    )

    def __init__(
        self, *args: Any, tables: Sequence[Table], sites: Sequence[Site], whole: bool, may_name: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.tables = {str(table.pk): table for table in tables}
        self.sites = {site.code: site for site in sites}
        choices = [(key, table.name) for key, table in self.tables.items()]
        if may_name:
            choices.append((NEW_TABLE, _t("Something new: I will name its columns")))
        places = [(WHOLE_NETWORK, _t("Several sites: the file has a column that says which"))] if whole else []
        places += [(site.code, site.name) for site in sites]
        _choose(self, "table", choices)
        _choose(self, "place", places)

    def chosen_table(self) -> Table | None:
        """Return the table, or None for a new one."""
        return self.tables.get(self.cleaned_data["table"])

    def chosen_site(self) -> Site | None:
        """Return the site, or None for the whole network."""
        return self.sites.get(self.cleaned_data["place"])


class StartForm(forms.Form):
    """A new network from a file."""

    name = forms.CharField(
        label=_("Name of the network"), max_length=120, help_text=_("For example: Infections in six hospitals.")
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("A CSV file, an Excel workbook (.xlsx), or FHIR resources (.ndjson), also packed (.gz)."),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED_NAMES}),
    )


class FileForm(forms.Form):
    """A file of which only the columns are looked at."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Its columns are looked at; the file itself is not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED_NAMES}),
    )


class NoteForm(forms.Form):
    """A sentence that goes with a decision."""

    note = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    """Offer the choices; where there is only one, do not ask."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
    if len(choices) == 1:
        field.initial = choices[0][0]
        field.widget = forms.HiddenInput()
