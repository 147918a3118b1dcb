"""One call from data to a chart over time with its statistics and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, Unpack

from allteach.charts import build, svg, table, words
from allteach.charts.about import About
from allteach.charts.spec import ChartSpec
from allteach.charts.study.columns import Columns, columns_of
from allteach.charts.study.gather import Gathered, gather
from allteach.charts.study.how import Choices, How, choices
from allteach.charts.study.save import save
from allteach.charts.study.wording import form_of, inside, measure_name, plain
from allteach.charts.voice import Step
from allteach.errors import ChartError
from allteach.stats.advice import Advice, recommend
from allteach.stats.charts import KINDS, compute
from allteach.stats.reading import Reading, read
from allteach.stats.results import Limits, Plan, Signals
from allteach.stats.series import Panel
from allteach.stats.signals import RULE_SETS, evaluate
from allteach.units import Direction, Period

NEEDED = 12
_ROW = 4


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart over time.

    Attributes:
        panel: The data, ``(T,)``.
        limits, signals, reading: What statistics made of them.
        advice: Why this kind of chart, where it was chosen by the software.
        spec: The chart, complete; every export draws this.
    """

    panel: Panel
    limits: Limits
    signals: Signals
    reading: Reading
    advice: Advice | None
    spec: ChartSpec

    @property
    def sentence(self) -> str:
        """The chart in words, to copy."""
        return table.sentence(self.spec)

    @property
    def why(self) -> tuple[str, ...]:
        """Why this kind of chart, one sentence each."""
        return words.advice(self.advice) if self.advice is not None else ()

    def save(self, path: str | Path, *, editable: bool = False) -> Path:
        """Write the chart and return the file: .svg, .png, .pdf, .pptx, .csv or .txt."""
        return save((self.spec,), path, editable=editable)[0]

    def to_dict(self) -> dict[str, Any]:
        """Return the chart for programs: plain types, values on the inside scale (proportions 0-1)."""
        return as_dict(self.spec, self.reading)

    def _repr_svg_(self) -> str:
        return svg.draw(self.spec)

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class Multiples:
    """One chart for each site, on one scale. Iterate over it, or ask for a site by name."""

    charts: tuple[Chart, ...]

    def __iter__(self) -> Iterator[Chart]:
        return iter(self.charts)

    def __len__(self) -> int:
        return len(self.charts)

    def __getitem__(self, site: str) -> Chart:
        for chart in self.charts:
            if chart.spec.subject == site:
                return chart
        raise KeyError(site)

    def save(self, path: str | Path, *, editable: bool = False) -> tuple[Path, ...]:
        """Write the charts: one document (.pdf, .pptx), or one file for each site."""
        return save([chart.spec for chart in self.charts], path, editable=editable)

    def _repr_html_(self) -> str:
        cells = [
            f'<td width="260">{escape(one.spec.title)}<br>{svg.draw(one.spec, "small")}</td>' for one in self.charts
        ]
        rows = (cells[at : at + _ROW] for at in range(0, len(cells), _ROW))
        return f"<table>{''.join(f'<tr>{chr(10).join(row)}</tr>' for row in rows)}</table>"


def chart(data: Any = None, **how: Unpack[How]) -> Chart:
    """Return a chart over time of all data together.

    Rows of several sites are pooled: numerators and denominators are added, values are averaged over cases. Columns
    that are not named are guessed.

    Args:
        data: An array of values, a data frame (pandas, polars, Arrow, or a dict of columns), the path of a file, or
            nothing when the arrays are given by name.
        how: See `How`.

    Raises:
        ChartError: ``AT-C-010`` to ``AT-C-019``.
        IntakeError: When a file cannot be read.
        StatsError: When the data do not suit the chart.

    Example:
        >>> import allteach
        >>> falls = allteach.chart(
        ...     numerator=[9, 8, 11, 7, 10, 9, 8, 12, 9, 10, 8, 11, 4, 3, 5, 2, 4, 3, 4, 3],
        ...     denominator=[100] * 20, kind="p", baseline=12, direction="lower", measure="Falls with harm")
        >>> falls.spec.title
        'Falls with harm 6 percentage points lower since 13, which is better'
    """
    wanted = choices(how)
    columns = columns_of(data, wanted)
    names = sorted(set(columns.site.tolist())) if columns.site is not None else []
    if len(names) > 1 and columns.day is None:
        raise ChartError(
            "AT-C-019",
            f"{len(names)} sites without dates have no common order.",
            do="Name the date, or draw each site.",
        )
    together = gather(replace(columns, site=None), grain=wanted.grain, log=wanted.log, kind=wanted.kind)
    pooled = len(names) > 1
    notice = (f"{len(names)} sites together.",) if pooled else ()
    return _draw(together, wanted, names[0] if len(names) == 1 else "", notice)[0]


def sites(data: Any = None, **how: Unpack[How]) -> Multiples:
    """Return one chart for each site, all of one kind and on one scale.

    Args:
        data: As for `chart`; the data need a column that names the site.
        how: See `How`.

    Raises:
        ChartError: ``AT-C-022`` when the data name no site, and as for `chart`.
    """
    wanted = choices(how)
    columns = columns_of(data, wanted)
    if columns.site is None:
        raise ChartError("AT-C-022", "The data name no site.", do="Name the column that does, with site.")
    together = gather(columns, grain=wanted.grain, log=wanted.log, kind=wanted.kind)
    drawn = _draw(together, wanted, None, ())
    return Multiples(tuple(replace(one, spec=spec) for one, spec in zip(drawn, _one_scale(drawn), strict=True)))


def _one_scale(drawn: tuple[Chart, ...]) -> tuple[ChartSpec, ...]:
    return build.on_one_scale([one.spec for one in drawn])


def _draw(together: Gathered, wanted: Choices, name: str | None, notices: tuple[str, ...]) -> tuple[Chart, ...]:
    panel = together.panel if name is None else together.panel.take(0)
    kind, advice = _kind(panel, together, wanted)
    plan = Plan(baseline=wanted.baseline, phase_starts=_phase_starts(together, wanted))
    limits = compute(kind, panel, plan)
    rules = wanted.rules or ("anhoej" if limits.centre_kind == "median" else "eight_in_a_row")
    signals = evaluate(limits, rules)
    form = form_of(together, kind, wanted)
    direction = Direction(wanted.direction)
    target = inside(wanted.target, form)
    reading = read(limits, signals, direction=direction, target=target, min_points=NEEDED)
    about = About(
        measure=measure_name(together.columns, wanted),
        periods=together.periods,
        format=form,
        direction=direction,
        target=target,
        counted=wanted.counted or counted_name(together.columns, together.nature),
        source=wanted.source or together.columns.title,
        remarks=wanted.remarks,
        notices=(*wanted.notices, *notices, *left_out(together.columns), *_warnings(advice)),
        needed=NEEDED,
    )
    places: list[tuple[str, tuple[int, ...]]] = (
        [(name, ())] if name is not None else [(site, (at,)) for at, site in enumerate(together.sites)]
    )
    return tuple(
        Chart(
            panel=panel.take(at) if at else panel,
            limits=one_of(limits, at),
            signals=signals_of(signals, at),
            reading=reading_of(reading, at),
            advice=advice,
            spec=build.control(replace(about, site=site), panel, limits, signals, reading, at=at),
        )
        for site, at in places
    )


def _warnings(advice: Advice | None) -> tuple[str, ...]:
    return tuple(words.reason(entry) for entry in advice.warnings) if advice is not None else ()


def _kind(panel: Panel, together: Gathered, wanted: Choices) -> tuple[str, Advice | None]:
    if wanted.kind != "auto":
        if wanted.kind not in KINDS:
            raise ChartError("AT-C-013", f"There is no chart {wanted.kind!r}.", expected=f"auto, {', '.join(KINDS)}.")
        return wanted.kind, None
    found = recommend(panel, nature=together.nature, log=wanted.log)
    if found.kind in ("g", "t") and together.nature != "gap_time":
        # Rare events want the time between them, which counts by period do not hold.
        return found.then or "run", replace(found, kind=found.then or "run")
    return found.kind, found


def _phase_starts(together: Gathered, wanted: Choices) -> tuple[int, ...]:
    if not wanted.phases:
        return ()
    if isinstance(together.periods[0], Step):
        starts = [int(str(phase)) - 1 for phase in wanted.phases if str(phase).isdigit()]
        if len(starts) != len(wanted.phases):
            raise ChartError("AT-C-013", "Points without dates have no days.", do="Give phases as numbers of points.")
    else:
        starts = [_first_after(together, day) for day in wanted.days]
    last = len(together.periods)
    if any(not 0 < start < last for start in starts):
        raise ChartError("AT-C-013", "A phase begins outside the data.", do="Choose a day after the first period.")
    return tuple(sorted(starts))


def _first_after(together: Gathered, day: date) -> int:
    """Return the position of the period that holds the day or follows it, -1 where there is none."""
    ends = ((at, period.end) for at, period in enumerate(together.periods) if isinstance(period, Period))
    return next((at for at, end in ends if end >= day), -1)


def counted_name(columns: Columns, nature: str) -> str:
    """Return what denominators count, from the column's name."""
    if nature in ("mean", "value"):
        return "values" if nature == "mean" else ""
    return plain(columns.names.get("denominator", "")).lower()


def left_out(columns: Columns) -> tuple[str, ...]:
    """Return the notice about rows that could not be used."""
    if not columns.left_out:
        return ()
    one = "1 row of the file could not be used and is left out."
    return (
        one if columns.left_out == 1 else f"{columns.left_out:,} rows of the file could not be used and are left out.",
    )


def one_of(limits: Limits, at: tuple[int, ...]) -> Limits:
    """Return the limits of one series."""
    if not at:
        return limits
    lead = limits.value.shape[:-1]
    fields: dict[str, Any] = {
        name: getattr(limits, name)[at] for name in ("value", "centre", "lower", "upper", "z", "used")
    }
    optional: dict[str, Any] = {
        name: None if getattr(limits, name) is None else getattr(limits, name)[at]
        for name in ("numerator", "denominator", "second", "runs_withheld_at")
    }
    flags: dict[str, Any] = {
        name: flag[at] if flag.shape == lead else flag
        for name, flag in (("trial", limits.trial), ("runs_withheld", limits.runs_withheld))
    }
    problems: dict[tuple[int, ...], Any] = {(): limits.problems[at]} if at in limits.problems else {}
    return replace(limits, **fields, **optional, **flags, problems=problems)


def signals_of(signals: Signals, at: tuple[int, ...]) -> Signals:
    """Return the signals of one series."""
    if not at:
        return signals
    place: Any = (slice(None), *at)
    runs = replace(signals.runs, **{name: getattr(signals.runs, name)[at] for name in type(signals.runs).__slots__})
    return replace(signals, hits=signals.hits[place], side=signals.side[place], whole=signals.whole[place], runs=runs)


def reading_of(reading: Reading, at: tuple[int, ...]) -> Reading:
    """Return the reading of one series."""
    if not at:
        return reading
    return replace(reading, **{name: getattr(reading, name)[at] for name in Reading.__slots__})


def as_dict(spec: ChartSpec, reading: Reading | None = None) -> dict[str, Any]:
    """Return a chart for programs; the shape is described in the reference and does not change within a version."""
    said: dict[str, Any] = {"schema": "allteach.chart/1", "form": spec.form, "kind": spec.kind}
    said |= {"title": spec.title, "subtitle": spec.subtitle, "site": spec.subject, "measure": spec.measure}
    said |= {"unit": str(spec.format.unit), "per": spec.format.per, "sentences": list(spec.sentences)}
    said |= {"notices": list(spec.notices), "source": spec.source, "target": spec.target.value if spec.target else None}
    if reading is not None:
        since = int(reading.since)
        said["reading"] = {
            "variation": str(reading.variation),
            "side": int(reading.side),
            "since": spec.points[since].label if since >= 0 else None,
            "rule": str(reading.rule) or None,
            "assurance": str(reading.assurance),
            "words": [spec.variation, spec.assurance],
            "action": spec.action,
        }
    said["points"] = [
        {
            "label": point.label,
            "value": point.value,
            "numerator": point.numerator,
            "denominator": point.denominator,
            "centre": point.centre,
            "lower": point.lower,
            "upper": point.upper,
            "phase": point.phase + 1,
            "mark": str(point.shape),
            "side": point.side,
            "rules": list(point.rules),
            "note": point.note,
        }
        for point in spec.points
    ]
    return said


__all__ = ["RULE_SETS", "Chart", "Multiples", "as_dict", "chart", "sites"]
