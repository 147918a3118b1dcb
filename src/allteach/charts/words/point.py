"""One point in words: what a screen reader says, and what a table calls the mark."""

from __future__ import annotations

from typing import Final

from allteach.charts.about import About, Mark
from allteach.charts.spec import Shape
from allteach.charts.voice import Voice, gettext_noop
from allteach.charts.words.numbers import count
from allteach.units import Unit

SHAPES: Final = {
    Shape.COMMON: gettext_noop("no signal"),
    Shape.IMPROVING: gettext_noop("improving"),
    Shape.CONCERNING: gettext_noop("getting worse"),
    Shape.CHANGED: gettext_noop("changed"),
    Shape.EXCLUDED: gettext_noop("kept off the limits"),
    Shape.INCOMPLETE: gettext_noop("not complete yet"),
}
# one period, several periods
MARKED: Final = {
    "excluded": (gettext_noop("{label} is kept off the limits"), gettext_noop("{label} are kept off the limits")),
    "incomplete": (gettext_noop("{label} is not complete yet"), gettext_noop("{label} are not complete yet")),
    "late": (gettext_noop("{label} is late"), gettext_noop("{label} are late")),
    "redefined": (
        gettext_noop("From {label} on it is counted in another way"),
        gettext_noop("At {label} the way of counting changed"),
    ),
    "doubtful": (gettext_noop("{label} is in doubt"), gettext_noop("{label} are in doubt")),
}


def note_of(about: About, mark: Mark | None) -> str:
    """Return why a point is special and who is on it; empty where nothing is."""
    if mark is None:
        return ""
    owner = about.voice.gettext("with {owner}").format(owner=mark.owner) if mark.owner else ""
    return ", ".join(part for part in (mark.reason, owner) if part)


def marked(about: About) -> list[str]:
    """Return a sentence for each kind and reason of marks: periods that share them are named together."""
    together: dict[tuple[str, str], list[str]] = {}
    for mark in about.marks:
        together.setdefault((mark.kind, note_of(about, mark)), []).append(about.voice.period(about.periods[mark.at]))
    said = []
    for (kind, note), labels in together.items():
        words = about.voice.ngettext(*MARKED[kind], len(labels)).format(label=", ".join(labels))
        said.append(f"{words}: {note}." if note else f"{words}.")
    return said


def shape_word(shape: Shape, voice: Voice) -> str:
    """Return the word that repeats a shape."""
    return voice.gettext(SHAPES[shape])


def counted(about: About) -> str:
    """Return what denominators count."""
    return about.counted or (about.format.exposure if about.format.unit is Unit.RATE else about.voice.gettext("cases"))


def behind(numerator: float | None, denominator: float | None, about: About) -> str:
    """Return the counts behind a value, such as ``26 of 1,368 children``; empty where there are none."""
    voice = about.voice
    if denominator is None:
        return ""
    if numerator is None:
        return f"{count(denominator)} {counted(about)}"
    form = (
        voice.gettext("{number} in {of} {what}")
        if about.format.unit is Unit.RATE
        else voice.gettext("{number} of {of} {what}")
    )
    return form.format(number=count(numerator), of=count(denominator), what=counted(about))


def point_says(
    label: str,
    value: float | None,
    about: About,
    *,
    parts: tuple[float | None, float | None] = (None, None),
    centre: float | None = None,
    mark: str = "",
) -> str:
    """Return one point read aloud.

    Args:
        label: The period or site.
        value: Its value; None where there is none.
        about: Measure and format.
        parts: Numerator and denominator.
        centre: The centre line there.
        mark: What is special about it, in words.
    """
    gettext = about.voice.gettext
    if value is None:
        said = gettext("{label}: no data").format(label=label)
        return f"{said}, {mark}" if mark else said
    words = [f"{label}: {about.format.text(value)}"]
    of = behind(*parts, about)
    if of:
        words.append(of)
    if centre is not None and about.format.text(value) != about.format.text(centre):
        side = (
            gettext("above the centre line of {centre}")
            if value > centre
            else gettext("below the centre line of {centre}")
        )
        words.append(side.format(centre=about.format.text(centre)))
    if mark:
        words.append(mark)
    return ", ".join(words)
