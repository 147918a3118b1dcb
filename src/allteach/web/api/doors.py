"""Doors over the API: list, make, open and close, test and fetch. A secret goes in and never comes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router, Schema, Status

from allteach.errors import StateError
from allteach.web.api.problems import PROBLEMS, Problem
from allteach.web.doors import jobs, selectors, services, trying
from allteach.web.doors.bringing import KINDS
from allteach.web.doors.models import Door, Fetch
from allteach.web.sites.selectors import network_for, site_for

router = Router()


class DoorIn(Schema):
    """A door to make. `settings` as in the how-to page of its kind; `secret` is stored encrypted."""

    name: str
    kind: str
    table: str
    settings: dict[str, Any]
    secret: str
    site: str = ""
    every: str = ""


class DoorOut(Schema):
    """A door, without its secret."""

    number: int
    name: str
    kind: str
    table: str
    site: str | None
    settings: dict[str, Any]
    every: str
    is_open: bool


class FetchOut(Schema):
    """One time that a door was asked: `queued`, `running`, `new`, `same` or `failed`."""

    state: str
    at: datetime
    rows: int
    submission: int | None
    problem: Problem | None


class TrialOut(Schema):
    """What a door would bring. Rows are not part of it."""

    columns: list[str]
    empty: list[str]
    unused: list[str]
    total: int | None
    read: int
    kept: int


class DoorState(Schema):
    """Whether a door is open."""

    is_open: bool


def _out(door: Door) -> dict[str, Any]:
    return {
        "number": door.number,
        "name": door.name,
        "kind": door.kind,
        "table": door.table_slug,
        "site": door.site.code if door.site else None,
        "settings": door.settings,
        "every": door.every,
        "is_open": door.is_open,
    }


def _fetch_out(fetch: Fetch) -> dict[str, Any]:
    return {
        "state": fetch.state,
        "at": fetch.at,
        "rows": fetch.rows,
        "submission": fetch.submission.number if fetch.submission else None,
        "problem": fetch.problem or None,
    }


def _found(request: Any, slug: str, number: int) -> Door:
    return selectors.door_for(user=request.user, network=network_for(user=request.user, slug=slug), number=number)


@router.get("/n/{slug}/doors", response={200: list[DoorOut]} | PROBLEMS)
def doors(request: Any, slug: str) -> Any:
    """Return the doors that the asking person may fetch through or change."""
    network = network_for(user=request.user, slug=slug)
    return [_out(door) for door in selectors.doors_of(user=request.user, network=network)]


@router.post("/n/{slug}/doors", response={201: DoorOut} | PROBLEMS)
def door_make(request: Any, slug: str, said: DoorIn) -> Any:
    """Make a door."""
    network = network_for(user=request.user, slug=slug)
    if said.kind not in KINDS or said.every not in Door.Every.values:
        raise StateError("AT-T-420", "There is no door of this kind or rhythm.", expected=f"Kinds: {', '.join(KINDS)}.")
    site = site_for(user=request.user, network=network, code=said.site) if said.site else None
    wish = services.Wish(said.name[:120], said.kind, said.table, said.settings, site, said.every)
    return Status(201, _out(services.door_make(by=request.user, network=network, wish=wish, token=said.secret)))


@router.get("/n/{slug}/doors/{number}/fetches", response={200: list[FetchOut]} | PROBLEMS)
def door_fetches(request: Any, slug: str, number: int) -> Any:
    """Return the last times that a door was asked, newest first."""
    return [_fetch_out(fetch) for fetch in selectors.fetches_of(_found(request, slug, number))]


@router.post("/n/{slug}/doors/{number}/fetches", response={201: FetchOut} | PROBLEMS)
def door_fetch(request: Any, slug: str, number: int) -> Any:
    """Fetch through a door. It is done in the background: ask for the fetches until the newest has ended."""
    return Status(201, _fetch_out(jobs.fetch_later(by=request.user, door=_found(request, slug, number))))


@router.post("/n/{slug}/doors/{number}/test", response={200: TrialOut} | PROBLEMS)
def door_test(request: Any, slug: str, number: int) -> Any:
    """Say what a door would bring; nothing is kept."""
    return trying.attempt(user=request.user, door=_found(request, slug, number))


@router.post("/n/{slug}/doors/{number}/open", response={200: DoorOut} | PROBLEMS)
def door_open(request: Any, slug: str, number: int, said: DoorState) -> Any:
    """Open or close a door."""
    door = _found(request, slug, number)
    return _out(services.door_switch(by=request.user, door=door, is_open=said.is_open))
