"""Sites side by side as a `ChartSpec`: funnel by size, caterpillar by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from allteach.charts import words
from allteach.charts.axes import size_axis, value_axis
from allteach.charts.spec import ChartSpec, Curve, Point, Segment, Shape, Target
from allteach.charts.voice import ENGLISH, Voice
from allteach.errors import ChartError
from allteach.units import Direction, Unit, ValueFormat

if TYPE_CHECKING:
    from allteach.stats.comparison.funnel import Funnel

_NAME_ALL = 12  # up to this many sites every point is named


@dataclass(frozen=True, slots=True)
class About:
    """What a comparison of sites is about.

    Args:
        measure: The measure in words.
        names: Shown name of each site, already blinded where it must be.
        own: Positions of the reader's own sites, which are always named on the picture.
        period: The time covered, in words, such as ``Jan 2025 to Dec 2025``.
        format, direction, counted, definition, source, notices: As for a chart over time.
        target: The aim on the inside scale; None for no aim.
        voice: Language.
    """

    measure: str
    names: tuple[str, ...]
    own: frozenset[int] = frozenset()
    period: str = ""
    format: ValueFormat = field(default_factory=ValueFormat)
    direction: Direction = Direction.NEITHER
    counted: str = ""
    definition: str = ""
    source: str = ""
    notices: tuple[str, ...] = ()
    target: float | None = None
    voice: Voice = ENGLISH


@dataclass(frozen=True, slots=True)
class Row:
    """One site of a caterpillar: estimate with interval on the inside scale, and the counts behind it."""

    value: float
    lower: float
    upper: float
    numerator: float | None = None
    denominator: float | None = None
    note: str = ""


def funnel(about: About, result: Funnel) -> ChartSpec:
    """Return a funnel: effect against size, with 95 % and 99.8 % limits.

    Args:
        about: Measure and sites.
        result: From `allteach.stats.comparison.funnel`.

    Raises:
        ChartError: ``AT-C-003`` when there is not one name for each site.
    """
    if len(about.names) != len(result.value):
        raise ChartError("AT-C-003", f"{len(result.value)} sites cannot be named with {len(about.names)} names.")
    points = tuple(_site(about, result, at) for at in range(len(about.names)))
    shown = [at for at, point in enumerate(points) if point.value is not None]
    high = tuple(about.names[at] for at in shown if result.outside[at] == 2)
    low = tuple(about.names[at] for at in shown if result.outside[at] == -2)
    grid = result.curve(points=80)
    curves = tuple(
        Curve(name, _tuple(grid.denominator), _tuple(lower), _tuple(upper), outer)
        for name, lower, upper, outer in (
            (about.voice.gettext("95 % limits"), grid.lower_95, grid.upper_95, False),
            (about.voice.gettext("99.8 % limits"), grid.lower_998, grid.upper_998, True),
        )
    )
    y = value_axis(
        [*(point.value for point in points), result.target, about.target],
        about.format,
        limits=[value for curve in curves for value in (*curve.lower, *curve.upper)],
        voice=about.voice,
    )
    level = about.format.text(result.target)
    outside = tuple(name for name in about.names if name in {*high, *low})
    spread = result.overdispersion.method != "none"
    title = words.funnel_title(about.measure, outside, len(shown), about.voice, spread=spread)
    said = words.funnel_sentences(about.measure, high, low, len(shown), result.overdispersion.method, about.voice)
    return ChartSpec(
        form="funnel",
        kind="funnel",
        kind_name=words.kind_name("funnel", voice=about.voice),
        title=title,
        subtitle=_subtitle(about, points, "funnel"),
        subject="",
        measure=about.measure,
        points=points,
        y=y,
        x=size_axis(
            max((point.x for point in points if point.value is not None), default=1.0), _size_title(about, result)
        ),
        segments=(Segment(0, (0.0,), (result.target,), (None,), (None,), level),),
        curves=curves,
        target=_target(about),
        format=about.format,
        sentences=said,
        notices=(*about.notices, *((y.note,) if y.note else ())),
        source=_source(about),
        alt=_alt(about, title, points, level),
        columns=_columns(about, about.voice.gettext("Lower 99.8 % limit"), about.voice.gettext("Upper 99.8 % limit")),
        legend=_legend(about, points, ranges=False),
        language=about.voice.tag,
    )


def caterpillar(about: About, rows: Sequence[Row | None], *, centre: float, title: str = "") -> ChartSpec:
    """Return sites with intervals, in the order of their names: a comparison, not a league table.

    Args:
        about: Measure and sites.
        rows: One for each site; None where there are no data.
        centre: What sites are compared with.
        title: The finding; empty makes one from the intervals that leave the centre out.

    Raises:
        ChartError: ``AT-C-003`` when there is not one name for each site.
    """
    if len(rows) != len(about.names):
        raise ChartError("AT-C-003", f"{len(rows)} sites cannot be named with {len(about.names)} names.")
    order = sorted(range(len(rows)), key=lambda at: _natural(about.names[at]))
    points = tuple(_interval(about, rows[at], about.names[at], place, centre) for place, at in enumerate(order))
    edges = [edge for row in rows if row is not None for edge in (row.lower, row.upper)]
    y = value_axis([*edges, centre, about.target], about.format, zero=False, voice=about.voice)
    apart = tuple(point.label for point in points if point.shape is not Shape.COMMON)
    found = title or _apart_title(about, apart, sum(row is not None for row in rows))
    level = about.format.text(centre)
    return ChartSpec(
        form="caterpillar",
        kind="caterpillar",
        kind_name=words.kind_name("caterpillar", voice=about.voice),
        title=found,
        subtitle=_subtitle(about, points, "caterpillar"),
        subject="",
        measure=about.measure,
        points=points,
        y=y,
        x=size_axis(len(points), ""),
        segments=(Segment(0, (0.0,), (centre,), (None,), (None,), level),),
        target=_target(about),
        format=about.format,
        sentences=(about.voice.gettext("A long line means few cases, so the true level is less sure."),),
        notices=(*about.notices, *((y.note,) if y.note else ())),
        source=_source(about),
        alt=_alt(about, found, points, level),
        columns=_columns(about, about.voice.gettext("Lower end"), about.voice.gettext("Upper end")),
        legend=_legend(about, points, ranges=True),
        language=about.voice.tag,
    )


def _site(about: About, result: Funnel, at: int) -> Point:
    value = _known(result.value[at])
    step = int(result.outside[at]) if value is not None else 0
    side = (step > 0) - (step < 0)
    shape = _judged(about, side) if abs(step) == 2 else Shape.COMMON
    label = about.names[at]
    numerator = _known(result.numerator[at]) if result.kind != "mean" else None
    denominator = _known(result.denominator[at])
    mark = _outside_words(about, step)
    return Point(
        x=denominator or 0.0,
        label=label,
        value=value,
        shape=shape,
        side=side,
        numerator=numerator,
        denominator=denominator,
        centre=_known(result.site_target[at]),
        lower=_known(result.lower_998[at]),
        upper=_known(result.upper_998[at]),
        rules=(mark,) if mark else (),
        says=_says(about, label, value, (numerator, denominator), mark),
        named=shape is not Shape.COMMON or at in about.own or len(about.names) <= _NAME_ALL,
    )


def _interval(about: About, row: Row | None, label: str, place: int, centre: float) -> Point:
    if row is None:
        return Point(float(place), label, None, says=_says(about, label, None, (None, None), ""))
    side = int(row.lower > centre) - int(row.upper < centre)
    shape = _judged(about, side) if side else Shape.COMMON
    form = about.format
    span = about.voice.gettext("interval {lower} to {upper}").format(
        lower=form.text(row.lower), upper=form.text(row.upper)
    )
    return Point(
        x=float(place),
        label=label,
        value=row.value,
        shape=shape,
        side=side,
        numerator=row.numerator,
        denominator=row.denominator,
        centre=centre,
        lower=row.lower,
        upper=row.upper,
        note=row.note,
        says=_says(about, label, row.value, (row.numerator, row.denominator), span),
        named=True,
    )


def _judged(about: About, side: int) -> Shape:
    if about.direction is Direction.NEITHER:
        return Shape.CHANGED
    return Shape.IMPROVING if (side > 0) == (about.direction is Direction.HIGHER) else Shape.CONCERNING


def _outside_words(about: About, step: int) -> str:
    gettext = about.voice.gettext
    return {
        2: gettext("above the 99.8 % limits"),
        1: gettext("above the 95 % limits"),
        -1: gettext("below the 95 % limits"),
        -2: gettext("below the 99.8 % limits"),
    }.get(step, "")


def _says(about: About, label: str, value: float | None, parts: tuple[float | None, float | None], mark: str) -> str:
    from allteach.charts.about import About as OverTime

    facts = OverTime(about.measure, (), format=about.format, counted=about.counted, voice=about.voice)
    return words.point_says(label, value, facts, parts=parts, mark=mark)


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _tuple(line: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in line)


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Order Site 2 before Site 10."""
    parts: list[tuple[int, str]] = []
    digits = ""
    for char in name + " ":
        if char.isdigit():
            digits += char
            continue
        if digits:
            parts.append((int(digits), ""))
            digits = ""
        parts.append((-1, char.lower()))
    return tuple(parts)


def _size_title(about: About, result: Funnel) -> str:
    default = about.format.exposure if about.format.unit is Unit.RATE else about.voice.gettext("cases")
    if result.kind == "ratio":
        default = about.voice.gettext("expected events")
    return about.voice.gettext("Size of the site: {what}").format(what=about.counted or default)


def _target(about: About) -> Target | None:
    if about.target is None:
        return None
    return Target(about.target, about.voice.gettext("aim {target}").format(target=about.format.text(about.target)))


def _subtitle(about: About, points: Sequence[Point], kind: str) -> str:
    size = sum(point.denominator or 0.0 for point in points if point.value is not None)
    unit = f"{about.measure}, {about.format.axis}" if about.format.axis else about.measure
    sites = sum(point.value is not None for point in points)
    default = about.format.exposure if about.format.unit is Unit.RATE else about.voice.gettext("cases")
    parts = [
        about.definition or unit,
        about.period,
        about.voice.ngettext("{count} site", "{count} sites", sites).format(count=sites),
        f"{size:,.0f} {about.counted or default}" if size else "",
        words.kind_name(kind, voice=about.voice),
    ]
    return " · ".join(part for part in parts if part)


def _source(about: About) -> str:
    source = about.voice.gettext("Source: {source}").format(source=about.source) if about.source else ""
    return " · ".join(part for part in (source, about.period, _order(about)) if part)


def _order(about: About) -> str:
    return about.voice.gettext("Sites are compared with chance, not ranked")


def _apart_title(about: About, apart: tuple[str, ...], sites: int) -> str:
    name = words.raised(about.measure)
    if not apart:
        form = about.voice.gettext("{measure}: no interval of the {sites} sites leaves out the average")
        return form.format(measure=name, sites=sites)
    form = about.voice.gettext("{measure}: the intervals of {apart} of {sites} sites leave out the average")
    return form.format(measure=name, apart=len(apart), sites=sites)


def _alt(about: About, title: str, points: Sequence[Point], level: str) -> str:
    values = [point.value for point in points if point.value is not None]
    if not values:
        return title
    form = about.voice.gettext("{title}. {sites} sites between {low} and {high}, around {level}.")
    return form.format(
        title=title,
        sites=len(values),
        low=about.format.text(min(values)),
        high=about.format.text(max(values)),
        level=level,
    )


def _columns(about: About, lower: str, upper: str) -> tuple[str, ...]:
    gettext = about.voice.gettext
    unit = f"{about.measure} ({about.format.axis})" if about.format.axis else about.measure
    heads = (
        gettext("Site"),
        unit,
        gettext("Numerator"),
        gettext("Denominator"),
        gettext("Compared with"),
        lower,
        upper,
    )
    return (*heads, gettext("Phase"), gettext("Mark"), gettext("Rules"), gettext("Note"))


def _legend(about: About, points: Sequence[Point], *, ranges: bool) -> tuple[tuple[Shape, int, str], ...]:
    gettext = about.voice.gettext
    text = {
        Shape.COMMON: gettext("interval holds the average") if ranges else gettext("within the limits"),
        Shape.IMPROVING: gettext("better than the average") if ranges else gettext("better than chance explains"),
        Shape.CONCERNING: gettext("worse than the average") if ranges else gettext("worse than chance explains"),
        Shape.CHANGED: gettext("off the average") if ranges else gettext("further off than chance explains"),
    }
    used: dict[Shape, int] = {}
    for point in points:
        if point.value is not None:
            used.setdefault(point.shape, point.side)
    if set(used) <= {Shape.COMMON}:
        return ()
    return tuple((shape, used[shape], text[shape]) for shape in Shape if shape in used)
