"""Words: plain, calm, translatable, and the same story in title, tag and text."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import allteach.charts
from allteach.charts import build, words
from allteach.charts.about import About
from allteach.charts.single import Single
from allteach.charts.voice import Voice
from allteach.charts.words.advice import _REASONS
from allteach.charts.words.plain import Plainly, plain
from allteach.charts.words.standing import _ACTION
from allteach.stats import advice as helper
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.stats.signals import RULE_SETS
from allteach.units import Direction, Grain, Period, Unit, ValueFormat
from tests import chart_cases as cases
from tests.reading_age import reading_age

RULES = sorted({rule.key for rule_set in RULE_SETS.values() for rule in rule_set.rules})
WHOLE = ("few_crossings", "few_runs", "many_runs")
BANNED = re.compile(
    r"significan|!|\bfail|\bblame|\bbad perform|\bworst|\bbest\b|\bleague|\brank(?!ed)|\bred\b|\bamber\b", re.I
)
OLDEST = 12.0


def line_with(rule: str, side: int, rule_set: str, direction: Direction) -> tuple[Single, About]:
    """A chart of 36 months of which the last 9 are marked by one rule."""
    marks: list[int | None] = [None] * 27 + [side] * 9
    whole = (rule,) if rule in WHOLE else ()
    about = cases.about(measure="Falls with harm", format=ValueFormat(Unit.PERCENT), direction=direction, target=None)
    good = (
        0 if direction is Direction.NEITHER or not side else 1 if (side > 0) == (direction is Direction.HIGHER) else -1
    )
    line = Single(
        kind="p", log=False, value=[0.2] * 27 + [0.2 + 0.1 * (side or 1)] * 9, centre=[0.2] * 36, lower=[0.1] * 36,
        upper=[0.28] * 36, numerator=[20.0] * 36, denominator=[100.0] * 36, total=[None] * 36, used=[True] * 36,
        phase=[0] * 36, centre_kind="mean", rule_set=rule_set, hits={} if whole else {rule: marks}, whole=whole,
        variation={0: "changed", 1: "improving", -1: "concerning"}[good], side=side, rule=rule,
        since=0 if whole else 27,
        assurance="no_target", trial=False, problem=None, phase_points=36,
        runs={"useful": 36, "longest": 9, "longest_allowed": 8, "crossings": 7, "crossings_needed": 12},
    )  # fmt: skip
    return line, about


def set_of(rule: str) -> str:
    return next(key for key, found in RULE_SETS.items() if rule in {entry.key for entry in found.rules})


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("direction", Direction)
def test_every_signal_is_one_plain_text(rule: str, direction: Direction) -> None:
    directed = next(entry.directed for entry in RULE_SETS[set_of(rule)].rules if entry.key == rule)
    for side in (1, -1) if directed else (0,):
        line, about = line_with(rule, side, set_of(rule), direction)
        (episode,) = words.episodes(line)
        text = words.signal(episode, about, line)
        assert reading_age(text) <= OLDEST, text
        assert not BANNED.search(text), text
        assert "{" not in text
        assert RULE_SETS[set_of(rule)].name in text  # by which rule
        assert re.search(r"in 100 steady charts", text)  # how often by chance
        assert "Ask " in text  # what to ask next
        assert re.search(r"20\d\d|cross|sides", text)  # since when, or the chart as a whole
        good = {Direction.NEITHER: "for you to say"}.get(direction, "direction" if side else "for you to say")
        assert good in text
        title = words.title(about, line)
        assert reading_age(title) <= OLDEST + 3, title  # a head line has no full stop to end a thought
        assert not BANNED.search(title)


def test_every_rule_has_a_name_in_words() -> None:
    assert [rule for rule in RULES if words.rule_name(rule) == rule.replace("_", " ")] == []


@pytest.mark.parametrize(("state", "aim"), sorted(_ACTION))
def test_every_cell_says_what_to_do(state: str, aim: str) -> None:
    text = words.action(state, aim)
    assert reading_age(text) <= OLDEST
    assert not BANNED.search(text)


def test_the_table_of_actions_is_complete() -> None:
    states, aims = ("improving", "concerning", "changed", "common"), ("meets", "varies", "misses", "no_target")
    assert set(_ACTION) == set(product(states, aims))
    for state in ("too_few", "none"):
        assert "Too few points" in words.action(state, "meets")
    assert "The chart says why" in words.action("unjudged", "meets")
    assert words.action("common", "too_few") == words.action("common", "no_target")


@pytest.mark.parametrize(
    ("state", "side", "expected"),
    [
        ("improving", 1, "Improving since Feb 2023"),
        ("concerning", 1, "Getting worse since Feb 2023"),
        ("changed", 1, "Higher since Feb 2023"),
        ("changed", -1, "Lower since Feb 2023"),
        ("changed", 0, "Changed since Feb 2023"),
        ("common", 0, "No change"),
        ("too_few", 0, "Cannot tell yet: 7 of 12 months"),
        ("unjudged", 0, "Cannot be judged"),
        ("none", 0, "No data yet"),
    ],
)
def test_variation_in_words(state: str, side: int, expected: str) -> None:
    assert words.variation(state, side=side, since=cases.MONTHS[1], points=7) == expected


def test_cannot_tell_counts_the_right_things() -> None:
    assert words.variation("too_few", points=5, needed=12, grain=Grain.WEEK) == "Cannot tell yet: 5 of 12 weeks"
    assert words.variation("too_few", points=5, needed=12, grain=None) == "Cannot tell yet: 5 of 12 points"
    assert words.variation("too_few", points=0) == "No data yet"


def test_assurance_in_words() -> None:
    said = [words.assurance(state) for state in ("meets", "varies", "misses", "no_target", "too_few")]
    assert said == ["Meets the aim", "Hit and miss", "Does not meet the aim", "No aim set", "Cannot tell yet"]


def test_few_points_give_no_verdict() -> None:
    facts = cases.about(periods=cases.MONTHS[:7], target=None)
    spec = cases.draw(facts, Panel(numerator=[5.0, 6, 5, 90, 6, 5, 7]), "i")
    assert spec.title == "Site 7: chest tube duration, too early to tell with 7 of 12 months"
    assert spec.variation == "Cannot tell yet: 7 of 12 months"
    assert spec.sentences == ("With 7 of 12 months nobody can tell yet if this is a change or chance.",)
    assert "Trial limits: 7 of 12 months." in spec.notices


def test_no_data_and_no_limits_are_said() -> None:
    facts = cases.about(target=None)
    empty = cases.draw(facts, Panel(numerator=[np.nan] * 36), "i")
    assert empty.title == "Site 7: chest tube duration, no data yet"
    assert empty.sentences == ("There are no data yet.",)
    level = cases.draw(facts, Panel(numerator=[3.0] * 36), "i")
    assert level.title.startswith("Site 7: chest tube duration")
    assert not any("signal" in said for said in level.sentences)


def test_a_new_phase_is_told_before_anything_else() -> None:
    spec = cases.rephased()
    assert spec.title == "Site 7: chest tube duration 12 hours lower since Jul 2024, now steady"
    assert spec.sentences[0] == "From Jul 2024 on the centre line is 60 h; before it was 72 h."


def test_an_incomplete_month_is_never_judged() -> None:
    values = [10.0, 11, 9, 10, 12, 11, 10, 9, 11, 10, 12, 95]
    facts = cases.about(periods=cases.MONTHS[:12], target=None)
    whole = cases.draw(facts, Panel(numerator=values), "i", "nhs")
    assert whole.points[-1].rules
    late = cases.draw(
        cases.about(periods=cases.MONTHS[:12], target=None, marks=(words_mark(11),)),
        Panel(numerator=values),
        "i",
        "nhs",
    )
    assert late.points[-1].rules == ()
    assert late.points[-1].shape == "incomplete"


def words_mark(at: int):
    from allteach.charts.about import Mark

    return Mark(at, "incomplete", "one file is late", "Site office")


def test_own_words_of_a_measure() -> None:
    assert cases.shifted().title == "Site 7: tubes come out 12 hours sooner since Jul 2024, which is better"


def test_rules_that_see_one_run_are_told_once() -> None:
    spec = cases.draw(cases.about(target=None), cases.hours(), "xbar", "childrens", Plan(baseline=17))
    assert sum("Jul 2024" in said for said in spec.sentences) == 1
    assert "more rules" in spec.sentences[0]


def test_past_signals_are_told_as_past() -> None:
    values = [10.0, 12, 11, 9, 10, 11] * 2 + [40.0] + [10.0, 12, 11, 9, 10, 11] * 3 + [10.0] * 5
    spec = cases.draw(cases.about(target=None), Panel(numerator=values), "i", "nhs")
    said = next(said for said in spec.sentences if "40" in said)
    assert said.endswith("It did not last: ask what was different then.")


def test_everything_can_be_translated() -> None:
    """With a language that marks every text, nothing that people read stays unmarked."""
    voice = Voice(lambda text: f"«{text}»", lambda one, many, count: f"«{one if count == 1 else many}»", tag="qps")
    spec = cases.draw(cases.about(voice=voice), cases.hours(), "xbar", plan=Plan(baseline=17))
    assert spec.language == "qps"
    for said in (spec.variation, spec.assurance, spec.action, *spec.sentences, *spec.notices):
        assert said.startswith("«"), said
    assert all("«" in column for column in spec.columns if column != f"{spec.measure} (hours)")
    assert "«" in spec.title
    assert "«" in spec.alt


def marked_for_translation() -> set[str]:
    """Every text that extraction tools find: a literal in a call of gettext, ngettext or gettext_noop."""
    found = set()
    for path in Path(allteach.charts.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called in ("gettext", "ngettext", "gettext_noop"):
                    found |= {part.value for part in node.args if isinstance(part, ast.Constant)}
    return found


def test_every_text_asked_for_can_be_found_by_extraction() -> None:
    asked: set[str] = set()

    def gettext(text: str) -> str:
        asked.add(text)
        return text

    def ngettext(one: str, many: str, count: int) -> str:
        asked.update((one, many))
        return one if count == 1 else many

    voice = Voice(gettext, ngettext)
    for rule in RULES:
        line, about = line_with(rule, 1, set_of(rule), Direction.LOWER)
        about = replace(about, voice=voice)
        words.signal(words.episodes(line)[0], about, line)
        words.title(about, line)
    for state, aim in _ACTION:
        words.action(state, aim, voice)
        words.assurance(aim, voice)
        words.variation(state, since=cases.MONTHS[0], side=1, voice=voice)
    for grain in (*Grain, None):
        words.variation("too_few", points=1, grain=grain, voice=voice)
    facts = cases.about(voice=voice, stale=True, marks=(words_mark(35),))
    cases.draw(facts, cases.hours(), "xbar", plan=Plan(phase_starts=(18,)))
    build.funnel(cases.sites(voice=voice), cases.compared())
    build.caterpillar(cases.sites(voice=voice), [None] * 17, centre=0.1)
    names = {found.name for found in RULE_SETS.values()}
    assert asked - marked_for_translation() - names == set()
    assert len(asked) > 120


def test_reasons_of_the_chart_helper_are_all_in_words() -> None:
    keys = set(re.findall(r"``(\w+)``", helper.Reason.__doc__ or "")) - {"proportion"} | {"proportion"}
    assert keys <= set(_REASONS)
    assert all(reading_age(text) <= OLDEST for text in _REASONS.values())


def test_no_banned_word_in_any_text_of_the_package() -> None:
    folder = Path(allteach.charts.__file__).parent
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            calls = isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name))
            if not calls or getattr(node.func, "attr", getattr(node.func, "id", "")) not in (
                "gettext",
                "ngettext",
                "N_",
            ):
                continue
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    assert not BANNED.search(argument.value), (path.name, argument.value)


def test_plain_words_read_easily_and_say_the_aim() -> None:
    hours = ValueFormat(Unit.HOURS)
    since = Period(date(2024, 1, 1), Grain.MONTH)
    texts = [
        plain(
            Plainly(hours, state, side=-1, since=since, before=85.2, after=72.5, now=66.6, target=67.0, assurance=aim)
        )
        for state in ("improving", "concerning", "changed", "common", "too_few", "none")
        for aim in ("meets", "varies", "misses", "too_few")
    ]
    assert texts[2] == (
        "It has got better since Jan 2024: 72 hours instead of 85 hours. The aim is 67 hours. We are not there yet."
    )
    assert all(reading_age(text) <= OLDEST for text in texts), max(texts, key=reading_age)


@pytest.mark.parametrize("state", ["improving", "concerning", "changed", "common"])
def test_plain_words_hold_no_number_that_is_withheld(state: str) -> None:
    text = plain(Plainly(ValueFormat(Unit.PERCENT), state, side=1, since=None))
    assert not any(char.isdigit() for char in text), text
