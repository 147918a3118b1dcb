"""Pages of how the network works."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allteach.web.health import selectors, services
from allteach.web.health.grid import Grid
from allteach.web.health.models import GridText
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.projects.selectors import projects_of
from allteach.web.sites.models import Network


class RatingForm(forms.Form):
    """The maturity grid as a form: one level a line."""

    def __init__(self, *args: Any, grid: Grid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Not rated")), *((n, f"{n} · {words}") for n, words in enumerate(grid.levels, 1))]
        for component in grid.components:
            self.fields[component.key] = forms.TypedChoiceField(
                label=component.text,
                help_text=component.domain,
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
            )
        self.fields["comment"] = forms.CharField(
            label=_("Anything to add"), required=False, widget=forms.Textarea(attrs={"rows": 3})
        )


class PlanForm(forms.Form):
    """The plan of a year."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    priorities = forms.CharField(label=gettext_lazy("What we set out to do"), widget=forms.Textarea(attrs={"rows": 5}))
    reviewed = forms.CharField(
        label=gettext_lazy("What became of it"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    projects: Any = forms.ModelMultipleChoiceField(
        queryset=None,
        label=gettext_lazy("Projects that serve it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["projects"].queryset = projects


class GridForm(forms.Form):
    """The text of the grid."""

    text = forms.CharField(
        label=gettext_lazy("The grid"), widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"})
    )


def index(request: HttpRequest, network: str) -> HttpResponse:
    """Show taking part, giving, waiting, maturity and the plan."""
    place: Network = request.network
    year = timezone.localdate().year
    context = {
        "year": year,
        "parts": selectors.participation(user=request.user, network=place),
        "waits": [(_WAITS[w.key], w) for w in selectors.waits(user=request.user, network=place)],
        "standings": selectors.maturity(user=request.user, network=place, year=year),
        "plans": _with_dates(request, place),
        "may_rate": may(request.user, Permission.GATE_VOTE, network=place),
        "may_plan": may(request.user, Permission.NETWORK_CHANGE, network=place),
    }
    return render(request, "health/index.html", context)


def rate(request: HttpRequest, network: str) -> HttpResponse:
    """Rate the network on its grid."""
    place: Network = request.network
    require(request.user, Permission.GATE_VOTE, network=place)
    year = timezone.localdate().year
    own = selectors.own_rating(user=request.user, network=place, year=year)
    begin = dict(own.levels, comment=own.comment) if own else {}
    form = RatingForm(request.POST or None, grid=selectors.grid_of(user=request.user, network=place), initial=begin)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        comment = said.pop("comment")
        levels = {key: level for key, level in said.items() if level}
        services.rating_give(by=request.user, network=place, year=year, levels=levels, comment=comment)
        return redirect("health:index", network=place.slug)
    return _page(request, form, _("How mature is our network?"))


def plan(request: HttpRequest, network: str) -> HttpResponse:
    """Write the plan of a year."""
    place: Network = request.network
    require(request.user, Permission.NETWORK_CHANGE, network=place)
    wanted = request.GET.get("year", "")
    year = int(wanted) if wanted.isdigit() else timezone.localdate().year
    known = next((p for p in selectors.plans_of(user=request.user, network=place) if p.year == year), None)
    begin: dict[str, Any] = {"year": year}
    if known:
        begin |= {"priorities": known.priorities, "reviewed": known.reviewed, "projects": known.projects.all()}
    projects = projects_of(user=request.user, network=place)
    form = PlanForm(request.POST or None, initial=begin, projects=projects)
    if request.method == "POST" and form.is_valid():
        services.plan_write(by=request.user, network=place, **form.cleaned_data)
        return redirect("health:index", network=place.slug)
    return _page(request, form, _("The plan of a year"))


def grid(request: HttpRequest, network: str) -> HttpResponse:
    """Change the grid."""
    place: Network = request.network
    require(request.user, Permission.NETWORK_CHANGE, network=place)
    known = GridText.objects.filter(network=place).first()
    form = GridForm(request.POST or None, initial={"text": known.text if known else services.shipped_text()})
    if request.method == "POST" and form.is_valid():
        services.grid_write(by=request.user, network=place, text=form.cleaned_data["text"])
        return redirect("health:index", network=place.slug)
    return _page(request, form, _("Change the grid"))


def _with_dates(request: HttpRequest, place: Network) -> list[Any]:
    """Return the plans, each with the dates of its year; a year with dates and no plan yet is left to the calendar."""
    dates = selectors.dates_of(user=request.user, network=place)
    found = selectors.plans_of(user=request.user, network=place)
    return [(plan, dates.get(plan.year, []), list(plan.projects.all())) for plan in found]


def _page(request: HttpRequest, form: Any, heading: str) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "health/form.html", {"form": form, "heading": heading}, status=status)


_WAITS = {
    "idea_to_project": gettext_lazy("From idea to project"),
    "project_to_test": gettext_lazy("From project to first test"),
    "project_to_decision": gettext_lazy("From project to decision"),
    "idea_to_practice": gettext_lazy("From idea to practice at all sites"),
}
