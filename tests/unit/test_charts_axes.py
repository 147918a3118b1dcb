"""Axes say what they do, and labels do not meet."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allteach.charts.axes import time_axis, value_axis
from allteach.charts.lettering import FONT_FILES, covered, width, wrap
from allteach.charts.svg.frame import Frame, fitting, spread
from allteach.charts.voice import Step
from allteach.units import Grain, Period, Unit, ValueFormat, periods_between

PERCENT = ValueFormat(Unit.PERCENT)
NUMBER = ValueFormat()


def test_proportions_show_0_to_100() -> None:
    axis = value_axis([0.55, 0.9], PERCENT)
    assert (axis.low, axis.high, axis.note) == (0.0, 1.0, "")


def test_small_proportions_start_at_0_and_say_where_they_end() -> None:
    axis = value_axis([0.01, 0.031], PERCENT)
    assert axis.low == 0.0
    assert axis.note == f"The axis ends at {PERCENT.text(axis.high)}, not at 100 %."


def test_a_cut_axis_is_said() -> None:
    axis = value_axis([0.82, 0.95], PERCENT, cut=True)
    assert axis.low > 0
    assert axis.note.startswith("The axis is cut")
    assert value_axis([60.0, 72.0], NUMBER).note.startswith("The axis is cut")
    assert value_axis([3.0, 72.0], NUMBER).note == ""


def test_log_axis_is_said_and_even_where_short() -> None:
    axis = value_axis([52.0, 84.0], ValueFormat(Unit.HOURS), log=True)
    assert axis.log
    assert [tick.text for tick in axis.ticks] == ["50", "60", "70", "80"]
    assert "equal ratios" in axis.note


numbers = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=30)


@given(numbers, st.booleans())
def test_every_value_is_on_the_axis(values: list[float], cut: bool) -> None:
    axis = value_axis(values, NUMBER, cut=cut)
    slack = 1e-9 * max(1.0, *(abs(value) for value in values))
    assert axis.low - slack <= min(values)
    assert axis.high + slack >= max(values)
    assert 2 <= len(axis.ticks) <= 12
    assert (axis.low > 0) == bool(axis.note)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.booleans())
def test_proportions_never_leave_0_to_100(values: list[float], cut: bool) -> None:
    axis = value_axis(values, PERCENT, cut=cut)
    assert 0 <= axis.low <= min(values) + 1e-9
    assert max(values) - 1e-9 <= axis.high <= 1
    assert bool(axis.note) == ((axis.low, axis.high) != (0.0, 1.0))


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20))
def test_log_axis_holds_its_values(values: list[float]) -> None:
    axis = value_axis(values, NUMBER, log=True)
    assert 0 < axis.low <= min(values) <= max(values) <= axis.high
    assert len({tick.text for tick in axis.ticks}) >= 2


def test_intervals_need_no_zero() -> None:
    assert value_axis([50.0, 105.0], NUMBER).low == 0
    axis = value_axis([50.0, 105.0], NUMBER, zero=False)
    assert axis.low > 0
    assert axis.note


def test_log_axis_has_enough_ticks() -> None:
    for low, high in ((28.0, 125.0), (0.3, 900.0), (1.0, 1e5), (5.0, 60.0)):
        assert 4 <= len(value_axis([low, high], NUMBER, log=True).ticks) <= 8


@given(st.integers(1, 200), st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER]), st.integers(200, 900))
def test_date_labels_never_meet(count: int, grain: Grain, wide: int) -> None:
    first = Period.of(date(2021, 3, 9), grain)
    axis = time_axis(periods_between(first, first.next(count - 1)))
    frame = Frame(40, 10, wide - 60, 200, axis, value_axis([0, 1], NUMBER), inset=8)
    spans = []
    for tick, x, anchor in fitting(axis.ticks, frame, 13):
        wide_text = width(tick.text, 13)
        start = {"start": x, "middle": x - wide_text / 2, "end": x - wide_text}[anchor]
        spans.append((start, start + wide_text))
    assert spans
    assert all(a[1] < b[0] for a, b in pairwise(spans))


def test_steps_without_dates() -> None:
    axis = time_axis(tuple(Step(number) for number in range(1, 25)))
    assert [tick.text for tick in axis.ticks if tick.rank <= 1] == ["1", "5", "10", "15", "20", "24"]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_margin_labels_are_spread(heights: list[float]) -> None:
    moved = spread(heights, 15, 0, 200)
    ordered = sorted(moved)
    assert all(b - a >= 15 - 1e-6 for a, b in pairwise(ordered))
    assert min(moved) >= -1e-6
    assert max(moved) <= 200 + 1e-6


def test_wrapping_keeps_units_with_their_number() -> None:
    assert wrap("Aim 58 h by June", 10, 30)[0] == "Aim 58 h"


def test_font_is_shipped_with_its_licence() -> None:
    assert all(path.exists() and path.stat().st_size < 200_000 for path in FONT_FILES)
    assert "SIL OPEN FONT LICENSE" in (FONT_FILES[0].parent / "OFL.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "inside"), [("Åse Øvergård, 58 %", True), ("Ώρα", True), ("心臓", False), ("قلب", False)]
)
def test_letters_of_the_font_are_known(text: str, inside: bool) -> None:
    assert covered(text) is inside
