"""Named rule sets and the one function that applies them to limits of many series at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allteach.errors import StatsError
from allteach.stats import false_signals, rules
from allteach.stats.results import Bools, Floats, Limits, Runs, Signals
from allteach.stats.rules import Points, Rule
from allteach.stats.runs import Counts, anhoej_limits, best_box_limits, longest_runs, run_count_limits

# Below this many points off the median a runs analysis says nothing.
LEAST_RUNS = 10

# Charts whose neighbouring points share data or have no middle: only points beyond the limits are judged.
LIMITS_ONLY = ("mr", "ewma", "cusum")
# Charts whose sigmas have no zones, because the distribution is far from symmetric.
NO_ZONES = ("g",)
RATIO = {"p": "p", "pprime": "", "u": "u", "uprime": ""}


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that are used together under one name.

    Attributes:
        key: Stable name.
        name: As people write it.
        description: What it is for and from whom, in plain words.
        rules: Its rules, the ones to name first first.
        both: What a chart is called whose latest point holds signals both ways: ``changed`` or ``improving``.
        old_limits_answer: Whether the old limits answer for the target even while a lasting signal holds (NHS).
        run_limits: Longest run and fewest crossings that chance explains, by number of points off the centre.
    """

    key: str
    name: str
    description: str
    rules: tuple[Rule, ...]
    both: str = "changed"
    old_limits_answer: bool = False
    run_limits: Callable[[Counts], tuple[Counts, Counts]] = anhoej_limits

    def false_signal_rate(self, points: int) -> float:
        """Return the share of charts of this many points that show a signal when nothing has changed, as measured."""
        return false_signals.rate(self.key, "any", points)

    def false_standing_rate(self, points: int) -> float:
        """Return the share of such charts whose signal still holds at the latest point."""
        return false_signals.rate(self.key, "latest", points)


BEYOND = Rule("beyond_limits", "a point beyond the limits", rules.beyond_limits, needs="limits")
TWO_OF_THREE = Rule(
    "two_of_three",
    "2 of 3 points in the outer third, on one side",
    partial(rules.window_beyond, needed=2, window=3, sigmas=2),
    needs="zones",
)
FOUR_OF_FIVE = Rule(
    "four_of_five",
    "4 of 5 points beyond one sigma, on one side",
    partial(rules.window_beyond, needed=4, window=5, sigmas=1),
    needs="zones",
)
INNER_THIRD = Rule(
    "inner_third", "15 points close to the centre", partial(rules.hugging, length=15), directed=False, needs="zones"
)


def shift_rule(length: int, on_line: str = "skip") -> Rule:
    """Return the rule of `length` points on one side of the centre."""
    label = f"{length} points in a row on one side of the centre"
    return Rule(f"shift_{length}", label, partial(rules.shift, length=length, on_line=on_line))


def trend_rule(length: int, equal: str = "skip") -> Rule:
    """Return the rule of `length` points that all rise or all fall."""
    label = f"{length} points in a row that all rise or all fall"
    return Rule(f"trend_{length}", label, partial(rules.trend, length=length, equal=equal), needs="order")


def most_rule(needed: int, window: int) -> Rule:
    """Return the rule of `needed` of `window` points on one side of the centre."""
    label = f"{needed} of {window} points on one side of the centre"
    return Rule(f"most_{needed}_of_{window}", label, partial(rules.window_side, needed=needed, window=window))


LONG_RUN = Rule("long_run", "a run on one side longer than chance allows", None)
FEW_CROSSINGS = Rule("few_crossings", "the centre is crossed less often than chance allows", None, directed=False)
FEW_RUNS = Rule("few_runs", "fewer runs than chance allows", None, directed=False)
MANY_RUNS = Rule("many_runs", "more runs than chance allows", None, directed=False)

_SETS = (
    RuleSet(
        "anhoej",
        "Anhøj",
        "Longest run and number of crossings, with limits that move with the number of points (Anhøj & Olesen 2014).",
        (LONG_RUN, FEW_CROSSINGS),
    ),
    RuleSet(
        "anhoej_best_box",
        "Anhøj, best box",
        "The same two rules with the limits that serve best for each number of points from 10 to 100 "
        "(Anhøj & Wentzel-Larsen 2020): small shifts are found more evenly.",
        (LONG_RUN, FEW_CROSSINGS),
        run_limits=best_box_limits,
    ),
    RuleSet(
        "ihi",
        "IHI run chart rules",
        "Shift of 6, trend of 5, too few or too many runs (Perla, Provost & Murray 2011). Marks often by chance.",
        (shift_rule(6), trend_rule(5), FEW_RUNS, MANY_RUNS),
    ),
    RuleSet(
        "provost_murray",
        "Provost and Murray",
        "Five rules for Shewhart charts from The Health Care Data Guide.",
        (BEYOND, shift_rule(8), trend_rule(6), TWO_OF_THREE, INNER_THIRD),
    ),
    RuleSet(
        "western_electric",
        "Western Electric",
        "The four zone rules of the Statistical Quality Control Handbook (1956).",
        (BEYOND, TWO_OF_THREE, FOUR_OF_FIVE, shift_rule(8, "break")),
    ),
    RuleSet(
        "nelson",
        "Nelson",
        "Eight tests for special causes (Nelson 1984).",
        (
            BEYOND,
            shift_rule(9, "break"),
            trend_rule(6, "break"),
            Rule(
                "alternating_14",
                "14 points that go up and down in turn",
                partial(rules.alternating, length=14),
                directed=False,
                needs="order",
            ),
            TWO_OF_THREE,
            FOUR_OF_FIVE,
            INNER_THIRD,
            Rule(
                "avoiding_centre",
                "8 points in a row away from the centre",
                partial(rules.avoiding, length=8),
                directed=False,
                needs="zones",
            ),
        ),
    ),
    RuleSet(
        "nhs",
        "NHS Making Data Count",
        "A point beyond the limits, 7 on one side, 7 rising or falling, 2 of 3 near a limit, all 3 on one side.",
        (
            BEYOND,
            shift_rule(7, "break"),
            trend_rule(7, "break"),
            Rule(
                "two_of_three_nhs",
                "2 of 3 points near a limit, all 3 on one side",
                partial(rules.window_beyond, needed=2, window=3, sigmas=2, all_one_side=True),
                needs="zones",
            ),
        ),
        both="improving",
        old_limits_answer=True,
    ),
    RuleSet(
        "eight_in_a_row",
        "Eight in a row",
        "One rule: 8 points in a row on one side of the centre. The fewest false signals of the simple sets.",
        (shift_rule(8),),
    ),
    RuleSet(
        "childrens",
        "Children's hospital networks",
        "A point beyond the limits, 8 in a row, 10 of 11, 12 of 14, 14 of 17, 16 of 20 on one side, and on p and u "
        "charts the aggregate point rule (Wheeler, Davis & Brilli 2018).",
        (
            BEYOND,
            shift_rule(8),
            most_rule(10, 11),
            most_rule(12, 14),
            most_rule(14, 17),
            most_rule(16, 20),
            Rule("aggregate", "a run whose points pooled together are beyond the limits", rules.aggregate),
        ),
    ),
)

RULE_SETS: Mapping[str, RuleSet] = MappingProxyType({rule_set.key: rule_set for rule_set in _SETS})


def evaluate(limits: Limits, rule_set: str, *, skip: Any = None) -> Signals:
    """Return which points which rules mark, on every series at once.

    Phases are judged apart: no run, trend or window reaches across the start of a phase. Missing periods neither break
    nor lengthen anything. On moving range, EWMA and cusum charts only points beyond the limits are judged.

    Args:
        limits: From a chart function.
        rule_set: A key of `RULE_SETS`.
        skip: Bool array that broadcasts to ``(..., T)``: points to leave unjudged, such as an incomplete last month.

    Raises:
        StatsError: ``AT-S-002`` when `skip` does not fit, ``AT-S-004`` when there is no such set.

    Example:
        >>> from allteach.stats.charts import i_chart
        >>> from allteach.stats.results import Plan
        >>> chart = i_chart([5.0, 6, 5, 7, 6, 5, 6, 30, 6, 5, 7, 5], plan=Plan(baseline=7))
        >>> evaluate(chart, "nhs").any.nonzero()[0]
        array([7])
    """
    if rule_set not in RULE_SETS:
        raise StatsError("AT-S-004", f"There is no rule set {rule_set!r}.", expected=f"One of {', '.join(RULE_SETS)}.")
    chosen = RULE_SETS[rule_set]
    value = limits.value
    periods, lead = value.shape[-1], value.shape[:-1]
    size = int(np.prod(lead, dtype=np.int64))
    there = np.isfinite(value).reshape(size, periods)
    if skip is not None:
        try:
            there = there & ~np.broadcast_to(np.asarray(skip, bool), value.shape).reshape(size, periods)
        except ValueError:
            raise StatsError("AT-S-002", "The points to skip do not fit the series.") from None
    count = len(chosen.rules)
    side = np.zeros((count, size, periods), np.int8)
    whole = np.zeros((count, size), bool)
    mostly = limits.runs_withheld[..., None] if limits.runs_withheld_at is None else limits.runs_withheld_at
    unfit = np.broadcast_to(mostly, value.shape).reshape(size, periods)
    runs: Runs | None = None
    for part in phase_slices(limits.phase):
        points = _points(limits, part, size, there[:, part])
        withheld = unfit[:, part.start] | (limits.kind in LIMITS_ONLY)
        runs, marks = _runs(points, chosen, withheld)
        for number, rule in enumerate(chosen.rules):
            if rule.find is None:
                codes, whole[number] = marks[rule.key]
            elif _applies(rule, limits.kind):
                codes = rule.find(points)
            else:
                continue
            side[number, :, part] = points.packing.unpack(codes)
            if rule.needs != "limits" and withheld.any():
                side[number, withheld, part] = 0
    assert runs is not None
    hits = side != 0
    for number, rule in enumerate(chosen.rules):
        if not rule.directed:
            side[number] = 0
    shape = (count, *lead)
    return Signals(
        rule_set=rule_set,
        rules=tuple(rule.key for rule in chosen.rules),
        hits=hits.reshape(*shape, periods),
        side=side.reshape(*shape, periods),
        runs=Runs(*(getattr(runs, name).reshape(lead) for name in Runs.__slots__)),
        whole=whole.reshape(shape),
    )


def phase_slices(phase: NDArray[np.int64]) -> list[slice]:
    """Return the stretch of periods of each phase, in order."""
    edges = np.flatnonzero(np.diff(phase)) + 1
    bounds = [0, *edges.tolist(), len(phase)]
    return [slice(a, b) for a, b in pairwise(bounds)]


def _applies(rule: Rule, kind: str) -> bool:
    if kind in LIMITS_ONLY:
        return rule.needs == "limits"
    return not (kind in NO_ZONES and rule.needs == "zones")


def _points(limits: Limits, part: slice, size: int, there: Bools) -> Points:
    packing = rules.Packing(there)

    def packed(array: Floats) -> Floats:
        flat = array.reshape(size, len(limits.phase)) if array.ndim != 2 else array
        return np.asarray(packing.pack(flat[:, part], np.nan))

    value, centre = packed(limits.value), packed(limits.centre)
    ratio = RATIO.get(limits.kind, "")
    extra: dict[str, Any] = {}
    if ratio and limits.numerator is not None and limits.denominator is not None:
        extra = {"numerator": packed(limits.numerator), "denominator": packed(limits.denominator), "ratio": ratio}
    return Points(value, packed(limits.z), rules.sides(value, centre), packing, centre, **extra)


def _runs(points: Points, chosen: RuleSet, withheld: Bools) -> tuple[Runs, dict[str, tuple[Any, Bools]]]:
    """Return the runs analysis, and what its rules mark: codes by point and True by series."""
    packing, side = points.off_line
    useful = packing.count
    change = np.zeros(side.shape, bool)
    np.not_equal(side[:, 1:], side[:, :-1], out=change[:, 1:])
    if not packing.whole:
        change &= packing.left
    crossings = np.count_nonzero(change, axis=-1)
    longest = longest_runs(change, useful)
    allowed, needed = chosen.run_limits(useful)
    runs = Runs(useful, longest, allowed, crossings, needed)
    enough = (useful >= LEAST_RUNS) & ~withheld
    marks: dict[str, tuple[Any, Bools]] = {}
    keys = {rule.key for rule in chosen.rules if rule.find is None}
    nowhere = np.zeros((), np.int8)
    if "long_run" in keys:
        long = enough & (longest > allowed)
        codes = np.zeros(side.shape, np.int8)
        for length in np.unique(allowed[long]).tolist():
            rows = np.flatnonzero(long & (allowed == length))
            for way in (1, -1):
                codes[rows] += way * rules.stretches(side[rows] == way, length + 1).view(np.int8)
        marks["long_run"] = (packing.unpack(codes), np.zeros(len(side), bool))
    if "few_crossings" in keys:
        marks["few_crossings"] = (np.broadcast_to(nowhere, side.shape), enough & (crossings < needed))
    if "few_runs" in keys:
        low, high = run_count_limits(useful)
        marks["few_runs"] = (np.broadcast_to(nowhere, side.shape), enough & (crossings + 1 < low))
        marks["many_runs"] = (np.broadcast_to(nowhere, side.shape), enough & (crossings + 1 > high))
    return runs, marks
