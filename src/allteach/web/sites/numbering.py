"""Numbers that people quote: submissions, ideas, projects and tests count up within their network."""

from __future__ import annotations

from django.db.models import Max, Model

from allteach.web.sites.models import Network


def next_number(model: type[Model], network: Network) -> int:
    """Return the next number of this kind in the network; holds the network's row until the transaction ends."""
    Network.objects.select_for_update().get(pk=network.pk)
    last = model._default_manager.filter(network=network).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
