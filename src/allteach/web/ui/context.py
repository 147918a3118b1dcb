"""What every page knows: its network, menu and the person's other networks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from allteach import __version__
from allteach.web.people.selectors import holdings
from allteach.web.sites.selectors import networks_for
from allteach.web.ui.menu import menu_for


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the base template."""
    network = getattr(request, "network", None)
    user = getattr(request, "user", None)
    if network is None or user is None:
        return {"network": network, "version": __version__}
    here = [h.role.name for h in holdings(user) if h.network_id == network.pk]
    several = len({h.network_id for h in holdings(user)}) > 1
    return {
        "network": network,
        "version": __version__,
        "menu": menu_for(network, request.path),
        "own_roles": here,
        "other_networks": SimpleLazyObject(lambda: list(networks_for(user=user))) if several else [],
    }
