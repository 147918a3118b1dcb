"""What a person may read of a measure's numbers: the small-number rule on charts, safe against subtraction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from allteach.measures.card import Card, MeasureKind
from allteach.stats.disclosure import SmallNumbers, small
from allteach.stats.results import Bools, Floats
from allteach.stats.series import Panel
from allteach.units import Grain
from allteach.web.measuring.panels import MeasurePanel
from allteach.web.people.permissions import may
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import Naming


@dataclass(frozen=True, slots=True)
class Openness:
    """Whose numbers one person may see for one measure.

    Attributes:
        sites: Ids of sites whose chart and table may be shown.
        whole: Whether the network line's may.
        least: Counts from 1 to below this are withheld.
        another_state: An earlier day or another version was asked for.
    """

    sites: frozenset[int]
    whole: bool
    least: int
    another_state: bool = False

    def shows(self, site: Site | None) -> bool:
        """Return whether this chart's numbers may be shown."""
        return self.whole if site is None else site.pk in self.sites

    @property
    def reason(self) -> str:
        """Why a chart is withheld, in one sentence."""
        if self.another_state:
            return _(
                "An earlier state or another version, set against what is shown now, could give away counts below "
                "%(least)s. It is shown only to the site itself, to coaches, the network's lead and data analysts."
            ) % {"least": self.least}
        return _(
            "Some points of this chart count fewer than %(least)s. Such numbers are shown only to the site itself, "
            "to coaches and to the network's lead and data analysts."
        ) % {"least": self.least}


def openness_of(naming: Naming, found: MeasurePanel, *, another_state: bool = False) -> Openness:
    """Return whose numbers may be shown, so that no total gives a withheld site away.

    A site with any small count is withheld as a whole: centre lines and totals over other windows would give single
    months back. The network line minus the sites that are shown is what the withheld ones have together, so at least
    two must be withheld and in no period may their sum be small; otherwise the next smallest site joins them, and
    when that does not help the network line is withheld.

    An earlier day or another version could be set against what everybody sees now, and the difference be small. So
    with `another_state` a person reads the charts of those sites only whose small counts are open to them anyway.
    """
    everyone = frozenset(site.pk for site in found.sites)
    if naming.counted is None:
        return Openness(everyone, True, naming.small_count)
    counted = naming.counted
    if another_state:
        return Openness(everyone & counted, False, naming.small_count, another_state=True)
    closed = np.array([site.pk not in counted for site in found.sites], dtype=bool)
    hidden, whole = _hidden(found, closed, naming.small_count)
    shown = frozenset(site.pk for site, gone in zip(found.sites, hidden, strict=True) if not gone)
    return Openness(shown, whole, naming.small_count)


def small_charts(found: MeasurePanel, least: int) -> tuple[Bools, bool]:
    """Return which sites' charts are withheld from readers without a right to any, and whether the network line is.

    The line is open only if it stays safe in the eyes of every site, which knows its own numbers as well.

    Args:
        found: Sites x periods.
        least: Counts from 1 to below this are small.
    """
    hidden, safe = _hidden(found, np.ones(len(found.sites), dtype=bool), least)
    counts = counts_behind(found.panel, found.card)
    for row in np.flatnonzero(hidden) if safe else ():
        others = hidden.copy()
        others[row] = False
        safe = safe and _whole_is_safe(others, counts, SmallNumbers(least))
    return hidden, not safe


def _hidden(found: MeasurePanel, closed: Bools, least: int) -> tuple[Bools, bool]:
    """Return which sites are withheld, and whether the network line may be shown beside the others."""
    counts = counts_behind(found.panel, found.card)
    if found.card.grain is Grain.EVENT:  # every point is one patient's day
        return closed.copy(), False
    if not counts:
        return np.zeros(closed.shape, dtype=bool), True
    rule = SmallNumbers(least)
    hidden = closed & np.any([small(count, rule).any(axis=1) for count in counts], axis=0)
    hidden = _enough(hidden, closed, counts, rule)
    return hidden, _whole_is_safe(hidden, counts, rule)


def counts_behind(panel: Panel, card: Card) -> list[Floats]:
    """Return the counts of patients or events behind points: none of them may be small where it is shown.

    A proportion has a third count, those without the event.
    """
    if panel.total is not None:
        return [np.asarray(panel.n)] if panel.n is not None else []
    part = np.asarray(panel.numerator)
    if card.kind in (MeasureKind.PROPORTION, MeasureKind.BUNDLE) and panel.denominator is not None:
        whole = np.asarray(panel.denominator)
        return [part, whole, np.maximum(whole - part, 0.0)]
    if card.kind in (MeasureKind.RATE, MeasureKind.COUNT, MeasureKind.OBSERVED_EXPECTED):
        return [part]
    return [np.asarray(panel.denominator)] if panel.denominator is not None else []


def _enough(hidden: Bools, closed: Bools, counts: list[Floats], rule: SmallNumbers) -> Bools:
    """Return the withheld sites with the next smallest added until what they have together gives none of them away."""
    if not hidden.any():
        return hidden
    sizes = np.nansum(counts[-1], axis=1)
    hidden = hidden.copy()
    for row in np.argsort(sizes, kind="stable"):
        if hidden.sum() >= 2 and _whole_is_safe(hidden, counts, rule):
            break
        if closed[row]:
            hidden[row] = True
    return hidden


def _whole_is_safe(hidden: Bools, counts: list[Floats], rule: SmallNumbers) -> bool:
    """Return whether the network line may be shown beside the sites that are not withheld."""
    if not hidden.any():
        return not any(small(np.nansum(count, axis=0), rule).any() for count in counts)
    if hidden.sum() < 2:
        return False
    return not any(small(np.nansum(count[hidden], axis=0), rule).any() for count in counts)


def may_export(user: object, network: Network) -> bool:
    """Return whether this person may take charts away as files."""
    return may(user, Permission.RESULT_EXPORT, network=network)
