"""Sites against what was expected of their own patients: the table of sites, and the four charts of one site."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.charts.about import About
from allteach.charts.build import Running, running
from allteach.charts.spec import ChartSpec
from allteach.charts.words import lowered
from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison import Ratios, false_discovery, standardised_ratios
from allteach.stats.results import Floats
from allteach.units import Direction, Grain, Period
from allteach.web.sites.models import Site
from allteach.web.variation.comparing import Comparison
from allteach.web.variation.presenting import notices_of, voice
from allteach.web.variation.risk import Risks, SiteRisk, site_risk
from allteach.web.variation.selectors.charts import Charted
from allteach.web.variation.wording import period_text

CHARTS = ("rising", "falling", "vlad", "ewma")
MOST_PATIENTS = 200  # of a chart that goes patient by patient


@dataclass(frozen=True, slots=True)
class Stand:
    """One site over the stretch of time against what was expected; numbers are None where they are withheld.

    Attributes:
        site: Whose.
        sees: As of `SiteRisk`; empty withholds everything.
        cases, observed, expected, ratio: Over the stretch.
        exact, byar: Two kinds of 95 % interval of the ratio.
        side: +1 more events than expected, -1 fewer, 0 neither, allowing for all sites looked at.
        signal: Period of the latest CUSUM signal in the stretch.
        signal_side: +1 for more events, -1 for fewer.
        path: VLAD by period, over the stretch.
    """

    site: Site
    sees: str
    cases: float | None = None
    observed: float | None = None
    expected: float | None = None
    ratio: float | None = None
    exact: tuple[float, float] | None = None
    byar: tuple[float, float] | None = None
    side: int = 0
    signal: Period | None = None
    signal_side: int = 0
    path: tuple[float, ...] = ()


def span_of(charts: Charted, found: Comparison) -> tuple[int, int]:
    """Return the positions of the first period of the stretch, and of the one after its last."""
    periods = charts.found.periods
    if found.first is None or found.last is None:
        return 0, 0
    return periods.index(found.first), periods.index(found.last) + 1


def stands_of(user: Any, charts: Charted, found: Comparison, risks: Risks) -> list[Stand] | NotEstimable:
    """Return how every site stands against what was expected of its own patients, in the panel's order."""
    start, end = span_of(charts, found)
    seen = [site_risk(user, charts, risks, site, end=end) for site in charts.found.sites]
    parts = [None if isinstance(one, NotEstimable) else one for one in seen]
    totals = np.array([_totals(one, start) for one in parts]).reshape(-1, 4).T
    try:
        ratios = standardised_ratios(totals[1], totals[2], variance=totals[3])
    except StatsError as error:
        return NotEstimable(error.code, error.what)
    if isinstance(ratios, NotEstimable):
        return ratios
    clear = false_discovery(ratios.p)
    out = np.zeros(len(parts), dtype=bool) if isinstance(clear, NotEstimable) else clear.found
    stands = []
    for at, (site, one) in enumerate(zip(charts.found.sites, parts, strict=True)):
        open_here = one is not None and may_open(charts, found, one)
        if one is None or not open_here or not np.isfinite(ratios.ratio[at]):
            stands.append(Stand(site, ""))
        else:
            side = int(np.sign(ratios.ratio[at] - 1.0)) if out[at] else 0
            stands.append(_stand(charts, one, ratios, totals[0], at, (start, side)))
    return stands


def may_open(charts: Charted, found: Comparison, one: SiteRisk) -> bool:
    """Return whether a site's numbers may be shown: where the comparison is withheld, to the site itself only."""
    own = one.sees == "rows" or one.site.pk in charts.naming.own
    return bool(one.sees) and (own or not found.closed)


def _totals(one: SiteRisk | None, start: int) -> list[float]:
    if one is None:
        return [np.nan] * 4
    by = one.periods
    cases = float(by.cases[start:].sum())
    if not cases:
        return [np.nan] * 4
    return [cases, *(float(part[start:].sum()) for part in (by.observed, by.expected, by.variance))]


def _stand(charts: Charted, one: SiteRisk, ratios: Ratios, cases: Floats, at: int, where: tuple[int, int]) -> Stand:
    start, side = where
    period, signal_side = latest_signal(charts, one, start)
    path = np.cumsum(one.periods.expected[start:] - one.periods.observed[start:])
    return Stand(
        site=one.site,
        sees=one.sees,
        cases=float(cases[at]),
        observed=float(ratios.observed[at]),
        expected=float(ratios.expected[at]),
        ratio=float(ratios.ratio[at]),
        exact=(float(ratios.exact_lower[at]), float(ratios.exact_upper[at])),
        byar=(float(ratios.byar_lower[at]), float(ratios.byar_upper[at])),
        side=side,
        signal=period,
        signal_side=signal_side,
        path=tuple(float(value) for value in path),
    )


def latest_signal(charts: Charted, one: SiteRisk, start: int) -> tuple[Period | None, int]:
    """Return the period of the latest CUSUM signal from a position on, and its side; None and 0 without one."""
    by = one.periods
    hits = [(int(at), 1) for at in np.flatnonzero(by.up) if at >= start]
    hits += [(int(at), -1) for at in np.flatnonzero(by.down) if at >= start]
    if not hits:
        return None, 0
    at, side = max(hits)
    return charts.found.periods[at], side


def specs_of(charts: Charted, risks: Risks, one: SiteRisk, start: int, *, each: bool = False) -> dict[str, ChartSpec]:
    """Return the four charts of a site.

    Args:
        charts: The measure.
        risks: All patients.
        one: The site, open to this person.
        start: First period shown; the charts run from the first patient on.
        each: Patient by patient, the latest 200; only for those who see rows.
    """
    lines = _by_patient(risks, one) if each else _by_period(risks, one, start)
    if each:
        days = one.days[-MOST_PATIENTS:].tolist()
        periods = tuple(Period(day, Grain.EVENT) for day in days)
    else:
        periods = charts.found.periods[start : one.periods.cases.size]
    about = About(
        measure=charts.measure.title,
        periods=periods,
        site=charts.naming.name(one.site),
        direction=charts.found.card.direction,
        source=source_words(charts, risks),
        notices=tuple(notices_of(charts, charts.lines[0])) if charts.lines else (),
        voice=voice(),
    )
    title = finding(charts, one, start)
    return {
        kind: running(
            about, Running(kind=kind, title=title, sentences=signal_words(charts, risks, one, kind, start), **parts)
        )
        for kind, parts in lines.items()
    }


def _by_period(risks: Risks, one: SiteRisk, start: int) -> dict[str, dict[str, Any]]:
    by = one.periods
    size = by.cases.size - start
    counts = {"numerator": _list(by.observed[start:]), "denominator": _list(by.expected[start:])}
    up, down = by.up[start:].astype(int), -by.down[start:].astype(int)
    return {
        "rising": counts | {"value": _list(by.rising[start:]), "side": up.tolist(), "upper": [risks.limit_up] * size},
        "falling": counts
        | {"value": _list(by.falling[start:]), "side": down.tolist(), "lower": [-risks.limit_down] * size},
        "vlad": counts | {"value": _list(by.vlad[start:]), "side": [0] * size, "centre": [0.0] * size},
        "ewma": counts
        | {
            "value": _list(by.average[start:]),
            "side": by.outside[start:].tolist(),
            "centre": _list(by.usual[start:]),
            "lower": _list(by.lower[start:]),
            "upper": _list(by.upper[start:]),
        },
    }


def _by_patient(risks: Risks, one: SiteRisk) -> dict[str, dict[str, Any]]:
    made, last = one.monitor, slice(-MOST_PATIENTS, None)
    size = made.outcome[last].size
    counts = {"numerator": _list(made.outcome[last]), "denominator": _list(made.risk[last])}
    outside = np.where(np.abs(np.nan_to_num(made.ewma.z)) > made.ewma.width, np.sign(made.ewma.z), 0)
    return {
        "rising": counts
        | {
            "value": _list(made.rising[last]),
            "side": made.up[last].astype(int).tolist(),
            "upper": [risks.limit_up] * size,
        },
        "falling": counts
        | {
            "value": _list(made.falling[last]),
            "side": (-made.down[last].astype(int)).tolist(),
            "lower": [-risks.limit_down] * size,
        },
        "vlad": counts | {"value": _list(made.vlad[last]), "side": [0] * size, "centre": [0.0] * size},
        "ewma": counts
        | {
            "value": _list(made.ewma.observed[last]),
            "side": outside[last].astype(int).tolist(),
            "centre": _list(made.ewma.expected[last]),
            "lower": _list(made.ewma.lower[last]),
            "upper": _list(made.ewma.upper[last]),
        },
    }


def _list(values: Floats) -> list[float | None]:
    return [float(value) if isfinite(value) else None for value in values.tolist()]


def source_words(charts: Charted, risks: Risks) -> str:
    """Return where the numbers come from, the case-mix model named."""
    model = (
        _("case-mix model %(number)s") % {"number": risks.model.number}
        if risks.model is not None
        else _("expected risk as sent in the table")
    )
    return _("%(network)s, measure version %(number)s, %(model)s") % {
        "network": charts.network.name, "number": charts.found.version.number, "model": model,
    }  # fmt: skip


def finding(charts: Charted, one: SiteRisk, start: int) -> str:
    """Return what a site's charts say, as a title."""
    period, side = latest_signal(charts, one, start)
    names = {"site": charts.naming.name(one.site), "measure": lowered(charts.measure.title)}
    if period is None:
        return _("%(site)s: %(measure)s as often as its patients' risk would give") % names
    names["since"] = period_text(period.start, charts.found.card.grain)
    if side > 0:
        return _("%(site)s: more often %(measure)s than its patients' risk would give, signal in %(since)s") % names
    return _("%(site)s: less often %(measure)s than its patients' risk would give, signal in %(since)s") % names


def signal_words(charts: Charted, risks: Risks, one: SiteRisk, kind: str, start: int) -> tuple[str, ...]:
    """Return one plain sentence on what a chart says: what, since when, by which rule, how often chance does that."""
    if kind not in ("rising", "falling"):
        return ()
    by = one.periods
    hits = [int(at) for at in np.flatnonzero(by.up if kind == "rising" else by.down) if at >= start]
    yearly = _yearly(one)
    chance = _("Chance alone gives a signal about once in %(n)s patients, here about once in %(years)s years.") % {
        "n": f"{risks.run_length:,.0f}", "years": f"{max(risks.run_length / yearly, 1):,.0f}",
    }  # fmt: skip
    if not hits:
        return (_("No signal in this stretch of time.") + " " + chance,)
    grain = charts.found.card.grain
    when = ", ".join(period_text(charts.found.periods[at].start, grain) for at in hits[-3:])
    odds = _("doubled") if kind == "rising" else _("halved")
    said = ngettext(
        "The chart crossed its limit in %(when)s: enough evidence that the odds of the event had %(odds)s.",
        "The chart crossed its limit %(n)s times, last in %(when)s: enough evidence that the odds of the event had "
        "%(odds)s.",
        len(hits),
    ) % {"when": when, "odds": odds, "n": len(hits)}
    return (f"{said} {chance}", _next_words(charts.found.card.direction, 1 if kind == "rising" else -1))


def budget_words(risks: Risks) -> str:
    """Return how many signals chance alone would bring in a year, over all sites and both charts."""
    days = risks.patients.day
    span = max(int((days.max() - days.min()).astype(int)) + 1, 365)
    yearly = 2.0 * len(risks.patients) * 365.25 / span / risks.run_length
    return _("Over all sites, chance alone gives about %(n)s signals a year.") % {"n": f"{yearly:.1f}"}


def _next_words(direction: Direction, side: int) -> str:
    if direction is Direction.NEITHER:
        return _("Whether that is good is for the network to say. Check the data first, then ask what changed.")
    if (side > 0) == (direction is Direction.HIGHER):
        return _("That is the good way. Check the data first, then ask the team what they did.")
    return _(
        "That is the wrong way. Check first that outcomes and risks were sent rightly and that patients are alike, "
        "then ask what changed. It blames nobody."
    )


def _yearly(one: SiteRisk) -> float:
    days = int((one.days[-1] - one.days[0]).astype(int)) + 1
    return max(one.days.size * 365.25 / max(days, 365), 1.0)
