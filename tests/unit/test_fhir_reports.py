"""FHIR Measures and MeasureReports of cards: valid R4, right counts, nothing of what is withheld."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.measure import Measure
from fhir.resources.R4B.measurereport import MeasureReport

from allteach.errors import MeasureError
from allteach.intake.reader import read
from allteach.measures.card import Card, MeasureKind
from allteach.measures.fhir import Reported, bundle, is_reportable, measure_report, measure_resource
from allteach.measures.library import names, shelf
from allteach.units import Direction, Grain, Period

JANUARY = Period(date(2024, 1, 1), Grain.MONTH)
CARD = Card("remission", "In remission", MeasureKind.PROPORTION, "visits", "site", "day", direction=Direction.HIGHER)
WHO = {"network": "hearts", "measure": "remission"}


def point(**more: object) -> Reported:
    return Reported("north", "North Hospital", JANUARY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("card", [card for name in names() for card in shelf(name).cards], ids=lambda card: card.id)
def test_every_shipped_measure_is_a_valid_measure(card: Card) -> None:
    if not is_reportable(card):
        with pytest.raises(MeasureError, match="single events"):
            measure_resource(card, network="n", measure=card.id, version=1)
        return
    made = measure_resource(card, network="n", measure=card.id, version=1)
    Measure.model_validate(made)
    codes = [item["code"]["coding"][0]["code"] for item in made["group"][0]["population"]]
    assert len(codes) == len(set(codes))
    assert ("denominator-exclusion" in codes) == bool(card.exclusion)
    Measure.model_validate(measure_resource(card, network="n", measure=card.id, version=2, released=False))


def test_a_report_holds_counts_score_and_period() -> None:
    made = measure_report(CARD, point(numerator=80.0, denominator=108.0, value=80 / 108), version=3, **WHO)
    MeasureReport.model_validate(made)
    assert {p["code"]["coding"][0]["code"]: p["count"] for p in made["group"][0]["population"]} == {
        "denominator": 108, "numerator": 80,
    }  # fmt: skip
    assert made["group"][0]["measureScore"] == {"value": 80 / 108}
    assert made["period"] == {"start": "2024-01-01", "end": "2024-01-31"}
    assert (made["status"], made["measure"]) == ("complete", "urn:allteach:measure:hearts:remission|3")
    assert (
        measure_report(CARD, point(numerator=1.0, denominator=2.0, complete=False), version=3, **WHO)["status"]
        == "pending"
    )


@pytest.mark.parametrize(
    ("kind", "numbers", "said"),
    [
        (MeasureKind.RATE, {"numerator": 3.0, "denominator": 410.0}, {"denominator": 410, "numerator": 3}),
        (MeasureKind.COUNT, {"numerator": 12.0}, {"initial-population": 12}),
        (MeasureKind.MEAN, {"n": 44.0, "value": 2.5}, {"measure-population": 44}),
        (MeasureKind.OBSERVED_EXPECTED, {"numerator": 3.0, "denominator": 2.7}, {"denominator": None, "numerator": 3}),
    ],
)
def test_other_kinds(kind: MeasureKind, numbers: dict[str, float], said: dict[str, int | None]) -> None:
    made = measure_report(replace(CARD, kind=kind), point(**numbers), version=1, **WHO)
    MeasureReport.model_validate(made)
    assert {p["code"]["coding"][0]["code"]: p.get("count") for p in made["group"][0]["population"]} == said


def test_a_withheld_report_is_the_same_whatever_the_numbers() -> None:
    open_, other = ({"numerator": n, "denominator": d, "value": n / d} for n, d in ((3.0, 40.0), (9.0, 77.0)))
    one = measure_report(CARD, point(withheld=True, **open_), version=1, **WHO)
    assert one == measure_report(CARD, point(withheld=True, **other), version=1, **WHO)
    MeasureReport.model_validate(one)
    assert "masked" in json.dumps(one)
    assert "measureScore" not in json.dumps(one)


def test_reports_read_back_are_the_counts_that_were_written() -> None:
    made = [
        measure_report(CARD, replace(point(numerator=8.0, denominator=10.0 + n), site=f"s{n}"), version=1, **WHO)
        for n in range(3)
    ]
    made.append(measure_report(CARD, point(withheld=True), version=1, **WHO))
    Bundle.model_validate(bundle(made))
    Bundle.model_validate(bundle([]))
    raw = read(json.dumps(bundle(made)).encode())
    assert raw.table["site"].to_pylist() == ["s0", "s1", "s2", "north"]
    assert raw.table["denominator"].to_pylist() == ["10", "11", "12", ""]
    assert raw.table["numerator"].to_pylist() == ["8", "8", "8", ""]
    assert raw.findings == ()
