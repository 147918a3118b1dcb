"""Charts of patients against their risk: two CUSUM charts, the running difference (VLAD), the running average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

from allteach.charts.about import About
from allteach.charts.axes import time_axis, value_axis
from allteach.charts.spec import ChartSpec, Point, Segment, Shape
from allteach.charts.voice import Voice, gettext_noop
from allteach.charts.words.point import shape_word
from allteach.errors import ChartError
from allteach.units import Direction, Unit, ValueFormat

PLAIN = ValueFormat(Unit.NUMBER, decimals=1)
_NAMES = {
    "rising": gettext_noop("Risk-adjusted CUSUM for more events"),
    "falling": gettext_noop("Risk-adjusted CUSUM for fewer events"),
    "vlad": gettext_noop("Events fewer than expected, so far (VLAD)"),
    "ewma": gettext_noop("Risk-adjusted running average (EWMA)"),
}
_HOW = {
    "rising": gettext_noop(
        "Each patient adds evidence that events are more likely than their risk says, or takes some away. At the "
        "dashed line there is enough to call it a signal; then the count of evidence begins anew."
    ),
    "falling": gettext_noop(
        "Each patient adds evidence that events are less likely than their risk says, drawn downwards, or takes some "
        "away. At the dashed line there is enough to call it a signal; then the count begins anew."
    ),
    "vlad": gettext_noop(
        "The line rises while fewer events happen than expected and falls with each event. It has no limits of its "
        "own: a drift says where to look, the two charts above say when it is more than chance."
    ),
    "ewma": gettext_noop(
        "The share of events among recent patients, the newest counting most, between limits around what their risks "
        "would give."
    ),
}


@dataclass(frozen=True, slots=True)
class Running:
    """One of the four charts, ready to draw: lists of one length, None where there is no patient.

    Attributes:
        kind: rising, falling, vlad or ewma.
        value: The line.
        centre, lower, upper: What it is held against; None where there is none.
        side: +1 a signal of more events, -1 of fewer, 0 none.
        numerator, denominator: Observed and expected events at the point.
        sentences: What the chart says.
        title: The finding.
    """

    kind: str
    value: Sequence[float | None]
    side: Sequence[int]
    numerator: Sequence[float | None]
    denominator: Sequence[float | None]
    title: str
    centre: Sequence[float | None] = ()
    lower: Sequence[float | None] = ()
    upper: Sequence[float | None] = ()
    sentences: tuple[str, ...] = field(default_factory=tuple)


def running(about: About, line: Running) -> ChartSpec:
    """Return one chart of patients against their risk.

    Args:
        about: Measure, site, periods (or days of patients), words.
        line: What is drawn.

    Raises:
        ChartError: ``AT-C-002`` when there is not one period for each point.
    """
    if len(about.periods) != len(line.value):
        raise ChartError("AT-C-002", f"{len(line.value)} points cannot be drawn over {len(about.periods)} periods.")
    form = ValueFormat(Unit.PERCENT) if line.kind == "ewma" else PLAIN
    voice = about.voice
    size = len(line.value)
    bands = _full(line.centre, size), _full(line.lower, size), _full(line.upper, size)
    points = tuple(_point(about, line, bands, at, form) for at in range(len(line.value)))
    seen = [value for band in (line.value, *bands) for value in band]
    y = value_axis([*seen, 0.0], form, voice=voice)
    latest = next((text for text in reversed([point.says for point in points if point.value is not None])), "")
    return ChartSpec(
        form="control",
        kind=line.kind,
        kind_name=voice.gettext(_NAMES[line.kind]),
        title=line.title,
        subtitle=voice.gettext(_NAMES[line.kind]),
        subject=about.site,
        measure=about.measure,
        points=points,
        y=y,
        x=time_axis(about.periods, voice),
        segments=(Segment(0, tuple(float(at) for at in range(size)), bands[0], bands[1], bands[2], ""),),
        format=form,
        sentences=(*line.sentences, voice.gettext(_HOW[line.kind])),
        notices=about.notices,
        source=voice.gettext("Source: {source}").format(source=about.source) if about.source else "",
        alt=f"{voice.gettext(_NAMES[line.kind])}. {line.title}. {latest}",
        columns=_columns(about, line),
        legend=_legend(points, voice),
        language=voice.tag,
    )


def _full(band: Sequence[float | None], size: int) -> tuple[float | None, ...]:
    return tuple(band) if len(band) else (None,) * size


def _point(about: About, line: Running, bands: tuple[Sequence[float | None], ...], at: int, form: ValueFormat) -> Point:
    value, side = line.value[at], line.side[at]
    label = about.voice.period(about.periods[at])
    says = ""
    if value is not None and isfinite(value):
        says = f"{label}: {form.text(value)}"
        if side:
            more = about.voice.gettext("signal of more events than expected")
            fewer = about.voice.gettext("signal of fewer events than expected")
            says += f", {more if side > 0 else fewer}"
    return Point(
        x=float(at),
        label=label,
        value=value,
        shape=signal_shape(about.direction, side),
        side=side,
        numerator=line.numerator[at],
        denominator=line.denominator[at],
        centre=bands[0][at],
        lower=bands[1][at],
        upper=bands[2][at],
        says=says,
    )


def signal_shape(direction: Direction, side: int) -> Shape:
    """Return how a signal of more (+1) or fewer (-1) events is marked, by which way is good."""
    if not side:
        return Shape.COMMON
    if direction is Direction.NEITHER:
        return Shape.CHANGED
    return Shape.IMPROVING if (side > 0) == (direction is Direction.HIGHER) else Shape.CONCERNING


def _columns(about: About, line: Running) -> tuple[str, ...]:
    gettext = about.voice.gettext
    return (
        gettext("Period"),
        gettext(_NAMES[line.kind]),
        gettext("Observed"),
        gettext("Expected"),
        gettext("Centre"),
        gettext("Lower limit"),
        gettext("Upper limit"),
        gettext("Phase"),
        gettext("Mark"),
        gettext("Rules"),
        gettext("Note"),
    )


def _legend(points: Sequence[Point], voice: Voice) -> tuple[tuple[Shape, int, str], ...]:
    used = {point.shape: point.side for point in points if point.value is not None}
    if set(used) <= {Shape.COMMON}:
        return ()
    return tuple((shape, used[shape], shape_word(shape, voice)) for shape in Shape if shape in used)
