"""Networks and sites over the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Router, Schema

from allteach.web.api.problems import PROBLEMS
from allteach.web.sites import selectors

router = Router()


class NetworkOut(Schema):
    """A network and what it has agreed."""

    slug: str
    name: str
    condition: str
    aim: str
    naming: str
    small_count: int
    open_counts: bool
    rule_set: str
    timezone: str
    is_demo: bool


class SiteOut(Schema):
    """A site of a network."""

    code: str
    name: str
    kind: str
    region: str
    cohort: str
    status: str
    status_note: str
    joined_on: date | None


@router.get("/networks", response={200: list[NetworkOut]} | PROBLEMS)
def networks(request: Any) -> Any:
    """Return the networks of the asking person."""
    return list(selectors.networks_for(user=request.user))


@router.get("/n/{slug}", response={200: NetworkOut} | PROBLEMS)
def network(request: Any, slug: str) -> Any:
    """Return one network."""
    return selectors.network_for(user=request.user, slug=slug)


@router.get("/n/{slug}/sites", response={200: list[SiteOut]} | PROBLEMS)
def sites(request: Any, slug: str) -> Any:
    """Return the sites of a network by name. Letters of blinded sites are never among them."""
    here = selectors.network_for(user=request.user, slug=slug)
    return list(selectors.sites_for(user=request.user, network=here))


@router.get("/n/{slug}/sites/{code}", response={200: SiteOut} | PROBLEMS)
def site(request: Any, slug: str, code: str) -> Any:
    """Return one site."""
    here = selectors.network_for(user=request.user, slug=slug)
    return selectors.site_for(user=request.user, network=here, code=code)
