"""Reading ideas."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from allteach.web.ideas.models import Idea
from allteach.web.ideas.triage import Readiness, alike, suggest_pathway
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site


def ideas_of(*, user: Any, network: Network, status: str = "", text: str = "") -> QuerySet[Idea]:
    """Return the ideas of a network, newest first, with `sites` that would take part."""
    require(user, Permission.PROJECT_VIEW, network=network)
    found = Idea.objects.filter(network=network).select_related("proposed_by", "site", "merged_into")
    if status:
        found = found.filter(status=status)
    for word in text.split():
        found = found.filter(Q(title__icontains=word) | Q(problem__icontains=word) | Q(change__icontains=word))
    return found.annotate(interested=Count("interests")).order_by("-number")


def idea_for(*, user: Any, network: Network, number: int) -> Idea:
    """Return one idea by its number.

    Raises:
        Http404: the network has none of this number.
    """
    idea = ideas_of(user=user, network=network).filter(number=number).first()
    if idea is None:
        raise Http404
    return idea


def like(*, user: Any, network: Network, text: str, besides: Idea | None = None) -> list[Idea]:
    """Return the ideas of the network that say nearly the same, best first."""
    found = {idea.pk: idea for idea in ideas_of(user=user, network=network) if besides is None or idea.pk != besides.pk}
    texts = ((key, f"{idea.title} {idea.change}") for key, idea in found.items())
    return [found[key] for key, _ in alike(text, texts)]


def suggestion(*, idea: Idea, staffed: bool) -> tuple[str, tuple[str, ...]]:
    """Return the pathway that suits an idea, with the reasons."""
    active = Site.objects.filter(network=idea.network, status=Site.Status.ACTIVE).count()
    ready = Readiness(idea.source, bool(idea.change.strip()), idea.interests.count(), active, staffed)
    return suggest_pathway(ready)
