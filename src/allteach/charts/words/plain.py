"""A measure in plain words, for readers who never saw a chart: what happened, since when, and what is aimed at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from allteach.charts.voice import ENGLISH, Step, Voice, gettext_noop
from allteach.units import Period, Unit, ValueFormat

_MOVED: Final = {
    "improving": gettext_noop("It has got better since {since}: {after} instead of {before}."),
    "concerning": gettext_noop("It has got worse since {since}: {after} instead of {before}."),
    "higher": gettext_noop("It has risen since {since}: {after} instead of {before}."),
    "lower": gettext_noop("It has fallen since {since}: {after} instead of {before}."),
}
_MOVED_UNSEEN: Final = {
    "improving": gettext_noop("It has got better since {since}."),
    "concerning": gettext_noop("It has got worse since {since}."),
    "higher": gettext_noop("It has risen since {since}."),
    "lower": gettext_noop("It has fallen since {since}."),
}
_AIM: Final = {
    "meets": gettext_noop("The aim is {target}, and it is met."),
    "varies": gettext_noop("The aim is {target}. Some months reach it, others do not."),
    "misses": gettext_noop("The aim is {target}. We are not there yet."),
    "too_few": gettext_noop("The aim is {target}."),
}
_LIMIT: Final = {
    "meets": gettext_noop("It should stay within {target}, and it does."),
    "varies": gettext_noop("It should stay within {target}. Some months do, others do not."),
    "misses": gettext_noop("It should stay within {target}. It does not."),
    "too_few": gettext_noop("It should stay within {target}."),
}


@dataclass(frozen=True, slots=True)
class Plainly:
    """What one measure says now.

    Args:
        format: How its values are written.
        state: improving, concerning, changed, common, too_few or none.
        side: +1 higher, -1 lower.
        since: First period of the change; None where nothing changed.
        before: Level before the change; None where it is withheld or not known.
        after: Level since the change.
        now: Latest value; None where it is withheld.
        target: The value to reach, on the inside scale; None without an aim.
        assurance: meets, varies, misses, no_target or too_few.
        limit: The target is a limit to stay within (a balancing measure), not an aim to reach.
    """

    format: ValueFormat
    state: str
    side: int = 0
    since: Period | Step | None = None
    before: float | None = None
    after: float | None = None
    now: float | None = None
    target: float | None = None
    assurance: str = "no_target"
    limit: bool = False


def spoken(value: float, form: ValueFormat, voice: Voice = ENGLISH) -> str:
    """Return a level as a person would say it.

    Example:
        >>> spoken(0.843, ValueFormat(Unit.PERCENT)), spoken(72.5, ValueFormat(Unit.HOURS))
        ('84 in 100', '72 hours')
        >>> spoken(0.00131, ValueFormat(Unit.RATE, per=1000, exposure="line days"))
        '1.31 per 1,000 line days'
    """
    shown = value * form.multiplier
    if form.unit is Unit.PERCENT:
        return voice.gettext("{number} in 100").format(number=form.number(value))
    if form.unit is Unit.RATE:
        return f"{form.number(value)} {form.axis}"
    if form.unit in (Unit.HOURS, Unit.DAYS):
        number = f"{shown:,.0f}" if shown >= 20 else f"{shown:.1f}".removesuffix(".0")
        names = {
            Unit.HOURS: voice.ngettext("{number} hour", "{number} hours", 1 if number == "1" else 2),
            Unit.DAYS: voice.ngettext("{number} day", "{number} days", 1 if number == "1" else 2),
        }
        return names[form.unit].format(number=number)
    return form.number(value)


def plain(line: Plainly, voice: Voice = ENGLISH) -> str:
    """Return one or two sentences: what changed since when, or that nothing did, and how it stands to the aim.

    Example:
        >>> print(plain(Plainly(ValueFormat(Unit.PERCENT), "common", now=0.65, target=0.7, assurance="varies")))
        It goes up and down as chance would have it; the latest is 65 in 100. The aim is 70 in 100. Some months reach it, others do not.
    """  # noqa: E501
    if line.state == "none":
        return voice.gettext("There are no numbers yet.")
    parts = [_moves(line, voice)]
    if line.target is not None and line.state != "too_few":
        form = (_LIMIT if line.limit else _AIM).get(line.assurance)
        if form:
            parts.append(voice.gettext(form).format(target=spoken(line.target, line.format, voice)))
    return " ".join(parts)


def _moves(line: Plainly, voice: Voice) -> str:
    gettext = voice.gettext
    if line.state == "too_few":
        return gettext("It is too early to tell.")
    if line.state == "common":
        if line.now is None:
            return gettext("It goes up and down as chance would have it.")
        form = gettext("It goes up and down as chance would have it; the latest is {now}.")
        return form.format(now=spoken(line.now, line.format, voice))
    way = ("higher" if line.side >= 0 else "lower") if line.state == "changed" else line.state
    since = voice.period(line.since) if line.since is not None else gettext("lately")
    if line.before is None or line.after is None:
        return gettext(_MOVED_UNSEEN[way]).format(since=since)
    before, after = (spoken(value, line.format, voice) for value in (line.before, line.after))
    if before == after:
        return gettext(_MOVED_UNSEEN[way]).format(since=since)
    return gettext(_MOVED[way]).format(since=since, before=before, after=after)
