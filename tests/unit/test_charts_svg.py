"""SVG that every page, PDF maker and picture tool takes."""

from __future__ import annotations

import gzip
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from allteach.charts import build, png, svg
from allteach.charts.spec import ChartSpec, Shape
from allteach.errors import ChartError
from allteach.stats.series import Panel
from tests import chart_cases as cases

SVG = "{http://www.w3.org/2000/svg}"
SPECS = {"shifted": cases.shifted, "rephased": cases.rephased, "funnel": cases.funnelled, "cat": cases.caterpillared}
SIZES = ("full", "page", "narrow", "small", "spark")


def parsed(spec: ChartSpec, size: str) -> ET.Element:
    return ET.fromstring(svg.draw(spec, size))


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("size", SIZES)
def test_safe_for_a_strict_policy_and_for_pdf(name: str, size: str) -> None:
    drawing = svg.draw(SPECS[name](), size)
    root = ET.fromstring(drawing)
    assert root.get("viewBox")
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    for forbidden in (
        "style=",
        "<style",
        "foreignObject",
        "dominant-baseline",
        "xlink",
        "url(",
        "<script",
        " id=",
        "http:",
    ):
        assert forbidden not in drawing.replace("http://www.w3.org/2000/svg", ""), forbidden
    numbers = re.findall(
        r"\d+\.\d+", re.sub(r"<text.*?</text>|<title.*?</desc>|<title.*?</title>|data-say=\"[^\"]*\"", "", drawing)
    )
    assert all(len(number.split(".")[1]) == 1 or number == "0.8" for number in numbers), numbers


@pytest.mark.parametrize("name", SPECS)
def test_white_behind_and_described(name: str) -> None:
    root = parsed(SPECS[name](), "full")
    first = root.find(f"{SVG}rect")
    assert first is not None
    assert first.get("fill") == "#ffffff"
    described = root.find(f"{SVG}desc")
    assert described is not None
    assert described.text == SPECS[name]().alt


def test_small_charts_are_small() -> None:
    weights = [len(gzip.compress(svg.draw(spec, "small").encode())) for spec in (cases.shifted(), cases.rephased())]
    assert max(weights) <= 1300


def test_lines_break_between_phases_and_at_missing_months() -> None:
    spec = cases.rephased()
    assert len(spec.segments) == 2
    assert [segment.label for segment in spec.segments] == ["72 h", "60 h"]
    root = parsed(spec, "page")
    tracks = [path.get("d", "") for path in root.iter(f"{SVG}path") if path.get("stroke") == "#9aa5ae"]
    assert tracks[0].count("M") == 2  # before and after the missing month


def test_points_are_read_one_by_one_and_missing_months_too() -> None:
    said = [element.get("data-say") for element in parsed(cases.rephased(), "page").iter() if element.get("data-say")]
    assert len(said) == 36
    assert said[9] == "Oct 2023: no data"
    assert said[35].endswith("not complete yet, two files are late, with Ward office")
    assert "children" in said[0]


def test_shapes_repeat_the_colours() -> None:
    spec = cases.shifted()
    assert {point.shape for point in spec.shown} == {Shape.COMMON, Shape.IMPROVING}
    assert [words for _, _, words in spec.legend] == ["no signal", "improving"]
    assert {"no signal", "improving"} <= set(texts(parsed(spec, "page")))


def boxes(root: ET.Element) -> list[tuple[str, float, float, float, float]]:
    from allteach.charts.lettering import width

    found = []
    for element in root.iter(f"{SVG}text"):
        x, y, size = (float(element.get(name, "0")) for name in ("x", "y", "font-size"))
        wide = width(element.text or "", size, element.get("font-weight") == "700")
        left = {"end": x - wide, "middle": x - wide / 2}.get(element.get("text-anchor", ""), x)
        found.append((element.text or "", left, y - 0.75 * size, left + wide, y + 0.15 * size))
    return found


@pytest.mark.parametrize("name", ["shifted", "rephased", "funnel", "cat"])
@pytest.mark.parametrize("size", ["page", "narrow"])
def test_labels_never_meet_each_other(name: str, size: str) -> None:
    placed = boxes(parsed(SPECS[name](), size))
    met = [
        (a[0], b[0])
        for at, a in enumerate(placed)
        for b in placed[at + 1 :]
        if a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4]
    ]
    assert met == []


@pytest.mark.parametrize("size", ["page", "narrow"])
def test_phase_labels_keep_clear_of_points(size: str) -> None:
    root = parsed(cases.rephased(), size)
    label = next(box for box in boxes(root) if box[0] == "72 h")
    dots = [
        (float(dot.get("cx", "0")), float(dot.get("cy", "0")))
        for dot in root.iter(f"{SVG}circle")
        if dot.get("data-say")
    ]
    assert all(not (label[1] < x < label[3] and label[2] < y < label[4]) for x, y in dots)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("size", ["full", "page", "narrow", "small"])
def test_nothing_leaves_the_picture(name: str, size: str) -> None:
    root = parsed(SPECS[name](), size)
    _, _, wide, high = (float(part) for part in root.get("viewBox", "").split())
    inner = wide - 48 if size == "full" else wide
    for words, left, top, right, bottom in boxes(root):
        assert left >= -1, words
        assert right <= inner + 1, words
        assert top >= -1, words
        assert bottom <= high + 1, words


def test_flags_are_numbered_and_listed() -> None:
    spec = cases.rephased()
    assert [(flag.number, flag.label) for flag in spec.flags] == [(1, "Feb 2024"), (2, "Jul 2024"), (3, "Aug 2024")]
    said = " ".join(texts(parsed(spec, "full")))
    assert "Feb 2024: Test 3: removal on day 1" in said


def test_same_scale_for_small_multiples() -> None:
    low = cases.draw(cases.about(site="A", target=None), Panel(numerator=[5.0 + at % 3 for at in range(36)]), "i")
    high = cases.draw(cases.about(site="B", target=None), Panel(numerator=[50.0 + at % 5 for at in range(36)]), "i")
    drawn = build.on_one_scale([low, high])
    assert drawn[0].y == drawn[1].y
    assert drawn[0].y.low <= 5
    assert drawn[0].y.high >= 54
    assert all(spec.y.note == "" or spec.y.note in spec.notices for spec in drawn)
    assert not any(notice.startswith("The axis is cut") for spec in drawn for notice in spec.notices)


def test_old_data_are_labelled_not_hidden() -> None:
    spec = cases.draw(cases.about(stale=True), cases.hours(), "xbar")
    assert "These data are older than they should be." in spec.notices
    for size in ("page", "narrow", "small"):
        assert "old data" in texts(parsed(spec, size))


def test_hostile_names_stay_text() -> None:
    spec = replace(cases.shifted(), title='<script>alert("1")</script> & co')
    drawing = svg.draw(spec, "full")
    assert "<script>" not in drawing
    ET.fromstring(drawing)


def test_unknown_size_is_an_error() -> None:
    with pytest.raises(ChartError, match="AT-C-001"):
        svg.draw(cases.shifted(), "huge")


def test_spark_breaks_at_missing_values_and_takes_any() -> None:
    line = ET.fromstring(svg.spark([1.0, None, 2.0, float("nan"), 3.0], centre=2.0))
    assert next(path for path in line.iter(f"{SVG}path") if path.get("stroke-width")).get("d", "").count("M") == 3
    for values in ([], [None], [2.0], [2.0, 2.0]):
        ET.fromstring(svg.spark(values))


def test_icons_are_one_for_each_answer() -> None:
    kinds = ("improving", "concerning", "changed", "common", "too_few")
    assert len({svg.variation_icon(kind, 1) for kind in kinds}) == 5
    assert len({svg.assurance_icon(kind) for kind in ("meets", "varies", "misses", "no_target")}) == 4


def test_png_is_drawn_in_the_shipped_font() -> None:
    picture = png.draw(cases.shifted(), "small", zoom=2)
    assert picture.startswith(b"\x89PNG")
    wide, high = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (wide, high) == (480, 260)
    blank = re.sub(r"<text.*?</text>", "", svg.draw(cases.shifted(), "small"))
    assert png.render(blank) != picture  # letters were drawn
