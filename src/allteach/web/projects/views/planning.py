"""Pages to plan by: aims rolled up, where most could be gained, and who carries how much."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from allteach.web.measuring.selectors import measures_of
from allteach.web.people.permissions import may, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.projects import forms, planning, selectors, services
from allteach.web.projects.policy import Phase
from allteach.web.projects.wording import PHASE_NAMES
from allteach.web.sites.models import Network
from allteach.web.sites.selectors import sites_for


def aims(request: HttpRequest, network: str) -> HttpResponse:
    """Show the aims of network, projects and sites, and what the sites' own come to together."""
    place: Network = request.network
    context = {
        "lines": planning.aim_tree(user=request.user, network=place),
        "may_aim": may(request.user, Permission.NETWORK_CHANGE, network=place),
    }
    return render(request, "projects/aims.html", context)


def plan(request: HttpRequest, network: str) -> HttpResponse:
    """Show where most could be gained, and who carries how much."""
    place: Network = request.network
    names = {one.key: one.name for one in selectors.pathways_of(user=request.user, network=place)}
    load = planning.load_of(user=request.user, network=place)
    context = {
        "found": planning.opportunities(user=request.user, network=place),
        "load": load,
        "phases": [PHASE_NAMES[Phase(phase)] for phase in load.phases],
        "pathways": [(names.get(key, key), counts) for key, counts in load.pathways],
        "many": planning.MANY,
    }
    return render(request, "projects/plan.html", context)


def site_aim(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Let the team of a site set its own aim in a project."""
    place: Network = request.network
    project = selectors.project_for(user=request.user, network=place, number=number)
    ids = site_ids_where(request.user, Permission.TEST_WRITE, network=place)
    sites = sites_for(user=request.user, network=place)
    own = sites if ids is None else sites.filter(pk__in=ids)
    if not own.exists():
        require(request.user, Permission.TEST_WRITE, network=place)
    measures = measures_of(user=request.user, network=place).filter(projects__project=project)
    form: Any = forms.AimForm(request.POST or None, measures=measures, sites=own)
    form.fields["site"].required, form.fields["site"].empty_label = True, None
    form.fields["site"].label = _("Site")
    if request.method == "POST" and form.is_valid():
        services.aim_set(by=request.user, network=place, project=project, **form.cleaned_data)
        return redirect("projects:project", network=place.slug, number=number)
    context = {"project": project, "form": form, "heading": _("Set an aim for your site")}
    return render(request, "projects/form.html", context, status=422 if request.method == "POST" else 200)
