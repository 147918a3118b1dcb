"""Pages of a project's bundle and its operational definitions."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import measures_of
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.projects import forms, selectors, services, theory
from allteach.web.projects.evidence import measure_readings
from allteach.web.projects.models import Bundle, Project
from allteach.web.projects.wording import EVIDENCE_NAMES
from allteach.web.sites.models import Network


def bundle(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show a bundle in any of its versions, with how reliably each element is done."""
    place: Network = request.network
    project = selectors.project_for(user=request.user, network=place, number=number)
    wanted = request.GET.get("version", "")
    shown = selectors.bundle_of(user=request.user, project=project, version=int(wanted) if wanted.isdigit() else None)
    readings = {one.measure.slug: one for one in measure_readings(user=request.user, project=project)} if shown else {}
    context = {
        "project": project,
        "bundle": shown,
        "elements": [_element(one, readings) for one in shown.elements] if shown else [],
        "whole": readings.get(shown.measure.slug) if shown and shown.measure else None,
        "versions": list(project.bundles.all()),
        "has_draft": project.bundles.filter(status="draft").exists(),
        "may_change": _may_change(request, project),
    }
    return render(request, "projects/bundle.html", context)


def _element(one: dict[str, str], readings: dict[str, Any]) -> dict[str, Any]:
    return {**one, "evidence_name": EVIDENCE_NAMES[one["evidence"]], "reading": readings.get(one["measure"])}


def write_bundle(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Write the bundle and its elements."""
    project = _to_change(request, number)
    draft: Bundle | None = project.bundles.filter(status="draft").first()
    begin = draft or selectors.bundle_of(user=request.user, project=project)
    measures = measures_of(user=request.user, network=project.network).filter(projects__project=project)
    first = (
        {"name": begin.name, "measure": begin.measure_id, "all_or_none": begin.all_or_none}
        if begin
        else {"all_or_none": True}
    )
    data = request.POST or None
    form = forms.BundleForm(data, measures=measures, initial=first)
    rows = forms.ElementFormSet(data, initial=begin.elements if begin else [], prefix="element")
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        elements = [row for row in rows.cleaned_data if row.get("text")]
        theory.bundle_write(by=request.user, project=project, elements=elements, **form.cleaned_data)
        return redirect("projects:bundle", network=project.network.slug, number=number)
    diagram = selectors.diagram_of(user=request.user, project=project)
    context = {
        "project": project,
        "form": form,
        "rows": rows,
        "drivers": [node["text"] for node in diagram.nodes] if diagram else [],
        "measures": measures,
    }
    return render(request, "projects/write_bundle.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def publish_bundle(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Publish the draft of the bundle."""
    project = _to_change(request, number)
    theory.bundle_publish(by=request.user, project=project)
    return redirect("projects:bundle", network=project.network.slug, number=number)


def definitions(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show how each measure of the project is counted, with earlier versions."""
    place: Network = request.network
    project = selectors.project_for(user=request.user, network=place, number=number)
    found: dict[int, list[Any]] = {}
    for one in selectors.definitions_of(user=request.user, project=project):
        found.setdefault(one.measure_id, []).append(one)
    watched = [one.measure for one in project.measures.select_related("measure").order_by("measure__title")]
    context = {
        "project": project,
        "defined": [(measure, found.get(measure.pk, [])) for measure in watched],
        "may_change": _may_change(request, project),
    }
    return render(request, "projects/definitions.html", context)


def define(request: HttpRequest, network: str, number: int, slug: str) -> HttpResponse:
    """Write a new version of how a measure is counted."""
    project = _to_change(request, number)
    measure = Measure.objects.filter(projects__project=project, slug=slug).first()
    if measure is None:
        raise Http404
    last = project.definitions.filter(measure=measure).first()
    begin = {name: getattr(last, name) for name in forms.DefinitionForm.Meta.fields if name != "reason"} if last else {}
    form = forms.DefinitionForm(request.POST or None, initial=begin)
    if request.method == "POST" and form.is_valid():
        theory.definition_write(by=request.user, project=project, measure=measure, **form.cleaned_data)
        return redirect("projects:definitions", network=project.network.slug, number=number)
    diagram = selectors.diagram_of(user=request.user, project=project)
    context = {
        "project": project,
        "form": form,
        "heading": _("How “%(measure)s” is counted") % {"measure": measure.title},
        "drivers": [node["text"] for node in diagram.nodes] if diagram else [],
    }
    return render(request, "projects/form.html", context, status=422 if request.method == "POST" else 200)


def _to_change(request: HttpRequest, number: int) -> Project:
    place: Network = request.network
    project = selectors.project_for(user=request.user, network=place, number=number)
    require(request.user, Permission.PROJECT_CHANGE, network=place)
    return project


def _may_change(request: HttpRequest, project: Project) -> bool:
    return may(request.user, Permission.PROJECT_CHANGE, network=project.network) and project.phase not in services.ENDED
