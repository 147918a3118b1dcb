"""Home, by role: what this person should see first, and nothing else."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.web.home import family, parts
from allteach.web.people.permissions import may, own_site_ids
from allteach.web.people.roles import Permission
from allteach.web.people.selectors import holdings
from allteach.web.sites.models import Site
from allteach.web.sites.selectors import sites_for
from allteach.web.submissions.calendars import calendar_of
from allteach.web.variation.budget import budget_text
from allteach.web.variation.headlines import matrix_headline
from allteach.web.variation.selectors.digest import Digest, digest
from allteach.web.variation.selectors.matrix import Matrix, matrix

# The first role that a person holds, in this order, decides; links lead to everything else.
ORDER = (
    "network_lead", "data_analyst", "qi_coach", "site_lead", "site_member", "executive", "family_partner", "reader",
)  # fmt: skip
AT_A_SITE = ("site_lead", "site_member")
FEW = 3


def home(request: Any, network: str) -> HttpResponse:
    """Show what this person's role asks for first."""
    user, here = request.user, request.network
    held = {h.role.key for h in holdings(user) if h.network_id == here.pk}
    role = next((key for key in ORDER if key in held), "reader")
    own = own_site_ids(user, network=here)
    own_sites = [site for site in sites_for(user=user, network=here) if site.pk in own]
    signals = digest(user=user, network=here, most=FEW)
    found = matrix(user=user, network=here)
    calendar = calendar_of(user=user, network=here, months=1)
    context = {
        "role": role,
        "own_sites": own_sites,
        "digest": signals,
        "signals": family.own_lines(list(signals.signals), here)
        if role == "family_partner"
        else [parts.signal_card(signal, here) for signal in signals.signals],
        "budget": budget_text(signals.false_signals),
        "tasks": parts.tasks(user=user, network=here),
        "overdue": parts.overdue(user=user, network=here, own=own, calendar=calendar),
        "lines": family.network_lines(found, here) if role == "family_partner" else parts.lines(found, here),
        "fresh": parts.freshness(calendar),
        "sites": found.sites,
        "may_send": may(user, Permission.DATA_SUBMIT, network=here) or role in AT_A_SITE,
        "may_invite": may(user, Permission.PEOPLE_CHANGE, network=here),
        "naming_notice": " ".join(sorted({grid.naming.notice for grid in found.grids} - {""})),
        "heading": _heading(role, found, signals, own_sites),
    }
    return render(request, "home/home.html", context)


def _heading(role: str, found: Matrix, signals: Digest, own: list[Site]) -> str:
    """Return the finding that stands on top: the site's own for its team, the network's for the others."""
    if not found.rows:
        return _("Welcome")
    if role in AT_A_SITE and own:
        shown = len(signals.signals)
        name = own[0].name
        if not shown:
            return _("Nothing new at %(site)s, and that is fine") % {"site": name}
        return ngettext("%(n)s signal at %(site)s", "%(n)s signals at %(site)s to look at first", shown) % {
            "n": shown,
            "site": name,
        }
    return matrix_headline(found)
