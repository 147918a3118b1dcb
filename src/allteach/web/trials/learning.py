"""What a team learns from its predictions, and how large the next test should be. Pure; belief stays a judgement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

OUTSIDE = 0.2  # a stated range is read as: outside it in one test of five
BANDS = ((0, 33), (34, 66), (67, 100))
LEVELS = ("low", "medium", "high")
READINESS = ("against", "unsure", "ready")
SCALES = ("one_patient", "one_clinician", "one_unit", "some_units", "whole_site")

# belief -> cost of being wrong -> readiness -> how large, as a place in SCALES.
# Low and high belief, small and large cost are the table of Langley et al., The Improvement Guide (2009), chapter 7;
# the middle rows and columns lie between their neighbours and are ours.
_SIZE = {
    "low": {"high": (0, 0, 0), "medium": (0, 0, 0), "low": (0, 0, 1)},
    "medium": {"high": (0, 0, 1), "medium": (0, 1, 1), "low": (0, 1, 2)},
    "high": {"high": (0, 1, 3), "medium": (1, 1, 3), "low": (1, 3, 4)},
}


def band_of(belief: int) -> str:
    """Return whether a belief of 0 to 100 is low, medium or high, by thirds."""
    return LEVELS[next(place for place, (_low, high) in enumerate(BANDS) if belief <= high)]


def largest_scale(belief: int, cost: str, readiness: str) -> str:
    """Return the largest sensible size of a test: wide only when belief is high, being wrong is cheap, people ready.

    Args:
        belief: 0 to 100.
        cost: Of being wrong: low, medium or high.
        readiness: Of those who would do it: against, unsure or ready.

    Example:
        >>> largest_scale(30, "high", "ready"), largest_scale(90, "low", "ready")
        ('one_patient', 'whole_site')
    """
    return SCALES[_SIZE[band_of(belief)][cost][READINESS.index(readiness)]]


def too_large(scale: str, advised: str) -> bool:
    """Return whether a test is larger than advised."""
    return SCALES.index(scale) > SCALES.index(advised)


def interval_score(low: float, high: float, result: float, *, outside: float = OUTSIDE) -> float:
    """Return the interval score of a predicted range: its width, and a penalty where the result lies outside.

    Args:
        low: At least.
        high: At most.
        result: What happened, in the same unit; the score has it too. Smaller is better.
        outside: How often the result may lie outside, 0 to 1.

    Source:
        Gneiting and Raftery 2007, JASA 102:359-378, equation 43.

    Example:
        >>> interval_score(0.5, 1.0, 0.75), interval_score(0.5, 1.0, 0.25)
        (0.5, 3.0)
    """
    return (high - low) + 2 / outside * (max(low - result, 0.0) + max(result - high, 0.0))


@dataclass(frozen=True, slots=True)
class Band:
    """Tests whose belief lay between two numbers: how many, and the share that worked (None where there is none)."""

    low: int
    high: int
    tests: int
    worked: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How good a team's sense of what will work is.

    Attributes:
        tests: Tests that are over.
        brier: Mean squared distance of belief from what happened: 0 is perfect, 0.25 is what 50 % always gives.
        believed: Mean belief, 0 to 1.
        worked: Share that worked, 0 to 1.
        ranges: Tests with a range and a number, and `inside` of them within it.
        bands: By belief.
    """

    tests: int
    brier: float
    believed: float
    worked: float
    ranges: int
    inside: int
    bands: tuple[Band, ...]


def calibration(tests: Sequence[tuple[int, bool]], hits: Iterable[bool]) -> Calibration | None:
    """Return what beliefs and results come to; None without any.

    Args:
        tests: Belief of 0 to 100 before the test, and whether it worked.
        hits: For tests with a range and a number: whether it lay inside.

    Source:
        Brier 1950, Monthly Weather Review 78:1-3.
    """
    if not tests:
        return None
    inside = list(hits)
    bands = []
    for low, high in BANDS:
        here = [worked for belief, worked in tests if low <= belief <= high]
        bands.append(Band(low, high, len(here), mean(here) if here else None))
    return Calibration(
        tests=len(tests),
        brier=mean((belief / 100 - worked) ** 2 for belief, worked in tests),
        believed=mean(belief for belief, _ in tests) / 100,
        worked=mean(worked for _, worked in tests),
        ranges=len(inside),
        inside=sum(inside),
        bands=tuple(bands),
    )


def belief_curve(tests: Iterable[tuple[int, int | None]]) -> list[int]:
    """Return the beliefs along a ramp: before the first test, then after each one that said so."""
    found: list[int] = []
    for before, after in tests:
        if not found:
            found.append(before)
        if after is not None:
            found.append(after)
    return found
