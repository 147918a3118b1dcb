"""Runs every check over the rows of one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from allteach.intake.contract import TableDictionary
from allteach.intake.quality.catalogue import CHECKS
from allteach.intake.quality.facts import Gate, Rows, gather
from allteach.intake.quality.frame import Limit, Result
from allteach.intake.quality.judge import JUDGES, up_to_date

_ORDER = {check.id: at for at, check in enumerate(CHECKS)}


def examine(
    rows: Rows,
    table: TableDictionary,
    sites: Sequence[str],
    *,
    gate: Gate | None = None,
    newest: Mapping[str, str] | None = None,
    limits: Mapping[str, Limit] | None = None,
    due: str = "",
) -> list[Result]:
    """Return what every check comes to, by check, column and site.

    Args:
        rows: Files of accepted rows: current, and before and with the newest submission.
        table: Their dictionary; without a column that says when nothing can be judged.
        sites: Codes of the sites to check; others serve for comparison only.
        gate: What the check of the newest file held back.
        newest: Every reporting site's newest month, such as ``2024-03``, for timeliness.
        limits: The network's own limits, by check.
        due: The newest month that must be here; empty takes the newest that any site has.
    """
    own = limits or {}
    if table.time is None or not rows.current:
        return []
    facts = replace(gather(rows, table, sites, gate or Gate()), network_months=newest or {}, due=due)
    found = [result for judge in JUDGES if judge is not up_to_date or newest for result in judge(facts, own)]
    return sorted(found, key=lambda one: (_ORDER[one.check], one.column, one.site))
