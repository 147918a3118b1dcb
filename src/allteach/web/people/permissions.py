"""The one question: may this person do this, here?"""

from __future__ import annotations

from typing import Any

from allteach.errors import Refused
from allteach.web.people.roles import NETWORK_WIDE, Permission
from allteach.web.people.selectors import Holding, holdings, leads_of


def _grants(holding: Holding, permission: Permission, site_id: int | None) -> bool:
    if permission not in holding.role.permissions:
        return False
    if holding.site_id is None or permission in NETWORK_WIDE:
        return True
    return holding.site_id == site_id


def may(user: Any, permission: Permission, *, network: Any, site: Any = None) -> bool:
    """Return whether a person may do something in a network, or at one of its sites.

    A role held at a site reads the network's results like any member; everything else it allows only at that site.

    Args:
        user: The person; strangers, the signed-out and the switched-off may do nothing.
        permission: What.
        network: Where: the network.
        site: Where: the site, when the act concerns one.
    """
    site_id = getattr(site, "pk", site)
    return any(_grants(h, permission, site_id) for h in holdings(user) if h.network_id == network.pk)


def may_somewhere(user: Any, permission: Permission, *, network: Any) -> bool:
    """Return whether a person may do something in the network or at one of its sites at least."""
    return any(permission in h.role.permissions for h in holdings(user) if h.network_id == network.pk)


def site_ids_where(user: Any, permission: Permission, *, network: Any) -> frozenset[int] | None:
    """Return the ids of the sites where a person may do something; None means every site of the network."""
    here = [h for h in holdings(user) if h.network_id == network.pk and permission in h.role.permissions]
    if any(_grants(h, permission, None) for h in here):
        return None
    return frozenset(h.site_id for h in here if h.site_id is not None)


def own_site_ids(user: Any, *, network: Any) -> frozenset[int]:
    """Return the ids of the sites that a person belongs to."""
    return frozenset(h.site_id for h in holdings(user) if h.network_id == network.pk and h.site_id is not None)


def is_member(user: Any, *, network: Any) -> bool:
    """Return whether a person holds any role in the network today."""
    return any(h.network_id == network.pk for h in holdings(user))


def may_create_network(user: Any) -> bool:
    """Return whether a person may open a network: who looks after this server, or leads one already."""
    if not getattr(user, "is_active", False):
        return False
    return user.is_staff or any(Permission.NETWORK_CHANGE in h.role.permissions for h in holdings(user))


def require(user: Any, permission: Permission, *, network: Any, site: Any = None) -> None:
    """Return when the person may; otherwise refuse and say who to ask.

    Raises:
        Refused: ``AT-P-001`` when the person is no member; ``AT-P-002`` when their role does not allow it.
    """
    if may(user, permission, network=network, site=site):
        return
    if not is_member(user, network=network):
        raise Refused(
            "AT-P-001",
            "You are not a member of this network.",
            do="Ask the person who invited you, or the network's lead, to add you.",
        )
    leads = ", ".join(leads_of(network=network)) or "whoever looks after this server"
    raise Refused("AT-P-002", "Your role in this network does not include this.", do=f"Ask {leads} if you need it.")
