"""The comparator of a site's chart: what the top quarter of similar sites reaches, without telling which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.utils.translation import gettext as _

from allteach.charts.axes import value_axis
from allteach.charts.spec import ChartSpec, Target
from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison import top_quarter
from allteach.stats.comparison.peers import FEWEST
from allteach.stats.disclosure import SmallNumbers, small
from allteach.units import Grain
from allteach.web.sites.models import Site
from allteach.web.variation.charting import Line
from allteach.web.variation.comparing import Comparison, comparison_of, estimates_of, stretch
from allteach.web.variation.models import Annotation
from allteach.web.variation.presenting import spec_of, voice
from allteach.web.variation.selectors.charts import Charted


@dataclass(frozen=True, slots=True)
class Comparator:
    """What a site is held against.

    Attributes:
        level: On the inside scale; None where there is none to show.
        words: One or two sentences: what it is, by which rule, or why there is none.
        label: For the line on the chart.
        names: The sites of the quarter, by name; empty where one of them is blinded for this person.
    """

    level: float | None
    words: str
    label: str = ""
    names: tuple[str, ...] = ()


def comparator_of(charts: Charted, site: Site) -> Comparator | None:
    """Return what the top quarter of sites similar to this one reaches; None where the question makes no sense.

    Only sites whose charts this person may see are used, so that nothing withheld can be worked out from it; together
    they are at least three.
    """
    if charts.found.card.grain is Grain.EVENT or site not in charts.found.sites:
        return None
    found = comparison_of(charts, {})
    if not found.kind or str(charts.found.card.direction) == "neither":
        return None
    model = estimates_of(found)
    if isinstance(model, NotEstimable):
        return None
    at = charts.found.sites.index(site)
    try:
        peers = top_quarter(
            at,
            value=np.where(found.shown, model.value, np.nan),
            numerator=found.numerator,
            denominator=found.denominator,
            direction=charts.found.card.direction,
            alike=[other.kind == site.kind for other in charts.found.sites],
        )
    except StatsError:
        return None
    if isinstance(peers, NotEstimable):
        return Comparator(
            None,
            _("No comparator: fewer than %(n)s sites like this one can be shown, too few to be fair.") % {"n": FEWEST},
        )
    if _too_small(charts, found, peers.top):
        return Comparator(None, _("No comparator: the top quarter of similar sites counts too few to be shown."))
    level = float(np.exp(peers.level)) if found.log else peers.level
    form = charts.found.card.format
    facts = {
        "level": form.text(level), "n": int(peers.similar.sum()), "top": int(peers.top.sum()),
        "stretch": stretch(found, charts.found.card.grain), "kind": site.kind or _("any kind"),
    }  # fmt: skip
    rule = (
        _("Similar: %(kind)s, between half and twice the number of cases.")
        if peers.band
        else _("Similar: %(kind)s, of any size, because fewer than nine are of this size.")
    )
    said = _("Peers: the top quarter of %(n)s similar sites (%(top)s sites together) reaches %(level)s (%(stretch)s).")
    parts = [said, rule]
    if peers.reached:
        parts.append(_("This site is as good as they are: others can learn here."))
    return Comparator(level, " ".join(parts) % facts, _("peers %(level)s") % facts, _names(charts, peers.top))


def full_spec(
    charts: Charted, line: Line, *, notes: Iterable[Annotation] = (), computed: date | None = None
) -> ChartSpec:
    """Return one chart, complete, with what the top quarter of similar sites reaches: drawn, and said."""
    spec = spec_of(charts, line, notes=notes, computed=computed)
    if line.site is None or charts.question.asked.stratum:
        return spec
    peers = comparator_of(charts, line.site)
    if peers is None:
        return spec
    sentences = (*spec.sentences, peers.words)
    if peers.level is None:
        return replace(spec, sentences=sentences)
    y = spec.y
    if not y.low <= peers.level <= y.high:
        y = value_axis([y.low, y.high, peers.level], spec.format, log=y.log, voice=voice())
    return replace(spec, sentences=sentences, y=y, peers=Target(peers.level, peers.label))


def _too_small(charts: Charted, found: Comparison, top: np.ndarray) -> bool:
    """Return whether the quarter together has a small count that this person may not see."""
    if charts.naming.counted is None or found.kind == "mean":
        return False
    rule = SmallNumbers(charts.naming.small_count)
    events, cases = found.numerator[top].sum(), found.denominator[top].sum()
    counts = [events, cases - events] if found.kind == "proportion" else [events]
    return bool(small(np.array(counts), rule).any())


def _names(charts: Charted, top: np.ndarray) -> tuple[str, ...]:
    sites = [site for site, inside in zip(charts.found.sites, top, strict=True) if inside]
    if not all(charts.naming.is_named(site) for site in sites):
        return ()
    return tuple(sorted((charts.naming.name(site) for site in sites), key=str.casefold))
