"""One plain text for each signal: what, since when, by which rule, how often by chance, whether good, what to ask."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from allteach.charts.about import About
from allteach.charts.single import Single
from allteach.charts.voice import ENGLISH, Voice, gettext_noop
from allteach.units import Direction

_NAMES: Final = {
    "beyond_limits": gettext_noop("a point beyond the limits"),
    "shift": gettext_noop("{a} in a row on one side"),
    "most": gettext_noop("{a} of {b} on one side"),
    "long_run": gettext_noop("a long run on one side"),
    "trend": gettext_noop("{a} in a row that rise or fall"),
    "two_of_three": gettext_noop("2 of 3 near a limit"),
    "two_of_three_nhs": gettext_noop("2 of 3 near a limit, all 3 on one side"),
    "four_of_five": gettext_noop("4 of 5 well off the centre line"),
    "inner_third": gettext_noop("15 in a row close to the centre line"),
    "avoiding_centre": gettext_noop("8 in a row away from the centre line"),
    "alternating": gettext_noop("{a} in a row that go up and down"),
    "aggregate": gettext_noop("points taken together beyond the limits"),
    "few_crossings": gettext_noop("too few crossings of the centre line"),
    "few_runs": gettext_noop("too few runs"),
    "many_runs": gettext_noop("too many runs"),
}
# Rules that look at the same thing: a run on one side. Where they agree, one text is enough.
_RUNS: Final = ("shift", "most", "long_run", "aggregate")
_NAMED: Final = 2
_NEARLY_ALL: Final = 0.95
_WHOLE: Final = ("few_crossings", "few_runs", "many_runs")


@dataclass(frozen=True, slots=True)
class Episode:
    """One signal: a stretch of points marked by one rule (or by several of one kind).

    Attributes:
        rules: Keys of the rules, the first one named first.
        first, last: Positions.
        count: Marked points.
        side: +1 high or rising, -1 low or falling, 0 without direction.
    """

    rules: tuple[str, ...]
    first: int
    last: int
    count: int
    side: int


@cache
def family(rule: str) -> tuple[str, tuple[str, ...]]:
    """Return the kind of a rule and the numbers in its key.

    Example:
        >>> family("most_10_of_11")
        ('most', ('10', '11'))
    """
    if rule in _NAMES:
        return rule, ()
    parts = rule.split("_")
    return parts[0], tuple(part for part in parts[1:] if part.isdigit())


def rule_name(rule: str, voice: Voice = ENGLISH) -> str:
    """Return a rule in words.

    Example:
        >>> rule_name("shift_8")
        '8 in a row on one side'
    """
    kind, figures = family(rule)
    if kind not in _NAMES:
        return rule.replace("_", " ")
    return voice.gettext(_NAMES[kind]).format(**dict(zip("ab", figures, strict=False)))


def rule_set_name(key: str, voice: Voice = ENGLISH) -> str:
    """Return a rule set in words."""
    from allteach.stats.signals import RULE_SETS

    return voice.gettext(RULE_SETS[key].name) if key in RULE_SETS else key


def chance(key: str, points: int, voice: Voice = ENGLISH) -> str:
    """Return how often a rule set marks a chart on which nothing changed; empty when it was not measured.

    Example:
        >>> chance("no such set", 24)
        ''
    """
    from allteach.stats.signals import RULE_SETS

    if key not in RULE_SETS or points < 1:
        return ""
    share = RULE_SETS[key].false_signal_rate(points)
    if math.isnan(share):
        return ""
    if share < 0.01:
        return voice.gettext("Fewer than 1 in 100 steady charts of this length show such a signal by chance.")
    if share >= _NEARLY_ALL:
        return voice.gettext("Nearly every steady chart of this length shows such a signal by chance.")
    form = voice.gettext("About {count} in 100 steady charts of this length show such a signal by chance.")
    return form.format(count=round(share * 100))


def episodes(line: Single) -> tuple[Episode, ...]:
    """Return the signals of a chart, the latest first; rules that see the same run are told as one."""
    found: list[Episode] = []
    for rule, sides in line.hits.items():
        found += _stretches(rule, sides, line)
    for rule in line.whole:
        shown = [at for at, value in enumerate(line.value) if value is not None and line.phase[at] == line.phase[-1]]
        if shown:
            found.append(Episode((rule,), shown[0], shown[-1], len(shown), 0))
    # The rule that the reading names comes first, so that title and text tell the same story.
    order = {rule: -1 if rule == line.rule else place for place, rule in enumerate((*line.hits, *line.whole))}
    found.sort(key=lambda entry: (-entry.last, family(entry.rules[0])[0] in _WHOLE, order[entry.rules[0]]))
    return tuple(_merged(found, line.rule))


def _stretches(rule: str, sides: list[int | None], line: Single) -> list[Episode]:
    found: list[list[int]] = []  # first, last, count, side
    slack = _slack(rule)
    for at, side in enumerate(sides):
        if side is None:
            continue
        if found and found[-1][3] == side and _touching(line, found[-1][1], at, slack):
            found[-1][1] = at
            found[-1][2] += 1
        else:
            found.append([at, at, 1, side])
    return [Episode((rule,), *entry) for entry in found]


def _slack(rule: str) -> int:
    """Return how many points a rule of the kind *4 of 5* leaves unmarked inside one signal."""
    kind, figures = family(rule)
    if kind == "most":
        return int(figures[1]) - int(figures[0])
    return 1 if kind in ("two_of_three", "two_of_three_nhs", "four_of_five") else 0


def _touching(line: Single, before: int, after: int, slack: int) -> bool:
    """Return True when no more than `slack` points lie between, not counting those on the centre line."""
    if after != before + 1:
        off = sum(line.value[at] not in (None, line.centre[at]) for at in range(before + 1, after))
        if off > slack:
            return False
    return line.phase[before] == line.phase[after]


def _merged(found: list[Episode], named: str) -> list[Episode]:
    """Tell as one what is one: rules that see the same run, and points beyond a limit inside a run."""
    kept: list[Episode] = []
    for episode in sorted(found, key=lambda entry: (entry.rules[0] != named, family(entry.rules[0])[0] not in _RUNS)):
        twin = next((at for at, other in enumerate(kept) if _same_change(other, episode)), None)
        if twin is None:
            kept.append(episode)
            continue
        other = kept[twin]
        kept[twin] = replace(other, rules=tuple(dict.fromkeys((*other.rules, *episode.rules))))
    return sorted(kept, key=lambda entry: (-entry.last, family(entry.rules[0])[0] in _WHOLE))


def _same_change(run: Episode, other: Episode) -> bool:
    if run.side != other.side or not run.side or family(run.rules[0])[0] not in _RUNS:
        return False
    if family(other.rules[0])[0] in _RUNS:
        return run.first <= other.last and other.first <= run.last
    return run.first <= other.first and other.last <= run.last


def signal(episode: Episode, about: About, line: Single) -> str:
    """Return one signal in plain words.

    Args:
        episode: One of `episodes`.
        about: Measure and direction.
        line: The chart.
    """
    voice = about.voice
    parts = [_what(episode, about, line), _rule(episode, line, voice), chance(line.rule_set, line.points, voice)]
    # What ends where a changed definition begins may have lasted: nobody can tell.
    lasting = episode.last == line.last or about.begins_at(episode.last + 1)
    parts += [_judged(episode, about), _ask(episode, about, lasting=lasting)]
    return " ".join(part for part in parts if part)


def _rule(episode: Episode, line: Single, voice: Voice) -> str:
    names = [rule_name(rule, voice) for rule in episode.rules]
    if len(names) > _NAMED:
        rest = len(names) - 1
        names = [names[0], voice.gettext("and {rest} more rules").format(rest=rest)]
    form = voice.ngettext("Rule: {rules} ({set}).", "Rules: {rules} ({set}).", len(episode.rules))
    return form.format(rules=", ".join(names), set=rule_set_name(line.rule_set, voice))


def _judged(episode: Episode, about: About) -> str:
    gettext = about.voice.gettext
    if not episode.side or about.direction is Direction.NEITHER:
        return gettext("If that is good or bad is for you to say.")
    good = (episode.side > 0) == (about.direction is Direction.HIGHER)
    return gettext("That is the good direction.") if good else gettext("That is the wrong direction.")


def _ask(episode: Episode, about: About, *, lasting: bool) -> str:
    gettext = about.voice.gettext
    kind = family(episode.rules[0])[0]
    when = about.voice.period(about.periods[episode.first])
    if kind in ("inner_third", "avoiding_centre", "alternating", "many_runs"):
        return gettext("Ask if two kinds of cases are mixed, or if the way of counting changed.")
    if kind in ("few_crossings", "few_runs"):
        return gettext("Ask what changed between {first} and {last}.").format(
            first=when, last=about.voice.period(about.periods[episode.last])
        )
    if not lasting:
        return gettext("It did not last: ask what was different then.")
    if not episode.side or about.direction is Direction.NEITHER:
        return gettext("Ask what changed around {when}.").format(when=when)
    if (episode.side > 0) == (about.direction is Direction.HIGHER):
        return gettext("Ask what changed around {when}, and how to keep it.").format(when=when)
    return gettext("Ask what changed around {when}, and who can help.").format(when=when)


def _what(episode: Episode, about: About, line: Single) -> str:
    kind = family(episode.rules[0])[0]
    return _WHAT.get(kind, _marked)(episode, about, line)


def _span(episode: Episode, about: About) -> dict[str, object]:
    voice = about.voice
    return {
        "count": episode.count,
        "first": voice.period(about.periods[episode.first]),
        "last": voice.period(about.periods[episode.last]),
    }


def _beyond(episode: Episode, about: About, line: Single) -> str:
    gettext, high = about.voice.gettext, episode.side > 0
    if episode.count > 1:
        form = (
            gettext("The {count} points from {first} to {last} lie above the upper limit.")
            if high
            else gettext("The {count} points from {first} to {last} lie below the lower limit.")
        )
        return form.format(**_span(episode, about))
    value, limit = line.value[episode.first], (line.upper if high else line.lower)[episode.first]
    form = (
        gettext("{first}, at {value}, lies above the upper limit of {limit}.")
        if high
        else gettext("{first}, at {value}, lies below the lower limit of {limit}.")
    )
    text = about.format.text
    return form.format(value=text(value or 0.0), limit=text(limit or 0.0), **_span(episode, about))


def _run(episode: Episode, about: About, line: Single) -> str:
    gettext, high = about.voice.gettext, episode.side > 0
    centre = line.centre[episode.first]
    level = any(value is not None and value != centre for value in line.centre[episode.first : episode.last + 1])
    at = "" if centre is None or level else gettext(" of {centre}").format(centre=about.format.text(centre))
    if episode.last == line.last:
        form = (
            gettext("All {count} points since {first} lie above the centre line{at}.")
            if high
            else gettext("All {count} points since {first} lie below the centre line{at}.")
        )
    else:
        form = (
            gettext("All {count} points from {first} to {last} lie above the centre line{at}.")
            if high
            else gettext("All {count} points from {first} to {last} lie below the centre line{at}.")
        )
    return form.format(at=at, **_span(episode, about))


def _most(episode: Episode, about: About, line: Single) -> str:
    gettext = about.voice.gettext
    form = (
        gettext("Nearly all points from {first} to {last} lie above the centre line: {count} of {all}.")
        if episode.side > 0
        else gettext("Nearly all points from {first} to {last} lie below the centre line: {count} of {all}.")
    )
    everything = sum(value is not None for value in line.value[episode.first : episode.last + 1])
    return form.format(all=everything, **_span(episode, about))


def _together(episode: Episode, about: About, line: Single) -> str:
    gettext = about.voice.gettext
    form = (
        gettext("Taken together, the {count} points from {first} to {last} lie higher than chance explains.")
        if episode.side > 0
        else gettext("Taken together, the {count} points from {first} to {last} lie lower than chance explains.")
    )
    return form.format(**_span(episode, about))


def _trend(episode: Episode, about: About, line: Single) -> str:
    gettext = about.voice.gettext
    form = (
        gettext("The points rise all the way from {first} to {last}.")
        if episode.side > 0
        else gettext("The points fall all the way from {first} to {last}.")
    )
    return form.format(**_span(episode, about))


def _near(episode: Episode, about: About, line: Single) -> str:
    gettext = about.voice.gettext
    form = (
        gettext("Around {last}, 2 of 3 points in a row lie near the upper limit.")
        if episode.side > 0
        else gettext("Around {last}, 2 of 3 points in a row lie near the lower limit.")
    )
    return form.format(**_span(episode, about))


def _off(episode: Episode, about: About, line: Single) -> str:
    gettext = about.voice.gettext
    form = (
        gettext("Around {last}, 4 of 5 points in a row lie well above the centre line.")
        if episode.side > 0
        else gettext("Around {last}, 4 of 5 points in a row lie well below the centre line.")
    )
    return form.format(**_span(episode, about))


def _close(episode: Episode, about: About, line: Single) -> str:
    form = about.voice.gettext(
        "The {count} points from {first} to {last} lie closer together than chance would have them."
    )
    return form.format(**_span(episode, about))


def _away(episode: Episode, about: About, line: Single) -> str:
    form = about.voice.gettext("The {count} points from {first} to {last} all stay away from the centre line.")
    return form.format(**_span(episode, about))


def _turns(episode: Episode, about: About, line: Single) -> str:
    form = about.voice.gettext("The {count} points from {first} to {last} go up and down by turns.")
    return form.format(**_span(episode, about))


def _crossings(episode: Episode, about: About, line: Single) -> str:
    form = about.voice.gettext(
        "The points cross the centre line {crossings} times, where chance gives at least {needed}."
    )
    return form.format(crossings=line.runs["crossings"], needed=line.runs["crossings_needed"])


def _few(episode: Episode, about: About, line: Single) -> str:
    return about.voice.gettext("The points change sides less often than chance would have them.")


def _many(episode: Episode, about: About, line: Single) -> str:
    return about.voice.gettext("The points change sides more often than chance would have them.")


def _marked(episode: Episode, about: About, line: Single) -> str:
    form = about.voice.gettext("{count} points from {first} to {last} are marked.")
    return form.format(**_span(episode, about))


_WHAT: Final[dict[str, Callable[[Episode, About, Single], str]]] = {
    "beyond_limits": _beyond,
    "shift": _run,
    "long_run": _run,
    "most": _most,
    "aggregate": _together,
    "trend": _trend,
    "two_of_three": _near,
    "two_of_three_nhs": _near,
    "four_of_five": _off,
    "inner_third": _close,
    "avoiding_centre": _away,
    "alternating": _turns,
    "few_crossings": _crossings,
    "few_runs": _few,
    "many_runs": _many,
}
