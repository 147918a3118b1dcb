"""Pages of checklists, expectations and notices."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from allteach.web.people.permissions import may, own_site_ids, require
from allteach.web.people.roles import Permission
from allteach.web.projects.selectors import project_for
from allteach.web.rhythm import forms, selectors
from allteach.web.rhythm.models import Expectation, Task
from allteach.web.rhythm.services import lists, notices
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import naming_for
from allteach.web.sites.selectors import site_for


def notice_list(request: HttpRequest, network: str) -> HttpResponse:
    """Show a person's notices; sending the form marks them as read."""
    place: Network = request.network
    if request.method == "POST":
        notices.notices_read(by=request.user, network=place)
        return redirect("rhythm:notices", network=place.slug)
    found = list(selectors.notices_of(user=request.user, network=place)[:100])
    return render(request, "rhythm/notices.html", {"notices": found, "new": sum(n.read_at is None for n in found)})


def checklist(request: HttpRequest, network: str, code: str) -> HttpResponse:
    """Show a site's checklists; sending the form begins one."""
    place: Network = request.network
    site = site_for(user=request.user, network=place, code=code)
    tasks = selectors.tasks_of(user=request.user, site=site)
    network_may = may(request.user, Permission.SITE_CHANGE, network=place, site=site)
    if request.method == "POST":
        require(request.user, Permission.SITE_CHANGE, network=place, site=site)
        lists.checklist_begin(by=request.user, site=site, kind=request.POST.get("kind", ""))
        return redirect("rhythm:checklist", network=place.slug, code=code)
    context = {
        "site": site,
        "lists": [(kind, [t for t in tasks if t.list == kind]) for kind in ("joining", "leaving")],
        "states": Task._meta.get_field("state").choices,
        "may_change": network_may or may(request.user, Permission.DATA_ACCEPT, network=place, site=site),
        "may_begin": network_may,
    }
    return render(request, "rhythm/checklist.html", context)


@require_POST
def task(request: HttpRequest, network: str, pk: int) -> HttpResponse:
    """Move one line of a checklist."""
    place: Network = request.network
    found = get_object_or_404(Task.objects.select_related("site__network"), pk=pk, site__network=place)
    if not may(request.user, Permission.SITE_CHANGE, network=place, site=found.site):
        require(request.user, Permission.DATA_ACCEPT, network=place, site=found.site)
    lists.task_move(by=request.user, task=found, state=request.POST.get("state", ""))
    return redirect("rhythm:checklist", network=place.slug, code=found.site.code)


def expectations(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show what a project's phase expects of its sites and what is still owed; leaders add to it."""
    place: Network = request.network
    project = project_for(user=request.user, network=place, number=number)
    form = forms.ExpectationForm(request.POST or None, initial={"phase": project.phase})
    if request.method == "POST":
        require(request.user, Permission.PROJECT_CHANGE, network=place)
        if form.is_valid():
            lists.expectation_add(by=request.user, project=project, **form.cleaned_data)
            return redirect("rhythm:expectations", network=place.slug, number=number)
    naming = naming_for(user=request.user, network=place)
    staff = may(request.user, Permission.PROJECT_CHANGE, network=place)
    own = own_site_ids(request.user, network=place)
    owed = [
        (item, naming.name(item.site), staff or item.site.pk in own)
        for item in selectors.owed(user=request.user, project=project)
    ]
    context = {"project": project, "expected": project.expectations.all(), "owed": owed, "form": form, "may_add": staff}
    return render(request, "rhythm/expectations.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def meet(request: HttpRequest, network: str, pk: int) -> HttpResponse:
    """Say that a site has met an expectation."""
    place: Network = request.network
    found = get_object_or_404(Expectation.objects.select_related("project"), pk=pk, project__network=place)
    site = Site.objects.filter(network=place, pk=request.POST.get("site") or 0).first()
    if site is None:
        raise Http404
    if not may(request.user, Permission.PROJECT_CHANGE, network=place):
        require(request.user, Permission.TEST_WRITE, network=place, site=site)
    lists.expectation_meet(by=request.user, expectation=found, site=site)
    return redirect("rhythm:expectations", network=place.slug, number=found.project.number)


def coaching(request: HttpRequest, network: str) -> HttpResponse:
    """Show coaches where help is wanted: reports missing, requests for help, sites below the stated minimums."""
    place: Network = request.network
    require(request.user, Permission.PROJECT_CHANGE, network=place)
    reports = selectors.reports_of(user=request.user, network=place)
    meetings = selectors.meetings_of(user=request.user, network=place)
    context = {
        "missing": selectors.missing_reports(user=request.user, network=place),
        "asking": reports.exclude(help_wanted="").filter(status__in=("submitted", "reviewed"))[:50],
        "below": selectors.below_minimum(user=request.user, network=place, today=timezone.localdate()),
        "hours": meetings.filter(kind="coaching").order_by("-starts")[:20],
    }
    return render(request, "rhythm/coaching.html", context)
