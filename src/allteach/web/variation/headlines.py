"""The finding of a page in one sentence: what moved on the network line, and at how many sites."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.charts.words import lowered
from allteach.web.measuring.models import Measure
from allteach.web.variation.selectors.matrix import Matrix, Row
from allteach.web.variation.wording import period_text

_FIRST = {Measure.Kind.OUTCOME: 0, Measure.Kind.PROCESS: 1, Measure.Kind.BALANCING: 2}


def matrix_headline(found: Matrix) -> str:
    """Return what the whole page says: the outcome that moved first, what got worse, or that nothing changed."""
    rows = sorted(found.rows, key=lambda row: _FIRST[Measure.Kind(row.measure.kind)])
    better = [row for row in rows if row.line is not None and row.line.variation == "improving"]
    better = better or [row for row in rows if row.settled == "better"]
    worse = [row for row in rows if row.line is not None and row.line.variation == "concerning"]
    other = [row for row in rows if row.line is not None and row.line.variation == "changed"]
    parts = []
    if better:
        parts.append(_moved(better[0]))
    if worse:
        names = _listed([lowered(row.measure.title) for row in worse[:2]])
        parts.append(_("%(names)s got worse") % {"names": names})
    if not parts and other:
        parts.append(_moved(other[0]))
    if parts:
        return _sentence(parts)
    if any(row.line is not None and row.line.variation == "common" for row in rows):
        return _nothing(rows)
    if not found.rows:
        return _("No measure to show yet")
    return _("Too early to say whether anything has changed")


def _moved(row: Row) -> str:
    """Return how a measure moved, with the two levels where they may be read, and at how many sites."""
    line = row.line
    assert line is not None
    facts = {
        "measure": lowered(row.measure.title),
        "before": row.format.text(line.before) if line.before is not None else "",
        "after": row.format.text(line.after) if line.after is not None else "",
        "since": period_text(line.since, row.grain),
    }
    if not row.open or not facts["before"] or not facts["after"] or facts["before"] == facts["after"]:
        good = line.variation == "improving" or row.settled == "better"
        verb = _("%(measure)s is better since %(since)s") if good else ""
        text = (verb or _("%(measure)s has moved since %(since)s")) % facts
    elif line.side < 0:
        text = _("%(measure)s is down from %(before)s to %(after)s since %(since)s") % facts
    else:
        text = _("%(measure)s is up from %(before)s to %(after)s since %(since)s") % facts
    better = line.variation == "improving" or row.settled == "better"
    sites = row.tally["improving"] + row.tally["better"]
    if better and sites:
        total = sum(row.tally.values())
        text += ", " + ngettext(
            "and %(sites)s of %(total)s sites is better", "and %(sites)s of %(total)s sites are better", sites
        ) % {"sites": sites, "total": total}
    return text


def _nothing(rows: Sequence[Row]) -> str:
    steady = sum(1 for row in rows if row.line is not None and row.line.variation == "common")
    return ngettext(
        "Nothing has changed: %(number)s measure stays within its usual range",
        "Nothing has changed: %(number)s measures stay within their usual range",
        steady,
    ) % {"number": steady}


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else _("%(first)s and %(second)s") % {"first": names[0], "second": names[1]}


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]
