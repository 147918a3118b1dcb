"""Pages of ideas."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allteach.web.ideas import forms, selectors, services
from allteach.web.ideas.models import Idea
from allteach.web.people.permissions import may, own_site_ids, require, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.sites.selectors import site_for, sites_for


def index(request: HttpRequest, network: str) -> HttpResponse:
    """Show the ideas of the network, searchable."""
    place: Network = request.network
    status, text = request.GET.get("status", ""), request.GET.get("q", "")
    context = {
        "ideas": list(selectors.ideas_of(user=request.user, network=place, status=status, text=text)),
        "statuses": Idea.Status.choices,
        "status": status,
        "q": text,
        "may_submit": may(request.user, Permission.IDEA_SUBMIT, network=place),
    }
    return render(request, "ideas/index.html", context)


def new(request: HttpRequest, network: str) -> HttpResponse:
    """Propose an idea; ideas that say nearly the same are shown before it is sent."""
    place: Network = request.network
    require(request.user, Permission.IDEA_SUBMIT, network=place)
    sites = _member_sites(request, place)
    begin = {key: request.GET[key] for key in ("title", "problem", "source", "link") if key in request.GET}
    form = forms.IdeaForm(request.POST or None, sites=sites, initial=begin)
    like: list[Idea] = []
    if request.method == "POST" and form.is_valid():
        text = f"{form.cleaned_data['title']} {form.cleaned_data['change']}"
        like = selectors.like(user=request.user, network=place, text=text)
        if not like or "anyway" in request.POST:
            idea = services.idea_submit(by=request.user, network=place, **form.cleaned_data)
            messages.success(request, _("Thank you. Your idea is number %(n)s.") % {"n": idea.number})
            return redirect("ideas:idea", network=place.slug, number=idea.number)
    status = 422 if request.method == "POST" and not form.is_valid() else 200
    return render(request, "ideas/new.html", {"form": form, "like": like}, status=status)


def idea(request: HttpRequest, network: str, number: int) -> HttpResponse:
    """Show one idea and what may be done with it."""
    place: Network = request.network
    found = selectors.idea_for(user=request.user, network=place, number=number)
    return render(request, "ideas/idea.html", _idea_context(request, place, found))


@require_POST
def act(request: HttpRequest, network: str, number: int, step: str) -> HttpResponse:
    """Take one step with an idea: ask, answer, park, decline, merge, interest or no-interest."""
    place: Network = request.network
    found = selectors.idea_for(user=request.user, network=place, number=number)
    if step in ("interest", "no-interest"):
        return _interest(request, place, found, step)
    if step == "answer":
        if found.proposed_by_id != request.user.pk:
            require(request.user, Permission.IDEA_TRIAGE, network=place)
    else:
        require(request.user, Permission.IDEA_TRIAGE, network=place)
    form = forms.MergeForm(request.POST) if step == "merge" else forms.SentenceForm(request.POST)
    if not form.is_valid():
        context = _idea_context(request, place, found) | {"failed": form, "failed_step": step}
        return render(request, "ideas/idea.html", context, status=422)
    _take(request, place, found, step, form.cleaned_data)
    return redirect("ideas:idea", network=place.slug, number=number)


def _take(request: HttpRequest, place: Network, found: Idea, step: str, said: dict[str, Any]) -> None:
    if step == "ask":
        services.idea_ask(by=request.user, idea=found, question=said["sentence"])
    elif step == "answer":
        services.idea_answer(by=request.user, idea=found, answer=said["sentence"])
    elif step == "merge":
        into = selectors.idea_for(user=request.user, network=place, number=said["into"])
        services.idea_decide(by=request.user, idea=found, status=Idea.Status.MERGED, note=said["sentence"], into=into)
    else:
        status = {"park": Idea.Status.PARKED, "decline": Idea.Status.DECLINED}[step]
        services.idea_decide(by=request.user, idea=found, status=status, note=said["sentence"])


def _interest(request: HttpRequest, place: Network, found: Idea, step: str) -> HttpResponse:
    site = site_for(user=request.user, network=place, code=request.POST.get("site", ""))
    require(request.user, Permission.TEST_WRITE, network=place, site=site)
    if step == "interest":
        services.interest_say(by=request.user, idea=found, site=site, text=request.POST.get("text", "")[:300])
    else:
        services.interest_withdraw(by=request.user, idea=found, site=site)
    return redirect("ideas:idea", network=place.slug, number=found.number)


def _own_sites(request: HttpRequest, place: Network, permission: Permission = Permission.IDEA_SUBMIT) -> Any:
    ids = site_ids_where(request.user, permission, network=place)
    sites = sites_for(user=request.user, network=place)
    return sites if ids is None else sites.filter(pk__in=ids)


def _idea_context(request: HttpRequest, place: Network, found: Idea) -> dict[str, Any]:
    triage = may(request.user, Permission.IDEA_TRIAGE, network=place) and found.status in services.OPEN
    interests = list(found.interests.select_related("site"))
    said = {interest.site_id for interest in interests}
    mine: list[Site] = list(_own_sites(request, place, Permission.TEST_WRITE)) if found.status in services.OPEN else []
    return {
        "idea": found,
        "interests": interests,
        "my_sites": [site for site in mine if site.pk not in said],
        "my_interests": [site for site in mine if site.pk in said],
        "may_triage": triage,
        "may_start": triage and may(request.user, Permission.PROJECT_CHANGE, network=place),
        "may_answer": found.status == Idea.Status.NEEDS_INFO and (triage or found.proposed_by_id == request.user.pk),
        "like": selectors.like(user=request.user, network=place, text=f"{found.title} {found.change}", besides=found)
        if triage
        else [],
        "sentence": forms.SentenceForm(),
        "merge": forms.MergeForm(),
    }


def _member_sites(request: HttpRequest, place: Network) -> Any:
    own = own_site_ids(request.user, network=place)
    sites = sites_for(user=request.user, network=place)
    return sites.filter(pk__in=own) if own else sites
