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
    ends: str = ""  # ask, park, decline, or empty
    note: str = ""


@dataclass(frozen=True, slots=True)
class ToldGate:
    """One gate: the votes and the decision; without a decision it stays open."""

    votes: tuple[tuple[str, str, str], ...] = ()
    decision: str = ""
    sentence: str = ""
    conditions: str = ""
    reason: str = "The sites that are ready begin; others may join later."


@dataclass(frozen=True, slots=True)
class ToldProject:
    """A project: how it is made up and how far it went. ``None`` among the steps goes on where no gate stands."""

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
    steps: tuple[ToldGate | None, ...] = ()
    ends: str = ""  # hold, stop or empty
    note: str = ""


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
    observed: str = ""
    result: float | None = None
    compared: str = ""
    surprise: str = ""
    decision: str = ""
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """All of it, in the order in which it is told. An aim is text, population, measure, from, to, by."""

    aims: tuple[tuple[str, str, str, float, float, date], ...]
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
    return Told(aims, ideas, tuple(_project(project) for project in found["projects"]), tests)


def _project(found: dict[str, Any]) -> ToldProject:
    steps = tuple(None if step is None else ToldGate(**step) for step in found.pop("steps", ()))
    return ToldProject(**found, steps=steps)
