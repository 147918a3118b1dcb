"""Every kind of chart draws every kind of data, or says why not: no crash, no NaN, no line where there is none."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from allteach.charts import png, svg, table
from allteach.charts.spec import ChartSpec
from allteach.stats.charts import KINDS
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.stats.signals import RULE_SETS
from allteach.units import Direction, Unit, ValueFormat
from tests import chart_cases as cases

RATIO = ("p", "u", "pprime", "uprime", "iprime")
NAN = np.nan
DATA = {
    "ordinary": [12.0, 15, 9, 11, 13, 10, 14, 12, 8, 11, 12, 16, 13, 10],
    "all equal": [7.0] * 14,
    "mostly zero": [0.0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0],
    "one point": [5.0] + [NAN] * 13,
    "nothing": [NAN] * 14,
    "gaps": [12.0, NAN, 9, 11, NAN, NAN, 14, 12, 8, NAN, 12, 16, 13, NAN],
    "all zero": [0.0] * 14,
    "one far off": [12.0, 15, 9, 11, 13, 10, 14, 12, 8, 11, 12, 16, 13, 99],
}


def panel_of(kind: str, values: list[float]) -> Panel:
    array = np.array(values)
    if kind in RATIO:
        return Panel(numerator=array, denominator=np.where(np.isnan(array), NAN, 100.0 + np.arange(array.size)))
    if kind in ("xbar", "s"):
        n = np.where(np.isnan(array), NAN, 10.0)
        return Panel(n=n, total=array * n, total_sq=(array**2 + 4) * n)
    return Panel(numerator=array)


def spec_of(kind: str, values: list[float], rules: str, plan: Plan | None = None) -> ChartSpec:
    facts = cases.about(
        periods=cases.MONTHS[: len(values)], target=0.11 if kind in RATIO else 11.0, direction=Direction.LOWER,
        format=ValueFormat(Unit.PERCENT) if kind in RATIO else ValueFormat(),
    )  # fmt: skip
    return cases.draw(facts, panel_of(kind, values), kind, rules, plan)


def check(spec: ChartSpec) -> None:
    for size in ("full", "page", "narrow", "small", "spark"):
        drawing = svg.draw(spec, size)
        ET.fromstring(drawing)
        assert "nan" not in drawing.lower().replace("governance", "")
        assert "inf" not in drawing.lower().split("<text")[0]
    assert "nan" not in table.csv(spec).lower()
    for said in (spec.title, spec.subtitle, spec.alt, spec.source, *spec.sentences, *spec.notices):
        assert said
        assert "{" not in said
        assert "None" not in said
        assert "nan" not in said


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DATA)
def test_every_kind_with_every_data(kind: str, name: str) -> None:
    if kind == "t" and name in ("mostly zero", "all zero"):
        pytest.skip("a t chart takes no times of zero")
    for rules in ("anhoej", "childrens"):
        spec = spec_of(kind, DATA[name], rules)
        check(spec)
        missing = [at for at, value in enumerate(DATA[name]) if np.isnan(value)]
        assert all(spec.points[at].value is None for at in missing)
        if name in ("one point", "nothing"):
            assert spec.variation.startswith(("Cannot tell yet", "No data yet"))


@pytest.mark.parametrize("rules", RULE_SETS)
def test_every_rule_set(rules: str) -> None:
    values = [10.0, 12, 9, 11, 10, 13, 9, 11, 12, 10, 20, 21, 22, 23]
    check(spec_of("i", values, rules))


@pytest.mark.parametrize("kind", ["p", "i", "xbar", "run"])
def test_phases_of_few_points(kind: str) -> None:
    spec = spec_of(kind, DATA["ordinary"], "childrens", Plan(phase_starts=(7,)))
    check(spec)
    assert len(spec.segments) == 2
    assert spec.variation == "Cannot tell yet: 7 of 12 months"


def test_a_picture_of_nothing_is_still_a_picture() -> None:
    assert png.draw(spec_of("p", DATA["nothing"], "anhoej"), zoom=1).startswith(b"\x89PNG")


def test_charts_of_spread_judge_nothing() -> None:
    spec = spec_of("mr", DATA["one far off"], "nhs")
    assert spec.title == "Site 7: spread of chest tube duration unusually high in Feb 2024"
    assert spec.variation == "Higher since Feb 2024"
    assert spec.target is None
    assert "Aim" not in spec.subtitle
