"""Pages of one's own account: profile, API keys, invitation, demonstration sign-in, the lock-out page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from allteach.web.people import selectors, services
from allteach.web.people.forms import FirstPersonForm, ProfileForm, TokenForm
from allteach.web.people.invitation import invited_person, may_set_up
from allteach.web.people.roles import ROLES

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _named(memberships: Any) -> list[Any]:
    rows = list(memberships)
    for row in rows:
        row.role_name = ROLES[row.role].name
    return rows


def profile(request: Any) -> HttpResponse:
    """Show and change one's own name and address; list roles and API keys."""
    start = {"display_name": request.user.display_name, "email": request.user.email}
    form = ProfileForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        services.change_profile(by=request.user, **form.cleaned_data)
        messages.success(request, _("Your profile is stored."))
        return redirect("people_outside:profile")
    context = {
        "form": form,
        "memberships": _named(selectors.own_memberships(user=request.user)),
        "tokens": list(selectors.tokens_of(user=request.user)),
        "token_form": TokenForm(),
    }
    return render(request, "people/profile.html", context)


@require_POST
@never_cache
def token_create(request: Any) -> HttpResponse:
    """Make an API key and show it, once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say what the key is for."))
        return redirect("people_outside:profile")
    token, key = services.create_token(by=request.user, name=form.cleaned_data["name"])
    return render(request, "people/token.html", {"token": token, "key": key})


@require_POST
def token_revoke(request: Any, pk: int) -> HttpResponse:
    """Make an API key useless."""
    token = selectors.tokens_of(user=request.user).filter(pk=pk).first()
    if token is None:
        raise Http404
    services.revoke_token(by=request.user, token=token)
    messages.success(request, _("The key no longer works."))
    return redirect("people_outside:profile")


@login_not_required
@sensitive_post_parameters()
@never_cache
def welcome(request: HttpRequest, who: str, token: str) -> HttpResponse:
    """Let an invited person choose a password and sign them in."""
    person = invited_person(who, token)
    if person is None:
        return render(request, "people/invitation_spent.html", status=410)
    form = SetPasswordForm(person, request.POST or None)
    form.fields["new_password1"].label = _("Password")
    form.fields["new_password2"].label = _("The same password again")
    if request.method == "POST" and form.is_valid():
        services.choose_password(by=person, password=form.cleaned_data["new_password1"])
        login(request, person, backend=BACKEND)
        return redirect("/")
    return render(request, "people/welcome.html", {"form": form, "person": person})


@login_not_required
@sensitive_post_parameters()
@never_cache
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first account of an empty server: the person who looks after it."""
    if not may_set_up(token):
        return render(request, "people/invitation_spent.html", status=410)
    form = FirstPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = services.create_person(by=None, is_staff=True, **form.person())  # type: ignore[arg-type]
        login(request, person, backend=BACKEND)
        return redirect("sites_outside:create")
    return render(request, "people/set_up.html", {"form": form})


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a demonstration person. Real people can never be entered this way."""
    person = selectors.demonstration_person(username=request.POST.get("username", ""))
    if person is None:
        raise Http404
    login(request, person, backend=BACKEND)
    return redirect("/")


@login_not_required
def locked_out(
    request: HttpRequest, response: Any = None, credentials: Any = None, *args: Any, **kwargs: Any
) -> HttpResponse:
    """Return the page after too many failed sign-ins."""
    return render(request, "429.html", status=429)
