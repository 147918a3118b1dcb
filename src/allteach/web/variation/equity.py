"""Groups of patients side by side: each with its count, its interval, and the gap to the largest group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison import equity_gaps
from allteach.stats.disclosure import SmallNumbers, small, small_proportion
from allteach.web.measuring.selectors import panel, strata_of
from allteach.web.variation.comparing import NOT_COMPARED, Comparison
from allteach.web.variation.selectors.charts import Charted


@dataclass(frozen=True, slots=True)
class Group:
    """One group of patients."""

    name: str
    count: str
    value: str
    interval: str
    gap: str


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups by one feature of patients.

    Attributes:
        by: The feature shown.
        choices: The features there are.
        rows: Its groups, by name.
        largest: The group that the others are compared with.
        clear: Groups whose gap is larger than chance explains.
    """

    by: str
    choices: tuple[str, ...]
    rows: tuple[Group, ...]
    largest: str
    clear: tuple[str, ...]


def groups_of(*, user: Any, charts: Charted, found: Comparison, by: str) -> Groups | NotEstimable:
    """Return the groups of patients of a measure over a stretch of time, for all sites together.

    Groups with small counts are withheld together, because the total would give a single one away.
    """
    if found.kind not in ("proportion", "rate") or found.first is None or found.last is None:
        return NOT_COMPARED
    strata = strata_of(user=user, measure=charts.measure)
    choices = tuple(sorted({text.split("=", 1)[0] for text in strata}))
    if not choices:
        return NotEstimable("AT-S-141", _("These data hold no groups of patients."))
    by = by if by in choices else choices[0]
    names = [text for text in strata if text.split("=", 1)[0] == by]
    above, below = _totals(user, charts, found, names)
    if charts.naming.counted is not None and _any_small(found.kind, above, below, charts.naming.small_count):
        return NotEstimable("AT-S-141", charts.openness.reason)
    try:
        gaps = equity_gaps(above, below, kind=found.kind)
    except StatsError as error:
        return NotEstimable(error.code, error.what)
    if isinstance(gaps, NotEstimable):
        return gaps
    form = charts.found.card.format
    labels = [name.split("=", 1)[-1] for name in names]
    rows = []
    clear = []
    for i, label in enumerate(labels):
        if not np.isfinite(gaps.value[i]):
            continue
        base = i == gaps.reference
        if not base and (gaps.difference_lower[i] > 0 or gaps.difference_upper[i] < 0):
            clear.append(label)
        rows.append(
            Group(
                name=label,
                count=_("%(part)s of %(all)s") % {"part": f"{above[i]:,.0f}", "all": f"{below[i]:,.0f}"},
                value=form.text(float(gaps.value[i])),
                interval=_range(form, gaps.lower[i], gaps.upper[i]),
                gap=_("compared with") if base else _range(form, gaps.difference_lower[i], gaps.difference_upper[i]),
            )
        )
    return Groups(by, choices, tuple(rows), labels[gaps.reference], tuple(clear))


def _range(form: Any, low: float, high: float) -> str:
    return _("%(low)s to %(high)s") % {"low": form.text(float(low)), "high": form.text(float(high))}


def _totals(user: Any, charts: Charted, found: Comparison, names: list[str]) -> tuple[Any, Any]:
    """Return events and cases of each group, all sites together, over the stretch."""
    above, below = np.zeros(len(names)), np.zeros(len(names))
    assert found.first is not None
    assert found.last is not None
    for i, name in enumerate(names):
        part = panel(user=user, measure=charts.measure, sites=charts.found.sites, stratum=name)
        if part is None or not part.periods:
            continue
        inside = np.array([found.first <= period <= found.last for period in part.periods], dtype=bool)
        known = part.panel.known & inside
        above[i] = float(np.where(known, part.panel.numerator, 0.0).sum())
        below[i] = float(np.where(known, part.panel.denominator, 0.0).sum())
    return above, below


def _any_small(kind: str, above: Any, below: Any, least: int) -> bool:
    rule = SmallNumbers(least)
    return bool((small_proportion(above, below, rule) if kind == "proportion" else small(above, rule)).any())
