"""One chart, many files: every renderer says the same words and the same numbers."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pptx import Presentation
from pypdf import PdfReader

from allteach.charts import pdf, pptx, svg, table
from allteach.charts.about import Mark, Remark
from allteach.charts.spec import ChartSpec
from allteach.errors import ChartError
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.units import Direction, Unit, ValueFormat
from tests import chart_cases as cases

SPECS = {"shifted": cases.shifted, "rephased": cases.rephased, "funnel": cases.funnelled, "cat": cases.caterpillared}


def squeezed(text: str) -> str:
    """Without spaces, so that line breaks do not matter."""
    return re.sub(r"\s+", "", text)


def said_by(spec: ChartSpec) -> list[str]:
    flags = [f"{flag.label}: {flag.text}" for flag in spec.flags]
    return [spec.title, spec.subtitle, *spec.sentences, *flags, *spec.notices, spec.source]


def svg_text(spec: ChartSpec) -> str:
    return "".join(ET.fromstring(svg.draw(spec, "full")).itertext())


def csv_parts(spec: ChartSpec) -> tuple[str, list[list[str]]]:
    lines = table.csv(spec).splitlines()
    about = "".join(line[2:] for line in lines if line.startswith("# "))
    return about, list(csv.reader(io.StringIO("\n".join(line for line in lines if not line.startswith("# ")))))


def pdf_text(spec: ChartSpec) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.draw(spec))).pages)


def slide_of(spec: ChartSpec, *, editable: bool):
    return Presentation(io.BytesIO(pptx.draw(spec, editable=editable))).slides[0]


def slide_text(slide) -> str:
    return "".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


@st.composite
def charts(draw: st.DrawFn) -> ChartSpec:
    count = draw(st.integers(2, 30))
    den = np.array(draw(st.lists(st.integers(1, 400), min_size=count, max_size=count)), float)
    num = np.floor(den * np.array(draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))))
    gone = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    num[gone] = np.nan
    facts = cases.about(
        measure=draw(st.sampled_from(["Falls", "Ärzte & <Pflege>", "=SUM(A1)", "CLABSI rate"])),
        site=draw(st.sampled_from(["", "Site 7", "-1+1", "Møller's ward"])),
        periods=cases.MONTHS[:count],
        format=ValueFormat(Unit.PERCENT),
        direction=draw(st.sampled_from(list(Direction))),
        target=draw(st.none() | st.sampled_from([0.2, 0.85])),
        definition="",
        remarks=(Remark(cases.MONTHS[count // 2].start, "Criteria changed"),) if draw(st.booleans()) else (),
        marks=(Mark(count - 1, "incomplete", "late", "Office"),) if draw(st.booleans()) else (),
    )
    phases = (count // 2,) if draw(st.booleans()) else ()
    rules = draw(st.sampled_from(["anhoej", "nhs", "childrens"]))
    kind = draw(st.sampled_from(["run", "p", "pprime"]))
    return cases.draw(facts, Panel(numerator=num, denominator=den), kind, rules, Plan(phase_starts=phases))


@given(charts())
@settings(max_examples=25)
def test_svg_and_csv_agree_on_anything(spec: ChartSpec) -> None:
    about, rows = csv_parts(spec)
    drawn = squeezed(svg_text(spec))
    for said in filter(None, said_by(spec)):
        assert squeezed(said) in drawn
        assert squeezed(said) in squeezed(about)
        assert squeezed(said) in squeezed(table.sentence(spec))
    assert len(rows) == len(spec.points) + 1
    spoken = [
        element.get("data-say") for element in ET.fromstring(svg.draw(spec, "page")).iter() if element.get("data-say")
    ]
    assert len(spoken) == len(spec.points)
    for point, row, words in zip(spec.points, rows[1:], spoken, strict=True):
        assert row[0] == point.label
        assert words.startswith(point.label)
        if point.value is None:
            assert row[1] == ""
            continue
        shown = spec.format.text(point.value)
        assert spec.format.text(float(row[1]) / spec.format.multiplier) == shown
        assert shown in words
        assert float(row[2]) == point.numerator
        assert float(row[3]) == point.denominator
        assert all(rule in words and rule in row[9] for rule in point.rules)


@given(charts())
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
def test_documents_agree_on_anything(spec: ChartSpec) -> None:
    paper = squeezed(pdf_text(spec))
    slide = slide_of(spec, editable=False)
    shown = squeezed(slide_text(slide))
    notes = squeezed(slide.notes_slide.notes_text_frame.text)
    for said in filter(None, said_by(spec)):
        # PDF readers part letters and marks of some words; the first 40 are enough to know a text.
        assert squeezed(said)[:40] in paper
        assert squeezed(said) in shown
        assert squeezed(said) in notes


@pytest.mark.parametrize("name", SPECS)
def test_every_renderer_says_all_of_it(name: str) -> None:
    spec = SPECS[name]()
    places = {
        "svg": svg_text(spec),
        "csv": csv_parts(spec)[0],
        "pdf": pdf_text(spec),
        "slide": slide_text(slide_of(spec, editable=False)),
        "sentence": table.sentence(spec),
    }
    for place, text in places.items():
        for said in filter(None, said_by(spec)):
            assert squeezed(said) in squeezed(text), place


@pytest.mark.parametrize("name", SPECS)
def test_numbers_are_the_same_in_table_csv_and_editable_slide(name: str) -> None:
    spec = SPECS[name]()
    _, rows = csv_parts(spec)
    read = table.rows(spec)
    chart = next(shape.chart for shape in slide_of(spec, editable=True).shapes if shape.has_chart)
    series = {entry.name: list(entry.values) for entry in chart.plots[0].series}
    values = series[spec.measure]
    shown = spec.points if spec.form != "funnel" else spec.shown
    scale = spec.format.multiplier if spec.format.unit != "percent" else 1.0
    for point, value in zip(shown, values, strict=True):
        assert value == pytest.approx(point.value * scale) if point.value is not None else value is None
    for point, row, cells in zip(spec.points, rows[1:], read, strict=True):
        if point.value is not None:
            assert float(row[1]) == pytest.approx(point.value * spec.format.multiplier)
            assert cells[1] == spec.format.number(point.value)
        for column, line in ((4, point.centre), (5, point.lower), (6, point.upper)):
            assert (row[column] == "") == (line is None)
            if line is not None:
                assert float(row[column]) == pytest.approx(line * spec.format.multiplier)


def test_numbers_of_the_table_are_in_the_pdf() -> None:
    spec = cases.shifted()
    text = pdf_text(spec)
    for point in spec.shown:
        assert re.search(rf"{re.escape(point.label)}\s+{re.escape(spec.format.number(point.value or 0))}\b", text)


def test_pdf_is_tagged_titled_and_numbered() -> None:
    reader = PdfReader(io.BytesIO(pdf.draw([cases.shifted(), cases.funnelled()], footer="Heart network · 12 Jan 2026")))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert reader.metadata is not None
    assert reader.metadata.title == cases.shifted().title
    pages = [page.extract_text() for page in reader.pages]
    assert all("Heart network · 12 Jan 2026" in page for page in pages)
    assert f"1 / {len(pages)}" in pages[0]
    fonts = {str(font["/BaseFont"]) for page in reader.pages for font in _fonts(page)}
    assert fonts
    assert all("NotoSans" in font for font in fonts)


def _fonts(page):
    return [entry.get_object() for entry in page["/Resources"].get("/Font", {}).values()]


def test_slides_have_title_alt_text_and_source() -> None:
    for editable in (False, True):
        slide = slide_of(cases.rephased(), editable=editable)
        assert slide.shapes.title.text_frame.text == cases.rephased().title
        alts = [element.get("descr") for element in slide._element.iter() if element.get("descr")]
        assert cases.rephased().alt in alts
        assert cases.rephased().source in slide_text(slide)
        assert slide.shapes.title.width > 0


def test_text_on_slides_fits_its_box() -> None:
    from allteach.charts.lettering import wrap

    slide = slide_of(replace(cases.rephased(), sentences=cases.shifted().sentences * 5), editable=False)
    for shape in slide.shapes:
        if shape.has_text_frame and shape != slide.shapes.title:
            size = shape.text_frame.paragraphs[0].runs[0].font.size.pt
            lines = [wrap(part.text, size, shape.width / 12700) for part in shape.text_frame.paragraphs]
            assert size >= 9
            assert sum(len(part) * 1.2 * size for part in lines) <= shape.height / 12700


def test_editable_charts_break_lines_between_phases() -> None:
    chart = next(shape.chart for shape in slide_of(cases.rephased(), editable=True).shapes if shape.has_chart)
    names = [series.name for series in chart.plots[0].series]
    assert {"Centre 1", "Centre 2", "aim 58 h"} <= set(names)


def test_spreadsheets_run_nothing() -> None:
    facts = cases.about(site="=1+1", measure="@cmd", remarks=(Remark(cases.MONTHS[3].start, "=HYPERLINK()"),))
    _, rows = csv_parts(cases.draw(facts, cases.hours(), "xbar"))
    assert not any(cell.startswith(("=", "@", "+")) for row in rows for cell in row)
    assert rows[0][1] == "'@cmd (hours)"


def test_nothing_to_draw_is_an_error() -> None:
    for make in (pdf.draw, pptx.draw):
        with pytest.raises(ChartError, match="AT-C-004"):
            make([])
