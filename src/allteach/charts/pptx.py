"""Slides: the finding as title, the chart as picture or as a native chart to edit, words, flags and source."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from allteach.charts import png
from allteach.charts.lettering import wrap
from allteach.charts.palette import INK, LIMIT, LINE, STATE, TARGET, TEXT
from allteach.charts.spec import ChartSpec, Shape
from allteach.charts.table import sentence
from allteach.errors import ChartError

_MARKS = {
    Shape.COMMON: "CIRCLE",
    Shape.IMPROVING: "TRIANGLE",
    Shape.CONCERNING: "DIAMOND",
    Shape.CHANGED: "SQUARE",
    Shape.EXCLUDED: "X",
    Shape.INCOMPLETE: "CIRCLE",
}
_WIDE, _HIGH, _EDGE = 13.333, 7.5, 0.6
_PLOT = 8.6
_LEGIBLE = 9.0


def draw(specs: ChartSpec | Sequence[ChartSpec], *, editable: bool = False) -> bytes:
    """Return one slide for each chart.

    Args:
        specs: One chart or several.
        editable: True makes native charts with their numbers inside; False a picture as on the page.

    Raises:
        ChartError: ``AT-C-004`` without any chart.
    """
    from pptx import Presentation
    from pptx.util import Inches

    charts = (specs,) if isinstance(specs, ChartSpec) else tuple(specs)
    if not charts:
        raise ChartError("AT-C-004", "There is no chart to put into the document.")
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(_WIDE), Inches(_HIGH)
    deck.core_properties.title = charts[0].title
    deck.core_properties.author = deck.core_properties.last_modified_by = "allteach"
    for spec in charts:
        _slide(deck, spec, editable)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _slide(deck: Any, spec: ChartSpec, editable: bool) -> None:
    from pptx.util import Inches

    slide = deck.slides.add_slide(deck.slide_layouts[5])
    title = slide.shapes.title
    title.left, title.top = Inches(_EDGE), Inches(0.35)
    title.width, title.height = Inches(_WIDE - 2 * _EDGE), Inches(1.0)
    _write(title.text_frame, [spec.title], 28, INK, bold=True)
    _box(slide, spec.subtitle and [spec.subtitle], (_EDGE, 1.3, _WIDE - 2 * _EDGE, 0.6), 14, TEXT)
    _plot(slide, spec, editable)
    flags = [f"{flag.number}  {flag.label}: {flag.text}" for flag in spec.flags]
    _box(slide, [*spec.sentences, *flags], (_EDGE + _PLOT + 0.3, 1.95, _WIDE - _PLOT - 2 * _EDGE - 0.3, 4.4), 13, INK)
    _box(slide, [" ".join(spec.notices), spec.source], (_EDGE, 6.55, _WIDE - 2 * _EDGE, 0.7), 11, TEXT)
    slide.notes_slide.notes_text_frame.text = sentence(spec)


def _box(slide: Any, lines: Sequence[str], place: tuple[float, float, float, float], size: float, colour: str) -> None:
    from pptx.util import Inches

    said = [line for line in lines if line]
    if not said:
        return
    box = slide.shapes.add_textbox(*(Inches(part) for part in place))
    _write(box.text_frame, said, _fitting(said, size, place[2] * 72, place[3] * 72), colour)


def _fitting(lines: Sequence[str], size: float, wide: float, high: float) -> float:
    """Return the largest size, no larger than asked, at which the lines fit the box; never smaller than legible."""
    while size > _LEGIBLE:
        needed = sum(len(wrap(line, size, wide)) * 1.2 * size + 0.5 * size for line in lines)
        if needed <= high:
            break
        size -= 0.5
    return size


def _write(frame: Any, lines: Sequence[str], size: float, colour: str, *, bold: bool = False) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = 0
    for at, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.space_after = Pt(size * 0.5)
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = _colour(colour)


def _colour(code: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(code.removeprefix("#").upper())


def _plot(slide: Any, spec: ChartSpec, editable: bool) -> None:
    from pptx.util import Inches

    left, top, wide = Inches(_EDGE), Inches(1.95), Inches(_PLOT)
    if editable:
        kind, data = _scatter(spec) if spec.form == "funnel" else _lines(spec)
        frame = slide.shapes.add_chart(kind, left, top, wide, Inches(4.5), data)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", spec.alt)
        _dress(frame.chart, spec)
        return
    picture = slide.shapes.add_picture(io.BytesIO(png.draw(spec, "page")), left, top, width=wide)
    picture._element.nvPicPr.cNvPr.set("descr", spec.alt)
    if picture.height > Inches(4.5):
        picture.width, picture.height = int(picture.width * Inches(4.5) / picture.height), Inches(4.5)


def _lines(spec: ChartSpec) -> tuple[Any, Any]:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    data = CategoryChartData(number_format=_number_format(spec))
    data.categories = [point.label for point in spec.points]
    for number, span in enumerate(_spans(spec), start=1):
        name = f"{spec.measure} {number}" if spec.breaks else spec.measure
        data.add_series(name, [_shown(spec, p.value) if at in span else None for at, p in enumerate(spec.points)])
    phases = sorted({point.phase for point in spec.points})
    centre, lower, upper = spec.columns[4:7] if len(spec.columns) > 6 else ("Centre", "Lower limit", "Upper limit")
    for phase in phases:
        # A series for each phase, so that lines break where a phase ends.
        suffix = f" {phase + 1}" if len(phases) > 1 else ""
        for name, part in ((centre, "centre"), (lower, "lower"), (upper, "upper")):
            values = [_shown(spec, getattr(point, part)) if point.phase == phase else None for point in spec.points]
            if any(value is not None for value in values):
                data.add_series(f"{name}{suffix}", values)
    for ghost in spec.ghosts:
        data.add_series(ghost.name, [_shown(spec, value) for value in ghost.values])
    if spec.target is not None:
        data.add_series(spec.target.label, [_shown(spec, spec.target.value)] * len(spec.points))
    if spec.peers is not None:
        data.add_series(spec.peers.label, [_shown(spec, spec.peers.value)] * len(spec.points))
    return XL_CHART_TYPE.LINE_MARKERS, data


def _spans(spec: ChartSpec) -> list[range]:
    """Return the positions of each definition's points: they are series of their own, so that no line joins them."""
    edges = [0, *(int(line.x) for line in spec.breaks), len(spec.points)]
    return [range(first, last) for first, last in pairwise(edges)]


def _scatter(spec: ChartSpec) -> tuple[Any, Any]:
    from pptx.chart.data import XyChartData
    from pptx.enum.chart import XL_CHART_TYPE

    data = XyChartData(number_format=_number_format(spec))
    series = data.add_series(spec.measure)
    for point in spec.shown:
        series.add_data_point(point.x, _shown(spec, point.value))
    for segment in spec.segments:
        line = data.add_series(segment.label)
        for x in (spec.x.low, spec.x.high):
            line.add_data_point(x, _shown(spec, segment.centre[0]))
    for curve in spec.curves:
        for values in (curve.lower, curve.upper):
            line = data.add_series(curve.name)
            for x, value in zip(curve.xs, values, strict=True):
                line.add_data_point(x, _shown(spec, value))
    if spec.target is not None:
        line = data.add_series(spec.target.label)
        for x in (spec.x.low, spec.x.high):
            line.add_data_point(x, _shown(spec, spec.target.value))
    return XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, data


def _shown(spec: ChartSpec, value: float | None) -> float | None:
    return None if value is None else value if spec.format.unit == "percent" else value * spec.format.multiplier


def _number_format(spec: ChartSpec) -> str:
    return "0 %" if spec.format.unit == "percent" else "General"


def _dress(chart: Any, spec: ChartSpec) -> None:
    """Give the native chart the colours, dashes and marks of the house."""
    from pptx.util import Pt

    chart.has_title = False
    chart.has_legend = False
    chart.font.size = Pt(12)
    chart.font.color.rgb = _colour(TEXT)
    axis = chart.value_axis
    axis.minimum_scale, axis.maximum_scale = _shown(spec, spec.y.low), _shown(spec, spec.y.high)
    axis.major_gridlines.format.line.color.rgb = _colour("#edf0f2")
    axis.format.line.fill.background()
    axis.tick_labels.number_format = "0 %" if spec.format.unit == "percent" else "#,##0.##"
    axis.tick_labels.number_format_is_linked = False
    if spec.form == "control":
        _thin_labels(chart, len(spec.points))
    centres = {spec.columns[4]} if len(spec.columns) > 4 else set()
    labels = {segment.label for segment in spec.segments} if spec.form == "funnel" else set()
    for at, series in enumerate(chart.plots[0].series):
        series.smooth = False
        if at <= len(spec.breaks):
            _points(series, spec, _spans(spec)[at])
        elif spec.target is not None and series.name == spec.target.label:
            _line(series, TARGET, 1.75, "LONG_DASH_DOT")
        elif spec.peers is not None and series.name == spec.peers.label:
            _line(series, TARGET, 1.25, "ROUND_DOT")
        elif series.name in labels or any(series.name.startswith(name) for name in centres):
            _line(series, INK, 1.75, "SOLID")
        else:
            _line(series, LIMIT, 1, "DASH")


def _thin_labels(chart: Any, count: int) -> None:
    """Show about eight dates beneath the chart; all of them would stand on their heads."""
    axis = chart.category_axis._element
    last = axis.find(f"{{{axis.nsmap['c']}}}noMultiLvlLbl")
    for name in ("tickLblSkip", "tickMarkSkip"):
        element = axis.makeelement(f"{{{axis.nsmap['c']}}}{name}", {"val": str(max(1, count // 8))})
        if last is None:
            axis.append(element)
        else:
            last.addprevious(element)


def _line(series: Any, colour: str, wide: float, dash: str) -> None:
    from pptx.enum.chart import XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE
    from pptx.util import Pt

    series.marker.style = XL_MARKER_STYLE.NONE
    series.format.line.color.rgb = _colour(colour)
    series.format.line.width = Pt(wide)
    series.format.line.dash_style = getattr(MSO_LINE, dash)


def _points(series: Any, spec: ChartSpec, span: range) -> None:
    from pptx.util import Pt

    joined = spec.form == "control"
    if joined:
        series.format.line.color.rgb = _colour(LINE)
        series.format.line.width = Pt(1.25)
    else:
        series.format.line.fill.background()
    _mark(series.marker, Shape.COMMON)
    shown = spec.points if spec.form != "funnel" else spec.shown
    for at, point in enumerate(shown):
        if at in span and point.shape is not Shape.COMMON and point.value is not None:
            _mark(series.points[at].marker, point.shape)
            _plain_line(series.points[at], joined)


def _plain_line(point: Any, joined: bool) -> None:
    from pptx.util import Pt

    # A point with a look of its own loses the line of its series unless it is given again.
    if joined:
        point.format.line.color.rgb = _colour(LINE)
        point.format.line.width = Pt(1.25)
    else:
        point.format.line.fill.background()


def _mark(marker: Any, shape: Shape) -> None:
    from pptx.enum.chart import XL_MARKER_STYLE

    marker.style = getattr(XL_MARKER_STYLE, _MARKS[shape])
    marker.size = 7
    colour = _colour(STATE[shape])
    marker.format.line.color.rgb = colour
    if shape is Shape.INCOMPLETE:
        marker.format.fill.solid()
        marker.format.fill.fore_color.rgb = _colour("#ffffff")
    elif shape is not Shape.EXCLUDED:
        marker.format.fill.solid()
        marker.format.fill.fore_color.rgb = colour
