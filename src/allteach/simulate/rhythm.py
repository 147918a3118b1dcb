"""The demonstration's monthly clock: what was asked, written, scored, met about and planned. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any
from zlib import crc32

import yaml


@dataclass(frozen=True, slots=True)
class Told:
    """All of it. Names of people and keys of projects and sites are those of the cast and the portfolio.

    Args:
        expectations: Phase, what it asks of every site, days after joining; for every project.
        met: Project, expectation, site.
        meetings: Each with day, kind, title, and who was there.
        asked_on: Days on which reports were asked for.
        missed_before: Reports due by this day that nobody wrote were missed.
        usual: What the sites that are not told of write: wins, plans, own scores, the coaches' reason and answer.
        reports: Each with project, site, month, words, scores and answer.
        ratings: Year, person, a level for each line of the shipped grid.
        joining: The site whose joining list is open.
        joining_states: The states of its first lines.
        plans: Year, priorities, what became of it, projects.
    """

    expectations: tuple[tuple[str, str, int], ...]
    met: tuple[tuple[str, str, str], ...]
    meetings: tuple[dict[str, Any], ...]
    asked_on: tuple[date, ...]
    missed_before: date
    usual: dict[str, Any]
    reports: tuple[dict[str, Any], ...]
    ratings: tuple[tuple[int, str, list[int]], ...]
    joining: str
    joining_states: tuple[str, ...]
    plans: tuple[dict[str, Any], ...]

    def report(self, project: str, site: str, month: date) -> dict[str, Any] | None:
        """Return what a site that is not told of writes in a month; None in the one of eight in which it does not."""
        number = crc32(f"{project}/{site}/{month}".encode())
        if number % 8 == 0:
            return None
        own = self.usual["own"][number % len(self.usual["own"])]
        return {
            "project": project,
            "site": site,
            "month": month,
            "wins": self.usual["wins"][number // 8 % len(self.usual["wins"])],
            "plan": self.usual["plans"][number // 64 % len(self.usual["plans"])],
            "own": own,
            "scores": [(name, own, self.usual["reason"]) for name in ("dee", "ada")],
            "answer": (own, self.usual["answer"]),
        }


def told() -> Told:
    """Return what is told."""
    text = resources.files("allteach.simulate").joinpath("heart_network", "rhythm.yaml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    kept: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return Told(**kept)
