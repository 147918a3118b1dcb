"""Numbers in words: amounts, differences, and a measure's name inside a sentence."""

from __future__ import annotations

from allteach.charts.voice import ENGLISH, Voice
from allteach.units import Unit, ValueFormat


def amount(value: float, form: ValueFormat, voice: Voice = ENGLISH) -> str:
    """Return a level in words.

    Example:
        >>> amount(0.00131, ValueFormat(Unit.RATE, per=1000, exposure="line days"))
        '1.31 per 1,000 line days'
    """
    if form.unit is Unit.RATE:
        return f"{form.number(value)} {form.axis}"
    return form.text(value)


def difference(value: float, form: ValueFormat, voice: Voice = ENGLISH) -> str:
    """Return the size of a difference in words, without its sign.

    Example:
        >>> difference(-0.09, ValueFormat(Unit.PERCENT))
        '9 percentage points'
        >>> difference(-12.2, ValueFormat(Unit.HOURS, decimals=0))
        '12 hours'
    """
    size = abs(value)
    shown = size * form.multiplier
    digits = form.decimals if form.decimals is not None else 0 if shown >= 3 else 1 if shown >= 0.3 else 2
    number = f"{shown:,.{digits}f}"
    one = number == "1"
    if form.unit is Unit.PERCENT:
        return (
            voice.gettext("{number} percentage point") if one else voice.gettext("{number} percentage points")
        ).format(number=number)
    if form.unit is Unit.HOURS:
        return (voice.gettext("{number} hour") if one else voice.gettext("{number} hours")).format(number=number)
    if form.unit is Unit.DAYS:
        return (voice.gettext("{number} day") if one else voice.gettext("{number} days")).format(number=number)
    return f"{number} {form.axis}" if form.unit is Unit.RATE else number


def lowered(name: str) -> str:
    """Return a name as it stands inside a sentence: no capital unless it is an abbreviation.

    Example:
        >>> lowered("Chest tube duration"), lowered("CLABSI rate"), lowered("C. difficile infections")
        ('chest tube duration', 'CLABSI rate', 'C. difficile infections')
    """
    first = name.split(" ", 1)[0]
    plain = len(first) > 1 and first[1:].islower() and first.isalpha()
    return name[0].lower() + name[1:] if plain else name


def raised(sentence: str) -> str:
    """Return the sentence with a capital at its start."""
    return sentence[:1].upper() + sentence[1:]


def joined(words: tuple[str, ...], voice: Voice = ENGLISH) -> str:
    """Return names as a list in words.

    Example:
        >>> joined(("A", "B", "C"))
        'A, B and C'
    """
    if len(words) < 2:
        return "".join(words)
    return voice.gettext("{first} and {last}").format(first=", ".join(words[:-1]), last=words[-1])


def count(value: float) -> str:
    """Return a count with separators; a fraction (person-time) keeps one digit only when it is small."""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"
