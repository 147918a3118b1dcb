"""Pages of meetings, the calendar and its feed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from allteach.web.people.models import Person
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.projects.selectors import projects_of
from allteach.web.rhythm import forms, selectors
from allteach.web.rhythm.ical import feed
from allteach.web.rhythm.models import Action, Meeting
from allteach.web.rhythm.services import meetings
from allteach.web.sites.models import Network
from allteach.web.sites.selectors import network_for, sites_for

SALT = "allteach.calendar"


def calendar(request: HttpRequest, network: str) -> HttpResponse:
    """Show the meetings to come and those held, with the address of the feed."""
    place: Network = request.network
    found = list(selectors.meetings_of(user=request.user, network=place))
    now = timezone.now()
    key = signing.dumps([request.user.pk, place.slug], salt=SALT)
    context = {
        "ahead": [m for m in found if m.ends >= now and not m.cancelled],
        "held": [m for m in reversed(found) if m.ends < now or m.cancelled][:50],
        "may_call": may(request.user, Permission.PROJECT_CHANGE, network=place),
        "feed": request.build_absolute_uri(reverse("rhythm_outside:feed", kwargs={"key": key})),
    }
    return render(request, "rhythm/calendar.html", context)


@login_not_required
def calendar_feed(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with a person's calendar for a calendar program; the signed address stands for signing in."""
    try:
        pk, slug = signing.loads(key, salt=SALT)
    except signing.BadSignature as error:
        raise Http404 from error
    person = get_object_or_404(Person, pk=pk, is_active=True)
    place = network_for(user=person, slug=slug)
    text = feed(
        place,
        selectors.meetings_of(user=person, network=place),
        selectors.reports_of(user=person, network=place).filter(due__gte=timezone.localdate() - timedelta(days=60)),
        request.build_absolute_uri("/"),
    )
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")


def edit(request: HttpRequest, network: str, pk: int | None = None) -> HttpResponse:
    """Call a meeting, or change one."""
    place: Network = request.network
    require(request.user, Permission.PROJECT_CHANGE, network=place)
    found = selectors.meeting_for(user=request.user, network=place, pk=pk) if pk else None
    choices = {
        "projects": projects_of(user=request.user, network=place),
        "sites": sites_for(user=request.user, network=place),
    }
    form = forms.MeetingForm(request.POST or None, instance=found, **choices)
    if request.method == "POST" and form.is_valid():
        if found:
            fresh = Meeting.objects.get(pk=found.pk)
            kept = meetings.meeting_change(by=request.user, meeting=fresh, **form.cleaned_data)
        else:
            kept = meetings.meeting_call(by=request.user, network=place, **form.cleaned_data)
        return redirect("rhythm:meeting", network=place.slug, pk=kept.pk)
    context = {"form": form, "meeting": found}
    return render(request, "rhythm/edit_meeting.html", context, status=422 if request.method == "POST" else 200)


def meeting(request: HttpRequest, network: str, pk: int) -> HttpResponse:
    """Show a meeting, who was there and what was agreed."""
    place: Network = request.network
    found = selectors.meeting_for(user=request.user, network=place, pk=pk)
    return render(request, "rhythm/meeting.html", _context(request, found))


@require_POST
def act(request: HttpRequest, network: str, pk: int, step: str) -> HttpResponse:
    """Note who was there, agree an action, or cancel."""
    place: Network = request.network
    found = selectors.meeting_for(user=request.user, network=place, pk=pk)
    require(request.user, Permission.PROJECT_CHANGE, network=place)
    if step == "cancel":
        meetings.meeting_change(by=request.user, meeting=found, cancelled=True)
        return redirect("rhythm:calendar", network=place.slug)
    people = _members(place)
    form: Any = forms.AttendanceForm(request.POST, people=people)
    if step == "agree":
        form = forms.ActionForm(request.POST, people=people)
    if not form.is_valid():
        return render(request, "rhythm/meeting.html", _context(request, found) | {step: form}, status=422)
    if step == "agree":
        meetings.action_agree(by=request.user, meeting=found, **form.cleaned_data)
    else:
        meetings.attendance_set(by=request.user, meeting=found, people=list(form.cleaned_data["people"]))
    return redirect("rhythm:meeting", network=place.slug, pk=pk)


@require_POST
def finish(request: HttpRequest, network: str, pk: int) -> HttpResponse:
    """Finish an action; its owner does, or whoever runs the project."""
    place: Network = request.network
    action = get_object_or_404(Action.objects.select_related("meeting__network"), pk=pk, meeting__network=place)
    if action.owner_id != request.user.pk:
        require(request.user, Permission.PROJECT_CHANGE, network=place)
    meetings.action_finish(by=request.user, action=action)
    return redirect("rhythm:meeting", network=place.slug, pk=action.meeting_id)


def _members(place: Network) -> Any:
    return Person.objects.filter(memberships__network=place, is_active=True).distinct().order_by("display_name")


def _context(request: HttpRequest, found: Meeting) -> dict[str, Any]:
    staff = may(request.user, Permission.PROJECT_CHANGE, network=found.network)
    there = [one.person_id for one in found.attendance.all()]
    return {
        "meeting": found,
        "may_change": staff and not found.cancelled,
        "there": forms.AttendanceForm(people=_members(found.network), initial={"people": there}) if staff else None,
        "agree": forms.ActionForm(people=_members(found.network)) if staff else None,
    }
