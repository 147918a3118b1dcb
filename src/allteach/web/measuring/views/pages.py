"""Pages of measures: what each is, who wrote it, and how to change it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from allteach.errors import AllteachError
from allteach.measures.binding import kinds_of_table
from allteach.measures.card import Card
from allteach.measures.cases import run_cases
from allteach.measures.fhir import is_reportable
from allteach.web.measuring import selectors, services
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.changes import differences
from allteach.web.measuring.checkers import may_check, needs_check
from allteach.web.measuring.forms import DIRECTIONS, KINDS, CheckForm, ReasonForm, ReleaseForm, SettingsForm
from allteach.web.measuring.models import SHOWN, MeasureVersion
from allteach.web.measuring.services.life import OPEN
from allteach.web.measuring.trying import trial
from allteach.web.measuring.writing import MISSING
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.submissions.selectors import dictionary_of


def _words(card: Card) -> dict[str, Any]:
    """Return what a page says of a card's kind, role and direction."""
    return {
        "kind": dict(KINDS).get(card.kind.value, card.kind.value.replace("_", " ")),
        "direction": dict(DIRECTIONS)[card.direction.value],
    }


@require_safe
def measures(request: Any, network: str) -> HttpResponse:
    """List the measures of the network."""
    here, user = request.network, request.user
    may_change = may(user, Permission.MEASURE_CHANGE, network=here)
    newest = selectors.newest_period(user=user, network=here)
    today = timezone.localdate()
    rows, others = [], []
    for measure in selectors.measures_of(user=user, network=here, retired=may_change):
        version = selectors.current_version(measure)
        if version is None:
            others.append({"measure": measure, "version": measure.versions.all()[0]})
            continue
        card = card_of(version)
        target = "" if measure.target is None else card.format.text(measure.target)
        rows.append(
            {"measure": measure, "version": version, "card": card, "target": target, "newest": newest.get(measure.pk)}
            | {"waits": may_change and measure.versions.all()[0].status in OPEN}
            | {"review_due": bool(card.review_by and card.review_by <= today)}
            | _words(card)
        )
    return render(request, "measuring/list.html", {"rows": rows, "others": others, "may_change": may_change})


@require_safe
def measure(request: Any, network: str, slug: str) -> HttpResponse:
    """Show a measure's card: words first, then how it is counted, then its versions."""
    return measure_page(request, slug)


def measure_page(request: Any, slug: str, forms: dict[str, Any] | None = None) -> HttpResponse:
    """Show the page of a measure; forms with faults come back as they were sent."""
    here, user = request.network, request.user
    found = selectors.measure_for(user=user, network=here, slug=slug)
    may_change = may(user, Permission.MEASURE_CHANGE, network=here)
    versions = list(found.versions.select_related("written_by", "checked_by").order_by("-number"))
    current = next((version for version in versions if version.status in SHOWN), None)
    shown = current or versions[0]
    card = card_of(shown)
    context = {
        "measure": found,
        "shown": shown,
        "current": current,
        "card": card,
        "versions": versions,
        "may_change": may_change,
        "target": "" if found.target is None else card.format.text(found.target),
        "unit": card.format.axis,
        "reportable": is_reportable(card),
        "exports": may(user, Permission.RESULT_EXPORT, network=here),
        "missing": dict(MISSING)[card.missing.value],
        "review_due": card.review_by if current and card.review_by and card.review_by <= timezone.localdate() else None,
        "reason_form": ReasonForm(auto_id="id_end_%s"),
    } | _words(card)
    if may_change and versions[0].status in OPEN and versions[0] != current:
        context |= _open_version(request, versions[0], current)
    context["cases"] = _cases(request, card)
    return render(request, "measuring/measure.html", context | (forms or {}), status=422 if forms else 200)


def _open_version(request: Any, version: MeasureVersion, current: MeasureVersion | None) -> dict[str, Any]:
    """Return what stands on the page about a draft or a pilot: what it comes to, and what can be done with it."""
    card = card_of(version)
    return {
        "draft": version,
        "draft_card": card,
        "draft_cases": _cases(request, card),
        "differences": differences(card_of(current), card) if current is not None else [],
        "trial": tried(request, card),
        "may_check": may_check(request.user, version) and version.checked_at is None,
        "needs_check": needs_check(version),
        "check_form": CheckForm(auto_id="id_check_%s"),
        "release_form": ReleaseForm(auto_id="id_release_%s") if current is not None else None,
    }


def _cases(request: Any, card: Card) -> Any:
    return run_cases(card, kinds_of_table(dictionary_of(request.network, card.table))) if card.tests else ()


def tried(request: Any, card: Card) -> Any:
    """Return what a card comes to on data, or the error that says why it does not."""
    try:
        return {"found": trial(user=request.user, network=request.network, card=card)}
    except AllteachError as error:
        return {"error": error}


@require_safe
def card_file(request: Any, network: str, slug: str, number: int) -> HttpResponse:
    """Send one version of a card as YAML."""
    found = selectors.measure_for(user=request.user, network=request.network, slug=slug)
    version = found.versions.filter(number=number).first()
    if version is None:
        raise Http404
    response = HttpResponse(version.card, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-v{number}.yaml"'
    return response


@require_safe
def resource(request: Any, network: str, slug: str, number: int) -> HttpResponse:
    """Send one version of a card as a FHIR Measure."""
    found = selectors.measure_for(user=request.user, network=request.network, slug=slug)
    made = selectors.resource_of(user=request.user, measure=found, number=number)
    response = HttpResponse(json.dumps(made, ensure_ascii=False, indent=2), content_type="application/fhir+json")
    response["Content-Disposition"] = f'attachment; filename="{slug}-v{number}.measure.json"'
    return response


@require_http_methods(["GET", "POST"])
def settings(request: Any, network: str, slug: str) -> HttpResponse:
    """Change what does not change the counting: name, target, baseline, rules."""
    found = selectors.measure_for(user=request.user, network=request.network, slug=slug)
    require(request.user, Permission.MEASURE_CHANGE, network=request.network)
    version = selectors.current_version(found) or found.versions.order_by("-number")[0]
    form = SettingsForm(request.POST or None, measure=found, card=card_of(version))
    if request.method == "POST" and form.is_valid():
        services.change_settings(by=request.user, measure=found, **form.changes())
        messages.success(request, _("The settings are stored, and charts follow them."))
        return redirect("measuring:measure", network=network, slug=slug)
    return render(request, "measuring/settings.html", {"form": form, "measure": found}, status=status_of(form))


def status_of(form: Any) -> int:
    """Return 422 for a form with faults."""
    return 422 if form.is_bound and form.errors else 200
