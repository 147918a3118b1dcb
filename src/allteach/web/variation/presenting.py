"""From a computed line to the one description that pages, files and the API draw from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from allteach.charts.about import About, Mark, Remark
from allteach.charts.build import control
from allteach.charts.spec import ChartSpec
from allteach.charts.voice import Voice
from allteach.charts.words import lowered
from allteach.measures.card import Card
from allteach.stats.signals import RULE_SETS
from allteach.units import Grain
from allteach.web.sites.models import Site
from allteach.web.variation.charting import Line, late_sites
from allteach.web.variation.models import Annotation, Standing
from allteach.web.variation.selectors.charts import Charted
from allteach.web.variation.states import changes_of, ghosts_of, state_notices, versions_text
from allteach.web.variation.texts import Blackout
from allteach.web.variation.wording import period_text

STALE_PERIODS = 3
LONGEST_COUNTED = 24
MOST_MOVES = 8
DOUBTS = {
    "months-here": gettext_lazy("no rows came for it"),
    "rows-persist": gettext_lazy("it has fewer rows than before"),
    "rows-steady": gettext_lazy("it has far more or fewer rows than usual"),
    "filled-each-month": gettext_lazy("a column is empty in it"),
    "redefined": gettext_lazy("a column has another meaning"),
}


def voice() -> Voice:
    """Return the language of this request."""
    return _voice(get_language() or "en")


@lru_cache(maxsize=32)
def _voice(language: str) -> Voice:
    """Return a language whose texts are looked up once: a page of small charts asks for the same few thousand times."""
    return Voice(gettext=lru_cache(maxsize=4096)(gettext), ngettext=ngettext, tag=language)


def spec_of(
    charts: Charted,
    line: Line,
    *,
    notes: Iterable[Annotation] = (),
    computed: date | None = None,
    brief: bool = False,
) -> ChartSpec:
    """Return one chart, complete: what it shows and every word about it, as this person may read them.

    Args:
        charts: The measure.
        line: Which of its charts.
        notes: For the time axis.
        computed: The day the numbers were computed.
        brief: For a small chart whose large one is a click away: without the points read aloud.
    """
    about = about_line(charts, line, notes=notes, computed=computed)
    if line.site is None and not brief:
        about = replace(about, remarks=(*about.remarks, *moves_of(charts)))
    return control(about, line.block.panel, line.limits, line.signals, line.reading, at=(line.at,), brief=brief)


def moves_of(charts: Charted) -> list[Remark]:
    """Return flags for periods in which sites began or stopped to report: they can move the network line by themselves.

    The first period is no news, and neither is the last, whose sites may only be late.
    """
    flags = []
    for fact in network_facts(charts)[1:-1]:
        for key, words in (("joined", _("Began to report: %(sites)s")), ("left", _("Stopped reporting: %(sites)s"))):
            if fact[key]:
                flags.append(Remark(fact["period"].start, words % {"sites": names(charts, fact[key])}, "note"))
    return flags[-MOST_MOVES:]


def about_line(charts: Charted, line: Line, *, notes: Iterable[Annotation] = (), computed: date | None = None) -> About:
    """Return what the chart of one line is about."""
    card, measure = charts.found.card, charts.measure
    blackout = Blackout(charts.naming, charts.found.sites)
    return About(
        measure=measure.title,
        periods=line.periods,
        site=charts.naming.name(line.site) if line.site is not None else "",
        format=card.format,
        direction=card.direction,
        target=measure.target,
        target_label=measure.target_label,
        counted=counted(card),
        source=_("%(network)s, measure version %(number)s")
        % {"network": charts.network.name, "number": versions_text(charts)},
        refreshed=computed,
        remarks=tuple(
            Remark(note.on, note_text(note, blackout), note.kind) for note in notes if note.withdrawn_at is None
        ),
        marks=_marks(charts, line, blackout),
        changes=changes_of(charts, line),
        ghosts=ghosts_of(charts, line),
        notices=tuple(notices_of(charts, line)),
        stale=is_stale(charts, line),
        voice=voice(),
    )


def counted(card: Card) -> str:
    """Return what denominators count, where the card says it in a word or two."""
    words = card.exposure or card.words.denominator.rstrip(". ")
    return lowered(words) if 0 < len(words) <= LONGEST_COUNTED else ""


def note_text(note: Annotation, blackout: Blackout) -> str:
    """Return a note as this person may read it, led by its kind."""
    return f"{note.get_kind_display()}: {blackout.text(note.text, note.site)}"


def notices_of(charts: Charted, line: Line) -> list[str]:
    """Return the sentences that belong on every copy of the chart."""
    said = []
    if charts.network.is_demo:
        said.append(_("Demonstration data: all people, sites and numbers are made up."))
    if charts.naming.notice:
        said.append(charts.naming.notice)
    said += state_notices(charts)
    asked = charts.question.asked
    if asked.start is not None:
        said.append(_("The new average is only a proposal: nobody has decided on it yet."))
    if asked.rules and asked.rules != (charts.measure.rule_set or charts.network.rule_set):
        said.append(_("Read by other rules than the network's: %(rules)s.") % {"rules": RULE_SETS[asked.rules].name})
    if not asked.phases and charts.question.agreed.phases.get(line.site.pk if line.site else None):
        said.append(_("Drawn with one average throughout; the network has agreed on more than one phase."))
    if asked.kind and asked.kind != charts.found.card.chart_kind:
        said.append(_("Another kind of chart than the measure's own."))
    if asked.stratum:
        said.append(_("Only a part of the patients: %(part)s.") % {"part": asked.stratum})
    return said


def is_stale(charts: Charted, line: Line) -> bool:
    """Return whether the chart ends several periods before the network's data do."""
    if charts.found.card.grain is Grain.EVENT or line.latest < 0:
        return False
    return len(line.periods) - 1 - line.latest >= STALE_PERIODS


def _marks(charts: Charted, line: Line, blackout: Blackout) -> tuple[Mark, ...]:
    """Return the points that are special, with the reason and who is on it."""
    days = {exclusion.period: exclusion for exclusion in line.exclusions}
    late = set() if line.site is None else _late_at(charts, line)
    months = charts.doubts.months.get(line.site.pk, {}) if line.site is not None else {}
    marks = []
    for at, period in enumerate(line.periods):
        there = bool(np.isfinite(line.value[at]))
        doubt = months.get(period.start)
        if there and period.start in days:
            marks.append(Mark(at, "excluded", blackout.text(days[period.start].reason, line.site)))
        elif there and line.incomplete[at]:
            marks.append(Mark(at, "incomplete", _why_incomplete(charts, line, at), _owner(charts, line, at, blackout)))
        elif at in late:
            marks.append(Mark(at, "late", _("not sent yet"), _owner(charts, line, at, blackout)))
        elif doubt is not None and (there or doubt.check == "months-here"):
            kind = "redefined" if doubt.check == "redefined" else "doubtful"
            marks.append(Mark(at, kind, str(DOUBTS.get(doubt.check, "")), _owner(charts, line, at, blackout)))
    return tuple(marks)


def _late_at(charts: Charted, line: Line) -> set[int]:
    """Return the periods at the end that the site has not sent although others have; a paused site is not late."""
    paused = line.site is not None and line.site.status == Site.Status.PAUSED
    if paused or charts.found.card.grain is Grain.EVENT or line.latest < 0:
        return set()
    missing = range(line.latest + 1, len(line.periods))
    return set(missing) if len(missing) < STALE_PERIODS else set()


def _owner(charts: Charted, line: Line, at: int, blackout: Blackout) -> str:
    """Return who is on a point, as this person may read it: names that would tell which site is which stay away."""
    if line.site is None:
        return ", ".join(charts.doubts.analysts)
    name = charts.doubts.owner(line.site.pk, line.periods[at].start)
    return blackout.person(name, line.site) if name else charts.naming.name(line.site)


def _why_incomplete(charts: Charted, line: Line, at: int) -> str:
    reasons = []
    held = int(line.block.held[line.at, at])
    if held:
        reasons.append(ngettext("%(n)s row waits to be mended", "%(n)s rows wait to be mended", held) % {"n": held})
    if line.site is None and line.periods[at] == charts.found.periods[-1]:
        late = int(late_sites(charts.found)[-1])
        if late:
            reasons.append(ngettext("%(n)s site is late", "%(n)s sites are late", late) % {"n": late})
    return ", ".join(reasons)


def computed_on(charts: Charted, site: Site | None) -> date | None:
    """Return the day the numbers of a chart were computed."""
    found = Standing.objects.filter(measure=charts.measure, site=site).values_list("computed_at", flat=True).first()
    return found.date() if found is not None else None


def network_facts(charts: Charted) -> list[dict[str, Any]]:
    """Return, for each period of the network line, the sites reporting, the mean of sites and who joined or left."""
    whole = charts.whole
    if whole is None or charts.found.card.grain is Grain.EVENT:
        return []
    sites = charts.sites
    values = np.array([line.value for line in sites]) if sites else np.zeros((0, len(whole.periods)))
    there = np.isfinite(values)
    facts: list[dict[str, Any]] = []
    for at, period in enumerate(whole.periods):
        here = there[:, at]
        mean = float(values[here, at].mean()) if here.any() else None
        joined = [sites[i].site for i in np.flatnonzero(here & ~there[:, :at].any(axis=1))] if at else []
        left = (
            [sites[i].site for i in np.flatnonzero(~here & there[:, at - 1] & ~there[:, at:].any(axis=1))] if at else []
        )
        facts.append({"period": period, "reporting": int(here.sum()), "mean": mean, "joined": joined, "left": left})
    return facts


def names(charts: Charted, sites: Sequence[Site | None]) -> str:
    """Return sites as a list in words."""
    return ", ".join(sorted(charts.naming.name(site) for site in sites if site is not None))


def sentence(spec: ChartSpec) -> str:
    """Return the chart in words: finding, subtitle, sentences, notices and source."""
    parts = [f"{spec.title}.", f"{spec.subtitle}.", *spec.sentences, *spec.notices, spec.source]
    return " ".join(part for part in parts if part and part != ".")


def limits_from(charts: Charted, line: Line) -> str:
    """Return which points shape the limits of the latest phase, in words."""
    used = np.flatnonzero(line.limits.used[line.at] & (line.limits.phase == line.limits.phase[-1]))
    if not used.size:
        return _("no points yet")
    grain = charts.found.card.grain
    return _("%(n)s points, %(first)s to %(last)s") % {
        "n": used.size,
        "first": period_text(line.periods[used[0]].start, grain),
        "last": period_text(line.periods[used[-1]].start, grain),
    }


def card_facts(charts: Charted) -> list[tuple[str, str]]:
    """Return what the measure's card says, label and text; parts that it leaves empty are left out."""
    card = charts.found.card
    good = {"higher": _("Higher is better"), "lower": _("Lower is better"), "neither": _("Neither way is good")}
    facts = [
        (_("What it tells"), card.words.what),
        (_("Why we watch it"), card.words.why),
        (_("Counted"), card.words.numerator),
        (_("Out of"), card.words.denominator),
        (_("Direction"), good[str(card.direction)]),
        (_("Keep in mind"), " ".join(card.words.caveats)),
        (_("Aim"), _aim(charts)),
        (_("Written by"), card.author),
        (_("From"), "; ".join(card.references)),
    ]
    return [(label, text) for label, text in facts if text]


def _aim(charts: Charted) -> str:
    measure = charts.measure
    if measure.target is None:
        return ""
    return f"{charts.found.card.format.text(measure.target)} {measure.target_label}".strip()
