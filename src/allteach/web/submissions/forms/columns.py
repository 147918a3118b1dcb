"""Naming the columns of a file: what each is for, and how long a period is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.intake.contract import FieldType, Privacy, Role, TableDictionary
from allteach.intake.dates import STYLES
from allteach.intake.profile import ColumnGuess, Profile
from allteach.web.submissions.wording import GRAINS, ROLES

LEAVE_OUT = "leave_out"
TIMES = (Role.PERIOD, Role.DATE, Role.DAY_NUMBER)
_ONCE = (Role.SITE,)
# what a column can say, in the order in which people think of it
_OFFERED = (
    Role.SITE, Role.PERIOD, Role.DATE, Role.DAY_NUMBER, Role.NUMERATOR, Role.DENOMINATOR, Role.EVENT, Role.VALUE,
    Role.STRATUM, Role.RECORD, Role.START, Role.END, Role.OTHER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One column on the page.

    Args:
        guess: What it seems to be.
        samples: Its first few values.
        role: The field for its role.
        style: The field for its date style, where the file leaves it open.
        event: The field for the values that count, where it is a result.
    """

    guess: ColumnGuess
    samples: tuple[str, ...]
    role: Any
    style: Any
    event: Any


class ColumnsForm(forms.Form):
    """What the file holds, column by column."""

    title = forms.CharField(
        label=_("Name of this table"),
        max_length=120,
        help_text=_("What one file of this kind holds, such as Infections by month."),
    )
    grain = forms.ChoiceField(
        label=_("Length of a period"), choices=list(GRAINS.items()), help_text=_("One point on a chart.")
    )
    origin = forms.DateField(
        label=_("Day 0 of the day number"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The date that a day number of 0 stands for."),
    )
    one_site = forms.CharField(
        label=_("Site that the whole file is from"),
        max_length=160,
        required=False,
        help_text=_("Only where no column names the site."),
    )

    def __init__(
        self,
        *args: Any,
        profile: Profile,
        samples: Mapping[str, tuple[str, ...]],
        title: str,
        has_site: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.profile, self.samples, self.has_site = profile, samples, has_site
        self.fields["title"].initial = title
        self.fields["grain"].initial = profile.grain
        for at, guess in enumerate(profile.columns):
            self._add_column(at, guess)
        if not self._in_use(Role.DAY_NUMBER):
            del self.fields["origin"]
        if has_site or self._in_use(Role.SITE):
            del self.fields["one_site"]

    def _add_column(self, at: int, guess: ColumnGuess) -> None:
        options = [(role.value, ROLES[role]) for role in _OFFERED] + [(LEAVE_OUT, _("Leave out, do not store"))]
        initial = LEAVE_OUT if guess.field.privacy is Privacy.DIRECT else guess.role.value
        label = _t("Use of %(column)s") % {"column": guess.name}
        self.fields[f"role-{at}"] = forms.ChoiceField(
            choices=options, initial=initial, label=label, widget=forms.Select(attrs={"class": "role"})
        )
        if guess.field.type is FieldType.DATE and not guess.field.formats:
            styles = [("", _t("Please say"))] + [(name, name) for name in STYLES]
            self.fields[f"style-{at}"] = forms.ChoiceField(
                choices=styles, required=False, label=_t("Dates of %(column)s are written") % {"column": guess.name}
            )
        if guess.values and self._chosen(at, guess) == Role.EVENT and guess.field.type is not FieldType.BOOLEAN:
            self.fields[f"event-{at}"] = forms.MultipleChoiceField(
                choices=[(value, value) for value in guess.values],
                initial=list(guess.field.event),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                label=_t("Which values of %(column)s count?") % {"column": guess.name},
            )

    def _chosen(self, at: int, guess: ColumnGuess) -> str:
        return str(self.data.get(f"role-{at}", "")) if self.is_bound else guess.role.value

    def _in_use(self, role: Role) -> bool:
        return any(self._chosen(at, guess) == role for at, guess in enumerate(self.profile.columns))

    def lines(self) -> Iterator[Line]:
        """Return the columns for the page."""
        for at, guess in enumerate(self.profile.columns):
            style, event = (f"{kind}-{at}" if f"{kind}-{at}" in self.fields else "" for kind in ("style", "event"))
            yield Line(
                guess,
                self.samples.get(guess.name, ()),
                self[f"role-{at}"],
                self[style] if style else None,
                self[event] if event else None,
            )

    def general(self) -> list[Any]:
        """Return the fields about the whole file."""
        return [self[name] for name in ("title", "grain", "origin", "one_site") if name in self.fields]

    def clean(self) -> dict[str, Any]:
        """Check that the columns together make a table that charts can be drawn from."""
        said = super().clean() or {}
        used = [str(said.get(f"role-{at}", "")) for at in range(len(self.profile.columns))]
        for role in (*_ONCE, None):
            group = [r.value for r in TIMES] if role is None else [role.value]
            at = [i for i, name in enumerate(used) if name in group]
            if len(at) > 1:
                word = _t("the time") if role is None else _t("the site")
                self.add_error(f"role-{at[1]}", _t("Two columns say %(what)s; choose one.") % {"what": word})
        if not any(role.value in used for role in TIMES):
            self.add_error(None, _t("Choose the column that says when: a period, a date or a day number."))
        if Role.SITE.value not in used and not self.has_site and not said.get("one_site"):
            self.add_error(
                "one_site" if "one_site" in self.fields else None,
                _t("No column names the site, so say whose data the whole file is."),
            )
        if not {Role.NUMERATOR.value, Role.VALUE.value, Role.EVENT.value} & set(used):
            self.add_error(None, _t("Choose at least one column to measure: a numerator, a value or a result."))
        self._clean_columns(said, used)
        return said

    def _clean_columns(self, said: Mapping[str, Any], used: list[str]) -> None:
        for at, guess in enumerate(self.profile.columns):
            name = {"column": guess.name}
            dated = used[at] in (Role.DATE, Role.PERIOD, Role.START, Role.END)
            if dated and f"style-{at}" in self.fields and not said.get(f"style-{at}"):
                self.add_error(f"style-{at}", _t("The dates of %(column)s can be read in two ways. Say which.") % name)
            if used[at] == Role.EVENT and f"event-{at}" in self.fields and not said.get(f"event-{at}"):
                self.add_error(f"event-{at}", _t("Say which values of %(column)s count.") % name)

    def dictionary(self, name: str = "") -> TableDictionary:
        """Return the data dictionary that the answers describe. Call when the form is valid."""
        said = self.cleaned_data
        columns = list(enumerate(self.profile.columns))
        roles = {guess.name: said[f"role-{at}"] for at, guess in columns if said[f"role-{at}"] != LEAVE_OUT}
        made = self.profile.dictionary(
            name or slugify(said["title"])[:60] or "table",
            said["title"],
            roles=roles,
            origin=said.get("origin"),
            formats={guess.name: said[f"style-{at}"] for at, guess in columns if said.get(f"style-{at}")},
            grain=said["grain"],
            leave_out=tuple(guess.name for at, guess in columns if said[f"role-{at}"] == LEAVE_OUT),
        )
        for at, guess in columns:
            if said.get(f"event-{at}"):
                made = made.replace_field(replace(made.field(guess.name), event=tuple(said[f"event-{at}"])))
        return made


def table_title(file_name: str) -> str:
    """Return a name for a table made of the file's.

    Example:
        >>> table_title("ward_falls-2024.csv")
        'Ward falls 2024'
    """
    stem = Path(file_name).stem.replace("_", " ").replace("-", " ").strip()
    return (stem[:1].upper() + stem[1:])[:120] or _t("Table")


def initial_answers(form: ColumnsForm) -> dict[str, Any]:
    """Return the guesses as if they had been posted."""
    return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
