"""Reading age of a text by Flesch and Kincaid, with syllables counted by rule."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d[\d,.]*")


def syllables(word: str) -> int:
    """Count vowel groups; a silent e at the end does not count."""
    word = re.sub(r"[^a-z]", "", word.lower())
    if len(word) <= 3:
        return 1
    word = re.sub(r"(?:[^laeiouy]es|ed|[^laeiouy]e)$", "", word)
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def reading_age(text: str) -> float:
    """Return the age at which a text is read with ease: the grade of Flesch and Kincaid, plus five.

    Numbers count as one short word each; dates and names of measures are what they are.
    """
    plain = _NUMBER.sub("ten", text)
    sentences = [part for part in re.split(r"[.?:;](?:\s|$)", plain) if part.strip()]
    words = re.findall(r"[A-Za-z'-]+", plain)
    grade = 0.39 * len(words) / max(len(sentences), 1) + 11.8 * sum(map(syllables, words)) / max(len(words), 1) - 15.59
    return grade + 5
