"""The two answers beside every measure - is it changing, will it meet the aim - and what to do about them."""

from __future__ import annotations

from typing import Final

from allteach.charts.voice import ENGLISH, N_, Step, Voice
from allteach.units import Grain, Period

_SINCE: Final = {
    "improving": (N_("Improving since {since}"), N_("Improving")),
    "concerning": (N_("Getting worse since {since}"), N_("Getting worse")),
    "higher": (N_("Higher since {since}"), N_("Higher")),
    "lower": (N_("Lower since {since}"), N_("Lower")),
    "changed": (N_("Changed since {since}"), N_("Changed")),
}
_ASSURANCE: Final = {
    "meets": N_("Meets the aim"),
    "varies": N_("Hit and miss"),
    "misses": N_("Does not meet the aim"),
    "no_target": N_("No aim set"),
    "too_few": N_("Cannot tell yet"),
}
_ACTION: Final = {
    ("improving", "meets"): N_("Getting better and meeting the aim. Find out what helped, keep it, and share it."),
    ("improving", "varies"): N_(
        "Getting better, but some points miss the aim. Keep the change going and see if it holds."
    ),
    ("improving", "misses"): N_("Getting better, but not there yet. Find out what helped and do more of it."),
    ("improving", "no_target"): N_("Getting better. Find out what helped, and agree on an aim."),
    ("concerning", "meets"): N_("Getting worse, but still meeting the aim. Look at what changed while there is room."),
    ("concerning", "varies"): N_("Getting worse, and the aim is hit and miss. Find out what changed, and when."),
    ("concerning", "misses"): N_(
        "Getting worse and not meeting the aim. Talk about this first: what changed, and who can help?"
    ),
    ("concerning", "no_target"): N_("Getting worse. Find out what changed, and agree on an aim."),
    ("changed", "meets"): N_("Something changed, and the aim is met. Find out why, and if it is welcome."),
    ("changed", "varies"): N_("Something changed, and the aim is hit and miss. Find out why, and if it is welcome."),
    ("changed", "misses"): N_("Something changed, and the aim is not met. Find out why before you test anything new."),
    ("changed", "no_target"): N_("Something changed. Find out why, and if it is welcome."),
    ("common", "meets"): N_("Steady and meeting the aim. Keep watching, and put your effort elsewhere."),
    ("common", "varies"): N_(
        "Steady, but chance decides if the aim is met. To be sure, the way of working has to change."
    ),
    ("common", "misses"): N_(
        "Steady, but away from the aim. Waiting will not help: test a change to the way of working."
    ),
    ("common", "no_target"): N_("Steady. If this matters to you, agree on an aim."),
}
_KINDS: Final = {
    "run": N_("Run chart"),
    "p": N_("P chart"),
    "u": N_("U chart"),
    "c": N_("C chart"),
    "i": N_("Individuals chart"),
    "mr": N_("Moving range chart"),
    "xbar": N_("X-bar chart"),
    "s": N_("S chart"),
    "r": N_("R chart"),
    "g": N_("G chart"),
    "t": N_("T chart"),
    "pprime": N_("P' chart"),
    "uprime": N_("U' chart"),
    "iprime": N_("I' chart"),
    "ewma": N_("EWMA chart"),
    "cusum": N_("CUSUM chart"),
    "funnel": N_("Funnel plot"),
    "caterpillar": N_("Sites with intervals"),
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
        state: improving, concerning, changed, common, too_few or none.
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
    if grain is None:
        return voice.ngettext("point", "points", count)
    many = {
        Grain.DAY: ("day", "days"),
        Grain.WEEK: ("week", "weeks"),
        Grain.MONTH: ("month", "months"),
        Grain.QUARTER: ("quarter", "quarters"),
        Grain.YEAR: ("year", "years"),
        Grain.EVENT: ("event", "events"),
    }
    return voice.ngettext(*many[grain], count)


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
