"""Forms of doors, one for each kind, and the form that makes a table of a REDCap data dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.intake import omop, redcap
from allteach.intake.redcap import Question
from allteach.intake.redcap_table import Selection
from allteach.web.doors.bringing.postgresql import USUAL_PORT
from allteach.web.doors.hosts import is_here
from allteach.web.doors.models import Door
from allteach.web.doors.services import Wish
from allteach.web.sites.models import Site
from allteach.web.submissions.models import Table

WHOLE_NETWORK = "network"
NEVER = "never"
NOTHING = "-"
_TLS = [
    ("require", _("Encrypted")),
    ("verify-full", _("Encrypted, and the certificate must be known to this server")),
    ("prefer", _("Encrypted where the database can (only for this machine)")),
]


class DoorForm(forms.Form):
    """What every door has."""

    KIND = ""
    SECRET = _("Token")

    name = forms.CharField(
        label=_("Name of this door"), max_length=120, help_text=_("Such as: Northquay's heart operations.")
    )
    table = forms.ChoiceField(label=_("Table that it fills"))
    place = forms.ChoiceField(label=_("Whose data is it?"))
    every = forms.ChoiceField(
        label=_("Fetch by itself"),
        choices=[(key or NEVER, label) for key, label in Door.Every.choices],
        help_text=_("What comes is checked and waits for a person, as any file does."),
    )

    def __init__(
        self, *args: Any, tables: Sequence[Table], sites: Sequence[Site], door: Door | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {site.code: site for site in sites}
        self.fields["table"].choices = [(table.slug, table.name) for table in tables]
        whole = _t("Several sites: a column says which")
        self.fields["place"].choices = [(WHOLE_NETWORK, whole)] + [(s.code, s.name) for s in sites]
        stored = door is not None and bool(door.secret)
        self.fields["secret"] = forms.CharField(
            label=self.SECRET,
            required=not stored,
            max_length=500,
            strip=True,
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            help_text=_t("One is stored; leave this empty to keep it.")
            if stored
            else _t("Stored encrypted and never shown again."),
        )
        self.order_fields(["name", "table", "place", *self.own(), "secret", "every"])

    def own(self) -> list[str]:
        """Return the fields that only this kind has."""
        return [name for name in self.fields if name not in ("name", "table", "place", "every", "secret")]

    def settings(self) -> dict[str, Any]:
        """Return what is stored of the fields that only this kind has."""
        said = {name: self.cleaned_data[name] for name in self.own()}
        return {name: value for name, value in said.items() if value not in ("", None)}

    def wish(self) -> Wish:
        """Return what the person wants. Call when the form is valid."""
        said = self.cleaned_data
        site = self.sites.get(said["place"])
        every = "" if said["every"] == NEVER else said["every"]
        return Wish(said["name"], self.KIND, said["table"], self.settings(), site, every)

    @classmethod
    def start(cls, door: Door) -> dict[str, Any]:
        """Return a door as the form shows it."""
        place = door.site.code if door.site else WHOLE_NETWORK
        return {
            "name": door.name,
            "table": door.table_slug,
            "place": place,
            "every": door.every or NEVER,
        } | door.settings


class RedcapForm(DoorForm):
    """A REDCap project."""

    KIND = "redcap"
    SECRET = _("API token")

    url = forms.URLField(
        label=_("Address of the API"),
        assume_scheme="https",
        help_text=_("From the page API of your project; it ends with /api/."),
    )
    instrument = forms.CharField(
        label=_("Repeating instrument"),
        max_length=200,
        required=False,
        help_text=_("Its repeats are the rows. Empty: one row for each record."),
    )
    event = forms.CharField(
        label=_("Event"),
        max_length=200,
        required=False,
        help_text=_("Only in a project with events, such as visit_1_arm_1. Empty: all of them."),
    )


class _DatabaseForm(DoorForm):
    """A PostgreSQL database."""

    SECRET = _("Password")

    host = forms.CharField(label=_("Host"), max_length=253)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=USUAL_PORT)
    database = forms.CharField(label=_("Database"), max_length=63)
    user = forms.CharField(
        label=_("Account"), max_length=63, help_text=_("One that may only read the tables it needs.")
    )
    tls = forms.ChoiceField(label=_("Connection"), choices=_TLS)

    def clean(self) -> dict[str, Any]:
        """Keep the weakest connection for this machine."""
        said = super().clean() or {}
        if said.get("tls") == "prefer" and not is_here(said.get("host", "")):
            self.add_error("tls", _t("Choose an encrypted connection for another machine."))
        return said


class PostgresqlForm(_DatabaseForm):
    """A SELECT in a PostgreSQL database."""

    KIND = "postgresql"

    statement = forms.CharField(
        label=_("SELECT"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=_("Give each column the name that it has in the table. The text is kept in the ledger."),
    )


class OmopForm(_DatabaseForm):
    """An OMOP common data model in a PostgreSQL database."""

    KIND = "omop"

    schema = forms.CharField(label=_("Schema"), max_length=63, initial="cdm", help_text=_("It holds visit_occurrence."))
    mapping = forms.ChoiceField(label=_("What to fetch"))
    concepts = forms.CharField(
        label=_("Other concepts than the shipped ones"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("A line for each list, such as: steroids: RxNorm:8640, RxNorm:8638. The lists are named below."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].choices = [(one.name, one.title) for one in omop.mappings().values()]

    def clean_concepts(self) -> dict[str, str]:
        """Return list of concepts -> as written."""
        lines = [line for line in self.cleaned_data["concepts"].splitlines() if line.strip()]
        found = {name.strip(): rest.strip() for name, _colon, rest in (line.partition(":") for line in lines)}
        known = {one.name for mapping in omop.mappings().values() for one in mapping.concepts}
        if unknown := set(found) - known:
            raise forms.ValidationError(_t("There is no list called %(name)s.") % {"name": min(unknown)})
        return found

    @classmethod
    def start(cls, door: Door) -> dict[str, Any]:
        """Return a door as the form shows it."""
        lines = [f"{name}: {text}" for name, text in door.settings.get("concepts", {}).items()]
        return super().start(door) | {"concepts": "\n".join(lines)}


FORMS: dict[str, type[DoorForm]] = {form.KIND: form for form in (RedcapForm, PostgresqlForm, OmopForm)}


class RedcapTableForm(forms.Form):
    """First page: the data dictionary. Second page: what of it becomes a table."""

    file = forms.FileField(
        label=_("Data dictionary of REDCap"),
        required=False,
        help_text=_("The CSV file from Project Setup, Data Dictionary, Download the current Data Dictionary."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv"}),
    )


class SelectionForm(forms.Form):
    """What of a REDCap project becomes a table."""

    title = forms.CharField(label=_("Name of the table"), max_length=120)
    rows = forms.ChoiceField(label=_("One row for each"))
    instruments = forms.MultipleChoiceField(label=_("Instruments to take"), widget=forms.CheckboxSelectMultiple)
    day = forms.ChoiceField(label=_("Question that says when"), help_text=_("Its date decides the month of a row."))
    site = forms.ChoiceField(label=_("What says the site"))
    longitudinal = forms.BooleanField(label=_("The project has events"), required=False)
    missing = forms.CharField(
        label=_("Missing-data codes"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("As in the project's settings, such as: NI, No information | UNK, Unknown."),
    )
    free_text = forms.BooleanField(
        label=_("Keep free text"), required=False, help_text=_("Notes may hold names. Leave them out if you can.")
    )
    dictionary = forms.CharField(widget=forms.HiddenInput, max_length=2_000_000)

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instruments = redcap.forms(questions)
        repeats = [(one, _t("repeat of %(form)s") % {"form": one}) for one in instruments]
        self.fields["rows"].choices = [(NOTHING, _t("record")), *repeats]
        self.fields["instruments"].choices = [(one, one) for one in instruments]
        self.fields["instruments"].initial = list(instruments)
        dates = [q for q in questions if q.validation.startswith("date")]
        self.fields["day"].choices = [(q.name, f"{q.name}: {q.label}") for q in dates]
        places = [q for q in questions if q.type in ("dropdown", "radio", "text") and not q.validation]
        self.fields["site"].choices = [
            (NOTHING, _t("Nothing: the project belongs to one site")),
            (redcap.GROUP, _t("The data access group")),
            *((q.name, f"{q.name}: {q.label}") for q in places),
        ]

    def selection(self) -> Selection:
        """Return what was chosen. Call when the form is valid."""
        said = self.cleaned_data
        return Selection(
            name=slugify(said["title"])[:60] or "redcap",
            title=said["title"],
            day=said["day"],
            forms=tuple(said["instruments"]),
            repeating="" if said["rows"] == NOTHING else said["rows"],
            longitudinal=said["longitudinal"],
            site="" if said["site"] == NOTHING else said["site"],
            missing=redcap.missing_codes(said["missing"]),
            free_text=said["free_text"],
        )
