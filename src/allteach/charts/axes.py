"""Axes: where they start and end, and what is written on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from allteach.charts.spec import Axis, Tick
from allteach.charts.voice import ENGLISH, Step, Voice, gettext_noop
from allteach.units import Period, Unit, ValueFormat

_FULL_FROM = 0.4  # proportions above this are shown on 0-100 %
_ZERO_FROM = 0.5  # an axis starts at 0 when the lowest value is below this share of the highest

_LOG_STEPS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7))  # from few to many ticks in each power of ten
_LOG_TICKS = 4
_LINEAR_BELOW = 4.0  # log axes that span less than this ratio read best with even steps

CUT = gettext_noop("The axis is cut: it runs from {low} to {high}.")
SHORT = gettext_noop("The axis ends at {high}, not at 100 %.")
LOG = gettext_noop("Log scale: equal steps are equal ratios.")


def value_axis(
    values: Iterable[float | None],
    form: ValueFormat,
    *,
    log: bool = False,
    cut: bool = False,
    zero: bool = True,
    limits: Iterable[float | None] = (),
    voice: Voice = ENGLISH,
) -> Axis:
    """Return an axis that holds the values, by the policy of the house.

    Proportions run from 0 to 100 %, or start at 0 and say where they end when all of them are small, or are cut and say
    so. Others start at 0 when that costs little room, else say that they do not.

    Args:
        values: What must be seen: points, centre, aim. None and NaN are passed over.
        form: How values are written.
        log: True for a scale of ratios (positive values only).
        cut: True lets proportions leave 0-100 %.
        zero: False keeps values that are not proportions from starting at 0, for intervals that are compared by place.
        limits: Limits to show; the widest tenth of them may run off the axis so that points keep their room.
        voice: Language of the note.
    """
    seen = _finite(values)
    edges = sorted(_finite(limits))
    inner = edges[len(edges) // 10 : len(edges) - len(edges) // 10] if len(edges) > 20 else edges
    seen += inner
    if not seen:
        seen = [0.0, 1.0 / form.multiplier]
    if log and min(seen) > 0:
        return _log_axis(min(seen), max(seen), form, voice)
    low, high = _ends(min(seen), max(seen), form, cut, zero)
    step = _step((high - low) * form.multiplier / 4.5) / form.multiplier
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    if form.unit is Unit.PERCENT:
        low, high = max(low, 0.0), min(high, 1.0)
    at = [round(low + index * step, 12) for index in range(round((high - low) / step) + 1)]
    ticks = tuple(Tick(value, _tick_text(value, step, form), index % 2) for index, value in enumerate(at))
    return Axis(low, high, ticks, _title(form), note=_note(low, high, form, voice))


def _title(form: ValueFormat) -> str:
    """Return the unit; per cent is written at every tick already."""
    return "" if form.unit is Unit.PERCENT else form.axis


def _note(low: float, high: float, form: ValueFormat, voice: Voice) -> str:
    if low > 0:
        return voice.gettext(CUT).format(low=form.text(low), high=form.text(high))
    return voice.gettext(SHORT).format(high=form.text(high)) if form.unit is Unit.PERCENT and high < 1 else ""


def _finite(values: Iterable[float | None]) -> list[float]:
    return [float(value) for value in values if value is not None and math.isfinite(value)]


def _ends(low: float, high: float, form: ValueFormat, cut: bool, zero: bool) -> tuple[float, float]:
    if form.unit is Unit.PERCENT:
        if cut:
            pad = max((high - low) * 0.08, 0.005)
            return max(low - pad, 0.0), min(high + pad, 1.0)
        return (0.0, max(high * 1.08, 0.01)) if high < _FULL_FROM else (0.0, 1.0)
    if high == low:
        spread = abs(high) * 0.2 or 1.0 / form.multiplier
        low, high = (0.0, high + spread) if low == 0 else (low - spread, high + spread)
    pad = (high - low) * 0.06
    if 0 <= low < (_ZERO_FROM if zero else 0.2) * high:
        return 0.0, high + pad
    if low < 0:
        return low - pad, max(high + pad, 0.0)
    return max(low - pad, 0.0), high + pad


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next((nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough * 0.999), 10 * power)


def _tick_text(value: float, step: float, form: ValueFormat) -> str:
    shown = step * form.multiplier
    digits = 0
    while digits < 6 and abs(round(shown, digits) - shown) > 1e-9 * max(1.0, abs(shown)):
        digits += 1
    number = f"{value * form.multiplier:,.{digits}f}"
    return f"{number} %" if form.unit is Unit.PERCENT else number


def _log_axis(low: float, high: float, form: ValueFormat, voice: Voice) -> Axis:
    low, high = low / 1.06, high * 1.06
    shown_low, shown_high = low * form.multiplier, high * form.multiplier
    if shown_high / shown_low < _LINEAR_BELOW:
        step = _step((shown_high - shown_low) / 5)
        first = math.ceil(shown_low / step)
        inside = [index * step for index in range(first, math.floor(shown_high / step) + 1)]
    else:
        choices = [_log_ticks(shown_low, shown_high, nice) for nice in _LOG_STEPS]
        inside = next((ticks for ticks in choices if len(ticks) >= _LOG_TICKS), choices[-1])
    if len(inside) < 2:
        inside = [shown_low, shown_high]
    ticks = tuple(
        Tick(value / form.multiplier, f"{value:,.{_digits(value)}f}", index % 2) for index, value in enumerate(inside)
    )
    return Axis(low, high, ticks, _title(form), log=True, note=voice.gettext(LOG))


def _log_ticks(low: float, high: float, nice: tuple[float, ...]) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [value for power in powers for digit in nice if low <= (value := digit * 10.0**power) <= high]


def _digits(value: float) -> int:
    """Return how many decimals show a tick exactly, up to four."""
    return next((digits for digits in range(5) if abs(round(value, digits) - value) < 1e-9 * max(1.0, value)), 1)


def size_axis(largest: float, title: str) -> Axis:
    """Return the axis of site sizes, from 0 to a little above the largest."""
    largest = max(largest, 1.0)
    step = _step(largest / 4.5)
    ticks = tuple(
        Tick(index * step, f"{index * step:,.0f}" if step >= 1 else f"{index * step:g}", 0 if index % 2 == 0 else 1)
        for index in range(int(largest * 1.05 // step) + 1)
    )
    return Axis(0.0, largest * 1.05, ticks, title)


def time_axis(periods: Sequence[Period | Step], voice: Voice = ENGLISH) -> Axis:
    """Return the axis of periods, positions 0 to T-1; the ends, then the first period of each year, rank highest."""
    last = len(periods) - 1
    if periods and isinstance(periods[0], Step):
        return _step_axis(periods, voice)
    ticks = tuple(
        Tick(float(at), voice.period(period), 0 if at in (0, last) else _rank(periods[at - 1], period))
        for at, period in enumerate(periods)
    )
    return Axis(0.0, float(max(last, 0)), ticks)


def _step_axis(steps: Sequence[Period | Step], voice: Voice) -> Axis:
    """Return the axis of points without dates: round numbers, about six of them."""
    last = len(steps) - 1
    apart = max(5, round(_step(len(steps) / 6)))
    kept = [at for at in range(last + 1) if at in (0, last) or (at + 1) % apart == 0]
    ticks = tuple(Tick(float(at), voice.period(steps[at]), 0 if at in (0, last) else 1) for at in kept)
    return Axis(0.0, float(max(last, 0)), ticks)


def _rank(before: Period | Step, period: Period | Step) -> int:
    if isinstance(period, Step) or isinstance(before, Step):
        return 5
    then, now = before.start, period.start
    if now.year != then.year:
        return 1
    if (now.month - 1) // 6 != (then.month - 1) // 6:
        return 2
    if (now.month - 1) // 3 != (then.month - 1) // 3:
        return 3
    return 4 if now.month != then.month else 5
