"""Reading runs, outcomes, issues and queries. A person sees the sites whose quality they may see."""

from allteach.web.quality.selectors.issues import (
    delta_of,
    events_of,
    issue_for,
    issues_of,
    run_for,
    runs_of,
    sites_seen,
)
from allteach.web.quality.selectors.marks import Doubt, Doubts, doubts_of
from allteach.web.quality.selectors.queries import queries_of, query_for, row_value, waiting
from allteach.web.quality.selectors.reminders import Reminder, reminders
from allteach.web.quality.selectors.standing import Grid, Line, grid_of, latest_of

__all__ = [
    "Doubt",
    "Doubts",
    "Grid",
    "Line",
    "Reminder",
    "delta_of",
    "doubts_of",
    "events_of",
    "grid_of",
    "issue_for",
    "issues_of",
    "latest_of",
    "queries_of",
    "query_for",
    "reminders",
    "row_value",
    "run_for",
    "runs_of",
    "sites_seen",
    "waiting",
]
