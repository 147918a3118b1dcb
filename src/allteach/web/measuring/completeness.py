"""Which periods of which site may still grow, and how many rows of each are in quarantine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from allteach.intake import contract
from allteach.intake.contract import Role
from allteach.units import Grain, Period
from allteach.web.submissions.models import RegistryFile, Submission

# a period of single cases is taken as over when cases are known to within so many days of its edges
SLACK = {Grain.DAY: 0, Grain.WEEK: 2, Grain.MONTH: 5, Grain.QUARTER: 10, Grain.YEAR: 15, Grain.EVENT: 0}


@dataclass(slots=True)
class Window:
    """What is known of one site: days that its files cover, and when the newest was sent."""

    oldest: date = date.max
    newest: date = date.min
    sent_on: date = date.min
    cases: bool = False


@dataclass(slots=True)
class Completeness:
    """What is known of every site of one table.

    Args:
        grain: Length of a period.
        windows: Site code -> what its files cover.
        held: Site code -> period -> rows in quarantine.
    """

    grain: Grain
    windows: dict[str, Window] = field(default_factory=dict)
    held: dict[str, dict[date, int]] = field(default_factory=dict)

    def is_complete(self, site: str, start: date) -> bool:
        """Return whether a period of a site has everything that will come."""
        window = self.windows.get(site)
        if window is None or self.grain is Grain.EVENT:
            return True
        end = Period(start, self.grain).end
        if end >= window.sent_on:
            return False
        if not window.cases:
            return True
        slack = timedelta(days=SLACK[self.grain])
        return window.oldest - slack <= start and end <= window.newest + slack

    def held_in(self, site: str, start: date) -> int:
        """Return how many rows of a period are in quarantine."""
        return self.held.get(site, {}).get(start, 0)


def completeness(files: Iterable[tuple[Submission, dict[str, dict[str, str]]]], grain: Grain) -> Completeness:
    """Return what files say of their sites.

    The span of cases is that of the whole file: a small site without a case on the last day of a month is complete
    when other sites of the same file have one.

    Args:
        files: Submissions with the sites of theirs that count.
        grain: Length of a period.
    """
    out = Completeness(grain)
    seen: dict[int, Submission] = {}
    for submission, sites in files:
        assert submission.table is not None
        time = contract.load(submission.table.dictionary).time
        cases = time is not None and time.role is not Role.PERIOD
        oldest = min(date.fromisoformat(said["oldest"]) for said in sites.values())
        newest = max(date.fromisoformat(said["newest"]) for said in sites.values())
        sent_on = timezone.localdate(submission.sent_at)
        for code in sites:
            window = out.windows.setdefault(code, Window())
            window.oldest, window.newest = min(window.oldest, oldest), max(window.newest, newest)
            window.sent_on, window.cases = max(window.sent_on, sent_on), cases
        seen[submission.pk] = submission
    held: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for submission in seen.values():
        for code, days in submission.scope.get("held", {}).items():
            for day, rows in days.items():
                held[code][_start(date.fromisoformat(day), grain)] += rows
    out.held = {code: dict(periods) for code, periods in held.items()}
    return out


def _start(day: date, grain: Grain) -> date:
    return day if grain is Grain.EVENT else Period.of(day, grain).start


def of_files(files: Iterable[RegistryFile], grain: Grain) -> Completeness:
    """Return what these current files say of their sites."""
    return completeness(((file.submission, file.sites) for file in files), grain)
