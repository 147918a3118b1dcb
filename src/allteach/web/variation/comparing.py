"""Sites side by side over a stretch of time: totals, funnel and shrunken estimates, as one person may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from django.utils.translation import gettext as _

from allteach.charts.build import AboutSites, Row, caterpillar
from allteach.charts.build import funnel as draw_funnel
from allteach.charts.spec import ChartSpec
from allteach.errors import NotEstimable, StatsError
from allteach.measures.card import MeasureKind
from allteach.stats.comparison import Funnel, FunnelCurve, funnel, funnel_of_means
from allteach.stats.comparison.empirical_bayes import shrink
from allteach.stats.comparison.mixed import mixed_model
from allteach.stats.results import Bools, Floats
from allteach.units import Grain, Period, Unit
from allteach.web.variation.presenting import counted, notices_of, voice
from allteach.web.variation.selectors.charts import Charted
from allteach.web.variation.wording import period_text

WINDOWS = (6, 12, 24, 36)
USUAL_WINDOW = 12
_LIMITS = ("lower_998", "lower_95", "upper_95", "upper_998")
_BY_SITE = ("numerator", "denominator", "value", "site_target", *_LIMITS, "z", "p", "z_adjusted", "p_adjusted")
NOT_COMPARED = NotEstimable(
    "AT-S-110", "This kind of measure is read site by site over time; it has no counts to compare sites by."
)


class GeometricFunnel(Funnel):
    """A funnel of means of logarithms, shown as geometric means."""

    __slots__ = ("logs",)

    @classmethod
    def of(cls, logs: Funnel) -> GeometricFunnel:
        """Return the funnel on the scale of the values."""
        parts = {name: getattr(logs, name) for name in Funnel.__slots__}
        for name in ("value", "site_target", *_LIMITS):
            parts[name] = np.exp(parts[name])
        parts["target"] = float(np.exp(logs.target))
        made = cls(**parts)
        object.__setattr__(made, "logs", logs)
        return made

    def curve(self, denominators: Any = None, *, points: int = 200) -> FunnelCurve:
        """Return limits over a grid of sizes."""
        line = self.logs.curve(denominators, points=points)  # type: ignore[attr-defined]
        return FunnelCurve(
            line.denominator, *(np.exp(part) for part in (line.lower_998, line.lower_95, line.upper_95, line.upper_998))
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Totals of every site over one stretch of time.

    Attributes:
        kind: proportion, rate, ratio (observed to expected) or mean; empty where there are no counts to compare by.
        log: Means are geometric.
        first, last: The stretch.
        window: Its length as asked for, 0 for everything.
        numerator, denominator, total_sq: ``(S,)`` totals.
        cells: ``(numerator, denominator, total_sq)`` by site and period, for models over time.
        shown: ``(S,)`` sites whose numbers this person may see.
        closed: The whole comparison is withheld.
        result: The funnel, or why there is none.
    """

    kind: str
    log: bool
    first: Period | None
    last: Period | None
    window: int
    numerator: Floats
    denominator: Floats
    total_sq: Floats | None
    cells: tuple[Floats, Floats, Floats | None]
    shown: Bools
    closed: bool
    result: Funnel | NotEstimable


def comparison_of(charts: Charted, query: Mapping[str, Any]) -> Comparison:
    """Return the comparison that an address asks for: ``window`` periods up to ``until``.

    Args:
        charts: The measure.
        query: Query of the address.
    """
    window = _window(query.get("window", ""))
    found = charts.found
    asked = charts.question.asked
    end = len(found.periods)
    if asked.until is not None:
        end = sum(1 for period in found.periods if period.start <= asked.until)
    start = max(0, end - window) if window else 0
    start = max(start, *(at for at in (*found.starts, 0) if at < end), 0)  # sites are compared by one definition
    kind = _kind(charts)
    cells = _cells(charts, kind, slice(start, end))
    numerator, denominator = _sum(cells[0], cells[1])
    total_sq = None if cells[2] is None else np.nansum(cells[2], axis=1)
    shown = np.array([charts.openness.shows(site) for site in found.sites], dtype=bool)
    return Comparison(
        kind=kind,
        log=bool(found.panel.log),
        first=found.periods[start] if end > start else None,
        last=found.periods[end - 1] if end > start else None,
        window=window,
        numerator=numerator,
        denominator=denominator,
        total_sq=total_sq,
        cells=cells,
        shown=shown,
        closed=not charts.openness.whole,
        result=_result(kind, numerator, denominator, total_sq, bool(found.panel.log)),
    )


def _window(text: str) -> int:
    if text == "all":
        return 0
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 600 else USUAL_WINDOW


def _kind(charts: Charted) -> str:
    panel, card = charts.found.panel, charts.found.card
    if card.grain is Grain.EVENT or not charts.found.periods:
        return ""
    if card.kind is MeasureKind.OBSERVED_EXPECTED:
        return "ratio" if panel.denominator is not None else ""
    if panel.total is not None:
        return "mean" if panel.total_sq is not None and panel.n is not None else ""
    if panel.denominator is None or panel.numerator is None:
        return ""
    if card.chart_kind in ("p", "pprime") or card.format.unit is Unit.PERCENT:
        return "proportion"
    return "rate" if card.chart_kind in ("u", "uprime") or card.format.unit is Unit.RATE else ""


def _cells(charts: Charted, kind: str, span: slice) -> tuple[Floats, Floats, Floats | None]:
    panel = charts.found.panel
    known = panel.known[:, span]

    def part(array: Any) -> Floats:
        return np.where(known, np.asarray(array)[:, span], np.nan)

    if kind == "mean":
        return part(panel.total), part(panel.n), part(panel.total_sq)
    if kind:
        return part(panel.numerator), part(panel.denominator), None
    empty = np.full(known.shape, np.nan)
    return empty, empty, None


def _sum(above: Floats, below: Floats) -> tuple[Floats, Floats]:
    there = np.isfinite(below).any(axis=1)
    return (
        np.where(there, np.nansum(above, axis=1), np.nan),
        np.where(there, np.nansum(below, axis=1), np.nan),
    )


def _result(kind: str, above: Floats, below: Floats, squares: Floats | None, log: bool) -> Funnel | NotEstimable:
    if not kind:
        return NOT_COMPARED
    try:
        if kind != "mean":
            return funnel(above, below, kind=kind)
        made = funnel_of_means(below, above, squares if squares is not None else above)
    except StatsError as error:
        return NotEstimable(error.code, error.what)
    return GeometricFunnel.of(made) if log and isinstance(made, Funnel) else made


def stretch(found: Comparison, grain: Grain) -> str:
    """Return the stretch of time in words."""
    if found.first is None or found.last is None:
        return ""
    first, last = period_text(found.first.start, grain), period_text(found.last.start, grain)
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def about_sites(charts: Charted, found: Comparison) -> AboutSites:
    """Return what a picture of sites side by side is about."""
    card, naming = charts.found.card, charts.naming
    line = charts.lines[0] if charts.lines else None
    notices = tuple(notices_of(charts, line)) if line is not None else ()
    hidden = int((~found.shown & np.isfinite(found.denominator)).sum())
    if hidden:
        notices = (*notices, _("%(n)s sites are not drawn: %(why)s") % {"n": hidden, "why": charts.openness.reason})
    return AboutSites(
        measure=charts.measure.title,
        names=tuple(naming.name(site) for site in charts.found.sites),
        own=frozenset(i for i, site in enumerate(charts.found.sites) if site.pk in naming.own),
        period=stretch(found, card.grain),
        format=card.format,
        direction=card.direction,
        counted=counted(card),
        source=_("%(network)s, measure version %(number)s")
        % {"network": charts.network.name, "number": charts.found.version.number},
        notices=notices,
        target=charts.measure.target,
        voice=voice(),
    )


def funnel_spec(charts: Charted, found: Comparison) -> ChartSpec | None:
    """Return the funnel as a chart; None where there is none to show."""
    if found.closed or isinstance(found.result, NotEstimable):
        return None
    return draw_funnel(about_sites(charts, found), _masked(found.result, found.shown))


def _masked(result: Funnel, shown: Bools) -> Funnel:
    """Return the funnel with withheld sites left off; limits and line rest on all of them."""
    gone = {name: np.where(shown, getattr(result, name), np.nan) for name in _BY_SITE}
    gone["outside"] = np.where(shown, result.outside, 0).astype(np.int8)
    made = replace(result, **cast(Any, gone))
    if isinstance(result, GeometricFunnel):
        object.__setattr__(made, "logs", result.logs)  # type: ignore[attr-defined]
    return made


def estimates_of(found: Comparison) -> Any:
    """Return shrunken site estimates over the stretch, or why there are none."""
    if not found.kind:
        return NOT_COMPARED
    try:
        if found.kind == "mean":
            above, below, squares = found.cells
            return mixed_model(above, below, kind="mean") if squares is not None else NOT_COMPARED
        return shrink(found.numerator, found.denominator, kind=found.kind)
    except StatsError as error:
        return NotEstimable(error.code, error.what)


def caterpillar_spec(charts: Charted, found: Comparison, model: Any) -> ChartSpec | None:
    """Return shrunken estimates with intervals, in the order of names."""
    if found.closed or isinstance(model, NotEstimable):
        return None
    scale = np.exp if found.log and found.kind == "mean" else np.asarray
    value, lower, upper = scale(model.value), scale(model.lower), scale(model.upper)
    rows: list[Row | None] = []
    for i in range(len(charts.found.sites)):
        if not found.shown[i] or not np.isfinite(value[i]):
            rows.append(None)
            continue
        counts = (None, float(found.denominator[i])) if found.kind == "mean" else (
            float(found.numerator[i]), float(found.denominator[i])
        )  # fmt: skip
        rows.append(Row(float(value[i]), float(lower[i]), float(upper[i]), *counts))
    return caterpillar(about_sites(charts, found), rows, centre=float(scale(model.network)))
