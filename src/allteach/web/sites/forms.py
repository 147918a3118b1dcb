"""Forms about networks and sites."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from allteach.errors import MeasureError
from allteach.web.sites.models import Network, Site
from allteach.web.sites.rules import rule_choices
from allteach.web.sites.services import MOVES


def _zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("There is no such time zone. Write it like Europe/Berlin or UTC."))


class NewNetworkForm(forms.Form):
    """What a network needs to begin."""

    name = forms.CharField(label=_("Name of the network"), max_length=120)
    condition = forms.CharField(
        label=_("What it is about"), max_length=200, required=False, help_text=_("The condition or the kind of care.")
    )
    aim = forms.CharField(
        label=_("Aim"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What will be better, by how much, for whom, by when."),
    )
    naming = forms.ChoiceField(label=_("Site names"), choices=Network.Naming.choices, widget=forms.RadioSelect)
    timezone = forms.CharField(label=_("Time zone"), initial="UTC", validators=[_zone])


class NetworkForm(NewNetworkForm):
    """Every setting of a network, and why it changes."""

    small_count = forms.IntegerField(
        label=_("Withhold counts below"),
        min_value=1,
        max_value=50,
        help_text=_(
            "Counts from 1 to below this are not shown to other sites. 11 is a common choice; 1 withholds none."
        ),
    )
    open_counts = forms.BooleanField(label=_("Members have agreed to show small counts to each other"), required=False)
    due_days = forms.IntegerField(
        label=_("Data of a month are due so many days after its end"),
        min_value=0,
        max_value=180,
        required=False,
        help_text=_("Empty: no fixed day; a site is late when others have sent."),
    )
    rule_set = forms.ChoiceField(
        label=_("Rules that call a change"), help_text=_("Every chart uses them unless its measure has its own.")
    )
    engine = forms.ChoiceField(
        label=_("What works measures out"),
        choices=Network.Engine.choices,
        help_text=_("Both give the same numbers. Spark takes longer below a hundred million rows."),
    )
    reason = forms.CharField(
        label=_("Reason for the change"),
        max_length=200,
        help_text=_("Kept in the ledger for all to read: who decided, and when."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule_set"].choices = rule_choices()

    def clean_engine(self) -> str:
        """Return the engine; say at once, beside the choice, what has to be installed for it."""
        chosen: str = self.cleaned_data["engine"]
        if chosen == Network.Engine.SPARK and chosen != self.initial.get("engine"):
            # Here, not above: hardly any network chooses it.
            from allteach.measures.spark import check_installed

            try:
                check_installed()
            except MeasureError as error:
                raise ValidationError(str(error)) from error
        return chosen


class NewSiteForm(forms.Form):
    """What a site needs to begin."""

    name = forms.CharField(label=_("Name"), max_length=160)
    code = forms.SlugField(
        label=_("Code"),
        max_length=60,
        help_text=_("What files call the site: letters, digits, hyphens. It never changes."),
    )


class SiteForm(forms.Form):
    """The facts about a site that may change."""

    name = forms.CharField(label=_("Name"), max_length=160)
    kind = forms.CharField(label=_("Kind"), max_length=60, required=False, help_text=_("Hospital, clinic, unit."))
    region = forms.CharField(label=_("Region"), max_length=80, required=False)
    cohort = forms.CharField(
        label=_("Cohort"), max_length=60, required=False, help_text=_("Sites that began together, such as Pioneers.")
    )
    joined_on = forms.DateField(
        label=_("Joined on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class MoveForm(forms.Form):
    """Where a site goes next in its life in the network, and why."""

    status = forms.ChoiceField(label=_("New status"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Shown beside the status, so that nobody has to guess.")
    )

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [(status, Site.Status(status).label) for status in MOVES[site.status]]
        self.fields["status"].choices = steps
