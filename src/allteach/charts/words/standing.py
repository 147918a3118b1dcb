"""The two answers beside every measure - is it changing, will it meet the aim - and what to do about them."""

from __future__ import annotations

from typing import Final

from allteach.charts.voice import ENGLISH, Step, Voice, gettext_noop
from allteach.units import Grain, Period

_SINCE: Final = {
    "improving": (gettext_noop("Improving since {since}"), gettext_noop("Improving")),
    "concerning": (gettext_noop("Getting worse since {since}"), gettext_noop("Getting worse")),
    "higher": (gettext_noop("Higher since {since}"), gettext_noop("Higher")),
    "lower": (gettext_noop("Lower since {since}"), gettext_noop("Lower")),
    "changed": (gettext_noop("Changed since {since}"), gettext_noop("Changed")),
}
_ASSURANCE: Final = {
    "meets": gettext_noop("Meets the aim"),
    "varies": gettext_noop("Hit and miss"),
    "misses": gettext_noop("Does not meet the aim"),
    "no_target": gettext_noop("No aim set"),
    "too_few": gettext_noop("Cannot tell yet"),
}
_ACTION: Final = {
    ("improving", "meets"): gettext_noop(
        "Getting better and meeting the aim. Find out what helped, keep it, and share it."
    ),
    ("improving", "varies"): gettext_noop(
        "Getting better, but some points miss the aim. Keep the change going and see if it holds."
    ),
    ("improving", "misses"): gettext_noop("Getting better, but not there yet. Find out what helped and do more of it."),
    ("improving", "no_target"): gettext_noop("Getting better. Find out what helped, and agree on an aim."),
    ("concerning", "meets"): gettext_noop(
        "Getting worse, but still meeting the aim. Look at what changed while there is room."
    ),
    ("concerning", "varies"): gettext_noop(
        "Getting worse, and the aim is hit and miss. Find out what changed, and when."
    ),
    ("concerning", "misses"): gettext_noop(
        "Getting worse and not meeting the aim. Talk about this first: what changed, and who can help?"
    ),
    ("concerning", "no_target"): gettext_noop("Getting worse. Find out what changed, and agree on an aim."),
    ("changed", "meets"): gettext_noop("Something changed, and the aim is met. Find out why, and if it is welcome."),
    ("changed", "varies"): gettext_noop(
        "Something changed, and the aim is hit and miss. Find out why, and if it is welcome."
    ),
    ("changed", "misses"): gettext_noop(
        "Something changed, and the aim is not met. Find out why before you test anything new."
    ),
    ("changed", "no_target"): gettext_noop("Something changed. Find out why, and if it is welcome."),
    ("common", "meets"): gettext_noop("Steady and meeting the aim. Keep watching, and put your effort elsewhere."),
    ("common", "varies"): gettext_noop(
        "Steady, but chance decides if the aim is met. To be sure, the way of working has to change."
    ),
    ("common", "misses"): gettext_noop(
        "Steady, but away from the aim. Waiting will not help: test a change to the way of working."
    ),
    ("common", "no_target"): gettext_noop("Steady. If this matters to you, agree on an aim."),
}
_KINDS: Final = {
    "run": gettext_noop("Run chart"),
    "p": gettext_noop("P chart"),
    "u": gettext_noop("U chart"),
    "c": gettext_noop("C chart"),
    "i": gettext_noop("Individuals chart"),
    "mr": gettext_noop("Moving range chart"),
    "xbar": gettext_noop("X-bar chart"),
    "s": gettext_noop("S chart"),
    "r": gettext_noop("R chart"),
    "g": gettext_noop("G chart"),
    "t": gettext_noop("T chart"),
    "pprime": gettext_noop("P' chart"),
    "uprime": gettext_noop("U' chart"),
    "iprime": gettext_noop("I' chart"),
    "ewma": gettext_noop("EWMA chart"),
    "cusum": gettext_noop("CUSUM chart"),
    "funnel": gettext_noop("Funnel plot"),
    "caterpillar": gettext_noop("Sites with intervals"),
}


def variation(
    state: str,
    *,
    side: int = 0,
    since: Period | Step | None = None,
    points: int = 0,
    needed: int = 12,
    grain: Grain | None = Grain.MONTH,
    voice: Voice = ENGLISH,
) -> str:
    """Return the answer to the question *is it changing?* in words.

    Args:
        state: improving, concerning, changed, common, too_few, unjudged or none.
        side: +1 higher, -1 lower; names the way of a change that is neither good nor bad.
        since: First period of the signal.
        points: Points there are, for "7 of 12 months".
        needed: Points needed for a verdict.
        grain: Length of a period.
        voice: Language.

    Example:
        >>> variation("too_few", points=7)
        'Cannot tell yet: 7 of 12 months'
    """
    if state == "common":
        return voice.gettext("No change")
    if state == "unjudged":
        return voice.gettext("Cannot be judged")
    if state == "none" or (state == "too_few" and points == 0):
        return voice.gettext("No data yet")
    if state == "too_few":
        return voice.gettext("Cannot tell yet: {points} of {needed} {units}").format(
            points=points, needed=needed, units=units(grain, needed, voice)
        )
    if state == "changed" and side:
        state = "higher" if side > 0 else "lower"
    dated, plain = _SINCE[state]
    return voice.gettext(dated).format(since=voice.period(since)) if since is not None else voice.gettext(plain)


def units(grain: Grain | None, count: int, voice: Voice = ENGLISH) -> str:
    """Return what points are, in the right number: months, weeks, events."""
    many = {
        None: voice.ngettext("point", "points", count),
        Grain.DAY: voice.ngettext("day", "days", count),
        Grain.WEEK: voice.ngettext("week", "weeks", count),
        Grain.MONTH: voice.ngettext("month", "months", count),
        Grain.QUARTER: voice.ngettext("quarter", "quarters", count),
        Grain.YEAR: voice.ngettext("year", "years", count),
        Grain.EVENT: voice.ngettext("event", "events", count),
    }
    return many[grain]


def assurance(state: str, voice: Voice = ENGLISH) -> str:
    """Return the answer to the question *will it meet the aim?* in words.

    Example:
        >>> assurance("varies")
        'Hit and miss'
    """
    return voice.gettext(_ASSURANCE[state])


def action(variation_state: str, assurance_state: str, voice: Voice = ENGLISH) -> str:
    """Return what to do next for one cell of the table of variation by assurance.

    Example:
        >>> action("common", "misses")
        'Steady, but away from the aim. Waiting will not help: test a change to the way of working.'
    """
    if variation_state == "unjudged":
        return voice.gettext("These points cannot be judged. The chart says why, and which kind of chart would do.")
    if variation_state in ("too_few", "none"):
        return voice.gettext("Too few points to judge. Keep sending data, and look again when there is enough.")
    state = "no_target" if assurance_state == "too_few" else assurance_state
    return voice.gettext(_ACTION[variation_state, state])


def quiet(voice: Voice = ENGLISH) -> str:
    """Return the sentence of a chart without any signal."""
    return voice.gettext("No signal: the points vary as chance alone would have them. That is fine.")


def kind_name(kind: str, *, log: bool = False, voice: Voice = ENGLISH) -> str:
    """Return the chart kind in words.

    Example:
        >>> kind_name("xbar", log=True)
        'X-bar chart on the log scale'
    """
    name = voice.gettext(_KINDS.get(kind, kind))
    return voice.gettext("{kind} on the log scale").format(kind=name) if log else name
