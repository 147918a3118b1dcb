"""What people do with a version: pilot, check, release, keep to sustain, retire."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allteach.web.measuring import selectors, services
from allteach.web.measuring.forms import CheckForm, ReasonForm, ReleaseForm
from allteach.web.measuring.models import SHOWN, MeasureVersion
from allteach.web.measuring.views.pages import measure_page
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission


def _version(request: Any, slug: str, number: int) -> MeasureVersion:
    found = selectors.measure_for(user=request.user, network=request.network, slug=slug)
    version = found.versions.select_related("measure__network").filter(number=number).first()
    if version is None:
        raise Http404
    return version


def _back(request: Any, slug: str, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("measuring:measure", network=request.network.slug, slug=slug)


@require_POST
def pilot(request: Any, network: str, slug: str, number: int) -> HttpResponse:
    """Work a draft out along with the others, without putting it on charts."""
    services.pilot(by=request.user, version=_version(request, slug, number))
    return _back(request, slug, _("The pilot is worked out with every file that comes in. Charts do not show it yet."))


@require_POST
def check(request: Any, network: str, slug: str, number: int) -> HttpResponse:
    """Put a second person's name and the day on the card."""
    form = CheckForm(request.POST, auto_id="id_check_%s")
    version = _version(request, slug, number)
    if not form.is_valid():
        return measure_page(request, slug, {"check_form": form})
    services.check(by=request.user, version=version, **form.cleaned_data)
    return _back(request, slug, _("Your name and today's date are on the card. It can be released now."))


@require_POST
def release(request: Any, network: str, slug: str, number: int) -> HttpResponse:
    """Show a version on charts from now on."""
    version = _version(request, slug, number)
    said: dict[str, Any] = {}
    if version.measure.versions.filter(status__in=SHOWN).exclude(pk=version.pk).exists():
        form = ReleaseForm(request.POST, auto_id="id_release_%s")
        if not form.is_valid():
            return measure_page(request, slug, {"release_form": form})
        said = form.cleaned_data
    services.release(by=request.user, version=version, **said)
    return _back(request, slug, _("The measure is released and its results are worked out."))


@require_POST
def retain(request: Any, network: str, slug: str) -> HttpResponse:
    """Keep a measure on charts only to see that a gain lasts."""
    return _ended(request, slug, services.retain, _("The measure stays on charts, to see that the gain lasts."))


@require_POST
def retire(request: Any, network: str, slug: str) -> HttpResponse:
    """Take a measure off the charts, with a reason."""
    return _ended(request, slug, services.retire, _("The measure is retired. Its versions and results are kept."))


def _ended(request: Any, slug: str, act: Any, said: str) -> HttpResponse:
    found = selectors.measure_for(user=request.user, network=request.network, slug=slug)
    require(request.user, Permission.MEASURE_CHANGE, network=request.network)
    form = ReasonForm(request.POST, auto_id="id_end_%s")
    if not form.is_valid():
        return measure_page(request, slug, {"reason_form": form})
    act(by=request.user, measure=found, reason=form.cleaned_data["reason"])
    return _back(request, slug, said)
