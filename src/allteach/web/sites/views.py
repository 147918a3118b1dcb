"""Pages of networks and sites."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from allteach.errors import Refused
from allteach.web.ledger.selectors import entries_of
from allteach.web.ledger.sentences import sentence
from allteach.web.people.permissions import may, may_create_network, own_site_ids, require
from allteach.web.people.roles import ROLES, Permission
from allteach.web.people.selectors import leads_of, memberships_of, own_memberships
from allteach.web.sites import selectors, services
from allteach.web.sites.forms import MoveForm, NetworkForm, NewNetworkForm, NewSiteForm, SiteForm
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import naming_for
from allteach.web.sites.rules import rule_name
from allteach.web.sites.status import STATUS_KIND


def networks(request: Any) -> HttpResponse:
    """Show the networks a person belongs to, and as what."""
    roles: dict[int, list[str]] = {}
    for held in own_memberships(user=request.user):
        words = ROLES[held.role].name + (f", {held.site.name}" if held.site else "")
        roles.setdefault(held.network_id, []).append(words)
    rows = [{"network": found, "roles": roles.get(found.pk, [])} for found in selectors.networks_for(user=request.user)]
    return render(request, "sites/networks.html", {"rows": rows, "may_create": may_create_network(request.user)})


def create(request: Any) -> HttpResponse:
    """Open a new network."""
    if not may_create_network(request.user):
        raise Refused(
            "AT-P-003",
            _("Opening a network is for those who look after this server or lead a network already."),
            do=_("Ask whoever looks after this server."),
        )
    form = NewNetworkForm(request.POST or None, initial={"naming": Network.Naming.NAMED})
    if request.method == "POST" and form.is_valid():
        made = services.create_network(by=request.user, **form.cleaned_data)
        messages.success(request, _("The network is open. Next: add its sites, or send a first file that names them."))
        return redirect("sites:network", network=made.slug)
    return render(request, "sites/create.html", {"form": form})


def network(request: Any, network: str) -> HttpResponse:
    """Show a network: aim, agreements, people and sites."""
    here = request.network
    sites = list(selectors.sites_for(user=request.user, network=here))
    counts = Counter(site.status for site in sites)
    states = [(counts[s], Site.Status(s).label) for s in Site.Status.values if counts[s]]
    context = {
        "sites": len(sites),
        "states": states,
        "leads": leads_of(network=here),
        "persons": len({m.person_id for m in memberships_of(user=request.user, network=here)}),
        "rules": rule_name(here.rule_set),
        "may_change": may(request.user, Permission.NETWORK_CHANGE, network=here),
        "may_ledger": may(request.user, Permission.LEDGER_VIEW, network=here),
    }
    return render(request, "sites/network.html", context)


def settings(request: Any, network: str) -> HttpResponse:
    """Change a network's settings; each change needs a reason."""
    here = request.network
    require(request.user, Permission.NETWORK_CHANGE, network=here)
    start = {field: getattr(here, field) for field in services.CHANGEABLE}
    form = NetworkForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        services.change_network(by=request.user, network=here, **form.cleaned_data)
        messages.success(request, _("The settings are stored, and the ledger says why."))
        return redirect("sites:network", network=network)
    return render(request, "sites/settings.html", {"form": form})


def sites(request: Any, network: str) -> HttpResponse:
    """Show the sites of a network, by name."""
    here = request.network
    own = own_site_ids(request.user, network=here)
    naming = naming_for(user=request.user, network=here)
    rows = [
        {"site": site, "kind": STATUS_KIND[site.status], "own": site.pk in own}
        for site in selectors.sites_for(user=request.user, network=here)
    ]
    context = {
        "rows": rows,
        "blinded": naming.blinded,
        "may_change": may(request.user, Permission.SITE_CHANGE, network=here),
    }
    return render(request, "sites/sites.html", context)


def site(request: Any, network: str, code: str) -> HttpResponse:
    """Show one site: what it is, its status, its people."""
    here = request.network
    found = selectors.site_for(user=request.user, network=here, code=code)
    people = [m for m in memberships_of(user=request.user, network=here) if m.site_id == found.pk]
    for row in people:
        row.role_name = ROLES[row.role].name
    own = found.pk in own_site_ids(request.user, network=here)
    context = {
        "site": found,
        "kind": STATUS_KIND[found.status],
        "own": own,
        "people": people,
        "shows_letter": own and naming_for(user=request.user, network=here).blinded,
        "may_change": may(request.user, Permission.SITE_CHANGE, network=here, site=found),
        "sees_people": own or may(request.user, Permission.PEOPLE_VIEW, network=here),
    }
    return render(request, "sites/site.html", context)


def add(request: Any, network: str) -> HttpResponse:
    """Add a site."""
    require(request.user, Permission.SITE_CHANGE, network=request.network)
    form = NewSiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        pair = (form.cleaned_data["code"], form.cleaned_data["name"])
        made = services.add_sites(by=request.user, network=request.network, sites=[pair], status=Site.Status.ONBOARDING)
        messages.success(request, _("The site is joining. Invite its lead next."))
        return redirect("sites:site", network=network, code=made[0].code)
    return render(request, "sites/add.html", {"form": form})


def edit(request: Any, network: str, code: str) -> HttpResponse:
    """Change the facts about a site."""
    found = selectors.site_for(user=request.user, network=request.network, code=code)
    require(request.user, Permission.SITE_CHANGE, network=request.network, site=found)
    start = {field: getattr(found, field) for field in services.SITE_CHANGEABLE}
    form = SiteForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        services.change_site(by=request.user, site=found, **form.cleaned_data)
        messages.success(request, _("The site is stored."))
        return redirect("sites:site", network=network, code=code)
    return render(request, "sites/edit.html", {"form": form, "site": found})


def move(request: Any, network: str, code: str) -> HttpResponse:
    """Pause a site, take it up again, or let it go; with a reason."""
    found = selectors.site_for(user=request.user, network=request.network, code=code)
    require(request.user, Permission.SITE_CHANGE, network=request.network, site=found)
    form = MoveForm(request.POST or None, site=found)
    if request.method == "POST" and form.is_valid():
        services.move_site(by=request.user, site=found, **form.cleaned_data)
        messages.success(request, _("The site's status is stored with its reason."))
        return redirect("sites:site", network=network, code=code)
    return render(request, "sites/move.html", {"form": form, "site": found, "kind": STATUS_KIND[found.status]})


def ledger(request: Any, network: str) -> HttpResponse:
    """Show everything that was done in the network, newest first."""
    require(request.user, Permission.LEDGER_VIEW, network=request.network)
    found = entries_of(user=request.user, network=request.network, action=request.GET.get("about", ""))
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    rows = [(entry, sentence(entry)) for entry in page]
    return render(request, "sites/ledger.html", {"page_of": page, "rows": rows})
