"""Forms about people."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from allteach.web.people.roles import ROLES


def _completed(kind: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": kind})


class SignInForm(LoginForm):
    """User name or e-mail address, and password. Pasting is welcome."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail address")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)
            self.fields[name].help_text = ""
        self.fields["login"].widget = forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})


class PersonForm(forms.Form):
    """Who joins, and as what."""

    display_name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("If somebody with this address has an account here, they get the role; no second account is made."),
    )
    role = forms.ChoiceField(label=_("Role"))
    site: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Site"),
        queryset=None,
        required=False,
        empty_label=_("Whole network"),
        help_text=_("Needed for site leads, site members, family partners and executives."),
    )

    def __init__(self, *args: Any, network: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.key, role.name) for role in ROLES.values()]
        self.fields["site"].queryset = network.sites.exclude(status="withdrawn")

    def clean(self) -> dict[str, Any]:
        """Ask for the site where the role is held at one."""
        said = super().clean() or {}
        role = ROLES.get(said.get("role", ""))
        if role and role.needs_site and not said.get("site"):
            self.add_error("site", _("Choose the site: this role is held at one."))
        if role and not role.needs_site:
            said["site"] = None
        return said


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class ProfileForm(forms.Form):
    """What others read of a person."""

    display_name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Others in your networks read this."), widget=_completed("name")
    )
    email = forms.EmailField(label=_("E-mail address"), required=False)


class TokenForm(forms.Form):
    """What an API key is for."""

    name = forms.CharField(
        label=_("What is it for?"), max_length=80, help_text=_("Such as: monthly script on the ward PC.")
    )


class FirstPersonForm(forms.Form):
    """The first account of a server."""

    display_name = forms.CharField(label=_("Your name"), max_length=120, widget=_completed("name"))
    username = forms.SlugField(label=_("User name"), max_length=60, help_text=_("What you sign in with."))
    email = forms.EmailField(label=_("E-mail address"), required=False)
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters; a few words are easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Refuse passwords that are easily guessed."""
        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])

    def person(self) -> dict[str, str]:
        """Return what makes the person."""
        return {key: self.cleaned_data[key] for key in ("display_name", "username", "email", "password")}
