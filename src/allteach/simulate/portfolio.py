"""The demonstration's ideas, projects and tests of change: one of each state, told as acts in order. All invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Any

import yaml

DECIDE_BY = date(2026, 11, 27)


@dataclass(frozen=True, slots=True)
class ToldIdea:
    """An idea: who proposed it, what it says, which sites are interested, and what became of it."""

    key: str
    by: str
    title: str
    problem: str
    change: str
    source: str
    site: str = ""
    interested: tuple[str, ...] = ()
    ends: str = ""  # ask, park, decline, merge, or empty
    note: str = ""
    into: str = ""  # the idea that it is merged into
    day: date | None = None


@dataclass(frozen=True, slots=True)
class ToldGate:
    """One gate: the votes and the decision; without a decision it stays open.

    `together` is the sentence of three people who all vote for the decision.
    """

    day: date | None = None
    together: str = ""
    votes: tuple[tuple[str, str, str], ...] = ()
    decision: str = ""
    sentence: str = ""
    conditions: str = ""
    reason: str = "The sites that are ready begin; others may join later."


@dataclass(frozen=True, slots=True)
class ToldProject:
    """A project: how it is made up and how far it went. A day among the steps goes on where no gate stands."""

    key: str
    title: str
    pathway: str
    problem: str
    idea: str = ""
    parent: str = ""
    aim: tuple[str, str, str, float, float, date] | None = None  # text, population, measure, from, to, by
    measures: tuple[str, ...] = ()
    cohorts: tuple[tuple[str, str, date, tuple[str, ...], str], ...] = ()  # name, kind, starts, sites, stage
    people: tuple[tuple[str, str], ...] = ()
    outline: str = ""
    lesson: str = ""
    words: dict[str, str] = field(default_factory=dict)
    steps: tuple[ToldGate | date, ...] = ()
    ends: str = ""  # hold, stop, owes (stopped, its lesson still owed), close, or empty
    note: str = ""
    day: date | None = None
    ended: date | None = None
    promoted: bool = False  # it is the project that its parent was promoted to
    bundle: dict[str, Any] = field(default_factory=dict)
    definitions: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ToldTest:
    """A test of change, as far as it went: planned, running, studied or closed (with a decision)."""

    key: str
    by: str
    site: str
    title: str
    question: str
    predicted: str
    belief: int
    scale: str
    project: str = ""
    measure: str = ""
    driver: str = ""
    builds_on: str = ""
    low: float | None = None
    high: float | None = None
    starts: date | None = None
    context: str = ""
    observed: str = ""
    result: float | None = None
    compared: str = ""
    surprise: str = ""
    decision: str = ""
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """All of it, in the order in which it is told. An aim is text, population, measure, from, to, by.

    The aim of a site begins with the keys of the project and the site.
    """

    aims: tuple[tuple[str, str, str, float, float, date], ...]
    site_aims: tuple[tuple[str, str, str, str, str, float, float, date], ...]
    ideas: tuple[ToldIdea, ...]
    projects: tuple[ToldProject, ...]
    tests: tuple[ToldTest, ...]


def told() -> Told:
    """Return the aims, ideas, projects and tests of the demonstration."""
    text = resources.files("allteach.simulate").joinpath("heart_network", "portfolio.yaml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    ideas = tuple(ToldIdea(**idea) for idea in found["ideas"])
    tests = tuple(ToldTest(**test) for test in found["tests"])
    aims = tuple(tuple(aim) for aim in found["aims"])
    site_aims = tuple(tuple(aim) for aim in found["site_aims"])
    return Told(aims, site_aims, ideas, tuple(_project(project) for project in found["projects"]), tests)


def _project(found: dict[str, Any]) -> ToldProject:
    steps = tuple(step if isinstance(step, date) else ToldGate(**step) for step in found.pop("steps", ()))
    return ToldProject(**found, steps=steps)
