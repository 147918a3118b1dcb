"""Reading networks and sites."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.people.selectors import holdings
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import naming_for


def networks_for(*, user: Any) -> QuerySet[Network]:
    """Return the networks that a person belongs to, by name."""
    return Network.objects.filter(pk__in={h.network_id for h in holdings(user)}).order_by("name")


def network_for(*, user: Any, slug: str) -> Network:
    """Return the network of an address.

    Raises:
        Http404: there is none.
        Refused: ``AT-P-001`` when the person is no member.
    """
    kept: dict[str, Network] = getattr(user, "_networks", {})
    network = kept.get(slug)
    if network is None:
        network = Network.objects.filter(slug=slug).first()
        if network is None:
            raise Http404
        user._networks = kept | {slug: network}
    require(user, Permission.NETWORK_VIEW, network=network)
    return network


def sites_for(*, user: Any, network: Network) -> QuerySet[Site]:
    """Return the sites of a network by name. Names are safe here: membership of sites is no secret inside a network."""
    require(user, Permission.SITE_VIEW, network=network)
    return Site.objects.filter(network=network).order_by("name")


def site_for(*, user: Any, network: Network, code: str) -> Site:
    """Return one site by its code.

    Raises:
        Http404: the network has none of this code.
    """
    site = sites_for(user=user, network=network).filter(code=code).first()
    if site is None:
        raise Http404
    return site


def reporting_sites(*, user: Any, network: Network) -> QuerySet[Site]:
    """Return the sites that count in results: not prospects, not those that have left."""
    left_out = (Site.Status.PROSPECT, Site.Status.WITHDRAWN)
    return sites_for(user=user, network=network).exclude(status__in=left_out)


def shown_name(*, user: Any, network: Network, site: Site, measure: Any = None) -> str:
    """Return what this person may call this site, for this measure. For many sites ask `naming_for` once."""
    return naming_for(user=user, network=network, measure=measure).name(site)
