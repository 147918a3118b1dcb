"""Pages that write cards: the guided form, the same as YAML, and test cases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allteach.errors import AllteachError
from allteach.intake.contract import TableDictionary
from allteach.measures.binding import kinds_of_table
from allteach.measures.card import Card
from allteach.measures.cases import run_cases
from allteach.measures.files import dump
from allteach.web.measuring import selectors, services
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.casing import CaseForm
from allteach.web.measuring.forms import YamlForm, column_kinds, explained
from allteach.web.measuring.models import Measure, MeasureVersion
from allteach.web.measuring.views.pages import status_of, tried
from allteach.web.measuring.writing import CardForm
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.submissions.selectors import dictionary_of, tables_of

STARTER = """id: short-name
title: Name of the measure
kind: proportion
type: process
direction: higher
table: {table}
site: {site}
date: {date}
grain: {grain}
numerator: ""
words:
  what: What it tells.
  why: Why we follow it.
  numerator: What is counted.
  denominator: Out of what.
"""


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
    dictionary = dictionary_of(here, table.slug)
    context = {"tables": tables, "table": table}
    return _writing(request, dictionary, None, context, lambda card: _create(request, card))


def _create(request: Any, card: Card) -> Measure:
    return services.create_measure(by=request.user, network=request.network, card=card, released=False)


@require_http_methods(["GET", "POST"])
def revise(request: Any, network: str, slug: str) -> HttpResponse:
    """Write the next version of a card; the old one is kept."""
    here, user = request.network, request.user
    require(user, Permission.MEASURE_CHANGE, network=here)
    found = selectors.measure_for(user=user, network=here, slug=slug)
    newest = found.versions.order_by("-number")[0]
    card = card_of(newest)
    context = {"measure": found, "newest": newest, "is_draft": newest.status == MeasureVersion.Status.DRAFT}

    def store(made: Card) -> Measure:
        return services.revise(by=user, measure=found, card=made).measure

    return _writing(request, dictionary_of(here, card.table), card, context, store)


def _writing(
    request: Any, dictionary: TableDictionary, old: Card | None, context: dict[str, Any], store: Any
) -> HttpResponse:
    """Show the form or the YAML of a card, try it on data, or store it."""
    action = request.POST.get("action", "")
    as_yaml = (request.GET.get("as") == "yaml" or action == "yaml") and action != "form"
    form, card = _form(request, dictionary, old, as_yaml, action)
    if card is not None and action == "store":
        try:
            made = store(card)
            messages.success(request, _("The draft is stored. Try it on data, add test cases, and have it checked."))
            return redirect("measuring:measure", network=request.network.slug, slug=made.slug)
        except AllteachError as error:
            form.add_error(None, explained(error))
    context |= {"form": form, "columns": column_kinds(dictionary), "as_yaml": as_yaml}
    if card is not None and not form.errors:
        context |= {"made": dump(card), "cases": run_cases(card, kinds_of_table(dictionary))}
        if action == "try":
            context["trial"] = tried(request, card)
    return render(request, "measuring/write.html", context, status=status_of(form))


def _form(
    request: Any, dictionary: TableDictionary, old: Card | None, as_yaml: bool, action: str
) -> tuple[Any, Card | None]:
    """Return the form asked for and the card that it makes; None where it has faults or was not sent."""
    if request.method == "GET":
        if as_yaml:
            return YamlForm(dictionary=dictionary, initial={"card": dump(old) if old else _starter(dictionary)}), None
        return CardForm(dictionary=dictionary, old=old), None
    form: Any
    if "card" in request.POST:
        form = YamlForm(request.POST, dictionary=dictionary)
    else:
        form = CardForm(request.POST, dictionary=dictionary, old=old)
    if action == "more":
        return CardForm(dictionary=dictionary, old=old, initial=_said(form)), None
    if not form.is_valid():
        return form, None
    card: Card = form.card_made
    if action == "yaml":
        return YamlForm(dictionary=dictionary, initial={"card": dump(card)}), card
    return (CardForm(dictionary=dictionary, old=card) if action == "form" else form), card


def _said(form: CardForm) -> dict[str, Any]:
    """Return what was typed, to be shown again with one more row."""
    said = {name: form[name].value() for name in form.fields}
    return said | {"rows": form.row_count}


def _starter(dictionary: TableDictionary) -> str:
    from allteach.web.submissions.summaries import site_column

    date = dictionary.time.name if dictionary.time is not None else ""
    return STARTER.format(table=dictionary.name, site=site_column(dictionary), date=date, grain=dictionary.grain)


@require_http_methods(["GET", "POST"])
def cases(request: Any, network: str, slug: str) -> HttpResponse:
    """Write test cases on the card of a draft, and run them."""
    here, user = request.network, request.user
    require(user, Permission.MEASURE_CHANGE, network=here)
    found = selectors.measure_for(user=user, network=here, slug=slug)
    draft = found.versions.filter(status=MeasureVersion.Status.DRAFT).order_by("-number").first()
    if draft is None:
        raise Http404
    card = card_of(draft)
    kinds = kinds_of_table(dictionary_of(here, card.table))
    form = CaseForm(request.POST or None, card=card, kinds=kinds)
    if request.method == "POST" and "remove" in request.POST:
        kept = tuple(case for case in card.tests if case.name != request.POST["remove"])
        services.revise(by=user, measure=found, card=replace(card, tests=kept))
        return redirect("measuring:cases", network=network, slug=slug)
    if request.method == "POST" and form.is_valid():
        services.revise(by=user, measure=found, card=replace(card, tests=(*card.tests, form.case())))
        messages.success(request, _("The case is on the card."))
        return redirect("measuring:cases", network=network, slug=slug)
    context = {"measure": found, "draft": draft, "form": form, "cases": run_cases(card, kinds)}
    return render(request, "measuring/cases.html", context, status=status_of(form))
