"""Other states of a chart: changed definitions, versions beside each other, what was known on a day."""

from __future__ import annotations

import numpy as np
from django.utils import formats
from django.utils.translation import gettext as _

from allteach.charts.about import Change
from allteach.units import Grain
from allteach.web.measuring.panels import MeasurePanel, pool
from allteach.web.variation.charting import Line
from allteach.web.variation.selectors.charts import Charted

Ghosts = tuple[tuple[str, tuple[float | None, ...]], ...]


def changes_of(charts: Charted, line: Line) -> tuple[Change, ...]:
    """Return where the definition changes on one chart."""
    changes = []
    for item in charts.found.breaks:
        at = next((i for i, period in enumerate(line.periods) if period.start >= item.start), 0)
        if at in line.breaks:
            changes.append(Change(at, _("version %(number)s") % {"number": item.number}, item.reason))
    return tuple(changes)


def versions_text(charts: Charted) -> str:
    """Return the numbers of the versions that a chart is made of, such as ``1, 2``."""
    earlier = [item.before for item in charts.found.breaks]
    return ", ".join(str(number) for number in (*earlier, charts.found.version.number))


def ghosts_of(charts: Charted, line: Line) -> Ghosts:
    """Return what each version comes to in the periods that another one counts; empty unless asked for."""
    if not charts.others or charts.found.card.grain is Grain.EVENT:
        return ()
    counted_by = _counted_by(charts)
    ghosts = []
    for other in charts.others:
        known = dict(zip(other.periods, _values(other, line), strict=True))
        values = [
            known.get(period) if counted_by[at] != other.version.number else None
            for at, period in enumerate(line.periods)
        ]
        if any(value is not None for value in values):
            ghosts.append((_("By version %(number)s") % {"number": other.version.number}, tuple(values)))
    return tuple(ghosts)


def _counted_by(charts: Charted) -> list[int]:
    """Return for each period of a chart the number of the version that counts it."""
    breaks = charts.found.breaks
    first = breaks[0].before if breaks else charts.found.version.number
    return [
        next((item.number for item in reversed(breaks) if period.start >= item.start), first)
        for period in charts.found.periods
    ]


def _values(other: MeasurePanel, line: Line) -> list[float | None]:
    if line.site is None:
        values = pool(other.card, other.panel, other.periods).value
    else:
        values = other.panel.value[[site.pk for site in other.sites].index(line.site.pk)]
    return [float(value) if np.isfinite(value) else None for value in values]


def state_notices(charts: Charted) -> list[str]:
    """Return the sentences that say which state a chart shows, where it is not the usual one."""
    asked, said = charts.question.asked, []
    if asked.as_known is not None:
        day = formats.date_format(asked.as_known, "j F Y")
        said.append(
            _("As known on %(day)s: files, phases and notes that came later are left out, and so are later versions.")
            % {"day": day}
        )
    if asked.version is not None:
        said.append(_("All periods are counted by version %(number)s.") % {"number": asked.version})
    if charts.others:
        said.append(_("Dotted: what the other version comes to where it does not count."))
    return said
