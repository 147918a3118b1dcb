"""Pages of a network's people: who is here, as what, and the roles in plain words."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from allteach.web.people import selectors, services
from allteach.web.people.forms import PersonForm, ReasonForm
from allteach.web.people.invitation import invitation_path
from allteach.web.people.models import Membership
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import ROLES, Permission, Role

# What each permission lets a person do, in the words of the roles page.
SAID = {
    Permission.NETWORK_VIEW: _lazy("see the network and its aim"),
    Permission.NETWORK_CHANGE: _lazy("change the network's settings"),
    Permission.PEOPLE_VIEW: _lazy("see who is in the network"),
    Permission.PEOPLE_CHANGE: _lazy("invite people and give roles"),
    Permission.SITE_VIEW: _lazy("see the sites"),
    Permission.SITE_CHANGE: _lazy("add sites and change them"),
    Permission.RESULT_VIEW: _lazy("read results"),
    Permission.RESULT_EXPORT: _lazy("download results"),
    Permission.RESULT_NAMED: _lazy("read every site's name where sites are blinded"),
    Permission.RESULT_UNSUPPRESSED: _lazy("read small counts of every site"),
    Permission.ROW_VIEW: _lazy("see the rows that were sent and what was found in them"),
    Permission.DATA_SUBMIT: _lazy("send data"),
    Permission.DATA_ACCEPT: _lazy("accept data"),
    Permission.MEASURE_CHANGE: _lazy("define measures"),
    Permission.PHASE_PROPOSE: _lazy("propose a new average on a chart"),
    Permission.PHASE_DECIDE: _lazy("decide on a proposed average"),
    Permission.CHART_ANNOTATE: _lazy("mark events on charts"),
    Permission.LEDGER_VIEW: _lazy("read the ledger of everything done"),
}


def people(request: Any, network: str) -> HttpResponse:
    """Show who is in the network."""
    here = request.network
    rows = list(selectors.memberships_of(user=request.user, network=here))
    for row in rows:
        row.role_name = ROLES[row.role].name
    context = {
        "rows": rows,
        "persons": len({row.person_id for row in rows}),
        "may_change": may(request.user, Permission.PEOPLE_CHANGE, network=here),
        "sees_all": may(request.user, Permission.PEOPLE_VIEW, network=here),
    }
    return render(request, "people/people.html", context)


def _said(role: Role) -> list[str]:
    known = [str(words) for permission, words in SAID.items() if permission in role.permissions]
    # Later rooms add permissions of their own; their key reads well enough until they add words.
    return known + [p.value.replace(".", " ") for p in role.permissions if p not in SAID]


def roles(request: Any, network: str) -> HttpResponse:
    """Describe every role in plain words."""
    own = {m.role for m in selectors.roles_in(user=request.user, network=request.network)}
    rows = [{"role": role, "said": _said(role), "own": role.key in own} for role in ROLES.values()]
    return render(request, "people/roles.html", {"rows": rows})


def add(request: Any, network: str) -> HttpResponse:
    """Add a person: an invitation for a new one, a role for one who has an account."""
    here = request.network
    require(request.user, Permission.PEOPLE_CHANGE, network=here)
    form = PersonForm(request.POST or None, network=here)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/add.html", {"form": form, "roles": ROLES.values()})
    said = form.cleaned_data
    person = selectors.person_by_email(email=said["email"])
    known = person is not None
    if person is None:
        person = services.create_person(by=request.user, display_name=said["display_name"], email=said["email"])
    services.give_role(by=request.user, network=here, person=person, role=said["role"], site=said["site"])
    if known:
        messages.success(request, _("%(name)s has an account here already and now has the role.") % {"name": person})
        return redirect("people:people", network=network)
    link = request.build_absolute_uri(invitation_path(person))
    return render(request, "people/invited.html", {"person": person, "link": link})


def _membership(request: Any, pk: int) -> Membership:
    found = selectors.membership_for(user=request.user, network=request.network, pk=pk)
    if found is None:
        raise Http404
    return found


def end(request: Any, network: str, pk: int) -> HttpResponse:
    """End a person's role, with a reason."""
    require(request.user, Permission.PEOPLE_CHANGE, network=request.network)
    membership = _membership(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.end_role(by=request.user, membership=membership, reason=form.cleaned_data["reason"])
        messages.success(request, _("The role has ended today."))
        return redirect("people:people", network=network)
    context = {"form": form, "membership": membership, "role": ROLES[membership.role]}
    return render(request, "people/end.html", context)


@require_POST
def invite_again(request: Any, network: str, pk: int) -> HttpResponse:
    """Show a fresh invitation link for someone who has not signed in yet or has lost the password."""
    require(request.user, Permission.PEOPLE_CHANGE, network=request.network)
    person = _membership(request, pk).person
    if not selectors.may_be_invited(person=person, network=request.network):
        messages.error(request, _("This person has an account of their own already; they look after its password."))
        return redirect("people:people", network=network)
    link = request.build_absolute_uri(invitation_path(person))
    return render(request, "people/invited.html", {"person": person, "link": link})
