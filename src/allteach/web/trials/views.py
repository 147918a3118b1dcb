"""Pages of tests of change."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allteach.charts.svg import spark
from allteach.web.ideas.selectors import ideas_of
from allteach.web.measuring.selectors import measures_of
from allteach.web.people.permissions import may, may_somewhere, own_site_ids, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.projects.selectors import projects_of
from allteach.web.sites.models import Network
from allteach.web.sites.naming import naming_for
from allteach.web.sites.selectors import site_for, sites_for
from allteach.web.trials import forms, memory, selectors, services
from allteach.web.trials.learning import belief_curve, interval_score, largest_scale, too_large
from allteach.web.trials.models import Cycle


def index(request: HttpRequest, network: str) -> HttpResponse:
    """Show every test that anyone in the network ever ran, searchable."""
    place: Network = request.network
    names = [field.name for field in fields(selectors.Search)]
    search = selectors.Search(**{name: request.GET.get(name, "") for name in names})
    found = selectors.cycles_of(user=request.user, network=place, search=search)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    page.object_list = selectors.with_site_names(page.object_list, user=request.user, network=place)
    naming = naming_for(user=request.user, network=place)
    context = {
        "page": page,
        "search": search,
        "searching": any(getattr(search, name) for name in names),
        "query": "&" + urlencode({name: value for name in names if (value := getattr(search, name))}),
        "sites": [(naming.key(s), naming.name(s)) for s in sites_for(user=request.user, network=place)],
        "statuses": Cycle.Status.choices,
        "decisions": Cycle.Decision.choices,
        "scales": Cycle.Scale.choices,
        "projects": projects_of(user=request.user, network=place),
        "drivers": memory.drivers_known(user=request.user, network=place),
        "may_write": may_somewhere(request.user, Permission.TEST_WRITE, network=place),
    }
    return render(request, "trials/index.html", context)


def new(request: HttpRequest, network: str) -> HttpResponse:
    """Plan a test."""
    place: Network = request.network
    if not may_somewhere(request.user, Permission.TEST_WRITE, network=place):
        require(request.user, Permission.TEST_WRITE, network=place)
    form = forms.PlanForm(request.POST or None, choices=_choices(request, place), initial=_beginning(request, place))
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        require(request.user, Permission.TEST_WRITE, network=place, site=said["site"])
        cycle = services.cycle_plan(by=request.user, network=place, **said)
        if "start" in request.POST:
            services.cycle_start(by=request.user, cycle=cycle)
        return redirect("trials:cycle", network=place.slug, number=cycle.number)
    context = {"form": form, "drivers": memory.drivers_known(user=request.user, network=place)}
    return render(request, "trials/plan.html", context, status=422 if request.method == "POST" else 200)


def matrix(request: HttpRequest, network: str) -> HttpResponse:
    """Show which site has tried which change idea, and what became of it."""
    place: Network = request.network
    project = request.GET.get("project", "")
    context = {
        "matrix": memory.learning_matrix(user=request.user, network=place, project=project),
        "project": project,
        "projects": projects_of(user=request.user, network=place),
    }
    return render(request, "trials/matrix.html", context)


def learning(request: HttpRequest, network: str) -> HttpResponse:
    """Show a team how good its own sense of what will work is."""
    place: Network = request.network
    return render(request, "trials/learning.html", {"teams": memory.own_learning(user=request.user, network=place)})


def cycle(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show one test, and the one step that comes next."""
    place: Network = request.network
    found = selectors.cycle_for(user=request.user, network=place, number=number)
    return render(request, "trials/cycle.html", _cycle_context(request, place, found))


def edit(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Change what may still change of a test."""
    place: Network = request.network
    found = selectors.cycle_for(user=request.user, network=place, number=number)
    require(request.user, Permission.TEST_WRITE, network=place, site=found.site)
    form = forms.PlanForm(request.POST or None, instance=found, choices=_choices(request, place))
    if found.status != Cycle.Status.PLANNED:
        for name in services.LOCKED_AT_START:
            del form.fields[name]
    if request.method == "POST" and form.is_valid():
        if "site" in form.cleaned_data:
            require(request.user, Permission.TEST_WRITE, network=place, site=form.cleaned_data["site"])
        services.cycle_change(by=request.user, cycle=found, **form.cleaned_data)
        return redirect("trials:cycle", network=place.slug, number=number)
    context = {
        "form": form,
        "cycle": found,
        "drivers": memory.drivers_known(user=request.user, network=place),
    }
    return render(request, "trials/plan.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def act(request: HttpRequest, network: str, number: int, step: str) -> HttpResponse:
    """Take the next step of a test: start, study, decide; or copy it to a site."""
    place: Network = request.network
    found = selectors.cycle_for(user=request.user, network=place, number=number)
    if step == "copy":
        site = site_for(user=request.user, network=place, code=request.POST.get("site", ""))
        require(request.user, Permission.TEST_WRITE, network=place, site=site)
        copy = services.cycle_copy(by=request.user, cycle=found, site=site)
        messages.success(request, _("Copied. Write your own prediction before you start."))
        return redirect("trials:edit", network=place.slug, number=copy.number)
    require(request.user, Permission.TEST_WRITE, network=place, site=found.site)
    if step == "start":
        services.cycle_start(by=request.user, cycle=found)
    else:
        form = forms.StudyForm(request.POST) if step == "study" else forms.ActForm(request.POST)
        if not form.is_valid():
            context = _cycle_context(request, place, found) | {step: form}
            return render(request, "trials/cycle.html", context, status=422)
        service = services.cycle_study if step == "study" else services.cycle_act
        service(by=request.user, cycle=found, **form.cleaned_data)
    return redirect("trials:cycle", network=place.slug, number=number)


def _cycle_context(request: HttpRequest, place: Network, found: Cycle) -> dict[str, Any]:
    ids = site_ids_where(request.user, Permission.TEST_WRITE, network=place)
    sites = sites_for(user=request.user, network=place)
    ramp = selectors.with_site_names(
        selectors.ramp_of(user=request.user, cycle=found), user=request.user, network=place
    )
    selectors.with_site_names([found], user=request.user, network=place)
    return {
        "cycle": found,
        "chart_site": _chart_site(request, found),
        "hit": selectors.within_prediction(found),
        "score": _score(request, found),
        "ramp": ramp if len(ramp) > 1 else [],
        **_belief(found, ramp),
        "may_write": may(request.user, Permission.TEST_WRITE, network=place, site=found.site),
        "copy_to": list(sites if ids is None else sites.filter(pk__in=ids)),
        "study": forms.StudyForm(),
        "act": forms.ActForm(),
    }


def _chart_site(request: HttpRequest, found: Cycle) -> str:
    """Return the key of the site's chart; empty where the page and the chart call the site differently."""
    here = naming_for(user=request.user, network=found.network).key(found.site)
    there = naming_for(user=request.user, network=found.network, measure=found.measure).key(found.site)
    return here if here == there else ""


def _score(request: HttpRequest, found: Cycle) -> float | None:
    """Return the score of the prediction, for the site's own team only."""
    low, high, result = found.predicted_low, found.predicted_high, found.result
    own = found.site_id in own_site_ids(request.user, network=found.network)
    if not own or low is None or high is None or result is None:
        return None
    return interval_score(low, high, result)


def _belief(found: Cycle, ramp: list[Cycle]) -> dict[str, Any]:
    advised = largest_scale(found.belief, found.cost, found.readiness)
    curve = belief_curve((one.belief, one.belief_after) for one in ramp)
    return {
        "advised": Cycle.Scale(advised).label,
        "too_large": too_large(found.scale, advised),
        "curve": curve if len(curve) > 1 else [],
        "drawn": mark_safe(spark(curve)),  # our own drawing of numbers
    }


def _choices(request: HttpRequest, place: Network) -> dict[str, Any]:
    ids = site_ids_where(request.user, Permission.TEST_WRITE, network=place)
    sites = sites_for(user=request.user, network=place)
    return {
        "site": sites if ids is None else sites.filter(pk__in=ids),
        "measure": measures_of(user=request.user, network=place),
        "project": projects_of(user=request.user, network=place).exclude(phase__in=("closed", "stopped")),
        "idea": ideas_of(user=request.user, network=place),
        "ramp": selectors.cycles_of(user=request.user, network=place),
    }


def _beginning(request: HttpRequest, place: Network) -> dict[str, Any]:
    begin: dict[str, Any] = {"belief": 50}
    for name, found in _choices(request, place).items():
        wanted = request.GET.get(name, "")
        if name == "site":
            sites = list(found[:2])
            chosen = found.filter(code=wanted).first() if wanted else sites[0] if len(sites) == 1 else None
        elif name == "measure":
            chosen = found.filter(slug=wanted).first() if wanted else None
        else:
            chosen = found.filter(number=int(wanted)).first() if wanted.isdigit() else None
        if chosen is not None:
            begin[name] = chosen
    return begin
