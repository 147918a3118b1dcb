"""Changed definitions on a chart: the break, its words, and other versions beside."""

from __future__ import annotations

from allteach.charts.about import About
from allteach.charts.spec import Break, Ghost


def breaks_of(about: About) -> tuple[Break, ...]:
    """Return where the definition changes."""
    return tuple(
        Break(float(change.at), about.voice.period(about.periods[change.at]), change.words) for change in about.changes
    )


def ghosts_of(about: About) -> tuple[Ghost, ...]:
    """Return what other versions come to."""
    return tuple(Ghost(name, values) for name, values in about.ghosts)


def break_note(about: About, at: int) -> str:
    """Return what the table says at the first point of a new definition; empty elsewhere."""
    form = about.voice.gettext("{version} of the definition begins")
    return next((form.format(version=change.words) for change in about.changes if change.at == at), "")


def break_notices(about: About) -> list[str]:
    """Return one sentence for each changed definition, for every copy of the chart."""
    form = about.voice.gettext(
        "The definition changed in {period} ({version}): points before and after are not compared."
    )
    return [
        form.format(period=about.voice.period(about.periods[change.at]), version=change.words)
        + (f" {change.reason}" if change.reason else "")
        for change in about.changes
    ]
