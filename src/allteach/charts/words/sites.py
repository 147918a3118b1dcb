"""Comparisons of sites in words: no ranks, no blame, and what chance alone would do."""

from __future__ import annotations

from allteach.charts.voice import ENGLISH, Voice
from allteach.charts.words.numbers import joined, lowered, raised

_EXPECTED = 0.002  # share of sites that chance alone puts outside 99.8 % limits
_NAMES = 6


def funnel_title(
    measure: str, outside: tuple[str, ...], sites: int, voice: Voice = ENGLISH, *, spread: bool = False
) -> str:
    """Return the finding of a funnel as a title; `spread` says that sites differ by more than chance as a whole.

    Example:
        >>> funnel_title("Bloodstream infection", ("Site 3",), 17)
        'Bloodstream infection: Site 3 differs from the rest by more than chance explains'
    """
    name = raised(measure)
    if not outside and spread:
        return voice.gettext("{measure}: the {sites} sites differ, but none stands out").format(
            measure=name, sites=sites
        )
    if not outside:
        form = voice.gettext("{measure}: the {sites} sites differ no more than chance explains")
        return form.format(measure=name, sites=sites)
    if len(outside) > 3:
        form = voice.gettext("{measure}: {outside} of {sites} sites differ by more than chance explains")
        return form.format(measure=name, outside=len(outside), sites=sites)
    form = voice.ngettext(
        "{measure}: {names} differs from the rest by more than chance explains",
        "{measure}: {names} differ from the rest by more than chance explains",
        len(outside),
    )
    return form.format(measure=name, names=joined(outside, voice))


def funnel_sentences(
    measure: str,
    high: tuple[str, ...],
    low: tuple[str, ...],
    sites: int,
    spread: str,
    voice: Voice = ENGLISH,
) -> tuple[str, ...]:
    """Return what a funnel says, one sentence each.

    Args:
        measure: The measure in words.
        high: Sites above the outer limits.
        low: Sites below them.
        sites: Sites with data.
        spread: How more spread than chance was handled: ``none``, ``additive`` or ``multiplicative``.
        voice: Language.
    """
    said = []
    if high:
        form = voice.ngettext(
            "{names} lies above the 99.8 % limits for {measure}.",
            "{names} lie above the 99.8 % limits for {measure}.",
            len(high),
        )
        said.append(form.format(names=_first(high, voice), measure=lowered(measure)))
    if low:
        form = voice.ngettext(
            "{names} lies below the 99.8 % limits for {measure}.",
            "{names} lie below the 99.8 % limits for {measure}.",
            len(low),
        )
        said.append(form.format(names=_first(low, voice), measure=lowered(measure)))
    if not said:
        said.append(voice.gettext("No site lies outside the 99.8 % limits."))
    expected = sites * _EXPECTED
    said.append(
        voice.gettext("Chance alone puts about 1 in 500 sites outside; here that is {expected} of {sites}.").format(
            expected=f"{expected:.1f}" if expected >= 0.1 else voice.gettext("fewer than 0.1"), sites=sites
        )
    )
    if high or low:
        said.append(
            voice.gettext("Check first how cases are counted and how ill they are, then ask what these sites do.")
        )
    if spread != "none":
        said.append(
            voice.gettext(
                "Sites differ among each other more than chance alone allows, so the limits are widened for that."
            )
        )
    return tuple(said)


def _first(names: tuple[str, ...], voice: Voice) -> str:
    shown = names if len(names) <= _NAMES else (*names[:_NAMES], more(len(names) - _NAMES, voice))
    return joined(shown, voice)


def more(count: int, voice: Voice) -> str:
    """Return ``3 more sites``."""
    return voice.ngettext("{count} more site", "{count} more sites", count).format(count=count)
