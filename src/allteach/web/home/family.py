"""Results as families read them: what each measure is, what happened to it, and how it stands to the aim."""

from __future__ import annotations

from typing import Any

from allteach.charts.words import Plainly, plain
from allteach.units import Grain, Period, ValueFormat
from allteach.web.home.parts import line, may_read, signal_card
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import current_version
from allteach.web.sites.models import Network
from allteach.web.variation.models import Standing
from allteach.web.variation.presenting import voice
from allteach.web.variation.selectors.digest import Signal
from allteach.web.variation.selectors.matrix import Matrix

MATTERS = (Measure.Kind.OUTCOME, Measure.Kind.BALANCING, Measure.Kind.PROCESS)


def _says(measure: Measure, form: ValueFormat, grain: Grain, standing: Standing | None, shown: bool) -> str:
    """Return a measure's standing in plain words; numbers only where they may be shown."""
    if standing is None:
        return plain(Plainly(form, "none"), voice())
    numbers = {"before": standing.before, "after": standing.after, "now": standing.value} if shown else {}
    said = Plainly(
        form,
        standing.variation,
        side=standing.side,
        since=Period(standing.since, grain) if standing.since else None,
        target=measure.target,
        assurance=standing.assurance,
        limit=measure.kind == Measure.Kind.BALANCING,
        **numbers,
    )
    return plain(said, voice())


def network_lines(found: Matrix, network: Network) -> list[dict[str, Any]]:
    """Return the measures of the whole network, what matters to patients first."""
    shown = []
    for row in sorted(found.rows, key=lambda row: MATTERS.index(Measure.Kind(row.measure.kind))):
        version = current_version(row.measure)
        shown.append(
            line(row, network)
            | {
                "what": card_of(version).words.what if version is not None else "",
                "plain": _says(row.measure, row.format, row.grain, row.line, row.open),
            }
        )
    return shown


def own_lines(signals: list[Signal], network: Network) -> list[dict[str, Any]]:
    """Return what stands out at a person's own hospital."""
    return [
        signal_card(signal, network)
        | {"plain": _says(signal.measure, signal.format, signal.grain, signal.standing, may_read(signal))}
        for signal in signals
    ]
