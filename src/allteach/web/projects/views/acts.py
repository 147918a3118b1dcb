"""What is done to a project from its page: one small form an act."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allteach.web.measuring.selectors import measures_of
from allteach.web.people.models import Person
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.projects import forms, selectors, services, theory
from allteach.web.projects.diagram import to_outline
from allteach.web.projects.models import CohortSite, Project
from allteach.web.sites.models import Network
from allteach.web.sites.selectors import sites_for


def _project(request: HttpRequest, number: int) -> Project:
    place: Network = request.network
    found = selectors.project_for(user=request.user, network=place, number=number)
    require(request.user, Permission.PROJECT_CHANGE, network=place)
    return found


def _back(found: Project) -> HttpResponse:
    return redirect("projects:project", network=found.network.slug, number=found.number)


def edit(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Change the words of a project."""
    found = _project(request, number)
    form = forms.ProjectForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        fresh = Project.objects.get(pk=found.pk)
        services.project_change(by=request.user, project=fresh, **form.cleaned_data)
        return _back(found)
    return _page(request, found, form, _("Change the project"))


def add(request: HttpRequest, network: str, number: int, what: str) -> HttpResponse:
    """Add an aim, a person, a measure or a cohort."""
    found = _project(request, number)
    form, keep, heading = _adding(request, found, what)
    if request.method == "POST" and form.is_valid():
        keep(form.cleaned_data)
        return _back(found)
    return _page(request, found, form, heading)


def _adding(request: HttpRequest, found: Project, what: str) -> tuple[Any, Any, str]:
    place, by, data = found.network, request.user, request.POST or None
    if what == "aim":
        form: Any = _aim_form(request, place)
        return form, lambda said: services.aim_set(by=by, network=place, project=found, **said), _("Set an aim")
    if what == "person":
        form = forms.PersonForm(data, people=Person.objects.filter(memberships__network=place).distinct())
        return form, lambda said: services.person_add(by=by, project=found, **said), _("Add a person")
    if what == "measure":
        form = forms.MeasureForm(data, measures=measures_of(user=by, network=place))
        return form, lambda said: services.measure_watch(by=by, project=found, **said), _("Watch a measure")
    form = forms.CohortForm(data, sites=sites_for(user=by, network=place).filter(status="active"))

    def keep(said: dict[str, Any]) -> None:
        sites = said.pop("sites")
        cohort = services.cohort_add(by=by, project=found, **said)
        for site in sites:
            services.cohort_join(by=by, cohort=cohort, site=site, on=cohort.starts)

    return form, keep, _("Add a cohort of sites")


def network_aim(request: HttpRequest, network: str) -> HttpResponse:
    """Set an aim of the network itself."""
    place: Network = request.network
    require(request.user, Permission.NETWORK_CHANGE, network=place)
    form = _aim_form(request, place)
    if request.method == "POST" and form.is_valid():
        services.aim_set(by=request.user, network=place, **form.cleaned_data)
        return redirect("projects:index", network=place.slug)
    return _page(request, None, form, _("Set an aim for the network"))


def _aim_form(request: HttpRequest, place: Network) -> forms.AimForm:
    sites = sites_for(user=request.user, network=place)
    return forms.AimForm(request.POST or None, measures=measures_of(user=request.user, network=place), sites=sites)


def outline(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Write the driver diagram."""
    found = _project(request, number)
    draft = found.diagrams.filter(status="draft").first() or selectors.diagram_of(user=request.user, project=found)
    begin = {"outline": to_outline(draft.nodes) if draft else ""}
    form = forms.OutlineForm(request.POST or None, initial=begin)
    form.fields["outline"].strip = False
    if request.method == "POST" and form.is_valid():
        theory.diagram_write(by=request.user, project=found, outline=form.cleaned_data["outline"])
        return redirect("projects:diagram", network=found.network.slug, number=found.number)
    return _page(request, found, form, _("Write the driver diagram"))


@require_POST
def act(request: HttpRequest, network: str, number: int, step: str) -> HttpResponse:
    """Move a project where no gate stands: advance, hold, resume, stop, close, publish its diagram."""
    found, said = _project(request, number), request.POST.get("sentence", "")
    by = request.user
    if step == "advance":
        services.project_advance(by=by, project=found)
    elif step == "hold":
        services.project_hold(by=by, project=found, reason=said)
    elif step == "resume":
        services.project_resume(by=by, project=found)
    elif step == "stop":
        services.project_stop(by=by, project=found, reason=said)
    elif step == "close":
        services.project_close(by=by, project=found, lesson=said)
    elif step == "promote":
        child = services.project_promote(by=by, project=found, pathway=request.POST.get("pathway", ""), reason=said)
        messages.success(request, _("Promoted. The new project keeps its lineage."))
        return _back(child)
    elif step == "publish-diagram":
        theory.diagram_publish(by=by, project=found)
        return redirect("projects:diagram", network=found.network.slug, number=found.number)
    return _back(found)


def member(request: HttpRequest, network: str, number: int, pk: int) -> HttpResponse:
    """Move a site through its stages in a cohort, or let it leave."""
    found = _project(request, number)
    membership = get_object_or_404(CohortSite.objects.select_related("cohort__project__network", "site"), pk=pk)
    if membership.cohort.project_id != found.pk:
        raise Http404
    form = forms.LeaveForm(request.POST if "leave" in request.POST else None)
    stages = CohortSite._meta.get_field("stage").choices
    if request.method == "POST":
        if "leave" in request.POST and form.is_valid():
            today = timezone.localdate()
            on = max(today, membership.joined)
            services.cohort_leave(by=request.user, membership=membership, on=on, reason=form.cleaned_data["reason"])
            return _back(found)
        if request.POST.get("stage") in dict(stages):
            services.cohort_stage(by=request.user, membership=membership, stage=request.POST["stage"])
            return _back(found)
    context = {"project": found, "membership": membership, "stages": stages, "form": form}
    return render(request, "projects/member.html", context, status=422 if request.method == "POST" else 200)


def _page(request: HttpRequest, found: Project | None, form: Any, heading: str) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/form.html", {"project": found, "form": form, "heading": heading}, status=status)
