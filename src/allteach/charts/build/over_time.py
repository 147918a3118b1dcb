"""A chart over time as a `ChartSpec`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from allteach.charts import words
from allteach.charts.about import About, Mark
from allteach.charts.axes import time_axis, value_axis
from allteach.charts.build.breaks import break_note, break_notices, breaks_of, ghosts_of
from allteach.charts.single import Numbers, Single, single
from allteach.charts.spec import Axis, ChartSpec, Flag, Point, Segment, Shape, Target
from allteach.charts.voice import ENGLISH, Step, Voice
from allteach.charts.words.point import marked, note_of, shape_word
from allteach.charts.words.standing import units
from allteach.errors import ChartError
from allteach.units import Direction, Grain, Period, Unit, ValueFormat

if TYPE_CHECKING:
    from allteach.stats.reading import Reading
    from allteach.stats.results import Limits, Signals
    from allteach.stats.series import Panel

_NO_AIM: Final = {"mr", "s", "r", "cusum"}  # charts of spread or of a running score: the aim is about the level
_PLAIN: Final = {"cusum"}  # charts whose values are not in the measure's unit
_SPREAD: Final = {"mr", "s", "r"}  # which way is good says nothing about them
_SENTENCES: Final = 2
_OWN_SHAPE: Final = {"excluded": Shape.EXCLUDED, "incomplete": Shape.INCOMPLETE, "late": Shape.INCOMPLETE}


def control(
    about: About,
    panel: Panel,
    limits: Limits,
    signals: Signals,
    reading: Reading,
    *,
    at: tuple[int, ...] = (),
    brief: bool = False,
) -> ChartSpec:
    """Return one chart over time, complete.

    Args:
        about: Measure, site, periods, aim, remarks.
        panel: The data, shape ``(..., T)``.
        limits: Their limits, from `allteach.stats.charts`.
        signals: What the rules mark, from `allteach.stats.signals`.
        reading: What it comes to, from `allteach.stats.reading`.
        at: Position of the series; empty when there is only one.
        brief: True leaves out the points read aloud, for small charts whose big one is a click away.

    Raises:
        ChartError: ``AT-C-002`` when there is not one period for each point.
    """
    count = limits.value.shape[-1]
    if len(about.periods) != count:
        raise ChartError("AT-C-002", f"{count} points cannot be drawn over {len(about.periods)} periods.")
    unjudged = frozenset(mark.at for mark in about.marks if mark.kind == "incomplete")
    line = single(panel, limits, signals, reading, at, unjudged)
    about, line = _fitted(about, line)
    finding = words.title(about, line)
    points = _points(about, line, brief)
    segments = _segments(about, line)
    target = _target(about, line)
    y = _axis(about, line, points, segments, target)
    return ChartSpec(
        form="control",
        kind=line.kind,
        kind_name=words.kind_name(line.kind, log=line.log, voice=about.voice),
        title=finding,
        subtitle=words.subtitle(about, line),
        subject=about.site,
        measure=about.measure,
        points=points,
        y=y,
        x=time_axis(about.periods, about.voice),
        segments=segments,
        target=target,
        flags=_flags(about),
        breaks=breaks_of(about),
        ghosts=ghosts_of(about),
        format=about.format,
        sentences=_sentences(about, line),
        variation=_variation(about, line),
        assurance=words.assurance(line.assurance, about.voice),
        variation_shape=_standing_shape(line),
        variation_side=line.side,
        action=words.action(line.variation, line.assurance, about.voice),
        notices=_notices(about, line, y),
        source=_source(about, line),
        alt=words.describe(about, line, finding),
        stale=about.stale,
        stale_words=about.voice.gettext("old data") if about.stale else "",
        columns=_columns(about),
        legend=_legend(about, points),
        language=about.voice.tag,
    )


def _fitted(about: About, line: Single) -> tuple[About, Single]:
    """Return facts and reading as they are true of charts that do not show the level itself."""
    if line.kind in _PLAIN:
        about = replace(about, format=ValueFormat(Unit.NUMBER))
    if line.kind in _NO_AIM:
        about = replace(about, target=None)
    if line.kind in _SPREAD:
        name = about.voice.gettext("Spread of {measure}").format(measure=words.lowered(about.measure))
        about = replace(about, measure=name, direction=Direction.NEITHER)
        if line.variation in ("improving", "concerning"):
            line = replace(line, variation="changed")
    return about, line


def on_one_scale(specs: Sequence[ChartSpec], voice: Voice = ENGLISH) -> tuple[ChartSpec, ...]:
    """Return the charts with one value axis, so that small charts on a page can be compared by eye."""
    if not specs:
        return ()
    lines = [part for spec in specs for part in spec.segments]
    seen = [point.value for spec in specs for point in spec.points] + [value for part in lines for value in part.centre]
    seen += [spec.target.value for spec in specs if spec.target is not None]
    first = specs[0]
    axis = value_axis(
        seen,
        first.format,
        log=all(spec.y.log for spec in specs),
        cut=any(spec.y.low > 0 for spec in specs),
        limits=[value for part in lines for value in (*part.lower, *part.upper)],
        voice=voice,
    )
    return tuple(replace(spec, y=axis, notices=_renoted(spec, axis)) for spec in specs)


def _renoted(spec: ChartSpec, axis: Axis) -> tuple[str, ...]:
    """Return the notices with what is true of the new axis in place of what was true of the old one."""
    kept = tuple(notice for notice in spec.notices if notice != spec.y.note)
    return (*kept, axis.note) if axis.note else kept


def _points(about: About, line: Single, brief: bool) -> tuple[Point, ...]:
    marks = {mark.at: mark for mark in about.marks}
    rule_names = {rule: words.rule_name(rule, about.voice) for rule in line.hits}
    points = []
    for at, value in enumerate(line.value):
        rules = line.rules_at(at) if value is not None else []
        side = line.side_at(at) if rules else 0
        mark = marks.get(at)
        shape = _shape(about, rules, side, mark)
        point = Point(
            x=float(at),
            label=about.voice.period(about.periods[at]),
            value=value,
            shape=shape,
            side=side,
            numerator=line.numerator[at],
            denominator=line.denominator[at],
            centre=line.centre[at],
            lower=line.lower[at],
            upper=line.upper[at],
            phase=line.phase[at],
            rules=tuple(rule_names[rule] for rule in rules),
            note=", ".join(filter(None, (break_note(about, at), note_of(about, mark)))),
            hatched=mark is not None and mark.kind != "excluded",
        )
        points.append(point if brief else replace(point, says=_says(about, point)))
    return tuple(points)


def _says(about: About, point: Point) -> str:
    special = [shape_word(point.shape, about.voice)] if point.shape is not Shape.COMMON else []
    return words.point_says(
        point.label,
        point.value,
        about,
        parts=(point.numerator if point.denominator is not None else None, point.denominator),
        centre=point.centre,
        mark=", ".join([*special, *point.rules, *([point.note] if point.note else [])]),
    )


def _shape(about: About, rules: Sequence[str], side: int, mark: Mark | None) -> Shape:
    if mark is not None and mark.kind in _OWN_SHAPE:
        return _OWN_SHAPE[mark.kind]
    if not rules:
        return Shape.COMMON
    if not side or about.direction is Direction.NEITHER:
        return Shape.CHANGED
    return Shape.IMPROVING if (side > 0) == (about.direction is Direction.HIGHER) else Shape.CONCERNING


def _standing_shape(line: Single) -> Shape:
    known = {"improving": Shape.IMPROVING, "concerning": Shape.CONCERNING, "changed": Shape.CHANGED}
    return known.get(line.variation, Shape.COMMON)


def _segments(about: About, line: Single) -> tuple[Segment, ...]:
    segments = []
    for phase in sorted(set(line.phase)):
        span = [at for at, number in enumerate(line.phase) if number == phase]
        parts = [_through([series[at] for at in span]) for series in (line.centre, line.lower, line.upper)]
        latest = next((value for value in reversed(parts[0]) if value is not None), None)
        if latest is None:
            continue
        segments.append(
            Segment(
                phase=phase,
                xs=tuple(float(at) for at in span),
                centre=tuple(parts[0]),
                lower=tuple(parts[1]),
                upper=tuple(parts[2]),
                label=about.format.text(latest),
                trial=line.trial,
            )
        )
    return tuple(segments)


def _through(values: Numbers) -> Numbers:
    """Carry a level line across missing periods; a line that moves with its denominators stays broken there."""
    known = [value for value in values if value is not None]
    if not known or max(known) - min(known) > 1e-9 * max(abs(known[0]), 1e-12):
        return values
    return [known[0]] * len(values)


def _target(about: About, line: Single) -> Target | None:
    if about.target is None:
        return None
    label = about.voice.gettext("aim {target}").format(target=about.format.text(about.target))
    return Target(about.target, label)


def _axis(
    about: About, line: Single, points: Sequence[Point], segments: Sequence[Segment], target: Target | None
) -> Axis:
    seen = [point.value for point in points] + [value for part in segments for value in part.centre]
    seen += [value for _name, values in about.ghosts for value in values]
    if target is not None:
        seen.append(target.value)
    edges = [value for part in segments for value in (*part.lower, *part.upper)]
    return value_axis(seen, about.format, log=line.log, cut=about.cut_axis, limits=edges, voice=about.voice)


def _flags(about: About) -> tuple[Flag, ...]:
    placed = []
    for remark in sorted(about.remarks, key=lambda entry: entry.on):
        at = _position(about.periods, remark.on)
        if at is not None:
            label = about.voice.period(about.periods[at])
            if about.periods[at].grain in (Grain.DAY, Grain.EVENT, Grain.WEEK):
                label = about.voice.day(remark.on)
            placed.append((at, label, remark.text))
    return tuple(Flag(number, float(at), label, text) for number, (at, label, text) in enumerate(placed, start=1))


def _position(periods: Sequence[Period | Step], on: object) -> int | None:
    for at, period in enumerate(periods):
        if isinstance(period, Step):
            return None
        if period.grain is Grain.EVENT:
            if period.start >= on:  # type: ignore[operator]
                return at
        elif period.start <= on <= period.end:  # type: ignore[operator]
            return at
    return None


def _sentences(about: About, line: Single) -> tuple[str, ...]:
    gettext = about.voice.gettext
    if line.points == 0:
        return (gettext("There are no data yet."),)
    if line.variation == "too_few":
        return (
            gettext("With {points} of {needed} {units} nobody can tell yet if this is a change or chance.").format(
                points=line.phase_points,
                needed=about.needed,
                units=units(about.periods[0].grain, about.needed, about.voice),
            ),
        )
    found = words.episodes(line)
    why = (gettext(line.problem.reason),) if line.problem is not None else ()
    if line.variation == "unjudged":
        return why or (gettext("The points cannot be judged: they give no limits and no runs."),)
    moved = words.phases(about, line)
    if not found:
        return (*moved, *why, words.quiet(about.voice))
    said = [*moved, *why, *(words.signal(episode, about, line) for episode in found[:_SENTENCES])]
    more = len(found) - _SENTENCES
    if more > 0:
        said.append(
            about.voice.ngettext(
                "{more} earlier signal is marked in the table.", "{more} earlier signals are marked in the table.", more
            ).format(more=more)
        )
    return tuple(said)


def _variation(about: About, line: Single) -> str:
    return words.variation(
        line.variation,
        side=line.side,
        since=about.periods[line.since] if line.since >= 0 and line.rule not in line.whole else None,
        points=line.phase_points,
        needed=about.needed,
        grain=about.periods[0].grain if about.periods else Grain.MONTH,
        voice=about.voice,
    )


def _notices(about: About, line: Single, y: Axis) -> tuple[str, ...]:
    gettext = about.voice.gettext
    said = [*break_notices(about), *about.notices]
    if about.stale:
        said.append(gettext("These data are older than they should be."))
    if line.trial and any(value is not None for value in (*line.lower, *line.upper)):
        said.append(
            gettext("Trial limits: {points} of {needed} {units}.").format(
                points=sum(line.used) or line.points,
                needed=about.needed,
                units=units(about.periods[0].grain, about.needed, about.voice),
            )
        )
    said += marked(about)
    if y.note:
        said.append(y.note)
    return tuple(said)


def _source(about: About, line: Single) -> str:
    gettext, voice = about.voice.gettext, about.voice
    shown = [at for at, value in enumerate(line.value) if value is not None]
    parts = [gettext("Source: {source}").format(source=about.source)] if about.source else []
    if shown:
        parts.append(
            gettext("{first} to {last}, {points} points").format(
                first=voice.period(about.periods[shown[0]]),
                last=voice.period(about.periods[shown[-1]]),
                points=len(shown),
            )
        )
    parts.append(gettext("Rules: {rules}").format(rules=words.rule_set_name(line.rule_set, voice)))
    if about.refreshed is not None:
        parts.append(gettext("Computed {day}").format(day=voice.day(about.refreshed)))
    return " · ".join(parts)


def _columns(about: About) -> tuple[str, ...]:
    gettext = about.voice.gettext
    unit = f"{about.measure} ({about.format.axis})" if about.format.axis else about.measure
    return (
        gettext("Period"),
        unit,
        gettext("Numerator"),
        gettext("Denominator"),
        gettext("Centre"),
        gettext("Lower limit"),
        gettext("Upper limit"),
        gettext("Phase"),
        gettext("Mark"),
        gettext("Rules"),
        gettext("Note"),
        *(name for name, _values in about.ghosts),
    )


def _legend(about: About, points: Sequence[Point]) -> tuple[tuple[Shape, int, str], ...]:
    used: dict[Shape, int] = {}
    for point in points:
        if point.value is not None:
            used.setdefault(point.shape, point.side)
    if set(used) <= {Shape.COMMON}:
        return ()
    return tuple((shape, used[shape], shape_word(shape, about.voice)) for shape in Shape if shape in used)


__all__ = ["control", "on_one_scale"]
