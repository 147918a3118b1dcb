"""What comparing sites says beyond the funnel, in words: spread, power, sources of variation, bright spots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison import (
    BrightSpots,
    Funnel,
    Measured,
    PracticeOutcome,
    VarianceComponents,
    bright_spots,
    detectable_in_funnel,
    expected_ranks,
    false_discovery,
    practice_outcome,
    reliability,
    variance_components,
)
from allteach.stats.results import Floats
from allteach.units import Direction
from allteach.web.variation.comparing import NOT_COMPARED, Comparison
from allteach.web.variation.selectors.charts import Charted

POWER = 0.8
MOSTLY_CHANCE = 0.8
MOST_DRAWS = 160_000  # of one page: sites x simulations


def spread_words(result: Funnel) -> list[str]:
    """Return what was found about over-dispersion and what was done about it."""
    extra = result.overdispersion
    facts = {"phi": f"{extra.phi:.2g}", "sites": extra.sites}
    if extra.phi <= 1:
        said = [_("Sites differ no more than chance alone would have them (%(sites)s sites).") % facts]
    else:
        said = [_("The spread between sites is %(phi)s times what chance alone gives (%(sites)s sites).") % facts]
    found = false_discovery(result.p_adjusted)
    if not isinstance(found, NotEstimable):
        number = int(found.found.sum())
        words = (
            ngettext(
                "Allowing for looking at %(all)s sites at once, %(n)s site still stands out.",
                "Allowing for looking at %(all)s sites at once, %(n)s sites still stand out.",
                number,
            )
            if number
            else _("Allowing for looking at %(all)s sites at once, none stands out.")
        )
        said.append(words % {"all": found.tested, "n": number})
    return said


def power_words(charts: Charted, found: Comparison) -> str:
    """Return what this funnel could not have found: at a middling site, how far off the truth would have to be."""
    result = found.result
    if isinstance(result, NotEstimable):
        return ""
    plain = result.logs if hasattr(result, "logs") else result
    seen = detectable_in_funnel(plain, power=POWER)
    size = np.where(found.shown, result.denominator, np.nan)
    if not np.isfinite(size).any():
        return ""
    middle = int(np.nanargmin(np.abs(size - np.nanmedian(size))))
    scale = np.exp if hasattr(result, "logs") else (lambda value: value)
    form = charts.found.card.format
    ends = [
        words % {"value": form.text(float(scale(value)))}
        for value, words in ((seen.lower[middle], _("below %(value)s")), (seen.higher[middle], _("above %(value)s")))
        if np.isfinite(value)
    ]
    if not ends:
        return _("At a site of middling size no true value would have stood out in 8 of 10 such stretches of time.")
    return _(
        "At a site of middling size (%(size)s) only a true value %(ends)s would stand out in 8 of 10 such stretches "
        "of time. A site inside the limits is not proven to be like the others."
    ) % {"size": f"{size[middle]:,.0f}", "ends": _(" or ").join(ends)}


def reliability_words(model: Any) -> list[str]:
    """Return how well these data tell sites apart."""
    found = reliability(model)
    if isinstance(found, NotEstimable):
        return [found.reason]
    said = [
        _("Reliability of a middling site: %(median)s of 1. That share of what is seen is real, the rest is chance.")
        % {"median": f"{found.median:.2f}"}
    ]
    if found.rankability < 0.5:
        said.append(
            _("Rankability %(rank)s of 1: sites cannot be put in an order with these data.")
            % {"rank": f"{found.rankability:.2f}"}
        )
    else:
        said.append(
            _("Rankability %(rank)s of 1: a site's place in an order is still uncertain, see the intervals.")
            % {"rank": f"{found.rankability:.2f}"}
        )
    if np.isfinite(found.cases_for_70):
        said.append(_("For a reliability of 0.7 a site needs about %(n)s cases.") % {"n": f"{found.cases_for_70:,.0f}"})
    return said


def place_words(charts: Charted, found: Comparison, model: Any) -> list[dict[str, str]]:
    """Return, in order of names, how uncertain each site's place is. Never a ranking."""
    direction = charts.found.card.direction
    good = direction if direction is not Direction.NEITHER else Direction.LOWER
    ranks = expected_ranks(model, direction=good, draws=MOST_DRAWS // max(len(charts.found.sites), 40))
    if isinstance(ranks, NotEstimable):
        return []
    sites = int(np.isfinite(ranks.expected).sum())
    rows = []
    for i, site in enumerate(charts.found.sites):
        if found.shown[i] and np.isfinite(ranks.expected[i]):
            rows.append(
                {
                    "site": charts.naming.name(site),
                    "place": _("anywhere from place %(low)s to %(high)s of %(all)s")
                    % {"low": f"{ranks.lower[i]:.0f}", "high": f"{ranks.upper[i]:.0f}", "all": sites},
                    "best": f"{ranks.best_quarter[i] * 100:.0f} %",
                }
            )
    return sorted(rows, key=lambda row: row["site"].casefold())


@dataclass(frozen=True, slots=True)
class Source:
    """One source of variation: its name, share of the whole, and what it means."""

    name: str
    share: float
    text: str


def sources_of(found: Comparison) -> tuple[list[Source], str] | NotEstimable:
    """Return where the variation of site-period values comes from, and what to do about the largest real part."""
    if not found.kind:
        return NOT_COMPARED
    above, below, squares = found.cells
    try:
        parts = variance_components(above, below, squares, kind=found.kind)
    except StatsError as error:
        return NotEstimable(error.code, error.what)
    if isinstance(parts, NotEstimable):
        return parts
    return _sources(parts), _largest(parts)


def _sources(parts: VarianceComponents) -> list[Source]:
    between, common, within, chance = (float(share) for share in parts.shares)
    return [
        Source(_("Between sites"), between, _("Sites differ for good: they do it differently.")),
        Source(_("Over time, all sites together"), common, _("All sites move together: seasons, a shared change.")),
        Source(_("Over time, each site of its own"), within, _("A site is not steady: the way of working moves.")),
        Source(_("Chance"), chance, _("What numbers of this size give anyway.")),
    ]


def _largest(parts: VarianceComponents) -> str:
    names = ("between", "common", "within")
    shares = dict(zip(names, (float(share) for share in parts.shares[:3]), strict=True))
    top = max(shares, key=lambda name: shares[name])
    if shares[top] < 0.05:
        return _("Nearly all of the variation is chance: more cases, or longer periods, would say more.")
    if float(parts.shares[3]) > MOSTLY_CHANCE:
        return {
            "between": _("Most of the variation is chance; what is left lies between sites."),
            "common": _("Most of the variation is chance; what is left moves all sites together."),
            "within": _("Most of the variation is chance; what is left lies within sites."),
        }[top]
    return {
        "between": _("Most of what is not chance lies between sites: ask what the steady ones do differently."),
        "common": _("Most of what is not chance moves all sites together: look for a season or a shared change."),
        "within": _("Most of what is not chance lies within sites: make each way of working steadier first."),
    }[top]


def bright_of(found: Comparison, direction: Direction, other: tuple[Comparison, Direction] | None) -> Any:
    """Return sites that are probably and steadily better, with a balancing measure beside them."""
    if not found.kind:
        return NOT_COMPARED
    try:
        measure = Measured(found.cells[0], found.cells[1], found.kind, direction)
        beside = None
        if other is not None and other[0].kind:
            beside = Measured(other[0].cells[0], other[0].cells[1], other[0].kind, other[1])
        return bright_spots(measure, balancing=beside)
    except StatsError as error:
        return NotEstimable(error.code, error.what)


def bright_rows(charts: Charted, found: Comparison, spots: BrightSpots) -> list[dict[str, Any]]:
    """Return every site that this person may see, by name, with what was found."""
    form = charts.found.card.format
    scale = np.exp if found.log and found.kind == "mean" else (lambda value: value)
    rows = []
    for i, site in enumerate(charts.found.sites):
        if not found.shown[i] or not np.isfinite(spots.probability[i]):
            continue
        rows.append(
            {
                "site": site,
                "name": charts.naming.name(site),
                "value": form.text(float(scale(spots.value[i]))),
                "probability": f"{spots.probability[i] * 100:.0f} %",
                "stability": f"{spots.stability[i] * 100:.0f} %" if np.isfinite(spots.stability[i]) else "",
                "worse": f"{spots.balancing_worse[i] * 100:.0f} %" if np.isfinite(spots.balancing_worse[i]) else "",
                "bright": bool(spots.bright[i]),
                "set_aside": bool(spots.set_aside[i]),
            }
        )
    return sorted(rows, key=lambda row: (not row["bright"], row["name"].casefold()))


def practice_of(practice: Floats, found: Comparison) -> PracticeOutcome | NotEstimable:
    """Return how a practice measured at each site goes with this outcome."""
    if not found.kind:
        return NOT_COMPARED
    try:
        return practice_outcome(practice, found.cells[0], found.cells[1], kind=found.kind)
    except StatsError as error:
        return NotEstimable(error.code, error.what)
