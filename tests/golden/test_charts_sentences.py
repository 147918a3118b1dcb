"""Sentences as people get them. A change here is a change of what the product says: read it aloud first."""

from __future__ import annotations

from allteach.charts import table
from allteach.charts.words import action, assurance, variation
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.units import Direction, Unit, ValueFormat
from tests import chart_cases as cases

RULE = "Rule: 8 in a row on one side (Eight in a row)."
CHANCE = "About 7 in 100 steady charts of this length show such a signal by chance."


def test_a_fall_that_lasts() -> None:
    assert cases.shifted().sentences == (
        "All 18 points since Jul 2024 lie below the centre line of 72 h. "
        f"{RULE} {CHANCE} That is the good direction. Ask what changed around Jul 2024, and how to keep it.",
    )


def test_a_rise_in_the_wrong_direction() -> None:
    share = [30.0, 28, 31, 29, 33, 30, 27, 31, 30, 31, 32, 28] * 2 + [45.0, 44, 47, 43, 46, 48, 44, 45, 46, 47, 44, 45]
    facts = cases.about(
        measure="Unplanned extubation", format=ValueFormat(Unit.PERCENT), target=0.25, target_label="", definition="",
        site="", counted="patients",
    )  # fmt: skip
    spec = cases.draw(facts, Panel(numerator=share, denominator=[100.0] * 36), "p", plan=Plan(baseline=24))
    assert spec.title == "Unplanned extubation 15 percentage points higher since Jan 2025, which is worse"
    assert spec.subtitle == (
        "Unplanned extubation, per cent · 3,600 patients · P chart · baseline Jan 2023 to Dec 2024 · Aim 25 %"
    )
    assert (spec.variation, spec.assurance) == ("Getting worse since Jan 2025", "Does not meet the aim")
    assert spec.sentences[0] == (
        "All 12 points since Jan 2025 lie above the centre line of 30 %. "
        f"{RULE} {CHANCE} That is the wrong direction. Ask what changed around Jan 2025, and who can help."
    )


def test_one_point_beyond_the_limits() -> None:
    facts = cases.about(periods=cases.MONTHS[:13], target=None, direction=Direction.NEITHER)
    spec = cases.draw(facts, Panel(numerator=[10.0, 11, 9, 10, 12, 11, 10, 9, 11, 10, 12, 10, 30]), "i", "nhs")
    assert spec.title == "Site 7: chest tube duration unusually high in Jan 2024"
    assert spec.sentences[0].startswith("Jan 2024, at 30 h, lies above the upper limit of ")
    assert spec.sentences[0].endswith("If that is good or bad is for you to say. Ask what changed around Jan 2024.")


def test_nothing_new() -> None:
    facts = cases.about(periods=cases.MONTHS[:16], target=None)
    spec = cases.draw(facts, Panel(numerator=[10.0, 12, 9, 11] * 4), "i")
    assert spec.title == "Site 7: chest tube duration steady at 10 h"
    assert spec.sentences == ("No signal: the points vary as chance alone would have them. That is fine.",)


def test_a_funnel() -> None:
    spec = cases.funnelled()
    assert spec.title == (
        "Readmission within 30 days: Site 6 and Site 10 differ from the rest by more than chance explains"
    )
    assert spec.sentences == (
        "Site 6 lies above the 99.8 % limits for readmission within 30 days.",
        "Site 10 lies below the 99.8 % limits for readmission within 30 days.",
        "Chance alone puts about 1 in 500 sites outside; here that is fewer than 0.1 of 16.",
        "Check first how cases are counted and how ill they are, then ask what these sites do.",
    )
    assert "not ranked" in spec.source


def test_the_sentence_to_copy() -> None:
    said = table.sentence(cases.rephased())
    assert said.startswith(
        "Site 7: chest tube duration 12 hours lower since Jul 2024, now steady. Geometric mean hours"
    )
    assert "Demonstration network. All people, sites and numbers are made up." in said
    assert said.endswith(
        "Source: Heart network registry · Jan 2023 to Dec 2025, 35 points"
        " · Rules: Eight in a row · Computed 12 Jan 2026."
    )


def test_the_cells_of_the_matrix() -> None:
    assert variation("improving", since=cases.MONTHS[19]) == "Improving since Aug 2024"
    assert assurance("misses") == "Does not meet the aim"
    assert action("concerning", "misses") == (
        "Getting worse and not meeting the aim. Talk about this first: what changed, and who can help?"
    )
