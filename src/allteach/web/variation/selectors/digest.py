"""The few signals that one person should look at first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from allteach.stats.signals import RULE_SETS
from allteach.units import Grain, ValueFormat
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import current_version, measures_of
from allteach.web.people.permissions import own_site_ids
from allteach.web.sites.models import Network, Site
from allteach.web.sites.naming import Naming, naming_for
from allteach.web.sites.selectors import reporting_sites
from allteach.web.variation.budget import expected_false_signals, rate_of
from allteach.web.variation.models import Standing
from allteach.web.variation.wording import CHANGED

MOST = 5


@dataclass(frozen=True, slots=True)
class Signal:
    """One chart that says something; `also` counts other sites whose chart of this measure says the same."""

    standing: Standing
    measure: Measure
    site: Site | None
    naming: Naming
    format: ValueFormat
    grain: Grain
    held: int
    rule_set: str
    also: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person should look at.

    Attributes:
        signals: The few with the most evidence that are theirs to act on.
        more: How many others there are.
        charts: Charts looked at.
        false_signals: Signals that chance alone would show among them.
        own: Whether it is about the person's own sites.
    """

    signals: tuple[Signal, ...]
    more: int
    charts: int
    false_signals: float
    own: bool


def digest(*, user: Any, network: Network, most: int = MOST) -> Digest:
    """Return the signals of a person's own sites, or of the network line and every site for those without a site.

    The order is by evidence: worse before better, then the rarer by chance, then the newer.
    """
    measures = {measure.pk: measure for measure in measures_of(user=user, network=network)}
    sites = {site.pk: site for site in reporting_sites(user=user, network=network)}
    own = own_site_ids(user, network=network) & frozenset(sites)
    rows = Standing.objects.filter(measure__in=list(measures))
    rows = rows.filter(site__in=own) if own else rows
    # Thousands of charts are only counted; the few that changed are read in full.
    kept = [row for row in rows.values_list("measure_id", "site_id", "points") if row[1] is None or row[1] in sites]
    changed = [row for row in rows.filter(variation__in=CHANGED) if row.site_id is None or row.site_id in sites]
    rules = {pk: measure.rule_set or network.rule_set for pk, measure in measures.items()}
    counted = Counter((rules[measure], points) for measure, _site, points in kept)
    found = [_signal(user, network, row, measures, sites, rules) for row in changed]
    found.sort(key=_evidence)
    if not own:
        found = _one_a_measure(found)
    return Digest(tuple(found[:most]), max(len(found) - most, 0), len(kept), expected_false_signals(counted), bool(own))


def _one_a_measure(found: list[Signal]) -> list[Signal]:
    """Return the strongest signal of each measure, the network line's where it has one, with the sites that agree."""
    groups: dict[int, list[Signal]] = {}
    for signal in found:
        groups.setdefault(signal.measure.pk, []).append(signal)
    leads = []
    for group in groups.values():
        lead = next((signal for signal in group if signal.site is None), group[0])
        same = lead.standing.variation
        also = sum(1 for s in group if s is not lead and s.site is not None and s.standing.variation == same)
        leads.append(replace(lead, also=also))
    return sorted(leads, key=_evidence)


def _signal(
    user: Any,
    network: Network,
    row: Standing,
    measures: dict[int, Measure],
    sites: dict[int, Site],
    rules: dict[int, str],
) -> Signal:
    measure = measures[row.measure_id]
    version = current_version(measure)
    card = card_of(version) if version is not None else None
    return Signal(
        standing=row,
        measure=measure,
        site=sites.get(row.site_id) if row.site_id is not None else None,
        naming=naming_for(user=user, network=network, measure=measure),
        format=card.format if card else ValueFormat(),
        grain=card.grain if card else Grain.MONTH,
        held=_held(row.since, row.period, card.grain if card else Grain.MONTH),
        rule_set=rules[row.measure_id],
    )


_DAYS = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 30, Grain.QUARTER: 91, Grain.YEAR: 365, Grain.EVENT: 30}


def _held(since: date | None, until: date | None, grain: Grain) -> int:
    """Return for how many periods the signal has held, about."""
    if since is None or until is None:
        return 0
    return max(1, round((until - since).days / _DAYS[grain]) + 1)


def _evidence(found: Signal) -> tuple[Any, ...]:
    row = found.standing
    kind = {"concerning": 0, "changed": 1, "improving": 2}[row.variation]
    newest = -(row.since.toordinal() if row.since is not None else 0)
    return (kind, rate_of(found.rule_set, row.points) / max(found.held, 1), newest, found.measure.order)


def rule_name(found: Signal) -> str:
    """Return the rule that marks it, in words."""
    rule_set = RULE_SETS.get(found.rule_set)
    rules = rule_set.rules if rule_set is not None else ()
    return next((rule.label for rule in rules if rule.key == found.standing.rule), "")
