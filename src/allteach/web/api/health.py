"""How the network itself works, over the API."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from ninja import Router, Schema

from allteach.web.api.problems import PROBLEMS
from allteach.web.health import selectors, services
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.selectors import network_for

router = Router()


class WaitOut(Schema):
    """How long one step takes: the middle of so many cases in days; null where there is none."""

    key: str
    days: float | None
    cases: int


class StandingOut(Schema):
    """What the raters make of one component of the grid."""

    component: str
    domain: str
    raters: int
    mean: float | None
    spread: float | None
    disputed: bool


class PartOut(Schema):
    """What one site gave and was asked for in twelve months."""

    name: str
    ideas: int
    tests: int
    reports: int
    asked: int
    meetings: int
    files: int


class PlanOut(Schema):
    """The plan of a year."""

    year: int
    priorities: str
    reviewed: str


class HealthOut(Schema):
    """Waiting, maturity, taking part, plans."""

    year: int
    waits: list[WaitOut]
    maturity: list[StandingOut]
    participation: list[PartOut]
    plans: list[PlanOut]


class RatingIn(Schema):
    """One's own view: component -> level 1 to 5."""

    levels: dict[str, int]
    comment: str = ""


@router.get("/n/{slug}/health", response={200: HealthOut} | PROBLEMS)
def health(request: Any, slug: str, year: int | None = None) -> Any:
    """Return how the network works."""
    network = network_for(user=request.user, slug=slug)
    year = year or timezone.localdate().year
    user = request.user
    rated = selectors.maturity(user=user, network=network, year=year)
    names = ("raters", "mean", "spread", "disputed")
    return {
        "year": year,
        "waits": selectors.waits(user=user, network=network),
        "maturity": [
            {"component": one.component.key, "domain": one.component.domain}
            | {name: getattr(one, name) for name in names}
            for one in rated
        ],
        "participation": selectors.participation(user=user, network=network),
        "plans": selectors.plans_of(user=user, network=network),
    }


@router.put("/n/{slug}/health/rating", response={200: HealthOut} | PROBLEMS)
def rate(request: Any, slug: str, said: RatingIn) -> Any:
    """Rate the network for this year; rating again replaces it."""
    network = network_for(user=request.user, slug=slug)
    require(request.user, Permission.GATE_VOTE, network=network)
    year = timezone.localdate().year
    services.rating_give(by=request.user, network=network, year=year, levels=said.levels, comment=said.comment)
    return health(request, slug)
