"""Pages of measures: what each is, who wrote it, and how to change it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allteach.errors import AllteachError
from allteach.measures.binding import kinds_of_table
from allteach.measures.card import Card
from allteach.measures.cases import run_cases
from allteach.web.measuring import selectors, services
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.forms import DIRECTIONS, KINDS, CardForm, SettingsForm, column_kinds
from allteach.web.measuring.models import Measure
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.submissions.selectors import dictionary_of, tables_of


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
            | _words(card)
        )
    return render(request, "measuring/list.html", {"rows": rows, "others": others, "may_change": may_change})


@require_safe
def measure(request: Any, network: str, slug: str) -> HttpResponse:
    """Show a measure's card: words first, then how it is counted, then its versions."""
    here, user = request.network, request.user
    found = selectors.measure_for(user=user, network=here, slug=slug)
    may_change = may(user, Permission.MEASURE_CHANGE, network=here)
    versions = list(found.versions.order_by("-number"))
    current = selectors.current_version(found)
    draft = versions[0] if versions[0].status == "draft" and may_change else None
    shown = current or versions[0]
    card = card_of(shown)
    context = {
        "measure": found,
        "shown": shown,
        "current": current,
        "draft": draft,
        "card": card,
        "versions": versions,
        "may_change": may_change,
        "target": "" if found.target is None else card.format.text(found.target),
        "unit": card.format.axis,
        "strata": card.strata,
    } | _words(card)
    if draft is not None:
        context |= {"draft_card": card_of(draft), "trial": _tried(request, card_of(draft))}
    if card.tests:
        context["cases"] = run_cases(card, kinds_of_table(dictionary_of(here, card.table)))
    return render(request, "measuring/measure.html", context)


def _tried(request: Any, card: Card) -> Any:
    """Return what a draft comes to on data, or the error that says why it does not."""
    try:
        return {"found": selectors.trial(user=request.user, network=request.network, card=card)}
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
    return render(request, "measuring/settings.html", {"form": form, "measure": found}, status=_status(form))


@require_http_methods(["GET", "POST"])
def new(request: Any, network: str) -> HttpResponse:
    """Write a new measure from the columns of a table, without code."""
    here, user = request.network, request.user
    require(user, Permission.MEASURE_CHANGE, network=here)
    tables = tables_of(user=user, network=here)
    chosen = request.GET.get("table") or (tables[0].slug if tables else "")
    table = next((table for table in tables if table.slug == chosen), None)
    if table is None:
        return render(request, "measuring/write.html", {"tables": tables})
    form = CardForm(request.POST or None, dictionary=dictionary_of(here, table.slug))
    if request.method == "POST" and form.is_valid() and request.POST.get("action") != "try":
        assert form.card is not None
        try:
            made = services.create_measure(by=user, network=here, card=form.card, released=False)
            messages.success(request, _("The draft is stored. Look at it on data, then release it."))
            return redirect("measuring:measure", network=network, slug=made.slug)
        except AllteachError as error:
            form.add_error(None, f"{error.what} {error.do}")
    return _write(request, form, {"tables": tables, "table": table})


@require_http_methods(["GET", "POST"])
def revise(request: Any, network: str, slug: str) -> HttpResponse:
    """Write the next version of a card; the old one is kept."""
    here, user = request.network, request.user
    require(user, Permission.MEASURE_CHANGE, network=here)
    found = selectors.measure_for(user=user, network=here, slug=slug)
    newest = found.versions.order_by("-number")[0]
    card = card_of(newest)
    form = CardForm(request.POST or None, dictionary=dictionary_of(here, card.table), old=card)
    if request.method == "POST" and form.is_valid() and request.POST.get("action") != "try":
        assert form.card is not None
        try:
            services.revise(by=user, measure=found, card=form.card)
            messages.success(request, _("The next version is stored as a draft. Look at it on data, then release it."))
            return redirect("measuring:measure", network=network, slug=slug)
        except AllteachError as error:
            form.add_error(None, f"{error.what} {error.do}")
    return _write(request, form, {"measure": found, "newest": newest})


def _write(request: Any, form: CardForm, context: dict[str, Any]) -> HttpResponse:
    """Show the form for a card, with a trial on data where one was asked for."""
    context |= {"form": form, "columns": column_kinds(form.dictionary)}
    if request.method == "POST" and form.card is not None and not form.errors:
        context["trial"] = _tried(request, form.card)
    return render(request, "measuring/write.html", context, status=_status(form))


@require_POST
def release(request: Any, network: str, slug: str, number: int) -> HttpResponse:
    """Show a draft on charts from now on."""
    found = selectors.measure_for(user=request.user, network=request.network, slug=slug)
    version = found.versions.filter(number=number).first()
    if version is None:
        raise Http404
    services.release(by=request.user, version=version)
    messages.success(request, _("The measure is released and its results are worked out."))
    return redirect("measuring:measure", network=network, slug=slug)


@require_POST
def retire(request: Any, network: str, slug: str) -> HttpResponse:
    """Take a measure off the charts, with a reason."""
    found: Measure = selectors.measure_for(user=request.user, network=request.network, slug=slug)
    services.retire(by=request.user, measure=found, reason=request.POST.get("reason", ""))
    messages.success(request, _("The measure is retired. Its versions and results are kept."))
    return redirect("measuring:measure", network=network, slug=slug)


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200
