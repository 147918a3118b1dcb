"""The finding: a chart's title, subtitle and description in words."""

from __future__ import annotations

from allteach.charts.about import About
from allteach.charts.single import Single
from allteach.charts.words.numbers import amount, count, difference, lowered, raised
from allteach.charts.words.point import counted
from allteach.charts.words.standing import kind_name, units
from allteach.units import Direction

_ENOUGH = 6  # points before a signal that make a level to compare with


def title(about: About, line: Single) -> str:
    """Return the finding as a title: who, what, how much, since when, and whether that is good."""
    found = _found(about, line)
    return f"{about.site}: {found}" if about.site else raised(found)


def _found(about: About, line: Single) -> str:
    gettext, name = about.voice.gettext, lowered(about.measure)
    if line.points == 0:
        return gettext("{measure}, no data yet").format(measure=name)
    if line.variation == "unjudged":
        return gettext("{measure}, cannot be judged").format(measure=name)
    if line.variation == "too_few":
        return gettext("{measure}, too early to tell with {points} of {needed} {units}").format(
            measure=name,
            points=line.phase_points,
            needed=about.needed,
            units=units(about.periods[0].grain, about.needed, about.voice),
        )
    if line.variation == "common":
        return _steady(about, line, name)
    return _changed(about, line, name)


def _steady(about: About, line: Single, name: str) -> str:
    gettext = about.voice.gettext
    level = next((value for value in reversed(line.centre) if value is not None), None)
    if level is None:
        level = line.level(0, line.last)
    now = amount(level or 0.0, about.format, about.voice)
    first = next((at for at, phase in enumerate(line.phase) if phase == line.phase[line.last]), 0)
    before = next((value for value in reversed(line.centre[:first]) if value is not None), None)
    if (
        before is None
        or level is None
        or about.begins_at(first)
        or about.format.text(before) == about.format.text(level)
    ):
        return gettext("{measure} steady at {level}").format(measure=name, level=now)
    return gettext("{change} since {since}, now steady").format(
        change=_moved(about, name, level - before), since=about.voice.period(about.periods[first])
    )


def _changed(about: About, line: Single, name: str) -> str:
    gettext = about.voice.gettext
    since = about.voice.period(about.periods[max(line.since, 0)])
    before, after = _level_before(line), line.level(line.since, line.last)
    side = line.side or (0 if before is None or after is None else (after > before) - (after < before))
    if line.rule in line.whole:
        swings = gettext("{measure} swings more than chance explains")
        drifts = gettext("{measure} drifts more than chance explains")
        return (swings if line.rule == "many_runs" else drifts).format(measure=name)
    if line.since == line.last and side:
        form = (
            gettext("{measure} unusually high in {period}")
            if side > 0
            else gettext("{measure} unusually low in {period}")
        )
        found = form.format(measure=name, period=since)
    elif before is None or after is None or not side or (after - before) * side <= 0 or _same(about, before, after):
        form = {1: gettext("{measure} higher since {since}"), -1: gettext("{measure} lower since {since}")}.get(
            side, gettext("{measure} varies differently since {since}")
        )
        found = form.format(measure=name, since=since)
    else:
        found = gettext("{change} since {since}").format(change=_moved(about, name, after - before), since=since)
    return found + judged(about, side)


def _level_before(line: Single) -> float | None:
    """Return what the signal is compared with: frozen limits, else the points of its phase before it."""
    first = next((at for at, phase in enumerate(line.phase) if phase == line.phase[line.since]), 0)
    earlier = sum(value is not None for value in line.value[first : line.since])
    if earlier < _ENOUGH or not any(line.used[line.since :]):
        return line.centre[line.since]
    return line.level(first, line.since - 1)


def _same(about: About, a: float, b: float) -> bool:
    return about.format.text(a) == about.format.text(b)


def _moved(about: About, name: str, change: float) -> str:
    """Return ``chest tube duration 12 hours lower``, or the measure's own words for it."""
    size = difference(change, about.format, about.voice)
    own = about.higher_words if change > 0 else about.lower_words
    if own:
        return own.format(difference=size)
    gettext = about.voice.gettext
    form = gettext("{measure} {difference} higher") if change > 0 else gettext("{measure} {difference} lower")
    return form.format(measure=name, difference=size)


def judged(about: About, side: int) -> str:
    """Return whether a side is good, as an ending of the title."""
    if about.direction is Direction.NEITHER or not side:
        return ""
    good = (side > 0) == (about.direction is Direction.HIGHER)
    return about.voice.gettext(", which is better") if good else about.voice.gettext(", which is worse")


def subtitle(about: About, line: Single) -> str:
    """Return measure, counts, chart and baseline in one line."""
    voice = about.voice
    parts = [about.definition or _unit(about)]
    size = sum(value for value in line.denominator if value is not None)
    if size:
        parts.append(f"{count(size)} {counted(about)}")
    parts.append(kind_name(line.kind, log=line.log, voice=voice))
    baseline = _baseline(about, line)
    if baseline:
        parts.append(baseline)
    if about.target is not None:
        parts.append(aim(about))
    return " · ".join(part for part in parts if part)


def aim(about: About) -> str:
    """Return the aim in words, such as ``Aim 58 h (by June 2026)``; empty without one."""
    if about.target is None:
        return ""
    words = about.voice.gettext("Aim {target}").format(target=about.format.text(about.target))
    return f"{words} ({about.target_label})" if about.target_label else words


def _unit(about: About) -> str:
    axis = about.format.axis
    return f"{about.measure}, {axis}" if axis else about.measure


def _baseline(about: About, line: Single) -> str:
    """Return which points shaped the limits, where that was not all of them."""
    phase = line.phase[line.last] if line.last >= 0 else 0
    inside = [at for at, value in enumerate(line.value) if value is not None and line.phase[at] == phase]
    used = [at for at in inside if line.used[at]]
    if not used or len(used) == len(inside) or used[-1] == inside[-1]:
        return ""
    return about.voice.gettext("baseline {first} to {last}").format(
        first=about.voice.period(about.periods[used[0]]), last=about.voice.period(about.periods[used[-1]])
    )


def phases(about: About, line: Single) -> tuple[str, ...]:
    """Return one sentence on the latest change of phase, if there was any."""
    first = next((at for at, phase in enumerate(line.phase) if phase == line.phase[-1]), 0)
    before = next((value for value in reversed(line.centre[:first]) if value is not None), None)
    after = next((value for value in reversed(line.centre[first:]) if value is not None), None)
    if before is None or after is None or about.begins_at(first):
        return ()
    form = about.voice.gettext("From {since} on the centre line is {after}; before it was {before}.")
    text = about.format.text
    return (form.format(since=about.voice.period(about.periods[first]), after=text(after), before=text(before)),)


def describe(about: About, line: Single, finding: str) -> str:
    """Return what the chart shows, for those who do not see it."""
    gettext, form = about.voice.gettext, about.format
    shown = [(at, value) for at, value in enumerate(line.value) if value is not None]
    name = kind_name(line.kind, log=line.log, voice=about.voice)
    if not shown:
        return f"{name}. {finding}."
    values = [value for _, value in shown]
    parts = [
        gettext("{kind} of {measure}, {first} to {last}: {points} points between {low} and {high}.").format(
            kind=name,
            measure=lowered(about.measure),
            first=about.voice.period(about.periods[shown[0][0]]),
            last=about.voice.period(about.periods[shown[-1][0]]),
            points=len(shown),
            low=form.text(min(values)),
            high=form.text(max(values)),
        )
    ]
    centre = next((value for value in reversed(line.centre) if value is not None), None)
    if centre is not None:
        parts.append(gettext("The latest centre line is {centre}.").format(centre=form.text(centre)))
    if about.target is not None:
        parts.append(aim(about) + ".")
    marked = sum(bool(line.rules_at(at)) for at, _ in shown)
    if marked:
        parts.append(gettext("{marked} points are marked by the rules.").format(marked=marked))
    return " ".join(parts)
